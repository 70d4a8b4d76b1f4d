"""The homes of a provider as they stood on the first of a month, from dated steps; frozen when they are first asked for.

One thing changes them afterwards: a program year whose last day moved, for that day is no later word about a home.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from connectivity.bulk import fetch, table_of, write
from connectivity.register import (
    CodeEvent,
    Enrollment,
    EnrollmentEvent,
    Household,
    MembershipCode,
    PlanVersion,
    ProgramYear,
    Provider,
    ProviderAccount,
    Residence,
    ServiceAddress,
    ServiceSnapshot,
    SnapshotHome,
)
from connectivity.rules.billing import NOT_KNOWN, Home
from connectivity.rules.service_states import LABEL, CodeState, Status
from connectivity.service.provider_files.ours import account_with

ELSEWHERE = "served by another provider"
GIVEN = (CodeState.ISSUED, CodeState.REDEEMED)
WITH_NOBODY = (Status.ELIGIBLE, Status.CONTACTED, Status.ENDED)  # no provider serves the home then


def snapshot(session: Session, provider: Provider, month: dt.date) -> ServiceSnapshot:
    """The provider's homes on the first of `month`, taken now if nobody asked before. What is recorded later does not change it."""
    found = session.scalar(
        select(ServiceSnapshot).where(ServiceSnapshot.provider_id == provider.id, ServiceSnapshot.month == month)
    )
    if found is not None:
        return found
    rows = [_home(row, provider, month) for row in _once(fetch(session, _standing(provider, month)))]
    taken = ServiceSnapshot(provider_id=provider.id, month=month, active=sum(row[1] for row in rows))
    session.add(taken)
    session.flush()
    names = (
        "enrollment_id", "active", "status", "ended_on", "last_name", "line", "unit", "account_last4", "month_cents",
    )  # fmt: skip
    if rows:
        columns: dict[str, Sequence[Any]] = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
        write(session, table_of(SnapshotHome), {"snapshot_id": [taken.id] * len(rows), **columns})
    return taken


def take_all(session: Session, month: dt.date) -> int:
    """A snapshot of `month` for each provider that has none yet. Returns how many were taken."""
    taken = select(ServiceSnapshot.provider_id).where(ServiceSnapshot.month == month)
    waiting = select(Provider).where(Provider.id.not_in(taken)).order_by(Provider.id).with_for_update()
    missing = session.scalars(waiting).all()  # held, as by whoever reconciles a bill or moves the end of a year
    for provider in missing:
        snapshot(session, provider, month)
    return len(missing)


def homes_of(session: Session, taken: ServiceSnapshot) -> list[Home]:
    """The snapshot as the rules take it."""
    home = SnapshotHome
    rows = fetch(
        session,
        select(
            home.enrollment_id, home.active, home.status, home.ended_on, home.last_name, home.line, home.unit,
            home.account_last4,
        )
        .where(home.snapshot_id == taken.id)
        .order_by(home.enrollment_id),
    )  # fmt: skip
    return [
        Home(one, bool(active), LABEL[Status(status)] if status in set(Status) else status, _day(ended), *rest)
        for one, active, status, ended, *rest in rows
    ]


def prices_of(session: Session, taken: ServiceSnapshot) -> dict[int, int]:
    """Enrollment -> what its plan cost that month, in cents, where that is written down."""
    priced = SnapshotHome.month_cents.is_not(None)
    statement = select(SnapshotHome.enrollment_id, SnapshotHome.month_cents)
    return dict(fetch(session, statement.where(SnapshotHome.snapshot_id == taken.id, priced)))


def move_end(session: Session, *, year: ProgramYear, stood: dt.date, to: dt.date) -> list[tuple[int, dt.date]]:
    """Corrects the homes whose last day of service was the year's, and moved with it. Returns (provider, month) of what changed.

    To be called once the days have moved. Holds every provider: bills that are being reconciled are finished first.
    """
    session.execute(select(Provider.id).order_by(Provider.id).with_for_update())
    behind = select(ServiceSnapshot).where(ServiceSnapshot.month > min(stood, to)).order_by(ServiceSnapshot.month)
    changed = []
    for taken in session.scalars(behind.order_by(ServiceSnapshot.provider_id)).all():
        with_year = and_(Enrollment.program_year_id == year.id, func.coalesce(Enrollment.service_until, to) == to)
        ended, over = SnapshotHome.ended_on, to if to < taken.month else None
        moved = session.execute(
            update(SnapshotHome)
            .where(
                SnapshotHome.snapshot_id == taken.id,
                SnapshotHome.status != Status.ENDED,
                ended == stood if stood < taken.month else ended.is_(None),
                SnapshotHome.enrollment_id.in_(select(Enrollment.id).where(with_year)),
            )
            .values(ended_on=over, active=false() if over else SnapshotHome.status == Status.ACTIVE)
            .returning(SnapshotHome.enrollment_id)
            .execution_options(synchronize_session=False)
        ).all()
        if moved:
            active = select(func.count()).where(SnapshotHome.snapshot_id == taken.id, SnapshotHome.active)
            taken.active = session.scalar(active) or 0
            changed.append((taken.provider_id, taken.month))
    session.flush()
    return changed


