"""Undoes a merge: what went over goes back, what has happened since stays where it happened, and is named."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from connectivity.casework.merged import put_back, take_turns
from connectivity.casework.terms import refresh
from connectivity.casework.trail import hold, record_change
from connectivity.database import now
from connectivity.households.merge import NOUNS, forget_parts, move_rows
from connectivity.households.question_pairs import give_back, settle
from connectivity.register import (
    Account,
    Appeal,
    AuditEvent,
    ConnectivityResponse,
    Determination,
    Enrollment,
    Household,
    HouseholdMerge,
    HouseholdQuestion,
    MembershipCode,
    QuestionKind,
    QuestionState,
    Residence,
    Student,
)

CONTACTS = {
    *("guardian_first_name", "guardian_last_name", "language", "email"),
    *("phone_1", "phone_2", "phone_3"),
}  # as the audit trail names them


class UndoRefused(ValueError):
    """The merge cannot be undone, or not yet. The message is for the person."""


@dataclass(frozen=True, kw_only=True)
class Undone:
    """The household that stands again, and what did not go back to it, in sentences."""

    household: Household
    stayed: tuple[str, ...]


def refuse_undo(session: Session, merge: HouseholdMerge) -> None:
    """Raises UndoRefused for a merge that is undone, or that another one was built on: the last is undone first."""
    if merge.undone_at is not None:
        by = session.get_one(Account, merge.undone_by).name if merge.undone_by else "The system"
        raise UndoRefused(f"{by} has undone this merge already. Nothing was changed now.")
    later = session.scalar(
        select(HouseholdMerge)
        .where(
            HouseholdMerge.id > merge.id,
            HouseholdMerge.undone_at.is_(None),
            or_(HouseholdMerge.kept_id == merge.kept_id, HouseholdMerge.folded_id == merge.kept_id),
        )
        .order_by(HouseholdMerge.id.desc())
        .limit(1)
    )
    if later is not None:
        raise UndoRefused(
            f"After this, {later.folded.reference} was merged into {later.kept.reference}. "
            "Merges are undone in reverse order: undo that one first."
        )


def undo_merge(session: Session, *, account: Account, merge: HouseholdMerge, reason: str) -> Undone:
    """Gives the folded household back everything that moved and is still there. Raises UndoRefused."""
    take_turns(session)
    hold(session, merge.kept_id, merge.folded_id)
    session.refresh(merge)
    refuse_undo(session, merge)
    kept, folded = merge.kept, merge.folded
    put_back(session, merge)
    stayed = list(stays(session, merge))
    codes = _codes_since(session, merge)
    for noun, ids in merge.moved.items():
        if noun in NOUNS:
            move_rows(session, noun, _still_there(session, noun, ids, kept), to=folded)
    move_rows(session, "codes", codes, to=folded)
    _questions_follow_their_students(session, kept, folded)
    if left := give_back(session, merge.moved.get("questions", [])):
        stayed.append(f"Decisions made since about other households stay with {kept.reference}: {left}.")
    folded.merged_into_id = None
    merge.undone_by, merge.undone_at, merge.undo_reason = account.id, now(), reason
    settle(session, account=account, pair=(kept, folded), state=QuestionState.SEPARATE, reason=reason)
    forget_parts(session, kept, folded)
    for one, whom in ((kept, folded), (folded, kept)):
        refresh(session, one)
        changes: dict[str, list[Any]] = {"household": [None, whom.reference], "note": [None, reason]}
        if stayed:
            changes["stayed"] = [None, " ".join(stayed)]
        record_change(session, account=account, action="household.unmerged", household=one, changes=changes)
    return Undone(household=folded, stayed=tuple(stayed))


def _still_there(session: Session, noun: str, ids: list[int], kept: Household) -> list[int]:
    table = NOUNS[noun]
    return list(session.scalars(select(table.id).where(table.id.in_(ids), table.household_id == kept.id)))


def _questions_follow_their_students(session: Session, kept: Household, folded: Household) -> None:
    """“Has this student left?” was asked while the household was one: it goes with the student."""
    back = select(Student.id).where(Student.household_id == folded.id)
    asked = select(HouseholdQuestion).where(
        HouseholdQuestion.household_id == kept.id,
        HouseholdQuestion.kind == QuestionKind.LEFT_HOME,
        HouseholdQuestion.student_id.in_(back),
    )
    for question in session.scalars(asked):
        question.household_id = folded.id
    session.flush()


def _codes_since(session: Session, merge: HouseholdMerge) -> list[int]:
    """A code that was given since to an enrollment which goes back goes with it."""
    return list(
        session.scalars(
            select(MembershipCode.id)
            .join(Enrollment, Enrollment.membership_code_id == MembershipCode.id)
            .where(
                Enrollment.id.in_(merge.moved.get("enrollments", [])),
                Enrollment.household_id == merge.kept_id,
                MembershipCode.household_id == merge.kept_id,
            )
        )
    )


def stays(session: Session, merge: HouseholdMerge) -> Iterator[str]:
    """What an undo would leave with the kept household, in sentences."""
    kept = merge.kept.reference
    gone = select(Student).where(Student.id.in_(merge.moved.get("students", [])), Student.household_id != merge.kept_id)
    for student in session.scalars(gone.options(joinedload(Student.household)).order_by(Student.id)):
        where = student.household.reference
        yield f"{student.first_name} {student.last_name} has gone to household {where} since, and stays there."
    for student in session.scalars(_since(Student, merge, Student.created_at)):
        yield f"{student.first_name} {student.last_name} was added since, and stays with {kept}."
    started = _since(Enrollment, merge, Enrollment.created_at).options(joinedload(Enrollment.program_year))
    for enrollment in session.scalars(started):
        yield f"The enrollment in {enrollment.program_year.label} was started since, and stays with {kept}."
    yield from _eligibility_since(session, merge)
    yield from _homes_since(session, merge)
    for response in session.scalars(_since(ConnectivityResponse, merge, ConnectivityResponse.recorded_at)):
        on = response.observed_on
        yield f"The answer of {on:%b} {on.day}, {on.year} was recorded since, and stays with {kept}."


def _eligibility_since(session: Session, merge: HouseholdMerge) -> Iterator[str]:
    """What was decided while the two were one stays with the kept one: it may be about either, and the other is decided about again."""
    kept, folded = merge.kept.reference, merge.folded.reference
    determined = _since(Determination, merge, Determination.recorded_at).options(joinedload(Determination.program_year))
    for year in dict.fromkeys(one.program_year.label for one in session.scalars(determined)):
        yield (
            f"The eligibility in {year} was decided since, and stays with {kept}. "
            f"If it is about {folded} too, decide there once more."
        )
    appealed = _since(Appeal, merge, Appeal.recorded_at).options(joinedload(Appeal.program_year))
    for year in dict.fromkeys(one.program_year.label for one in session.scalars(appealed)):
        yield f"The appeal in {year} was opened since, and stays with {kept}."


def _homes_since(session: Session, merge: HouseholdMerge) -> Iterator[str]:
    """A home, guardian or contact that changed since may be that of either household: nobody but a person can tell."""
    kept, folded = merge.kept.reference, merge.folded.reference
    for home in session.scalars(_since(Residence, merge, Residence.recorded_at)):
        yield (
            f"The address {home.line} {home.unit}".rstrip() + f" was recorded since, and stays with {kept}. "
            f"If it is where {folded} lives, record the move there, and correct the address of {kept}."
        )
    changed = {
        field
        for changes in session.scalars(
            select(AuditEvent.changes).where(
                AuditEvent.subject == "household",
                AuditEvent.subject_id == merge.kept_id,
                AuditEvent.action == "household.edited",
                AuditEvent.at > merge.merged_at,
            )
        )
        for field in changes
    }
    if changed & CONTACTS:
        yield f"Guardian, language, phones or e-mail were changed since, and stay with {kept}. Check them for both."


def _since(noun: Any, merge: HouseholdMerge, came: Any) -> Any:
    """Rows of the kept household that came after the merge."""
    return select(noun).where(noun.household_id == merge.kept_id, came > merge.merged_at).order_by(noun.id)
