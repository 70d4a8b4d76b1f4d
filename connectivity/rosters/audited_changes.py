"""The applied changes of a roster by household, in the words of the audit trail."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.bulk import fetch
from connectivity.register import ChangeState, RosterChange, Student
from connectivity.rosters.differences import contact_columns


def changes_by_household(session: Session, import_id: int, *, back: bool) -> dict[int, dict[str, list[str | None]]]:
    """Household -> what was applied there (`back`: taken back), field -> [before, after]."""
    found: dict[int, dict[str, list[str | None]]] = defaultdict(dict)
    state = ChangeState.UNDONE if back else ChangeState.APPLIED
    applied = (RosterChange.import_id == import_id, RosterChange.state == state)
    of_students = (
        select(Student.household_id, Student.id, RosterChange.field, RosterChange.before, RosterChange.after)
        .join(RosterChange, RosterChange.noun_id == Student.id)
        .where(*applied, RosterChange.noun == "student")
    )
    for household, student, field, before, after in fetch(session, of_students):
        found[household][f"student.{student}.{field}"] = [after, before] if back else [before, after]
    of_households = select(RosterChange.noun_id, RosterChange.field, RosterChange.before, RosterChange.after).where(
        *applied, RosterChange.noun == "household"
    )
    for household, field, before, after in fetch(session, of_households):
        found[household] |= as_audited(field, after, before) if back else as_audited(field, before, after)
    return found


def as_audited(field: str, before: str | None, after: str | None) -> dict[str, list[str | None]]:
    """A field of the plan as the audit trail names it: the guardian's two names, each phone by its place, the line of the address."""
    if field == "guardian":
        return dict(zip(contact_columns(field), _pairs(before, after, "\t", 2), strict=True))
    if field == "phones":
        pairs = _pairs(before, after, " ", 3)
        return {f"phone_{at}": pair for at, pair in enumerate(pairs, start=1) if pair[0] != pair[1]}
    return {"line" if field == "address" else field: [before, after]}


def _pairs(before: str | None, after: str | None, between: str, count: int) -> list[list[str | None]]:
    old, new = ([*(text or "").split(between), *[""] * count][:count] for text in (before, after))
    return [[one or None, other or None] for one, other in zip(old, new, strict=True)]
