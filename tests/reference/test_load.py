"""data/ in the database: once, whole, on both databases, and a second time without effect."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.database import make_engine, make_sessions, transaction
from connectivity.reference import manifest
from connectivity.reference.catalog import SOURCES
from connectivity.reference.files import ACS_2022, FILES, FULL, SCHOOLS, STREETS
from connectivity.reference.load import ReferenceDamaged, load
from connectivity.reference.rows import fold_name
from connectivity.register import (
    CommunityArea,
    CommunityAreaAlias,
    Indicator,
    IndicatorValue,
    ReferenceFile,
    School,
    StreetAxis,
    ZipArea,
)
from tests.reference.conftest import DATA
from tests.reference.test_check import change

TABLES = (CommunityArea, CommunityAreaAlias, Indicator, IndicatorValue, School, ZipArea, StreetAxis, ReferenceFile)


def counts(session: Session) -> dict[str, int]:
    return {model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0 for model in TABLES}


def test_a_first_load_fills_every_table_and_a_second_changes_nothing(empty_session: Session):
    first = load(empty_session, DATA)
    assert counts(empty_session) == {table.table: table.rows for table in first.tables}
    assert first.new == sum(table.rows for table in first.tables)
    second = load(empty_session, DATA)
    assert (second.new, second.changed) == (0, 0)
    assert counts(empty_session) == {table.table: table.rows for table in first.tables}


def test_what_is_loaded_is_what_the_files_hold(session: Session):
    held = counts(session)
    assert held["community_area"] == 77
    assert held["school"] == next(file.rows for file in FILES if file.name == SCHOOLS)
    assert held["indicator_value"] == 77 * len(SOURCES)
    assert held["reference_file"] == len(FILES)


def city(session: Session, key: str, vintage: str) -> tuple[int, int]:
    numerator, denominator = session.execute(
        select(func.sum(IndicatorValue.numerator), func.sum(IndicatorValue.denominator))
        .join(Indicator, Indicator.id == IndicatorValue.indicator_id)
        .where(Indicator.key == key, Indicator.vintage == vintage)
    ).one()
    return int(numerator), int(denominator)


@pytest.mark.parametrize(
    ("key", "vintage", "counted", "of"),
    [
        # The publisher's own sums for the city.
        ("no_internet", "2018-2022", 117_374, 1_129_752),
        ("no_computer", "2018-2022", 80_469, 1_129_752),
        ("no_broadband", "2018-2022", 1_129_752 - 969_994, 1_129_752),
        ("age_5_19", "2018-2022", 453_435, 2_721_532),
        ("no_internet", "2016-2020", 146_983, 1_080_971),
        ("no_computer", "2016-2020", 103_263, 1_080_971),
        ("no_broadband", "2016-2020", 1_080_971 - 893_235, 1_080_971),
        ("age_5_19", "2016-2020", 451_989, 2_698_876),
    ],
)
def test_the_areas_of_an_indicator_sum_to_the_city(session: Session, key: str, vintage: str, counted: int, of: int):
    # Areas are rounded to whole households: at most half of one in each of the few areas with tenths.
    assert city(session, key, vintage) == (pytest.approx(counted, abs=8), pytest.approx(of, abs=8))


def test_no_internet_and_no_broadband_are_different_measures(session: Session):
    without_internet, households = city(session, "no_internet", "2018-2022")
    without_broadband, _ = city(session, "no_broadband", "2018-2022")
    assert without_broadband > 1.3 * without_internet
    assert without_broadband < households


def test_every_indicator_says_what_it_counts_of_what_when_and_who_published_it(session: Session):
    for indicator in session.scalars(select(Indicator)):
        assert indicator.definition.endswith(".")
        assert indicator.publisher
        assert indicator.vintage[:2] == "20"
        assert (indicator.unit == "index") == (indicator.numerator is None) == (indicator.denominator is None)
        values = session.scalars(select(IndicatorValue).where(IndicatorValue.indicator_id == indicator.id)).all()
        assert sorted(value.community_area for value in values) == list(range(1, 78))
        for value in values:
            assert value.value is not None
            assert (value.numerator is None) == (value.denominator is None) == (indicator.unit == "index")
            assert value.numerator is None or 0 <= value.numerator <= (value.denominator or 0)


@pytest.mark.parametrize(
    "name", ["O'HARE", "Ohare", "o hare", "The Loop", "Mc Kinley Park", "Lakeview", "G Grand Cross"]
)
def test_an_area_is_found_by_any_spelling_seen_in_a_file(session: Session, name: str):
    alias = session.get_one(CommunityAreaAlias, fold_name(name))
    assert session.get_one(CommunityArea, alias.community_area).name in {
        "O'Hare",
        "Loop",
        "McKinley Park",
        "Lake View",
        "Greater Grand Crossing",
    }


def test_school_ids_keep_their_six_digits(session: Session):
    assert {len(number) for number in session.scalars(select(School.id))} == {6}


def test_the_geometry_in_the_database_is_the_file(session: Session):
    file = session.get_one(ReferenceFile, FULL)
    assert file.content == (DATA / FULL).read_bytes()
    assert file.sha256 == manifest.sha256(file.content)


def test_damaged_data_is_refused_before_anything_is_written(empty_session: Session, folder: Path):
    change(folder, SCHOOLS, r"\n400009,", "\n40009,")
    change(folder, ACS_2022, ",55711,", ",many,")
    with pytest.raises(ReferenceDamaged) as refused:
        load(empty_session, folder)
    assert {problem.file for problem in refused.value.problems} == {SCHOOLS, ACS_2022}
    assert f"{SCHOOLS}: school id" in str(refused.value)
    assert set(counts(empty_session).values()) == {0}


def test_a_corrected_figure_changes_its_row_and_no_other(session: Session, folder: Path):
    change(folder, SCHOOLS, "GLOBAL CITIZENSHIP", "GLOBAL CITIZENS")
    report = load(session, folder)
    assert {table.table: table.changed for table in report.tables if table.changed} == {
        "school": 1,
        "reference_file": 1,
    }
    assert report.new == 0
    assert session.get_one(School, "400009").name == "GLOBAL CITIZENS"


def test_a_street_renamed_in_the_files_leaves_nothing_behind(session: Session, folder: Path):
    change(folder, STREETS, "\nADA,NS", "\nADAIR,NS")
    report = load(session, folder)
    streets = next(table for table in report.tables if table.table == "street_axis")
    assert (streets.new, streets.changed, streets.removed) == (1, 0, 1)
    assert set(session.scalars(select(StreetAxis.street).where(StreetAxis.street.like("ADA%")))) == {"ADAIR", "ADAMS"}


def test_a_school_that_vanished_from_the_list_stays(session: Session, folder: Path):
    change(folder, SCHOOLS, "\n400009,", "\n999999,")
    report = load(session, folder)
    assert next(table for table in report.tables if table.table == "school").removed == 0
    assert session.get(School, "400009") is not None
    assert session.get(School, "999999") is not None


def test_two_loads_at_once_leave_one_set_of_rows(empty_url: str):
    engine = make_engine(empty_url)
    failed: list[BaseException] = []
    ready = threading.Barrier(2)

    def one_load() -> None:
        try:
            with make_sessions(engine)() as session:
                ready.wait()
                with transaction(session):
                    load(session, DATA)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failed.append(error)

    loads = [threading.Thread(target=one_load) for _ in range(2)]
    for thread in loads:
        thread.start()
    for thread in loads:
        thread.join()
    with make_sessions(engine)() as session:
        held = counts(session)
    engine.dispose()
    assert failed == []
    assert (held["community_area"], held["indicator_value"]) == (77, 77 * len(SOURCES))
