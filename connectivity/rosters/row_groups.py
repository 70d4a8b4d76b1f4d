"""The groups of a plan, a page of lines at a time: the same lines for the table on the page and for the file."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, select, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.orm import join as joined
from sqlalchemy.orm import outerjoin as joined_if_any

from connectivity.register import (
    ChangeState,
    Outcome,
    RosterChange,
    RosterHome,
    RosterImport,
    RosterProblem,
    RosterRow,
)
from connectivity.rosters import home_groups
from connectivity.rosters.comparison import no_longer_eligible, vanished
from connectivity.rosters.left_out import LEFT_OUT, is_left_out, who_left_out
from connectivity.rosters.lines import NOTHING, Change, Key, Line, line, people, problem, problems_of
from connectivity.rosters.repairs import cells_of
from connectivity.rosters.rows_of import of_import


class Group(StrEnum):
    """What can be listed of a plan or receipt."""

    NEW = "new"
    JOINED = "joined"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    VANISHED = "vanished"
    MOVED_SCHOOL = "moved_school"
    MOVED_HOUSE = "moved_house"
    AMBIGUOUS = "ambiguous"
    REJECTED = "rejected"
    LEFT_OUT = "left_out"
    REPEATED = "repeated"
    KEPT = "kept"
    LEAVING = "leaving"
    UNPLACED = "unplaced"
    WARNINGS = "warnings"
    NEWLY_ELIGIBLE = "newly_eligible"
    NO_LONGER_ELIGIBLE = "no_longer_eligible"
    QUESTIONS = "questions"
    STAYED = "stayed"


def lines_of(session: Session, roster: RosterImport, group: Group, *, after: Key = NOTHING, size: int) -> list[Line]:
    """Up to `size` lines of a group behind `after`, in the order of the file."""
    if group in _CHANGES:
        return _change_lines(session, roster, group, after, size)
    return _OTHERS.get(group, _row_lines(group))(session, roster, after, size)


def total(session: Session, roster: RosterImport, group: Group) -> int:
    """How many lines a group has: the plan's figure, where it is one of lines that repairs do not change."""
    if group == Group.STAYED:
        return len(roster.kept)
    if group == Group.WARNINGS:
        mine = and_(RosterProblem.import_id == roster.id, ~RosterProblem.stops)
        return session.scalar(select(func.count()).select_from(RosterProblem).where(mine)) or 0
    if group in (Group.JOINED, Group.REJECTED, Group.LEFT_OUT):
        return session.scalar(people().with_only_columns(func.count()).where(_rows_in(roster, group))) or 0
    return int(roster.counts.get(group, 0))


def all_lines(session: Session, roster: RosterImport, group: Group, *, size: int = 2000) -> Iterator[Line]:
    """Every line, a page in memory at a time."""
    after = NOTHING
    while lines := lines_of(session, roster, group, after=after, size=size):
        yield from lines
        after = lines[-1].key


_Lines = Callable[[Session, RosterImport, Key, int], list[Line]]


def _row_lines(group: Group) -> _Lines:
    def lines(session: Session, roster: RosterImport, after: Key, size: int) -> list[Line]:
        key = (RosterRow.import_id, RosterRow.number)
        statement = people().where(_rows_in(roster, group), tuple_(*key) > tuple_(*after))
        found = [line(row) for row in session.execute(statement.order_by(*key).limit(size))]
        if group in _COMPLETED:
            _COMPLETED[group](session, roster, found)
        if group == Group.VANISHED:
            for one in found:
                one.number = None  # it stood in another sheet
        return found

    return lines


def _rows_in(roster: RosterImport, group: Group) -> ColumnElement[bool]:
    if group == Group.VANISHED:
        return vanished(roster)
    if group == Group.NO_LONGER_ELIGIBLE:
        return no_longer_eligible(roster)
    if group == Group.JOINED:
        return and_(of_import(roster.id, Outcome.NEW), RosterHome.reference.is_(None))
    if group == Group.LEFT_OUT:
        return and_(of_import(roster.id), is_left_out())
    if group == Group.REJECTED:
        return and_(of_import(roster.id, Outcome.REJECTED), RosterRow.decision.is_distinct_from(LEFT_OUT))
    return of_import(roster.id, Outcome(group.value))


def _count_together(session: Session, roster: RosterImport, lines: Sequence[Line]) -> None:
    statement = (
        select(RosterRow.home, func.count())
        .where(of_import(roster.id, Outcome.NEW), RosterRow.home.in_({one.home for one in lines}))
        .group_by(RosterRow.home)
    )
    counted: dict[int | None, int] = dict(session.execute(statement).all())
    for one in lines:
        one.together = counted.get(one.home, 1)


