"""The one door between counts of families and anything that is shown: decides which areas are withheld. Pure.

Why whole rows: the share, the count without service, or "eligible" beside "active" gives the missing one by subtraction.
Why at least two: the city's total less every visible area gives a single hidden one exactly. Why the hidden group must itself
hold ten: the same subtraction gives its sum. Why zero is small: "nobody here is connected" says something about each family.
Ten is the smallest group the state's school report card shows, and the commonest rule of the states (NCES 2011-603).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SMALLEST_COUNT = 10
FEWEST_WITHHELD = 2


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Households of one area, of the households not placed on the map, or of the city."""

    eligible: int
    active: int

    def __post_init__(self) -> None:
        if not 0 <= self.active <= self.eligible:
            raise ValueError(f"{self.active} active of {self.eligible} eligible households cannot be")

    @property
    def gap(self) -> int:
        return self.eligible - self.active

    @property
    def small(self) -> bool:
        """Whether any of the three figures is too small to show."""
        return min(self.eligible, self.active, self.gap) < SMALLEST_COUNT


@dataclass(frozen=True, kw_only=True)
class Protected:
    """What may be stored and shown. None: withheld. Totals are of all households, never sums of what is visible."""

    areas: Mapping[int, Counts | None]
    unplaced: Counts | None  # zero households is shown as zero: it describes nobody
    city: Counts | None


def protect(areas: Mapping[int, Counts], unplaced: Counts) -> Protected:
    """Withholds every small area and as many of the next smallest as it takes. `areas` holds every area, also with no household.

    The households not placed on the map are part of the city's total, so they are one more cell that subtraction can reach.
    """
    city = total([*areas.values(), unplaced])
    city_shown = not city.small
    hidden = {number for number, counts in areas.items() if counts.small}
    unplaced_hidden = unplaced.eligible > 0 and unplaced.small
    by_size = sorted(areas.keys() - hidden, key=lambda number: (-areas[number].eligible, -number))
    if hidden or unplaced_hidden:
        while by_size and not _safe(areas, hidden, unplaced if unplaced_hidden else None, city_shown=city_shown):
            hidden.add(by_size.pop())
        if not _safe(areas, hidden, unplaced if unplaced_hidden else None, city_shown=city_shown):
            # Every area is hidden and they are few: the city's total less the unplaced would tell their sum.
            unplaced_hidden = unplaced.eligible > 0
            city_shown = city_shown and _safe(areas, hidden, unplaced, city_shown=True)
    return Protected(
        areas={number: None if number in hidden else counts for number, counts in sorted(areas.items())},
        unplaced=None if unplaced_hidden else unplaced,
        city=city if city_shown else None,
    )


def total(counts: Iterable[Counts]) -> Counts:
    """The sum of several counts."""
    listed = list(counts)
    return Counts(eligible=sum(one.eligible for one in listed), active=sum(one.active for one in listed))


def _safe(areas: Mapping[int, Counts], hidden: set[int], unplaced: Counts | None, *, city_shown: bool) -> bool:
    group = total([areas[number] for number in hidden] + ([unplaced] if unplaced else []))
    return len(hidden) >= FEWEST_WITHHELD and not (city_shown and group.small)
