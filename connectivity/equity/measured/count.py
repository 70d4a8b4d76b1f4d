"""Counts every base table of a program year at the end of one day. Unprotected: for `disclosure` alone."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from connectivity.equity.measured.answers import answers
from connectivity.equity.measured.catalog import BASE
from connectivity.equity.measured.reach import reach
from connectivity.equity.measured.retention import retention
from connectivity.equity.measured.students import students
from connectivity.register import ProgramYear

FAMILIES = (reach, retention, answers, students)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """`tables`: key of a base table -> cell -> households or students. Every table and every cell is there, zeros included."""

    program_year: str  # its label
    as_of: dt.date
    tables: Mapping[str, Mapping[str, int]]


def count_all(session: Session, *, program_year: ProgramYear, as_of: dt.date) -> Counted:
    """One query a family. On PostgreSQL they see one state only if the caller's transaction is REPEATABLE READ.

    Steps, homes and answers are counted by the day they are dated, whenever they were entered; what is dated later never counts.
    """
    found: dict[str, Mapping[str, int]] = {}
    for family in FAMILIES:
        found.update(family(session, program_year_id=program_year.id, as_of=as_of))
    tables = {one.key: found[one.key] for one in BASE}
    return Counted(program_year=program_year.label, as_of=as_of, tables=tables)
