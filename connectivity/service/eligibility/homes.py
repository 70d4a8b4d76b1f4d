"""What a run starts from: every household with a student, where it lives, what the district says of it, and how it stands today."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import and_, case, exists, func, literal, select
from sqlalchemy.orm import Session, aliased

from connectivity.bulk import fetch
from connectivity.casework.determinations import counts
from connectivity.register import (
    CommunityArea,
    Determination,
    Enrollment,
    Household,
    Outcome,
    ProgramYear,
    Residence,
    RosterImport,
    RosterRow,
    Source,
    Student,
)
from connectivity.rules.service_states import Status

# Rows of a roster that were taken in. One without a word of its own is on the list of the eligible, as when a roster enrolls.
LISTED = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)


class Home(NamedTuple):
    """One household. `now`: eligible today; `held`: what an override or a granted appeal in force says."""

    household: int
    area: int  # 0: not placed
    district: bool | None
    now: bool
    active: bool
    held: bool | None
    determination: int | None  # the one in force for this year


@dataclass(frozen=True)
class _Stand:
    """How a household stands in one program year."""

    determination: int | None = None
    eligible: bool | None = None
    held: bool = False
    status: str | None = None


def homes(session: Session, year: ProgramYear, *, district_decides: bool, today: dt.date) -> list[Home]:
    """All of them, in the order of their ids. The district's word is looked up only where it decides: that takes a third of the time."""
    district = dict(_district(session, year)) if district_decides else {}
    this, before = (_stands(session, one, today=today) for one in (year, previous_year(session, year)))
    none = _Stand()
    found = []
    for household, area in fetch(session, _everybody()):
        stand, earlier = this.get(household, none), before.get(household, none)
        found.append(
            Home(
                household,
                area or 0,
                district.get(household),
                _eligible_now(stand, earlier),
                (stand.status or earlier.status) == Status.ACTIVE,
                stand.eligible if stand.held else None,
                stand.determination,
            )
        )
    return found


def previous_year(session: Session, year: ProgramYear) -> ProgramYear | None:
    """The program year before."""
    earlier = select(ProgramYear).where(ProgramYear.starts_on < year.starts_on)
    return session.scalar(earlier.order_by(ProgramYear.starts_on.desc()).limit(1))


def area_names(session: Session) -> dict[int, str]:
    """Number -> name of the 77 areas, and of no area."""
    return {0: "", **dict(_pairs(fetch(session, select(CommunityArea.number, CommunityArea.name))))}


def _eligible_now(stand: _Stand, earlier: _Stand) -> bool:
    """The determination of this year (an expired override says nothing), else an enrollment that goes on in it; before its first one, the same of the year before."""
    for one in (stand, earlier):
        if one.eligible is not None:
            return one.eligible
        if one.status is not None:
            return one.status != Status.ENDED
    return False


def _everybody() -> Any:
    return (
        select(Household.id, Residence.community_area)
        .outerjoin(Residence, and_(Residence.household_id == Household.id, Residence.ends_on.is_(None)))
        .where(Household.merged_into_id.is_(None), exists().where(Student.household_id == Household.id))
        .order_by(Household.id)
    )


def _district(session: Session, year: ProgramYear) -> Iterable[tuple[int, bool]]:
    """A household is eligible if any of its students is. Rosters of other years say nothing about this one."""
    word = func.max(case((RosterRow.eligible.is_(False), 0), else_=1))
    rows = (
        select(Student.household_id, word)
        .join(RosterRow, RosterRow.student_id == Student.id)
        .join(RosterImport, RosterImport.id == RosterRow.import_id)
        .where(RosterRow.current, RosterRow.outcome.in_(LISTED), RosterImport.program_year_id == year.id)
        .group_by(Student.household_id)
    )
    return ((household, bool(said)) for household, said in fetch(session, rows))


def _stands(session: Session, year: ProgramYear | None, *, today: dt.date) -> dict[int, _Stand]:
    if year is None:
        return {}
    enrolled = dict(
        _pairs(
            fetch(
                session, select(Enrollment.household_id, Enrollment.status).where(Enrollment.program_year_id == year.id)
            )
        )
    )
    held = case((in_force(today), literal(1)), else_=literal(0))
    current = select(Determination.household_id, Determination.id, Determination.eligible, held).where(
        Determination.program_year_id == year.id, Determination.ended_on.is_(None)
    )
    before = _before_expired(session, year, today=today)
    found = dict[int, _Stand]()
    for household, one, eligible, by_person in fetch(session, current):
        said: bool | None = bool(eligible)
        status = enrolled.pop(household, None)
        if household in before:
            said, began_with_it = before[household]
            status = None if began_with_it else status
        found[household] = _Stand(one, said, bool(by_person), status)
    return found | {household: _Stand(status=status) for household, status in enrolled.items()}


def _before_expired(session: Session, year: ProgramYear, *, today: dt.date) -> dict[int, tuple[bool | None, bool]]:
    """Household whose override has expired -> (what stood before: None if nothing, whether its enrollment began with the overrides or after)."""
    over, earlier, first = aliased(Determination), aliased(Determination), aliased(Determination)
    stood = (earlier.household_id == over.household_id, earlier.program_year_id == year.id, counts(earlier, on=today))
    said = select(earlier.eligible).where(*stood).order_by(earlier.id.desc()).limit(1)
    last = select(func.max(earlier.id)).where(*stood).correlate(over).scalar_subquery()
    overrides_began = select(func.min(first.recorded_at)).where(
        first.household_id == over.household_id, first.program_year_id == year.id, first.id > func.coalesce(last, 0)
    )
    began_with_them = exists().where(
        Enrollment.household_id == over.household_id,
        Enrollment.program_year_id == year.id,
        Enrollment.created_at >= overrides_began.correlate(over).scalar_subquery(),
    )
    rows = select(over.household_id, said.correlate(over).scalar_subquery(), began_with_them).where(
        over.program_year_id == year.id,
        over.ended_on.is_(None),
        over.source == Source.OVERRIDE,
        over.expires_on < today,
    )
    return {
        household: (None if eligible is None else bool(eligible), bool(began))
        for household, eligible, began in fetch(session, rows)
    }


def in_force(today: dt.date) -> Any:
    """A WHERE condition: determinations that people made and that no run touches: appeals for their year, overrides until they expire."""
    override = and_(Determination.source == Source.OVERRIDE, Determination.expires_on >= today)
    return (Determination.source == Source.APPEAL) | override


def _pairs(rows: list[tuple[Any, ...]]) -> Iterable[tuple[Any, Any]]:
    return ((one, other) for one, other in rows)
