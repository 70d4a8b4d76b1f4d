"""Households alike in everything that could decide, counted: what a what-if starts from. With sensitive factors they are kept sealed."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping

from connectivity.rules.eligibility import Facts
from connectivity.rules.eligibility_what_if import Group

Alike = tuple[int, bool | None, int, int, bool, bool, bool | None]  # area, district, has, unknown, now, active, held


def counted(alike: Iterable[Alike]) -> list[tuple[Alike, int]]:
    """Each kind with the number of its households."""
    return list(Counter(alike).items())


def to_text(kinds: Iterable[tuple[Alike, int]]) -> str:
    """As JSON, for sealing; `from_text` is the way back."""
    return json.dumps([[*alike, count] for alike, count in kinds], separators=(",", ":"))


def from_text(text: str) -> list[tuple[Alike, int]]:
    """What `to_text` wrote."""
    return [(tuple(row[:-1]), row[-1]) for row in json.loads(text)]


def as_groups(
    kinds: Iterable[tuple[Alike, int]], *, names: Mapping[int, str], hardship: Mapping[int, int]
) -> list[Group]:
    """The kinds with the areas' names and a vintage's hardship index (tenths), as the what-if reads them."""
    return [
        Group(Facts(area, names[area], hardship.get(area), district, has, unknown), now, active, held, count)
        for (area, district, has, unknown, now, active, held), count in kinds
    ]
