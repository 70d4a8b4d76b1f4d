"""What we hold of every record of one provider and program year, read at once: what a returned row is compared with."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, slices
from connectivity.register import (
    Enrollment,
    Household,
    MembershipCode,
    ProviderAccount,
    ProviderFile,
    ProviderFileRow,
    ProviderWord,
    Residence,
    ServiceAddress,
)
from connectivity.rules.provider_words import PROBLEMS
from connectivity.rules.service_states import Status

SENT = (
    Status.CODE_ISSUED,
    Status.ORDERED,
    Status.KIT_SHIPPED,
    Status.INSTALLED,
    Status.ACTIVE,
    Status.SUSPENDED,
)  # where the provider has something to do or to say


class Address(NamedTuple):
    """Where a connection goes, normalized."""

    line: str
    unit: str
    city: str
    state: str
    zip: str

    @property
    def full(self) -> str:
        """`1135 W WILSON AVE APT 2B, Chicago, IL 60640`."""
        street = f"{self.line} {self.unit}".strip()
        return f"{street}, {self.city}, {self.state} {self.zip}".rstrip()


class Ours(NamedTuple):
    """One record as the register holds it. `word` is the provider's last; a problem is None again once the enrollment moved on."""

    enrollment_id: int
    household_id: int
    status: Status
    status_on: dt.date
    service_type: str | None
    service_until: dt.date | None
    last_name: str
    household_version: int
    code: str
    code_state: str
    code_on: dt.date | None  # the day the code was given
    address: Address | None
    account_last4: str | None
    account_on: dt.date | None
    word: str | None
    said_on: dt.date | None
    updated_on: dt.date | None


def records(session: Session, *, provider_id: int, program_year_id: int) -> dict[int, Ours]:
    """Enrollment id -> what we hold, ended ones included. Of words and accounts those of this provider alone."""
    last = (
        select(ProviderWord.enrollment_id, func.max(ProviderWord.id).label("id"))
        .where(said_by(provider_id))
        .group_by(ProviderWord.enrollment_id)
        .subquery()
    )
    statement = (
        select(
            Enrollment.id,
            Enrollment.household_id,
            Enrollment.status,
            Enrollment.status_on,
            Enrollment.service_type,
            Enrollment.service_until,
            Household.guardian_last_name,
            Household.version,
            MembershipCode.code,
            MembershipCode.state,
            MembershipCode.issued_on,
            *address_columns(),
            ProviderAccount.last4,
            ProviderAccount.said_on,
            ProviderWord.word,
            ProviderWord.said_on,
            ProviderWord.updated_on,
            ProviderFileRow.before_status,
            ProviderFileRow.before_on,
        )
        .join(Household, Household.id == Enrollment.household_id)
        .join(MembershipCode, MembershipCode.id == Enrollment.membership_code_id)
        .outerjoin(Residence, and_(Residence.household_id == Household.id, Residence.ends_on.is_(None)))
        .outerjoin(ServiceAddress, and_(ServiceAddress.household_id == Household.id, ServiceAddress.ends_on.is_(None)))
        .outerjoin(ProviderAccount, account_with(provider_id))
        .outerjoin(last, last.c.enrollment_id == Enrollment.id)
        .outerjoin(ProviderWord, ProviderWord.id == last.c.id)
        .outerjoin(ProviderFileRow, told_by())
        .where(Enrollment.provider_id == provider_id, Enrollment.program_year_id == program_year_id)
    )
    days = _Days()
    return {row[0]: _ours(row, days) for row in fetch(session, statement)}


def said_by(provider_id: int, word: type[ProviderWord] = ProviderWord) -> ColumnElement[bool]:
    """A WHERE condition: words that came in a file of this provider."""
    return word.provider_file_id.in_(select(ProviderFile.id).where(ProviderFile.provider_id == provider_id))


def account_with(provider_id: int) -> ColumnElement[bool]:
    """Joins an enrollment to its account with this provider."""
    return and_(ProviderAccount.enrollment_id == Enrollment.id, ProviderAccount.provider_id == provider_id)


def told_by() -> ColumnElement[bool]:
    """Joins a provider's word to the row that brought it: `before_*` say where the enrollment stood then."""
    return and_(
        ProviderFileRow.provider_file_id == ProviderWord.provider_file_id, ProviderFileRow.number == ProviderWord.number
    )


class _Days(dict[Any, Any]):
    """A day as the driver gives it -> the day: a text on SQLite. Few days stand in many rows."""

    def __missing__(self, day: Any) -> dt.date | None:
        found: dt.date | None = dt.date.fromisoformat(day) if isinstance(day, str) else day
        self[day] = found
        return found


def address_columns() -> tuple[ColumnElement[str], ...]:
    """Five columns of where the connection goes: the service address if there is one, else the home."""
    names = ("line", "unit", "city", "state", "zip")
    # A service address has all five, an empty unit included, so that coalesce takes them together.
    return tuple(func.coalesce(getattr(ServiceAddress, name), getattr(Residence, name)) for name in names)


def address_of(cells: Sequence[str | None]) -> Address | None:
    """Of the five columns; None for a household without any address."""
    return Address(*(cell or "" for cell in cells)) if cells[0] else None


_STATUS = {one.value: one for one in Status}
_PROBLEMS = frozenset(one.value for one in PROBLEMS)


def _ours(row: Sequence[Any], days: _Days) -> Ours:
    one, household, status, on, service_type, until, name, version, code, code_state, given = row[:11]
    last4, last4_on, word, said, updated, before, before_on = row[16:]
    settled = word in _PROBLEMS and before is not None and (before, before_on) != (status, on)
    return Ours(
        one,
        household,
        _STATUS[status],
        days[on],
        service_type,
        days[until],
        name,
        version,
        code,
        code_state,
        days[given],
        address_of(row[11:16]),
        last4,
        days[last4_on],
        None if settled else word,
        days[said],
        days[updated],
    )


class Booked(NamedTuple):
    """Where a code stands in the books."""

    state: str
    provider_id: int
    program_year_id: int
    household_id: int | None


def booked_codes(session: Session, codes: Sequence[str]) -> dict[str, Booked]:
    """Code -> whose it is, of whichever provider and year; codes that nobody issued are left out."""
    code, found = MembershipCode, dict[str, Booked]()
    for some in slices(codes):
        listed = select(code.code, code.state, code.provider_id, code.program_year_id, code.household_id)
        found |= {one: Booked(*cells) for one, *cells in fetch(session, listed.where(code.code.in_(some)))}
    return found


def households_of(session: Session, enrollments: Sequence[int], *, program_year_id: int) -> dict[int, int]:
    """Enrollment of the year -> its household."""
    found = dict[int, int]()
    for some in slices(enrollments):
        of = select(Enrollment.id, Enrollment.household_id).where(Enrollment.program_year_id == program_year_id)
        found |= dict(fetch(session, of.where(Enrollment.id.in_(some))))
    return found
