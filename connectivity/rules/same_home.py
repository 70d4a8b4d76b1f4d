"""Whether two writings of an address mean one home: what one of them leaves out contradicts nothing."""

import re
from functools import lru_cache

from connectivity.rules.household_keys import KINDS

_DESIGNATOR = re.compile(r"^(?:APT|UNIT|STE|RM|NO|#)\b\s*")
_NOT_IN_UNIT = re.compile(r"[^A-Z0-9]+")


def same_home(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Of (normalized line, unit): `777 W WILSON`, `` and `777 W WILSON AVE`, `APT 2` are one; `APT 2` and `APT 3` are two."""
    if one == other:
        return True
    number, direction, street, kind = _parts(one[0])
    its_number, its_direction, its_street, its_kind = _parts(other[0])
    return (
        (number, street) == (its_number, its_street)
        and _agree(direction, its_direction)
        and _agree(kind, its_kind)
        and _agree(_unit(one[1]), _unit(other[1]))
    )


def _agree(one: str, other: str) -> bool:
    return not one or not other or one == other


@lru_cache(maxsize=4096)
def _parts(line: str) -> tuple[str, str, str, str]:
    number, _, rest = line.partition(" ")
    words = rest.split()
    direction = words.pop(0) if len(words) > 1 and words[0] in ("N", "S", "E", "W") else ""
    kind = words.pop() if len(words) > 1 and words[-1] in KINDS else ""
    return number, direction, " ".join(words), kind


def _unit(unit: str) -> str:
    return _NOT_IN_UNIT.sub("", _DESIGNATOR.sub("", unit))
