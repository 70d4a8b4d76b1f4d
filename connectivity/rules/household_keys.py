"""The columns of household records as whole numbers that can be compared: addresses in parts, guardians, phones, last names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from connectivity.rules.household_columns import Bags, Coded, bagged, bags, code, distinct, mark, owners
from connectivity.rules.names import PARTICLES, fold, name_terms

# A phone or email that more records or addresses hold is a school's, an agency's or a filler's: no evidence of one household.
MOST_RECORDS, MOST_ADDRESSES = 30, 12
# A guardian's name known at more addresses is common: there may be two of them in one building.
FEW_ADDRESSES = 3
# An address without units at which so many homes are known: being there says little.
MANY_HOMES = 6

KINDS = frozenset(
    [
        "AVE",
        "ST",
        "BLVD",
        "PL",
        "DR",
        "RD",
        "PKWY",
        "CT",
        "TER",
        "LN",
        "HWY",
        "PLZ",
        "SQ",
        "CIR",
        "WAY",
        "ROW",
        "WALK",
        "ALY",
        "EXPY",
        "TRL",
        "PATH",
        "CRES",
        "PARK",
    ]
)
_HAS_DIGIT = re.compile(r"\S*\d").match
_DIRECTIONS = ("N ", "S ", "E ", "W ")
_UNIT_WORD = re.compile(r"^(?:APT|UNIT|STE|RM|FL|NO|#|LOT|SPC|PH)\b\s*")
_NOT_IN_UNIT = re.compile(r"[^A-Z0-9]+")
_WORD = re.compile(r"[^\W_]+")
_NOT_A_NAME = frozenset(["jr", "sr", "ii", "iii", "iv", "mr", "mrs", "ms", "dr"])
_NO_GUARDIAN = frozenset(
    [
        "dcfs",
        "father",
        "guardian",
        "mother",
        "n",
        "na",
        "name no",
        "no",
        "none",
        "not provided",
        "parent",
        "parents",
        "tbd",
        "unknown",
    ]
)
_NO_EMAIL = frozenset(
    ["declined", "donthave", "na", "no", "noemail", "nomail", "none", "noreply", "refused", "test", "unknown"]
)
# A filler's last seven digits are one digit; or it counts up or down.
_SEVEN_ONES, _NO_PHONE = 1111111, (1234567890, 123456789, 9876543210)


@dataclass(frozen=True)
class Records:
    """Columns of equal length: each record is a new student of a file with that row's guardian and home, or a registered household."""

    household: NDArray[np.int64]  # the id of a registered household; -1 for a student without one
    line: Sequence[str]  # normalized: 1135 W WILSON AVE; empty when unknown, as everything below
    unit: Sequence[str]  # APT 2B, FL 2
    zip: Sequence[str]
    guardian: Sequence[str]  # full name
    phones: Sequence[Sequence[str]]  # E.164
    email: Sequence[str]
    surnames: Sequence[Sequence[str]]  # of the student, or of all the household's students
    birth_dates: Sequence[Sequence[str]]  # ISO 8601, in the order of the surnames

    def __post_init__(self) -> None:
        lengths = {name: len(column) for name, column in vars(self).items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"The columns must be of one length, not {lengths}.")


@dataclass(frozen=True)
class Street:
    """The parts of every distinct address line, as numbers; -1 where a part is missing."""

    number: NDArray[np.int32]
    direction: NDArray[np.int32]
    name: NDArray[np.int32]
    names: list[str]
    kind: NDArray[np.int32]


@dataclass(frozen=True)
class Keys:
    """Everything two records are compared by, one entry a record."""

    household: NDArray[np.int64]
    line: Coded
    street: Street
    core: NDArray[np.int32]  # the line without its kind
    zip: Coded
    unit: Coded
    unit_core: Coded  # 2B, however it is written
    crowded: NDArray[np.bool_]
    guardian: Coded
    common_name: NDArray[np.bool_]
    phones: Bags
    phone_digits: NDArray[np.uint8]  # of every phone value, ten digits
    email: NDArray[np.int32]
    surnames: Bags
    births: Bags
    mark: NDArray[np.int64]  # a checksum of the record, to sort by


def phone_bags(rows: Sequence[Sequence[str]], core: NDArray[np.int32]) -> tuple[Bags, NDArray[np.uint8]]:
    """The phones that few share and that are no filler, and the last ten digits of each by its number."""
    owner = owners(rows)
    phones = np.fromiter(map(int, chain.from_iterable(rows)), np.int64, len(owner))
    called, values = np.unique(phones, return_inverse=True)
    filler = (called % 10**7 % _SEVEN_ONES == 0) | np.isin(called % 10**10, _NO_PHONE)
    kept = ~filler[values] & held_by_few(values, core[owner])
    digits = called[:, None] // 10 ** np.arange(9, -1, -1) % 10
    return bagged(owner[kept], values[kept], len(rows)), digits.astype(np.uint8)


def folded(text: str) -> str:
    return text.lower().replace("'", "").replace("`", "") if text.isascii() else fold(text)


def guardian_key(name: str) -> str:
    """The words of a name in the order of letters, without initials and titles: `García, María L.` -> `garcia maria`."""
    text = folded(name)
    found = text.split() if text.replace(" ", "").isalpha() else _WORD.findall(text)
    key = " ".join(sorted([word for word in found if len(word) > 1 and word not in _NOT_A_NAME]))
    return "" if key in _NO_GUARDIAN else key


