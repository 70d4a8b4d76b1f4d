"""A provider's bill, read: every line with its amounts in cents, and every line that cannot be read with what is wrong. Pure of the database."""

import calendar
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from connectivity.geography.address import AddressNotRead, parse
from connectivity.rules.billing import Line
from connectivity.rules.membership_codes import normalize
from connectivity.rules.money import as_shown, cents, dollars, has_fraction
from connectivity.service.provider_files.headings import Column, Matched, match, plainly, read_as, words_of
from connectivity.tabular.dates import date
from connectivity.tabular.problems import FileRefused
from connectivity.tabular.sheets import Stored
from connectivity.tabular.table import Chunk
from connectivity.tabular.trouble import Trouble
from connectivity.tabular.workbook import open_table

COLUMNS = (
    Column("invoice_no", "Number of the invoice", also=("Invoice", "Invoice number")),
    Column("bill_month", "The month that is billed, 2026-11", also=("Month", "Billing month")),
    Column("isp", "The provider"),
    Column("membership_code", "The family's code", required=True, also=("Code", "Promo code", "Sponsor code")),
    Column("account_last4", "Last four digits of the account", also=("Account", "Account number")),
    Column("account_holder_last_name", "Last name of the adult", also=("Last name", "Name", "Account holder")),
    Column("service_address", "Where the connection goes", also=("Address",)),
    Column("service_from", "First day of service that is billed", also=("From", "Service start", "Period start")),
    Column("service_to", "Last day of service that is billed", also=("To", "Service end", "Period end")),
    Column("plan", "Name of the plan"),
    Column("monthly_charge", "Charge for service, dollars", required=True, also=("Charge", "Amount")),
    Column("tax", "Tax, dollars", also=("Taxes", "Tax and fees")),
    Column("credit", "What is paid back, dollars", also=("Credits", "Adjustment")),
    Column("total", "Charge plus tax less credit, dollars", also=("Total charge", "Total amount")),
)
AMOUNTS = ("monthly_charge", "tax", "credit", "total")
HEADINGS_NEEDED = "Put a row of headings on top, with membership_code and monthly_charge at least."
_MONTH = re.compile(r"(\d{4})-(\d{1,2})").fullmatch
_US_MONTH = re.compile(r"(\d{1,2})/(\d{4})").fullmatch
_NAMED = re.compile(r"([A-Za-z]{3})[a-z]*\.? (\d{4})").fullmatch
_NAMES = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a line asks for, in cents. `credit` is what is paid back, never negative."""

    charge: int
    tax: int
    credit: int
    total: int


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One line that was read. A line that only pays back bills no service."""

    line: Line
    invoice: str
    plan: str
    amounts: Amounts

    @property
    def bills_service(self) -> bool:
        """Asks for money: a charge, or a tax alone. (The total is above zero only where one of the two is.)"""
        return self.amounts.charge > 0 or self.amounts.tax > 0


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that takes no part, with its cells as they came. `about`: what it says of the home, as far as that can be read."""

    number: int
    cells: list[str]
    why: str
    about: Line


@dataclass
class BillFile:
    """What a file holds."""

    lines: list[BilledLine] = field(default_factory=list)
    refused: list[RefusedLine] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    read_as: dict[str, object] = field(default_factory=dict)


def read_bill(path: Path, *, file_name: str, month: dt.date) -> BillFile:
    """Every line of a bill for `month` (its first day). Raises FileRefused for a file that is no bill of that month."""
    try:
        table = open_table(path, file_name=file_name)
        matched = match(table.headings, COLUMNS)
        if not matched.complete:
            raise FileRefused(" ".join(words_of(matched)))
        bill = BillFile(headings=list(table.headings), read_as=read_as(table, matched))
        for chunk in table.chunks():
            _read_chunk(chunk, matched, month, bill)
    except FileRefused as refused:
        raise FileRefused(plainly(refused, headings=HEADINGS_NEEDED)) from refused
    _refuse_no_line(bill, month)
    return bill


def _read_chunk(chunk: Chunk, matched: Matched, month: dt.date, bill: BillFile) -> None:
    for at, number in enumerate(chunk.numbers):
        cells = {name: _bare(chunk.columns[place][at]) for name, place in matched.columns.items()}
        problems, read = _read_line(number, cells, month)
        if read is not None:
            bill.lines.append(read)
        else:
            row = [column[at] for column in chunk.columns]
            bill.refused.append(RefusedLine(number, row, " ".join(problems), _about(number, cells, month)))
    for one in chunk.ragged:
        if one.stops:
            row = chunk.left_out.get(one.row, [])
            cells = {name: _bare(row[place]) for name, place in matched.columns.items() if place < len(row)}
            why = f"{one.message} {one.advice}"
            bill.refused.append(RefusedLine(one.row, row, why, _about(one.row, cells, month)))


def _bare(cell: str) -> str:
    """Without blanks around it; a workbook's number stays what it is."""
    return cell if isinstance(cell, Stored) else cell.strip()


