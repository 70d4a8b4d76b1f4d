"""`flask program`: codes into the books, codes made here, the check of the books, and what happens each night."""

import datetime as dt
import hashlib
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from connectivity.database import transaction
from connectivity.rules.calendar import city_today
from connectivity.rules.membership_codes import last_day_problem
from connectivity.service.cli_frame import DAY, provider_of, year_of
from connectivity.service.codes import batches, books, expire
from connectivity.service.codes.code_file import BadLine, read_code_file
from connectivity.service.codes.take_in import File, LinesRefused, take_in
from connectivity.service.nightly import STEPS, Night, Said, Step
from connectivity.tabular.problems import FileRefused

LISTED = 50


def _last_day(_context: click.Context, _option: click.Parameter, last: dt.datetime | None) -> dt.date | None:
    """The last day of codes. Raises BadParameter for one that nobody can mean."""
    problem = last_day_problem(last.date(), today=city_today()) if last else None
    if problem:
        raise click.BadParameter(" ".join(problem))
    return last.date() if last else None


@click.command("add-codes")
@click.argument("provider")
@click.argument("year")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--expires", type=DAY, callback=_last_day, help="Last day the codes can be used, where the file names none."
)
@with_appcontext
def add_codes(provider: str, year: str, file: Path, expires: dt.date | None) -> None:
    """Add a provider's membership codes for a year from a file: CSV, Excel or text. All of them, or none; known ones are skipped."""
    today = city_today()
    content = file.read_bytes()
    try:
        read = read_code_file(file, today=today)
        with current_app.extensions["connectivity.sessions"]() as session, transaction(session):
            added = take_in(
                session,
                account=None,
                provider=provider_of(session, provider),
                year=year_of(session, year),
                read=read,
                file=File(path=file, name=file.name, sha256=hashlib.sha256(content).hexdigest()),
                on=today,
                expires_on=expires,
            )
    except FileRefused as refused:
        raise click.ClickException(str(refused)) from None
    except LinesRefused as refused:
        raise click.ClickException(_listed(refused.bad)) from None
    click.echo(f"Codes added: {added.new:,}, known already: {added.known:,}.")


def _listed(bad: list[BadLine]) -> str:
    lines = [f"Line {one.number}: {one.message}" for one in bad[:LISTED]]
    more = [f"... and {len(bad) - LISTED:,} more lines."] if len(bad) > LISTED else []
    return "\n".join(["Nothing was added.", *lines, *more])


@click.command("make-codes")
@click.argument("provider")
@click.argument("year")
@click.argument("count", type=click.IntRange(1, batches.MOST_GENERATED))
@click.option("--expires", type=DAY, callback=_last_day, help="Last day the codes can be used.")
@with_appcontext
def make_codes(provider: str, year: str, count: int, expires: dt.date | None) -> None:
    """Make new codes here, for a provider that takes ours."""
    with current_app.extensions["connectivity.sessions"]() as session, transaction(session):
        added = batches.generate(
            session,
            account=None,
            provider=provider_of(session, provider),
            year=year_of(session, year),
            count=count,
            on=city_today(),
            expires_on=expires,
        )
    click.echo(f"Codes made: {added.new:,}.")


@click.command("check-codes")
@with_appcontext
def check_codes() -> None:
    """Check the books of codes and keep the result. Ends with 1 if they do not balance."""
    with current_app.extensions["connectivity.sessions"]() as session, transaction(session):
        found = books.check(session, account=None)
        figures = ", ".join(f"{getattr(found, name):,} {name}" for name in books.COLUMNS)
        words, balanced = f"{found.imported:,} codes came in: {figures}.", found.balanced
        kinds = "; ".join(f"{kind.replace('_', ' ')}: {', '.join(map(str, ids))}" for kind, ids in found.found.items())
    click.echo(words)
    if not balanced:
        raise click.ClickException(f"The books do not balance. {kinds}")
    click.echo("The books balance.")


@click.command("expire-codes")
@click.option("--redeemed", is_flag=True, help="Also codes that a family's service runs on.")
@with_appcontext
def expire_codes(*, redeemed: bool) -> None:
    """Mark codes past their last day as expired. The nightly run does it too, but never for redeemed ones."""
    with current_app.extensions["connectivity.sessions"]() as session, transaction(session):
        expired = expire.expire_due(session, account=None, today=city_today(), redeemed_too=redeemed)
    click.echo(f"Codes expired: {expired.count:,}, redeemed ones left in service: {expired.left_in_service:,}.")


@click.command("nightly")
@with_appcontext
def nightly() -> None:
    """Do what each night brings: let it run once a day. Ends with 1 if a step failed or found something to look at."""
    night = Night(today=city_today(), folder=Path(current_app.instance_path))
    said = [_taken(step, night) for step in STEPS]
    for one in said:
        click.echo(one.words)
    if not all(one.well for one in said):
        raise click.ClickException("Somebody must look at this.")


def _taken(step: Step, night: Night) -> Said:
    """The step in a transaction of its own. A fault is told by its kind alone: its message may quote values."""
    try:
        with current_app.extensions["connectivity.sessions"]() as session, transaction(session):
            return step(session, night)
    except (SQLAlchemyError, OSError, ValueError) as fault:
        return Said(words=f"{step.__name__} failed: {type(fault).__name__}.", well=False)


COMMANDS = (add_codes, make_codes, check_codes, expire_codes, nightly)
