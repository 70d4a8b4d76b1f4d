"""The last word about each enrollment, where it is a problem, its provider still serves the household and nothing moved on since."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from connectivity.access.scope import in_scope
from connectivity.bulk import fetch, slices
from connectivity.register import (
    Account,
    Enrollment,
    Household,
    ProgramYear,
    Provider,
    ProviderFile,
    ProviderFileRow,
    ProviderWord,
)
from connectivity.rules.provider_words import PROBLEMS
from connectivity.rules.service_states import Status
from connectivity.service.provider_files.ours import told_by


@dataclass(frozen=True, kw_only=True)
class OpenWord:
    """A problem as a provider reported it."""

    reference: str
    guardian: str
    program_year: str
    provider: str
    status: str
    word: str
    said_on: dt.date
    note: str


def _is_open() -> ColumnElement[bool]:
    last = select(func.max(ProviderWord.id)).group_by(ProviderWord.enrollment_id)
    stood = and_(Enrollment.status == ProviderFileRow.before_status, Enrollment.status_on == ProviderFileRow.before_on)
    return and_(ProviderWord.id.in_(last), ProviderWord.word.in_(PROBLEMS), stood, Enrollment.status != Status.ENDED)


def _open(columns: tuple[Any, ...], account: Account) -> Select[Any]:
    return (
        select(*columns)
        .select_from(ProviderWord)
        .join(Enrollment, Enrollment.id == ProviderWord.enrollment_id)
        .join(Household, Household.id == Enrollment.household_id)
        .join(ProviderFileRow, told_by())
        .join(
            ProviderFile,
            and_(ProviderFile.id == ProviderWord.provider_file_id, ProviderFile.provider_id == Enrollment.provider_id),
        )
        .where(_is_open(), in_scope(Household, account))
    )


def problems(session: Session, account: Account, *, most: int) -> list[OpenWord]:
    """Open problems in the account's scope, the oldest first."""
    columns = (Household, ProgramYear.label, Provider.name, Enrollment.status, ProviderWord)
    found = session.execute(
        _open(columns, account)
        .join(ProgramYear, ProgramYear.id == Enrollment.program_year_id)
        .join(Provider, Provider.id == Enrollment.provider_id)
        .order_by(ProviderWord.said_on, ProviderWord.id)
        .limit(most)
    )
    return [
        OpenWord(
            reference=household.reference,
            guardian=f"{household.guardian_first_name} {household.guardian_last_name}",
            program_year=year,
            provider=provider,
            status=status,
            word=word.word,
            said_on=word.said_on,
            note=word.note,
        )
        for household, year, provider, status, word in found
    ]


def count_problems(session: Session, account: Account) -> int:
    """How many there are."""
    return session.scalar(_open((func.count(),), account)) or 0


def references(session: Session, enrollments: Sequence[int]) -> dict[int, str]:
    """Enrollment -> its household's reference."""
    found = dict[int, str]()
    for some in slices(enrollments):
        of = select(Enrollment.id, Household.reference).join(Household).where(Enrollment.id.in_(some))
        found |= dict(fetch(session, of))
    return found
