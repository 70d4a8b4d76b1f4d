"""New students and registered households side by side, as the matching takes them, and which of them are one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.orm import Session

from connectivity.bulk import portions, stream
from connectivity.register import (
    Household,
    HouseholdPhone,
    HouseholdQuestion,
    Outcome,
    QuestionState,
    Residence,
    RosterRow,
    Student,
)
from connectivity.rosters.rows_of import of_import
from connectivity.rules.household_matching import Matching, Records, match


class NewRow(NamedTuple):
    """A waiting row without a student, as the database gives it."""

    number: int
    first_name: str
    last_name: str
    birth_date: Any
    guardian_first_name: str | None
    guardian_last_name: str | None
    phones: str | None
    email: str | None
    language: str | None
    eligible: bool | None
    original: str | None
    line: str | None
    unit: str | None
    zip: str | None
    lon: float | None
    lat: float | None


_REPEATED = (
    "first_name",
    "last_name",
    "birth_date",
    "guardian_first_name",
    "guardian_last_name",
    "language",
    "unit",
    "zip",
)


@dataclass
class Registered:
    """The households in the register as the matching sees them: columns of equal length."""

    id: list[int] = field(default_factory=list)
    guardian: list[str] = field(default_factory=list)
    email: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    unit: list[str] = field(default_factory=list)
    zip: list[str] = field(default_factory=list)
    phones: list[tuple[str, ...]] = field(default_factory=list)
    surnames: list[tuple[str, ...]] = field(default_factory=list)
    birth_dates: list[tuple[str, ...]] = field(default_factory=list)


def new_rows(session: Session, import_id: int) -> list[NewRow]:
    """The waiting rows that have no student."""
    once: dict[Any, Any] = {}  # equal texts as one: a district has 345,000 birth dates and 7,000 days
    statement = (
        select(*(getattr(RosterRow, name) for name in NewRow._fields))
        .where(of_import(import_id, Outcome.WAITING), RosterRow.student_id.is_(None))
        .order_by(RosterRow.number)
    )
    found: list[NewRow] = []
    for rows in portions(session, statement):
        columns = dict(zip(NewRow._fields, zip(*rows, strict=True), strict=True))
        for name in _REPEATED:
            columns[name] = tuple(map(once.setdefault, columns[name], columns[name]))
        found += map(NewRow._make, zip(*columns.values(), strict=True))
    return found


def matched(session: Session, rows: Sequence[NewRow]) -> tuple[Matching, set[str]]:
    """The homes of the rows, and every reference in use."""
    if not rows:
        return Matching(np.array([], np.int64), np.array([], np.int32), []), set()
    matching = match(_records(rows, _registered(session, rows)), apart=_decided_apart(session))
    return matching, {reference for (reference,) in stream(session, select(Household.reference))}


def _registered(session: Session, rows: Sequence[NewRow]) -> Registered:
    """The households that share with a row at least a house, a guardian's name, a phone or an e-mail: no other can be the row's home."""
    found, shared = Registered(), _Shared.of(rows)
    every = select(HouseholdPhone.household_id, func.aggregate_strings(HouseholdPhone.number, _BETWEEN))
    phones = {one: tuple(numbers.split(_BETWEEN)) for one, numbers in stream(session, _of_each(every))}
    households = (
        select(
            Household.id,
            Household.guardian_first_name + " " + Household.guardian_last_name,
            Household.email,
            Residence.line,
            Residence.unit,
            Residence.zip,
        )
        .outerjoin(Residence, (Residence.household_id == Household.id) & Residence.ends_on.is_(None))
        .where(Household.merged_into_id.is_(None))
    )
    for one, guardian, email, line, unit, zip_code in stream(session, households):
        numbers = phones.pop(one, ())
        if shared.with_household(line or "", guardian, email or "", numbers):
            found.id.append(one)
            found.guardian.append(guardian)
            found.email.append(email or "")
            found.line.append(line or "")
            found.unit.append(unit or "")
            found.zip.append(zip_code or "")
            found.phones.append(numbers)
    _add_students(session, found)
    return found


_BETWEEN = "\x1f"  # no cell holds a control character


def _of_each(every: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """One row for each household, the first column, with the texts of all its rows."""
    return every.group_by(every.selected_columns[0])


def _add_students(session: Session, found: Registered) -> None:
    every = select(
        Student.household_id,
        func.aggregate_strings(Student.last_name, _BETWEEN),
        func.aggregate_strings(cast(Student.birth_date, Text), _BETWEEN),
    )
    near = set(found.id)
    people = {one: texts for one, *texts in stream(session, _of_each(every)) if one in near}
    for one in found.id:
        surnames, birth_dates = people.get(one, ("", ""))
        found.surnames.append(tuple(surnames.split(_BETWEEN)))
        found.birth_dates.append(tuple(birth_dates.split(_BETWEEN)))


@dataclass(frozen=True)
class _Shared:
    """What the rows have that a household may share with one of them."""

    houses: frozenset[str]
    guardians: frozenset[str]
    emails: frozenset[str]
    phones: frozenset[str]

    @classmethod
    def of(cls, rows: Sequence[NewRow]) -> Self:
        new = _columns(rows)
        names = _full_names(new["guardian_first_name"], new["guardian_last_name"])
        return cls(
            frozenset(map(_house, filter(None, new["line"]))),
            frozenset(map(str.casefold, names)) - {""},
            frozenset(map(str.casefold, filter(None, new["email"]))),
            frozenset(chain.from_iterable(map(str.split, filter(None, new["phones"])))),
        )

    def with_household(self, line: str, guardian: str, email: str, phones: Sequence[str]) -> bool:
        return (
            (bool(line) and _house(line) in self.houses)
            or guardian.strip().casefold() in self.guardians
            or email.casefold() in self.emails
            or not self.phones.isdisjoint(phones)
        )


def _house(line: str) -> str:
    """Number, direction and the beginning of the street: what a typing fault or a missing “Ave” leaves as it is."""
    number, _, rest = line.partition(" ")
    return f"{number} {rest[:5]}"


def _records(rows: Sequence[NewRow], registered: Registered) -> Records:
    nobody: NDArray[np.int64] = np.full(len(rows), -1, np.int64)
    new = _columns(rows)
    return Records(
        household=np.concatenate([nobody, np.array(registered.id, np.int64)]),
        line=[*_texts(new["line"]), *registered.line],
        unit=[*_texts(new["unit"]), *registered.unit],
        zip=[*_texts(new["zip"]), *registered.zip],
        guardian=[*_full_names(new["guardian_first_name"], new["guardian_last_name"]), *registered.guardian],
        phones=[*map(str.split, _texts(new["phones"])), *registered.phones],
        email=[*_texts(new["email"]), *registered.email],
        surnames=[*zip(new["last_name"], strict=True), *registered.surnames],
        birth_dates=[*zip(map(str, new["birth_date"]), strict=True), *registered.birth_dates],
    )


def _columns(rows: Sequence[NewRow]) -> dict[str, tuple[Any, ...]]:
    return dict(zip(NewRow._fields, zip(*rows, strict=True), strict=True))


def _texts(column: Any) -> list[str]:
    return [text or "" for text in column]


def _full_names(first: Any, last: Any) -> list[str]:
    return [f"{one or ''} {other or ''}".strip() for one, other in zip(first, last, strict=True)]


def _decided_apart(session: Session) -> set[tuple[int, int]]:
    decided = select(HouseholdQuestion.household_id, HouseholdQuestion.other_id).where(
        HouseholdQuestion.other_id.is_not(None), HouseholdQuestion.state == QuestionState.SEPARATE
    )
    return {(one, other) for one, other in stream(session, decided)}
