"""Households that wait for a code: eligible or contacted in a program year, without a live code; narrowed by where, which school, which language."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from connectivity.access.scope import in_scope
from connectivity.casework.determinations import found_not_eligible
from connectivity.register import Account, Enrollment, Household, MembershipCode, Plan, Residence, Student
from connectivity.rules.service_states import LIVE_CODE, CodeState, Status
from connectivity.service.codes import ledger
from connectivity.service.codes.release import in_a_letter, part_of

BEFORE_A_CODE = (Status.ELIGIBLE, Status.CONTACTED)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which households. None or "" narrows nothing. `path_known`: only those whose way of connecting is known to be the plan's."""

    year_id: int
    status: Status | None = None
    area: int | None = None
    school_id: str | None = None
    language: str = ""
    path_known: bool = False


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What giving out codes would find. `held`, `other_path`, `not_eligible`: households that fit but are left out, and why.

    `held_not_eligible`: of those held, how many were found not eligible since; their codes are not issued.
    `releasable`: held codes of the plan's provider, all that a release would let go of; of these `in_letters` would die, and those of
    `merged` are held for a household that was merged into another since.
    """

    households: int
    held: int
    other_path: int
    free: int
    not_eligible: int = 0
    held_not_eligible: int = 0
    releasable: int = 0
    in_letters: int = 0
    merged: int = 0

    @property
    def missing(self) -> int:
        """Codes that the pool lacks."""
        return max(0, self.households - self.free)


def preview(session: Session, *, account: Account, wanted: Wanted, plan: Plan, on: dt.date) -> Preview:
    """Counts; writes nothing."""
    narrowed, path = _narrowed(account, wanted), _on_path(plan, wanted)
    held, out = has_code(CodeState.HELD), _found_not_eligible(on)
    without = (*narrowed, ~has_code(*LIVE_CODE))
    releasable, in_letters, merged = _releasable(session, account, wanted, plan)
    return Preview(
        households=_count(session, *without, path, ~out),
        held=_count(session, *narrowed, held),
        other_path=_count(session, *without, ~path, ~out),
        not_eligible=_count(session, *without, out),
        held_not_eligible=_count(session, *narrowed, held, out),
        releasable=releasable,
        in_letters=in_letters,
        merged=merged,
        free=session.scalar(select(func.count()).select_from(MembershipCode).where(*free_codes(plan, wanted, on))) or 0,
    )


def waiting(account: Account, wanted: Wanted, plan: Plan, on: dt.date) -> tuple[ColumnElement[bool], ...]:
    """WHERE conditions over Enrollment joined with Household. Whoever was found not eligible does not wait."""
    return *_narrowed(account, wanted), _on_path(plan, wanted), ~has_code(*LIVE_CODE), ~_found_not_eligible(on)


def holding(account: Account, wanted: Wanted, plan: Plan, on: dt.date) -> tuple[ColumnElement[bool], ...]:
    """WHERE conditions over Enrollment joined with Household: as `waiting`, but a code of the plan's provider is held for it."""
    held = exists().where(
        MembershipCode.household_id == Enrollment.household_id,
        MembershipCode.program_year_id == Enrollment.program_year_id,
        MembershipCode.state == CodeState.HELD,
        MembershipCode.provider_id == plan.provider_id,
    )
    return *_narrowed(account, wanted), _on_path(plan, wanted), held, ~_found_not_eligible(on)


def held_codes(account: Account, wanted: Wanted, plan: Plan) -> ColumnElement[bool]:
    """A WHERE condition over MembershipCode: held codes of the plan's provider, of households that fit or are part of one that does."""
    fits = select(Household.id).where(
        in_scope(Household, account),
        *narrowed_by(area=wanted.area, school_id=wanted.school_id, language=wanted.language),
    )
    parts = part_of()
    merged = select(parts.c.part).where(parts.c.whole.in_(fits))
    return and_(
        MembershipCode.provider_id == plan.provider_id,
        MembershipCode.program_year_id == wanted.year_id,
        MembershipCode.state == CodeState.HELD,
        or_(MembershipCode.household_id.in_(fits), MembershipCode.household_id.in_(merged)),
    )


def free_codes(plan: Plan, wanted: Wanted, on: dt.date) -> tuple[ColumnElement[bool], ...]:
    """WHERE conditions over MembershipCode: what the plan's provider has left for the year."""
    return (
        MembershipCode.provider_id == plan.provider_id,
        MembershipCode.program_year_id == wanted.year_id,
        MembershipCode.state == CodeState.FREE,
        ledger.usable_on(on),
    )


def has_code(*states: CodeState) -> ColumnElement[bool]:
    """A WHERE condition over Enrollment: its household has a code of its year in one of these states."""
    return exists().where(
        MembershipCode.household_id == Enrollment.household_id,
        MembershipCode.program_year_id == Enrollment.program_year_id,
        MembershipCode.state.in_(states),
    )


def narrowed_by(*, area: int | None, school_id: str | None, language: str) -> list[ColumnElement[bool]]:
    """WHERE conditions over Household: where it lives, the school of one of its students, its language."""
    found: list[ColumnElement[bool]] = []
    if area is not None:
        found.append(
            Household.id.in_(
                select(Residence.household_id).where(Residence.ends_on.is_(None), Residence.community_area == area)
            )
        )
    if school_id is not None:
        found.append(Household.id.in_(select(Student.household_id).where(Student.school_id == school_id)))
    if language:
        found.append(Household.language == language)
    return found


def _narrowed(account: Account, wanted: Wanted) -> list[ColumnElement[bool]]:
    statuses = [wanted.status] if wanted.status else list(BEFORE_A_CODE)
    return [
        Enrollment.program_year_id == wanted.year_id,
        Enrollment.status.in_(statuses),
        in_scope(Household, account),
        *narrowed_by(area=wanted.area, school_id=wanted.school_id, language=wanted.language),
    ]


def _found_not_eligible(on: dt.date) -> ColumnElement[bool]:
    return found_not_eligible(Enrollment.household_id, Enrollment.program_year_id, on=on)


def _on_path(plan: Plan, wanted: Wanted) -> ColumnElement[bool]:
    """A household that is to be reached by hotspot gets no code for a wired plan, nor the other way round."""
    known = func.coalesce(Enrollment.service_type, "") == plan.service_type
    return known if wanted.path_known else or_(known, Enrollment.service_type.is_(None))


def _releasable(session: Session, account: Account, wanted: Wanted, plan: Plan) -> tuple[int, int, int]:
    """Held codes; those of them in letters; those of them whose household was merged since."""
    was_merged = exists().where(Household.id == MembershipCode.household_id, Household.merged_into_id.is_not(None))
    row = session.execute(
        select(
            func.count(),
            func.count(case((in_a_letter(), 1))),
            func.count(case((was_merged, 1))),
        )
        .select_from(MembershipCode)
        .where(held_codes(account, wanted, plan))
    ).one()
    return row[0], row[1], row[2]


def _count(session: Session, *where: ColumnElement[bool]) -> int:
    statement = select(func.count()).select_from(Enrollment).join(Household, Household.id == Enrollment.household_id)
    return session.scalar(statement.where(and_(*where))) or 0
