"""Gives many households their codes in one step: all who wait get one, or nobody does. Also holds codes for households, and releases them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from connectivity.access.audit import record
from connectivity.bulk import fetch
from connectivity.register import Account, Enrollment, Household, MembershipCode, Plan, ProgramYear
from connectivity.rules.service_states import CodeState, outside_year
from connectivity.service.codes import ledger
from connectivity.service.codes.given import Given, write_steps
from connectivity.service.codes.release import Released, release_held
from connectivity.service.codes.sold import is_sold
from connectivity.service.codes.waiting import Wanted, free_codes, held_codes, holding, waiting


class GivingRefused(ValueError):
    """Nothing was given. The message is for the person."""


class NobodyWaits(GivingRefused):
    """No household fits what was asked for."""


class NotSold(GivingRefused):
    """The plan is not on sale in the program year, or no longer."""

    def __init__(self, plan: Plan, year: ProgramYear) -> None:
        super().__init__(
            f"{plan.provider.name}, {plan.name} is not sold in {year.label} any more: no code is given for it. "
            "Choose another plan."
        )


class PoolTooSmall(GivingRefused):
    """More households wait than there are free codes."""

    def __init__(self, plan: Plan, year: ProgramYear, *, households: int, free: int) -> None:
        self.households, self.free, self.missing = households, free, households - free
        super().__init__(
            f"{households:,} households wait and {plan.provider.name} has {free:,} free codes for {year.label}: "
            f"{self.missing:,} too few, so no code was given. Ask the provider for more, choose fewer households, "
            "or give out as many as there are."
        )


@dataclass(frozen=True, kw_only=True)
class Done:
    """How many households got a code, and how many of those asked for still wait."""

    given: int
    waiting: int


def issue_to_all(
    session: Session,
    *,
    account: Account,
    wanted: Wanted,
    plan: Plan,
    on: dt.date,
    as_many_as_there_are: bool = False,
) -> Done:
    """Issues a code to every household that waits; longest waiting first if the pool is short. Raises GivingRefused."""
    rows, left = _matched(session, account, wanted, plan, on, as_many=as_many_as_there_are)
    given = [(row.code_id, row.household_id) for row in rows]
    ledger.give_all(session, account=account, given=given, after=CodeState.ISSUED, on=on, stand=CodeState.FREE)
    write_steps(session, account=account, rows=rows, plan=plan, on=on)
    _record(session, account, "codes.issued", wanted, plan, len(rows))
    return Done(given=len(rows), waiting=left)


def hold_for_all(
    session: Session,
    *,
    account: Account,
    wanted: Wanted,
    plan: Plan,
    on: dt.date,
    as_many_as_there_are: bool = False,
) -> Done:
    """As `issue_to_all`, but the codes are only set aside: the family hears nothing yet, the enrollment stays where it is."""
    rows, left = _matched(session, account, wanted, plan, on, as_many=as_many_as_there_are)
    given = [(row.code_id, row.household_id) for row in rows]
    ledger.give_all(session, account=account, given=given, after=CodeState.HELD, on=on, stand=CodeState.FREE)
    _record(session, account, "codes.held", wanted, plan, len(rows))
    return Done(given=len(rows), waiting=left)


def issue_held(session: Session, *, account: Account, wanted: Wanted, plan: Plan, on: dt.date) -> Done:
    """Issues the codes held of the plan's provider, each to its household: their letters are on the way. Raises GivingRefused."""
    _refuse_unfit(session, wanted, plan, on)
    people = _in_order(session, holding(account, wanted, plan, on))
    held = select(MembershipCode.household_id, MembershipCode.id, MembershipCode.code).where(
        MembershipCode.program_year_id == wanted.year_id,
        MembershipCode.provider_id == plan.provider_id,
        MembershipCode.state == CodeState.HELD,
        ledger.usable_on(on),
    )
    code_of = {household: (code_id, code) for household, code_id, code in fetch(session, held)}
    rows = [Given(*who, *code_of[who[1]]) for who in people if who[1] in code_of]
    if not rows:
        raise NobodyWaits("No code is held for these households, or its last day has passed.")
    given = [(row.code_id, row.household_id) for row in rows]
    ledger.give_all(session, account=account, given=given, after=CodeState.ISSUED, on=on)
    write_steps(session, account=account, rows=rows, plan=plan, on=on)
    _record(session, account, "codes.issued", wanted, plan, len(rows))
    return Done(given=len(rows), waiting=0)


