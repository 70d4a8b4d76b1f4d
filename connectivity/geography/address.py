"""Chicago's regular street address: read from one line or from a form's fields, and written one way.

`1135 West Wilson Avenue, Apt. 2B, Chicago, IL 60640` is number, direction, street, kind, unit, city, state, ZIP. Reading what was
written gives the same address again. The person's own words are not kept here: the caller keeps them.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from connectivity.geography.address_locality import check_city, check_state, read_zip, split_locality
from connectivity.geography.address_problem import AddressNotRead, AddressProblem
from connectivity.geography.address_unit import looks_like_unit, unit_starts, write_unit
from connectivity.geography.address_words import (
    DIRECTION_NAMES,
    DIRECTIONS,
    JOINED_PREFIXES,
    KINDS,
    NAMED_FOR_A_DIRECTION,
    STREET_ALIASES,
    UNITS,
)

__all__ = ["Address", "AddressNotRead", "AddressProblem", "parse", "parse_parts"]


@dataclass(frozen=True, slots=True)
class Address:
    """A Chicago street address in the city's own spelling: upper case, no accents, no periods. What is not known is empty."""

    number: int
    number_suffix: str  # 1/2, A, -37
    direction: str  # N, S, E, W
    street: str
    kind: str  # AVE, ST, BLVD ...
    unit: str = ""  # APT 2B, FL 2 ...
    city: str = "CHICAGO"
    state: str = "IL"
    zip: str = ""  # five digits, or 12345-6789

    @property
    def line(self) -> str:
        """`1135 W WILSON AVE`."""
        space = " " if "/" in self.number_suffix else ""
        words = (f"{self.number}{space}{self.number_suffix}", self.direction, self.street, self.kind)
        return " ".join(word for word in words if word)

    @property
    def line_with_unit(self) -> str:
        """`1135 W WILSON AVE APT 2B`."""
        return f"{self.line} {self.unit}" if self.unit else self.line

    @property
    def full(self) -> str:
        """`1135 W WILSON AVE APT 2B, CHICAGO, IL 60640`."""
        return f"{self.line_with_unit}, {self.city}, {self.state} {self.zip}".rstrip()


def parse(text: str) -> Address:
    """Reads one line. Raises AddressNotRead with a sentence for the person."""
    return parse_parts(text)


def parse_parts(line1: str, unit: str = "", city: str = "", state: str = "", zip_code: str = "") -> Address:
    """Reads a form's or a roster's separate fields; `line1` may hold unit, city and ZIP as well. Raises AddressNotRead."""
    zip_of_field = _read_around(city, state, zip_code)
    line = fold(line1)
    regular = _REGULAR.match(line)
    number = int(regular[1]) if regular else 0
    one = _read_line(f"1{line[regular.end(1) :]}" if regular else line)
    return Address(
        number or one.number,
        one.number_suffix,
        one.direction,
        one.street,
        one.kind,
        _unit(one.unit_words, unit) if unit else one.unit,
        zip=zip_of_field or one.zip,
    )


# A district has a few thousand streets and hundreds of thousands of homes on them. How a line is read does not depend on the digits
# of a plain house number, so each line is read once, with the number 1 in front, and remembered.
_REGULAR = re.compile(r"([1-9]\d{0,4}) [A-Z]")
_REMEMBERED = 1 << 15


@dataclass(frozen=True, slots=True)
class _Line:
    """One line as read; the words of its unit stay apart, for a unit field may follow."""

    number: int
    number_suffix: str
    direction: str
    street: str
    kind: str
    unit: str
    unit_words: str
    zip: str


@lru_cache(_REMEMBERED)
def _read_around(city: str, state: str, zip_code: str) -> str:
    """The ZIP code. Raises AddressNotRead where city, state or ZIP code cannot be."""
    check_city(fold(city).replace(",", " "))
    check_state(fold(state).replace(",", " "))
    return read_zip(fold(zip_code))


@lru_cache(_REMEMBERED)
def _unit(words: str, field: str) -> str:
    return write_unit(_words(f"{words} {fold(field)}".replace(",", " ")))


_MARKS = str.maketrans(
    {
        "'": "",
        "’": "",
        "`": "",
        "´": "",
        "º": "",
        "ª": "",
        "½": " 1/2",
        "–": "-",
        "—": "-",
        ";": ",",
        "\n": ",",
        "#": " # ",
    }
)
_BREAKS = re.compile(r"[^A-Z0-9,#/-]+")
_COMMAS = re.compile(r" ?,[ ,]*")
_FOLDED = re.compile(r"(?:[A-Z0-9/-]+(?: [A-Z0-9/-]+)*)?").fullmatch


def fold(text: str) -> str:
    """Upper case without accents or periods, words divided by single spaces, parts by single commas."""
    if _FOLDED(text):
        return text
    text = text.translate(_MARKS)
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _COMMAS.sub(",", _BREAKS.sub(" ", text.upper())).strip(" ,")


