"""What evidence could not settle becomes a question to people. What people decided is not asked again."""

import datetime as dt

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session, aliased

from connectivity.bulk import fetch, slices
from connectivity.register import (
    Household,
    HouseholdQuestion,
    QuestionKind,
    QuestionState,
    Residence,
    RosterDoubt,
    RosterHome,
    RosterImport,
    RosterRow,
    Student,
)
from connectivity.rules.same_home import same_home


def raise_them(session: Session, roster: RosterImport, *, moment: dt.datetime) -> None:
    """One question for each doubt of the plan: of two households, or of one student who may have left. Counts what was asked."""
    _raise_pairs(session, roster, moment)
    _raise_left(session, roster, moment)
    session.flush()
    _close_settled(session)
    roster.counts = roster.counts | {"questions": still_open(session, roster)}


def drop_asked(session: Session, roster: RosterImport) -> None:
    """Takes doubts out of a plan about which people are asked already or have decided: applying it would ask nothing."""
    one, other = aliased(RosterHome), aliased(RosterHome)
    first, second = one.household_id, other.household_id
    pair = and_(
        HouseholdQuestion.kind == QuestionKind.SAME_HOUSEHOLD,
        # The lower id comes first in a question.
        or_(
            and_(HouseholdQuestion.household_id == first, HouseholdQuestion.other_id == second),
            and_(HouseholdQuestion.household_id == second, HouseholdQuestion.other_id == first),
        ),
    )
    pairs = (
        select(RosterDoubt.id)
        .join(one, (one.import_id == RosterDoubt.import_id) & (one.number == RosterDoubt.home))
        .join(other, (other.import_id == RosterDoubt.import_id) & (other.number == RosterDoubt.other_home))
        .join(HouseholdQuestion, pair)
        .where(RosterDoubt.import_id == roster.id, HouseholdQuestion.state != QuestionState.WITHDRAWN)
    )
    same_address = HouseholdQuestion.address == RosterDoubt.address
    left = (
        select(RosterDoubt.id)
        .join(RosterRow, (RosterRow.import_id == RosterDoubt.import_id) & (RosterRow.number == RosterDoubt.number))
        .join(HouseholdQuestion, HouseholdQuestion.student_id == RosterRow.student_id)
        .where(
            RosterDoubt.import_id == roster.id,
            HouseholdQuestion.kind == QuestionKind.LEFT_HOME,
            or_(
                HouseholdQuestion.state == QuestionState.OPEN,
                and_(same_address, HouseholdQuestion.state != QuestionState.WITHDRAWN),
            ),
        )
    )
    asked = sorted({doubt for statement in (pairs, left) for (doubt,) in fetch(session, statement)})
    for some in slices(asked):
        session.execute(delete(RosterDoubt).where(RosterDoubt.id.in_(some)))


def still_open(session: Session, roster: RosterImport) -> int:
    """How many of the questions that the roster raised wait for people, as their queue counts them."""
    one, other = aliased(Household), aliased(Household)
    return (
        session.scalar(
            select(func.count(HouseholdQuestion.id))
            .join(one, one.id == HouseholdQuestion.household_id)
            .outerjoin(other, other.id == HouseholdQuestion.other_id)
            .where(
                HouseholdQuestion.import_id == roster.id,
                HouseholdQuestion.state == QuestionState.OPEN,
                one.merged_into_id.is_(None),
                other.merged_into_id.is_(None),
            )
        )
        or 0
    )


def _raise_pairs(session: Session, roster: RosterImport, moment: dt.datetime) -> None:
    one, other = aliased(RosterHome), aliased(RosterHome)
    doubts = fetch(
        session,
        select(one.household_id, other.household_id, RosterDoubt.evidence)
        .join(one, (one.import_id == RosterDoubt.import_id) & (one.number == RosterDoubt.home))
        .join(other, (other.import_id == RosterDoubt.import_id) & (other.number == RosterDoubt.other_home))
        .where(RosterDoubt.import_id == roster.id)
        .order_by(RosterDoubt.id),
    )
    asked = {
        (question.household_id, question.other_id): question
        for question in session.scalars(
            select(HouseholdQuestion).where(HouseholdQuestion.kind == QuestionKind.SAME_HOUSEHOLD)
        )
    }
    for first, second, evidence in doubts:
        pair = (min(first, second), max(first, second))
        standing = asked.get(pair)
        if standing is None:
            asked[pair] = HouseholdQuestion(
                kind=QuestionKind.SAME_HOUSEHOLD,
                household_id=pair[0],
                other_id=pair[1],
                evidence=evidence,
                import_id=roster.id,
                raised_at=moment,
                state=QuestionState.OPEN,
            )
            session.add(asked[pair])
        elif standing.state == QuestionState.WITHDRAWN:
            standing.state, standing.import_id, standing.evidence = QuestionState.OPEN, roster.id, evidence


def _close_settled(session: Session) -> None:
    """Nobody has left where the roster and the household's address agree by now: the family moved, or the roster came round."""
    asked = session.execute(
        select(HouseholdQuestion, RosterRow, Residence)
        .join(RosterRow, (RosterRow.student_id == HouseholdQuestion.student_id) & RosterRow.current)
        .join(Residence, (Residence.household_id == HouseholdQuestion.household_id) & Residence.ends_on.is_(None))
        .where(HouseholdQuestion.kind == QuestionKind.LEFT_HOME, HouseholdQuestion.state == QuestionState.OPEN)
    )
    for question, row, home in asked:
        if same_home((row.line or "", row.unit or ""), (home.line, home.unit)):
            question.state = QuestionState.WITHDRAWN
            question.reason = "The roster and the household's address agree now."
    session.flush()


def _raise_left(session: Session, roster: RosterImport, moment: dt.datetime) -> None:
    doubts = fetch(
        session,
        select(RosterHome.household_id, RosterRow.student_id, RosterDoubt.address)
        .join(RosterHome, (RosterHome.import_id == RosterDoubt.import_id) & (RosterHome.number == RosterDoubt.home))
        .join(RosterRow, (RosterRow.import_id == RosterDoubt.import_id) & (RosterRow.number == RosterDoubt.number))
        # Whom somebody split off since the plan was made has left already.
        .join(Student, (Student.id == RosterRow.student_id) & (Student.household_id == RosterHome.household_id))
        .where(RosterDoubt.import_id == roster.id, RosterDoubt.other_home.is_(None)),
    )
    asked = fetch(
        session,
        select(HouseholdQuestion.student_id, HouseholdQuestion.address, HouseholdQuestion.state).where(
            HouseholdQuestion.kind == QuestionKind.LEFT_HOME
        ),
    )
    open_of = {student for student, _, state in asked if state == QuestionState.OPEN}
    decided = {(student, address) for student, address, state in asked if state != QuestionState.WITHDRAWN}
    for household, student, address in doubts:
        if student not in open_of and (student, address) not in decided:
            open_of.add(student)
            session.add(
                HouseholdQuestion(
                    kind=QuestionKind.LEFT_HOME,
                    household_id=household,
                    student_id=student,
                    address=address,
                    evidence=0,
                    import_id=roster.id,
                    raised_at=moment,
                    state=QuestionState.OPEN,
                )
            )
