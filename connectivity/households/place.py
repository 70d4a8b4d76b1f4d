"""Places a home by hand: a point somebody chose, or the community area somebody knows."""

from sqlalchemy.orm import Session

from connectivity.casework.trail import differences, record_change
from connectivity.geography.placement import Certainty, Method, Placement, place_by_hand
from connectivity.households.edit import address_values, current_residence
from connectivity.reference import store
from connectivity.register import Account, Household, Residence


class PlaceRefused(ValueError):
    """The point cannot be where the household lives. The message is for the person."""


def point_by_hand(session: Session, lon: float, lat: float) -> Placement:
    """Raises PlaceRefused for a point outside the city."""
    placement = place_by_hand(lon, lat, store.boundaries(session))
    if placement.area is None:
        raise PlaceRefused("This point is outside Chicago. Choose a point inside the city.")
    return placement


def area_by_hand(area: int) -> Placement:
    """A community area known for sure, the spot not."""
    return Placement(area, Method.HAND, Certainty.SURE, None, None, None, "")


def place(session: Session, *, account: Account, household: Household, placement: Placement, note: str) -> Residence:
    """Writes where the present home lies; address and start stay. `note` says how the person knows, and goes to the trail."""
    residence = current_residence(session, household)
    if residence is None:
        raise PlaceRefused("The household has no address yet. Enter the address first.")
    before = address_values(residence)
    residence.community_area = placement.area
    residence.method, residence.certainty = str(placement.method), str(placement.certainty)
    residence.edge_feet, residence.lon, residence.lat = placement.edge_feet, placement.lon, placement.lat
    residence.reason = placement.reason
    changes = differences(before, address_values(residence))
    if note:
        changes["note"] = [None, note]
    record_change(session, account=account, action="household.placed", household=household, changes=changes)
    return residence
