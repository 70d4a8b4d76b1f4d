"""Applies the planned changes of single fields, each only where the register still holds what the plan saw; and traces them."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, slices, table_of, write
from connectivity.bulk import update as update_rows
from connectivity.register import (
    AuditEvent,
    ChangeState,
    Household,
    HouseholdPhone,
    Outcome,
    Residence,
    RosterChange,
    RosterHome,
    RosterImport,
    RosterRow,
    Student,
)
from connectivity.rosters.audited_changes import changes_by_household
from connectivity.rosters.differences import STUDENT_FIELDS, contact_columns
from connectivity.rules.names import sort_name
from connectivity.rules.same_home import same_home
from connectivity.rules.service_states import Status


@dataclass(frozen=True)
class Way:
    """Which changes are taken up, and what becomes of them: those whose field still holds what it must are made, the others left."""

    take: ChangeState
    made: ChangeState
    left: ChangeState

    def turn(self, before: str | None, after: str | None) -> tuple[str | None, str | None]:
        """(what the field must hold, what it is set to)."""
        return (after, before) if self.take is ChangeState.APPLIED else (before, after)


FORTH = Way(take=ChangeState.PLANNED, made=ChangeState.APPLIED, left=ChangeState.KEPT)
BACK = Way(take=ChangeState.APPLIED, made=ChangeState.UNDONE, left=ChangeState.STAYED)


def apply_fields(session: Session, roster: RosterImport) -> set[int]:
    """Returns the registered households that were touched, those that new students joined included."""
    touched = set[int]()
    for field in STUDENT_FIELDS:
        touched |= apply_student_field(session, roster.id, field)
    for field in ("guardian", "email", "language"):
        touched |= apply_contact(session, roster.id, field)
    touched |= apply_phones(session, roster.id)
    touched |= apply_zip(session, roster.id)
    _settle_moves(session, roster.id)
    joined = (
        select(RosterHome.household_id)
        .join(RosterRow, (RosterRow.import_id == RosterHome.import_id) & (RosterRow.home == RosterHome.number))
        .where(RosterHome.import_id == roster.id, RosterHome.reference.is_(None), RosterRow.outcome == Outcome.NEW)
    )
    return touched | {household for (household,) in fetch(session, joined)}


def _settle_moves(session: Session, import_id: int) -> None:
    """A household moves only from where the plan saw it."""
    rows = fetch(
        session,
        select(RosterChange.id, RosterChange.before, Residence.line, Residence.unit)
        .outerjoin(Residence, (Residence.household_id == RosterChange.noun_id) & Residence.ends_on.is_(None))
        .where(
            RosterChange.import_id == import_id,
            RosterChange.field == "address",
            RosterChange.state == ChangeState.PLANNED,
        ),
    )
    fit = [one for one, before, line, unit in rows if f"{line or ''} {unit or ''}".strip() == (before or "")]
    _mark(session, import_id, "address", fit, FORTH)


def apply_student_field(session: Session, import_id: int, field: str, way: Way = FORTH) -> set[int]:
    """Sets one field of students to `after` where it still is `before` (BACK: the other way round). Returns the households."""
    column = getattr(Student, field)
    rows = fetch(
        session,
        select(RosterChange.id, RosterChange.before, RosterChange.after, Student.id, Student.household_id, column)
        .join(Student, Student.id == RosterChange.noun_id)
        .where(
            RosterChange.import_id == import_id,
            RosterChange.noun == "student",
            RosterChange.field == field,
            RosterChange.state == way.take,
        ),
    )
    turned = [
        (one, student, household, str(held), *way.turn(old, new)) for one, old, new, student, household, held in rows
    ]
    fit = [row for row in turned if row[3] == row[4]]
    if fit:
        ids, values = [row[1] for row in fit], [row[5] for row in fit]
        update_rows(session, table_of(Student), ("id",), {field: values, "id": ids})
        if field in ("first_name", "last_name"):
            _sort_again(session, ids)
    _mark(session, import_id, field, [row[0] for row in fit], way)
    return {row[2] for row in fit}


def _sort_again(session: Session, students: Sequence[int]) -> None:
    for some in slices(students):
        names = fetch(session, select(Student.id, Student.last_name, Student.first_name).where(Student.id.in_(some)))
        columns = {"sort_name": [sort_name(last, first) for _, last, first in names], "id": [one for one, *_ in names]}
        update_rows(session, table_of(Student), ("id",), columns)


def apply_contact(session: Session, import_id: int, field: str, way: Way = FORTH) -> set[int]:
    """As `apply_student_field`, for the guardian, e-mail or language of households."""
    columns = contact_columns(field)
    rows = _household_changes(session, import_id, field, columns, way)
    merged = merged_away(session)
    fit = [row for row in rows if row[2] == (row[3] or "") and row[1] not in merged]
    _write_contact(session, columns, [(row[1], row[4]) for row in fit])
    _mark(session, import_id, field, [row[0] for row in fit], way)
    return {row[1] for row in fit}


def merged_away(session: Session) -> set[int]:
    """Households that are part of another now: what the roster did to them belongs to history."""
    return {one for (one,) in fetch(session, select(Household.id).where(Household.merged_into_id.is_not(None)))}


def _household_changes(
    session: Session, import_id: int, field: str, columns: Sequence[str], way: Way
) -> list[tuple[int, int, str, str | None, str | None]]:
    """(change, household, as the register holds it now, as it must be held, what to set)."""
    statement = (
        select(
            RosterChange.id,
            Household.id,
            RosterChange.before,
            RosterChange.after,
            *(getattr(Household, name) for name in columns),
        )
        .join(Household, Household.id == RosterChange.noun_id)
        .where(
            RosterChange.import_id == import_id,
            RosterChange.noun == "household",
            RosterChange.field == field,
            RosterChange.state == way.take,
        )
    )
    return [
        (one, household, "\t".join(value or "" for value in held).strip(), *way.turn(before, after))
        for one, household, before, after, *held in fetch(session, statement)
    ]


def _write_contact(session: Session, columns: Sequence[str], values: Sequence[tuple[int, str | None]]) -> None:
    if not values:
        return
    parts = [[part or None for part in (after or "").split("\t")] for _, after in values]
    split = zip(
        *((part if len(part) == len(columns) else [*part, None])[: len(columns)] for part in parts), strict=True
    )
    written = dict(zip(columns, map(list, split), strict=True))
    for name in columns:
        if name != "email":
            written[name] = [value or "" for value in written[name]]
    update_rows(session, table_of(Household), ("id",), {**written, "id": [household for household, _ in values]})


def apply_phones(session: Session, import_id: int, way: Way = FORTH) -> set[int]:
    """As `apply_student_field`, for the phones of households."""
    changes = fetch(
        session,
        select(RosterChange.id, RosterChange.noun_id, RosterChange.before, RosterChange.after).where(
            RosterChange.import_id == import_id,
            RosterChange.noun == "household",
            RosterChange.field == "phones",
            RosterChange.state == way.take,
        ),
    )
    held = phones_of(session, [household for _, household, _, _ in changes])
    merged = merged_away(session)
    turned = [(one, household, *way.turn(before, after)) for one, household, before, after in changes]
    fit = [row for row in turned if " ".join(held.get(row[1], ())) == (row[2] or "") and row[1] not in merged]
    replace_phones(session, {household: (to or "").split() for _, household, _, to in fit})
    _mark(session, import_id, "phones", [row[0] for row in fit], way)
    return {row[1] for row in fit}


def phones_of(session: Session, households: Sequence[int]) -> dict[int, list[str]]:
    """Household -> its numbers, the one to call first."""
    found: dict[int, list[str]] = defaultdict(list)
    for some in slices(households):
        listed = select(HouseholdPhone.household_id, HouseholdPhone.number).where(HouseholdPhone.household_id.in_(some))
        for household, number in fetch(session, listed.order_by(HouseholdPhone.household_id, HouseholdPhone.position)):
            found[household].append(number)
    return found


def replace_phones(session: Session, phones: Mapping[int, Sequence[str]]) -> None:
    """Writes each household's numbers anew."""
    for some in slices(list(phones)):
        session.execute(delete(HouseholdPhone).where(HouseholdPhone.household_id.in_(some)))
    rows = [(one, at, number) for one, numbers in phones.items() for at, number in enumerate(numbers, start=1)]
    if rows:
        columns = zip(("household_id", "position", "number"), map(list, zip(*rows, strict=True)), strict=True)
        write(session, table_of(HouseholdPhone), dict(columns))


