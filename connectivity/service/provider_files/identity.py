"""Whose record a returned row is: record id and code together; then whether its provider, last name and address are ours. Asks no database.

What may be said back: a provider is told what we expect only of a record it serves now, so that nobody learns where a family went
after its service ended; the name and address only where record id and code agree, the code only where the name or address does.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from connectivity.geography.address import AddressNotRead, parse
from connectivity.rules.membership_codes import normalize, shown
from connectivity.rules.names import fold, words
from connectivity.rules.same_home import same_home
from connectivity.rules.service_states import CodeState
from connectivity.service.provider_files.columns import read_record_id
from connectivity.service.provider_files.ours import SENT, Address, Booked, Ours
from connectivity.service.provider_files.reading import Line
from connectivity.tabular.dates import date
from connectivity.tabular.problems import echo
from connectivity.tabular.trouble import Trouble


class Key(NamedTuple):
    """What a row names its record by; None where it cannot be read."""

    record: int | None
    code: str | None


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What every row of a file is held against."""

    places: Mapping[str, int]
    ours: Mapping[int, Ours]
    codes: Mapping[str, Booked]  # codes of the provider that are not those of their row's record
    households: Mapping[int, int]  # records of the year that are not the provider's now -> their household
    of_others: frozenset[str]  # codes among these that stand in the books of another provider
    provider: str
    program_year_id: int
    names: frozenset[str]  # every name the provider ever had, folded
    year_label: str
    starts_on: dt.date
    ends_on: dt.date
    received_on: dt.date


@dataclass(slots=True)
class Row:
    """One row while it is looked at: what is wrong, what was expected."""

    frame: Frame
    line: Line
    key: Key
    wrong: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    about: int | None = (
        None  # the record of a row that is refused, for staff: record id and a code of its household agree
    )

    def cell(self, name: str) -> str:
        """The cell under our column; "" where the file has none."""
        at = self.frame.places.get(name)
        return "" if at is None else self.line.cells[at].strip()

    def day(self, name: str) -> dt.date | None:
        """The day in a cell. One that cannot be read is written down as wrong."""
        cell = self.cell(name)
        if not cell:
            return None
        try:
            text = date(cell)
        except Trouble as trouble:
            self.wrong.append(f"{name}: {trouble.message} {trouble.advice}")
            return None
        return dt.date.fromisoformat(text) if text else None


def keys(places: Mapping[str, int], lines: Sequence[Line]) -> list[Key]:
    """What each row names its record by."""
    at_record, at_code = places["record_id"], places["membership_code"]
    return [
        Key(None, None) if line.fault else Key(read_record_id(line.cells[at_record]), _code(line.cells[at_code]))
        for line in lines
    ]


def unknown_codes(ours: Mapping[int, Ours], named: Sequence[Key]) -> set[str]:
    """Codes that are not those of their row's record: to be looked up."""
    return {
        code
        for record, code in named
        if code is not None and ((known := ours.get(record or 0)) is None or known.code != code)
    }


def foreign_records(ours: Mapping[int, Ours], named: Sequence[Key]) -> set[int]:
    """Record ids that are no record of the provider's: to be looked up."""
    return {record for record, _ in named if record is not None and record not in ours}


def _code(text: str) -> str | None:
    try:
        return normalize(text)
    except ValueError:
        return None


def record_of(row: Row) -> Ours | None:
    """The record that the row's id and code both name; None with what is wrong."""
    record = _record(row)
    return record if record is not None and _code_fits(row, record) else None


def _record(row: Row) -> Ours | None:
    number = row.key.record
    record = row.frame.ours.get(number) if number is not None else None
    if record is not None:
        return record
    text, code = row.cell("record_id"), row.key.code
    if number is not None and code is not None and _was_given(row, code, row.frame.households.get(number)):
        row.about = number
        row.wrong.append(
            f"{row.frame.provider} does not serve record E{number} any more: its code {shown(code)} is "
            f"{row.frame.codes[code].state} with us. Ask us before you serve this family again."
        )
    elif not text:
        row.wrong.append("The record_id is empty. Copy it from the file we sent.")
    elif number is None:
        row.wrong.append(f"“{echo(text)}” is no record_id of ours: they are E and digits, such as E123.")
    else:
        row.wrong.append(
            f"We have no record {echo(text)} with {row.frame.provider} in {row.frame.year_label}. "
            "Check that this is the file of this provider and program year."
        )
        _code_in_books(row)
    return None


