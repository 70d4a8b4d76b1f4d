"""Who each row is: said twice in the file, registered under this ID, perhaps registered under another, or new."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from connectivity.bulk import slices
from connectivity.register import (
    Outcome,
    RosterImport,
    RosterProblem,
    RosterRow,
    Student,
)
from connectivity.rosters.left_out import LEFT_OUT, is_left_out
from connectivity.rosters.namesakes import NAMESAKE, find_namesakes
from connectivity.rosters.rows_of import of_import

DOUBLED = "doubled"  # the `column` of a problem that lies between rows, not in one cell
UNBORN = "no_birth_date"

FACTS = ("last_name", "first_name", "birth_date", "grade", "school_id", "line", "unit", "zip", "eligible")
CONTACT = ("guardian_first_name", "guardian_last_name", "phones", "email", "language")
WORDS = {
    "last_name": "last name",
    "first_name": "first name",
    "birth_date": "birth date",
    "grade": "grade",
    "school_id": "school",
    "line": "address",
    "unit": "apartment",
    "zip": "ZIP code",
    "eligible": "determination",
}


def begin_again(session: Session, import_id: int) -> None:
    """Takes every row back to where reading left it, so that a comparison can be made anew."""
    between_rows = RosterProblem.column.in_((DOUBLED, NAMESAKE, UNBORN))
    session.execute(delete(RosterProblem).where(RosterProblem.import_id == import_id, between_rows))
    broken = exists().where(
        RosterProblem.import_id == import_id, RosterProblem.number == RosterRow.number, RosterProblem.stops
    )
    session.execute(
        update(RosterRow)
        .where(
            of_import(import_id),
            RosterRow.last_name.is_not(None),
            RosterRow.outcome.not_in((Outcome.WAITING, Outcome.LEAVING)),
            ~broken,
            RosterRow.decision.is_distinct_from(LEFT_OUT),
        )
        .values(outcome=Outcome.WAITING, student_id=None, home=None, evidence=0)
    )
    # A row that says what the last roster said was never read: it has no values, and goes back to saying so.
    session.execute(
        update(RosterRow)
        .where(
            of_import(import_id, Outcome.REJECTED, Outcome.REPEATED),
            RosterRow.last_name.is_(None),
            RosterRow.district_id.is_not(None),
            RosterRow.cells.is_(None),
            ~broken,
            RosterRow.decision.is_distinct_from(LEFT_OUT),
        )
        .values(outcome=Outcome.UNCHANGED)
    )


def pending(session: Session, roster: RosterImport) -> int:
    """Rows that were repaired, left out or decided since the plan was made: it has to be checked again before it is applied."""
    doubled = exists().where(
        RosterProblem.import_id == RosterRow.import_id,
        RosterProblem.number == RosterRow.number,
        RosterProblem.column == DOUBLED,
    )
    statement = select(func.count()).where(
        of_import(roster.id, Outcome.WAITING, Outcome.AMBIGUOUS, Outcome.REJECTED),
        or_(
            RosterRow.outcome == Outcome.WAITING,
            and_(RosterRow.outcome == Outcome.AMBIGUOUS, RosterRow.decision.is_not(None)),
            and_(is_left_out(), doubled),
        ),
    )
    return session.scalar(statement) or 0


def repaired(session: Session, roster: RosterImport) -> int:
    """Rows that were repaired since the plan was made, and can be taken in when it is checked again."""
    return session.scalar(select(func.count()).where(of_import(roster.id, Outcome.WAITING))) or 0


def settle(session: Session, import_id: int) -> None:
    """Leaves each waiting row either settled (rejected, repeated, ambiguous) or linked to its student, if it has one."""
    _settle_doubles(session, import_id)
    _link(session, import_id)
    _refuse_unborn(session, import_id)
    find_namesakes(session, import_id)
    _refuse_shared(session, import_id)


def _settle_doubles(session: Session, import_id: int) -> None:
    said_twice = (
        select(RosterRow.district_id)
        .where(of_import(import_id, Outcome.WAITING, Outcome.UNCHANGED))
        .group_by(RosterRow.district_id)
        .having(func.count() > 1)
    )
    rows = session.scalars(
        select(RosterRow)
        .where(of_import(import_id, Outcome.WAITING, Outcome.UNCHANGED), RosterRow.district_id.in_(said_twice))
        .order_by(RosterRow.district_id, RosterRow.number)
    )
    by_student: dict[str, list[RosterRow]] = defaultdict(list)
    for row in rows:
        by_student[row.district_id or ""].append(row)
    said = _said_before(
        session, [one for one, same in by_student.items() if any(row.last_name is None for row in same)]
    )
    for one, same in by_student.items():
        differ = _differences([said[one] if row.last_name is None and one in said else row for row in same])
        if differ:
            session.add_all(_contradictions(import_id, same, differ))
        else:
            _gather(same)
    session.flush()


def _said_before(session: Session, district_ids: Sequence[str]) -> dict[str, RosterRow]:
    """The last roster's rows of these students: a row that repeats them has no values of its own."""
    found: dict[str, RosterRow] = {}
    for portion in slices(district_ids):
        some = RosterRow.district_id.in_(portion)
        found |= {
            row.district_id or "": row for row in session.scalars(select(RosterRow).where(RosterRow.current, some))
        }
    return found