def apply_zip(session: Session, import_id: int, way: Way = FORTH) -> set[int]:
    """As `apply_student_field`, for the ZIP code of the home that the row names; a home the household moved to meanwhile keeps its own."""
    row_of = (RosterRow.import_id == RosterChange.import_id) & (RosterRow.number == RosterChange.number)
    lived = (Residence.household_id == RosterChange.noun_id) & Residence.ends_on.is_(None)
    changes = fetch(
        session,
        select(RosterChange.id, RosterChange.noun_id, RosterChange.before, RosterChange.after)
        .add_columns(RosterRow.line, RosterRow.unit, Residence.id, Residence.zip, Residence.line, Residence.unit)
        .join(RosterRow, row_of)
        .join(Residence, lived)
        .where(
            RosterChange.import_id == import_id,
            RosterChange.noun == "household",
            RosterChange.field == "zip",
            RosterChange.state == way.take,
        ),
    )
    merged = merged_away(session)
    turned = [
        (one, household, residence, held, *way.turn(before, after))
        for one, household, before, after, line, unit, residence, held, *home in changes
        if same_home((line, unit), (home[0], home[1])) and household not in merged
    ]
    fit = [row for row in turned if row[3] == (row[4] or "")]
    if fit:
        columns = {"zip": [row[5] or "" for row in fit], "id": [row[2] for row in fit]}
        update_rows(session, table_of(Residence), ("id",), columns)
    _mark(session, import_id, "zip", [row[0] for row in fit], way)
    return {row[1] for row in fit}


