"""Tells what a row says new of its household, or says no more, and what is not taken: another row says otherwise, or a cell is empty."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, table_of, write
from connectivity.formats import phone
from connectivity.register import RosterImport, RosterProblem
from connectivity.rosters.differences import Unheard
from connectivity.tabular.problems import echo

UNHEARD = "unheard"  # the `column` of its problem: the comparison writes it, not the reading
TITLES = {
    "guardian": "guardian",
    "email": "e-mail",
    "language": "home language",
    "phones": "phone",
    "line": "address",
    "zip": "ZIP code",
}
# Our columns a field is read from; the first that the file has give the heading.
SOURCES: Mapping[str, Sequence[tuple[str, ...]]] = {
    "guardian": (("guardian_name",), ("guardian_first_name", "guardian_last_name")),
    "email": (("email",),),
    "language": (("language",),),
    "phones": (("phone", "phone_2", "phone_3"),),
    "line": (("address",),),
    "zip": (("zip",), ("address",)),
}
ADVICE = "Open the household’s page: if this row is right, change it there. If you do not know, ask the school."
ADVICE_EMPTIED = "Ask the school whether it still holds. If it does not, change it on the household’s page."


def tell(session: Session, roster: RosterImport, unheard: Sequence[Unheard]) -> None:
    """Writes a warning for each, in place of those of an earlier comparison."""
    session.execute(delete(RosterProblem).where(RosterProblem.import_id == roster.id, RosterProblem.column == UNHEARD))
    unheard = _without_unread(session, roster, unheard)
    count = len(unheard)
    columns: dict[str, Sequence[Any]] = {
        "import_id": [roster.id] * count,
        "number": [one.number for one in unheard],
        "column": [UNHEARD] * count,
        "heading": [_heading(roster.columns, one.field) for one in unheard],
        "value": [echo(_value(one)) for one in unheard],
        "message": [_message(one) for one in unheard],
        "advice": [ADVICE_EMPTIED if one.emptied else ADVICE for one in unheard],
        "stops": [False] * count,
    }
    if unheard:
        write(session, table_of(RosterProblem), columns)


def _without_unread(session: Session, roster: RosterImport, unheard: Sequence[Unheard]) -> Sequence[Unheard]:
    """A cell is not empty that could not be read, nor one of a column that the file does not have."""
    if not any(one.emptied for one in unheard):
        return unheard
    unread = set(fetch(session, select(RosterProblem.number, RosterProblem.column).where(_mine(roster))))
    return [one for one in unheard if not one.emptied or _is_empty(one, roster.columns, unread)]


def _mine(roster: RosterImport) -> ColumnElement[bool]:
    return and_(RosterProblem.import_id == roster.id, RosterProblem.column != "")


def _is_empty(one: Unheard, columns: Mapping[str, str], unread: Collection[tuple[int, str]]) -> bool:
    sources = [name for names in SOURCES[one.field] for name in names if name in columns]
    return bool(sources) and not any((one.number, name) in unread for name in sources)


def _value(one: Unheard) -> str:
    if one.field == "phones":
        return ", ".join(phone(number) for number in one.value.split())
    return one.value.replace("\t", " ")


def _heading(columns: Mapping[str, str], field: str) -> str:
    """As the file writes it; two where the file has the name in two halves."""
    return next(
        (
            ", ".join(named)
            for names in SOURCES[field]
            if (named := [columns[name] for name in names if name in columns])
        ),
        "",
    )


def _message(one: Unheard) -> str:
    """Without a value of anybody else's row."""
    title = TITLES[one.field]
    if one.emptied:
        return f"The last roster had this {title}, and now the cell is empty. An empty cell takes nothing away."
    if one.unlikely:
        return f"This {title} does not reach the place where the household lives, so nothing is changed."
    if one.old_stands:
        return (
            f"This {title} is new. Another student of the same household still has the one that is registered, "
            "so nothing is changed."
        )
    return f"Another student of the same household has another new {title} in this file. That one is taken."
