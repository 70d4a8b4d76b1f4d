"""Where the connection goes when it does not go to the home: recorded, changed, ended. The home stays what the map counts."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.casework.trail import record_change
from connectivity.households.edit import current_residence
from connectivity.households.homes import Home
from connectivity.register import Account, Household, Residence, ServiceAddress


class ServiceAddressRefused(ValueError):
    """The address or the day cannot stand. `field` is the form's field at fault; the message is for the person."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


def current_service_address(session: Session, household: Household) -> ServiceAddress | None:
    """Where the connection goes now; None: to the home."""
    return session.scalar(
        select(ServiceAddress).where(ServiceAddress.household_id == household.id, ServiceAddress.ends_on.is_(None))
    )


def record_service_address(
    session: Session, *, account: Account, household: Household, home: Home, reason: str, on: dt.date
) -> ServiceAddress:
    """The connection goes there from this day; an earlier such address ends on it. Raises ServiceAddressRefused."""
    before, address = current_service_address(session, household), home.address
    if _same(current_residence(session, household), home):
        raise ServiceAddressRefused(
            "line", "This is the home. A service address is needed only where the connection goes elsewhere."
        )
    if _same(before, home):
        raise ServiceAddressRefused("line", "The connection goes there already. Enter another address, or leave it.")
    if before is not None:
        _end(session, before, on)
    made = ServiceAddress(
        household_id=household.id,
        original=home.original,
        line=address.line,
        unit=address.unit,
        city=address.city,
        state=address.state,
        zip=address.zip,
        reason=reason,
        starts_on=on,
        recorded_by=account.id,
    )
    session.add(made)
    changes = {"service_address": [_spoken(before), _spoken(made)], "note": [None, reason]}
    record_change(session, account=account, action="service_address.recorded", household=household, changes=changes)
    return made


def end_service_address(session: Session, *, account: Account, household: Household, on: dt.date) -> ServiceAddress:
    """From this day the connection goes to the home again. Raises ServiceAddressRefused."""
    before = current_service_address(session, household)
    if before is None:
        raise ServiceAddressRefused("on", "The connection goes to the home already. Nothing was changed.")
    _end(session, before, on)
    changes = {"service_address": [_spoken(before), None]}
    record_change(session, account=account, action="service_address.ended", household=household, changes=changes)
    return before


def _end(session: Session, before: ServiceAddress, on: dt.date) -> None:
    if on < before.starts_on:
        since = f"{before.starts_on:%b} {before.starts_on.day}, {before.starts_on.year}"
        raise ServiceAddressRefused("on", f"The connection goes to {before.line} since {since}. Enter a later day.")
    before.ends_on = on
    session.flush()  # before the next one: the database holds to one at a time


def _same(before: Residence | ServiceAddress | None, home: Home) -> bool:
    return before is not None and (before.line, before.unit) == (home.address.line, home.address.unit)


def _spoken(one: ServiceAddress | None) -> str | None:
    return f"{one.line} {one.unit}".strip() if one else None
