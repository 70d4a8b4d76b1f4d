"""A provider's list of membership codes, read: CSV, Excel or plain text, with a heading over the codes or without one."""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from connectivity.rules.membership_codes import last_day_problem, normalize
from connectivity.tabular.archive import open_archive
from connectivity.tabular.column_profiles import fold_heading
from connectivity.tabular.dates import date
from connectivity.tabular.decode import detect
from connectivity.tabular.problems import FileRefused, echo
from connectivity.tabular.trouble import Trouble

MOST_CODES = 500_000
FIRST_ROWS = 20
SEPARATORS = (",", ";", "\t", "|")
CODE_HEADINGS = frozenset(
    fold_heading(one)
    for one in (
        "Code", "Codes", "Membership code", "Membership codes", "Activation code", "Promo code", "Promotion code",
        "Voucher", "Voucher code", "Redemption code", "Offer code", "Access code", "Coupon", "Coupon code", "PIN",
    )
)  # fmt: skip
EXPIRY_HEADINGS = frozenset(
    fold_heading(one)
    for one in (
        "Expires", "Expires on", "Expiry", "Expiry date", "Expiration", "Expiration date", "Valid until", "Valid to",
        "Valid through", "Good through", "End date", "Last day", "Use by",
    )
)  # fmt: skip
UNREADABLE = (
    "This file cannot be read: it is damaged, cut off, or neither text nor an Excel workbook. "
    "Save the list of codes as .xlsx, CSV or plain text and send it again."
)


@dataclass(frozen=True)
class BadLine:
    """A line that cannot be taken, with its number as the sheet shows it and what to do."""

    number: int
    value: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One code of the list. `expires_on`: the last day it can be used, None if the list does not say."""

    number: int
    code: str
    expires_on: dt.date | None


@dataclass(frozen=True, kw_only=True)
class CodeList:
    """What a file holds. With a bad line nothing of it is to be taken."""

    lines: list[Line]
    bad: list[BadLine] = field(default_factory=list)
    repeated: int = 0  # lines whose code stood further up already
    heading: str = ""  # over the codes, as the file writes it; "" if there is none


def read_code_file(path: Path, *, today: dt.date) -> CodeList:
    """Every code and every bad line. Raises FileRefused if nobody can tell where the codes are."""
    rows = _workbook_rows(path) if zipfile.is_zipfile(path) else _text_rows(path)
    if not any(any(row) for row in rows):
        raise FileRefused("The file is empty. Ask the provider for the list of codes and send that.")
    heading_at, column, expiry = _columns(rows)
    found = _Reading(today)
    for number, row in enumerate(rows[heading_at:], start=heading_at + 1):
        cell, expires = _cell(row, column), _cell(row, expiry)
        if cell or expires:
            found.take(number, cell, expires)
    if not found.lines and not found.bad:
        raise FileRefused("The file has a heading, but no codes under it. Ask the provider for the list and send that.")
    if len(found.lines) > MOST_CODES:
        raise FileRefused(f"The file has more than {MOST_CODES:,} codes, the most we take at once. Send it in parts.")
    heading = _cell(rows[heading_at - 1], column) if heading_at else ""
    return CodeList(lines=found.lines, bad=found.bad, repeated=found.repeated, heading=heading)


class _Reading:
    def __init__(self, today: dt.date) -> None:
        self.today = today
        self.lines: list[Line] = []
        self.bad: list[BadLine] = []
        self.repeated = 0
        self._seen: dict[str, tuple[int, dt.date | None]] = {}

    def take(self, number: int, cell: str, expires: str) -> None:
        try:
            code, last = normalize(cell), self._expiry(expires)
        except ValueError as unread:
            words = (
                f"{unread} If there is no code in this row, delete the row."
                if cell
                else "There is no code in this row. Delete the row."
            )
            self.bad.append(BadLine(number, echo(cell), words))
        except Trouble as trouble:
            self.bad.append(BadLine(number, echo(expires), f"{trouble.message} {trouble.advice}"))
        else:
            self._add(number, code, last)

    def _expiry(self, cell: str) -> dt.date | None:
        text = date(cell)
        last = dt.date.fromisoformat(text) if text else None
        problem = last_day_problem(last, today=self.today) if last else None
        if problem:
            raise Trouble(*problem)
        return last

    def _add(self, number: int, code: str, last: dt.date | None) -> None:
        first = self._seen.setdefault(code, (number, last))
        if first[0] == number:
            self.lines.append(Line(number=number, code=code, expires_on=last))
        elif first[1] == last:
            self.repeated += 1
        else:
            message = f"The same code stands in row {first[0]} with another last day. Delete one of the two rows."
            self.bad.append(BadLine(number, echo(code), message))


def _cell(row: Sequence[str], column: int | None) -> str:
    return row[column].strip() if column is not None and column < len(row) else ""


def _columns(rows: Sequence[Sequence[str]]) -> tuple[int, int, int | None]:
    """(rows to leave out above the codes, place of the codes, place of their last days)."""
    for at, row in enumerate(rows[:FIRST_ROWS]):
        folded = [fold_heading(cell) for cell in row]
        places = [place for place, name in enumerate(folded) if name in CODE_HEADINGS]
        if len(places) > 1:
            named = " and ".join(f"“{row[place].strip()}”" for place in places)
            raise FileRefused(f"Two columns may hold the codes: {named}. Take out the one that does not.")
        if places:
            expiry = next((place for place, name in enumerate(folded) if name in EXPIRY_HEADINGS), None)
            return at + 1, places[0], expiry
    filled = {place for row in rows for place, cell in enumerate(row) if cell.strip()}
    if len(filled) > 1:
        raise FileRefused(
            "We cannot tell which column holds the codes. Write the heading “Code” over it, and “Expires” over the last days if there are any."
        )
    column = filled.pop()
    return _unknown_heading(rows, column), column, None


def _unknown_heading(rows: Sequence[Sequence[str]], column: int) -> int:
    """A first line without a digit over codes that all have one is a heading in words we do not know."""
    cells = [(at, cell) for at, row in enumerate(rows, start=1) if (cell := _cell(row, column))]
    first, others = cells[0], cells[1:]
    worded = not any(sign.isdigit() for sign in first[1])
    return first[0] if worded and others and all(any(map(str.isdigit, cell)) for _, cell in others) else 0


def _workbook_rows(path: Path) -> list[list[str]]:
    """The first sheet people see that has anything in it."""
    try:
        with open_archive(path):
            pass
        workbook = CalamineWorkbook.from_path(str(path))
        for sheet in workbook.sheets_metadata:
            if sheet.visible is SheetVisibleEnum.Visible:
                rows = workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
                if any(any(cell != "" for cell in row) for row in rows):
                    return [[_text_of(cell) for cell in row] for row in rows]
    except CalamineError:
        raise FileRefused(UNREADABLE) from None
    return []


def _text_of(cell: object) -> str:
    """A code that Excel took for a number, as it was typed; a day in ISO."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return cell.date().isoformat() if isinstance(cell, dt.datetime) else str(cell)


def _text_rows(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    if not content:
        return []
    try:
        codec = detect(io.BytesIO(content)).codec
    except FileRefused:
        raise FileRefused(UNREADABLE) from None
    text = content.decode(codec, errors="replace").removeprefix("\ufeff")
    separator = max(SEPARATORS, key=text[: 1 << 16].count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False))
    except csv.Error:
        raise FileRefused(UNREADABLE) from None
