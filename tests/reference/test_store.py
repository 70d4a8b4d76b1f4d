"""Reference data read back from the database, kept per process, never stale."""

from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from connectivity.geography.address import parse
from connectivity.geography.placement import Certainty, place
from connectivity.reference import store
from connectivity.reference.load import load
from tests.reference.test_check import change


def test_1135_west_wilson_is_placed_in_uptown_from_what_the_database_holds(session: Session):
    placed = place(
        "1135 W Wilson Ave, Chicago, IL 60640",
        store.boundaries(session),
        store.address_grid(session),
        store.zip_areas(session),
    )
    assert (placed.area, placed.certainty) == (3, Certainty.SURE)


def test_the_drawing_has_the_77_areas(session: Session):
    drawn = store.drawing_geojson(session)["features"]
    assert [one["properties"]["number"] for one in drawn] == list(range(1, 78))


@pytest.mark.parametrize("room", [store.boundaries, store.drawing_geojson, store.address_grid, store.zip_areas])
def test_a_database_without_reference_data_says_what_to_run(empty_session: Session, room: object):
    with pytest.raises(store.ReferenceMissing, match="flask reference load"):
        room(empty_session)  # type: ignore[operator]


@pytest.mark.parametrize("room", [store.boundaries, store.drawing_geojson, store.address_grid, store.zip_areas])
def test_asking_again_costs_one_small_query_and_gives_the_same_object(session: Session, room: object):
    first = room(session)  # type: ignore[operator]
    statements: list[str] = []
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, statement, *_: statements.append(statement))
    assert room(session) is first  # type: ignore[operator]
    assert len(statements) == 1
    assert "content" not in statements[0]


def test_a_new_load_is_seen_at_the_next_question(session: Session, folder: Path):
    before = store.address_grid(session)
    change(folder, "sources/street_grid_arterials.csv", "RACINE,NS,1200,W", "RACINE,NS,1250,W")
    load(session, folder)
    address = parse("900 N Racine Ave")
    assert store.address_grid(session).position(address) != before.position(address)
