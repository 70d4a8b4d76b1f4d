"""Takes a whole roster back: what it made goes, what it changed returns, and what people changed since stays, each with its reason."""

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from connectivity.access import audit
from connectivity.bulk import widen_cache
from connectivity.database import now, transaction
from connectivity.register import (
    Account,
    HouseholdQuestion,
    ImportState,
    QuestionState,
    RosterImport,
    RosterRow,
)
from connectivity.rosters import apply_changes, undo_changes, undo_homes
from connectivity.rosters.apply import keep_others_out
from connectivity.rosters.apply_terms import rewrite
from connectivity.rosters.imports import RosterRefused, last_applied, locked
from connectivity.rosters.report import Report
from connectivity.rosters.rows_of import of_import

Kept = list[list[str]]  # [household reference or student ID, why it stays]


def claim(session: Session, *, account: Account | None, roster: RosterImport, reason: str) -> None:
    """Marks the roster as being taken back. Raises RosterRefused unless it is the one applied last, and a reason is given."""
    newest = last_applied(session)
    if roster.state != ImportState.APPLIED:
        raise RosterRefused("Only a roster that has been applied can be taken back.")
    if newest is None or newest.id != roster.id:
        raise RosterRefused(
            f"Roster {newest.id if newest else ''} was applied after this one. Take that one back first."
        )
    if not reason.strip():
        raise RosterRefused("Say why the roster is taken back.")
    roster.state, roster.undo_reason = ImportState.UNDOING, reason.strip()
    roster.undone_by = account.id if account else None
    session.flush()


def undo(session: Session, roster_id: int, *, report: Report) -> None:
    """Takes a claimed roster back in one transaction. A second call does nothing. What stayed, and why, is in `kept` of the import."""
    with transaction(session):
        widen_cache(session)
        roster = locked(session, roster_id)
        if roster.state != ImportState.UNDOING:
            return
        keep_others_out(session)
        _keep_records_out(session)
        report("Taking students and households back", 0, roster.counts.get("new", 0))
        kept: Kept = []
        touched = undo_homes.take_back(session, roster, kept)
        report("Returning what was changed", 0, roster.counts.get("fields", 0))
        touched |= undo_changes.restore_fields(session, roster, kept)
        touched |= undo_changes.restore_residences(session, roster, kept)
        _withdraw_questions(session, roster)
        _return_the_word(session, roster)
        undo_homes.restore_factors(session, roster)
        moment = now()
        apply_changes.trace(session, roster, touched, moment=moment, back=True)
        rewrite(session, touched)
        roster.state, roster.undone_at, roster.kept = ImportState.UNDONE, moment, kept
        account = session.get(Account, roster.undone_by) if roster.undone_by else None
        audit.record(
            session,
            account=account,
            action="roster.undone",
            subject="roster_import",
            subject_id=roster.id,
            changes={"kept": [None, len(kept)]},
        )


def _keep_records_out(session: Session) -> None:
    """PostgreSQL: nothing new comes to hang on an enrollment or a home between the look at what hangs there and its deletion."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE enrollment, residence IN EXCLUSIVE MODE"))


def _withdraw_questions(session: Session, roster: RosterImport) -> None:
    session.execute(
        update(HouseholdQuestion)
        .where(HouseholdQuestion.import_id == roster.id, HouseholdQuestion.state == QuestionState.OPEN)
        .values(state=QuestionState.WITHDRAWN)
        .execution_options(synchronize_session=False)
    )


def _return_the_word(session: Session, roster: RosterImport) -> None:
    """The last word on each student is again that of the rosters before."""
    for where, current in ((of_import(roster.id), False), (RosterRow.until_import_id == roster.id, True)):
        values: dict[str, object] = {"current": current}
        session.execute(
            update(RosterRow)
            .where(where)
            .values(values | ({"until_import_id": None} if current else {}))
            .execution_options(synchronize_session=False)
        )
