"""What the commands of this room share: a transaction, a program year and a provider by their names, a day."""

from typing import Any

import click
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import ProgramYear, Provider

DAY = click.DateTime(formats=["%Y-%m-%d"])


def begun() -> Any:
    """A session in a transaction that is committed when its block ends."""
    return current_app.extensions["connectivity.sessions"].begin()


def year_of(session: Session, label: str) -> ProgramYear:
    """The program year of this label. Raises ClickException that names those there are."""
    year = session.scalar(select(ProgramYear).where(ProgramYear.label == label))
    if year is None:
        known = ", ".join(session.scalars(select(ProgramYear.label).order_by(ProgramYear.starts_on))) or "none yet"
        raise click.ClickException(
            f"There is no program year {label}. Known: {known}. Add it with: flask program add-year"
        )
    return year


def provider_of(session: Session, name: str) -> Provider:
    """The provider of this name. Raises ClickException."""
    found = session.scalar(select(Provider).where(Provider.name == name))
    if found is None:
        raise click.ClickException(f"There is no provider {name}. Add it with: flask program add-plan")
    return found
