"""What the pages show: the list of rosters, and where one of them stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload

from connectivity.register import (
    Account,
    ImportState,
    ProgramYear,
    Residence,
    RosterImport,
    RosterProblem,
    RosterRow,
    Student,
)
from connectivity.rosters import identities
from connectivity.rosters.imports import WORKING, last_applied, overtaken
from connectivity.rosters.left_out import stops_a_row
from connectivity.rosters.lines import Line, Problem, problem
from connectivity.rosters.raise_questions import still_open

SAMPLE = 3  # problems shown on the plan itself
MOST_LISTED = 100
AFTER_A_PLAN = (ImportState.PLANNED, ImportState.HELD, ImportState.APPLIED, ImportState.UNDONE)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Where a roster stands, for its page."""

    roster: RosterImport
    working: bool
    listed: bool  # whether its groups can be looked at
    overtaken: bool  # another roster was applied or undone since it was read
    pending: int  # rows repaired or decided since the plan was made
    repaired: int  # of those, the repaired ones
    problems: list[tuple[int, Problem]]  # the first that stop a row, with its number
    warnings: list[tuple[int, Problem]]
    open_questions: int  # of an applied roster: those it raised that wait for people
    undo_first: RosterImport | None  # the roster that was applied after this one and must be taken back before it
    is_last: bool  # the one that can be taken back

    @property
    def plan(self) -> str:
        """Names the plan as it is now: another one is made by checking again."""
        return self.roster.compared_at.isoformat() if self.roster.compared_at else ""


def shown(session: Session, roster: RosterImport, *, sample: int = SAMPLE) -> Shown:
    """Everything the page of a roster says beside the roster itself, the first `sample` problems and warnings included."""
    last = last_applied(session) if roster.state == ImportState.APPLIED else None
    listed = roster.state in AFTER_A_PLAN
    return Shown(
        roster=roster,
        working=roster.state in WORKING,
        listed=listed,
        overtaken=roster.state in AFTER_A_PLAN[:2] and overtaken(session, roster),
        pending=identities.pending(session, roster) if roster.state in AFTER_A_PLAN[:2] else 0,
        repaired=identities.repaired(session, roster) if roster.state in AFTER_A_PLAN[:2] else 0,
        problems=_first_problems(session, roster, sample, stops=True) if listed else [],
        warnings=_first_problems(session, roster, sample, stops=False) if listed else [],
        open_questions=still_open(session, roster) if roster.state == ImportState.APPLIED else 0,
        undo_first=last if last is not None and last.id != roster.id else None,
        is_last=last is not None and last.id == roster.id,
    )


def _first_problems(session: Session, roster: RosterImport, most: int, *, stops: bool) -> list[tuple[int, Problem]]:
    warning = and_(RosterProblem.import_id == roster.id, ~RosterProblem.stops)
    statement = select(RosterProblem).where(stops_a_row(roster) if stops else warning)
    found = session.scalars(statement.order_by(RosterProblem.number, RosterProblem.id).limit(most))
    return [(one.number, problem(one)) for one in found]


def listed(session: Session) -> Sequence[RosterImport]:
    """The newest rosters, with who handed them in and for which year."""
    names = (joinedload(RosterImport.program_year), joinedload(RosterImport.submitter))
    return session.scalars(
        select(RosterImport).options(*names).order_by(RosterImport.id.desc()).limit(MOST_LISTED)
    ).all()


def years(session: Session) -> Sequence[ProgramYear]:
    """Program years, the newest first."""
    return session.scalars(select(ProgramYear).order_by(ProgramYear.starts_on.desc())).all()


def may_approve(roster: RosterImport, account: Account) -> bool:
    """Whether this account is a second person."""
    return roster.submitted_by != account.id


@dataclass(frozen=True, kw_only=True)
class Side:
    """The registered student whom an ambiguous row may be."""

    row: RosterRow
    student: Student
    home: Residence | None


def sides(session: Session, roster: RosterImport, lines: Sequence[Line]) -> dict[int, Side]:
    """Row number -> the row and the student it may be, for one page of ambiguous rows."""
    found = session.execute(
        select(RosterRow, Student, Residence)
        .join(Student, Student.id == RosterRow.student_id)
        .outerjoin(Residence, (Residence.household_id == Student.household_id) & Residence.ends_on.is_(None))
        .where(RosterRow.import_id == roster.id, RosterRow.number.in_([line.number for line in lines]))
        .options(joinedload(Student.school), joinedload(Student.household))
    )
    return {row.number: Side(row=row, student=student, home=home) for row, student, home in found}
