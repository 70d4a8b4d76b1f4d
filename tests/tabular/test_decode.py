"""Encodings found, letters healed, and both shown."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectivity.tabular.decode import BLOCK, detect, heal
from connectivity.tabular.problems import FileRefused
from tests.tabular.files import HEADINGS, ROW, csv_of, opened, rows_of

TEXT = csv_of([ROW]).decode()


@pytest.mark.parametrize(
    ("data", "codec"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16-le"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("cp1252"), "cp1252"),
        (b"name\nJos\xe9", "cp1252"),
    ],
)
def test_every_encoding_a_spreadsheet_writes_is_found(data: bytes, codec: str) -> None:
    assert detect(io.BytesIO(data)).codec == codec


MAC = ["José", "Muñoz", "López", "MUÑOZ", "Peña", "Jesús", "Ramón", "GÓMEZ", "MARÍA", "Zoë", "Müller", "François"]


@pytest.mark.parametrize("name", MAC)
@pytest.mark.parametrize("codec", ["cp1252", "mac_roman"])
def test_a_name_in_an_old_encoding_shows_which_one_it_is(name: str, codec: str) -> None:
    assert detect(io.BytesIO(f"name,school\n{name},1\n".encode(codec))).codec == codec


@pytest.mark.parametrize("names", ["García José O’Brien D’Angelo Ángel", "O’BRIEN PEÑA", "Rodríguez Núñez Ta’quan"])
@pytest.mark.parametrize("codec", ["cp1252", "mac_roman"])
def test_what_a_single_word_leaves_open_the_other_words_of_the_file_decide(names: str, codec: str) -> None:
    assert detect(io.BytesIO("\n".join(["name", *names.split(), ""]).encode(codec))).codec == codec


@pytest.mark.parametrize(
    "name",
    ["O’Brien", "D’Angelo", "Ta’quan", "N’Diaye", "James’", "Smith–Jones", "Dražen", "Šimkus", "1135–37 W", "“Bo”"],
)
def test_signs_of_windows_between_letters_are_no_mac_letters(name: str) -> None:
    assert detect(io.BytesIO(f"name,school\n{name},1\n".encode("cp1252"))).codec == "cp1252"


def test_one_odd_word_does_not_outvote_a_file_of_names() -> None:
    odd = "Left—see note, JoséŽ"
    text = f"{odd}\nJosé\nMuñoz\nPeña\nRamón\n"
    assert detect(io.BytesIO(text.encode("cp1252"))).codec == "cp1252"


def test_one_windows_letter_late_in_a_long_file_decides() -> None:
    assert detect(io.BytesIO(b"a,b\n" * BLOCK + b"Mu\xf1oz,b\n")).codec == "cp1252"


def test_a_letter_of_utf8_across_two_blocks_is_whole() -> None:
    assert detect(io.BytesIO(b"a" * (BLOCK - 1) + "ñ\n".encode())).codec == "utf-8"


def test_a_file_that_ends_inside_a_letter_is_cut_off_and_not_windows() -> None:
    with pytest.raises(FileRefused, match="middle of a letter"):
        detect(io.BytesIO("Muñoz,Núñ".encode()[:-1]))
    with pytest.raises(FileRefused, match="cut off"):
        detect(io.BytesIO("a,Muñoz,b\n".encode("utf-16")[:-1]))


@pytest.mark.parametrize("text", ["Muñoz", "José", "Łukasz", "O’Hara", "Zoë", "Ángel", "Íñigo"])
def test_letters_read_wrongly_are_healed(text: str) -> None:
    wrong = text.encode().decode("cp1252", errors="surrogateescape")
    once = "".join(chr(ord(sign) - 0xDC00) if ord(sign) > 0xDC00 else sign for sign in wrong)
    assert once != text
    assert heal(once) == text


@pytest.mark.parametrize("text", ["Muñoz", "José", "Zoë"])
def test_letters_that_went_wrong_twice_are_healed(text: str) -> None:
    assert heal(text.encode().decode("cp1252").encode().decode("cp1252")) == text


@given(text=st.text(alphabet="aeiouñéüßçłćęøåšžÀÉÑÖŁ’“” -'", max_size=12))
def test_healthy_letters_stay(text: str) -> None:
    assert heal(text) == text


def test_what_was_healed_is_shown_at_most_five_times(tmp_path: Path) -> None:
    rows = [[ROW[0], "MuÃ±oz" + "a" * at, *ROW[2:]] for at in range(8)]
    table = opened(tmp_path, csv_of(rows))
    assert rows_of(table)[0][1] == "Muñoz"
    assert len(table.healed) == 5
    assert ("MuÃ±oz", "Muñoz") in table.healed


@pytest.mark.parametrize("line_end", ["\r", "\r\n"])
def test_a_mac_file_is_read_and_says_so_with_examples(tmp_path: Path, line_end: str) -> None:
    text = csv_of([ROW, ["50001235", "García", "José", *ROW[3:]]]).decode().replace("\r\n", line_end)
    table = opened(tmp_path, text.encode("mac_roman"))
    assert [row[1:3] for row in rows_of(table)] == [("Muñoz", "Luz"), ("García", "José")]
    assert table.encoding == "Mac Roman (an older Excel's for the Mac)"
    assert table.examples == ["Muñoz", "García", "José"]


def test_a_windows_file_shows_examples_of_its_accents(tmp_path: Path) -> None:
    table = opened(tmp_path, csv_of([ROW]).decode().encode("cp1252"))
    assert rows_of(table) == [tuple(ROW)]
    assert table.encoding == "Windows-1252 (an older Excel's own)"
    assert table.examples == ["Muñoz"]
    assert list(table.headings) == HEADINGS