def _read_line(number: int, cells: Mapping[str, str], month: dt.date) -> tuple[list[str], BilledLine | None]:
    problems: list[str] = []
    amounts = _amounts(cells, problems)
    days = _days(cells, month, problems)
    problems += _of_month(cells.get("bill_month", ""), month)
    if problems or amounts is None or days is None:
        return problems, None
    line = _line(number, cells, days, amounts)
    return [], BilledLine(line, cells.get("invoice_no", "")[:80], cells.get("plan", "")[:80], amounts)


def _line(number: int, cells: Mapping[str, str], days: tuple[dt.date, dt.date], amounts: Amounts) -> Line:
    address = _address(cells.get("service_address", ""))
    return Line(
        number=number,
        code=_code(cells.get("membership_code", "")),
        account_last4=_last4(cells.get("account_last4", "")),
        last_name=cells.get("account_holder_last_name", ""),
        line=address[0],
        unit=address[1],
        service_from=days[0],
        service_to=days[1],
        total_cents=amounts.total,
        charge_cents=amounts.charge,
        tax_cents=amounts.tax,
    )


def _about(number: int, cells: Mapping[str, str], month: dt.date) -> Line:
    """Whose line a refused one is: it bills nothing, but its home is not one that the provider forgot."""
    return _line(number, cells, (month, month), Amounts(0, 0, 0, 0))


def _amounts(cells: Mapping[str, str], problems: list[str]) -> Amounts | None:
    """Every amount that cannot be read is told; a charge below zero is none: what is paid back belongs under credit."""
    read: dict[str, int] = {}
    before = len(problems)
    for name in AMOUNTS:
        try:
            read[name] = _cents(cells.get(name, ""))
        except ValueError as wrong:
            problems.append(f"{name}: {wrong}")
    problems += [
        f"{name}: {dollars(read[name])} is negative. Put what is paid back under credit."
        for name in ("monthly_charge", "tax")
        if read.get(name, 0) < 0
    ]
    if not cells.get("monthly_charge", ""):
        problems.append("monthly_charge: empty. Write the charge, or 0.00.")
    if len(problems) > before:
        return None
    credit = abs(read["credit"])  # some write what is paid back with a minus: the total shows that it is meant so
    added = read["monthly_charge"] + read["tax"] - credit
    total = read["total"] if cells.get("total", "") else added
    if abs(total - added) > sum(
        _has_fraction(cells.get(name, "")) for name in AMOUNTS
    ):  # each is off by a cent at most
        problems.append(f"total: charge, tax and credit make {dollars(added)}, the total says {dollars(total)}.")
        return None
    return Amounts(read["monthly_charge"], read["tax"], credit, total)


def _cents(cell: str) -> int:
    """A text is read to the letter; a workbook's number as its sheet shows it."""
    return cents(as_shown(cell) if isinstance(cell, Stored) else cell)


def _has_fraction(cell: str) -> bool:
    return isinstance(cell, Stored) and has_fraction(cell)


