"""The rows of the work file for a provider: what it needs to serve each record, and no more."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased, selectinload

from connectivity.register import (
    Enrollment,
    EnrollmentEvent,
    Household,
    MembershipCode,
    Plan,
    ProviderAccount,
    ProviderFileRow,
    ProviderWord,
    Residence,
    ServiceAddress,
)
from connectivity.rules.membership_codes import shown
from connectivity.rules.provider_words import PROBLEMS, WORD_OF, Said
from connectivity.rules.service_states import Status
from connectivity.service.provider_files.columns import record_id
from connectivity.service.provider_files.ours import (
    SENT,
    account_with,
    address_columns,
    address_of,
    said_by,
    told_by,
)
from connectivity.tabular.write import Row

KIND = "provider_work_file"
BASIS = "Service provider of the program, for the service it gives each family (34 CFR 99.31(a)(1)(i)(B))"
ROWS_A_PAGE = 2000
Speeds = dict[int | None, tuple[str, int, int]]  # plan -> its name, Mbps down and up


def sent_rows(provider_id: int, program_year_id: int) -> ColumnElement[bool]:
    """Which enrollments a work file holds."""
    return and_(
        Enrollment.provider_id == provider_id,
        Enrollment.program_year_id == program_year_id,
        Enrollment.status.in_(SENT),
    )


def rows(session: Session, provider_id: int, program_year_id: int, *, provider: str, today: dt.date) -> Iterator[Row]:
    """Every row under the columns of `columns.py`, a page at a time. `provider`: its name on that day."""
    after, speeds = 0, _speeds(session, provider_id, today)
    page = _page(provider_id, program_year_id)
    while found := session.execute(page.where(Enrollment.id > after)).all():
        for row in found:
            yield _in_words(tuple(row), provider, speeds)
        after = found[-1][0]


def _speeds(session: Session, provider_id: int, today: dt.date) -> Speeds:
    found: Speeds = {}
    for plan in session.scalars(
        select(Plan).where(Plan.provider_id == provider_id).options(selectinload(Plan.versions))
    ):
        speed = plan.version_on(today) or plan
        found[plan.id] = (plan.name, speed.down_mbps, speed.up_mbps)
    return found


def _in_words(row: tuple[Any, ...], provider: str, speeds: Speeds) -> Row:
    one, status, status_on, service_type, code, last4, name, plan, word, before, before_on, *rest = row
    address, days = address_of(rest[:5]), rest[5:]
    stands = (before, before_on) in ((status, status_on), (None, None))
    said = Said(word) if word in PROBLEMS and stands else WORD_OF.get(Status(status))
    return (
        record_id(one),
        shown(code),
        provider,
        last4,
        name,
        address.full if address else "",
        service_type,
        *speeds.get(plan, (None, None, None)),
        *days,
        said.value.replace("_", " ") if said else "",
        None,  # status_date, disconnect_date, disconnect_reason and last_updated are the provider's word, never ours
        None,
        None,
        None,
    )


def _page(provider_id: int, program_year_id: int) -> Select[Any]:
    """The next rows by id; the caller says after which."""
    said = aliased(ProviderWord)
    of_this = and_(said.enrollment_id == Enrollment.id, said_by(provider_id, said))
    last = select(func.max(said.id)).where(of_this).correlate(Enrollment).scalar_subquery()
    return (
        select(Enrollment.id, Enrollment.status, Enrollment.status_on, Enrollment.service_type, MembershipCode.code)
        .add_columns(ProviderAccount.last4, Household.guardian_last_name, Enrollment.plan_id)
        .add_columns(ProviderWord.word, ProviderFileRow.before_status, ProviderFileRow.before_on, *address_columns())
        .add_columns(*(_day_of(status) for status in (Status.ORDERED, Status.KIT_SHIPPED, Status.INSTALLED)))
        .join(Household, Household.id == Enrollment.household_id)
        .join(MembershipCode, MembershipCode.id == Enrollment.membership_code_id)
        .outerjoin(ProviderWord, ProviderWord.id == last)
        .outerjoin(ProviderFileRow, told_by())
        .outerjoin(ProviderAccount, account_with(provider_id))
        .outerjoin(Residence, and_(Residence.household_id == Household.id, Residence.ends_on.is_(None)))
        .outerjoin(ServiceAddress, and_(ServiceAddress.household_id == Household.id, ServiceAddress.ends_on.is_(None)))
        .where(sent_rows(provider_id, program_year_id))
        .order_by(Enrollment.id)
        .limit(ROWS_A_PAGE)
    )


def _day_of(status: Status) -> Any:
    """Of the present service alone: what came before its code was given is another provider's, or of a service that ended."""
    given = aliased(EnrollmentEvent)
    began = (
        select(func.coalesce(func.max(given.id), 0))
        .where(given.enrollment_id == EnrollmentEvent.enrollment_id, given.status == Status.CODE_ISSUED)
        .scalar_subquery()
    )
    return (
        select(func.max(EnrollmentEvent.happened_on))
        .where(
            EnrollmentEvent.enrollment_id == Enrollment.id, EnrollmentEvent.status == status, EnrollmentEvent.id > began
        )
        .scalar_subquery()
    )
