"""What rows would change of students and households that are registered: field by field, against the register and the last roster.

Three ways: what the last roster said, what the register holds, what this roster says. A value that the roster only repeats changes
nothing, whatever people entered since; a value that people entered stays even if the roster's is new, and the plan says so.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from connectivity.bulk import fetch
from connectivity.register import ChangeState, Outcome, RosterRow, Student
from connectivity.rosters.differences import (
    ROW,
    STUDENT_FIELDS,
    Change,
    Differences,
    Said,
    household_values,
    text_of,
    texts,
)
from connectivity.rosters.entered import Entered, entered_by_people
from connectivity.rosters.household_changes import of_households
from connectivity.rosters.rows_of import of_import


def differences(session: Session, import_id: int) -> Differences:
    """Of the waiting rows that are linked to a student."""
    found = Differences()
    entered = entered_by_people(session, import_id)
    said: dict[int, list[Said]] = defaultdict(list)
    for row in fetch(session, _linked(import_id)):
        number, now = row[0], texts(row[: len(ROW)])
        held = dict(zip(STUDENT_FIELDS, map(text_of, row[len(ROW) + 2 :]), strict=False))
        base = texts(row[-len(ROW) :]) if row[-len(ROW)] is not None else None
        student_id, household_id = row[len(ROW)], row[len(ROW) + 1]
        found.changes += _of_student(number, student_id, household_id, now, held, base, entered)
        said[household_id].append(Said(number, household_values(now), household_values(base) if base else None))
    of_households(session, import_id, said, entered, found)
    found.changed_rows |= {change.number for change in found.changes} | {left.number for left in found.left}
    return found


def _linked(import_id: int) -> Select[Any]:
    before = aliased(RosterRow)
    return (
        select(
            *(getattr(RosterRow, name) for name in ROW),
            Student.id,
            Student.household_id,
            *(getattr(Student, name) for name in STUDENT_FIELDS),
            *(getattr(before, name) for name in ROW),
        )
        .join(Student, Student.id == RosterRow.student_id)
        .outerjoin(before, (before.student_id == Student.id) & before.current)
        .where(of_import(import_id, Outcome.WAITING))
        .order_by(RosterRow.number)
    )


def _of_student(
    number: int,
    student_id: int,
    household_id: int,
    now: Mapping[str, str],
    held: Mapping[str, str],
    base: Mapping[str, str] | None,
    entered: Entered,
) -> Iterator[Change]:
    for name in STUDENT_FIELDS:
        after, before = now[name], held[name]
        if after in ("", before) or (base is not None and base[name] == after):
            continue
        agreed = base is not None and base[name] == before  # until now the roster said what the register holds
        kept = not agreed and entered.stays(household_id, before, f"student.{student_id}.{name}")
        state = ChangeState.KEPT if kept else ChangeState.PLANNED
        yield Change(number, "student", student_id, name, before, after, state)
