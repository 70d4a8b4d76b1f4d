"""What two registered households have in common, word for word: the evidence of a question that a person raises by deciding it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import Household, HouseholdPhone, Residence, Student
from connectivity.rules.household_evidence import Evidence
from connectivity.rules.names import fold


def in_common(session: Session, one: Household, other: Household) -> Evidence:
    """Exact matches only; what is nearly the same is for the matching of a whole roster."""
    return _home(session, one, other) | _people(session, one, other)


def _home(session: Session, one: Household, other: Household) -> Evidence:
    here, there = (_residence(session, household) for household in (one, other))
    if here is None or there is None:
        return Evidence(0)
    if here.line != there.line:
        return Evidence.OTHER_ADDRESS
    if here.unit != there.unit:
        return Evidence.ADDRESS | (Evidence.OTHER_UNIT if here.unit and there.unit else Evidence.ONE_UNIT)
    return Evidence.ADDRESS | (Evidence.UNIT if here.unit else Evidence(0))


def _residence(session: Session, household: Household) -> Residence | None:
    return session.scalar(select(Residence).where(Residence.household_id == household.id, Residence.ends_on.is_(None)))


def _people(session: Session, one: Household, other: Household) -> Evidence:
    found = Evidence.GUARDIAN if _guardian(one) == _guardian(other) else Evidence.OTHER_GUARDIAN
    phones, students = _phones(session, one, other), _students(session, one, other)
    if phones[0] & phones[1]:
        found |= Evidence.PHONE
    if one.email and other.email and fold(one.email) == fold(other.email):
        found |= Evidence.EMAIL
    for at, kind in enumerate((Evidence.SURNAME, Evidence.BIRTH_DATE)):
        if {each[at] for each in students[0]} & {each[at] for each in students[1]}:
            found |= kind
    return found


def _guardian(household: Household) -> list[str]:
    return fold(f"{household.guardian_first_name} {household.guardian_last_name}").split()


def _phones(session: Session, *households: Household) -> list[set[str]]:
    of = HouseholdPhone.household_id
    return [set(session.scalars(select(HouseholdPhone.number).where(of == one.id))) for one in households]


def _students(session: Session, *households: Household) -> list[list[tuple[str, str]]]:
    """Last name and birth date of each."""
    people = select(Student.last_name, Student.birth_date)
    rows = [session.execute(people.where(Student.household_id == one.id)).all() for one in households]
    return [[(fold(name), born.isoformat()) for name, born in students] for students in rows]
