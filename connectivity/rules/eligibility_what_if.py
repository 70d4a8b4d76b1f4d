"""What another policy would change: eligible and connected households by area, before and after, counted without naming anybody."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from connectivity.rules.eligibility import Assessment, Facts, Mode, Policy, assess

BY_ITSELF = 10**12  # the rank of whoever is eligible without a score: before every score


class Shift(StrEnum):
    """How much an area's number of eligible households changes: five shades of a map, and one for areas with nobody."""

    MUCH_LESS = "much_less"  # by more than a quarter
    LESS = "less"  # by more than a twentieth
    SAME = "same"
    MORE = "more"
    MUCH_MORE = "much_more"
    NOBODY = "nobody"  # neither before nor after


def shift(before: int, after: int) -> Shift:
    """The shade of a change; whole numbers all through, so that an edge is an edge."""
    if not before and not after:
        return Shift.NOBODY
    change = after - before
    if 4 * abs(change) > before:
        return Shift.MUCH_MORE if change > 0 else Shift.MUCH_LESS
    if 20 * abs(change) > before:
        return Shift.MORE if change > 0 else Shift.LESS
    return Shift.SAME


class Group(NamedTuple):
    """Households alike in everything that could decide. `held`: an override or appeal in force says yes or no, whatever the policy."""

    facts: Facts
    now: bool  # eligible today
    active: bool  # connected today
    held: bool | None
    households: int


@dataclass(frozen=True, kw_only=True)
class Places:
    """How the places went. Households of the last score that do not all fit get none: a person decides among them."""

    places: int
    given: int
    tied: int
    tied_score: int | None  # in thousandths; None: tied among those eligible without a score


@dataclass(kw_only=True)
class AreaMove:
    """One area, 0 for homes that are not placed: households."""

    area: int
    eligible_before: int = 0
    eligible_after: int = 0
    active_before: int = 0  # connected and eligible
    active_after: int = 0
    undecided: int = 0  # neither eligible nor not, then: something that would decide is not known
    undecided_eligible: int = 0  # of them, eligible today
    undecided_active: int = 0  # of them, eligible today and connected
    tied: int = 0

    @property
    def decided_before(self) -> int:
        """Eligible today, of those that can be decided."""
        return self.eligible_before - self.undecided_eligible

    @property
    def decided_active(self) -> int:
        """Of them, connected."""
        return self.active_before - self.undecided_active

    @property
    def eligible_change(self) -> int:
        """Of those that can be decided: whoever cannot neither gains nor loses."""
        return self.eligible_after - self.decided_before

    @property
    def active_change(self) -> int:
        """As `eligible_change`."""
        return self.active_after - self.decided_active

    @property
    def reach_before(self) -> float | None:
        """Share of the eligible that is connected; None where nobody is eligible."""
        return self.active_before / self.eligible_before if self.eligible_before else None

    @property
    def reach_after(self) -> float | None:
        """As `reach_before`, with the other rules."""
        return self.active_after / self.eligible_after if self.eligible_after else None


@dataclass(frozen=True, kw_only=True)
class Moves:
    """Every area of the groups, in the order of their numbers, and the city."""

    areas: tuple[AreaMove, ...]
    city: AreaMove
    places: Places | None


class NoScores(ValueError):
    """Places go to the highest scores, and this policy makes none."""

    def __init__(self) -> None:
        super().__init__(
            "Places go to the highest scores. Give factors weights first, or leave the number of places empty."
        )


def what_if(groups: Sequence[Group], policy: Policy, places: int | None = None) -> Moves:
    """Counts what would move. Raises NoScores."""
    if places is not None and (policy.mode is Mode.DISTRICT or not policy.weights):
        raise NoScores
    assessed = _assessed(policy)
    ranks = [_rank(group, assessed(group.facts)) for group in groups]
    line = _Line() if places is None else _line(groups, ranks, places)
    found: dict[int, AreaMove] = {}
    city = AreaMove(area=0)
    for group, rank in zip(groups, ranks, strict=True):
        undecided = rank is None and group.held is None and assessed(group.facts).eligible is None
        area = found.setdefault(group.facts.area, AreaMove(area=group.facts.area))
        for one in (area, city):
            _add(one, group, rank, line, undecided=undecided)
    return Moves(areas=tuple(found[number] for number in sorted(found)), city=city, places=line.went)


def _assessed(policy: Policy) -> Callable[[Facts], Assessment]:
    kept: dict[Facts, Assessment] = {}

    def of(facts: Facts) -> Assessment:
        found = kept.get(facts)
        if found is None:
            found = kept[facts] = assess(policy, facts)
        return found

    return of


def _rank(group: Group, found: Assessment) -> int | None:
    """Where a group stands in the line for places; None: not eligible, or not decidable."""
    if group.held is not None:
        return BY_ITSELF if group.held else None
    if not found.eligible:
        return None
    return BY_ITSELF if found.alone or found.score is None else found.score


@dataclass(frozen=True)
class _Line:
    """Who gets a place: every rank from `cut` on (None: each). `tied`: the rank whose households did not all fit."""

    cut: int | None = None
    tied: int | None = None
    went: Places | None = None


def _line(groups: Iterable[Group], ranks: Iterable[int | None], places: int) -> _Line:
    waiting: dict[int, int] = defaultdict(int)
    for group, rank in zip(groups, ranks, strict=True):
        if rank is not None:
            waiting[rank] += group.households
    given, cut = 0, BY_ITSELF + 1
    for rank in sorted(waiting, reverse=True):
        if given + waiting[rank] > places:
            tied = rank if given < places else None
            score = None if tied in (None, BY_ITSELF) else rank
            went = Places(places=places, given=given, tied=waiting[rank] if tied else 0, tied_score=score)
            return _Line(cut, tied, went)
        given, cut = given + waiting[rank], rank
    return _Line(cut, None, Places(places=places, given=given, tied=0, tied_score=None))


def _add(move: AreaMove, group: Group, rank: int | None, line: _Line, *, undecided: bool) -> None:
    after = rank is not None and (line.cut is None or rank >= line.cut)
    move.eligible_before += group.households * group.now
    move.eligible_after += group.households * after
    move.active_before += group.households * (group.active and group.now)
    move.active_after += group.households * (group.active and after)
    move.undecided += group.households * undecided
    move.undecided_eligible += group.households * (undecided and group.now)
    move.undecided_active += group.households * (undecided and group.now and group.active)
    move.tied += group.households * (rank is not None and rank == line.tied)
