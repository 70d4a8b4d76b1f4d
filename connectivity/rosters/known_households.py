"""New students and registered households side by side, as the matching takes them, and which of them are one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
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


class Once(dict[str, str]):
    """Equal texts as one: a district has 345,000 birth dates and 7,000 days."""

    def __missing__(self, text: str) -> str:
        self[text] = text
        return text


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
    once = Once()
    statement = (
        select(*(getattr(RosterRow, name) for name in NewRow._fields))
        .where(of_import(import_id, Outcome.WAITING), RosterRow.student_id.is_(None))
        .order_by(RosterRow.number)
    )
    found: list[NewRow] = []
    for rows in portions(session, statement):
        columns = dict(zip(NewRow._fields, zip(*rows, strict=True), strict=True))
        for name in _REPEATED:
            columns[name] = tuple([once[cell] if isinstance(cell, str) else cell for cell in columns[name]])
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
    found, once, shared = Registered(), Once(), _Shared.of(rows)
    phones = _gathered(stream(session, select(HouseholdPhone.household_id, HouseholdPhone.number)), once)
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
            found.unit.append(once[unit or ""])
            found.zip.append(once[zip_code or ""])
            found.phones.append(numbers)
    _add_students(session, found, once)
    return found


def _add_students(session: Session, found: Registered, once: Once) -> None:
    near = set(found.id)
    everybody = select(Student.household_id, Student.last_name, Student.birth_date)
    people = [(one, name, day) for one, name, day in stream(session, everybody) if one in near]
    surnames = _gathered(((one, name) for one, name, _ in people), once)
    births = _gathered(((one, day) for one, _, day in people), once)
    found.surnames.extend(surnames.get(one, ()) for one in found.id)
    found.birth_dates.extend(births.get(one, ()) for one in found.id)


@dataclass(frozen=True)
class _Shared:
    """What the rows have that a household may share with one of them."""

    houses: frozenset[str]
    guardians: frozenset[str]
    emails: frozenset[str]
    phones: frozenset[str]

    @classmethod
    def of(cls, rows: Sequence[NewRow]) -> Self:
        names = (f"{row.guardian_first_name or ''} {row.guardian_last_name or ''}".casefold() for row in rows)
        return cls(
            frozenset(_house(row.line) for row in rows if row.line),
            frozenset(names) - {" "},
            frozenset(row.email.casefold() for row in rows if row.email),
            frozenset(number for row in rows if row.phones for number in row.phones.split()),
        )

    def with_household(self, line: str, guardian: str, email: str, phones: Sequence[str]) -> bool:
        return (
            (bool(line) and _house(line) in self.houses)
            or guardian.casefold() in self.guardians
            or email.casefold() in self.emails
            or not self.phones.isdisjoint(phones)
        )


def _house(line: str) -> str:
    """Number, direction and the beginning of the street: what a typing fault or a missing “Ave” leaves as it is."""
    number, _, rest = line.partition(" ")
    return f"{number} {rest[:5]}"


def _gathered(rows: Iterable[Sequence[Any]], once: Once) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for owner, value in rows:
        found[owner] = (*found.get(owner, ()), once[str(value)])
    return found


def _records(rows: Sequence[NewRow], registered: Registered) -> Records:
    nobody: NDArray[np.int64] = np.full(len(rows), -1, np.int64)
    return Records(
        household=np.concatenate([nobody, np.array(registered.id, np.int64)]),
        line=[*(row.line or "" for row in rows), *registered.line],
        unit=[*(row.unit or "" for row in rows), *registered.unit],
        zip=[*(row.zip or "" for row in rows), *registered.zip],
        guardian=[
            *(f"{row.guardian_first_name or ''} {row.guardian_last_name or ''}".strip() for row in rows),
            *registered.guardian,
        ],
        phones=[*(tuple((row.phones or "").split()) for row in rows), *registered.phones],
        email=[*(row.email or "" for row in rows), *registered.email],
        surnames=[*((row.last_name,) for row in rows), *registered.surnames],
        birth_dates=[*((str(row.birth_date),) for row in rows), *registered.birth_dates],
    )


def _decided_apart(session: Session) -> set[tuple[int, int]]:
    decided = select(HouseholdQuestion.household_id, HouseholdQuestion.other_id).where(
        HouseholdQuestion.other_id.is_not(None), HouseholdQuestion.state == QuestionState.SEPARATE
    )
    return {(one, other) for one, other in stream(session, decided)}
