"""Which rows of an import a query is about."""

from sqlalchemy import ColumnElement, and_

from connectivity.register import Outcome, RosterRow


def of_import(import_id: int, *outcomes: Outcome) -> ColumnElement[bool]:
    """A WHERE condition: the rows of an import, with one of the outcomes if any are named."""
    mine = RosterRow.import_id == import_id
    return and_(mine, RosterRow.outcome.in_(outcomes)) if outcomes else mine
