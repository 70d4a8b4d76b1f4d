"""The groups of a plan that list homes: those without a place, those to enroll, and the questions about them."""

from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from connectivity.register import (
    Household,
    RosterDoubt,
    RosterHome,
    RosterImport,
    RosterRow,
)
from connectivity.rosters.lines import Change, Key, Line
from connectivity.rosters.newly_eligible import rows_of
from connectivity.rules.household_evidence import words


def unplaced(session: Session, roster: RosterImport, after: Key, size: int) -> list[Line]:
    """Homes without a place on the map, with the reason; the name is the guardian's."""
    statement = (
        select(RosterHome, Household)
        .outerjoin(Household, Household.id == RosterHome.household_id)
        .where(
            RosterHome.import_id == roster.id,
            RosterHome.line.is_not(None),
            RosterHome.community_area.is_(None),
            RosterHome.number > after[0],
        )
    )
    rows = session.execute(statement.order_by(RosterHome.number).limit(size))
    return [_home_line(home, household, key=home.number) for home, household in rows]


def _home_line(home: RosterHome, household: Household | None, *, key: int) -> Line:
    named = household or home
    return Line(
        key=(key, 0),
        last_name=named.guardian_last_name,
        first_name=named.guardian_first_name,
        household=household.reference if household else "",
        changes=[Change(field="address", before="", after=home.original or "")],
        why=[home.reason] if home.reason else [],
    )


def newly_eligible(session: Session, roster: RosterImport, after: Key, size: int) -> list[Line]:
    """Registered households that the roster would enroll, as `newly_eligible.count` counts them."""
    rows = rows_of(roster)
    statement = (
        select(Household, func.min(rows.c.number), func.count())
        .join(rows, rows.c.household_id == Household.id)
        .where(Household.id > after[0])
        .group_by(Household.id)
    )
    return [
        Line(
            key=(household.id, 0),
            number=first,
            last_name=household.guardian_last_name,
            first_name=household.guardian_first_name,
            household=household.reference,
            together=together,
        )
        for household, first, together in session.execute(statement.order_by(Household.id).limit(size))
    ]


def questions(session: Session, roster: RosterImport, after: Key, size: int) -> list[Line]:
    """Two homes that may be one, or a student who may have left: what people would be asked."""
    one, other = aliased(RosterHome), aliased(RosterHome)
    first, second = aliased(Household), aliased(Household)
    statement = (
        select(RosterDoubt, one, first, other, second, RosterRow)
        .join(one, _home(one, RosterDoubt.home))
        .outerjoin(first, first.id == one.household_id)
        .outerjoin(other, _home(other, RosterDoubt.other_home))
        .outerjoin(second, second.id == other.household_id)
        .outerjoin(RosterRow, and_(RosterRow.import_id == roster.id, RosterRow.number == RosterDoubt.number))
        .where(RosterDoubt.import_id == roster.id, RosterDoubt.id > after[0])
    )
    rows = session.execute(statement.order_by(RosterDoubt.id).limit(size))
    return [_question(*row) for row in rows]


def _home(home: Any, number: Any) -> Any:
    return and_(home.import_id == RosterDoubt.import_id, home.number == number)


def _question(
    doubt: RosterDoubt,
    home: RosterHome,
    household: Household | None,
    other: RosterHome | None,
    second: Household | None,
    row: RosterRow | None,
) -> Line:
    made = _home_line(home, household, key=doubt.id)
    made.changes = []
    if other is not None:
        named = second or other
        beside = f"{named.guardian_first_name} {named.guardian_last_name}".strip()
        made.why = [f"One household with {beside}{f' ({second.reference})' if second else ''}?", *words(doubt.evidence)]
    if row is not None:
        made.number, made.district_id = row.number, row.district_id or ""
        made.last_name, made.first_name = row.last_name or "", row.first_name or ""
        made.why = [f"Has this student left? The roster says: {doubt.address}"]
    return made
