"""What became of the codes of letters since: those that no longer work for the family that has the letter."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from connectivity.register import CodeEvent, Household, Letter, MembershipCode
from connectivity.rules.membership_codes import shown
from connectivity.rules.service_states import VOID_CODE, CodeState


@dataclass(frozen=True, kw_only=True)
class Lost:
    """A letter whose code does not work for its family. `elsewhere`: it belongs to another household now."""

    household: str  # reference
    code: str
    elsewhere: bool


def lost(session: Session, run_id: int) -> list[Lost]:
    """The letters of a run, by code. A code that was ever redeemed did what the letter was for."""
    rows = session.execute(
        select(Household.reference, MembershipCode.code, _elsewhere())
        .select_from(Letter)
        .join(MembershipCode, MembershipCode.id == Letter.code_id)
        .join(Household, Household.id == Letter.household_id)
        .where(Letter.run_id == run_id, or_(_elsewhere(), _dead()))
        .order_by(MembershipCode.code)
    )
    return [
        Lost(household=reference, code=shown(code), elsewhere=bool(elsewhere)) for reference, code, elsewhere in rows
    ]


def count_lost(session: Session, run_ids: Sequence[int]) -> dict[int, int]:
    """Run -> how many of its letters are lost; runs without any are left out."""
    rows = session.execute(
        select(Letter.run_id, func.count())
        .join(MembershipCode, MembershipCode.id == Letter.code_id)
        .join(Household, Household.id == Letter.household_id)
        .where(Letter.run_id.in_(run_ids), or_(_elsewhere(), _dead()))
        .group_by(Letter.run_id)
    )
    return {run_id: number for run_id, number in rows}  # noqa: C416 - rows are no plain pairs


def _elsewhere() -> ColumnElement[bool]:
    """Where one of the two was merged, they are one home: a code goes with its enrollment."""
    holds = aliased(Household)
    others = exists().where(
        holds.id == MembershipCode.household_id,
        holds.id != Letter.household_id,
        holds.merged_into_id.is_(None),
        Household.merged_into_id.is_(None),
    )
    return others.correlate(MembershipCode, Letter, Household)


def _dead() -> ColumnElement[bool]:
    """Free too: until letters were asked, a released code went back to the pool though it was printed."""
    redeemed = exists().where(CodeEvent.code_id == MembershipCode.id, CodeEvent.before == CodeState.REDEEMED)
    return and_(MembershipCode.state.in_((CodeState.FREE, *VOID_CODE)), ~redeemed)
