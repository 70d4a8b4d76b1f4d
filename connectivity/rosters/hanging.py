"""What hangs on rows that an undo would delete, asked of the tables' own foreign keys: a table that is added later is asked as well."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, select
from sqlalchemy.orm import Session

from connectivity.bulk import fetch
from connectivity.database import Base

GOES_ALONG = None  # in place of a condition: every row that refers there by this column goes with it
# By column, else by table: why the row that is referred to stays.
WHY = {
    "household": "it was merged or decided about since",
    "household_merge": "it was merged or decided about since",
    "household_question": "it was merged or decided about since",
    "enrollment": "its enrollment went on",
    "enrollment.holder_student_id": "the student holds the benefit of an enrollment",
    "connectivity_response": "it has connectivity answers",
    "connectivity_response.student_id": "there is an answer about the student's device",
    "connectivity_response.residence_id": "there are connectivity answers about that home",
    "service_address": "it has a service address",
    "membership_code": "it holds a membership code",
    "code_event": "a membership code was held for it or given to it",
    "letter": "a letter was made for it",
    "determination": "its eligibility was decided since",
    "appeal": "the family appealed since",
    "eligibility_outcome": "a yearly assessment of its eligibility was applied",
    "provider_file_row": "a provider's file names its enrollment",
    "provider_word": "a provider reported on its enrollment",
    "provider_account": "a provider reported on its enrollment",
    "snapshot_home": "its enrollment is in the books that bills are held against",
    "bill_line": "a provider's bill names its enrollment",
    "bill_finding": "a provider's bill names its enrollment",
}


def hung_on(
    session: Session, target: Table, ids: Select[Any], own: Mapping[str, ColumnElement[bool] | None]
) -> dict[int, str]:
    """Which of the target's rows others refer to, each with why it stays; the last reference found gives the words.

    `own`: by "table.column", which of the referring rows go along with the target (GOES_ALONG: all of them).
    """
    found: dict[int, str] = {}
    for column in references(target):
        name = named(column)
        goes_along = own.get(name, GOES_ALONG)
        if name in own and goes_along is GOES_ALONG:
            continue
        statement = select(column).where(column.in_(ids)).distinct()
        rows = fetch(session, statement if goes_along is None else statement.where(~goes_along))
        found |= dict.fromkeys((one for (one,) in rows), why(column))
    return found


def references(target: Table) -> Iterator[Column[Any]]:
    """Every column, of whatever table, whose foreign key leads to the target."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table is target for key in column.foreign_keys):
                yield column


def named(column: Column[Any]) -> str:
    """The column with its table, `letter.household_id`."""
    return f"{column.table.name}.{column.name}"


def why(column: Column[Any]) -> str:
    """In words. A table nobody has written words for is named as it is."""
    table = column.table.name
    return WHY.get(named(column)) or WHY.get(table) or f"other records refer to it ({table.replace('_', ' ')})"