def release(session: Session, *, account: Account, wanted: Wanted, plan: Plan, on: dt.date) -> Released:
    """Lets go of the held codes of the plan's provider, those of households that were merged since among them."""
    released = release_held(session, account=account, which=held_codes(account, wanted, plan), on=on)
    _record(session, account, "codes.released", wanted, plan, released.freed + released.revoked)
    return released


def _matched(
    session: Session, account: Account, wanted: Wanted, plan: Plan, on: dt.date, *, as_many: bool
) -> tuple[list[Given], int]:
    """Each waiting household with its code, both held until the transaction ends, and how many got none."""
    year = _refuse_unfit(session, wanted, plan, on)
    people = _in_order(session, waiting(account, wanted, plan, on))
    if not people:
        raise NobodyWaits("No household waits for a code here. Choose others, or look at the list of who has one.")
    pool = (
        select(MembershipCode.id, MembershipCode.code)
        .where(*free_codes(plan, wanted, on))
        .order_by(MembershipCode.id)
        .limit(len(people))
        .with_for_update(skip_locked=True, of=MembershipCode)
    )
    codes = fetch(session, pool)
    if len(codes) < len(people) and not (as_many and codes):
        raise PoolTooSmall(plan, year, households=len(people), free=len(codes))
    rows = [Given(*who, *code) for who, code in zip(people, codes, strict=False)]
    return rows, len(people) - len(rows)


def _refuse_unfit(session: Session, wanted: Wanted, plan: Plan, on: dt.date) -> ProgramYear:
    """The program year. Raises GivingRefused if no step of it can be on this day, or if the plan is not sold in it."""
    year = session.get_one(ProgramYear, wanted.year_id)
    outside = outside_year(on, label=year.label, starts_on=year.starts_on, ends_on=year.ends_on)
    if outside:
        raise GivingRefused(outside)
    if not is_sold(session, plan, year, on):
        raise NotSold(plan, year)
    return year


def _in_order(session: Session, conditions: Sequence[ColumnElement[bool]]) -> Sequence[tuple[int, int, int, str]]:
    """(enrollment, household, version, status), longest waiting first.

    Held first and read again then: a household that somebody else was giving a code meanwhile has it now.
    """
    joined = select(Household.id).join(Enrollment, Enrollment.household_id == Household.id).where(*conditions)
    held = {
        one for (one,) in fetch(session, joined.order_by(Household.id).with_for_update(of=Household, skip_locked=False))
    }
    rows = (
        select(Enrollment.id, Household.id, Household.version, Enrollment.status)
        .join(Household, Household.id == Enrollment.household_id)
        .where(*conditions)
        .order_by(Enrollment.status_on, Enrollment.id)
    )
    return [row for row in fetch(session, rows) if row[1] in held]


def _record(session: Session, account: Account, action: str, wanted: Wanted, plan: Plan, count: int) -> None:
    asked = {
        "program_year": wanted.year_id,
        "plan": plan.id,
        "status": wanted.status,
        "area": wanted.area,
        "school": wanted.school_id,
        "language": wanted.language or None,
    }
    changes: dict[str, list[object]] = {name: [None, value] for name, value in asked.items() if value is not None}
    record(
        session,
        account=account,
        action=action,
        subject="provider",
        subject_id=plan.provider_id,
        changes={**changes, "count": [0, count]},
    )
