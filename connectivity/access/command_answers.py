"""What the command line says when the database is the fault: one line, without a traceback and without a statement's values."""

from typing import Any

import click
from alembic.util import CommandError
from flask import Flask
from sqlalchemy.exc import DBAPIError

from connectivity import schema
from connectivity.access.request_session import db

BEHIND = "The database is behind this version of the program. Run: flask database upgrade"
NEWER = (
    "The database does not belong to this version of the program. Install the newer version, or use another database."
)


class AnsweredGroup(click.Group):
    """The same commands as `group`. A fault of the database ends them with one line and exit code 1."""

    def __init__(self, group: click.Group, app: Flask) -> None:
        super().__init__(group.name, commands=group.commands, help=group.help)
        self._app = app

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except DBAPIError as error:
            # `from None`: the driver's message quotes the statement and its values.
            raise click.ClickException(self._words(error)) from None
        except CommandError:
            raise click.ClickException(NEWER) from None

    def _words(self, error: DBAPIError) -> str:
        with self._app.app_context():
            try:
                stands_at = schema.stands_at(db.engine)
            except DBAPIError as down:
                return _silent(down)
            finally:
                db.engine.dispose()
        if stands_at != schema.newest():
            # An upgrade that fails midway leaves it behind as well; to run it again would not help.
            return BEHIND if _missing(error) else _refused(error)
        return _refused(error)


def _missing(error: DBAPIError) -> bool:
    """Whether a table or column was not there."""
    return (
        type(error.orig).__name__ in ("UndefinedTable", "UndefinedColumn")
        or "no such " in str(error.orig)
        or ("has no column" in str(error.orig))
    )


def _silent(error: DBAPIError) -> str:
    return f"The database does not answer: {type(error.orig).__name__}. Check CONNECTIVITY_DATABASE_URL."


def _refused(error: DBAPIError) -> str:
    return f"The database refused: {type(error.orig).__name__}. Nothing was changed."
