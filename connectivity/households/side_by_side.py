"""Two households laid side by side: each field of both, and whether they agree."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from connectivity.casework.merged import absorbed_ids
from connectivity.register import (
    Account,
    AuditEvent,
    Enrollment,
    Household,
    MembershipCode,
    Residence,
    RosterHome,
    RosterImport,
    Student,
)
from connectivity.rules.calendar import city_day
from connectivity.rules.names import fold


class Mark(StrEnum):
    """How a field of the two compares."""

    SAME = "same"
    SHARED = "shared"  # some of it
    DIFFERENT = "different"
    UNKNOWN = "unknown"  # one of the two has none
    NONE = "none"  # neither has one


@dataclass(frozen=True, kw_only=True)
class Origin:
    """How a household came: by hand (`by`), or by a roster (`import_id`); on a day."""

    on: dt.date
    by: str
    import_id: int | None


@dataclass(frozen=True, kw_only=True)
class Side:
    """All that is known of one of the two."""

    household: Household
    home: Residence | None
    codes: tuple[str, ...]
    origin: Origin
    parts: tuple[str, ...]  # references of households merged into it earlier


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """`marks`: field -> how it compares."""

    one: Side
    other: Side
    marks: dict[str, Mark]


def side_by_side(session: Session, one: Household, other: Household) -> SideBySide:
    """Reads both in a handful of queries."""
    sides = [_side(session, household) for household in _loaded(session, one, other)]
    return SideBySide(one=sides[0], other=sides[1], marks=_marks(sides[0], sides[1]))


def one_side(session: Session, household: Household) -> Side:
    """One household, for a question about one of its students."""
    return _side(session, _loaded(session, household)[0])


def _loaded(session: Session, *households: Household) -> list[Household]:
    rows = session.scalars(
        select(Household)
        .where(Household.id.in_([one.id for one in households]))
        .options(
            selectinload(Household.phones),
            selectinload(Household.students).joinedload(Student.school),
            selectinload(Household.residences),
            selectinload(Household.enrollments).joinedload(Enrollment.program_year),
        )
    )
    by_id = {one.id: one for one in rows}
    return [by_id[one.id] for one in households]


def _side(session: Session, household: Household) -> Side:
    codes = session.scalars(
        select(MembershipCode.code).where(MembershipCode.household_id == household.id).order_by(MembershipCode.id)
    )
    parts = session.scalars(
        select(Household.reference).where(Household.id.in_(absorbed_ids(session, household.id))).order_by(Household.id)
    )
    return Side(
        household=household,
        home=next((home for home in household.residences if home.ends_on is None), None),
        codes=tuple(codes),
        origin=_origin(session, household),
        parts=tuple(parts),
    )


def _origin(session: Session, household: Household) -> Origin:
    roster = session.execute(
        select(RosterImport.id, RosterImport.applied_at)
        .join(RosterHome, RosterHome.import_id == RosterImport.id)
        .where(RosterHome.household_id == household.id, RosterHome.reference.is_not(None))
        .limit(1)
    ).one_or_none()
    if roster is not None:
        return Origin(on=city_day(roster[1] or household.created_at), by="", import_id=roster[0])
    by = session.scalar(
        select(Account.name)
        .join(AuditEvent, AuditEvent.account_id == Account.id)
        .where(
            AuditEvent.subject == "household",
            AuditEvent.subject_id == household.id,
            AuditEvent.action.in_(["household.registered", "household.split_off"]),
        )
        .limit(1)
    )
    return Origin(on=city_day(household.created_at), by=by or "", import_id=None)


def _marks(one: Side, other: Side) -> dict[str, Mark]:
    here, there = one.household, other.household
    return {
        "guardian": _compared(_name(here), _name(there)),
        "phones": _compared((phone.number for phone in here.phones), (phone.number for phone in there.phones)),
        "email": _compared([here.email or ""], [there.email or ""]),
        "address": _compared([one.home.line if one.home else ""], [other.home.line if other.home else ""]),
        "unit": _compared([one.home.unit if one.home else ""], [other.home.unit if other.home else ""]),
        "language": _compared([here.language], [there.language]),
        "last_names": _compared(_last_names(here.students), _last_names(there.students)),
        "schools": _compared(
            (pupil.school_id for pupil in here.students), (pupil.school_id for pupil in there.students)
        ),
    }


def _name(household: Household) -> list[str]:
    """Its words: of two last names one may be missing."""
    return f"{household.guardian_first_name} {household.guardian_last_name}".split()


def _last_names(students: Sequence[Student]) -> list[str]:
    return [word for student in students for word in student.last_name.split()]


def _compared(one: Iterable[str], other: Iterable[str]) -> Mark:
    here, there = ({fold(text) for text in texts if text} for texts in (one, other))
    if not here or not there:
        return Mark.UNKNOWN if here or there else Mark.NONE
    if here == there:
        return Mark.SAME
    return Mark.SHARED if here & there else Mark.DIFFERENT
