"""Asks a provider about addresses: which ones, and a batch of requests under random ids, one for each distinct address."""

import base64
import datetime as dt
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, select
from sqlalchemy.orm import Session

from connectivity.access import audit
from connectivity.access.scope import in_scope
from connectivity.bulk import fetch, table_of, widen_cache, write
from connectivity.register import (
    Account,
    Enrollment,
    Household,
    Plan,
    ProgramYear,
    Provider,
    Residence,
    ServiceabilityAnswer,
    ServiceabilityBatch,
    ServiceabilityRequest,
    ServiceAddress,
)
from connectivity.rules.service_states import ServiceType, Status
from connectivity.service.provider_files.ours import address_columns
from connectivity.service.serviceability.columns import TO_FILL
from connectivity.service.serviceability.standing import connection, five_digits, knows, same_address
from connectivity.service.serviceability.take import keep_others_out
from connectivity.tabular.write import Row

KIND = "serviceability_request_file"
BASIS = "Service provider of the program, to learn which addresses it can serve (34 CFR 99.31(a)(1)(i)(B)); addresses without names"
ROWS_A_PAGE = 2000


class Homes(StrEnum):
    """Whose homes. No more addresses leave than somebody has a use for."""

    WAITING = "waiting"  # in the program, not connected yet
    EVERY = "every"


class Which(StrEnum):
    """Which addresses of them."""

    UNANSWERED = "unanswered"  # no yes or no of this provider
    OLD = "old"  # none, or one that is too old
    EVERY = "every"


class NothingToAsk(ValueError):
    """No address fits. The message is for the person."""


class AskedAlready(ValueError):
    """The same addresses were chosen in the same way, and that list, number `batch_id`, has no answer yet. The message is for the person."""

    def __init__(self, batch_id: int, message: str) -> None:
        self.batch_id = batch_id
        super().__init__(message)


class Answered(ValueError):
    """The list cannot be taken back. The message is for the person."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which addresses to ask about. `area`: number of a community area; None: all. `days`: how old an answer may be, for `OLD`."""

    homes: Homes = Homes.WAITING
    which: Which = Which.UNANSWERED
    area: int | None = None
    days: int = 180


def wired_providers(session: Session) -> Sequence[Provider]:
    """Providers that sell the program a connection by wire: the ones to ask."""
    return session.scalars(select(Provider).where(sells_wire()).order_by(Provider.name)).all()


def sells_wire() -> ColumnElement[bool]:
    """Of a provider: still with the program, and with a wired plan."""
    wired = select(Plan.provider_id).where(Plan.service_type == ServiceType.WIRED)
    return and_(Provider.active, Provider.id.in_(wired))


def ask(
    session: Session,
    *,
    account: Account,
    provider: Provider,
    choice: Choice,
    year: ProgramYear | None,
    today: dt.date,
) -> ServiceabilityBatch:
    """A new batch with a request for each distinct address. `year`: the one whose homes wait. Raises NothingToAsk, AskedAlready."""
    widen_cache(session)
    keep_others_out(session, provider.id)  # so that a button pressed twice finds its first list
    found = fetch(session, _addresses(account, provider, choice, year, today))
    if not found:
        raise NothingToAsk(
            "No address fits. Ask about every home, or about those whose answer is older; or there is nothing left to ask this provider."
        )
    chosen = asdict(choice) | {"program_year": year.label if year else ""}
    _refuse_twice(session, provider, chosen, found)
    batch = ServiceabilityBatch(
        reference=_reference("B", 5),
        provider_id=provider.id,
        asked_on=today,
        chosen=chosen,
        addresses=len(found),
        made_by=account.id,
    )
    session.add(batch)
    session.flush()
    names = ("line", "unit", "zip", "city", "state")
    columns: dict[str, Sequence[Any]] = dict(zip(names, zip(*found, strict=True), strict=True))
    columns["reference"] = [_reference("Q", 10) for _ in found]
    columns["batch_id"] = [batch.id] * len(found)
    write(session, table_of(ServiceabilityRequest), columns)
    audit.record(
        session,
        account=account,
        action="serviceability.asked",
        subject="serviceability_batch",
        subject_id=batch.id,
        changes={"provider": [None, provider.id], "addresses": [None, len(found)]},
    )
    return batch


def _refuse_twice(session: Session, provider: Provider, chosen: dict[str, Any], found: Sequence[Any]) -> None:
    """A second list of the same addresses would be answered twice; with a new address among them it is another list."""
    batch, request = ServiceabilityBatch, ServiceabilityRequest
    of = select(request.id).where(request.batch_id == batch.id)
    answered = exists().where(ServiceabilityAnswer.request_id.in_(of.correlate(batch)))
    same = select(batch).where(batch.provider_id == provider.id, batch.addresses == len(found), ~answered)
    for one in session.scalars(same.order_by(batch.id.desc())):
        asked = fetch(session, select(request.line, request.unit, request.zip).where(request.batch_id == one.id))
        if one.chosen == chosen and {tuple(row) for row in asked} == {tuple(row[:3]) for row in found}:
            raise AskedAlready(
                one.id,
                f"{provider.name} was asked about the same addresses on {one.asked_on:%b} {one.asked_on.day}, {one.asked_on.year}, and has not answered: "
                "this is that list. No second one was made.",
            )


