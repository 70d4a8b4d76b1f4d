"""`flask account`: the first administrator, and everything about accounts that must work without a browser."""

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access import accounts as verbs
from connectivity.access import factors
from connectivity.access.account_forms import split
from connectivity.access.request_session import db
from connectivity.database import transaction
from connectivity.register import Organization, OrganizationArea, Role

FIELD_OPTIONS = {
    "email": "EMAIL",
    "name": "--name",
    "role": "--role",
    "schools": "--school",
    "areas": "--area",
    "organization": "--organization",
    "password": "password",
}


UNKNOWN = -1  # the id of no organization


@click.group("account")
def commands() -> None:
    """Who may sign in, as what."""


def _password_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--password-stdin", is_flag=True, help="Read the password from the standard input.")(command)


@commands.command("create")
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", required=True, help=f"One of: {', '.join(Role)}.")
@click.option("--school", "schools", multiple=True, help="Six-digit id of a school (school accounts; may be repeated).")
@click.option("--area", "areas", multiple=True, help="Number of a community area (partner accounts; may be repeated).")
@click.option("--organization", default="", help="Name of the organization (partner accounts).")
@_password_option
@with_appcontext
def create(
    email: str,
    name: str,
    role: str,
    schools: tuple[str, ...],
    areas: tuple[str, ...],
    organization: str,
    password_stdin: bool,  # noqa: FBT001
) -> None:
    """Opens an account."""
    password = _password(stdin=password_stdin)
    with _answered(), transaction(db.session) as session:
        wanted = verbs.Wanted(
            email=email,
            name=name,
            role=role,
            schools=[part for text in schools for part in split(text)],
            areas=[part for text in areas for part in split(text)],
            organization=_organization_id(session, organization),
        )
        try:
            verbs.create_account(session, wanted, by=None, password=password)
        except verbs.AccountRefused as refused:
            if wanted.organization != UNKNOWN:
                raise
            raise verbs.AccountRefused(
                refused.problems | {"organization": _known_organizations(session, organization)}
            ) from refused
    click.echo(f"{email} can sign in as {role}.")


@commands.command("create-admin")
@click.argument("email")
@click.option("--name", default="Administrator", show_default=True, help="The person's name.")
@_password_option
@with_appcontext
def create_admin(email: str, name: str, password_stdin: bool) -> None:  # noqa: FBT001
    """Opens an administrator's account: the first one, from which all others are opened in the browser."""
    password = _password(stdin=password_stdin)
    with _answered(), transaction(db.session) as session:
        verbs.create_account(
            session, verbs.Wanted(email=email, name=name, role=Role.ADMIN.value), by=None, password=password
        )
    click.echo(f"{email} can sign in as administrator.")


@commands.command("list")
@with_appcontext
def list_accounts() -> None:
    """Shows every account."""
    found = verbs.all_accounts(db.session)
    for account in found:
        scope = [*(one.id for one in account.schools), *(f"area {one.number}" for one in account.areas)]
        scope += [account.organization.name] if account.organization else []
        state = "" if account.active else "  (may not sign in)"
        click.echo(f"{account.email:<34} {account.role:<11} {account.name}  {', '.join(scope)}{state}".rstrip())
    if not found:
        click.echo("No account yet. Open the first with: flask account create-admin EMAIL")


@commands.command("deactivate")
@click.argument("email")
@with_appcontext
def deactivate(email: str) -> None:
    """Closes an account: it is signed out and cannot sign in again."""
    with _answered(), transaction(db.session) as session:
        verbs.deactivate(session, verbs.account_with(session, email), by=None)
    click.echo(f"{email} can no longer sign in.")


@commands.command("end-sessions")
@click.argument("email")
@with_appcontext
def end_sessions(email: str) -> None:
    """Signs an account out everywhere."""
    with _answered(), transaction(db.session) as session:
        verbs.end_sessions(session, verbs.account_with(session, email), by=None)
    click.echo(f"{email} is signed out everywhere.")


