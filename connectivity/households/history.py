"""Everything that happened to a household, in one dated list, newest first."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from connectivity.register import (
    Account,
    AuditEvent,
    CommunityArea,
    ConnectivityResponse,
    Enrollment,
    EnrollmentEvent,
    Household,
    MembershipCode,
    Residence,
    School,
    ServiceAddress,
    Student,
    YearExtension,
)
from connectivity.rules.calendar import city_day
from connectivity.rules.service_states import Status

# These audit events stand in the list as the row they added, which names the recorder and the time as well.
SHOWN_BY_THEIR_ROW = {
    "household.moved", "response.recorded", "enrollment.started", "enrollment.stepped", "service_address.recorded",
}  # fmt: skip
SAID_BY_THE_OTHER = "household.merged_into"  # the kept household's own event tells the same
UNSPOKEN = {"version", "lon", "lat"}
# Told in a sentence of their own, from what the event says: field -> value.
IN_A_SENTENCE = {"enrollment.leaving", "enrollment.stays", "enrollment.extended"}
DAYS = {"service_until", "left_on"}


SAME_WRITE = dt.timedelta(seconds=10)  # a step and its audit event are written in one transaction


@dataclass(frozen=True, kw_only=True)
class Issued:
    """The code a step gave out; `provider` and `plan` are empty where nothing tells them any more."""

    code: str
    provider: str = ""
    plan: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line. `kind` chooses the words: residence, response, step, or an audit action such as `household.edited`."""

    on: dt.date
    kind: str
    recorded_at: dt.datetime
    by: str  # empty: not recorded
    row: Any = None
    program_year: str = ""
    issued: Issued | None = None
    part: str = ""  # reference of the merged household whose own line this is
    device_of: str = ""  # first name of the student whose learning device an answer is about
    changes: tuple[tuple[str, str, Any, Any], ...] = field(default=())  # (whose, field, before, after)


def history(session: Session, household: Household, parts: Sequence[Household] = ()) -> list[Entry]:
    """Residences, answers, enrollment steps, service addresses and audit events of one household and of those merged into it."""
    of = {household.id: ""} | {one.id: one.reference for one in parts}
    entries = [*_rows(session, of), *_steps(session, of), *_extensions(session, of), *_audited(session, of)]
    return sorted(entries, key=lambda entry: (entry.on, entry.recorded_at), reverse=True)


def _rows(session: Session, of: Mapping[int, str]) -> Iterator[Entry]:
    nouns: dict[str, Any] = {"residence": Residence, "service_address": ServiceAddress}
    for kind, noun in nouns.items():
        rows = select(noun, Account.name).where(noun.household_id.in_(of))
        for home, by in session.execute(rows.outerjoin(Account, Account.id == noun.recorded_by)):
            part = of[home.household_id]
            yield Entry(on=home.starts_on, kind=kind, recorded_at=home.recorded_at, by=by or "", row=home, part=part)
    students = _first_names(session, of)
    responses = select(ConnectivityResponse, Account.name).where(ConnectivityResponse.household_id.in_(of))
    for response, by in session.execute(responses.outerjoin(Account, Account.id == ConnectivityResponse.recorded_by)):
        yield Entry(
            on=response.observed_on,
            kind="response",
            recorded_at=response.recorded_at,
            by=by or "",
            row=response,
            part=of[response.household_id],
            device_of=students.get(response.student_id or 0, ""),
        )


def _first_names(session: Session, of: Collection[int]) -> dict[int, str]:
    rows = session.execute(select(Student.id, Student.first_name).where(Student.household_id.in_(of)))
    return {one.id: one.first_name for one in rows}


def _steps(session: Session, of: Mapping[int, str]) -> Iterator[Entry]:
    codes = _Codes(session, of)
    steps = (
        select(EnrollmentEvent, Enrollment, Account.name)
        .join(Enrollment, Enrollment.id == EnrollmentEvent.enrollment_id)
        .outerjoin(Account, Account.id == EnrollmentEvent.recorded_by)
        .where(Enrollment.household_id.in_(of))
    )
    for step, enrollment, by in session.execute(steps):
        yield Entry(
            on=step.happened_on,
            kind="step",
            recorded_at=step.recorded_at,
            by=by or "",
            row=step,
            part=of[enrollment.household_id],
            program_year=enrollment.program_year.label,
            issued=codes.given_at(step, enrollment) if step.status == Status.CODE_ISSUED else None,
        )