def _reference(first: str, size: int) -> str:
    """Random, of `size` bytes. The letter in front keeps a spreadsheet from reading it as a number."""
    return first + base64.b32encode(secrets.token_bytes(size)).decode()


def _addresses(
    account: Account, provider: Provider, choice: Choice, year: ProgramYear | None, today: dt.date
) -> Select[str, str, str, str, str]:
    """Each address once, however many households and students live there; in the order of streets, which tells nothing of them."""
    line, unit, city, state, zip_code = address_columns()
    key = (line, unit, five_digits(zip_code))
    conditions = [in_scope(Household, account, today=today), line != ""]
    if choice.area is not None:
        conditions.append(Residence.community_area == choice.area)
    if choice.homes is Homes.WAITING:
        conditions.append(_waits(year))
    if choice.which is not Which.EVERY:
        conditions.append(~_answered(provider, choice, today))
    return (
        select(*key, func.max(city), func.max(state))
        .select_from(Household)
        .outerjoin(Residence, and_(Residence.household_id == Household.id, Residence.ends_on.is_(None)))
        .outerjoin(ServiceAddress, and_(ServiceAddress.household_id == Household.id, ServiceAddress.ends_on.is_(None)))
        .where(*conditions)
        .group_by(*key)
        .order_by(*key)
    )


def _waits(year: ProgramYear | None) -> ColumnElement[bool]:
    connected_or_over = (Status.ACTIVE, Status.ENDED)
    return exists().where(
        Enrollment.household_id == Household.id,
        Enrollment.program_year_id == (year.id if year else 0),
        Enrollment.status.not_in(connected_or_over),
    )


def _answered(provider: Provider, choice: Choice, today: dt.date) -> ColumnElement[bool]:
    answer = ServiceabilityAnswer
    conditions = [answer.provider_id == provider.id, same_address(answer, connection()), knows()]
    if choice.which is Which.OLD:
        conditions.append(answer.checked_on >= today - dt.timedelta(days=choice.days))
    return exists().where(*conditions)


def withdraw(session: Session, *, account: Account, batch_id: int) -> None:
    """Takes back a list that nobody has answered: what was never sent must not hold a home from a hotspot. Raises Answered."""
    batch = session.get_one(ServiceabilityBatch, batch_id)
    keep_others_out(session, batch.provider_id)
    of = select(ServiceabilityRequest.id).where(ServiceabilityRequest.batch_id == batch_id)
    answered = select(ServiceabilityAnswer.id).where(ServiceabilityAnswer.request_id.in_(of)).limit(1)
    if session.scalar(answered) is not None:
        raise Answered("This list has answers already, so it stays.")
    audit.record(
        session,
        account=account,
        action="serviceability.withdrawn",
        subject="serviceability_batch",
        subject_id=batch_id,
        changes={"provider": [batch.provider_id, None], "addresses": [batch.addresses, None]},
    )
    session.execute(
        delete(ServiceabilityBatch)
        .where(ServiceabilityBatch.id == batch_id)
        .execution_options(synchronize_session=False)
    )


def rows(session: Session, batch: ServiceabilityBatch, isp: str) -> Iterator[Row]:
    """The batch as its provider gets it: our ids and the address, the columns it fills in left empty."""
    request, after = ServiceabilityRequest, 0
    page = (
        select(request.id, request.reference, request.line, request.unit, request.city, request.state, request.zip)
        .where(request.batch_id == batch.id)
        .order_by(request.id)
        .limit(ROWS_A_PAGE)
    )
    empty = [""] * len(TO_FILL)
    while found := session.execute(page.where(request.id > after)).all():
        for _id, *cells in found:
            yield batch.reference, *cells, isp, *empty
        after = found[-1][0]


def every_batch(session: Session, *, most: int) -> list[tuple[ServiceabilityBatch, int]]:
    """The newest batches, each with how many of its requests have an answer."""
    answered = (
        select(func.count(func.distinct(ServiceabilityAnswer.request_id)))
        .join(ServiceabilityRequest, ServiceabilityRequest.id == ServiceabilityAnswer.request_id)
        .where(ServiceabilityRequest.batch_id == ServiceabilityBatch.id)
        .scalar_subquery()
    )
    found = session.execute(
        select(ServiceabilityBatch, answered).order_by(ServiceabilityBatch.id.desc()).limit(most)
    ).all()
    return [(batch, number) for batch, number in found]
