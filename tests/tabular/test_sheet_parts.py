"""A sheet made to annoy is looked at once: what is not closed ends at the next tag."""

import pytest

from connectivity.tabular.sheet_parts import _errors

MANY = 100_000


@pytest.mark.parametrize(
    "rows",
    [
        b'<c r="A9" t="e">' * MANY,
        b'<c t="e" r="A9" ' * MANY,
        b'<c t="e"' + b' r="A9"' * MANY + b">" + b"x" * MANY,
        b'<row r="9"><c r="A9" t="e">' + b"<f>" * MANY,
    ],
)
def test_cells_that_are_never_closed_hold_no_error_and_no_one_up(rows: bytes) -> None:
    assert _errors(rows) == {}


def test_a_failed_formula_is_found_with_its_row_column_and_sign() -> None:
    rows = b'<row r="2"><c r="B2" s="1" t="e"><f>VLOOKUP(1)</f><v>#N/A</v></c><c t="e" r="AA2"><v>#REF!</v></c><c r="D2"><v>1</v></c></row>'
    assert _errors(rows) == {(1, 1): "#N/A", (1, 26): "#REF!"}
