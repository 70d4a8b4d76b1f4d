"""The queue of household questions: which are open, the strongest evidence first, and what a person decides about each."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select, true, tuple_
from sqlalchemy.orm import Session, aliased, joinedload

from connectivity.households.question_pairs import decide
from connectivity.register import (
    Account,
    Household,
    HouseholdMerge,
    HouseholdQuestion,
    QuestionKind,
    QuestionState,
)
from connectivity.rules.calendar import city_day
from connectivity.rules.household_evidence import WEIGHTS, words

PAGE = 50
DECIDED = (QuestionState.SAME, QuestionState.SEPARATE)
_AGAINST = sum(flag for flag, weight in WEIGHTS.items() if weight < 0)
_other = aliased(Household)


class QuestionRefused(ValueError):
    """The question cannot be decided so. The message is for the person."""


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One page of questions. `after`: id of the last one shown if more follow."""

    questions: Sequence[HouseholdQuestion]
    after: int | None
    open_pairs: int
    open_left: int
    decided: int


def strength() -> ColumnElement[Any]:
    """Points of the evidence, as the matching weighs them: what speaks for one household minus what speaks against."""
    points: ColumnElement[Any] = literal(0)
    for flag, weight in WEIGHTS.items():
        points = points + case((HouseholdQuestion.evidence.bitwise_and(int(flag)) != 0, weight), else_=0)
    return points


def for_and_against(evidence: int) -> tuple[list[str], list[str]]:
    """In words, what speaks for one household and what speaks for two."""
    return words(evidence & ~_AGAINST), words(evidence & _AGAINST)


def queue(session: Session, *, decided: bool = False, after: int | None = None) -> Queue:
    """Open questions, strongest evidence first and the newest of equals; or decided ones, newest first."""
    statement = _in_order(decided=decided).options(
        joinedload(HouseholdQuestion.household),
        joinedload(HouseholdQuestion.other),
        joinedload(HouseholdQuestion.student),
        joinedload(HouseholdQuestion.decider),
    )
    if after is not None:
        statement = statement.where(_follows(session, after, decided=decided))
    found = session.scalars(statement.limit(PAGE + 1)).all()
    counts = _counts(session)
    return Queue(
        questions=found[:PAGE],
        after=found[PAGE - 1].id if len(found) > PAGE else None,
        open_pairs=counts.get((QuestionKind.SAME_HOUSEHOLD, False), 0),
        open_left=counts.get((QuestionKind.LEFT_HOME, False), 0),
        decided=sum(count for (_, is_decided), count in counts.items() if is_decided),
    )


def _in_order(*, decided: bool) -> Any:
    statement = _listed(select(HouseholdQuestion), decided=decided)
    if decided:
        return statement.order_by(HouseholdQuestion.decided_at.desc(), HouseholdQuestion.id.desc())
    return statement.order_by(strength().desc(), HouseholdQuestion.id.desc())


def _listed(statement: Any, *, decided: bool) -> Any:
    """Nothing is asked about a household that was merged away; what was decided about it may still be looked up."""
    if decided:
        return statement.where(HouseholdQuestion.state.in_(DECIDED))
    return (
        statement.join(Household, Household.id == HouseholdQuestion.household_id)
        .outerjoin(_other, _other.id == HouseholdQuestion.other_id)
        .where(
            HouseholdQuestion.state == QuestionState.OPEN,
            Household.merged_into_id.is_(None),
            _other.merged_into_id.is_(None),
        )
    )


def _follows(session: Session, after: int, *, decided: bool) -> ColumnElement[bool]:
    key: list[Any] = [HouseholdQuestion.decided_at if decided else strength(), HouseholdQuestion.id]
    last = session.execute(select(*key).where(HouseholdQuestion.id == after)).one_or_none()
    return tuple_(*key) < tuple_(*last) if last is not None and None not in last else true()


def _counts(session: Session) -> dict[tuple[str, bool], int]:
    found = {}
    for decided in (False, True):
        statement = _listed(
            select(HouseholdQuestion.kind, func.count()).select_from(HouseholdQuestion), decided=decided
        )
        for kind, count in session.execute(statement.group_by(HouseholdQuestion.kind)):
            found[kind, decided] = count
    return found


def next_open(session: Session, after: int | None = None) -> int | None:
    """Id of the question to decide next; the one that follows `after` where somebody leaves that for later."""
    statement = _in_order(decided=False).with_only_columns(HouseholdQuestion.id)
    if after is not None:
        statement = statement.where(_follows(session, after, decided=False))
    found: int | None = session.scalar(statement.limit(1))
    return found