def _extensions(session: Session, of: Mapping[int, str]) -> Iterator[Entry]:
    """The program years that were extended while the household was in them and had not ended."""
    rows = session.execute(
        select(YearExtension, Enrollment, Account.name)
        .join(Enrollment, Enrollment.program_year_id == YearExtension.program_year_id)
        .outerjoin(Account, Account.id == YearExtension.account_id)
        .where(Enrollment.household_id.in_(of), Enrollment.created_at <= YearExtension.recorded_at)
    )
    for extension, enrollment, by in rows:
        on = city_day(extension.recorded_at)
        if enrollment.status == Status.ENDED and enrollment.status_on < on:
            continue
        yield Entry(
            on=on,
            kind="year_extended",
            recorded_at=extension.recorded_at,
            by=by or "",
            row=extension,
            part=of[enrollment.household_id],
            program_year=enrollment.program_year.label,
        )


def _sentence(changes: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Field -> what it is since; the days as days. What was taken away is told as it was."""
    told = {field: after if after is not None else before for field, (before, after) in changes.items()}
    return {field: dt.date.fromisoformat(value) if field in DAYS and value else value for field, value in told.items()}


def _audited(session: Session, of: Mapping[int, str]) -> Iterator[Entry]:
    events = session.execute(
        select(AuditEvent, Account.name)
        .outerjoin(Account, Account.id == AuditEvent.account_id)
        .where(
            AuditEvent.subject == "household",
            AuditEvent.subject_id.in_(of),
            AuditEvent.action.not_in(SHOWN_BY_THEIR_ROW),
        )
    ).all()
    words = _Words(session, of)
    for event, by in events:
        part = of[event.subject_id or 0]
        if event.action == SAID_BY_THE_OTHER and part:
            continue
        yield Entry(
            on=city_day(event.at),
            kind=event.action,
            recorded_at=event.at,
            by=by or "",
            part=part,
            row=_sentence(event.changes) if event.action in IN_A_SENTENCE else None,
            changes=tuple(words.spoken(event.changes)),
        )


class _Codes:
    """Which code each step gave out: by the audit trail, else by the code's own day of issue."""

    def __init__(self, session: Session, of: Collection[int]) -> None:
        codes = session.scalars(
            select(MembershipCode)
            .options(joinedload(MembershipCode.provider))
            .where(MembershipCode.household_id.in_(of))
            .order_by(MembershipCode.id)
        ).all()
        self.by_code = {code.code: code for code in codes}
        self.events = session.scalars(
            select(AuditEvent).where(
                AuditEvent.subject == "household",
                AuditEvent.subject_id.in_(of),
                AuditEvent.action == "enrollment.stepped",
            )
        ).all()

    def given_at(self, step: EnrollmentEvent, enrollment: Enrollment) -> Issued | None:
        """None: nothing tells."""
        told = self._told(step)
        name = str(told["membership_code"][1]) if told else ""
        code = self.by_code.get(name) or self._of_that_day(step, enrollment)
        if not name and code is None:
            return None
        current = enrollment.membership_code is not None and enrollment.membership_code is code
        plan = enrollment.plan.name if current and enrollment.plan else ""
        return Issued(code=name or (code.code if code else ""), provider=code.provider.name if code else "", plan=plan)

    def _told(self, step: EnrollmentEvent) -> Mapping[str, Any] | None:
        fitting = [
            event
            for event in self.events
            if event.changes.get("membership_code") and abs(event.at - step.recorded_at) < SAME_WRITE
        ]
        nearest = min(fitting, key=lambda event: abs(event.at - step.recorded_at), default=None)
        return nearest.changes if nearest else None

    def _of_that_day(self, step: EnrollmentEvent, enrollment: Enrollment) -> MembershipCode | None:
        return next(
            (
                code
                for code in self.by_code.values()
                if code.program_year_id == enrollment.program_year_id and code.issued_on == step.happened_on
            ),
            None,
        )


class _Words:
    """Puts names to the ids that the trail holds."""

    def __init__(self, session: Session, of: Collection[int]) -> None:
        self.students = _first_names(session, of)
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
