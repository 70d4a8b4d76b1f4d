"""Homes that no wire reaches: every wired provider that was asked said no, the one whose code the family holds among them.

What is unknown, unanswered or not accepted refers nobody.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, exists, false, func, or_, select, true, union_all
from sqlalchemy.orm import Session, aliased

from connectivity.access.scope import in_scope
from connectivity.bulk import slices
from connectivity.register import (
    Account,
    Enrollment,
    EnrollmentEvent,
    Household,
    ProgramYear,
    Provider,
    Residence,
    ServiceabilityAnswer,
    ServiceabilityBatch,
    ServiceabilityRequest,
    ServiceAddress,
)
from connectivity.rules.service_states import EndReason, ServiceType, Status
from connectivity.service.serviceability.ask import sells_wire, wired_providers
from connectivity.service.serviceability.spelling import Key, full_address
from connectivity.service.serviceability.standing import address_of, five_digits, same_address, says_no

HOLDS_CODE = (Status.CODE_ISSUED, Status.ORDERED, Status.KIT_SHIPPED, Status.INSTALLED, Status.SUSPENDED)
NOT_BY_WIRE = (EndReason.NOT_INSTALLED, EndReason.CANCELLED)


class NextStep(StrEnum):
    """What to do for such a home."""

    ENROLL = "enroll"  # it is not in the program year
    ISSUE = "issue"  # the code of a hotspot comes next
    END = "end"  # it holds a code for a connection by wire, which cannot come
    BEGIN_ANEW = "begin_anew"  # that one has ended


STATUS_AFTER: dict[NextStep, Status] = {
    NextStep.ISSUE: Status.CODE_ISSUED,
    NextStep.END: Status.ENDED,
    NextStep.BEGIN_ANEW: Status.ELIGIBLE,
}  # the step to open the form with


@dataclass(frozen=True, kw_only=True)
class Line:
    """One home. `said_no`: (provider, day) of each no; `not_asked`: wired providers that nobody asked about the address."""

    household_id: int
    reference: str
    guardian: str
    area: int | None
    address: str
    status: str | None
    next_step: NextStep
    said_no: Sequence[tuple[str, dt.date]]
    not_asked: Sequence[str]


def _no_wire() -> CTE:
    """Addresses of which every provider that was asked and could serve them said no."""
    answer, request, batch = ServiceabilityAnswer, ServiceabilityRequest, ServiceabilityBatch
    other = aliased(ServiceabilityAnswer)
    no_of_its_own = exists().where(
        other.provider_id == batch.provider_id, same_address(other, address_of(request)), says_no(other)
    )
    not_no = (
        exists()
        .where(
            batch.id == request.batch_id,
            Provider.id == batch.provider_id,
            sells_wire(),
            same_address(request, address_of(answer)),
            ~no_of_its_own.correlate(request, batch),
        )
        .correlate(answer)
    )
    asked = select(Provider.id).where(sells_wire())
    return (
        select(*address_of(answer)).where(says_no(), answer.provider_id.in_(asked), ~not_no).distinct().cte("no_wire")
    )


def _living_there() -> CTE:
    """Household -> the address where its connection goes, of those that no wire reaches."""
    at, home, service = _no_wire(), aliased(Residence), aliased(ServiceAddress)
    where = (at.c.line, at.c.unit, at.c.zip)
    elsewhere = exists().where(ServiceAddress.household_id == home.household_id, ServiceAddress.ends_on.is_(None))

    def of(noun: Any, *more: ColumnElement[bool]) -> Select[Any]:
        reached = and_(noun.line == where[0], noun.unit == where[1], five_digits(noun.zip) == where[2])
        return (
            select(noun.household_id, *where, noun.city, noun.state)
            .join(at, reached)
            .where(noun.ends_on.is_(None), *more)
        )

    return union_all(of(home, ~elsewhere), of(service)).cte("living_there")


def _waiting(account: Account, year: ProgramYear | None, today: dt.date) -> tuple[CTE, list[ColumnElement[bool]]]:
    """In scope, not connected, and not on the way to a hotspot or a smartphone."""
    there = _living_there()
    last = (
        select(EnrollmentEvent.reason)
        .where(EnrollmentEvent.enrollment_id == Enrollment.id)
        .order_by(EnrollmentEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    by_wire = or_(Enrollment.service_type.is_(None), Enrollment.service_type == ServiceType.WIRED)
    open_to_new = true() if year and year.open_to_new else false()
    ended = and_(Enrollment.status == Status.ENDED, last.in_(NOT_BY_WIRE), open_to_new)
    going_on = and_(Enrollment.status.not_in((Status.ACTIVE, Status.ENDED)), ~_others_install(there))
    not_in_it = and_(Enrollment.id.is_(None), open_to_new)
    return there, [in_scope(Household, account, today=today), or_(not_in_it, and_(by_wire, or_(going_on, ended)))]


def _others_install(there: CTE) -> ColumnElement[bool]:
    """The provider whose code the family holds may be installing its wire: it was not asked about the address, or has not said no."""
    own, where = aliased(ServiceabilityAnswer), (there.c.line, there.c.unit, there.c.zip)
    said_no = exists().where(own.provider_id == Enrollment.provider_id, same_address(own, where), says_no(own))
    return and_(
        Enrollment.status.in_(HOLDS_CODE),
        Enrollment.provider_id.is_not(None),
        ~said_no.correlate(Enrollment, there),
    )


def _from(statement: Select[Any], there: CTE, year: ProgramYear | None) -> Select[Any]:
    in_year = and_(Enrollment.household_id == Household.id, Enrollment.program_year_id == (year.id if year else 0))
    return (
        statement.select_from(there)
        .join(Household, Household.id == there.c.household_id)
        .outerjoin(Enrollment, in_year)
    )


def count_lines(session: Session, account: Account, year: ProgramYear | None, *, today: dt.date) -> int:
    """How many homes wait for a hotspot."""
    there, conditions = _waiting(account, year, today)
    return session.scalar(_from(select(func.count()), there, year).where(*conditions)) or 0


def lines(
    session: Session, account: Account, year: ProgramYear | None, *, today: dt.date, after: int, size: int
) -> list[Line]:
    """The next homes, by the number of the household."""
    there, conditions = _waiting(account, year, today)
    area = (
        select(Residence.community_area)
        .where(Residence.household_id == Household.id, Residence.ends_on.is_(None))
        .scalar_subquery()
    )
    columns = (there.c.line, there.c.unit, there.c.zip, there.c.city, there.c.state)
    statement = _from(select(Household, Enrollment.status, area, *columns), there, year)
    found = session.execute(statement.where(*conditions, Household.id > after).order_by(Household.id).limit(size)).all()
    said, asked = _said_no(session, [row[3:6] for row in found]), _asked(session, [row[3:6] for row in found])
    wired = {one.id: one.name for one in wired_providers(session)}
    return [
        Line(
            household_id=home.id,
            reference=home.reference,
            guardian=f"{home.guardian_first_name} {home.guardian_last_name}",
            area=number,
            address=full_address(line, unit, city, state, zip_code),
            status=status,
            next_step=_next_step(status),
            said_no=said[line, unit, zip_code],
            not_asked=sorted(name for one, name in wired.items() if one not in asked[line, unit, zip_code]),
        )
        for home, status, number, line, unit, zip_code, city, state in found
    ]


def _next_step(status: str | None) -> NextStep:
    match status:
        case None:
            return NextStep.ENROLL
        case Status.ELIGIBLE | Status.CONTACTED:
            return NextStep.ISSUE
        case Status.ENDED:
            return NextStep.BEGIN_ANEW
    return NextStep.END


def _said_no(session: Session, keys: Sequence[Any]) -> dict[Key, list[tuple[str, dt.date]]]:
    answer, found = ServiceabilityAnswer, defaultdict[Key, list[tuple[str, dt.date]]](list)
    for some in slices(sorted({row[0] for row in keys})):
        statement = (
            select(*address_of(answer), Provider.name, answer.checked_on)
            .join(Provider, Provider.id == answer.provider_id)
            .where(answer.line.in_(some), says_no(), sells_wire())
            .order_by(Provider.name)
        )
        for line, unit, zip_code, name, on in session.execute(statement):
            found[line, unit, zip_code].append((name, on))
    return found


def _asked(session: Session, keys: Sequence[Any]) -> dict[Key, set[int]]:
    request, batch = ServiceabilityRequest, ServiceabilityBatch
    found = defaultdict[Key, set[int]](set)
    for some in slices(sorted({row[0] for row in keys})):
        statement = select(*address_of(request), batch.provider_id).join(batch, batch.id == request.batch_id)
        for line, unit, zip_code, provider_id in session.execute(statement.where(request.line.in_(some))):
            found[line, unit, zip_code].add(provider_id)
    return found