def email_key(email: str) -> str:
    """The address in lower case, or nothing for a filler: none@none.com."""
    name, _, host = email.strip().lower().partition("@")
    return "" if not host or name in _NO_EMAIL or host.partition(".")[0] in _NO_EMAIL else f"{name}@{host}"


def surname_parts(surname: str) -> set[str]:
    """`García López` -> garcia, lopez; `de la Cruz` -> cruz, lacruz, delacruz."""
    found = surname.lower().split()
    if surname.isascii() and all(map(str.isalpha, found)) and PARTICLES.isdisjoint(found):
        return set(found)
    return {part for part in name_terms(surname) - PARTICLES if len(part) > 1}


def unit_key(unit: str) -> str:
    """`APT 2B`, `UNIT 2-B` and `2B` -> `2B`."""
    named = _NOT_IN_UNIT.sub("", _UNIT_WORD.sub("", unit.upper()))
    return named or unit


def number_and_street(line: str) -> tuple[str, str]:
    """`1135 W WILSON AVE` -> 1135, W WILSON AVE; a line without a house number is all street."""
    number, _, street = line.partition(" ")
    return (number, street) if _HAS_DIGIT(number) else ("", line)


def street_parts(street: str) -> tuple[str, str, str]:
    """`W WILSON AVE` -> W, WILSON, AVE; a part that is not there is empty."""
    direction, rest = (street[0], street[2:]) if street.startswith(_DIRECTIONS) else ("", street)
    name, _, kind = rest.rpartition(" ")
    return (direction, name, kind) if name and kind in KINDS else (direction, rest, "")


def streets(lines: list[str]) -> tuple[Street, NDArray[np.int32]]:
    """The parts of each line, and a number that lines which differ in nothing but the kind of street share.

    A district has hundreds of thousands of lines on a few thousand streets, so each street is taken apart once.
    """
    split = [number_and_street(line) for line in lines]
    numbers, whole = code([number for number, _ in split]), code([street for _, street in split])
    parts = [street_parts(street) for street in whole.texts]
    directions, names, kinds = (code([part[at] for part in parts]) for at in range(3))
    on = whole.of
    core = numbers.of.astype(np.int64) + 1
    for column in (directions.of, names.of):
        core = core * (int(column.max(initial=-1)) + 2) + _at(column, on) + 1
    cores = np.unique(core, return_inverse=True)[1].astype(np.int32)
    return Street(numbers.of, _at(directions.of, on), _at(names.of, on), names.texts, _at(kinds.of, on)), cores


def _at(column: NDArray[np.int32], on: NDArray[np.int32]) -> NDArray[np.int32]:
    """What each street has in the column; -1 without a street."""
    return np.append(column, np.int32(-1))[on]


def addresses_of(values: NDArray[np.integer], core: NDArray[np.int32]) -> NDArray[np.int64]:
    """At how many addresses the value of each entry is held; 0 for -1."""
    span = int(core.max(initial=0)) + 2
    places = distinct(values.astype(np.int64) * span + core + 1) // span
    counts = np.bincount(places[places >= 0], minlength=int(values.max(initial=0)) + 1)
    return np.where(values >= 0, counts[values], 0)


def held_by_few(values: NDArray[np.integer], core: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which entries, each with its address, are of a value that few records and few addresses hold."""
    known = values[values >= 0]
    records = np.bincount(known, minlength=int(values.max(initial=0)) + 1)[values]
    return np.asarray((values >= 0) & (records <= MOST_RECORDS) & (addresses_of(values, core) <= MOST_ADDRESSES))


def many_homes(core: NDArray[np.int32], unit: NDArray[np.int32], guardian: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Records at an address at which many homes are known: by their units, or without units by their guardians."""
    units = int(unit.max(initial=-1)) + 2
    span = units + int(guardian.max(initial=-1)) + 2
    home = np.where(unit >= 0, unit, units + guardian + 1)
    addresses = distinct(core.astype(np.int64) * span + home) // span
    homes = np.bincount(addresses[addresses >= 0], minlength=int(core.max(initial=0)) + 1)
    return np.asarray((core >= 0) & (homes[core] >= MANY_HOMES))


def read(records: Records) -> Keys:
    """The columns of the records as numbers."""
    line, unit, zips = code(records.line), code(records.unit), code(records.zip)
    street, cores = streets(line.texts)
    core = np.append(cores, np.int32(-1))[line.of]
    unit_core, guardian = code(records.unit, unit_key), code(records.guardian, guardian_key)
    phones, digits = phone_bags(records.phones, core)
    email = code(records.email, email_key).of
    email = np.where(held_by_few(email, core), email, np.int32(-1))
    return Keys(
        records.household,
        line,
        street,
        core,
        zips,
        unit,
        unit_core,
        many_homes(core, unit_core.of, guardian.of),
        guardian,
        addresses_of(guardian.of, core) > FEW_ADDRESSES,
        phones,
        digits,
        email,
        bags(records.surnames, surname_parts),
        bags(records.birth_dates),
        mark(records.household, line.marks, unit.marks, guardian.marks),
    )
