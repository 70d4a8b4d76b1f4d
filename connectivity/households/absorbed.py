"""Households that were merged into another one: which one stands for them now, and what of them still stands under their own reference."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from connectivity.register import Enrollment, Household, HouseholdMerge, Residence


@dataclass(frozen=True, kw_only=True)
class Absorbed:
    """A household that is part of another one now: its own contacts, last address, and the enrollments that stayed with it."""

    household: Household
    home: Residence | None
    enrollments: Sequence[Enrollment]


def absorbed_ids(session: Session, household_id: int) -> list[int]:
    """Ids of the households merged into this one, directly or one through another."""
    found: list[int] = []
    last = [household_id]
    while last:
        last = list(
            session.scalars(select(Household.id).where(Household.merged_into_id.in_(last)).order_by(Household.id))
        )
        found += last
    return found


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
                joinedload(Enrollment.program_year), joinedload(Enrollment.plan), joinedload(Enrollment.membership_code)
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


def stands_for(session: Session, household: Household) -> Household:
    """The household that this one is part of now; itself if it was not merged."""
    while household.merged_into_id is not None:
        household = session.get_one(Household, household.merged_into_id)
    return household


def retired(session: Session, reference: str) -> HouseholdMerge | None:
    """The merge that retired the household of this reference; None if it stands, or if there is none."""
    if not reference.isalnum():  # as in trail.sought
        return None
    return session.scalar(
        select(HouseholdMerge)
        .join(Household, Household.id == HouseholdMerge.folded_id)
        .where(
            Household.reference == reference, Household.merged_into_id.is_not(None), HouseholdMerge.undone_at.is_(None)
        )
    )


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