def ended_with(moving: ColumnElement[bool], stood: dt.date) -> Select[int, dt.date]:
    """(provider, month) of the snapshots in which enrollments that `moving` names ended on the day `stood`."""
    home = select(SnapshotHome.snapshot_id).join(Enrollment, Enrollment.id == SnapshotHome.enrollment_id)
    which = home.where(moving, SnapshotHome.ended_on == stood, SnapshotHome.status != Status.ENDED)
    return select(ServiceSnapshot.provider_id, ServiceSnapshot.month).where(
        ServiceSnapshot.month > stood, ServiceSnapshot.id.in_(which)
    )


def _standing(provider: Provider, month: dt.date) -> Select[Any]:
    """One row an enrollment that the provider serves or ever had a code for, at its last step by the day.

    Provider and plan are those of the enrollment now, as each is chosen with “code issued” alone; where it began anew after the day, the
    provider is that of the last code given by the day, and the plan is not known.
    """
    last = (
        select(
            EnrollmentEvent.enrollment_id,
            EnrollmentEvent.status,
            EnrollmentEvent.happened_on,
            func.row_number()
            .over(
                partition_by=EnrollmentEvent.enrollment_id,
                order_by=(EnrollmentEvent.happened_on.desc(), EnrollmentEvent.id.desc()),
            )
            .label("back"),
        )
        .where(EnrollmentEvent.happened_on <= month)
        .subquery()
    )
    coded = exists().where(
        MembershipCode.provider_id == provider.id,
        MembershipCode.household_id == Enrollment.household_id,
        MembershipCode.program_year_id == Enrollment.program_year_id,
    )
    lived = and_(
        Residence.household_id == Household.id,
        Residence.starts_on <= month,
        or_(Residence.ends_on.is_(None), Residence.ends_on > month),
    )
    served = and_(
        ServiceAddress.household_id == Household.id,
        ServiceAddress.starts_on <= month,
        or_(ServiceAddress.ends_on.is_(None), ServiceAddress.ends_on > month),
    )
    later = aliased(EnrollmentEvent)
    anew = exists().where(
        later.enrollment_id == Enrollment.id, later.status == Status.ELIGIBLE, later.happened_on > month
    )
    price = (
        select(PlanVersion.monthly_cents)
        .where(PlanVersion.plan_id == Enrollment.plan_id, PlanVersion.starts_on <= month)
        .order_by(PlanVersion.starts_on.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            Enrollment.id,
            last.c.status,
            last.c.happened_on,
            case((anew, _provider_by(month)), else_=Enrollment.provider_id),
            func.coalesce(Enrollment.service_until, ProgramYear.ends_on),
            Household.guardian_last_name,
            func.coalesce(ServiceAddress.line, Residence.line, ""),
            func.coalesce(ServiceAddress.unit, Residence.unit, ""),
            func.coalesce(ProviderAccount.last4, ""),
            case((anew, None), else_=price),
        )
        .join(last, and_(last.c.enrollment_id == Enrollment.id, last.c.back == 1))
        .join(ProgramYear, ProgramYear.id == Enrollment.program_year_id)
        .join(Household, Household.id == Enrollment.household_id)
        .outerjoin(Residence, lived)
        .outerjoin(ServiceAddress, served)
        .outerjoin(ProviderAccount, account_with(provider.id))
        .where(or_(Enrollment.provider_id == provider.id, coded))
        .order_by(Enrollment.id)
    )


def _provider_by(day: dt.date) -> Any:
    """Whose code the household was given last by the day; NULL where none is known."""
    return (
        select(MembershipCode.provider_id)
        .join(CodeEvent, CodeEvent.code_id == MembershipCode.id)
        .where(
            MembershipCode.household_id == Enrollment.household_id,
            MembershipCode.program_year_id == Enrollment.program_year_id,
            CodeEvent.state.in_(GIVEN),
            CodeEvent.happened_on <= day,
        )
        .order_by(CodeEvent.happened_on.desc(), CodeEvent.id.desc())
        .limit(1)
        .correlate(Enrollment)
        .scalar_subquery()
    )


def _once(rows: Iterable[tuple[Any, ...]]) -> Iterable[tuple[Any, ...]]:
    """Each enrollment once: two homes on one day are a slip of the pen in the dates, the later row stands."""
    return {row[0]: row for row in rows}.values()


def _home(row: tuple[Any, ...], provider: Provider, month: dt.date) -> tuple[Any, ...]:
    enrollment, status, on, provider_id, until, *rest, price = row
    mine, last_day = provider_id == provider.id, _day(until)
    over = _day(on) if mine and status == Status.ENDED else None
    if over is None and last_day is not None and last_day < month:
        over = last_day
    if mine:
        return enrollment, status == Status.ACTIVE and over is None, status, _text(over), *rest, price
    elsewhere = ELSEWHERE if provider_id is not None else NOT_KNOWN
    return enrollment, False, status if status in WITH_NOBODY else elsewhere, _text(over), *rest, None


def _day(value: Any) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _text(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
