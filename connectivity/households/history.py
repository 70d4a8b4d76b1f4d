"""Everything that happened to a household, in one dated list, newest first."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import (
    Account,
    AuditEvent,
    CommunityArea,
    ConnectivityResponse,
    Enrollment,
    EnrollmentEvent,
    Household,
    Residence,
    School,
    Student,
)
from connectivity.rules.calendar import city_day

# These audit events stand in the list as the row they added, which names the recorder and the time as well.
SHOWN_BY_THEIR_ROW = {"household.moved", "response.recorded", "enrollment.started", "enrollment.stepped"}
UNSPOKEN = {"version", "lon", "lat"}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line. `kind` chooses the words: residence, response, step, or an audit action such as `household.edited`."""

    on: dt.date
    kind: str
    recorded_at: dt.datetime
    by: str  # empty: not recorded
    row: Any = None
    program_year: str = ""
    changes: tuple[tuple[str, str, Any, Any], ...] = field(default=())  # (whose, field, before, after)


def history(session: Session, household: Household) -> list[Entry]:
    """Residences, answers, enrollment steps and audit events of one household."""
    entries = [*_rows(session, household), *_audited(session, household)]
    return sorted(entries, key=lambda entry: (entry.on, entry.recorded_at), reverse=True)


def _rows(session: Session, household: Household) -> Iterator[Entry]:
    residences = select(Residence, Account.name).where(Residence.household_id == household.id)
    for home, by in session.execute(residences.outerjoin(Account, Account.id == Residence.recorded_by)):
        yield Entry(on=home.starts_on, kind="residence", recorded_at=home.recorded_at, by=by or "", row=home)
    responses = select(ConnectivityResponse, Account.name).where(ConnectivityResponse.household_id == household.id)
    for response, by in session.execute(responses.outerjoin(Account, Account.id == ConnectivityResponse.recorded_by)):
        yield Entry(
            on=response.observed_on, kind="response", recorded_at=response.recorded_at, by=by or "", row=response
        )
    steps = (
        select(EnrollmentEvent, Enrollment, Account.name)
        .join(Enrollment, Enrollment.id == EnrollmentEvent.enrollment_id)
        .outerjoin(Account, Account.id == EnrollmentEvent.recorded_by)
        .where(Enrollment.household_id == household.id)
    )
    for step, enrollment, by in session.execute(steps):
        yield Entry(
            on=step.happened_on,
            kind="step",
            recorded_at=step.recorded_at,
            by=by or "",
            row=step,
            program_year=enrollment.program_year.label,
        )


def _audited(session: Session, household: Household) -> Iterator[Entry]:
    events = session.execute(
        select(AuditEvent, Account.name)
        .outerjoin(Account, Account.id == AuditEvent.account_id)
        .where(
            AuditEvent.subject == "household",
            AuditEvent.subject_id == household.id,
            AuditEvent.action.not_in(SHOWN_BY_THEIR_ROW),
        )
    ).all()
    words = _Words(session, household)
    for event, by in events:
        yield Entry(
            on=city_day(event.at),
            kind=event.action,
            recorded_at=event.at,
            by=by or "",
            changes=tuple(words.spoken(event.changes)),
        )


class _Words:
    """Puts names to the ids that the trail holds."""

    def __init__(self, session: Session, household: Household) -> None:
        rows = session.execute(select(Student.id, Student.first_name).where(Student.household_id == household.id))
        self.students = {one.id: one.first_name for one in rows}
        self.session = session

    def spoken(self, changes: Mapping[str, Iterable[Any]]) -> Iterator[tuple[str, str, Any, Any]]:
        for name, (before, after) in changes.items():
            whose, what = "", name
            if name.startswith("student."):
                _, student, what = name.split(".", 2)
                whose = self.students.get(int(student), "")
            if what not in UNSPOKEN:
                shown = what.removesuffix("_id") if what == "school_id" else what
                yield whose, shown, self._value(what, before), self._value(what, after)

    def _value(self, what: str, value: Any) -> Any:
        if value is None:
            return None
        if what == "area":
            area = self.session.get(CommunityArea, value)
            return area.name if area else value
        if what == "school_id":
            school = self.session.get(School, value)
            return school.name if school else value
        return value
