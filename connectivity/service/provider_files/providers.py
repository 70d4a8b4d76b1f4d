"""What a provider is called and what it sells, from a day on. A later day ends what stood before: two can never overlap."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from connectivity.access import audit
from connectivity.register import Account, Plan, PlanVersion, Provider, ProviderName
from connectivity.rules.calendar import city_today
from connectivity.rules.names import fold
from connectivity.rules.service_states import ServiceType

LAUNCH = dt.date(2020, 6, 25)  # of the program: no provider had a name or a price with it before


EARLIEST = dt.date(2000, 1, 1)
DAYS_AHEAD = 5 * 365 + 1  # five years


class ProviderRefused(ValueError):
    """The change cannot be made. `field`: where; the message is for the person."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Speed and price of a plan from a day on. Cents a month; None: not known."""

    starts_on: dt.date
    down_mbps: int
    up_mbps: int
    monthly_cents: int | None


def day_problem(day: dt.date, *, today: dt.date) -> str:
    """Why a name, speed or price cannot begin on this day; "" if it can."""
    latest = today + dt.timedelta(days=DAYS_AHEAD)
    return "" if EARLIEST <= day <= latest else f"Enter a day from {_day(EARLIEST)} to {_day(latest)}."


def _refuse_day(day: dt.date, today: dt.date) -> None:
    if problem := day_problem(day, today=today):
        raise ProviderRefused("starts_on", problem)


def every_provider(session: Session) -> Sequence[Provider]:
    """By name, with names, plans and their versions."""
    return session.scalars(
        select(Provider)
        .options(selectinload(Provider.names), selectinload(Provider.plans).selectinload(Plan.versions))
        .order_by(func.lower(Provider.name))
    ).all()


def price_on(plan: Plan, day: dt.date) -> int | None:
    """Cents a month on a day; None where no price is known."""
    version = plan.version_on(day)
    return version.monthly_cents if version else None


def held(session: Session, provider_id: int) -> Provider | None:
    """The provider, held until the transaction ends: two people never add to it at once."""
    return session.scalar(
        select(Provider)
        .where(Provider.id == provider_id)
        .with_for_update(of=Provider)
        .execution_options(populate_existing=True)
    )


def rename(
    session: Session, *, account: Account | None, provider: Provider, name: str, starts_on: dt.date, today: dt.date
) -> None:
    """A name from a day on. Raises ProviderRefused."""
    _refuse_day(starts_on, today)
    _refuse_name(session, provider, name, starts_on)
    if not provider.names:  # the first change: what it was called before is written down as well
        first = min([plan.starts_on for plan in provider.plans] + [LAUNCH, starts_on - dt.timedelta(days=1)])
        _add_name(session, account, provider, provider.name, first)
    _add_name(session, account, provider, name, starts_on)
    session.flush()
    session.refresh(provider, ["names"])
    before, provider.name = provider.name, provider.name_on(today)
    _trace(session, account, "provider.renamed", provider, {"name": [before, provider.name], "added": [None, name]})


def add_provider(session: Session, *, account: Account | None, name: str) -> Provider:
    """A provider that had no records here yet. Raises ProviderRefused."""
    if fold(name) in _names_of_others(session, None):
        raise ProviderRefused("name", "There is or was a provider of this name already.")
    provider = Provider(name=name)
    try:
        with session.begin_nested():
            session.add(provider)
    except IntegrityError as twice:  # two people at once
        raise ProviderRefused("name", "There is or was a provider of this name already.") from twice
    _trace(session, account, "provider.added", provider, {"name": [None, name]})
    return provider


