"""Where each student's link to its household came from: the district's last row about the student."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from connectivity.register import RosterImport, RosterRow, Student
from connectivity.rules.calendar import city_day
from connectivity.rules.household_evidence import words


@dataclass(frozen=True, kw_only=True)
class RosterLink:
    """The row, the receipt of its roster, and what matched, in words."""

    import_id: int
    number: int
    on: dt.date
    evidence: tuple[str, ...]  # empty: the student came with a home of its own


def roster_links(session: Session, students: Sequence[Student]) -> dict[int, RosterLink]:
    """Student id -> its link. A student whom no roster has named is missing."""
    by_district_id = {one.district_id: one.id for one in students}
    if not by_district_id:
        return {}
    rows = session.execute(
        select(RosterRow.district_id, RosterRow.number, RosterRow.evidence, RosterImport)
        .join(RosterImport, RosterImport.id == RosterRow.import_id)
        # In these very words SQLite finds the partial index.
        .where(text("roster_row.current"), RosterRow.district_id.in_(list(by_district_id)))
    )
    return {
        by_district_id[district_id]: RosterLink(
            import_id=roster.id,
            number=number,
            on=city_day(roster.applied_at or roster.submitted_at),
            evidence=tuple(words(evidence)),
        )
        for district_id, number, evidence, roster in rows
        if district_id is not None
    }
