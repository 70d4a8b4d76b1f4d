"""The apartment, floor or suite of an address: found among the words of a line, and written one way."""

import re
from collections.abc import Sequence

from connectivity.geography.address_words import FLOOR_ORDINALS, NO_UNIT, UNIT_NOISE, UNITS

_GLUED = re.compile(r"(APT|APTO|UNIT|STE|FL|RM)(\d[A-Z0-9]*)")
_ORDINAL = re.compile(r"(\d{1,2})(?:ST|ND|RD|TH|O|ER|DO|RO|TO)?")


def unit_starts(words: Sequence[str]) -> int:
    """Where the unit begins in the words after the direction; len(words) when there is none. The first word is always street."""
    for index in range(1, len(words)):
        if words[index] in UNITS or _GLUED.fullmatch(words[index]):
            floor_before = UNITS.get(words[index]) == "FL" and index > 1 and _floor_number(words[index - 1])
            return index - 1 if floor_before else index
    return len(words)


def looks_like_unit(words: Sequence[str]) -> bool:
    """Whether words that stand alone, between commas or after the street, name a unit: `2B`, `B`, `REAR`, `2ND FLOOR`."""
    first = words[0]
    return (
        first in UNITS
        or first in FLOOR_ORDINALS
        or all(len(word) == 1 or word in UNITS or _has_digit(word) for word in words)
    )


def write_unit(words: Sequence[str]) -> str:
    """One spelling for every way to say it: `#2B`, `Apto 2-B` and `2 B` are `APT 2B`; `2nd floor` and `Piso 2` are `FL 2`."""
    if not words or " ".join(words) in NO_UNIT:
        return ""
    written = _joined(_floors_first(_joined(_separated(words))))
    if not written:
        return ""
    return " ".join(written if written[0] in _DESIGNATORS else ["APT", *written])


_DESIGNATORS = frozenset(UNITS.values())


def _separated(words: Sequence[str]) -> list[str]:
    """Unit words in their short form, numbers free of them and of noise: `APT2B`, `APT # 2B` and `APT NO 2B` -> `APT`, `2B`."""
    separated: list[str] = []
    for word in words:
        glued = _GLUED.fullmatch(word)
        parts = glued.groups() if glued else (word,)
        noise = word in UNIT_NOISE or (word == "#" and separated)
        separated += [] if noise else [UNITS.get(part, part) for part in parts]
    return separated


def _floors_first(words: list[str]) -> list[str]:
    """`2ND FL` -> `FL 2`; `FL 2ND` -> `FL 2`."""
    ordered = list(words)
    for index, word in enumerate(ordered):
        after = ordered[index + 1] if index + 1 < len(ordered) else ""
        before = _floor_number(ordered[index - 1]) if index else ""
        if word == "FL" and _has_digit(after):
            ordered[index + 1] = _floor_number(after) or after
        elif word == "FL" and before and (index == 1 or ordered[index - 2] not in _DESIGNATORS):
            ordered[index - 1 : index + 1] = ["FL", before]
    return ordered


def _joined(words: list[str]) -> list[str]:
    """`2 B` -> `2B`, `B 2` -> `B2`. Not the letter O: `2O` is a Spanish second."""
    joined: list[str] = []
    for word in words:
        before = joined[-1] if joined else ""
        if (before.isdigit() and _is_letter(word)) or (_is_letter(before) and word.isdigit()):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isalpha() and word != "O"


def _floor_number(word: str) -> str:
    ordinal = _ORDINAL.fullmatch(word)
    return ordinal[1] if ordinal else FLOOR_ORDINALS.get(word, "")


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)