def _differences(rows: Sequence[RosterRow]) -> list[str]:
    """The facts in which rows of one student differ, in words."""
    return [
        WORDS[fact] for fact in FACTS if any(getattr(a, fact) != getattr(b, fact) for a, b in combinations(rows, 2))
    ]


def _contradictions(import_id: int, rows: Sequence[RosterRow], differ: list[str]) -> Iterable[RosterProblem]:
    numbers = " and ".join(str(row.number) for row in rows)
    for row in rows:
        row.outcome = Outcome.REJECTED
        yield RosterProblem(
            import_id=import_id,
            number=row.number,
            column=DOUBLED,
            heading="",
            value=row.district_id or "",
            message=f"Student ID {row.district_id} stands in rows {numbers}, and they differ: {', '.join(differ)}.",
            advice="If they are one student, leave the wrong row out. If they are two, correct one of the IDs.",
            stops=True,
        )


def _gather(rows: Sequence[RosterRow]) -> None:
    """Rows that differ in contacts alone are one student with several: the first row takes every phone."""
    unread = [row for row in rows if row.last_name is None]
    if unread:  # one of them says what the last roster said: the others add nothing to it
        for row in rows:
            row.outcome = Outcome.UNCHANGED if row is unread[0] else Outcome.REPEATED
        return
    first, *others = rows
    phones = [number for row in rows for number in (row.phones or "").split()]
    first.phones = " ".join(list(dict.fromkeys(phones))[:3]) if first.phones is not None else None
    for row in others:
        row.outcome = Outcome.REPEATED


def _link(session: Session, import_id: int) -> None:
    """By the register where the name agrees too, then by the last roster (a person may have corrected the ID since), then by the ID alone."""
    before = aliased(RosterRow)
    by_roster = (before.current, before.district_id == RosterRow.district_id, before.student_id.is_not(None))
    by_register = (Student.district_id == RosterRow.district_id,)
    named = (*by_register, Student.sort_name == RosterRow.sort_name, Student.birth_date == RosterRow.birth_date)
    for student, where in ((Student.id, named), (before.student_id, by_roster), (Student.id, by_register)):
        found = select(student).where(*where)
        session.execute(
            update(RosterRow)
            .where(of_import(import_id, Outcome.WAITING), RosterRow.student_id.is_(None), found.exists())
            .values(student_id=found.scalar_subquery())
            .execution_options(synchronize_session=False)
        )


def _refuse_shared(session: Session, import_id: int) -> None:
    """Two rows that come to one student: the one whose ID the last roster had stays, the other waits for a person."""
    linked = of_import(import_id, Outcome.WAITING, Outcome.UNCHANGED)
    shared = select(RosterRow.student_id).where(linked, RosterRow.student_id.is_not(None))
    shared = shared.group_by(RosterRow.student_id).having(func.count() > 1)
    before = aliased(RosterRow)
    its_own = exists().where(
        before.current, before.student_id == RosterRow.student_id, before.district_id == RosterRow.district_id
    )
    rows = session.execute(
        select(RosterRow, Student, its_own)
        .join(Student, Student.id == RosterRow.student_id)
        .where(linked, RosterRow.student_id.in_(shared))
        .order_by(RosterRow.student_id, its_own.desc(), RosterRow.number)
        .execution_options(populate_existing=True)
    ).all()
    taken: dict[int, int] = {}
    for row, student, _ in rows:
        if taken.setdefault(student.id, row.number) == row.number:
            continue
        row.outcome, row.student_id = Outcome.REJECTED, None
        session.add(
            RosterProblem(
                import_id=import_id,
                number=row.number,
                column=DOUBLED,
                heading="",
                value=row.district_id or "",
                message=f"In the register the ID {row.district_id} belongs to the student of row {taken[student.id]}.",
                advice="If these are two children, correct the ID on the household's page or in the file.",
                stops=True,
            )
        )
    session.flush()


def _refuse_unborn(session: Session, import_id: int) -> None:
    """A source without birth dates can tell of known students, and bring no new one."""
    rows = session.scalars(
        select(RosterRow).where(
            of_import(import_id, Outcome.WAITING), RosterRow.student_id.is_(None), RosterRow.birth_date.is_(None)
        )
    )
    for row in rows:
        row.outcome = Outcome.REJECTED
        session.add(
            RosterProblem(
                import_id=import_id,
                number=row.number,
                column=UNBORN,
                heading="",
                value=row.district_id or "",
                message="This student is new, and the file gives no birth date.",
                advice="Send the OneRoster file with demographics.csv, or the student in a CSV with the birth date.",
                stops=True,
            )
        )
    session.flush()
