"""Compares a staged roster with the register and the last roster, and writes the plan: nothing in the register changes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, delete, exists, func, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from connectivity.bulk import fetch, table_of, widen_cache, write
from connectivity.bulk import update as update_rows
from connectivity.database import now, transaction
from connectivity.register import (
    ChangeState,
    Covers,
    ImportState,
    Outcome,
    RosterChange,
    RosterDoubt,
    RosterHome,
    RosterImport,
    RosterProblem,
    RosterRow,
    Student,
)
from connectivity.register.student import GRADES
from connectivity.rosters import changes as field_changes
from connectivity.rosters import homes as planned_homes
from connectivity.rosters import newly_eligible
from connectivity.rosters.differences import Differences
from connectivity.rosters.holds import HoldRules, reasons
from connectivity.rosters.identities import begin_again, settle
from connectivity.rosters.imports import locked
from connectivity.rosters.known_households import NewRow
from connectivity.rosters.left_out import not_taken_in
from connectivity.rosters.places import Places
from connectivity.rosters.raise_questions import drop_asked
from connectivity.rosters.report import Report
from connectivity.rosters.rows_of import of_import
from connectivity.rosters.unheard import tell

UNPLACED = "unplaced"  # the `column` of a problem with a new home


def compare(session: Session, roster_id: int, *, rules: HoldRules, report: Report) -> None:
    """Makes the plan anew. Writes in two short transactions, so that others can work while it thinks in between."""
    with transaction(session):
        widen_cache(session, megabytes=32)
        report("Looking for students already known", 0, 0)
        begin_again(session, roster_id)
        settle(session, roster_id)
    report("Comparing field by field", 0, 0)
    different = field_changes.differences(session, roster_id)
    report("Finding households", 0, 0)
    plan = planned_homes.think(session, roster_id, moves=different.moves, left=different.left)
    homes = planned_homes.written(plan)
    report("Placing homes on the map", 0, len(homes))
    placed = Places.load(session).columns(homes) if homes else {}
    unfit = planned_homes.unfit_moves(session, plan, placed)
    with transaction(session):
        report("Writing the plan", 0, 0)
        roster = locked(session, roster_id)
        _keep_where_they_live(session, roster_id, different, unfit)
        tell(session, roster, different.unheard)
        _keep_changes(session, roster_id, different)
        planned_homes.keep(session, roster_id, plan, placed)
        _conclude(session, roster, rules)


def _keep_where_they_live(
    session: Session, import_id: int, different: Differences, unfit: Mapping[int, NewRow]
) -> None:
    """A home that is on the map is not given up for an address that cannot be placed: it stays, and the row says so."""
    session.execute(delete(RosterProblem).where(RosterProblem.import_id == import_id, RosterProblem.column == UNPLACED))
    different.changes = [
        replace(change, state=ChangeState.KEPT) if change.field == "address" and change.noun_id in unfit else change
        for change in different.changes
    ]
    for row in unfit.values():
        session.add(
            RosterProblem(
                import_id=import_id,
                number=row.number,
                column=UNPLACED,
                heading="",
                value=(row.original or "")[:60],
                message="The family has a home on the map, and this address cannot be found: the home stays as it is.",
                advice="Ask the family whether it moved. If it did, enter the move on the household's page.",
                stops=False,
            )
        )


def _keep_changes(session: Session, import_id: int, different: Differences) -> None:
    session.execute(delete(RosterChange).where(RosterChange.import_id == import_id))
    session.execute(
        update(RosterRow)
        .where(of_import(import_id, Outcome.WAITING), RosterRow.student_id.is_not(None))
        .values(outcome=Outcome.UNCHANGED)
        .execution_options(synchronize_session=False)
    )
    numbers = sorted(different.changed_rows)
    marked: dict[str, Any] = {
        "outcome": [Outcome.CHANGED.value] * len(numbers),
        "import_id": [import_id] * len(numbers),
        "number": numbers,
    }
    update_rows(session, table_of(RosterRow), ("import_id", "number"), marked)
    names = ("number", "noun", "noun_id", "field", "before", "after", "state")
    columns: dict[str, Any] = {name: [getattr(change, name) for change in different.changes] for name in names}
    columns["state"] = [str(state) for state in columns["state"]]
    write(session, table_of(RosterChange), {"import_id": [import_id] * len(different.changes), **columns})


def _conclude(session: Session, roster: RosterImport, rules: HoldRules) -> None:
    settle_overruled(session, roster)
    drop_asked(session, roster)
    roster.counts = count(session, roster)
    roster.holds = reasons(roster.counts, rules)
    # An approval was of the plan that this one replaces.
    roster.approved_by, roster.approved_at, roster.approval_reason = None, None, ""
    roster.state = ImportState.HELD if roster.holds else ImportState.PLANNED
    roster.compared_at = now()


def settle_overruled(session: Session, roster: RosterImport) -> None:
    """A row of whose news nothing is made, because people's word outranks it, changes nothing. One that raises a question stays changed."""
    mine = RosterChange.import_id == roster.id
    kept = select(RosterChange.number).where(mine, RosterChange.state == ChangeState.KEPT)
    made = select(RosterChange.number).where(mine, RosterChange.state != ChangeState.KEPT)
    asked = select(RosterDoubt.number).where(RosterDoubt.import_id == roster.id, RosterDoubt.number.is_not(None))
    number = RosterRow.number
    session.execute(
        update(RosterRow)
        .where(of_import(roster.id, Outcome.CHANGED), number.in_(kept), number.not_in(made), number.not_in(asked))
        .values(outcome=Outcome.UNCHANGED)
        .execution_options(synchronize_session=False)
    )


