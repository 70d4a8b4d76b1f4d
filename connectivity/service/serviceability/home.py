"""What serves the address of a household: each provider's standing answer with its day and who said so, and every answer before it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from connectivity.register import (
    Enrollment,
    Household,
    Provider,
    Residence,
    ServiceabilityAnswer,
    ServiceabilityBatch,
    ServiceabilityFile,
    ServiceabilityRequest,
    ServiceAddress,
)
from connectivity.rules.service_states import ServiceType
from connectivity.rules.serviceability_words import MatchResult, Serviceable
from connectivity.service.provider_files.ours import Address, address_columns, address_of
from connectivity.service.serviceability.ask import sells_wire
from connectivity.service.serviceability.no_wire import HOLDS_CODE
from connectivity.service.serviceability.spelling import Key

MOST_ANSWERS = 50


@dataclass(frozen=True, kw_only=True)
class OfProvider:
    """What one provider says of the address. `asked_on` None: nobody asked it; `answer` None: it has not answered."""

    provider_id: int
    provider: str
    asked_on: dt.date | None
    reaches: Serviceable
    answer: ServiceabilityAnswer | None
    wired: bool  # sells the program a connection by wire, today


@dataclass(frozen=True, kw_only=True)
class Home:
    """Where the connection of a household goes, and what serves that address. `elsewhere`: it does not go to the home."""

    address: Address | None
    elsewhere: bool
    providers: Sequence[OfProvider]
    earlier: Sequence[ServiceabilityAnswer]

    @property
    def no_wire(self) -> bool:
        """Every provider that was asked said no, and at least one was."""
        asked = [one for one in self.providers if one.asked_on and one.wired]
        return bool(asked) and all(one.reaches is Serviceable.NO for one in asked)

    def may_install(self, enrollment: Enrollment | None) -> str:
        """The provider whose code for a wire the family holds, where it was not asked or did not say no; "" where there is none."""
        if enrollment is None or enrollment.status not in HOLDS_CODE or enrollment.provider is None:
            return ""
        if enrollment.service_type not in (None, ServiceType.WIRED):
            return ""
        said = next((one.reaches for one in self.providers if one.provider_id == enrollment.provider_id), None)
        return "" if said is Serviceable.NO else enrollment.provider.name

    @property
    def not_asked(self) -> list[str]:
        """Wired providers that nobody asked about this address."""
        return [one.provider for one in self.providers if one.wired and one.asked_on is None]


def home_of(session: Session, household: Household) -> Home:
    """As the household lives now: answers belong to the address, so that one who moved sees what is known of the new one."""
    row = session.execute(
        select(*address_columns(), ServiceAddress.id)
        .select_from(Household)
        .outerjoin(Residence, and_(Residence.household_id == Household.id, Residence.ends_on.is_(None)))
        .outerjoin(ServiceAddress, and_(ServiceAddress.household_id == Household.id, ServiceAddress.ends_on.is_(None)))
        .where(Household.id == household.id)
    ).one()
    address = address_of(row[:5])
    if address is None:
        return Home(address=None, elsewhere=False, providers=(), earlier=())
    key = (address.line, address.unit, address.zip[:5])
    answers = _answers(session, key)
    standing = {one.provider_id: one for one in answers if one.stands}
    return Home(
        address=address,
        elsewhere=row[5] is not None,
        providers=_providers(session, key, standing),
        earlier=[one for one in answers if not one.stands][:MOST_ANSWERS],
    )


def _answers(session: Session, key: Key) -> Sequence[ServiceabilityAnswer]:
    """The newest first."""
    answer = ServiceabilityAnswer
    line, unit, zip_code = key
    asked = select(ServiceabilityRequest.id).where(*_about(ServiceabilityRequest, key))
    return session.scalars(
        select(answer)
        .options(joinedload(answer.provider), joinedload(answer.file).joinedload(ServiceabilityFile.submitter))
        .where(answer.request_id.in_(asked), answer.line == line, answer.unit == unit, answer.zip == zip_code)
        .order_by(answer.checked_on.desc(), answer.id.desc())
    ).all()


def _about(noun: Any, key: Key) -> tuple[Any, ...]:
    line, unit, zip_code = key
    return noun.line == line, noun.unit == unit, noun.zip == zip_code


def _providers(session: Session, key: Key, standing: dict[int, ServiceabilityAnswer]) -> list[OfProvider]:
    """Those that were asked, and those that could be, by name."""
    batch, request = ServiceabilityBatch, ServiceabilityRequest
    asked = {  # noqa: C416 - rows are no plain pairs
        provider: on
        for provider, on in session.execute(
            select(batch.provider_id, func.max(batch.asked_on))
            .join(request, request.batch_id == batch.id)
            .where(*_about(request, key))
            .group_by(batch.provider_id)
        )
    }
    wired = set(session.scalars(select(Provider.id).where(sells_wire())))
    providers = session.scalars(
        select(Provider).where(or_(Provider.id.in_(wired), Provider.id.in_(asked))).order_by(Provider.name)
    )
    return [
        OfProvider(
            provider_id=one.id,
            provider=one.name,
            asked_on=asked.get(one.id),
            reaches=_reaches(standing.get(one.id)),
            answer=standing.get(one.id),
            wired=one.id in wired,
        )
        for one in providers
    ]


def _reaches(answer: ServiceabilityAnswer | None) -> Serviceable:
    """As `standing.reaches` has it."""
    if answer is None or (answer.match_result == MatchResult.CORRECTED and not answer.accepted):
        return Serviceable.UNKNOWN
    return Serviceable(answer.serviceable)
