"""Households that were merged into another one: which one stands for them now, and whose enrollment of a year is the home's."""

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from connectivity.register import Enrollment, Household, HouseholdMerge, MembershipCode


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


def take_turns(session: Session) -> None:
    """Merges, their undos and exchanges follow one another. To be called before the first household is held.

    Each writes questions about third households, which another one may hold, or about which it may write the same question. SQLite has
    one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE household_merge IN SHARE ROW EXCLUSIVE MODE"))


def goes_on_here(session: Session, household: Household, enrollment: Enrollment) -> None:
    """An enrollment that stayed with a part of the household becomes the household's own of its year, which takes its place there.

    Each keeps its code and its history. The merge keeps where it came from, so that an undo puts both back.
    """
    merge = _brought(session, household, enrollment.household)
    came = [*merge.moved.get("changed_places", []), [enrollment.id, enrollment.household_id]]
    merge.moved = {**merge.moved, "changed_places": came}
    _change_places(session, household.id, enrollment.household_id, enrollment.program_year_id)


def put_back(session: Session, merge: HouseholdMerge) -> None:
    """Every enrollment that `goes_on_here` took from a part that this merge brought stands there again."""
    for enrollment_id, household_id in reversed(merge.moved.get("changed_places", [])):
        enrollment = session.get(Enrollment, enrollment_id)
        if enrollment is not None and enrollment.household_id != household_id:
            _change_places(session, enrollment.household_id, household_id, enrollment.program_year_id)


def _brought(session: Session, household: Household, part: Household) -> HouseholdMerge:
    """The merge into the household itself that made `part` one of its parts, directly or with another one."""
    while part.merged_into_id != household.id:
        part = session.get_one(Household, part.merged_into_id)
    return session.scalars(
        select(HouseholdMerge)
        .where(
            HouseholdMerge.folded_id == part.id,
            HouseholdMerge.kept_id == household.id,
            HouseholdMerge.undone_at.is_(None),
        )
        .execution_options(populate_existing=True)
    ).one()


def _change_places(session: Session, one_id: int, other_id: int, year_id: int) -> None:
    """Two households exchange their enrollments of a program year, with every code of it.

    The database holds one enrollment a household and year at every moment: the first waits with a household that is made for it and gone after.
    """
    session.flush()
    waiting = {"reference": f"waiting{one_id}", "guardian_first_name": "", "guardian_last_name": "", "language": "en"}
    between = session.scalars(insert(Household).values(waiting).returning(Household.id)).one()
    for noun in (Enrollment, MembershipCode):
        for before, after in ((one_id, between), (other_id, one_id), (between, other_id)):
            session.execute(
                update(noun)
                .where(noun.household_id == before, noun.program_year_id == year_id)
                .values(household_id=after)
                .execution_options(synchronize_session=False)
            )
    session.execute(delete(Household).where(Household.id == between).execution_options(synchronize_session=False))
    session.expire_all()