def _add_changes(session: Session, roster: RosterImport, lines: Sequence[Line]) -> None:
    statement = select(RosterChange.number, RosterChange.field, RosterChange.before, RosterChange.after).where(
        RosterChange.import_id == roster.id,
        RosterChange.number.in_([one.number for one in lines]),
        RosterChange.state != ChangeState.KEPT,
    )
    found: dict[int, list[Change]] = defaultdict(list)
    for number, name, before, after in session.execute(statement.order_by(RosterChange.id)):
        found[number].append(Change(field=name, before=before or "", after=after or ""))
    for one in lines:
        one.changes = found.get(one.number or 0, [])
    silent = [one for one in lines if not one.changes and one.number]
    warned = problems_of(session, roster, [one.number or 0 for one in silent])
    for one in silent:
        one.problems = warned.get(one.number or 0, [])


def _add_problems(session: Session, roster: RosterImport, lines: Sequence[Line]) -> None:
    numbers = [one.number for one in lines if one.number]
    found = problems_of(session, roster, numbers)
    read_well = select(RosterRow).where(of_import(roster.id), RosterRow.number.in_(numbers), RosterRow.cells.is_(None))
    cells = {row.number: cells_of(roster, row) for row in session.scalars(read_well)}
    names = who_left_out(session, roster, [one.number for one in lines if one.number and one.decision == LEFT_OUT])
    for one in lines:
        one.problems = found.get(one.number or 0, [])
        one.cells = one.cells or cells.get(one.number or 0)
        one.left_out_by = names.get(one.number or 0, "")


_COMPLETED: dict[Group, Callable[[Session, RosterImport, Sequence[Line]], None]] = {
    Group.NEW: _count_together,
    Group.JOINED: _count_together,
    Group.CHANGED: _add_changes,
    Group.REJECTED: _add_problems,
    Group.LEFT_OUT: _add_problems,
}
_CHANGES = {
    Group.MOVED_SCHOOL: and_(RosterChange.field == "school_id", RosterChange.state != ChangeState.KEPT),
    Group.MOVED_HOUSE: and_(RosterChange.field == "address", RosterChange.state != ChangeState.KEPT),
    Group.KEPT: RosterChange.state == ChangeState.KEPT,
}


def _change_lines(session: Session, roster: RosterImport, group: Group, after: Key, size: int) -> list[Line]:
    """A change of a household has the person of the first row that says it."""
    row_of = and_(RosterRow.import_id == RosterChange.import_id, RosterRow.number == RosterChange.number)
    statement = (
        people(joined(RosterChange, RosterRow, row_of))
        .add_columns(RosterChange.id, RosterChange.field, RosterChange.before, RosterChange.after)
        .where(RosterChange.import_id == roster.id, _CHANGES[group], RosterChange.id > after[0])
    )
    lines = []
    for *person, one, name, before, now in session.execute(statement.order_by(RosterChange.id).limit(size)):
        made = line(person)
        made.key, made.changes = (one, 0), [Change(field=name, before=before or "", after=now or "")]
        lines.append(made)
    return lines


def _warning_lines(session: Session, roster: RosterImport, after: Key, size: int) -> list[Line]:
    """A warning of how the file ends belongs to no row."""
    key = (RosterProblem.number, RosterProblem.id)
    row_of = and_(RosterRow.import_id == RosterProblem.import_id, RosterRow.number == RosterProblem.number)
    statement = (
        people(joined_if_any(RosterProblem, RosterRow, row_of))
        .add_columns(RosterProblem)
        .where(RosterProblem.import_id == roster.id, ~RosterProblem.stops, tuple_(*key) > tuple_(*after))
    )
    lines = []
    for *person, one in session.execute(statement.order_by(*key).limit(size)):
        made = line(person)
        made.key, made.number, made.why, made.problems = (one.number, one.id), one.number, [], [problem(one)]
        lines.append(made)
    return lines


def _stayed_lines(_session: Session, roster: RosterImport, after: Key, size: int) -> list[Line]:
    kept = enumerate(roster.kept[after[0] : after[0] + size], start=after[0] + 1)
    return [Line(key=(at, 0), household=of, why=[why]) for at, (of, why) in kept]


_OTHERS: dict[Group, _Lines] = {
    Group.WARNINGS: _warning_lines,
    Group.UNPLACED: home_groups.unplaced,
    Group.NEWLY_ELIGIBLE: home_groups.newly_eligible,
    Group.QUESTIONS: home_groups.questions,
    Group.STAYED: _stayed_lines,
}
