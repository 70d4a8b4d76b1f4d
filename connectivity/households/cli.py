"""`flask program`: the frame that staff enroll into: program years, providers with their plans, and the providers' membership codes."""

import datetime as dt
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access.audit import record
from connectivity.register import MembershipCode, Plan, ProgramYear, Provider
from connectivity.rules.membership_codes import normalize
from connectivity.rules.service_states import CodeState, ServiceType

commands = AppGroup("program", help="Program years, providers, plans and membership codes.")
DAY = click.DateTime(formats=["%Y-%m-%d"])


def _session() -> Any:
    return current_app.extensions["connectivity.sessions"].begin()


def _year(session: Session, label: str) -> ProgramYear:
    year = session.scalar(select(ProgramYear).where(ProgramYear.label == label))
    if year is None:
        known = ", ".join(session.scalars(select(ProgramYear.label).order_by(ProgramYear.starts_on))) or "none yet"
        raise click.ClickException(
            f"There is no program year {label}. Known: {known}. Add it with: flask program add-year"
        )
    return year


def _provider(session: Session, name: str) -> Provider | None:
    return session.scalar(select(Provider).where(Provider.name == name))


@commands.command("add-year")
@click.argument("label")
@click.option("--starts", type=DAY, required=True, help="First day, 2026-07-01.")
@click.option("--ends", type=DAY, required=True, help="Last day, 2027-06-30.")
@click.option("--funding", required=True, help="Who pays.")
@click.option("--open/--closed", "open_to_new", default=True, help="Whether new households may join.")
def add_year(*, label: str, starts: dt.datetime, ends: dt.datetime, funding: str, open_to_new: bool) -> None:
    """Add a program year: flask program add-year 2026-27 --starts 2026-07-01 --ends 2027-06-30 --funding "City of Chicago"."""
    if ends <= starts:
        raise click.ClickException("The year must end after it starts.")
    with _session() as session:
        if session.scalar(select(ProgramYear).where(ProgramYear.label == label)):
            raise click.ClickException(f"{label} is there already.")
        year = ProgramYear(
            label=label, starts_on=starts.date(), ends_on=ends.date(), funding=funding, open_to_new=open_to_new
        )
        session.add(year)
        session.flush()
        record(session, account=None, action="program_year.added", subject="program_year", subject_id=year.id)
    click.echo(f"{label} is added, {'open' if open_to_new else 'closed'} to new households.")


@commands.command("set-year")
@click.argument("label")
@click.option("--open/--closed", "open_to_new", required=True, default=None, help="Whether new households may join.")
def set_year(*, label: str, open_to_new: bool) -> None:
    """Open a program year to new households, or close it."""
    with _session() as session:
        year = _year(session, label)
        record(
            session,
            account=None,
            action="program_year.changed",
            subject="program_year",
            subject_id=year.id,
            changes={"open_to_new": [year.open_to_new, open_to_new]},
        )
        year.open_to_new = open_to_new
    click.echo(f"{label} is {'open' if open_to_new else 'closed'} to new households.")


@commands.command("add-plan")
@click.argument("provider")
@click.argument("plan")
@click.option("--service", type=click.Choice([one.value for one in ServiceType]), required=True)
@click.option("--down", type=click.IntRange(1), required=True, help="Download speed, Mbps.")
@click.option("--up", type=click.IntRange(1), required=True, help="Upload speed, Mbps.")
@click.option("--starts", type=DAY, required=True, help="First day it is sold to the program.")
def add_plan(provider: str, plan: str, service: str, down: int, up: int, starts: dt.datetime) -> None:
    """Add a provider's plan, and the provider if it is new: flask program add-plan Comcast "Internet Essentials" ..."""
    with _session() as session:
        known = _provider(session, provider) or Provider(name=provider)
        session.add(known)
        if any(one.name == plan for one in known.plans):
            raise click.ClickException(f"{provider} has a plan of this name already. Give the new one another name.")
        known.plans.append(Plan(name=plan, service_type=service, down_mbps=down, up_mbps=up, starts_on=starts.date()))
        session.flush()
        record(session, account=None, action="plan.added", subject="provider", subject_id=known.id)
    click.echo(f"{provider}: {plan}, {down}/{up} Mbps, is added.")


@commands.command("add-codes")
@click.argument("provider")
@click.argument("year")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def add_codes(provider: str, year: str, file: Path) -> None:
    """Add a provider's membership codes for a year from a text file, one a line. All of them, or none; known ones are skipped."""
    lines = [(number, line) for number, line in enumerate(file.read_text("utf-8-sig").splitlines(), 1) if line.strip()]
    codes, problems = {}, []
    for number, line in lines:
        try:
            codes[normalize(line)] = number
        except ValueError as unread:
            problems.append(f"Line {number}: {unread}")
    if problems:
        raise click.ClickException("Nothing was added.\n" + "\n".join(problems))
    with _session() as session:
        owner, of = _provider(session, provider), _year(session, year)
        if owner is None:
            raise click.ClickException(f"There is no provider {provider}. Add it with: flask program add-plan")
        known = codes.keys() & set(session.scalars(select(MembershipCode.code)))
        new = [code for code in codes if code not in known]
        session.add_all(
            MembershipCode(code=code, provider_id=owner.id, program_year_id=of.id, state=CodeState.FREE.value)
            for code in new
        )
        record(
            session,
            account=None,
            action="codes.added",
            subject="provider",
            subject_id=owner.id,
            changes={"count": [0, len(new)]},
        )
    click.echo(f"{len(new)} codes added, {len(known)} known already.")