def _was_given(row: Row, code: str, household_id: int | None) -> bool:
    """Whether the code is one of the provider's that this household had in the file's year."""
    booked = row.frame.codes.get(code)
    if booked is None or household_id is None:
        return False
    return (booked.household_id, booked.program_year_id) == (household_id, row.frame.program_year_id)


def _code_in_books(row: Row) -> None:
    code = row.key.code
    if code in row.frame.of_others:
        row.wrong.append(f"The code {shown(code or '')} is not one of {row.frame.provider}’s codes.")
    elif code and code not in row.frame.codes:
        row.wrong.append(f"Nobody issued the code {shown(code)}: it is not among {row.frame.provider}’s codes.")


def _code_fits(row: Row, record: Ours) -> bool:
    code = row.key.code
    if code == record.code:
        return True
    text = row.cell("membership_code")
    booked = row.frame.codes.get(code or "")
    if not text:
        row.wrong.append("The membership_code is empty.")
    elif code is None:
        row.wrong.append(f"“{echo(text)}” is no membership code.")
    elif booked is None:
        _code_in_books(row)
    elif _was_given(row, code, record.household_id):
        row.about = record.enrollment_id
        on = f" on {day_words(record.code_on)}" if record.code_on else ""
        row.wrong.append(f"This record’s code was replaced{on}: {shown(code)} is its old one.")
    elif booked.state == CodeState.FREE:
        row.wrong.append(f"The code {shown(code)} has not been given to any family.")
    else:
        row.wrong.append(f"The code {shown(code)} belongs to another record.")
    if _same_name(row.cell("account_holder_last_name"), record) or _address_is(row, record):
        _expect(row, record, f"code {shown(record.code)}")
    return False


def day_words(day: dt.date) -> str:
    """`Oct 3, 2026`."""
    return f"{day:%b} {day.day}, {day.year}"


def _expect(row: Row, record: Ours, words_: str) -> None:
    if record.status in SENT:
        row.expected.append(words_)


def hold_against(row: Row, record: Ours) -> None:
    """Writes down where the provider's name, the last name and the address are not ours."""
    _provider_fits(row)
    _name_fits(row, record)
    _address_fits(row, record)


def _provider_fits(row: Row) -> None:
    name = row.cell("isp")
    if name and name != row.frame.provider and fold(name) not in row.frame.names:
        row.wrong.append(f"The row names the provider “{echo(name)}”.")
        row.expected.append(f"isp {row.frame.provider}")


def _same_name(name: str, record: Ours) -> bool:
    return name == record.last_name or (bool(name) and "".join(words(name)) == "".join(words(record.last_name)))


def _name_fits(row: Row, record: Ours) -> None:
    name = row.cell("account_holder_last_name")
    if not _same_name(name, record):
        row.wrong.append("The last name is not the one we have." if name else "The last name is empty.")
        _expect(row, record, f"last name {record.last_name}")


def _address_is(row: Row, record: Ours) -> bool:
    try:
        return record.address is not None and _same_address(row.cell("service_address"), record.address)
    except AddressNotRead:
        return False


def _address_fits(row: Row, record: Ours) -> None:
    text, address = row.cell("service_address"), record.address
    if address is None or text == address.full:
        return
    try:
        if not text:
            row.wrong.append("The address is empty.")
        elif _same_address(text, address):
            return
        else:
            row.wrong.append("The address is not the one we have.")
    except AddressNotRead as unread:
        row.wrong.append(f"The address cannot be read: {unread}")
    _expect(row, record, f"address {address.full}")


def _same_address(text: str, address: Address) -> bool:
    given = parse(text)
    zips = {one[:5] for one in (given.zip, address.zip) if one}
    return len(zips) < 2 and same_home((given.line, given.unit), (address.line, address.unit))
