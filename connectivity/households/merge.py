"""Makes two households one: which is kept, what moves there and what stays on the folded one's row, so that it can all go back."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from connectivity.casework.merged import take_turns
from connectivity.casework.terms import refresh
from connectivity.casework.trail import hold, record_change
from connectivity.households.question_pairs import pass_over, settle
from connectivity.register import (
    Account,
    Appeal,
    AppealState,
    ConnectivityResponse,
    Determination,
    Enrollment,
    Household,
    HouseholdMerge,
    HouseholdQuestion,
    MembershipCode,
    ProgramYear,
    QuestionKind,
    QuestionState,
    SearchTerm,
    ServiceAddress,
    Student,
)
from connectivity.rules.calendar import city_today
from connectivity.rules.service_states import LIVE_CODE, Status

NEAREST_TO_SERVICE = (
    Status.ACTIVE, Status.SUSPENDED, Status.INSTALLED, Status.KIT_SHIPPED, Status.ORDERED, Status.CODE_ISSUED, Status.CONTACTED,
    Status.ELIGIBLE, Status.ENDED,
)  # fmt: skip
# What moves, by the word it has in HouseholdMerge.moved. Each of these tables says in `household_id` whose the row is.
Movable = type[
    Student
    | Enrollment
    | MembershipCode
    | ConnectivityResponse
    | ServiceAddress
    | HouseholdQuestion
    | Determination
    | Appeal
]
NOUNS: Mapping[str, Movable] = {
    "determinations": Determination,
    "appeals": Appeal,
    "students": Student,
    "enrollments": Enrollment,
    "codes": MembershipCode,
    "responses": ConnectivityResponse,
    "service_addresses": ServiceAddress,
    "left_home": HouseholdQuestion,
}
# What stays under the folded household's own reference, by table and column. A test asks the same of every table that names a household.
STAYS: Mapping[str, str] = {
    "household_phone.household_id": "contacts stay on the folded one's row",
    "residence.household_id": "homes stay on the folded one's row",
    "search_term.household_id": "written anew for the kept one",
    "household.merged_into_id": "says itself who is part of whom",
    "household_merge.kept_id": "the journal of merges",
    "household_merge.folded_id": "the journal of merges",
    "household_question.other_id": "asked of the kept one too by pass_over",
    "code_event.household_id": "the ledger says who it was at the time",
    "letter.household_id": "says to whom it was sent at the time",
    "eligibility_outcome.household_id": "says of whom a run found it at the time; applying it leaves out who was merged since",
    "roster_home.household_id": "the journal of a roster",
}


class MergeRefused(ValueError):
    """The two cannot be merged, or not any more. The message is for the person."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which of two households is kept. `year`: the program year that decided it; None: the older one is kept."""

    kept: Household
    folded: Household
    year: ProgramYear | None
    standings: tuple[str | None, str | None]  # of the kept and the folded one in that year


@dataclass(frozen=True, kw_only=True)
class Moving:
    """What would move to the kept household, and the program years in which both are enrolled, so that each keeps its own."""

    ids: Mapping[str, list[int]]
    years: tuple[str, ...]
    both_in: tuple[str, ...]


def choose(session: Session, one: Household, other: Household, today: dt.date) -> Choice:
    """Kept is the one nearer to a working connection in the current program year, then the one that is here longer."""
    year = _current_year(session, today)
    standing: dict[int, str] = {}
    if year is not None:
        in_year = select(Enrollment).where(Enrollment.program_year_id == year.id)
        rows = session.scalars(in_year.where(Enrollment.household_id.in_([one.id, other.id])))
        standing = {enrollment.household_id: enrollment.status for enrollment in rows}

    def rank(household: Household) -> int:
        status = standing.get(household.id)
        return NEAREST_TO_SERVICE.index(Status(status)) if status else len(NEAREST_TO_SERVICE)

    kept, folded = sorted((one, other), key=lambda household: (rank(household), household.created_at, household.id))
    return Choice(
        kept=kept,
        folded=folded,
        year=year if rank(kept) < rank(folded) else None,
        standings=(standing.get(kept.id), standing.get(folded.id)),
    )


def _current_year(session: Session, today: dt.date) -> ProgramYear | None:
    """The one that contains `today`, else the latest that has started."""
    return session.scalar(
        select(ProgramYear)
        .where(ProgramYear.starts_on <= today)
        .order_by((ProgramYear.ends_on >= today).desc(), ProgramYear.starts_on.desc())
        .limit(1)
    )


