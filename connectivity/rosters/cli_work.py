"""What the commands of `flask roster` share: session, account, progress bars, the work itself, the plan in words."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click
from flask import current_app
from flask_babel import force_locale
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.access import factors, gate, uploads
from connectivity.database import transaction
from connectivity.register import Account, ImportState, RosterImport
from connectivity.rosters import imports, pages, steps
from connectivity.rosters.imports import RosterRefused
from connectivity.rosters.jobs import TASK_OF, rules_of, turns_folder
from connectivity.rosters.labels import FIGURES, STATES
from connectivity.rosters.lines import Problem
from connectivity.rosters.turns import at_work

MOST_SHOWN = 10  # problems, and as many warnings
READ_ANEW = (ImportState.QUEUED, ImportState.READING)


@contextmanager
def a_session() -> Iterator[Session]:
    """A session for one command, whose refusals end it in words; the language of a browser is not asked for."""
    with force_locale("en"), current_app.extensions["connectivity.sessions"]() as session:
        try:
            yield session
        except RosterRefused as refused:
            raise click.ClickException(str(refused)) from None


@contextmanager
def _reporting() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each stage, on the error output; nothing of it stays."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)

        def report(stage: str, done: int, total: int) -> None:
            progress.update(task, description=stage, completed=done, total=total or None)

        yield report


def account_of(session: Session, email: str) -> Account | None:
    """The account of the office with this e-mail; None for no e-mail: the command line itself."""
    if not email:
        return None
    account = session.scalar(select(Account).where(func.lower(Account.email) == email.lower()))
    if account is None or not account.active or account.role not in gate.OFFICE:
        raise click.ClickException(f"No account of the office signs in as {email}. See: flask account list")
    return account


def roster_of(session: Session, roster_id: int) -> RosterImport:
    """The roster as the database has it now."""
    roster = session.get(RosterImport, roster_id, populate_existing=True)
    if roster is None:
        raise click.ClickException(f"There is no roster {roster_id}. See: flask roster list")
    return roster


def work(session: Session, roster: RosterImport) -> None:
    """Takes a roster that is in the middle of its work to where a person can look. A worker's roster is left to it."""
    state = ImportState(roster.state)
    if state not in TASK_OF:
        return
    with at_work(turns_folder(current_app), roster.id) as ours:
        if not ours:
            raise click.ClickException(f"The worker is at it. See how far it is: flask roster show {roster.id}")
        _work(session, roster, state)


def _work(session: Session, roster: RosterImport, state: ImportState) -> None:
    rules = rules_of(current_app)
    with _reporting() as report:
        if state in READ_ANEW:
            path = uploads.folder_of(current_app) / roster.stored_as
            seal = factors.seal if factors.holds_factors(current_app) else None
            steps.read_and_compare(session, roster.id, path, rules=rules, report=report, seal=seal)
        elif state == ImportState.COMPARING:
            steps.compare_again(session, roster.id, rules=rules, report=report)
        elif state == ImportState.APPLYING:
            steps.apply(session, roster.id, rules=rules, report=report)
        else:
            steps.undo(session, roster.id, report=report)


def put_aside(session: Session, account: Account | None, roster: RosterImport) -> None:
    """Puts a roster aside, and its file with it."""
    with transaction(session):
        imports.discard(session, account=account, roster=imports.locked(session, roster.id))
    uploads.discard(uploads.folder_of(current_app) / roster.stored_as)


def show_plan(session: Session, roster: RosterImport, *, kept: bool = True) -> None:
    """Prints where a roster stands: figures, first problems, what holds it, letters healed. `kept`: whether its page will show it too."""
    click.echo(
        f"Roster {roster.id}: {roster.file_name}, {roster.program_year.label}: {STATES[ImportState(roster.state)]}"
    )
    if roster.counts:
        for name, words in FIGURES.items():
            click.echo(f"  {words!s:<46}{roster.counts.get(name, 0):>9,}")
    shown = pages.shown(session, roster, sample=MOST_SHOWN)
    _show_first(shown.problems, "problems", roster, kept=kept)
    _show_first(shown.warnings, "warnings", roster, kept=kept)
    for why in roster.holds if roster.state == ImportState.HELD else []:
        click.echo(f"  Waits for a second person: {why}")
    for before, after in roster.read_as.get("healed", []):
        click.echo(f"  We read “{before}” as “{after}”.")


def _show_first(found: Sequence[tuple[int, Problem]], what: str, roster: RosterImport, *, kept: bool) -> None:
    for number, one in found:
        where = f"{one.heading} “{one.value}”: " if one.heading else ""
        click.echo(f"  Row {number}: {where}{one.message} {one.advice}")
    if found and (count := roster.counts.get(what, 0)) > len(found):
        everything = (
            f"the page of roster {roster.id}" if kept else "hand the file in with --plan-only and open its page"
        )
        click.echo(f"  These are {len(found):,} of {count:,} {what}. All of them: {everything}.")
