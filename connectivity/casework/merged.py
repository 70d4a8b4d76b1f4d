"""Households that were merged into another one: which one stands for them now."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import Household, HouseholdMerge


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
