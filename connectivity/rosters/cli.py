"""`flask roster`: a district's roster from the command line, step by step in this process: import, approve, apply, undo."""

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from connectivity.access import uploads
from connectivity.database import transaction
from connectivity.jobs import jobs_of
from connectivity.register import Account, Covers, ImportState, RosterImport
from connectivity.rosters import apply as applying
from connectivity.rosters import imports, pages, received_files
from connectivity.rosters import undo as undoing
from connectivity.rosters.cli_work import a_session, account_of, put_aside, roster_of, show_plan, work
from connectivity.rosters.jobs import TASK_OF
from connectivity.rosters.labels import STATES
from connectivity.tabular.column_profiles import COLUMN

commands = AppGroup("roster", help="The district's roster: what it would change, applying it, taking it back.")
ACCOUNT = click.option("--account", "email", default="", help="E-mail of the account that does it.")


class Waits(click.ClickException):
    """The plan waits for a second person: exit code 3, so that a script can tell it from a fault."""

    exit_code = 3


@commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--program-year", "label", required=True, help="The year the roster is for, 2026-27.")
@click.option("--part", is_flag=True, help="The file holds corrections or additions, not the whole roster.")
@click.option("--again", is_flag=True, help="Take in a file that was applied before other rosters were.")
@click.option("--dry-run", is_flag=True, help="Show the plan, then put it aside.")
@click.option("--plan-only", is_flag=True, help="Leave the plan for somebody to look at.")
@click.option("--yes", is_flag=True, help="Apply the plan without asking.")
@ACCOUNT
def import_file(
    *, file: Path, label: str, part: bool, again: bool, dry_run: bool, plan_only: bool, yes: bool, email: str
) -> None:
    """Read FILE, show what it would change, and apply it: flask roster import roster.csv --program-year 2026-27 --dry-run.

    A command that was ended midway can be run again: it goes on where the roster stands.
    """
    with a_session() as session:
        account = account_of(session, email)
        roster_id, first = _hand_in(session, account, file, label, part=part, again=again)
        if not first:
            click.echo(f"This file was handed in before, as roster {roster_id}.")
        work(session, roster_of(session, roster_id))
        roster = roster_of(session, roster_id)
        show_plan(session, roster, kept=not dry_run)
        if dry_run:
            _end_dry_run(session, account, roster, first=first)
        elif roster.state == ImportState.PLANNED and not plan_only:
            _apply(session, account, roster, yes=yes)
        else:
            _say_what_is_next(roster)


def _hand_in(
    session: Session, account: Account | None, file: Path, label: str, *, part: bool, again: bool
) -> tuple[int, bool]:
    years = {one.label: one for one in pages.years(session)}
    if label not in years:
        known = ", ".join(years) or "none yet"
        raise click.ClickException(
            f"There is no program year {label}. Known: {known}. Add it with: flask program add-year"
        )
    with file.open("rb") as stream:
        received = uploads.receive(FileStorage(stream, filename=file.name), uploads.folder_of(current_app))
    handed_in = imports.HandedIn(
        file_name=received.name,
        file_bytes=received.bytes,
        file_sha256=received.sha256,
        stored_as=received.path.name,
        covers=Covers.PART if part else Covers.WHOLE,
    )
    first = False
    try:
        with transaction(session):
            made = imports.submit(session, account=account, year=years[label], file=handed_in, again=again)
        first = made.first
    finally:
        if not first:
            uploads.discard(received.path)
    return made.roster.id, first


def _end_dry_run(session: Session, account: Account | None, roster: RosterImport, *, first: bool) -> None:
    if not first:
        click.echo("Somebody handed this file in before, so its plan stays as it is.")
        return
    _refuse_columns(roster, put_aside=lambda: put_aside(session, account, roster))
    if roster.state != ImportState.REFUSED:
        put_aside(session, account, roster)
        click.echo("This was a dry run: the plan is put aside, and the register is as it was.")
    _say_what_is_next(roster)


def _refuse_columns(roster: RosterImport, *, put_aside: Callable[[], None] | None = None) -> None:
    """Ends the command for a file whose headings are not known: which were found, what is missing, and the nearest to it."""
    if roster.state != ImportState.COLUMNS:
        return
    said = roster.read_as
    lines = ["Headings in the file: " + ", ".join(one for one in said["headings"] if one)]
    lines += [f"Missing: {title}." + (f" Nearest: {near}." if near else "") for title, near in said["missing"]]
    lines += [f"Given twice: {COLUMN[name].title} by {' and '.join(of)}." for name, of in said["doubled"].items()]
    if put_aside:
        put_aside()
        lines.append("This was a dry run: the file is put aside. Rename the headings and run it again.")
    else:
        lines.append(
            f"Say which column is which on the page of roster {roster.id}, or rename the headings and run it again."
        )
    raise click.ClickException("Some columns are not known.\n" + "\n".join(lines))


