"""Registers a household: guardian, contacts, home and students, in one transaction with its audit event."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access import audit
from connectivity.access.scope import in_scope
from connectivity.casework.terms import refresh
from connectivity.households.homes import Home
from connectivity.households.question_pairs import settle
from connectivity.register import Account, Household, HouseholdPhone, QuestionState, Residence, Student
from connectivity.rules.membership_codes import ALPHABET

MOST_PHONES = 3


@dataclass(frozen=True, kw_only=True)
class Contact:
    """The adult who answers for the household. Phones in E.164, the one to call first."""

    guardian_first_name: str
    guardian_last_name: str
    language: str
    email: str | None
    phones: tuple[str, ...]

    def values(self) -> dict[str, str | None]:
        """Field -> value, one field for each phone, as the form and the audit trail name them."""
        named = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "phones"}
        padded = [*self.phones, *[None] * MOST_PHONES][:MOST_PHONES]
        return named | {f"phone_{at}": phone for at, phone in enumerate(padded, start=1)}


@dataclass(frozen=True, kw_only=True)
class StudentFacts:
    """What is known of a student. The district ID is text: leading zeros count."""

    district_id: str
    first_name: str
    last_name: str
    birth_date: dt.date
    grade: str
    school_id: str

    def values(self) -> dict[str, str]:
        """Field -> value as the audit trail holds it."""
        return {field.name: str(getattr(self, field.name)) for field in fields(self)}


class StudentIdTaken(ValueError):
    """A student of this ID is registered. `holder` is the household's reference if the account may know it."""

    def __init__(self, district_id: str, holder: str | None) -> None:
        self.district_id, self.holder = district_id, holder
        super().__init__(district_id)


def register(
    session: Session,
    *,
    account: Account,
    contact: Contact,
    home: Home,
    students: Sequence[StudentFacts],
    starts_on: dt.date,
    separate_from: Sequence[str] = (),
) -> Household:
    """Adds the household and returns it. `separate_from`: references of look-alikes a person decided are not the same.

    Raises StudentIdTaken.
    """
    for student in students:
        refuse_taken(session, account, student.district_id)
    household = Household(
        reference=new_reference(session),
        guardian_first_name=contact.guardian_first_name,
        guardian_last_name=contact.guardian_last_name,
        language=contact.language,
        email=contact.email,
    )
    household.phones = [HouseholdPhone(position=at, number=phone) for at, phone in enumerate(contact.phones, start=1)]
    session.add(household)
    session.flush()
    session.add(residence_of(household.id, home, account=account, starts_on=starts_on))
    session.add_all(Student(household_id=household.id, **vars(student)) for student in students)
    refresh(session, household)
    changes: dict[str, list[object]] = {"version": [None, household.version]}
    if separate_from:
        changes["kept_separate"] = [None, ", ".join(separate_from)]
        _remember_separate(session, account, household, separate_from)
    audit.record(
        session,
        account=account,
        action="household.registered",
        subject="household",
        subject_id=household.id,
        changes=changes,
    )
    return household


def _remember_separate(session: Session, account: Account, household: Household, references: Sequence[str]) -> None:
    """No later roster asks about these pairs again."""
    for other in session.scalars(select(Household).where(Household.reference.in_(references)).order_by(Household.id)):
        settle(
            session,
            account=account,
            pair=(household, other),
            state=QuestionState.SEPARATE,
            reason="Checked when it was registered: a separate household.",
        )


def refuse_taken(session: Session, account: Account, district_id: str, *, but: int | None = None) -> None:
    """Raises StudentIdTaken unless the ID is free, or belongs to the student `but`."""
    holder = session.execute(
        select(Student.id, Household.id, Household.reference)
        .join(Household, Household.id == Student.household_id)
        .where(Student.district_id == district_id)
    ).one_or_none()
    if holder is None or holder[0] == but:
        return
    known = session.scalar(select(Household.reference).where(Household.id == holder[1], in_scope(Household, account)))
    raise StudentIdTaken(district_id, known)


def residence_of(household_id: int, home: Home, *, account: Account, starts_on: dt.date) -> Residence:
    """A new residence, lived in from `starts_on`."""
    return Residence(
        household_id=household_id,
        original=home.original,
        starts_on=starts_on,
        ends_on=None,
        recorded_by=account.id,
        **place_columns(home),
    )


def place_columns(home: Home) -> dict[str, object]:
    """The columns of a residence that follow from a home: the normalized address and where it lies."""
    address, placement = home.address, home.placement
    return {
        "line": address.line,
        "unit": address.unit,
        "city": address.city,
        "state": address.state,
        "zip": address.zip,
        "community_area": placement.area,
        "method": str(placement.method),
        "certainty": str(placement.certainty),
        "edge_feet": placement.edge_feet,
        "lon": placement.lon,
        "lat": placement.lat,
        "reason": placement.reason,
    }


def new_reference(session: Session) -> str:
    """A free reference: H and seven letters and digits that say nothing about the household."""
    while True:
        reference = "H" + "".join(secrets.choice(ALPHABET) for _ in range(7))
        if session.scalar(select(Household.id).where(Household.reference == reference)) is None:
            return reference
