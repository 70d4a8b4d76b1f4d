"""Takes some students out of a household: they are a household of their own, at another address or at the same one."""

from collections.abc import Collection

from sqlalchemy import inspect, select, update
from sqlalchemy.orm import Session

from connectivity.access import audit
from connectivity.casework.terms import refresh
from connectivity.casework.trail import hold, record_change
from connectivity.households.edit import current_residence, student_field
from connectivity.households.homes import Home
from connectivity.households.merge import forget_parts
from connectivity.households.question_pairs import decide, settle
from connectivity.households.register import Contact, new_reference, residence_of
from connectivity.register import (
    Account,
    Household,
    HouseholdPhone,
    HouseholdQuestion,
    QuestionKind,
    QuestionState,
    Residence,
    Student,
)
from connectivity.rules.calendar import city_today


class SplitRefused(ValueError):
    """The household cannot be split so. `field` is the form's field at fault; the message is for the person."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


def split(
    session: Session,
    *,
    account: Account,
    household: Household,
    student_ids: Collection[int],
    home: Home | None,
    contact: Contact,
    reason: str,
) -> Household:
    """Registers a household for these students and remembers that the two are separate. Enrollments and codes stay where they are.

    `home` None: it lives where the household lives. Raises SplitRefused.
    """
    hold(session, household.id)
    leaving = _leaving(session, household, set(student_ids))
    if not reason:
        raise SplitRefused("reason", "Say how you know that these are two households.")
    made = _registered(session, contact)
    _settle_in(session, household, made, home, account)
    session.execute(
        update(Student)
        .where(Student.id.in_([one.id for one in leaving]))
        .values(household_id=made.id)
        .execution_options(synchronize_session="fetch")
    )
    settle(session, account=account, pair=(household, made), state=QuestionState.SEPARATE, reason=reason)
    _answer_left_home(session, account, leaving, reason)
    forget_parts(session, household, made)
    _recorded(session, account, household, made, leaving, reason)
    return made


def _leaving(session: Session, household: Household, ids: set[int]) -> list[Student]:
    students = session.scalars(select(Student).where(Student.household_id == household.id).order_by(Student.id)).all()
    leaving = [one for one in students if one.id in ids]
    if not leaving:
        raise SplitRefused("students", "Choose at least one student who leaves for the new household.")
    if len(leaving) < len(ids):
        raise SplitRefused("students", "A chosen student is not in this household any more. Look again and choose.")
    if len(leaving) == len(students):
        raise SplitRefused(
            "students", "One student at least stays here. If the whole family has moved, record the move instead."
        )
    return leaving


def _registered(session: Session, contact: Contact) -> Household:
    made = Household(
        reference=new_reference(session),
        guardian_first_name=contact.guardian_first_name,
        guardian_last_name=contact.guardian_last_name,
        language=contact.language,
        email=contact.email,
    )
    made.phones = [HouseholdPhone(position=at, number=phone) for at, phone in enumerate(contact.phones, start=1)]
    session.add(made)
    session.flush()
    return made


def _settle_in(session: Session, household: Household, made: Household, home: Home | None, account: Account) -> None:
    """The typed home, from today; or the household's own, since when it lives there."""
    stands = current_residence(session, household)
    if home is not None:
        session.add(residence_of(made.id, home, account=account, starts_on=city_today()))
    elif stands is not None:
        own = {"id", "household_id", "recorded_by", "recorded_at"}
        columns = [column.key for column in inspect(Residence).column_attrs if column.key not in own]
        same = {column: getattr(stands, column) for column in columns}
        session.add(Residence(household_id=made.id, recorded_by=account.id, **same))
    session.flush()


def _answer_left_home(session: Session, account: Account, leaving: list[Student], reason: str) -> None:
    """“Has this student left?” is answered by the split."""
    for question in session.scalars(
        select(HouseholdQuestion).where(
            HouseholdQuestion.kind == QuestionKind.LEFT_HOME,
            HouseholdQuestion.state == QuestionState.OPEN,
            HouseholdQuestion.student_id.in_([one.id for one in leaving]),
        )
    ):
        decide(question, account=account, state=QuestionState.SEPARATE, reason=reason)


def _recorded(
    session: Session, account: Account, household: Household, made: Household, leaving: list[Student], reason: str
) -> None:
    refresh(session, household)
    refresh(session, made)
    changes: dict[str, list[object]] = {
        student_field(one.id, "household"): [household.reference, made.reference] for one in leaving
    }
    record_change(
        session,
        account=account,
        action="household.split",
        household=household,
        changes=changes | {"note": [None, reason]},
    )
    audit.record(
        session,
        account=account,
        action="household.split_off",
        subject="household",
        subject_id=made.id,
        changes={**changes, "note": [None, reason], "version": [None, made.version]},
    )
