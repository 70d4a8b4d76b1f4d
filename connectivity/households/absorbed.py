"""Households that were merged into another one: which one stands for them now, and what of them still stands under their own reference."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from connectivity.casework.merged import absorbed_ids
from connectivity.register import Enrollment, Household, HouseholdMerge, Residence


@dataclass(frozen=True, kw_only=True)
class Absorbed:
    """A household that is part of another one now: its own contacts, last address, and the enrollments that stayed with it."""

    household: Household
    home: Residence | None
    enrollments: Sequence[Enrollment]


def absorbed(session: Session, household: Household) -> list[Absorbed]:
    """What the page of the kept household shows of each."""
    ids = absorbed_ids(session, household.id)
    rows = session.scalars(
        select(Household)
        .where(Household.id.in_(ids))
        .options(
            selectinload(Household.phones),
            selectinload(Household.residences),
            selectinload(Household.enrollments).options(
                joinedload(Enrollment.household),
                joinedload(Enrollment.program_year),
                joinedload(Enrollment.provider),
                joinedload(Enrollment.plan),
                joinedload(Enrollment.membership_code),
            ),
        )
    )
    by_id = {one.id: one for one in rows} if ids else {}
    return [
        Absorbed(
            household=by_id[one],
            home=next((home for home in by_id[one].residences if home.ends_on is None), None),
            enrollments=by_id[one].enrollments,
        )
        for one in ids
    ]


def merges_of(session: Session, household: Household, parts: Sequence[Absorbed]) -> list[HouseholdMerge]:
    """Every merge into this household or into a part of it, undone ones too, newest first."""
    ids = [household.id, *(one.household.id for one in parts)]
    return list(
        session.scalars(
            select(HouseholdMerge)
            .where(HouseholdMerge.kept_id.in_(ids))
            .options(
                joinedload(HouseholdMerge.kept),
                joinedload(HouseholdMerge.folded),
                joinedload(HouseholdMerge.merger),
                joinedload(HouseholdMerge.undoer),
            )
            .order_by(HouseholdMerge.id.desc())
        )
    )
