"""`flask demo`: creates the synthetic program, in demo mode only."""

import datetime as dt
import re
from pathlib import Path
from typing import NoReturn

import click
from flask import current_app
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from connectivity.access.demo_accounts import DEMO_PASSWORD, create_demo_accounts, demo_accounts
from connectivity.database import transaction
from connectivity.demo.bill import write_bill
from connectivity.demo.create import STEPS, Created, DemoExists, DemoRefused, create
from connectivity.demo.program import TodayRefused
from connectivity.demo.roster import Wanted, Written, write_roster
from connectivity.reference.store import ReferenceMissing
from connectivity.rules.calendar import city_today

_ONE = {
    "families": "family",
    "students": "student",
    "children": "child",
    "siblings": "sibling",
    "guardians": "guardian",
    "schools": "school",
    "streets": "street",
    "dates": "date",
    "formulas": "formula",
    "boxes": "box",
    "IDs": "ID",
}
_PLURALS = re.compile(rf"\b(?:{'|'.join(_ONE)})\b")
MOST = 400_000  # households: more than the district has students

commands = AppGroup("demo", help="A synthetic program to look at: nobody in it is real.")


@commands.command("create")
@click.option(
    "--households", type=click.IntRange(1, MOST), default=2000, show_default=True, help="How many households."
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed makes the same program."
)
@click.option(
    "--today", type=click.DateTime(["%Y-%m-%d"]), help="The day the program stands at, YYYY-MM-DD. [default: today]"
)
@click.option("--once", is_flag=True, help="Do nothing if there is a demo program already.")
def create_command(households: int, seed: int, today: dt.datetime | None, *, once: bool) -> None:
    """Create a demo program in an empty database: all of it or nothing."""
    _refuse_outside_demo_mode()
    day = today.date() if today else city_today()
    try:
        made = _create(households, seed, day)
    except DemoExists as there:
        if not once:
            _refuse(str(there))
        click.echo("There is a demo program already. Nothing was changed.")
    except (DemoRefused, TodayRefused, ReferenceMissing) as refused:
        _refuse(str(refused))
    else:
        click.echo(
            f"Demo program of {made.households:,} households as of {day.isoformat()} created: {made.rows:,} rows."
        )
    _show_accounts()


def _create(households: int, seed: int, day: dt.date) -> Created:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(*columns, console=Console(stderr=True), transient=True) as progress,
        current_app.extensions["connectivity.sessions"]() as session,
        transaction(session),
    ):
        task = progress.add_task("Create the demo program", total=STEPS)
        create_demo_accounts(session)
        return create(
            session,
            households=households,
            seed=seed,
            today=day,
            data_folder=current_app.config["DATA_FOLDER"],
            report=lambda step, _rows: progress.update(task, advance=1, description=step),
        )


@commands.command("bill")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
@click.option("--provider", default="Comcast", show_default=True, help="Whose bill.")
@click.option("--month", type=click.DateTime(["%Y-%m"]), help="The month, YYYY-MM. [default: this one]")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed makes the same file.")
def bill_command(file: Path, provider: str, month: dt.datetime | None, seed: int) -> None:
    """Write a provider's bill of the demo program to FILE, with faults planted."""
    _refuse_outside_demo_mode()
    of = (month.date() if month else city_today()).replace(day=1)
    with current_app.extensions["connectivity.sessions"]() as session:
        try:
            lines = write_bill(session, file, provider=provider, month=of, seed=seed)
        except OSError as unwritten:
            _refuse(f"{file} cannot be written: {unwritten.strerror}. Choose another place for the file.")
    click.echo(f"Bill of {provider} for {of:%Y-%m} written to {file}: {lines:,} lines.")


@commands.command("roster")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed makes the same file.")
@click.option(
    "--changes",
    type=click.FloatRange(0, 100),
    default=5,
    show_default=True,
    help="Of a hundred families, to how many something happened.",
)
@click.option(
    "--problems", type=click.IntRange(0), default=20, show_default=True, help="How many rows come with a problem."
)
@click.option("--new", type=click.IntRange(0), help="How many new students. [default: 2 for each 100 households]")
@click.option("--next-season", is_flag=True, help="The roster of the next program year: everybody a grade up.")
@click.option("--mode", type=click.Choice(["csv", "aspen"]), default="csv", show_default=True, help="Whose headings.")
@click.option("--with-factors", is_flag=True, help="With made-up factors of eligibility, which are sensitive.")
@click.option("--windows-1252", is_flag=True, help="Encoded as an older Excel saves it.")
def roster_command(
    file: Path,
    seed: int,
    changes: float,
    problems: int,
    new: int | None,
    mode: str,
    *,
    next_season: bool,
    with_factors: bool,
    windows_1252: bool,
) -> None:
    """Write the district's next roster of the demo program to FILE, with changes and problems planted."""
    _refuse_outside_demo_mode()
    wanted = Wanted(
        seed=seed,
        changes=changes,
        problems=problems,
        new=new,
        next_season=next_season,
        aspen=mode == "aspen",
        factors=with_factors,
        windows=windows_1252,
    )
    with current_app.extensions["connectivity.sessions"]() as session:
        try:
            _say(write_roster(session, file, wanted), file)
        except DemoRefused as refused:
            _refuse(str(refused))
        except OSError as unwritten:
            _refuse(f"{file} cannot be written: {unwritten.strerror}. Choose another place for the file.")


def _say(done: Written, file: Path) -> None:
    rows = "row" if done.rows == 1 else "rows"
    click.echo(f"A roster of {done.rows:,} {rows} for {done.program_year}: {file}. In it were planted:")
    for name, count in sorted(done.planted.items()):
        click.echo(f"{count:>9,} {one_of(name) if count == 1 else name}")
    if done.not_planted:
        more, them = ("was", "it") if done.not_planted == 1 else ("were", "them")
        click.echo(f"{done.not_planted:>9,} more {more} asked for, but there were too few families to plant {them} in.")


def one_of(name: str) -> str:
    """What was planted, as it is called where there is one: `schools that do not exist` -> `school that does not exist`."""
    singular = _PLURALS.sub(lambda found: _ONE[found[0]], name, count=1)
    return singular.replace("that do not", "that does not").replace("lost their", "lost its")


def _refuse_outside_demo_mode() -> None:
    if not current_app.config["DEMO"]:
        _refuse("Demo data belongs in demo mode only. Start with CONNECTIVITY_MODE=demo and a database of its own.")


def _show_accounts() -> None:
    with current_app.extensions["connectivity.sessions"]() as session:
        emails = [account.email for account in demo_accounts(session)]
    click.echo(f"Sign in as {', '.join(emails)} with the password {DEMO_PASSWORD}")


def _refuse(reason: str) -> NoReturn:
    raise click.ClickException(reason)