def add_plan(
    session: Session, *, account: Account | None, provider: Provider, name: str, service_type: ServiceType, terms: Terms
) -> Plan:
    """A plan with its first speed and price. Raises ProviderRefused."""
    _refuse_day(terms.starts_on, city_today())
    if fold(name) in {fold(one.name) for one in provider.plans}:
        raise ProviderRefused(
            "name", f"{provider.name} has a plan of this name already. Add a new speed or price to it."
        )
    plan = Plan(
        provider_id=provider.id,
        name=name,
        service_type=service_type,
        down_mbps=terms.down_mbps,
        up_mbps=terms.up_mbps,
        starts_on=terms.starts_on,
    )
    session.add(plan)
    session.flush()
    by = account.id if account else None
    session.add(PlanVersion(plan_id=plan.id, recorded_by=by, **vars(terms)))
    _trace(session, account, "plan.added", provider, {"plan": [None, name], "added": [None, _in_short(terms)]})
    return plan


def _in_short(terms: Terms) -> str:
    return f"{terms.down_mbps}/{terms.up_mbps} Mbps, {terms.monthly_cents} cents from {terms.starts_on}"


def _names_of_others(session: Session, provider_id: int | None) -> set[str]:
    pairs = select(Provider.name, ProviderName.name).outerjoin(Provider.names)
    if provider_id is not None:
        pairs = pairs.where(Provider.id != provider_id)
    return {fold(one) for pair in session.execute(pairs) for one in pair if one}


def _refuse_name(session: Session, provider: Provider, name: str, starts_on: dt.date) -> None:
    if any(one.starts_on == starts_on for one in provider.names):
        raise ProviderRefused("starts_on", "Another name begins on this day. Choose another day.")
    neighbors = [one.name for one in provider.names] or [provider.name]
    if not provider.names and fold(name) == fold(neighbors[0]):
        raise ProviderRefused("name", "That is its name already.")
    if fold(name) in _names_of_others(session, provider.id):
        raise ProviderRefused("name", "Another provider has or had this name.")


def _add_name(session: Session, account: Account | None, provider: Provider, name: str, starts_on: dt.date) -> None:
    by = account.id if account else None
    session.add(ProviderName(provider_id=provider.id, name=name, starts_on=starts_on, recorded_by=by))


def add_version(session: Session, *, account: Account | None, plan: Plan, terms: Terms) -> None:
    """Speed and price of a plan from a day on. Raises ProviderRefused."""
    _refuse_day(terms.starts_on, city_today())
    if terms.starts_on < plan.starts_on:
        raise ProviderRefused(
            "starts_on", f"The plan is sold from {_day(plan.starts_on)} on. Choose that day or a later one."
        )
    if plan.ends_on and terms.starts_on > plan.ends_on:
        raise ProviderRefused("starts_on", f"The plan was sold until {_day(plan.ends_on)} only.")
    if any(one.starts_on == terms.starts_on for one in plan.versions):
        raise ProviderRefused("starts_on", "Another version begins on this day. Choose another day.")
    by = account.id if account else None
    if (
        not plan.versions and terms.starts_on > plan.starts_on
    ):  # the first change: what was sold before is written down as well
        session.add(
            PlanVersion(
                plan_id=plan.id,
                starts_on=plan.starts_on,
                down_mbps=plan.down_mbps,
                up_mbps=plan.up_mbps,
                recorded_by=by,
            )
        )
    session.add(PlanVersion(plan_id=plan.id, recorded_by=by, **vars(terms)))
    session.flush()
    session.refresh(plan, ["versions"])
    last = plan.versions[-1]
    plan.down_mbps, plan.up_mbps = last.down_mbps, last.up_mbps
    changes: dict[str, list[str | None]] = {"plan": [plan.name, plan.name], "added": [None, _in_short(terms)]}
    _trace(session, account, "plan.version_added", plan.provider, changes)


def _trace(
    session: Session, account: Account | None, action: str, provider: Provider, changes: dict[str, list[str | None]]
) -> None:
    session.flush()
    audit.record(
        session, account=account, action=action, subject="provider", subject_id=provider.id, changes={**changes}
    )


def _day(day: dt.date) -> str:
    return f"{day:%b} {day.day}, {day.year}"
