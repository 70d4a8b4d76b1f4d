"""Households that may be the same as one about to be registered: same address and unit, or same guardian and phone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from connectivity.access.scope import in_scope
from connectivity.casework.merged import stands_for
from connectivity.geography.address import Address
from connectivity.register import Account, Household, HouseholdPhone, Residence
from connectivity.rules.names import fold

MOST = 5


@dataclass(frozen=True, kw_only=True)
class PossibleDuplicate:
    """A household already there, and why it may be the same."""

    reference: str
    guardian: str
    address: str
    same_home: bool
    same_guardian: bool


def possible_duplicates(
    session: Session, account: Account, *, guardian: str, phones: Sequence[str], address: Address | None
) -> list[PossibleDuplicate]:
    """At most MOST households in the account's scope. `phones` in E.164; `guardian` the full name in any writing.

    One that was merged into another stands for that other: what it was known by still tells.
    """
    alike: list[ColumnElement[bool]] = []
    if address:
        alike.append(and_(Residence.line == address.line, Residence.unit == address.unit))
    if phones:
        alike.append(
            exists()
            .where(HouseholdPhone.household_id == Household.id, HouseholdPhone.number.in_(phones))
            .correlate(Household)
        )
    if not alike:
        return []
    rows = session.execute(
        select(Household, Residence)
        .outerjoin(Residence, and_(Residence.household_id == Household.id, Residence.ends_on.is_(None)))
        .where(or_(in_scope(Household, account), Household.merged_into_id.is_not(None)), or_(*alike))
        .order_by(Household.id.desc())
        .limit(50)
    ).all()
    found: dict[str, PossibleDuplicate] = {}
    for household, home in rows:
        stands = _stands_in_scope(session, account, household)
        one = _compared(household, home, guardian, address)
        if stands and (one.same_home or one.same_guardian):
            found.setdefault(stands.reference, replace(one, reference=stands.reference))
    return list(found.values())[:MOST]


def _stands_in_scope(session: Session, account: Account, household: Household) -> Household | None:
    """The household itself, or the one it was merged into if the account may see that."""
    if household.merged_into_id is None:
        return household
    kept = stands_for(session, household)
    return session.scalar(select(Household).where(Household.id == kept.id, in_scope(Household, account)))


def _compared(
    household: Household, home: Residence | None, guardian: str, address: Address | None
) -> PossibleDuplicate:
    name = f"{household.guardian_first_name} {household.guardian_last_name}"
    return PossibleDuplicate(
        reference=household.reference,
        guardian=name,
        address=f"{home.line} {home.unit}".strip() if home else "",
        same_home=bool(home and address and (home.line, home.unit) == (address.line, address.unit)),
        same_guardian=fold(name).split() == fold(guardian).split(),
    )
