"""The homes of the demo: real streets, in the right areas, placed by the product's own code."""

from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.demo import figures
from connectivity.geography.address import parse_parts
from connectivity.geography.placement import place
from connectivity.reference import store
from connectivity.register import Residence, ZipArea
from connectivity.settings import ROOT


def test_every_address_is_placed_again_where_the_register_has_it(demo: Session):
    boundaries, grid, zip_areas = store.boundaries(demo), store.address_grid(demo), store.zip_areas(demo)
    for home in demo.scalars(select(Residence)):
        address = parse_parts(home.original, zip_code=home.zip)
        assert (address.line, address.unit, address.city, address.state) == (
            home.line,
            home.unit,
            home.city,
            home.state,
        )
        placed = place(address, boundaries, grid, zip_areas)
        assert (placed.area, placed.method, placed.certainty) == (home.community_area, home.method, home.certainty)
        assert (placed.edge_feet, placed.lon, placed.lat, placed.reason) == (
            home.edge_feet,
            home.lon,
            home.lat,
            home.reason,
        )


def test_nearly_all_homes_are_sure_and_a_few_are_near_an_edge_or_could_not_be_placed(demo: Session):
    certainty = Counter(demo.scalars(select(Residence.certainty)))
    total = certainty.total()
    assert 0.93 < certainty["sure"] / total < 0.995
    assert 0 < certainty["near_edge"] / total < 0.05
    assert 0 < certainty["unplaced"] / total < 0.03


def test_at_least_seventy_areas_have_households(demo: Session):
    assert demo.scalar(select(func.count(Residence.community_area.distinct()))) >= 70


def test_households_live_where_need_is(demo: Session):
    weights = figures.eligible_weights(figures.read(ROOT / "data"))
    lived = Counter(demo.scalars(select(Residence.community_area).where(Residence.ends_on.is_(None))))
    most_need = sorted(range(1, 78), key=lambda number: -weights[number])[:15]
    assert sum(lived[number] for number in most_need) > 0.7 * weights[most_need].sum() * lived.total()


def test_every_zip_code_reaches_the_area(demo: Session):
    reached = set(demo.execute(select(ZipArea.zip, ZipArea.community_area)).all())
    sure = demo.execute(select(Residence.zip, Residence.community_area).where(Residence.certainty == "sure")).all()
    assert set(sure) <= reached


def test_addresses_are_written_in_several_manners(demo: Session):
    originals = demo.scalars(select(Residence.original)).all()
    assert any(text.islower() for text in originals)
    assert any(text.isupper() for text in originals)
    assert any("Avenue" in text for text in originals)
    assert any("#" in text for text in originals)
    assert any(text.endswith(tuple("0123456789")) and ", Chicago, IL 606" in text for text in originals)


def test_a_household_that_moved_left_one_home_on_the_day_it_came_to_the_next(demo: Session):
    moved = select(Residence.household_id).where(Residence.ends_on.is_not(None))
    homes = demo.scalars(
        select(Residence).where(Residence.household_id.in_(moved)).order_by(Residence.household_id, Residence.id)
    ).all()
    assert homes
    for before, now in zip(homes[::2], homes[1::2], strict=True):
        assert before.household_id == now.household_id
        assert before.starts_on < before.ends_on == now.starts_on
        assert now.ends_on is None
