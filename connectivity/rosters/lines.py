"""One line of a list of rows, and the query that gives every line its person and household."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import FromClause, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from connectivity.formats import phone
from connectivity.register import Household, RosterHome, RosterImport, RosterProblem, RosterRow, School, Student
from connectivity.rules.household_evidence import words

Key = tuple[int, int]  # where a line stands in its list; the numbers mean nothing elsewhere
NOTHING: Key = (0, 0)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One field, before and after, as the register and the roster hold it."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong in one cell."""

    column: str
    heading: str
    value: str
    message: str
    advice: str
    stops: bool


@dataclass(kw_only=True)
class Line:
    """One line of a group. The next page begins behind its key."""

    key: Key
    number: int | None = None  # as the sheet counts
    district_id: str = ""
    last_name: str = ""
    first_name: str = ""
    birth_date: Any = None
    grade: str = ""
    school_id: str = ""
    household: str = ""  # reference of a registered household
    student_id: int | None = None
    home: int | None = None
    together: int = 1  # new students of the file in the same home
    decision: str = ""
    left_out_by: str = ""  # a name
    why: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    cells: Mapping[str, str] | None = None


_joined = aliased(Household)  # the household a new student joins, or the one made for it
_COLUMNS = (
    RosterRow.import_id,
    RosterRow.number,
    RosterRow.district_id,
    func.coalesce(RosterRow.last_name, Student.last_name),
    func.coalesce(RosterRow.first_name, Student.first_name),
    func.coalesce(RosterRow.birth_date, Student.birth_date),
    func.coalesce(RosterRow.grade, Student.grade),
    func.coalesce(RosterRow.school_id, Student.school_id),
    func.coalesce(_joined.reference, Household.reference),
    RosterRow.student_id,
    RosterRow.home,
    RosterRow.evidence,
    RosterRow.decision,
    RosterRow.cells,
)


def people(start: FromClause | Any = RosterRow) -> Select[*tuple[Any, ...]]:
    """A SELECT for `line` over rows (`start`: what the rows are joined to). A row without values of its own has the register's."""
    return (
        select(*_COLUMNS)
        .select_from(start)
        .outerjoin(Student, Student.id == RosterRow.student_id)
        .outerjoin(Household, Household.id == Student.household_id)
        .outerjoin(RosterHome, and_(RosterHome.import_id == RosterRow.import_id, RosterHome.number == RosterRow.home))
        .outerjoin(_joined, _joined.id == RosterHome.household_id)
    )


def line(row: Sequence[Any]) -> Line:
    """The line of one result of `people`."""
    imported, number, district_id, last, first, birth, grade, school, household, student, home, evidence, *rest = row
    return Line(
        key=(imported or 0, number or 0),
        number=number,
        district_id=district_id or "",
        last_name=last or "",
        first_name=first or "",
        birth_date=birth,
        grade=grade or "",
        school_id=school or "",
        household=household or "",
        student_id=student,
        home=home,
        why=words(evidence or 0),
        decision=rest[0] or "",
        cells=rest[1],
    )


def problem(one: RosterProblem) -> Problem:
    """As a line carries it."""
    return Problem(
        column=one.column,
        heading=one.heading,
        value=one.value,
        message=one.message,
        advice=one.advice,
        stops=one.stops,
    )


def problems_of(session: Session, roster: RosterImport, numbers: Sequence[int]) -> dict[int, list[Problem]]:
    """What is wrong in each of the rows, by number; what stops a row first."""
    statement = select(RosterProblem).where(RosterProblem.import_id == roster.id, RosterProblem.number.in_(numbers))
    found: dict[int, list[Problem]] = {}
    for one in session.scalars(statement.order_by(RosterProblem.stops.desc(), RosterProblem.id)):
        found.setdefault(one.number, []).append(problem(one))
    return found


def in_words(name: str, value: str, schools: Mapping[str, str]) -> str:
    """A value of a plan's field as people read it; empty where there is none."""
    if name == "phones":
        return ", ".join(phone(number) for number in value.split())
    if name == "school_id":
        return schools.get(value, value)
    return value.replace("\t", " ")


def school_names(session: Session) -> dict[str, str]:
    """School ID -> name."""
    return dict(session.execute(select(School.id, School.name)).all())
