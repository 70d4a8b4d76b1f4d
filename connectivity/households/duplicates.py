"""Households that may be the same as one about to be registered: same address and unit, or same guardian and phone."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from connectivity.access.scope import in_scope
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
    """At most MOST households in the account's scope. `phones` in E.164; `guardian` the full name in any writing."""
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
        .where(in_scope(Household, account), or_(*alike))
        .order_by(Household.id.desc())
        .limit(50)
    )
    found = (_compared(household, home, guardian, address) for household, home in rows)
    return [one for one in found if one.same_home or one.same_guardian][:MOST]


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
