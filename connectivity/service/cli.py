"""`flask program`: the frame that staff enroll into: program years, providers with their plans, and the providers' membership codes."""

import datetime as dt

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access.audit import record
from connectivity.register import Plan, Provider
from connectivity.rules.service_states import ServiceType
from connectivity.service.cli_frame import DAY, begun, year_of
from connectivity.service.codes import cli as codes_cli
from connectivity.service.years import years

commands = AppGroup("program", help="Program years, providers, plans and membership codes.")


def _provider(session: Session, name: str) -> Provider | None:
    return session.scalar(select(Provider).where(Provider.name == name))


@commands.command("add-year")
@click.argument("label")
@click.option("--starts", type=DAY, required=True, help="First day, 2026-07-01.")
@click.option("--ends", type=DAY, required=True, help="Last day, 2027-06-30.")
@click.option("--funding", required=True, help="Who pays.")
@click.option("--open/--closed", "open_to_new", default=True, help="Whether new households may join.")
@click.option("--beside", is_flag=True, help="It runs beside another year on purpose.")
def add_year(
    *, label: str, starts: dt.datetime, ends: dt.datetime, funding: str, open_to_new: bool, beside: bool
) -> None:
    """Add a program year: flask program add-year 2026-27 --starts 2026-07-01 --ends 2027-06-30 --funding "City of Chicago"."""
    values = years.Values(
        label=label,
        starts_on=starts.date(),
        ends_on=ends.date(),
        funding=funding,
        open_to_new=open_to_new,
        overlap_meant=beside,
    )
    try:
        with begun() as session:
            years.add(session, account=None, values=values)
    except years.YearRefused as refused:
        hint = " To confirm it, add --beside." if "overlap" in refused.problems.get("starts_on", "") else ""
        raise click.ClickException(" ".join(refused.problems.values()) + hint) from refused
    click.echo(f"{label} is added, {'open' if open_to_new else 'closed'} to new households.")


@commands.command("set-year")
@click.argument("label")
@click.option("--open/--closed", "open_to_new", required=True, default=None, help="Whether new households may join.")
def set_year(*, label: str, open_to_new: bool) -> None:
    """Open a program year to new households, or close it."""
    with begun() as session:
        year = year_of(session, label)
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
    with begun() as session:
        known = _provider(session, provider) or Provider(name=provider)
        session.add(known)
        if any(one.name == plan for one in known.plans):
            raise click.ClickException(f"{provider} has a plan of this name already. Give the new one another name.")
        known.plans.append(Plan(name=plan, service_type=service, down_mbps=down, up_mbps=up, starts_on=starts.date()))
        session.flush()
        record(session, account=None, action="plan.added", subject="provider", subject_id=known.id)
    click.echo(f"{provider}: {plan}, {down}/{up} Mbps, is added.")


for command in codes_cli.COMMANDS:
    commands.add_command(command)
