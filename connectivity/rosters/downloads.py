"""A group of a plan on its way out as a file: one snapshot, constant memory, a disclosure that is closed only after the last byte."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from connectivity.access.disclosures import close_disclosure
from connectivity.database import transaction
from connectivity.register import RosterImport
from connectivity.rosters.fixed_rows import PROBLEM, ROW
from connectivity.rosters.lines import Line, in_words, school_names
from connectivity.rosters.repairs import columns_of
from connectivity.rosters.row_groups import Group, all_lines
from connectivity.tabular.write import Profile, write_csv

KIND = "roster_group_csv"
BASIS = "School official with a legitimate educational interest (34 CFR 99.31(a)(1))"
PERSON = (ROW, "Student ID", "Last name", "First name", "Birth date", "Grade", "School ID", "Household")
CHANGE = ("Field", "Before", "After")
HOME = (ROW, "Household", "Guardian last name", "Guardian first name")
COLUMNS: Mapping[Group, tuple[str, ...]] = {
    Group.NEW: (*PERSON, "New students in this household", "Evidence"),
    Group.JOINED: (*PERSON, "New students in this household", "Evidence"),
    Group.CHANGED: (*PERSON, "Changes"),
    Group.MOVED_SCHOOL: (*PERSON, *CHANGE),
    Group.MOVED_HOUSE: (*PERSON, *CHANGE),
    Group.KEPT: (*PERSON, *CHANGE),
    Group.WARNINGS: (*PERSON, "Heading", "Value", "Warning", "What to do"),
    Group.UNPLACED: (*HOME, "Address", "Why"),
    Group.NEWLY_ELIGIBLE: (*HOME, "Students in this roster"),
    Group.QUESTIONS: (*HOME, "Question"),
    Group.STAYED: ("Household or student ID", "Why it stays"),
}


def header(roster: RosterImport, group: Group) -> tuple[str, ...]:
    """The headings of a group's file. Rejected rows have the file's own, so that they can be corrected and sent again."""
    if group == Group.REJECTED:
        return (*columns_of(roster).values(), ROW, PROBLEM)
    if group == Group.LEFT_OUT:
        return (*columns_of(roster).values(), ROW, PROBLEM, "Left out by")
    return COLUMNS.get(group, PERSON)


@dataclass
class GroupFile:
    """One file. Iterate over it once; `close()` in any case. If it is closed early, its disclosure stays unfinished."""

    sessions: sessionmaker[Session]
    roster_id: int
    group: Group
    titles: Mapping[str, str]  # of the fields of a change
    disclosure_id: int
    row_count: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.session = self.sessions()
        if self.session.get_bind().dialect.name == "postgresql":
            # One snapshot for every page; SQLite's read transaction is one already.
            self.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})

    def __iter__(self) -> Iterator[bytes]:
        digest = hashlib.sha256()
        roster = self.session.get_one(RosterImport, self.roster_id)
        for chunk in write_csv(header(roster, self.group), self._rows(roster), profile=Profile.SPREADSHEET):
            digest.update(chunk)
            yield chunk
        self.close()
        with self.sessions() as session, transaction(session):
            close_disclosure(session, self.disclosure_id, row_count=self.row_count, sha256=digest.hexdigest())

    def close(self) -> None:
        """Ends the snapshot."""
        self.session.close()

    def _rows(self, roster: RosterImport) -> Iterator[Sequence[Any]]:
        names, schools = list(columns_of(roster)), school_names(self.session)
        for line in all_lines(self.session, roster, self.group):
            self.row_count += 1
            if self.group in (Group.REJECTED, Group.LEFT_OUT):
                cells = [*((line.cells or {}).get(name, "") for name in names), line.number, _problems(line)]
                yield [*cells, line.left_out_by] if self.group == Group.LEFT_OUT else cells
            else:
                start = _START.get(self.group, _person)
                yield [*start(line), *_REST.get(self.group, _nothing)(line, self._changes(line, schools))]

    def _changes(self, line: Line, schools: Mapping[str, str]) -> list[tuple[str, str, str]]:
        return [
            (
                self.titles.get(one.field, one.field),
                in_words(one.field, one.before, schools),
                in_words(one.field, one.after, schools),
            )
            for one in line.changes
        ]


Changes = Sequence[tuple[str, str, str]]


def _person(line: Line) -> list[Any]:
    names = (line.district_id, line.last_name, line.first_name, line.birth_date, line.grade, line.school_id)
    return [line.number, *names, line.household]


def _home(line: Line) -> list[Any]:
    return [line.number, line.household, line.last_name, line.first_name]


def _problems(line: Line) -> str:
    return " ".join(
        f"{one.heading}{': ' if one.heading else ''}{one.message} {one.advice}".strip() for one in line.problems
    )


def _nothing(_line: Line, _changes: Changes) -> list[Any]:
    return []


def _evidence(line: Line, _changes: Changes) -> list[Any]:
    return [line.together, "; ".join(line.why)]


def _one_change(_line: Line, changes: Changes) -> list[Any]:
    return list(changes[0])


def _warning(line: Line, _changes: Changes) -> list[Any]:
    one = line.problems[0]
    return [one.heading, one.value, one.message, one.advice]


_START: Mapping[Group, Callable[[Line], list[Any]]] = {
    Group.UNPLACED: _home,
    Group.NEWLY_ELIGIBLE: _home,
    Group.QUESTIONS: _home,
    Group.STAYED: lambda line: [line.household],
}
_REST: Mapping[Group, Callable[[Line, Changes], list[Any]]] = {
    Group.NEW: _evidence,
    Group.JOINED: _evidence,
    Group.CHANGED: lambda _line, changes: ["; ".join(f"{name}: {old or '–'} → {new}" for name, old, new in changes)],
    Group.MOVED_SCHOOL: _one_change,
    Group.MOVED_HOUSE: _one_change,
    Group.KEPT: _one_change,
    Group.WARNINGS: _warning,
    Group.UNPLACED: lambda line, changes: [changes[0][2], "; ".join(line.why)],
    Group.NEWLY_ELIGIBLE: lambda line, _changes: [line.together],
    Group.QUESTIONS: lambda line, _changes: ["; ".join(line.why)],
    Group.STAYED: lambda line, _changes: ["; ".join(line.why)],
}