@lru_cache(_REMEMBERED)
def _read_line(text: str) -> _Line:
    line, unit, zip_code = split_locality(text)
    number, suffix, words = _house_number(line)
    if suffix in DIRECTION_NAMES and not _leads_with_direction(words):  # "1135W Wilson"
        suffix, words = "", [suffix, *words]
    direction, words = _direction(words)
    if not words or _is_only_a_unit(words):
        raise AddressNotRead(AddressProblem.NO_STREET)
    at = unit_starts(words)
    name, kind, after = _name_and_kind(words[:at])
    if not direction and len(after) == 1 and after[0] in DIRECTIONS:  # "1135 Wilson Ave W"
        direction, after = DIRECTIONS[after[0]], []
    if after and not looks_like_unit(after):
        raise AddressNotRead(AddressProblem.EXTRA_WORDS, " ".join(after))
    unit_words = [*after, *words[at:], *_words(unit)]
    return _Line(
        number, suffix, direction, _street_name(name), kind, write_unit(unit_words), " ".join(unit_words), zip_code
    )


_PO_BOX = re.compile(r"\bP ?O ?BOX\b|\bPOST OFFICE BOX\b|^BOX \d|\bAPARTADO\b")
_NUMBER = re.compile(
    r"0*(?P<number>[1-9]\d{0,4})(?: (?P<fraction>[1-9]/[1-9])|-?(?P<letter>[A-Z])| ?(?P<range>- ?\d{1,5}[A-Z]?))?+(?: (?P<rest>.*))?"
)
_NOT_IN_WORDS = re.compile(r"-|(?<!\d)/|/(?!\d)")


def _house_number(line: str) -> tuple[int, str, list[str]]:
    if ("BOX" in line or "APARTADO" in line) and _PO_BOX.search(line):
        raise AddressNotRead(AddressProblem.PO_BOX)
    read = _NUMBER.fullmatch(line)
    if not read:
        raise AddressNotRead(AddressProblem.NO_NUMBER)
    suffix = read["fraction"] or read["letter"] or (read["range"] or "").replace(" ", "")
    return int(read["number"]), suffix, _words(read["rest"] or "")


def _words(text: str) -> list[str]:
    return (_NOT_IN_WORDS.sub(" ", text) if "-" in text or "/" in text else text).split()


def _leads_with_direction(words: list[str]) -> bool:
    """Whether the first word is a direction and not the street's own name: `NORTH AVE`, `SOUTH SHORE DR`."""
    if len(words) < 2 or words[0] not in DIRECTIONS or (words[0], words[1]) in NAMED_FOR_A_DIRECTION:
        return False
    abbreviated, name_follows = len(words[0]) == 1, words[1] not in KINDS
    letter_avenue = KINDS.get(words[1]) == "AVE" and len(words) > 2 and len(words[2]) == 1
    saint = words[1] == "ST" and any(word in KINDS for word in words[2:])  # "North St Louis Avenue"
    return abbreviated or name_follows or letter_avenue or saint


def _direction(words: list[str]) -> tuple[str, list[str]]:
    if len(words) == 1 and words[0] in DIRECTIONS and words[0] != "NORTH":
        return DIRECTIONS[words[0]], []
    if not _leads_with_direction(words):
        return "", words
    direction, words = DIRECTIONS[words[0]], words[1:]
    if len(words) > 1 and (DIRECTION_NAMES.get(words[0], ""), words[1]) in NAMED_FOR_A_DIRECTION:  # "7530 S S Shore Dr"
        words = [DIRECTION_NAMES[words[0]], *words[1:]]
    return direction, words


def _is_only_a_unit(words: list[str]) -> bool:
    """`APT 2B` where the street should stand. Front Avenue and Lower Wacker Drive are streets."""
    return UNITS.get(words[0], "UPPR") not in {"UPPR", "LOWR"} and (len(words) == 1 or words[1] not in KINDS)


def _name_and_kind(words: list[str]) -> tuple[list[str], str, list[str]]:
    """Street name, kind, and the words after them. The first word is always name: `ST LOUIS AVE`, `AVENUE H`."""
    for index in range(len(words) - 1, 0, -1):
        if words[index] in KINDS:
            return words[:index], KINDS[words[index]], words[index + 1 :]
    end = len(words)
    while end > 1 and words[end - 1][0].isdigit():  # "1135 W Wilson 2B"
        end -= 1
    return words[:end], "", words[end:]


_NUMBERED = re.compile(r"0*(\d{1,3})(?:ST|ND|RD|TH|D|O)?")


def _street_name(words: list[str]) -> str:
    """The city's spelling: `87` is `87TH`, `LA SALLE` is `LASALLE`, `DR MARTIN LUTHER KING JR` is `KING`."""
    if len(words) == 1:
        numbered = _NUMBERED.fullmatch(words[0])
        return ordinal(int(numbered[1])) if numbered else STREET_ALIASES.get(words[0], words[0])
    if len(words) == 2 and KINDS.get(words[0]) == "AVE" and len(words[1]) == 1:
        return f"AVENUE {words[1]}"
    if len(words) > 1 and words[0] in JOINED_PREFIXES:
        words = [words[0] + words[1], *words[2:]]
    name = " ".join(words)
    return STREET_ALIASES.get(name, name)


def ordinal(number: int) -> str:
    """`1ST`, `22ND`, `103RD`, `111TH`."""
    teen = number % 100 in (11, 12, 13)
    return f"{number}{'TH' if teen else {1: 'ST', 2: 'ND', 3: 'RD'}.get(number % 10, 'TH')}"
