"""Writes what the demo's program years want to reach: the published goal of the first, and made-up ones of the year that runs."""

import datetime as dt

from sqlalchemy import insert
from sqlalchemy.orm import Session

from connectivity.bulk import noon
from connectivity.demo.households import Program
from connectivity.demo.program import LAUNCH
from connectivity.register import Counted, ProgramTarget, Unit


def write_targets(session: Session, program: Program) -> int:
    """Returns the rows written."""
    last = len(program.years) - 1
    year, eligible = program.years[last], int((program.enrollments.year == last).sum())
    rows = [
        _row(
            last,
            year.starts_on,
            number=max(1, round(eligible * share, -1)),
            counted=counted,
            due_on=due_on,
            basis=basis,
            vintage=vintage,
        )
        for counted, share, due_on, basis, vintage in (
            (Counted.CONTACTED, 0.8, dt.date(year.fall, 10, 31), "Four of five eligible families told by the end of October", "Demo assumption"),
            (Counted.CONNECTED, 0.4, year.ends_on, "Take-up of 28% in the first year, raised to 40% (demo assumption)", "UChicago Consortium, May 2021"),
        )
    ]  # fmt: skip
    if program.years[0].starts_on == LAUNCH:
        rows.append(
            _row(
                0,
                LAUNCH,
                number=100_000,
                unit=Unit.STUDENTS,
                counted=Counted.CONNECTED,
                due_on=program.years[0].ends_on,
                basis="Goal at the launch: about 110,000 children in homes without broadband",
                vintage="ACS 2018",
            )
        )
    session.execute(insert(ProgramTarget), rows)
    return len(rows)


def _row(year: int, since: dt.date, *, unit: Unit = Unit.HOUSEHOLDS, **given: object) -> dict[str, object]:
    return {"program_year_id": year + 1, "unit": unit, "created_at": noon(since), **given}