def what_moves(session: Session, kept: Household, folded: Household) -> Moving:
    """A household has one enrollment a program year, one determination in force, one live code and one service address.

    Where the kept one has its own, the other's stays.
    """
    taken = set(session.scalars(select(Enrollment.program_year_id).where(Enrollment.household_id == kept.id)))
    rows = session.execute(
        select(Enrollment.id, ProgramYear.id, ProgramYear.label)
        .join(ProgramYear, ProgramYear.id == Enrollment.program_year_id)
        .where(Enrollment.household_id == folded.id)
        .order_by(ProgramYear.starts_on.desc())
    ).all()
    moving = [row for row in rows if row[1] not in taken]
    left_home = HouseholdQuestion.kind == QuestionKind.LEFT_HOME
    ids = {
        "students": _ids(session, Student, folded),
        "enrollments": [row[0] for row in moving],
        "codes": _codes(session, kept, folded, [row[1] for row in moving]),
        "responses": _ids(session, ConnectivityResponse, folded),
        "service_addresses": _service_address(session, kept, folded),
        "left_home": _ids(session, HouseholdQuestion, folded, left_home),
        "determinations": _determinations(session, kept, folded),
        "appeals": _appeals(session, kept, folded),
    }
    both_in = tuple(row[2] for row in rows if row[1] in taken)
    return Moving(ids=ids, years=tuple(row[2] for row in moving), both_in=both_in)


def _ids(session: Session, noun: Movable, household: Household, *more: Any) -> list[int]:
    return list(session.scalars(select(noun.id).where(noun.household_id == household.id, *more).order_by(noun.id)))


def _determinations(session: Session, kept: Household, folded: Household) -> list[int]:
    """All of a program year, the ended ones with the one in force; a year in which the kept one has its own stays."""
    own = select(Determination.program_year_id).where(Determination.household_id == kept.id)
    return _ids(session, Determination, folded, Determination.program_year_id.not_in(own))


def _appeals(session: Session, kept: Household, folded: Household) -> list[int]:
    """With the determinations of their year. An open one goes in any year, so that it is decided; the kept one's own open one stands before it."""
    is_open = Appeal.state == AppealState.OPEN
    determined = select(Determination.program_year_id).where(Determination.household_id == kept.id)
    open_there = select(Appeal.program_year_id).where(Appeal.household_id == kept.id, is_open)
    goes = or_(Appeal.program_year_id.not_in(determined), is_open)
    return _ids(session, Appeal, folded, goes, ~(is_open & Appeal.program_year_id.in_(open_there)))


def _codes(session: Session, kept: Household, folded: Household, years: Sequence[int]) -> list[int]:
    live = MembershipCode.state.in_(LIVE_CODE)
    kept_has_one = select(MembershipCode.program_year_id).where(MembershipCode.household_id == kept.id, live)
    return _ids(
        session,
        MembershipCode,
        folded,
        MembershipCode.program_year_id.in_(years),
        ~(live & MembershipCode.program_year_id.in_(kept_has_one)),
    )


def _service_address(session: Session, kept: Household, folded: Household) -> list[int]:
    current = ServiceAddress.ends_on.is_(None)
    return [] if _ids(session, ServiceAddress, kept, current) else _ids(session, ServiceAddress, folded, current)


def merge(session: Session, *, account: Account, household: Household, other: Household, reason: str) -> HouseholdMerge:
    """Folds one of the two into the other, as `choose` has it. Residences and contacts stay on the folded one's row. Raises MergeRefused."""
    if household.id == other.id:
        raise MergeRefused("This is the same household. Enter the reference of the other one.")
    take_turns(session)
    hold(session, household.id, other.id)
    for one in (household, other):
        if one.merged_into_id is not None:
            into = session.get_one(Household, one.merged_into_id).reference
            raise MergeRefused(f"{one.reference} was merged into {into} in the meantime. Nothing was changed now.")
    choice = choose(session, household, other, city_today())
    kept, folded = choice.kept, choice.folded
    moved: dict[str, Any] = dict(what_moves(session, kept, folded).ids)
    for noun, ids in moved.items():
        move_rows(session, noun, ids, to=kept)
    folded.merged_into_id = kept.id
    settle(session, account=account, pair=(kept, folded), state=QuestionState.SAME, reason=reason)
    moved["questions"] = pass_over(session, kept=kept, folded=folded)
    session.execute(delete(SearchTerm).where(SearchTerm.household_id == folded.id))
    made = HouseholdMerge(kept_id=kept.id, folded_id=folded.id, moved=moved, reason=reason, merged_by=account.id)
    session.add(made)
    forget_parts(session, kept, folded)
    refresh(session, kept)
    for one, whom, action in ((kept, folded, "household.merged"), (folded, kept, "household.merged_into")):
        changes = {"household": [None, whom.reference], "note": [None, reason]}
        record_change(session, account=account, action=action, household=one, changes=changes)
    return made


def move_rows(session: Session, noun: str, ids: Sequence[int], *, to: Household) -> None:
    """Makes these rows of the noun the household's."""
    table = NOUNS[noun]
    session.execute(
        update(table).where(table.id.in_(ids)).values(household_id=to.id).execution_options(synchronize_session="fetch")
    )


def forget_parts(session: Session, *households: Household) -> None:
    """Lists of students, enrollments and answers that were read before a move are read again."""
    session.flush()
    for household in households:
        session.expire(household, ["students", "enrollments", "responses"])
