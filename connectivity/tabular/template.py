"""The roster template people download: a workbook whose ID columns keep their zeros, with a data dictionary; and the same as CSV."""

import io

import xlsxwriter  # type: ignore[import-untyped]

from connectivity.tabular.column_profiles import COLUMNS, Column
from connectivity.tabular.sheets import DICTIONARY
from connectivity.tabular.write import Profile, write_csv

ROSTER = "Roster"
TEXT = 49  # the number Excel has for the format "Text"
# A full name and its halves would ask twice; factors of eligibility are not asked for at all.
TEMPLATE = tuple(column for column in COLUMNS if not column.sensitive and column.name != "guardian_name")
_DICTIONARY_HEADINGS = ("Heading", "Required", "Meaning", "Format", "Example (made up)")
_WIDTHS = (22, 10, 60, 30, 22)


def roster_template() -> bytes:
    """An .xlsx: sheet “Roster” with headings over text columns, sheet “Data dictionary”."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        text = workbook.add_format({"num_format": TEXT})
        bold = workbook.add_format({"bold": True, "num_format": TEXT})
        wrapped = workbook.add_format({"text_wrap": True, "valign": "top", "num_format": TEXT})
        roster = workbook.add_worksheet(ROSTER)
        for at, column in enumerate(TEMPLATE):
            roster.set_column(at, at, max(12, len(column.title) + 2), text)
            roster.write_string(0, at, column.title, bold)
        roster.freeze_panes(1, 0)
        dictionary = workbook.add_worksheet(DICTIONARY)
        for at, heading in enumerate(_DICTIONARY_HEADINGS):
            dictionary.set_column(at, at, _WIDTHS[at], wrapped)
            dictionary.write_string(0, at, heading, bold)
        for row, column in enumerate(TEMPLATE, start=1):
            for at, cell in enumerate(_described(column)):
                dictionary.write_string(row, at, cell, wrapped)
        dictionary.freeze_panes(1, 0)
    return file.getvalue()


def roster_template_csv() -> bytes:
    """The headings alone, as a spreadsheet opens them."""
    return b"".join(write_csv([column.title for column in TEMPLATE], [], profile=Profile.SPREADSHEET))


def _described(column: Column) -> tuple[str, ...]:
    required = "yes" if column.required or column.name == "address" else "no"
    return column.title, required, column.meaning, column.format, column.example
