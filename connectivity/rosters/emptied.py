"""Cells in which the last roster said something that the register holds, and which are empty now. Nothing is taken away; it is told."""

from collections.abc import Iterator, Mapping

from connectivity.rosters.differences import Said, Standing, Unheard
from connectivity.rules.same_home import same_home


def emptied(row: Said, house: Standing) -> Iterator[Unheard]:
    """What the district does not say any more of a household."""
    if row.base is None:
        return
    for name, value in _held(row.base, house).items():
        # Without an address nobody misses the ZIP code.
        if not row.now[name] and (name != "zip" or row.now["line"]):
            yield Unheard(row.number, name, value, old_stands=True, emptied=True)


def _held(base: Mapping[str, str], house: Standing) -> dict[str, str]:
    """Field -> what the last roster said, where it still is what the register holds."""
    lives_there = same_home((base["line"], base["unit"]), (house.line, house.unit))
    held = {name: base[name] for name, value in house.values.items() if base[name] == value}
    held["phones"] = " ".join(number for number in base["phones"].split() if number in house.phones)
    held["line"] = base["original"] if lives_there else ""
    held["zip"] = base["zip"] if lives_there and base["zip"][:5] == house.zip[:5] else ""
    return {name: value for name, value in held.items() if value}