def trace(
    session: Session,
    roster: RosterImport,
    households: Iterable[int],
    *,
    moment: dt.datetime,
    back: bool = False,
    enrolled: Collection[int] = (),
) -> None:
    """Raises the version of each touched household and writes its audit event, so that an open form of it is told.

    `back`: the roster was undone. The field "roster" tells a file's change from a person's.
    """
    touched = sorted(households)
    if not touched:
        return
    changes = changes_by_household(session, roster.id, back=back)
    for one in enrolled:
        changes[one]["status"] = [None, Status.ELIGIBLE.value]
    versions = dict[int, int]()
    for some in slices(touched):
        versions |= dict(fetch(session, select(Household.id, Household.version).where(Household.id.in_(some))))
        session.execute(
            update(Household)
            .where(Household.id.in_(some))
            .values(version=Household.version + 1, updated_at=moment)
            .execution_options(synchronize_session=False)
        )
    mark = {"roster": [roster.id, None] if back else [None, roster.id]}
    count = len(touched)
    columns: dict[str, Sequence[Any]] = {
        "at": [instant(session, moment)] * count,
        "account_id": [roster.undone_by if back else roster.applied_by] * count,
        "action": ["household.edited"] * count,
        "subject": ["household"] * count,
        "subject_id": touched,
        "changes": [
            json.dumps({**changes.get(one, {}), **mark, "version": [versions[one], versions[one] + 1]})
            for one in touched
        ],
    }
    write(session, table_of(AuditEvent), columns)


def instant(session: Session, moment: dt.datetime) -> str:
    """As the database stores an instant: SQLite without its offset."""
    if session.get_bind().dialect.name == "postgresql":
        return moment.isoformat()
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _mark(session: Session, import_id: int, field: str, fit: Sequence[int], way: Way) -> None:
    """The changes that fit are made; the others of the field are left."""
    for some in slices(fit):
        session.execute(
            update(RosterChange)
            .where(RosterChange.id.in_(some))
            .values(state=way.made.value)
            .execution_options(synchronize_session=False)
        )
    session.execute(
        update(RosterChange)
        .where(RosterChange.import_id == import_id, RosterChange.field == field, RosterChange.state == way.take)
        .values(state=way.left.value)
        .execution_options(synchronize_session=False)
    )
