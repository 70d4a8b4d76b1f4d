"""Tells what a row says new of its household and what is not taken, because another row of the household says otherwise."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from connectivity.bulk import table_of, write
from connectivity.register import RosterImport, RosterProblem
from connectivity.rosters.differences import Unheard
from connectivity.tabular.problems import echo

UNHEARD = "unheard"  # the `column` of its problem: the comparison writes it, not the reading
TITLES = {"guardian": "guardian", "email": "e-mail", "language": "home language", "zip": "ZIP code"}
# Our columns a field is read from; the first that the file has give the heading.
SOURCES: Mapping[str, Sequence[tuple[str, ...]]] = {
    "guardian": (("guardian_name",), ("guardian_first_name", "guardian_last_name")),
    "email": (("email",),),
    "language": (("language",),),
    "zip": (("zip",), ("address",)),
}
ADVICE = "Open the household’s page: if this row is right, change it there. If you do not know, ask the school."


def tell(session: Session, roster: RosterImport, unheard: Sequence[Unheard]) -> None:
    """Writes a warning for each, in place of those of an earlier comparison."""
    session.execute(delete(RosterProblem).where(RosterProblem.import_id == roster.id, RosterProblem.column == UNHEARD))
    count = len(unheard)
    columns: dict[str, Sequence[Any]] = {
        "import_id": [roster.id] * count,
        "number": [one.number for one in unheard],
        "column": [UNHEARD] * count,
        "heading": [_heading(roster.columns, one.field) for one in unheard],
        "value": [echo(one.value.replace("\t", " ")) for one in unheard],
        "message": [_message(one) for one in unheard],
        "advice": [ADVICE] * count,
        "stops": [False] * count,
    }
    if unheard:
        write(session, table_of(RosterProblem), columns)


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
    if one.unlikely:
        return f"This {title} does not reach the place where the household lives, so nothing is changed."
    if one.old_stands:
        return (
            f"This {title} is new. Another student of the same household still has the one that is registered, "
            "so nothing is changed."
        )
    return f"Another student of the same household has another new {title} in this file. That one is taken."
