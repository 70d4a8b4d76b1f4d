"""A county's address-point file in the database: columns found, rows read or counted, all or nothing, twice without effect."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.database import make_engine, make_sessions, transaction
from connectivity.geography.address import parse
from connectivity.reference import store
from connectivity.reference.address_columns import AddressFileRefused
from connectivity.reference.address_file import AddressFile
from connectivity.reference.address_points import AddressesLoaded, load_address_points
from connectivity.reference.load import load
from connectivity.register import AddressPoint, ReferenceFile
from tests.reference.conftest import DATA

BOX = (-87.95, 41.63, -87.51, 42.04)
County = Callable[..., Path]
OLD = "OBJECTID,ADDRNOCOM,STNAMEPRD,STNAME,STNAMEPOT,PLACENAME,ZIP5,CMPADDABRV,XPOSITION,YPOSITION"
NEW = "Add_Number,LSt_PreDir,LSt_Name,LSt_Type,Inc_Muni,Post_Code,Lat,Long"
WILSON = "1135,West,Wilson,AVENUE,Chicago,60640-1234,41.9654,-87.6589"


@pytest.fixture
def county(tmp_path: Path) -> County:
    """Writes a file of these headings and rows."""

    def write(headings: str, *rows: str) -> Path:
        file = tmp_path / "points.csv"
        file.write_text("\n".join([headings, *rows, ""]), encoding="utf-8")
        return file

    return write


def take(session: Session, file: Path, **named: str) -> AddressesLoaded:
    with transaction(session):
        return load_address_points(session, AddressFile.open(file, named), box=BOX)


def held(session: Session) -> list[tuple[object, ...]]:
    columns = ("number", "direction", "street", "kind", "zip", "lon", "lat")
    return [
        tuple(getattr(one, column) for column in columns)
        for one in session.scalars(select(AddressPoint).order_by(AddressPoint.street, AddressPoint.number))
    ]


@pytest.mark.parametrize(
    ("headings", "row"),
    [
        (NEW, WILSON),
        (OLD, "7,1135,W,WILSON,AVE,Chicago,60640,1135 W WILSON AVE,-87.6589,41.9654"),
        ("CMPADDABRV;Lat;Long;zip5", "1135 W WILSON AVE;41.9654;-87.6589;60640"),
        (
            "lst name\tADDRNO\tST_PREDIR\tStPosTyp\tpostcode\tLongitude\tLatitude",
            "Wilson\t1135.0\tw\tav\t60640\t-87.6589\t41.9654",
        ),
    ],
)
def test_published_headings_are_known_and_streets_are_written_as_a_familys_address(
    session: Session, county: County, headings: str, row: str
):
    done = take(session, county(headings, row))
    assert (done.points, done.tally.rows) == (1, 1)
    assert held(session) == [(1135, "W", "WILSON", "AVE", "60640", -87.6589, 41.9654)]
    points = store.address_points_near(session, parse("1135 West Wilson Avenue, Apt 2B"))
    assert points is not None
    assert points.positions([parse("1135 W Wilson Ave")]).exact.tolist() == [True]


def test_a_column_named_by_hand_outranks_the_known_headings(session: Session, county: County):
    file = county(f"{NEW},Old_Name", f"{WILSON},Sunnyside")
    assert take(session, file, street="OLD_NAME").columns["street"] == "Old_Name"
    assert held(session)[0][2] == "SUNNYSIDE"


def test_rows_of_other_places_units_and_unreadable_rows_are_counted_and_left_out(session: Session, county: County):
    done = take(
        session,
        county(
            NEW,
            WILSON,
            WILSON.replace("41.9654", "41.9655"),  # 3: a unit of the same building
            WILSON.replace("1135", "1137"),
            WILSON.replace("Chicago", "Evanston"),  # 5: another municipality
            WILSON.replace("1135", "1139").replace("-87.6589", "-88.1"),  # 6: beyond the box
            WILSON.replace("1135", ""),  # 7
            WILSON.replace("1135", "12A-B"),  # 8
            WILSON.replace("Wilson", " ").replace("West", "").replace("AVENUE", ""),  # 9
            WILSON.replace("41.9654", "1941230.5"),  # 10
            WILSON.replace("41.9654", ""),  # 11
            "1141,W,Wilson",  # 12
            WILSON.replace("41.9654,-87.6589", "-87.6589,41.9654"),  # 13
            "",
            *(WILSON.replace("1135", str(number)) for number in range(1143, 1153)),
        ),
    )
    tally = done.tally
    assert (tally.rows, tally.points, tally.doubles, tally.outside) == (22, 12, 1, 2)
    assert len(held(session)) == 12
    said = "\n".join(tally.reasons)
    for words in (
        "2 rows: the house number is missing or is not a number from 1 to 99999 (rows 7, 8)",
        "1 row: the street is missing or cannot be read (row 9)",
        "1 row: the coordinates are not degrees of longitude and latitude (row 10)",
        "1 row: the coordinates are missing or are not numbers (row 11)",
        "1 row: the row has fewer cells than there are headings (row 12)",
        "1 row: longitude and latitude are swapped (row 13)",
    ):
        assert words in said


def test_the_same_file_again_changes_nothing_and_other_columns_or_rows_replace_all(session: Session, county: County):
    file = county(f"{NEW},Old_Name", f"{WILSON},Sunnyside")
    assert not take(session, file).same
    ids = session.scalars(select(AddressPoint.id)).all()
    again = take(session, file)
    assert (again.same, again.points) == (True, 1)
    assert session.scalars(select(AddressPoint.id)).all() == ids
    assert not take(session, file, street="Old_Name").same
    assert [row[2] for row in held(session)] == ["SUNNYSIDE"]
    assert not take(session, county(NEW, WILSON.replace("1135", "1137"))).same
    assert [row[0] for row in held(session)] == [1137]


def test_a_file_of_which_less_than_half_can_be_read_leaves_what_was_there(session: Session, county: County):
    take(session, county(NEW, WILSON))
    bad = [WILSON.replace("1135", "x")] * 3
    with pytest.raises(AddressFileRefused) as refused:
        take(session, county(NEW, WILSON.replace("1135", "1"), WILSON.replace("1135", "3"), *bad))
    assert refused.value.reasons[0] == "3 of 5 rows cannot be read, so nothing was loaded."
    assert "rows 4, 5, 6" in refused.value.reasons[1]
    assert [row[0] for row in held(session)] == [1135]
    half = [WILSON.replace("1135", str(number)) for number in (1, 3, 5)]
    assert take(session, county(NEW, *half, *bad)).points == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"\x89PNG\0\0\n", "not a CSV file"),
        (f"{NEW}\n".encode(), "headings and no rows"),
        (f"{NEW}\n{WILSON.replace('Chicago', 'Cicero')}\n".encode(), "None of the 1 rows lies in Chicago"),
        (f'{NEW}\n{WILSON}\n"{"x" * 140_000}'.encode(), "cannot be read as CSV"),
    ],
)
def test_what_is_no_address_file_is_refused_in_words(session: Session, tmp_path: Path, content: bytes, said: str):
    file = tmp_path / "points.csv"
    file.write_bytes(content)
    with pytest.raises(AddressFileRefused) as refused:
        take(session, file)
    assert said in str(refused.value)
    assert held(session) == []
    assert session.get(ReferenceFile, "address_points") is None


def test_missing_columns_are_named_all_at_once_with_the_nearest_heading(county: County):
    with pytest.raises(AddressFileRefused) as refused:
        AddressFile.open(county("House,StreetNam,Latitud,Longitud", "1,2,3,4"), {})
    said = "\n".join(refused.value.reasons)
    for ours, nearest in (("lon", "Longitud"), ("lat", "Latitud"), ("street", "StreetNam")):
        line = next(line for line in refused.value.reasons if line.startswith(f"No column for {ours} "))
        assert line.endswith(f"The nearest heading is {nearest}.")
    assert "--column ours=THEIRS" in said


def test_two_loads_at_once_leave_one_table(database_url: str, county: County):
    file = county(NEW, *(WILSON.replace("1135", str(number)) for number in range(1, 400)))
    same: list[bool] = []

    def run() -> None:
        engine = make_engine(database_url)
        with make_sessions(engine)() as session:
            same.append(take(session, file).same)
        engine.dispose()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine = make_engine(database_url)
    with make_sessions(engine)() as session:
        assert session.scalar(select(func.count()).select_from(AddressPoint)) == 399
    engine.dispose()
    assert sorted(same) == [False, True]


def test_loading_the_reference_data_again_keeps_the_address_points(session: Session, county: County):
    assert store.address_points(session) is None
    take(session, county(NEW, WILSON))
    with transaction(session):
        report = load(session, DATA)
    assert (report.new, report.changed) == (0, 0)
    assert take(session, county(NEW, WILSON)).same
    points = store.address_points(session)
    assert points is not None
    assert len(points.place) == 1


def test_the_points_kept_in_memory_are_those_of_the_file_loaded_last(session: Session, county: County):
    for number in (1135, 1137):
        take(session, county(NEW, WILSON.replace("1135", str(number))))
        points = store.address_points(session)
        assert points is not None
        assert points.positions([parse(f"{number} W Wilson Ave")]).exact.tolist() == [True]
    assert store.address_points_near(session, parse("1 N Nowhere St")) is None


def test_the_command_says_what_was_found_loaded_left_out_and_not_read(app: Flask, county: County):
    file = county(
        NEW, WILSON, WILSON.replace("1135", "1137"), WILSON.replace("1135", ""), WILSON.replace("Chicago", "Cicero")
    )
    run = app.test_cli_runner().invoke
    result = run(args=["reference", "addresses", str(file)])
    assert result.exit_code == 0, result.output
    for words in (
        "number = Add_Number",
        "lon = Long",
        "4 rows read",
        "1 outside Chicago",
        "1 row: the house number",
        "2 buildings loaded",
    ):
        assert words in result.output
    again = run(args=["reference", "addresses", str(file)])
    assert "This file is loaded already (2 buildings). Nothing to change." in again.output


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("street", "write it as ours=THEIRS"),
        ("road=LSt_Name", "road is no column of ours"),
        ("street=LSt_Nam", "The file has no heading LSt_Nam. The nearest heading is LSt_Name."),
    ],
)
def test_the_command_refuses_a_column_it_does_not_know(app: Flask, county: County, column: str, said: str):
    file = county(NEW, WILSON)
    result = app.test_cli_runner().invoke(args=["reference", "addresses", str(file), "--column", column])
    assert result.exit_code == 1
    assert said in result.output
