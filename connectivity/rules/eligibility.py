"""Which households are eligible: by the program's weighted policy, or by the district's own word. Points are exact: whole thousandths."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

THOUSANDTHS = 1000  # of a point
MOST_POINTS = 10_000  # of a weight or a threshold


class Factor(StrEnum):
    """What a policy may weigh, by the name of the roster's column."""

    HARDSHIP = "hardship_index"
    MEALS = "frl"
    MEDICAID = "medicaid"
    DIVERSE_LEARNER = "diverse_learner"
    ENGLISH_LEARNER = "english_learner"
    TEMPORARY_LIVING = "stls"
    UNACCOMPANIED = "unaccompanied_youth"


# About a student, held sealed (7 CFR 245.6, 42 USC 11432); the hardship index is a published figure of an area. Their order is the
# order of the bits in `Facts`.
SENSITIVE = tuple(one for one in Factor if one is not Factor.HARDSHIP)
BIT = {one: 1 << at for at, one in enumerate(SENSITIVE)}


class Mode(StrEnum):
    """Who decides."""

    DISTRICT = "district"
    WEIGHTS = "weights"


class PolicyRefused(ValueError):
    """The policy cannot be kept. `problems`: field (mode, threshold, alone_from, weight_frl, factors) -> a sentence for the person."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems.values()))


@dataclass(frozen=True)
class Policy:
    """A policy as it decides. `weights`: points; `alone`: factors that make eligible by themselves, hardship from `alone_from` on."""

    mode: Mode = Mode.DISTRICT
    weights: Mapping[Factor, int] = field(default_factory=dict)
    alone: frozenset[Factor] = frozenset()
    alone_from: int | None = None
    threshold: int | None = None

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """Every factor that plays a part."""
        return tuple(one for one in Factor if self.mode is Mode.WEIGHTS and (one in self.weights or one in self.alone))

    @cached_property
    def sensitive(self) -> bool:
        """Whether it looks at what is sealed."""
        return any(one in BIT for one in self.factors)


class Facts(NamedTuple):
    """What is known of a household. `has` and `unknown` hold a bit (`BIT`) for each sensitive factor; neither bit: no student has it."""

    area: int = 0  # 0: not placed
    area_name: str = ""
    hardship: int | None = None  # the area's hardship index, in tenths
    district: bool | None = None  # the district's own determination
    has: int = 0
    unknown: int = 0


@dataclass(frozen=True)
class Assessment:
    """What a policy makes of the facts. `eligible` None: something is not known, and it would decide. `score` in thousandths, None without weights."""

    eligible: bool | None
    score: int | None = None
    points: tuple[tuple[Factor, int], ...] = ()  # in thousandths
    alone: tuple[Factor, ...] = ()
    unknown: tuple[Factor, ...] = ()


def assess(policy: Policy, facts: Facts) -> Assessment:
    """Applies a policy. What is not known counts neither as yes nor as no: where it could turn the outcome, there is none."""
    if policy.mode is Mode.DISTRICT:
        return Assessment(facts.district)
    unknown = tuple(one for one in policy.factors if _known(one, facts) is None)
    alone = tuple(one for one in policy.factors if one in policy.alone and _by_itself(policy, one, facts))
    points = tuple((one, earned) for one in policy.weights if (earned := _points(policy.weights[one], one, facts)))
    score = sum(earned for _, earned in points) if policy.weights else None
    reached = score is not None and policy.threshold is not None and score >= policy.threshold * THOUSANDTHS
    if alone or reached:
        return Assessment(True, score, points, alone, unknown)
    open_points = sum(policy.weights.get(one, 0) for one in unknown) * THOUSANDTHS
    could_reach = (
        score is not None and policy.threshold is not None and score + open_points >= policy.threshold * THOUSANDTHS
    )
    could_be_alone = any(one in policy.alone for one in unknown)
    return Assessment(None if could_reach or could_be_alone else False, score, points, (), unknown)


def _known(factor: Factor, facts: Facts) -> bool | None:
    if factor is Factor.HARDSHIP:
        return None if facts.hardship is None else True
    if facts.has & BIT[factor]:
        return True
    return None if facts.unknown & BIT[factor] else False


def _by_itself(policy: Policy, factor: Factor, facts: Facts) -> bool:
    if factor is Factor.HARDSHIP:
        return facts.hardship is not None and policy.alone_from is not None and facts.hardship >= policy.alone_from * 10
    return bool(facts.has & BIT[factor])


def _points(weight: int, factor: Factor, facts: Facts) -> int:
    """A factor earns its whole weight, the hardship index as many hundredths of it as it says."""
    if factor is Factor.HARDSHIP:
        return weight * (facts.hardship or 0)  # points * tenths / 1000 of it, in thousandths
    return weight * THOUSANDTHS if facts.has & BIT[factor] else 0


@dataclass(frozen=True, kw_only=True)
class TypedPolicy:
    """A policy as somebody typed it: texts, by factor's name."""

    mode: str
    weights: Mapping[str, str] = field(default_factory=dict)
    alone: Collection[str] = ()
    alone_from: str = ""
    threshold: str = ""


