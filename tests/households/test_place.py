"""Placing a home by hand: a spot, coordinates, or the area alone."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.geography.address import parse
from connectivity.geography.placement import place, place_by_hand
from connectivity.households.homes import TypedAddress, read_home
from connectivity.households.small_map import draw
from connectivity.households.street_lines import street_lines
from connectivity.reference import store
from connectivity.register import AddressPoint, AuditEvent, Residence, Role
from tests import factories
from tests.households.conftest import SignedIn, errors_of


def unplaced(session: Session) -> str:
    return factories.household(session, area=None).reference


def home(session: Session) -> Residence:
    session.rollback()
    return session.scalars(select(Residence)).one()


def test_a_spot_on_the_map_gives_area_and_distance_to_the_edge(session: Session, signed_in: SignedIn) -> None:
    path = f"/households/{unplaced(session)}/place"
    answer = signed_in(Role.STAFF).send(path, {"lon": "-87.6589", "lat": "41.9654", "note": "by phone", "version": "1"})
    assert answer.status_code == 302
    placed = home(session)
    assert (placed.community_area, placed.method, placed.certainty) == (3, "hand", "sure")
    assert placed.edge_feet is not None
    assert (placed.line, placed.original) == ("1135 W WILSON AVE", "1135 West Wilson Avenue, Chicago, IL 60640")
    event = session.scalars(select(AuditEvent)).one()
    assert event.action == "household.placed"
    assert event.changes["area"] == [None, 3]
    assert event.changes["note"] == [None, "by phone"]


def test_the_area_alone_is_enough(session: Session, signed_in: SignedIn) -> None:
    path = f"/households/{unplaced(session)}/place"
    assert signed_in(Role.STAFF).send(path, {"area": "25", "note": "school says", "version": "1"}).status_code == 302
    placed = home(session)
    assert (placed.community_area, placed.method, placed.lon) == (25, "hand", None)


def test_what_cannot_be_a_place_is_refused_at_its_field(session: Session, signed_in: SignedIn) -> None:
    path = f"/households/{unplaced(session)}/place"
    client = signed_in(Role.STAFF)
    for typed, field, words in (
        ({}, "lon", "Choose a spot"),
        ({"lon": "-87.6589"}, "lon", "both"),
        ({"lon": "-88.2", "lat": "41.9"}, "lon", "outside Chicago"),
        ({"lon": "41.9654", "lat": "-87.6589"}, "lon", "look swapped"),
        ({"lon": "0", "lat": "0"}, "lon", "not a place in Chicago"),
        ({"lon": "-87.6589", "lat": "95"}, "lat", "from -90 to 90"),
        ({"lon": "-187.6", "lat": "41.9"}, "lon", "from -180 to 180"),
        ({"lon": "x", "lat": "41.9"}, "lon", "number of degrees"),
        ({"lon": "-87.6589", "lat": "41.9654", "area": "25"}, "area", "lies in Uptown"),
        ({"area": "78"}, "area", "Choose one from the list"),
        ({"area": "25", "note": ""}, "note", "how you know"),
    ):
        refused = client.send(path, {"note": "by phone", "version": "1", **typed})
        assert refused.status_code == 422, typed
        assert words in errors_of(refused.text)[field], typed
    assert home(session).certainty == "unplaced"


def test_somebody_who_placed_it_elsewhere_meanwhile_is_heard(session: Session, signed_in: SignedIn) -> None:
    path = f"/households/{unplaced(session)}/place"
    client = signed_in(Role.STAFF)
    client.send(path, {"area": "25", "note": "school", "version": "1"})
    told = client.send(path, {"area": "3", "note": "phone", "version": "1"})
    assert told.status_code == 409
    assert home(session).community_area == 25


def test_a_typed_address_is_placed_by_the_countys_address_points(session: Session) -> None:
    typed = TypedAddress(line="4400 North Clark Street", unit="2")  # a diagonal, which the grid cannot place
    assert read_home(session, typed).placement.certainty == "unplaced"
    session.add(
        AddressPoint(direction="N", street="CLARK", kind="ST", number=4400, zip="60640", lon=-87.6654, lat=41.9621)
    )
    session.flush()
    placed = read_home(session, typed).placement
    assert (placed.area, placed.method, placed.certainty) == (3, "address_point", "sure")
    far = read_home(session, replace(typed, lon=-87.7298, lat=41.8056)).placement
    assert (far.area, far.method, far.certainty) == (3, "address_point", "near_edge")


def test_the_map_is_drawn_in_the_coordinates_it_promises(session: Session) -> None:
    drawn = draw(store.drawing_geojson(session), area=3, lon=-87.6589, lat=41.9654)
    assert drawn.chosen is not None
    assert drawn.chosen.name == "Uptown"
    assert drawn.point is not None
    x, y = drawn.point
    assert abs(drawn.west + x / drawn.scale_x - -87.6589) < 0.0005
    assert abs(drawn.north - y / drawn.scale_y - 41.9654) < 0.0005
    assert 0 < x < drawn.width
    assert 0 < y < drawn.height
    numbers = {shape.number for shape in drawn.shapes}
    assert {3, 4, 6, 77} <= numbers  # Uptown, Lincoln Square, Lake View, Edgewater
    assert 54 not in numbers  # Riverdale, at the other end of the city
    assert len(draw(store.drawing_geojson(session), area=None).shapes) == 77


def test_streets_are_drawn_where_their_houses_are_placed(session: Session) -> None:
    streets = street_lines(store.address_grid(session), store.boundaries(session))
    western = [point for street in streets if street.name == "Western" for point in street.points]
    assert len(western) > 20
    home = place(parse("4600 N Western Ave"), store.boundaries(session), store.address_grid(session), {})
    assert home.lon is not None
    assert min(abs(lon - home.lon) for lon, _ in western) < 0.002  # 500 feet
    for lon, lat in western:
        assert place_by_hand(lon, lat, store.boundaries(session)).area is not None
