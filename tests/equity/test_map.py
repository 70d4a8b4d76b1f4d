"""The drawn map: the same bytes twice, nothing of other hosts, and arrow keys that reach every area."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from connectivity.equity import catalog, choropleth, figures, neighbors
from connectivity.equity.choropleth import Geometry
from connectivity.equity.locator import locate
from connectivity.reference import store
from tests.equity import programs


@pytest.fixture
def geometry(session: Session) -> Iterator[Geometry]:
    yield Geometry(version="test", geojson=store.drawing_geojson(session))
    choropleth.rendered.cache_clear()


def need(session: Session, key: str) -> figures.Figures:
    return figures.measured(session, [catalog.BY_KEY[key]], None)[0]


def drawn(session: Session, geometry: Geometry) -> choropleth.MapParts:
    shown = need(session, "no_broadband")
    places = figures.places(session)
    return choropleth.parts(choropleth.draw(geometry.geojson, choropleth.fills(shown), places))


def test_two_renderings_are_equal_byte_for_byte(session: Session, geometry: Geometry) -> None:
    assert drawn(session, geometry) == drawn(session, geometry)


def test_the_map_asks_no_host_for_anything_and_carries_no_style(session: Session, geometry: Geometry) -> None:
    parts = drawn(session, geometry)
    assert "//" not in re.sub(r"\s//.*", "", parts.script)
    assert "style=" not in parts.html + parts.script
    assert "jquery" not in parts.script.lower()


def test_every_area_is_drawn_once_in_the_color_of_its_class(session: Session, geometry: Geometry) -> None:
    shown = need(session, "no_broadband")
    filled = choropleth.fills(shown)
    script = drawn(session, geometry).script
    assert sorted(int(n) for n in re.findall(r'"number": (\d+)', script)) == list(range(1, 78))
    assert set(filled.values()) == {color for color in shown.measure.palette if color in script}


def test_withheld_missing_and_lowest_class_look_different(session: Session) -> None:
    programs.everywhere(session, eligible=24, active=2, but={1: (0, 0), 2: (24, 12), 3: (24, 12)})
    release = programs.released(session)
    shown = figures.measured(session, [catalog.BY_KEY["take_up"]], release)[0]
    filled = choropleth.fills(shown)
    nothing = choropleth.fills(figures.measured(session, [catalog.BY_KEY["take_up"]], None)[0])
    assert filled[1] == choropleth.HATCH_FILL
    assert filled[2] in shown.measure.palette
    assert set(nothing.values()) == {choropleth.NO_DATA_FILL}
    assert choropleth.NO_DATA_FILL not in {color for measure in catalog.ALL for color in measure.palette}


def test_the_map_script_holds_no_figure(session: Session, geometry: Geometry) -> None:
    properties = re.findall(r'"properties": (\{.*?\}\})', drawn(session, geometry).script)
    assert {tuple(sorted(re.findall(r'"(\w+)":', one))) for one in properties} <= {
        tuple(sorted(["label", "next", "number", *directions])) for directions in _subsets(list(neighbors.DIRECTIONS))
    }


def _subsets(names: list[str]) -> list[list[str]]:
    return [[]] if not names else [part + extra for part in _subsets(names[1:]) for extra in ([], [names[0]])]


def test_arrow_keys_reach_every_area_from_every_area(session: Session) -> None:
    leads = neighbors.by_direction(figures.places(session))
    for start in leads:
        seen, ahead = {start}, [start]
        while ahead:
            for number in leads[ahead.pop()].values():
                if number not in seen:
                    seen.add(number)
                    ahead.append(number)
        assert len(seen) == len(leads), f"from {start} these stay out of reach: {sorted(leads.keys() - seen)}"


def test_an_arrow_leads_that_way(session: Session) -> None:
    places = {place.number: place for place in figures.places(session)}
    for number, leads in neighbors.by_direction(list(places.values())).items():
        here = places[number]
        for direction, other in leads.items():
            there = places[other]
            assert {
                "up": there.label_lat > here.label_lat,
                "down": there.label_lat < here.label_lat,
                "right": there.label_lon > here.label_lon,
                "left": there.label_lon < here.label_lon,
            }[direction]


def test_the_small_picture_draws_every_area_inside_its_frame(geometry: Geometry) -> None:
    picture = locate(geometry)
    assert picture.paths.keys() == set(range(1, 78))
    for path in picture.paths.values():
        numbers = [int(n) for n in re.findall(r"\d+", path)]
        assert max(numbers[::2]) <= picture.width
        assert max(numbers[1::2]) <= picture.height
