"""A family's own look-up: a student ID and a birth date, and the answer whether the home is eligible and what became of its code.

Decided here, with the reasons:
- Student ID and birth date are a weak proof: a relative or a classmate may know both. So no name, address, phone, school, household
  reference or partner is ever shown, whoever asks.
- The code itself is shown when both match and the code still waits to be used, as the program's public look-up has always done. It is of no
  use to another home: the provider holds the list of households and checks the caller against it. A code that was used, ended or is
  only held is not shown: nobody needs it any more, or not yet.
- Everything else gets one answer, letter for letter: an ID that nobody has, an ID with another birth date, a student whose home was
  merged away. The same two statements run each time, whether or not the first one found anything, and an answer's status is 200.
  Only a form that cannot be an ID and a date at all is answered otherwise, before anybody is looked for.
- A home that was found not eligible is answered as one that is not on the list, until its service is on its way: nobody reads here what
  an office decided, and nobody is told of a code that would not be given.
- Tries are limited by address and by student ID, right or wrong, known or not, and each wrong one makes the next one for that ID wait
  longer, from wherever (routes_family). A few thousand birth dates are possible for one ID; at the limits below, trying them takes
  years. The wait is not by address: many families share that of a library, and one family's slips must not stop the next.
"""

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access.audit import record
from connectivity.casework.determinations import found_not_eligible
from connectivity.register import CodeBatch, Enrollment, Household, MembershipCode, ProgramYear, Provider, Student
from connectivity.rules.membership_codes import shown
from connectivity.rules.service_states import CodeState, Status

NOBODY = 0  # no household has this id
BEFORE_SERVICE = (Status.ELIGIBLE, Status.CONTACTED, Status.CODE_ISSUED)


class Standing(StrEnum):
    """What a family needs to know of where its home stands."""

    NOT_LISTED = "not_listed"
    CODE_TO_COME = "code_to_come"
    CODE_READY = "code_ready"
    CODE_DEAD = "code_dead"
    ON_ITS_WAY = "on_its_way"
    CONNECTED = "connected"
    SUSPENDED = "suspended"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is told when ID and birth date belong together."""

    standing: Standing
    year: str
    provider: str = ""
    code: str = ""  # as printed; only with CODE_READY
    use_by: dt.date | None = None


def ask(session: Session, *, student_id: str, born: dt.date, today: dt.date) -> Answer | None:
    """None unless both belong to one student. Where they do, that somebody asked is written to the audit trail."""
    year = _this_year(session, today)
    household_id = session.scalar(
        select(Household.id)
        .join(Student, Student.household_id == Household.id)
        .where(Student.district_id == student_id, Student.birth_date == born, Household.merged_into_id.is_(None))
    )
    row = session.execute(
        select(
            Enrollment.status,
            MembershipCode,
            CodeBatch.expires_on,
            Provider.name,
            found_not_eligible(Enrollment.household_id, Enrollment.program_year_id, on=today),
        )
        .outerjoin(MembershipCode, MembershipCode.id == Enrollment.membership_code_id)
        .outerjoin(CodeBatch, CodeBatch.id == MembershipCode.batch_id)
        .outerjoin(Provider, Provider.id == Enrollment.provider_id)
        .where(
            Enrollment.household_id == (household_id or NOBODY),
            Enrollment.program_year_id == (year.id if year else NOBODY),
        )
    ).one_or_none()
    if household_id is None:
        return None
    record(session, account=None, action="code.family_asked", subject="household", subject_id=household_id)
    label = year.label if year else ""
    if row is None or (row[4] and row[0] in BEFORE_SERVICE):
        return Answer(standing=Standing.NOT_LISTED, year=label)
    status, batch_day, provider = row[0], row[2], row[3]
    code: MembershipCode | None = row[1]
    use_by = (code.expires_on or batch_day) if code is not None else None
    standing = _standing(Status(status), code, use_by, today)
    known = Answer(standing=standing, year=label, provider=provider or "")
    if code is None or standing is not Standing.CODE_READY:
        return known
    return replace(known, code=shown(code.code), use_by=use_by)


def _this_year(session: Session, today: dt.date) -> ProgramYear | None:
    """The one that contains today, else the latest that has started."""
    return session.scalar(
        select(ProgramYear)
        .where(ProgramYear.starts_on <= today)
        .order_by((ProgramYear.ends_on >= today).desc(), ProgramYear.starts_on.desc())
        .limit(1)
    )


def _standing(status: Status, code: MembershipCode | None, use_by: dt.date | None, today: dt.date) -> Standing:
    match status:
        case Status.ELIGIBLE | Status.CONTACTED:
            return Standing.CODE_TO_COME
        case Status.ACTIVE:
            return Standing.CONNECTED
        case Status.SUSPENDED:
            return Standing.SUSPENDED
        case Status.ENDED:
            return Standing.ENDED
        case Status.CODE_ISSUED:
            usable = code is not None and code.state == CodeState.ISSUED and (use_by is None or use_by >= today)
            return Standing.CODE_READY if usable else Standing.CODE_DEAD
    return Standing.ON_ITS_WAY
