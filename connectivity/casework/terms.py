"""The words each household is found by, written anew whenever something they are made of changes."""

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from connectivity.casework.merged import absorbed_ids
from connectivity.register import Household, HouseholdPhone, MembershipCode, Residence, SearchTerm, Student
from connectivity.rules.names import household_terms


def search_terms_of(session: Session, household: Household) -> set[str]:
    """The folded terms of one household: its people, IDs, phones, current address and every code it ever had.

    A household that was merged into it is found as this one: by its reference, guardian, phones and codes.
    """
    of = household.id
    students = session.execute(
        select(Student.first_name, Student.last_name, Student.district_id).where(Student.household_id == of)
    ).all()
    homes = session.execute(
        select(Residence.line, Residence.unit, Residence.zip).where(
            Residence.household_id == of, Residence.ends_on.is_(None)
        )
    ).all()
    own = household_terms(
        reference=household.reference,
        guardian_names=[f"{household.guardian_first_name} {household.guardian_last_name}"],
        student_names=[f"{first} {last}" for first, last, _ in students],
        district_ids=[district_id for *_, district_id in students],
        phones=session.scalars(select(HouseholdPhone.number).where(HouseholdPhone.household_id == of)),
        addresses=[part for home in homes for part in home],
        codes=session.scalars(select(MembershipCode.code).where(MembershipCode.household_id == of)),
    )
    return own.union(*(_terms_of_part(session, part) for part in _parts(session, household)))


def _parts(session: Session, household: Household) -> list[Household]:
    ids = absorbed_ids(session, household.id)
    return list(session.scalars(select(Household).where(Household.id.in_(ids)))) if ids else []


def _terms_of_part(session: Session, part: Household) -> set[str]:
    return household_terms(
        reference=part.reference,
        guardian_names=[f"{part.guardian_first_name} {part.guardian_last_name}"],
        student_names=[],
        district_ids=[],
        phones=session.scalars(select(HouseholdPhone.number).where(HouseholdPhone.household_id == part.id)),
        addresses=[],
        codes=session.scalars(select(MembershipCode.code).where(MembershipCode.household_id == part.id)),
    )


def refresh(session: Session, household: Household) -> None:
    """Replaces the household's terms with those of its present state. Flushes first."""
    session.flush()
    wanted = search_terms_of(session, household)
    written = set(session.scalars(select(SearchTerm.term).where(SearchTerm.household_id == household.id)))
    gone, new = written - wanted, wanted - written
    if gone:
        session.execute(
            delete(SearchTerm).where(SearchTerm.household_id == household.id, SearchTerm.term.in_(sorted(gone)))
        )
    if new:
        session.execute(insert(SearchTerm), [{"term": term, "household_id": household.id} for term in sorted(new)])