def count_made(session: Session, roster: RosterImport) -> None:
    """The figures of changes after an apply: what people changed since the plan was made was not touched."""
    settle_overruled(session, roster)
    roster.counts = roster.counts | _changed_fields(session, roster.id) | _changed_students(session, roster)


def vanished(roster: RosterImport) -> ColumnElement[bool]:
    """A WHERE condition: the district's last word on students who are not in this roster. None of a roster that covers a part."""
    said, mine = RosterRow, aliased(RosterRow)
    if roster.covers == Covers.PART:
        leaving = exists().where(
            mine.import_id == roster.id, mine.district_id == said.district_id, mine.outcome == Outcome.LEAVING
        )
        return and_(_standing_before(roster), leaving)
    stays = exists().where(
        mine.import_id == roster.id, mine.district_id == said.district_id, mine.outcome != Outcome.LEAVING
    )
    renamed = exists().where(
        mine.import_id == roster.id,
        mine.student_id == said.student_id,
        mine.outcome.in_((Outcome.CHANGED, Outcome.UNCHANGED)),
    )
    return and_(_standing_before(roster), ~stays, ~renamed, ~_id_unread(roster))


def _id_unread(roster: RosterImport) -> ColumnElement[bool]:
    """A WHERE condition: students whom a row names by name and birth date under an ID that nobody can read. They are in the file."""
    mine, said = aliased(RosterRow), RosterRow
    unread = select(mine.sort_name, mine.birth_date).where(
        mine.import_id == roster.id,
        mine.outcome == Outcome.REJECTED,
        mine.district_id.is_(None),
        mine.sort_name.is_not(None),
        mine.birth_date.is_not(None),
    )
    named = tuple_(said.sort_name, said.birth_date).in_(unread)
    return and_(said.sort_name.is_not(None), said.birth_date.is_not(None), named)


def _standing_before(roster: RosterImport, said: Any = RosterRow) -> ColumnElement[bool]:
    """Rows that were current when this roster was compared: current now, or ended by this very roster."""
    if roster.state in (ImportState.APPLIED, ImportState.UNDOING):
        return cast(ColumnElement[bool], said.until_import_id == roster.id)
    return and_(said.current, said.import_id != roster.id)


def no_longer_eligible(roster: RosterImport) -> ColumnElement[bool]:
    """A WHERE condition: rows that say a student is not eligible, whose last word did not say so. Their enrollments go on."""
    before = aliased(RosterRow)
    said_eligible = exists().where(
        before.student_id == RosterRow.student_id, before.eligible.is_not(False), _standing_before(roster, before)
    )
    known = of_import(roster.id, Outcome.CHANGED, Outcome.UNCHANGED)
    return and_(known, RosterRow.eligible.is_(False), said_eligible)