def open_about(session: Session, household: Household) -> Sequence[HouseholdQuestion]:
    """Open questions about one household, strongest first."""
    about = or_(HouseholdQuestion.household_id == household.id, HouseholdQuestion.other_id == household.id)
    return session.scalars(
        _in_order(decided=False)
        .where(about)
        .options(
            joinedload(HouseholdQuestion.household),
            joinedload(HouseholdQuestion.other),
            joinedload(HouseholdQuestion.student),
        )
    ).all()


def held(session: Session, question_id: int) -> HouseholdQuestion | None:
    """The question, held until the transaction ends, and before it the households it is about.

    Whoever merges them and whoever applies a roster takes them in this order too; in another one they would lock each other out.
    """
    about: list[int] = []
    while (found := _about(session, question_id)) != about:
        # No key changes, so that a merge may go on to write a question about them.
        session.scalars(
            select(Household)
            .where(Household.id.in_(found))
            .order_by(Household.id)
            .with_for_update(of=Household, key_share=True)
            .execution_options(populate_existing=True)
        ).all()
        about = found
    return session.get(
        HouseholdQuestion, question_id, with_for_update={"of": HouseholdQuestion}, populate_existing=True
    )


def _about(session: Session, question_id: int) -> list[int]:
    """Ids of the households a question is about, as of now: a merge takes a student's question along."""
    columns = (HouseholdQuestion.household_id, HouseholdQuestion.other_id)
    found = session.execute(select(*columns).where(HouseholdQuestion.id == question_id)).one_or_none()
    return [one for one in found or () if one is not None]


def answer(
    session: Session, *, account: Account, question: HouseholdQuestion, state: QuestionState, reason: str
) -> None:
    """Decides an open question: a pair is two households, or the student stays. Raises QuestionRefused if somebody was quicker.

    That a pair is one household is decided by merging it, that a student has left by the split.
    """
    wanted = QuestionState.SEPARATE if question.kind == QuestionKind.SAME_HOUSEHOLD else QuestionState.SAME
    if state is not wanted:
        raise QuestionRefused("Merge the two households, or split the student off: that decides this question.")
    if question.state != QuestionState.OPEN:
        raise QuestionRefused(f"{decided_words(session, question)} Nothing was changed now.")
    merge = merge_of(session, question)
    if merge is not None:
        raise QuestionRefused(
            f"{merge.folded.reference} was merged into {merge.kept.reference} in the meantime. Nothing was changed now."
        )
    decide(question, account=account, state=state, reason=reason)
    session.flush()


def decided_words(session: Session, question: HouseholdQuestion) -> str:
    """`Ana Lee decided this on Oct 3, 2026.`"""
    if question.state == QuestionState.WITHDRAWN:
        return "The roster that raised this question was taken back."
    if question.decided_at is None:
        return "This question is open."
    by = session.get_one(Account, question.decided_by).name if question.decided_by else "The system"
    return f"{by} decided this on {_day(question.decided_at)}."


def _day(at: dt.datetime) -> str:
    day = city_day(at)
    return f"{day:%b} {day.day}, {day.year}"


def reopen(session: Session, *, question: HouseholdQuestion) -> None:
    """Takes the decision back so that it is made anew. Raises QuestionRefused where it has become more than a decision."""
    if question.state not in DECIDED:
        raise QuestionRefused("This question is not decided.")
    merge = merge_of(session, question)
    if merge is not None:
        raise QuestionRefused(
            f"{merge.folded.reference} was merged into {merge.kept.reference}. Undo that merge to decide again."
        )
    if question.student is not None and question.student.household_id != question.household_id:
        raise QuestionRefused("The student was split off into another household. Merge the two households instead.")
    if question.student_id is not None and session.scalar(_open_left(question.student_id)):
        raise QuestionRefused("A later roster has asked about this student again. Decide that question.")
    question.state, question.reason = QuestionState.OPEN, ""
    question.decided_by = question.decided_at = None
    session.flush()


def _open_left(student_id: int) -> Select[int]:
    return select(HouseholdQuestion.id).where(
        HouseholdQuestion.kind == QuestionKind.LEFT_HOME,
        HouseholdQuestion.state == QuestionState.OPEN,
        HouseholdQuestion.student_id == student_id,
    )


def merge_of(session: Session, question: HouseholdQuestion) -> HouseholdMerge | None:
    """The merge that took one of the two away: what was asked about that one is asked about the kept one."""
    ids = [one for one in (question.household_id, question.other_id) if one is not None]
    return session.scalar(
        select(HouseholdMerge).where(HouseholdMerge.folded_id.in_(ids), HouseholdMerge.undone_at.is_(None)).limit(1)
    )
