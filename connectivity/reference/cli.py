"""`flask reference`: loads and checks data/."""

from typing import NoReturn

import click
from flask import current_app
from flask.cli import AppGroup

from connectivity.database import transaction
from connectivity.reference.check import check
from connectivity.reference.load import ReferenceDamaged, load

commands = AppGroup("reference", help="Reference data: areas, published figures, schools, streets.")


@commands.command("load")
def load_command() -> None:
    """Check data/ and bring it into the database. Loading it twice changes nothing."""
    with current_app.extensions["connectivity.sessions"]() as session, transaction(session):
        try:
            report = load(session, current_app.config["DATA_FOLDER"])
        except ReferenceDamaged as damaged:
            _refuse([str(problem) for problem in damaged.problems])
    for table in report.tables:
        click.echo(
            f"{table.table:<22}{table.rows:>6} rows{table.new:>7} new{table.changed:>7} changed{table.removed:>7} removed"
        )
    click.echo("Nothing to change." if not report.new + report.changed else "Reference data loaded.")


@commands.command("check")
def check_command() -> None:
    """Read data/ and name everything wrong with it. Writes nothing."""
    if problems := check(current_app.config["DATA_FOLDER"]):
        _refuse([str(problem) for problem in problems])
    click.echo("data/ is sound.")


def _refuse(lines: list[str]) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    raise SystemExit(1)