@commands.command("set-password")
@click.argument("email")
@_password_option
@with_appcontext
def set_password(email: str, password_stdin: bool) -> None:  # noqa: FBT001
    """Replaces a password and signs the account out everywhere."""
    password = _password(stdin=password_stdin)
    with _answered(), transaction(db.session) as session:
        verbs.set_password(session, verbs.account_with(session, email), by=None, password=password)
    click.echo(f"{email} has a new password and is signed out everywhere.")


@commands.command("rotate-factors")
@with_appcontext
def rotate_factors() -> None:
    """Seals every student's sensitive factors again with the first of CONNECTIVITY_FACTOR_KEYS."""
    try:
        with transaction(db.session) as session:
            made = factors.reseal(session)
    except factors.FactorsNotHeld:
        raise click.ClickException(
            "No key is set. Set CONNECTIVITY_FACTOR_KEYS: the new key first, then the old ones."
        ) from None
    click.echo(f"{made.sealed:,} sealed with the first key.")
    if made.unopened:
        raise click.ClickException(
            f"{made.unopened:,} could not be opened by any key and were left as they are. Keep looking for their key."
        )
    click.echo("The other keys can be taken out of CONNECTIVITY_FACTOR_KEYS.")


@commands.command("add-organization")
@click.argument("name")
@click.option("--area", "areas", multiple=True, required=True, type=click.IntRange(1, 77), help="May be repeated.")
@click.option("--from", "starts_on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day, 2026-07-01.")
@click.option("--to", "ends_on", type=click.DateTime(["%Y-%m-%d"]), help="Last day, if known.")
@with_appcontext
def add_organization(name: str, areas: tuple[int, ...], starts_on: dt.datetime, ends_on: dt.datetime | None) -> None:
    """Enters a partner organization, or more areas for one that is there, with their first and last day."""
    name = name.strip()
    if not name or len(name) > verbs.LONGEST_NAME or not name.isprintable():
        raise click.BadParameter(f"enter a name of 1 to {verbs.LONGEST_NAME} characters", param_hint="NAME")
    if ends_on and ends_on < starts_on:
        raise click.BadParameter("the last day comes before the first", param_hint="--to")
    with transaction(db.session) as session:
        organization = session.scalar(select(Organization).where(Organization.name == name)) or Organization(name=name)
        session.add(organization)
        session.flush()
        known = set(
            session.scalars(
                select(OrganizationArea.community_area).where(
                    OrganizationArea.organization_id == organization.id, OrganizationArea.starts_on == starts_on.date()
                )
            )
        )
        session.add_all(
            OrganizationArea(
                organization_id=organization.id,
                community_area=area,
                starts_on=starts_on.date(),
                ends_on=ends_on.date() if ends_on else None,
            )
            for area in dict.fromkeys(areas)
            if area not in known
        )
    click.echo(f"{name} is assigned to {len(set(areas))} areas from {starts_on:%Y-%m-%d}.")


@contextmanager
def _answered() -> Iterator[None]:
    """Turns a refusal into one line for each problem, with the option it belongs to."""
    try:
        yield
    except verbs.AccountRefused as refused:
        lines = [f"  {FIELD_OPTIONS.get(name, name)}: {words}" for name, words in refused.problems.items()]
        raise click.ClickException("Nothing was changed.\n" + "\n".join(lines)) from refused


def _password(*, stdin: bool) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password (at least 12 characters)", hide_input=True, confirmation_prompt=True))


def _organization_id(session: Session, name: str) -> int | None:
    if not name:
        return None
    found = session.scalar(select(Organization.id).where(Organization.name == name))
    return UNKNOWN if found is None else found


def _known_organizations(session: Session, name: str) -> str:
    names = ", ".join(session.scalars(select(Organization.name).order_by(Organization.name))) or "none yet"
    return f"No organization has the name {name!r}. Known: {names}."
