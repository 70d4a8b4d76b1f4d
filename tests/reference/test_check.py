"""Damaged reference data is refused with the file and the reason, every one of them."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectivity.reference import manifest
from connectivity.reference.check import check, problems
from connectivity.reference.files import (
    ACS_2022,
    AREAS,
    ARTERIALS,
    DRAWING,
    FILES,
    FULL,
    GRID_MODEL,
    HARDSHIP_CITY,
    HARDSHIP_GCI,
    SCHOOLS,
    STREETS,
    ZIP_AREAS,
)
from connectivity.reference.reading import DataFolder, Problem, read
from tests.reference.conftest import DATA


def test_the_committed_data_is_sound():
    assert check(DATA) == []


def change(folder: Path, name: str, pattern: str, to: str) -> None:
    """Changes the first match and signs the manifest anew: somebody's careful mistake."""
    path = folder / name
    text, times = re.subn(pattern, to, path.read_text(encoding="utf-8"), count=1)
    assert times == 1
    path.write_text(text, encoding="utf-8")
    if all((folder / file.name).exists() for file in FILES):
        manifest.write(folder)


@pytest.mark.parametrize(
    ("name", "pattern", "to", "said"),
    [
        (ACS_2022, r"\n2,West Ridge,.*", "", "76 rows instead of 77"),
        (ACS_2022, "hh_no_internet", "hh_without", "columns missing hh_no_internet; not known: hh_without"),
        (ACS_2022, r"\n(2,West Ridge,.*)\n3,Uptown,", r"\n\1\n2,Uptown,", "community area 3 is missing"),
        (ACS_2022, r"\n(2,West Ridge,.*)\n3,Uptown,", r"\n\1\n2,Uptown,", "community area 2 stands there 2 times"),
        (ACS_2022, r"\n77,", "\n78,", "there is no community area “78”"),
        (ACS_2022, r",24166,", ",24167,", "Rogers Park: hh_with_computer + hh_no_computer is not households"),
        (ACS_2022, r",22295,", ",232950,", "Rogers Park: hh_broadband exceeds hh_internet_any"),
        (ACS_2022, r",55711,", ",many,", "line 2: population is not a number: “many”"),
        (ACS_2022, r",55711,", ",-1,", "line 2: population cannot be -1"),
        (ACS_2022, r",55711,", ",nan,", "line 2: population cannot be nan"),
        (ACS_2022, r",55711,", ",", "line 2: not as many cells as columns"),
        (ACS_2022, r",55711,", ",1,2,", "line 2: not as many cells as columns"),
        (HARDSHIP_GCI, r"\n77,", "\n1,", "community area 77 is missing"),
        (
            HARDSHIP_GCI,
            r",64.5,64.9,",
            ",64.5,150,",
            "Fuller Park: hardship_2013_2017 is 150 and must lie between 0 and 100",
        ),
        (
            HARDSHIP_GCI,
            r",64.5,64.9,",
            ",100.1,64.9,",
            "Fuller Park: hardship_2010_2014 is 100.1 and must lie between 0 and 100",
        ),
        (HARDSHIP_CITY, r",10432,97", ",10432,0", "Fuller Park: hardship_index is 0 and must lie between 1 and 98"),
        (HARDSHIP_CITY, r",10432,97", ",10432,99", "Fuller Park: hardship_index is 99 and must lie between 1 and 98"),
        (AREAS, r"\n1,", "\nx,", "line 2: community_area is not a number: “x”"),
        (SCHOOLS, r"\n400009,", "\n40009,", "school id “40009” is not six digits"),
        (SCHOOLS, r"\n400009,", "\n400011,", "school id 400011 stands there 2 times"),
        (SCHOOLS, r",56,Garfield Ridge", ",57,Garfield Ridge", "school 400009 claims community area 57 and lies in 56"),
        (SCHOOLS, r"-87.7401,41.80758", "-80,41.80758", "school 400009 claims community area 56 and lies in none"),
        (ZIP_AREAS, r"\n60601,", "\n6061,", "ZIP code “6061” is not five digits"),
        (ZIP_AREAS, r"\n60601,32,Loop,0.8754", "\n60601,32,Loop,1.8754", "ZIP code 60601, area 32: a share above 1"),
        (ZIP_AREAS, r"\n60602,", "\n60601,", "ZIP code 60601 and area 32 stand there 2 times"),
        (ARTERIALS, r"HALSTED,NS,800,W", "HALSTED,NS,800,N", "HALSTED: runs NS at N"),
        (STREETS, r"ADA,NS", "ABERDEEN,NS", "ABERDEEN (NS) stands there 2 times"),
        (GRID_MODEL, r'"cx"', '"dx"', "not an address grid: KeyError('cx')"),
        (GRID_MODEL, r'"N": ', '"n": ', "not an address grid: four constants"),
        (GRID_MODEL, r"\{", "", "not an address grid"),
        (FULL, r'"number":3,', '"number":2,', "area 3 is missing"),
        (DRAWING, r'"type":"FeatureCollection"', '"type":"FeatureCollection","crs":{}', "a crs member is not allowed"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_reason(folder: Path, name: str, pattern: str, to: str, said: str):
    change(folder, name, pattern, to)
    found = check(folder)
    assert {problem.file for problem in found} == {name}
    assert any(said in problem.reason for problem in found), found


@pytest.mark.parametrize("name", [file.name for file in FILES])
def test_an_altered_file_is_not_the_one_the_manifest_promises(folder: Path, name: str):
    with (folder / name).open("ab") as file:
        file.write(b" ")
    assert Problem(name, "altered: its checksum is not the one in manifest.json") in read(folder).problems


@pytest.mark.parametrize("name", [file.name for file in FILES])
def test_a_missing_file_is_named(folder: Path, name: str):
    (folder / name).unlink()
    assert [problem.file for problem in read(folder).problems] == [name]


def test_a_file_that_is_not_utf_8_is_named_with_the_byte(folder: Path):
    content = (folder / AREAS).read_bytes()
    (folder / AREAS).write_bytes(content.replace(b"Rogers", b"R\xe9gers", 1))
    assert any(p.file == AREAS and "not UTF-8" in p.reason for p in check(folder))


@pytest.mark.parametrize("content", [None, b"", b"[]", b"\xff", b'{"files": [1]}'])
def test_a_manifest_that_cannot_be_read_is_a_problem_of_its_own(folder: Path, content: bytes | None):
    path = folder / manifest.MANIFEST
    path.unlink() if content is None else path.write_bytes(content)
    assert [problem.file for problem in check(folder)] == [manifest.MANIFEST]


def test_every_problem_of_every_file_is_told_at_once(folder: Path):
    change(folder, SCHOOLS, r"\n400009,", "\n40009,")
    change(folder, ZIP_AREAS, r"\n60601,", "\n6061,")
    (folder / ACS_2022).unlink()
    assert {problem.file for problem in check(folder)} >= {SCHOOLS, ZIP_AREAS, ACS_2022}


def test_a_problem_is_one_line_that_begins_with_its_file():
    assert str(Problem("sources/a.csv", "altered")) == "sources/a.csv: altered"


SOUND = read(DATA)


@settings(max_examples=60)
@given(st.data())
def test_no_damage_to_a_table_makes_the_check_itself_fail(data: st.DataObject):
    name = data.draw(st.sampled_from(sorted(SOUND.tables)))
    rows = [dict(row) for row in SOUND.tables[name]]
    for row in data.draw(st.lists(st.sampled_from(rows), min_size=1, max_size=3)):
        row[data.draw(st.sampled_from(sorted(row)))] = data.draw(st.text(max_size=5))
    found = problems(DataFolder({}, {**SOUND.tables, name: rows}, ()))
    assert all(problem.reason for problem in found)
