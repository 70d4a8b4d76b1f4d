"""Applies a plan to the register in one transaction: all of it, or nothing. Its rows and changes stay as the journal."""

from sqlalchemy import ColumnElement, and_, exists, select, text, update
from sqlalchemy.orm import Session, aliased

from connectivity.access import audit
from connectivity.bulk import widen_cache
from connectivity.database import now, transaction
from connectivity.register import (
    Account,
    Household,
    ImportState,
    Outcome,
    Residence,
    RosterHome,
    RosterImport,
    RosterRow,
    Student,
)
from connectivity.rosters import apply_changes, apply_homes, apply_terms, raise_questions
from connectivity.rosters.comparison import count_made, vanished
from connectivity.rosters.identities import pending
from connectivity.rosters.imports import RosterRefused, locked, overtaken
from connectivity.rosters.report import Report
from connectivity.rosters.rows_of import of_import
from connectivity.rules.calendar import city_today

TAKEN_IN = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)


class PlanStale(RosterRefused):
    """The register is no longer what the plan was made from: it must be compared again."""


class Overtaken(PlanStale):
    """Another roster came between: this one was read against a last word that is no longer the last."""


OVERTAKEN = "Another roster was applied or undone since this one was read. Hand the file in again."


def claim(session: Session, *, account: Account | None, roster: RosterImport) -> None:
    """Marks the plan as being applied by this account. Raises RosterRefused unless it is ready; a second click finds it claimed."""
    if roster.state == ImportState.HELD:
        raise RosterRefused("This plan waits for a second person: " + " ".join(roster.holds))
    if roster.state != ImportState.PLANNED:
        raise RosterRefused("This plan is not ready to be applied, or it has been applied already.")
    waiting = pending(session, roster)
    if waiting:
        raise RosterRefused(
            f"{waiting} {'row was' if waiting == 1 else 'rows were'} repaired or decided since the plan was made. Check the plan again first."
        )
    _refuse_stale(session, roster)
    roster.state, roster.applied_by = ImportState.APPLYING, account.id if account else None
    session.flush()


def apply(session: Session, roster_id: int, *, report: Report) -> None:
    """Applies a claimed plan. A second call, even at once, does nothing. Raises PlanStale; the register is then as it was."""
    with transaction(session):
        widen_cache(session)
        roster = locked(session, roster_id)
        if roster.state != ImportState.APPLYING:
            return
        keep_others_out(session)
        _refuse_stale(session, roster)
        moment, today = now(), city_today()
        report("Making households", 0, roster.counts.get("new_households", 0))
        apply_homes.make_households(session, roster, moment=moment, on=today)
        report("Taking in students", 0, roster.counts.get("new", 0))
        _pass_the_word(session, roster)
        apply_homes.take_in_students(session, roster, moment=moment)
        report("Changing what changed", 0, roster.counts.get("fields", 0))
        touched = apply_changes.apply_fields(session, roster)
        touched |= apply_homes.move(session, roster, moment=moment, on=today)
        report("Enrolling eligible households", 0, 0)
        enrolled = apply_homes.enroll(session, roster, moment=moment, on=today)
        apply_homes.keep_factors(session, roster, moment=moment)
        apply_changes.trace(session, roster, touched | enrolled, moment=moment, enrolled=enrolled)
        raise_questions.raise_them(session, roster, moment=moment)
        count_made(session, roster)
        apply_terms.write_new(session, roster, report)
        apply_terms.rewrite(session, touched)
        roster.state, roster.applied_at = ImportState.APPLIED, moment
        account = session.get(Account, roster.applied_by) if roster.applied_by else None
        audit.record(
            session,
            account=account,
            action="roster.applied",
            subject="roster_import",
            subject_id=roster.id,
            changes={name: [None, number] for name, number in roster.counts.items()},
        )
        report("Committing", 0, 0)


def keep_others_out(session: Session) -> None:
    """SQLite has one writer. PostgreSQL: nobody changes a household or student in between; reading goes on.

    Exclusive, because whoever edits a household holds its row first: a milder lock would be granted beside that and end in a deadlock.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE household, student, household_question IN EXCLUSIVE MODE"))


def _refuse_stale(session: Session, roster: RosterImport) -> None:
    if overtaken(session, roster):
        raise Overtaken(OVERTAKEN)
    registered = select(RosterRow.number).join(Student, Student.district_id == RosterRow.district_id)
    merged = select(RosterHome.number).join(Household, Household.id == RosterHome.household_id)
    since = select(RosterHome.number).join(Residence, Residence.line == RosterHome.line)
    since = since.join(Household, Household.id == Residence.household_id)
    stale = {
        "Some of its new students were registered by hand": registered.where(of_import(roster.id, Outcome.NEW)),
        "Some of its households were merged": merged.where(
            RosterHome.import_id == roster.id, Household.merged_into_id.is_not(None)
        ),
        "A household was registered by hand at the address of one of its new households": since.where(
            RosterHome.import_id == roster.id,
            RosterHome.reference.is_not(None),
            Household.created_at.between(roster.compared_at, now()),  # a demo's days may lie ahead
        ),
    }
    for why, found in stale.items():
        if session.scalar(found.limit(1)) is not None:
            raise PlanStale(f"{why} since this plan was made. Check the plan again.")


def _pass_the_word(session: Session, roster: RosterImport) -> None:
    """This roster's rows become the district's last word; the rows they follow, and those of students who vanished, are ended.

    Those of new students follow with the students themselves.
    """
    mine = aliased(RosterRow)
    stated = and_(mine.import_id == roster.id, mine.last_name.is_not(None), mine.outcome.in_(TAKEN_IN))
    earlier = and_(RosterRow.current, RosterRow.import_id != roster.id)
    _end(session, roster, and_(earlier, exists().where(stated, mine.district_id == RosterRow.district_id)))
    _end(session, roster, and_(earlier, exists().where(stated, mine.student_id == RosterRow.student_id)))
    _end(session, roster, and_(earlier, vanished(roster)))
    session.execute(
        update(RosterRow)
        .where(of_import(roster.id, Outcome.CHANGED, Outcome.UNCHANGED), RosterRow.last_name.is_not(None))
        .values(current=True)
        .execution_options(synchronize_session=False)
    )


def _end(session: Session, roster: RosterImport, where: ColumnElement[bool]) -> None:
    session.execute(
        update(RosterRow)
        .where(where)
        .values(current=False, until_import_id=roster.id)
        .execution_options(synchronize_session=False)
    )


def look_at_tables(session: Session) -> None:
    """Tells the database how its tables look now, so that it goes on choosing the right indexes."""
    # SQLite reads every row. With a sample (analysis_limit) it took a wrong index, and a comparison twenty times as long.
    session.execute(text("ANALYZE"))