def count(session: Session, roster: RosterImport) -> dict[str, int]:
    """Every figure of the plan. Rows by outcome; students, households and problems by what would happen to them."""
    found = {outcome.value: 0 for outcome in Outcome}
    by_outcome = select(RosterRow.outcome, func.count()).where(of_import(roster.id)).group_by(RosterRow.outcome)
    found |= dict(fetch(session, by_outcome))
    found["rows"] = sum(found.values())
    found |= _changed_fields(session, roster.id) | _changed_students(session, roster)
    found |= _households(session, roster)
    found["last_roster"] = _number(session, RosterRow, _standing_before(roster))
    found["vanished"] = _number(session, RosterRow, vanished(roster))
    found["no_longer_eligible"] = _number(session, RosterRow, no_longer_eligible(roster))
    found |= _odd_changes(session, roster.id)
    found["known_students"] = found["unchanged"] + found["changed"]
    found["warnings"] = _number(session, RosterProblem, RosterProblem.import_id == roster.id, ~RosterProblem.stops)
    return found | not_taken_in(session, roster)


def _changed_fields(session: Session, import_id: int) -> dict[str, int]:
    statement = (
        select(RosterChange.field, RosterChange.state, func.count())
        .where(RosterChange.import_id == import_id)
        .group_by(RosterChange.field, RosterChange.state)
    )
    found = {"moved_school": 0, "moved_house": 0, "kept": 0, "fields": 0}
    named = {"school_id": "moved_school", "address": "moved_house"}
    for name, state, number in session.execute(statement):
        if state == ChangeState.KEPT:
            found["kept"] += number
        else:
            found["fields"] += number
            if name in named:
                found[named[name]] += number
    return found


def _odd_changes(session: Session, import_id: int) -> dict[str, int]:
    """Students whose grade falls, and those who get another name or birth date: few in a year, nearly all where columns have slipped."""
    mine = and_(
        RosterChange.import_id == import_id, RosterChange.noun == "student", RosterChange.state != ChangeState.KEPT
    )
    grades = select(RosterChange.before, RosterChange.after, func.count()).where(mine, RosterChange.field == "grade")
    rank = {grade: at for at, grade in enumerate(GRADES)}
    fallen = sum(
        number
        for before, after, number in fetch(session, grades.group_by(RosterChange.before, RosterChange.after))
        if rank.get(after, 0) < rank.get(before, 0)
    )
    person = RosterChange.field.in_(("first_name", "last_name", "birth_date"))
    renamed = select(func.count(func.distinct(RosterChange.noun_id))).where(mine, person)
    return {"grades_fell": fallen, "renamed": session.scalar(renamed) or 0}


def _changed_students(session: Session, roster: RosterImport) -> dict[str, int]:
    kept = select(RosterChange.number).where(
        RosterChange.import_id == roster.id, RosterChange.state == ChangeState.KEPT
    )
    changed, unchanged = of_import(roster.id, Outcome.CHANGED), of_import(roster.id, Outcome.UNCHANGED)
    return {
        "changed": _number(session, RosterRow, changed),
        "unchanged": _number(session, RosterRow, unchanged),
        "overruled": _number(session, RosterRow, unchanged, RosterRow.number.in_(kept)),
    }


def _households(session: Session, roster: RosterImport) -> dict[str, int]:
    mine = RosterHome.import_id == roster.id
    joining = exists().where(RosterRow.import_id == roster.id, RosterRow.home == RosterHome.number)
    doubts = RosterDoubt.import_id == roster.id
    known = (
        select(func.count(func.distinct(Student.household_id)))
        .join(RosterRow, RosterRow.district_id == Student.district_id)
        .where(of_import(roster.id, Outcome.UNCHANGED, Outcome.CHANGED))
    )
    return {
        "new_households": _number(session, RosterHome, mine, RosterHome.reference.is_not(None)),
        "joined_households": _number(session, RosterHome, mine, RosterHome.reference.is_(None), joining),
        "unplaced": _number(
            session, RosterHome, mine, RosterHome.line.is_not(None), RosterHome.community_area.is_(None)
        ),
        "near_edge": _number(session, RosterHome, mine, RosterHome.certainty == "near_edge"),
        "questions": _number(session, RosterDoubt, doubts),
        "known_households": session.scalar(known) or 0,
        "newly_eligible": newly_eligible.count(session, roster),
    }


def _number(session: Session, noun: Any, *where: Any) -> int:
    return session.scalar(select(func.count()).select_from(noun).where(*where)) or 0
