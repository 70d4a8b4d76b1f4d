"""`flask reference`: loads and checks data/, and loads a county's address points."""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click
from flask import current_app
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from connectivity.database import transaction
from connectivity.reference import store
from connectivity.reference.address_columns import HEADINGS, AddressFileRefused
from connectivity.reference.address_file import AddressFile, Box
from connectivity.reference.address_points import AddressesLoaded, load_address_points
from connectivity.reference.check import check
from connectivity.reference.load import ReferenceDamaged, load

BOX_MARGIN = 0.01  # degrees around the city, a good half mile

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


@commands.command("addresses")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--column",
    "named",
    multiple=True,
    metavar="OURS=THEIRS",
    help=f"A column by its heading in the file: --column street=ST_NAME. Ours: {', '.join(HEADINGS)}.",
)
def addresses_command(file: Path, named: Sequence[str]) -> None:
    """Bring a county's open address-point CSV into the database, instead of the one before. The same file twice changes nothing."""
    try:
        done = _load_addresses(AddressFile.open(file, _named(named)))
    except AddressFileRefused as refused:
        _refuse(list(refused.reasons))
    except store.ReferenceMissing as missing:
        _refuse([str(missing)])
    click.echo("Columns: " + ", ".join(f"{ours} = {theirs}" for ours, theirs in done.columns.items()))
    if done.same:
        click.echo(f"This file is loaded already ({done.points:,} buildings). Nothing to change.")
        return
    tally = done.tally
    click.echo(f"{tally.rows:>9,} rows read")
    click.echo(f"{tally.outside:>9,} outside Chicago, left out")
    click.echo(f"{tally.doubles:>9,} more of a building that is there already (its units)")
    for reason in tally.reasons:
        click.echo(f"          not read: {reason}")
    click.echo(f"{done.points:>9,} buildings loaded")


def _load_addresses(file: AddressFile) -> AddressesLoaded:
    columns = (TextColumn("Read addresses"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with (
        Progress(*columns, console=Console(stderr=True), transient=True) as progress,
        current_app.extensions["connectivity.sessions"]() as session,
        transaction(session),
    ):
        task = progress.add_task("", total=file.path.stat().st_size)
        west, south, east, north = store.drawing_geojson(session)["bbox"]
        box: Box = (west - BOX_MARGIN, south - BOX_MARGIN, east + BOX_MARGIN, north + BOX_MARGIN)
        return load_address_points(session, file, box=box, report=lambda read: progress.update(task, completed=read))


def _named(columns: Sequence[str]) -> dict[str, str]:
    """`street=ST_NAME` -> {"street": "ST_NAME"}."""
    if wrong := [column for column in columns if "=" not in column]:
        _refuse([f"--column {column}: write it as ours=THEIRS, such as street=ST_NAME." for column in wrong])
    pairs = (column.partition("=") for column in columns)
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def _refuse(lines: list[str]) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    raise SystemExit(1)
