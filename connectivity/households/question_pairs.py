"""The question between two households, as data: settled by a merge or a decision, and passed over when one of the two is merged away."""

import datetime as dt
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from connectivity.database import now
from connectivity.households.in_common import in_common
from connectivity.register import Account, Household, HouseholdQuestion, QuestionKind, QuestionState

# Of two questions about one pair the stronger stands: a decision outranks a question.
_RANK = {QuestionState.WITHDRAWN: 0, QuestionState.OPEN: 1, QuestionState.SEPARATE: 2, QuestionState.SAME: 3}
_CARRIED = ("evidence", "import_id", "state", "decided_by", "decided_at", "reason")


def between(session: Session, one: int, other: int) -> HouseholdQuestion | None:
    """The question about these two households, held until the transaction ends."""
    return session.scalar(
        select(HouseholdQuestion)
        .where(
            HouseholdQuestion.kind == QuestionKind.SAME_HOUSEHOLD,
            HouseholdQuestion.household_id == min(one, other),
            HouseholdQuestion.other_id == max(one, other),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def settle(
    session: Session,
    *,
    account: Account,
    pair: tuple[Household, Household],
    state: QuestionState,
    reason: str,
) -> HouseholdQuestion:
    """Writes the decision about two households; the question is made where nobody had asked it."""
    one, other = pair[0].id, pair[1].id
    question = between(session, one, other)
    if question is None:
        question = _new(one, other, in_common(session, *pair))
        session.add(question)
    decide(question, account=account, state=state, reason=reason)
    session.flush()
    return question


def decide(question: HouseholdQuestion, *, account: Account, state: QuestionState, reason: str) -> None:
    """Puts the decision into the question."""
    question.state, question.reason = state, reason
    question.decided_by, question.decided_at = account.id, now()


def _new(one: int, other: int, evidence: int) -> HouseholdQuestion:
    return HouseholdQuestion(
        kind=QuestionKind.SAME_HOUSEHOLD, household_id=min(one, other), other_id=max(one, other), evidence=evidence
    )


def pass_over(session: Session, *, kept: Household, folded: Household) -> list[dict[str, Any]]:
    """What is asked or decided about the folded household and a third one holds for the kept one too.

    The folded one's own questions stay as they are, out of sight with it. Returns what `give_back` needs.
    """
    written = []
    for question in _of(session, folded.id):
        third = question.household_id if question.other_id == folded.id else question.other_id
        if third is not None and third != kept.id:
            written += _written(session, question, kept.id, third)
    return written


def _of(session: Session, household_id: int) -> list[HouseholdQuestion]:
    return list(
        session.scalars(
            select(HouseholdQuestion)
            .where(
                HouseholdQuestion.kind == QuestionKind.SAME_HOUSEHOLD,
                HouseholdQuestion.state.in_([QuestionState.OPEN, QuestionState.SEPARATE]),
                or_(HouseholdQuestion.household_id == household_id, HouseholdQuestion.other_id == household_id),
            )
            .order_by(HouseholdQuestion.id)
        )
    )


def _written(session: Session, question: HouseholdQuestion, one: int, other: int) -> list[dict[str, Any]]:
    standing = between(session, one, other)
    before = _snapshot(standing) if standing else None
    if standing is None:
        standing = _new(one, other, question.evidence)
        session.add(standing)
    elif _RANK[QuestionState(standing.state)] >= _RANK[QuestionState(question.state)]:
        return []
    for field in _CARRIED:
        setattr(standing, field, getattr(question, field))
    session.flush()
    return [{"id": standing.id, "before": before, "after": _snapshot(standing)}]


def _snapshot(question: HouseholdQuestion) -> dict[str, Any]:
    values = {field: getattr(question, field) for field in _CARRIED}
    return values | {"decided_at": question.decided_at.astimezone(dt.UTC).isoformat() if question.decided_at else None}


def give_back(session: Session, written: list[dict[str, Any]]) -> int:
    """Takes back what `pass_over` wrote, unless somebody decided since. Returns how many stayed."""
    stayed = 0
    for one in written:
        question = session.get(HouseholdQuestion, one["id"], with_for_update=True, populate_existing=True)
        if question is None or question.state == QuestionState.WITHDRAWN:
            continue
        if _snapshot(question) != one["after"]:
            stayed += 1
        elif one["before"] is None:
            session.delete(question)
        else:
            _restore(question, one["before"])
    session.flush()
    return stayed


def _restore(question: HouseholdQuestion, before: dict[str, Any]) -> None:
    at = before["decided_at"]
    for field, value in (before | {"decided_at": dt.datetime.fromisoformat(at) if at else None}).items():
        setattr(question, field, value)
