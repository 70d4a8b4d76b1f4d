"""`flask equity`: computes the counts that the council reads."""

import datetime as dt

import click
from flask import current_app
from flask.cli import with_appcontext

from connectivity.equity import releases
from connectivity.rules.calendar import city_today


@click.group("equity")
def commands() -> None:
    """The equity map's counts."""


@commands.command("compute")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day to count for, YYYY-MM-DD, within the program year. Default: today, or the last day of a year that has ended.",
)
@click.option(
    "--year", "label", help="The program year's label, like 2026-27. Default: the year that runs on that day."
)
@with_appcontext
def compute(as_of: dt.datetime | None, label: str | None) -> None:
    """Count eligible and connected households by community area, protect small counts, store a release."""
    try:
        with current_app.extensions["connectivity.sessions"].begin() as session:
            program_year = releases.program_year_on(session, as_of=as_of.date() if as_of else city_today(), label=label)
            day = as_of.date() if as_of else releases.last_countable_day(program_year)
            release = releases.compute(session, program_year=program_year, as_of=day, account=None)
            withheld = sum(row.withheld for row in release.counts)
            click.echo(
                f"Release {release.id}: program year {program_year.label} as of {day.isoformat()}, "
                f"{len(release.counts) - withheld} areas shown, {withheld} withheld, sha256 {release.sha256}."
            )
    except releases.ReleaseRefused as refused:
        raise click.ClickException(str(refused)) from refused