def read_policy(typed: TypedPolicy, *, holds_factors: bool, highest_index: int) -> Policy:
    """The policy that was typed. `highest_index`: of all areas, in tenths. Raises PolicyRefused with every problem at once."""
    if typed.mode == Mode.DISTRICT:
        return Policy()
    problems: dict[str, str] = {}
    if typed.mode != Mode.WEIGHTS:
        raise PolicyRefused({"mode": "Choose who decides: the district, or factors with weights."})
    if strange := sorted({*typed.weights, *typed.alone} - set(Factor)):
        problems["factors"] = f"There is no factor named {', '.join(strange)}."
    weights = {
        one: weight
        for one in Factor
        if (weight := _number(typed.weights.get(one, ""), f"weight_{one}", "A weight", problems)) is not None
    }
    alone = frozenset(one for one in Factor if one in typed.alone)
    policy = Policy(
        Mode.WEIGHTS,
        weights,
        alone,
        _alone_from(typed, problems, highest_index),
        _number(typed.threshold, "threshold", "The threshold", problems),
    )
    _hold_together(policy, typed, problems, highest_index)
    if not holds_factors:
        problems |= _not_held(policy)
    if problems:
        raise PolicyRefused(problems)
    return policy


def _number(text: str, name: str, what: str, problems: dict[str, str]) -> int | None:
    """A whole number of points; None when nothing was typed, or nothing that will do."""
    text = text.strip()
    if not text:
        return None
    try:
        number = int(text) if text.lstrip("+-").isascii() else None
    except ValueError:
        number = None
    if number is None:
        problems[name] = f"{what} is a whole number of points, such as 30. “{text[:20]}” is not."
    elif number <= 0:
        problems[name] = f"{what} must be above zero. Leave the field empty to do without."
    elif number > MOST_POINTS:
        problems[name] = f"{what} can be {MOST_POINTS:,} at most."
    else:
        return number
    return None


def _alone_from(typed: TypedPolicy, problems: dict[str, str], highest_index: int) -> int | None:
    if Factor.HARDSHIP not in typed.alone:
        return None
    index = _number(typed.alone_from, "alone_from", "The index", problems)
    if index is None:
        problems.setdefault("alone_from", "Enter the hardship index from which an area is enough by itself.")
    elif index * 10 > highest_index:
        problems["alone_from"] = f"No area has an index of {index}: the highest is {tenths(highest_index)}."
    return index


def _hold_together(policy: Policy, typed: TypedPolicy, problems: dict[str, str], highest_index: int) -> None:
    """Puts down what stands against the policy as a whole, where each number by itself would do."""
    if not policy.factors and "factors" not in problems and not any(one.startswith("weight_") for one in problems):
        problems["factors"] = "Give at least one factor a weight, or let one make eligible by itself."
    if policy.weights and not typed.threshold.strip():
        problems["threshold"] = "Enter the score from which a household is eligible."
    if policy.threshold is None or any(one.startswith("weight_") for one in problems):
        return
    most = most_points(policy, highest_index)
    if not policy.weights:
        problems["threshold"] = "No factor has a weight, so there is no score. Clear the threshold, or enter weights."
    elif most < policy.threshold * THOUSANDTHS:
        told = f" (the highest hardship index is {tenths(highest_index)})" if Factor.HARDSHIP in policy.weights else ""
        problems["threshold"] = (
            f"The weights add up to {thousandths(most)} points at most{told}, so nobody could reach {policy.threshold}. "
            "Lower the threshold, or raise a weight."
        )


def _not_held(policy: Policy) -> dict[str, str]:
    words = "This program holds no sensitive factors, so it cannot be used."
    return {f"weight_{one}" if one in policy.weights else f"alone_{one}": words for one in policy.factors if one in BIT}


def most_points(policy: Policy, highest_index: int) -> int:
    """The highest score that anybody could have, in thousandths."""
    return sum(
        weight * (highest_index if factor is Factor.HARDSHIP else THOUSANDTHS)
        for factor, weight in policy.weights.items()
    )


def thousandths(points: int) -> str:
    """Points as people read them, exact: 71_560 -> `71.56`, 60_000 -> `60`."""
    whole, rest = divmod(points, THOUSANDTHS)
    return f"{whole}.{rest:03}".rstrip("0") if rest else str(whole)


def tenths(index: int) -> str:
    """An index as it is published: 842 -> `84.2`, 940 -> `94`."""
    return thousandths(index * 100)