def _days(cells: Mapping[str, str], month: dt.date, problems: list[str]) -> tuple[dt.date, dt.date] | None:
    """The days of service; the whole month where the bill names none."""
    last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    begin, end = (_day(name, cells.get(name, ""), problems) for name in ("service_from", "service_to"))
    given = [bool(cells.get(name, "")) for name in ("service_from", "service_to")]
    if not any(given):
        return month, last
    if not all(given):
        problems.append("service_from and service_to: write both, or neither.")
    if begin is None or end is None:
        return None
    if begin > end:
        problems.append("service_to: lies before service_from.")
        return None
    if begin > last or end < month:
        problems.append(
            f"service_from: these days are not in {month:%B %Y}. Send the line with the bill of its own month."
        )
        return None
    if outside := _too_long(begin, end, month, last):
        problems.append(outside)
        return None
    return begin, end


def _too_long(begin: dt.date, end: dt.date, month: dt.date, last: dt.date) -> str:
    """Billing cycles reach into the month before or after, by a month's days at most."""
    outside = max(0, (month - begin).days) + max(0, (end - last).days)
    if outside <= last.day:
        return ""
    return (
        f"service_from and service_to: {begin} to {end} reaches {outside} days outside {month:%B %Y}. "
        f"Write the days of {month:%B %Y} here, and send the others with the bills of their own months."
    )


def _day(name: str, text: str, problems: list[str]) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(date(text) or "")
    except Trouble as trouble:
        problems.append(f"{name}: {trouble.message} {trouble.advice}")
    return None


def _of_month(text: str, month: dt.date) -> list[str]:
    if not text or _month(text) == (month.year, month.month):
        return []
    if _month(text) is None:
        return [f"bill_month: “{text[:20]}” is not a month. Write it like {month:%Y-%m}."]
    return [f"bill_month: the line says {text[:20]}, the bill was handed in for {month:%B %Y}."]


@lru_cache(maxsize=256)
def _month(text: str) -> tuple[int, int] | None:
    if found := _MONTH(text):
        return int(found[1]), int(found[2])
    if found := _US_MONTH(text):
        return int(found[2]), int(found[1])
    if (found := _NAMED(text)) and found[1].lower() in _NAMES:
        return int(found[2]), _NAMES[found[1].lower()]
    try:
        day = dt.date.fromisoformat(date(text) or "")
    except (Trouble, ValueError):
        return None
    return day.year, day.month


def _code(text: str) -> str:
    try:
        return normalize(text)
    except ValueError:
        return text[:40].upper()  # nobody's, then; the line says so


def _last4(text: str) -> str:
    digits = "".join(sign for sign in text if sign.isdecimal())
    return digits[-4:] if len(digits) >= 4 else ""


@lru_cache(maxsize=1 << 14)
def _address(text: str) -> tuple[str, str]:
    try:
        read = parse(text)
    except AddressNotRead:
        return text.upper()[:120], ""
    return read.line, read.unit


def _refuse_no_line(bill: BillFile, month: dt.date) -> None:
    """A file without a line bills nobody: every home would be "not billed". One with no line of the month is the wrong file."""
    if not bill.refused and not any(one.amounts.charge or one.amounts.tax or one.amounts.credit for one in bill.lines):
        raise FileRefused(
            "No line was found under the headings that charges or pays back anything. Look whether the lines are on another sheet, "
            "or ask the provider for the whole file, and hand it in again."
        )
    if not bill.lines and bill.refused:
        raise FileRefused(
            f"No line of the file can be taken as a line of {month:%B %Y}. The first, row {bill.refused[0].number}: "
            f"{bill.refused[0].why}"
        )


def lines_of(bill: BillFile) -> Iterator[Line]:
    """The lines that bill something."""
    return (one.line for one in bill.lines if one.bills_service)


def about_homes(bill: BillFile) -> Iterator[Line]:
    """Every line, to be matched: those that only pay back or could not be read say at least that the provider knows the home."""
    yield from (one.line for one in bill.lines)
    yield from (one.about for one in bill.refused)
