"""The template is a roster we read ourselves, keeps IDs as text, and explains every column."""

import io
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from connectivity.tabular.built_in_profiles import TABLE_PROFILES
from connectivity.tabular.column_profiles import COLUMNS, SENSITIVE, match
from connectivity.tabular.problems import FileRefused
from connectivity.tabular.template import roster_template, roster_template_csv
from connectivity.tabular.write import Profile, read_csv
from tests.tabular.files import opened


def test_both_templates_have_the_same_headings_and_match_whole() -> None:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(roster_template())).get_sheet_by_name("Roster").to_python()
    (headings,) = read_csv(roster_template_csv(), profile=Profile.SPREADSHEET)
    assert sheet == [headings]
    found = match(headings, TABLE_PROFILES)
    assert (found.profile.key, found.complete, found.ignored, found.sensitive) == ("our_template", True, [], [])


def test_an_unfilled_template_has_no_students(tmp_path: Path) -> None:
    for data in (roster_template(), roster_template_csv()):
        with pytest.raises(FileRefused, match="no students"):
            opened(tmp_path, data)


def test_the_dictionary_explains_every_column_but_no_factor() -> None:
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(roster_template())).get_sheet_by_name("Data dictionary").to_python()
    )
    explained = {str(row[0]): row for row in rows[1:]}
    assert set(explained) == {one.title for one in COLUMNS if one.name not in SENSITIVE | {"guardian_name"}}
    assert explained["Student ID"][1:] == ["yes", "The district's ID of the student", "8 digits, as text", "50001234"]


def test_the_roster_columns_are_formatted_as_text() -> None:
    with zipfile.ZipFile(io.BytesIO(roster_template())) as archive:
        assert b'numFmtId="49"' in archive.read("xl/styles.xml")  # Excel's number for "Text"
        assert archive.read("xl/worksheets/sheet1.xml").count(b"<col ") >= 1