def _say_what_is_next(roster: RosterImport) -> None:
    """What a person does now with a roster that was not applied; raises where that is no success."""
    _refuse_columns(roster)
    if roster.state == ImportState.REFUSED:
        raise click.ClickException(roster.refusal)
    if roster.state == ImportState.HELD:
        raise Waits(
            f'This plan waits for a second person. When it is looked at: flask roster approve {roster.id} --account EMAIL --reason "..."'
        )
    if roster.state == ImportState.PLANNED:
        click.echo(f"Apply it with: flask roster apply {roster.id}")


def _apply(session: Session, account: Account | None, roster: RosterImport, *, yes: bool) -> None:
    if roster.state == ImportState.PLANNED and not yes and not click.confirm("Apply this plan?"):
        click.echo(f"Nothing was changed. Apply it later with: flask roster apply {roster.id}")
        return
    with transaction(session):
        applying.claim(session, account=account, roster=imports.locked(session, roster.id))
    work(session, roster)
    done = roster_of(session, roster.id)
    if done.state != ImportState.APPLIED:
        raise click.ClickException(done.refusal or "The plan was made anew. Look at it again.")
    click.echo(f'Roster {done.id} is applied. Take it back with: flask roster undo {done.id} --reason "..."')


@commands.command("list")
def list_rosters() -> None:
    """Show every roster, the newest first."""
    with a_session() as session:
        found = pages.listed(session)
        for one in found:
            by = one.submitter.email if one.submitter else "command line"
            click.echo(
                f"{one.id:>5}  {one.program_year.label}  {STATES[ImportState(one.state)]!s:<28}  {one.file_name}  ({by})"
            )
        if not found:
            click.echo("No roster yet. Hand one in with: flask roster import FILE --program-year 2026-27")


@commands.command("show")
@click.argument("roster_id", metavar="ID", type=int)
def show(roster_id: int) -> None:
    """Show where a roster stands, its figures and its first problems."""
    with a_session() as session:
        roster = roster_of(session, roster_id)
        show_plan(session, roster)
        state = ImportState(roster.state)
        said = jobs_of(current_app).progress(TASK_OF[state], roster_id) if state in TASK_OF else None
        if said:
            click.echo(f"  {said.stage}" + (f": {said.done:,} of {said.total:,}" if said.total else ""))
        if roster.refusal:
            click.echo(f"  {roster.refusal}")


@commands.command("approve")
@click.argument("roster_id", metavar="ID", type=int)
@click.option("--account", "email", required=True, help="E-mail of the second person.")
@click.option("--reason", required=True, help="Why so large a change is right.")
def approve(roster_id: int, email: str, reason: str) -> None:
    """Let a large change go on, as a second person."""
    with a_session() as session:
        account = account_of(session, email) or _nobody()
        roster_of(session, roster_id)
        with transaction(session):
            imports.approve(session, account=account, roster=imports.locked(session, roster_id), reason=reason)
    click.echo(f"Roster {roster_id} is approved. Apply it with: flask roster apply {roster_id}")


def _nobody() -> NoReturn:
    raise click.ClickException("Say who approves it: --account EMAIL")


@commands.command("apply")
@click.argument("roster_id", metavar="ID", type=int)
@click.option("--yes", is_flag=True, help="Without asking.")
@ACCOUNT
def apply_plan(*, roster_id: int, yes: bool, email: str) -> None:
    """Apply a plan: all of it, or nothing."""
    with a_session() as session:
        account, roster = account_of(session, email), roster_of(session, roster_id)
        if roster.state == ImportState.APPLYING:  # an earlier command was ended midway
            work(session, roster)
            click.echo(f"Roster {roster_id}: {STATES[ImportState(roster_of(session, roster_id).state)]}.")
            return
        show_plan(session, roster)
        _apply(session, account, roster, yes=yes)


@commands.command("undo")
@click.argument("roster_id", metavar="ID", type=int)
@click.option("--reason", required=True, help="Why it is taken back.")
@ACCOUNT
def undo(roster_id: int, reason: str, email: str) -> None:
    """Take a whole roster back. What people changed since stays."""
    with a_session() as session:
        account, roster = account_of(session, email), roster_of(session, roster_id)
        if roster.state != ImportState.UNDOING:
            with transaction(session):
                undoing.claim(session, account=account, roster=imports.locked(session, roster_id), reason=reason)
        work(session, roster)
        done = roster_of(session, roster_id)
        click.echo(
            f"Roster {roster_id} is taken back."
            + (f" What people changed since stays ({len(done.kept):,}):" if done.kept else "")
        )
        for of, why in done.kept:
            click.echo(f"  {of}: {why}")


@commands.command("sweep")
def sweep() -> None:
    """Delete files that were handed in and left behind. A worker does it too, when it starts and before each roster it reads."""
    with a_session() as session:
        swept = received_files.sweep(session, uploads.folder_of(current_app))
    click.echo(f"Files deleted: {swept.files}. Rosters put aside that had waited too long: {swept.put_aside}.")


@commands.command("discard")
@click.argument("roster_id", metavar="ID", type=int)
@ACCOUNT
def discard(roster_id: int, email: str) -> None:
    """Put a roster aside that was not applied."""
    with a_session() as session:
        account, roster = account_of(session, email), roster_of(session, roster_id)
        put_aside(session, account, roster)
    click.echo(f"Roster {roster_id} is put aside. The register is as it was.")
