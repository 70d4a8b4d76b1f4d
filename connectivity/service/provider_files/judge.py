"""What becomes of one returned row: unchanged, updated, ignored or refused, with what is wrong and what was expected. Asks no database."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from connectivity.register.provider_file import RowFate
from connectivity.rules.membership_codes import shown
from connectivity.rules.provider_words import PROBLEMS, STEP_OF, Said, allowed_words, read_reason, read_said
from connectivity.rules.service_states import VOID_CODE, EndReason, ServiceType, Status, outside_year, step_problems
from connectivity.service.provider_files.identity import Frame, Key, Row, day_words, hold_against, record_of
from connectivity.service.provider_files.ours import Ours
from connectivity.service.provider_files.reading import Line
from connectivity.tabular.problems import echo

DAY_OF: Mapping[Said, str] = {
    Said.IN_PROGRESS: "order_date",
    Said.KIT_SHIPPED: "kit_shipped_date",
    Said.INSTALLED: "install_date",
    Said.CANCELLED: "disconnect_date",
    Said.ENDED: "disconnect_date",
}
LONGEST_NOTE = 200


class Told(NamedTuple):
    """A row's fate (None: it says what we know already). `step` None: the enrollment stays where it is.

    `about`: the record that a row is about though it is not taken for one of ours, for staff.
    """

    line: Line
    fate: RowFate | None
    message: str = ""
    expected: str = ""
    ours: Ours | None = None
    word: Said | None = None
    step: Status | None = None
    happened_on: dt.date | None = None
    updated_on: dt.date | None = None
    reason: EndReason | None = None
    note: str = ""
    account_last4: str | None = None
    about: int | None = None


def _told(row: Row, fate: RowFate, message: str = "", *, ours: Ours | None = None) -> Told:
    said = [*row.wrong, message] if message else row.wrong
    return Told(row.line, fate, " ".join(said), "; ".join(row.expected), ours, about=row.about)


def judge(frame: Frame, lines: Sequence[Line], named: Sequence[Key]) -> list[Told]:
    """Every row's fate, in their order. `named`: their keys."""
    same, different = _doubled(lines, named)
    return [
        _judge(Row(frame, line, key), same.get(line.number), different.get(line.number))
        for line, key in zip(lines, named, strict=True)
    ]


def _doubled(lines: Sequence[Line], named: Sequence[Key]) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Rows of a record that stands more than once: (row -> the first of the same, row -> all of them where they differ)."""
    of: dict[int, list[Line]] = {}
    for line, key in zip(lines, named, strict=True):
        if key.record is not None:
            of.setdefault(key.record, []).append(line)
    same: dict[int, int] = {}
    different: dict[int, list[int]] = {}
    for several in of.values():
        if len(several) > 1:
            alike = len({tuple(cell.strip() for cell in line.cells) for line in several}) == 1
            numbers = [line.number for line in several]
            if alike:
                same |= dict.fromkeys(numbers[1:], numbers[0])
            else:
                different |= dict.fromkeys(numbers, numbers)
    return same, different


def _judge(row: Row, first: int | None, rows: Sequence[int] | None) -> Told:
    if row.line.fault:
        return _told(row, RowFate.REFUSED, row.line.fault)
    record = record_of(row)
    if record is None:
        return _told(row, RowFate.REFUSED)
    if first is not None:
        return _told(row, RowFate.IGNORED, f"The same record, with the same cells, stands in row {first}.")
    if rows is not None:
        listed = ", ".join(map(str, rows))
        row.wrong.append(f"This record stands in the file more than once, and its rows differ: {listed}. Leave one.")
    hold_against(row, record)
    return _heard(row, record)


def _heard(row: Row, record: Ours) -> Told:
    """What the status, its day and the account say."""
    text = row.cell("status")
    said = read_said(text)
    if said is None:
        what = f"“{echo(text)}” is no status we know." if text else "The status is empty."
        row.wrong.append(f"{what} Write one of: {allowed_words()}.")
    updated_on, status_on = row.day("last_updated"), row.day("status_date")
    if updated_on and updated_on > row.frame.received_on:  # it would make every later file an older one
        row.wrong.append("last_updated: This date is in the future.")
    own_day = row.day(DAY_OF[said]) if said and said in DAY_OF and status_on is None else None
    column = "status_date" if status_on else DAY_OF[said] if said and own_day else ""
    account = _account(row)
    if said is None or row.wrong:
        return _told(row, RowFate.REFUSED, ours=record)
    new_account = account if account and account != record.account_last4 else None
    if _known(record, said):
        return _account_alone(row, record, new_account, updated_on or row.frame.received_on)
    told_on = status_on or own_day
    on = told_on or row.frame.received_on  # `last_updated` is no day of a step: service is paid from that day on
    if older := _older(record, told_on, updated_on, on):
        return _told(row, RowFate.IGNORED, older, ours=record)
    step = STEP_OF.get(said) if STEP_OF.get(said) is not record.status else None
    reason = read_reason(said, row.cell("disconnect_reason")) if step else None
    if problem := _refusal(row.frame, record, step, on, reason, column):
        return _told(row, RowFate.REFUSED, problem, ours=record)
    return Told(
        row.line,
        RowFate.UPDATED,
        ours=record,
        word=said,
        step=step,
        happened_on=on,
        updated_on=updated_on,
        reason=reason,
        note=row.cell("disconnect_reason")[:LONGEST_NOTE] if reason or said is Said.OTHER else "",
        account_last4=new_account,
    )


def _account(row: Row) -> str | None:
    """The last four digits; a spreadsheet drops leading zeros."""
    text = row.cell("account_last4").removesuffix(".0")
    if not text:
        return None
    if text.isascii() and text.isdecimal() and len(text) <= 4:
        return text.zfill(4)
    row.wrong.append("account_last4: Write the last four digits of the account, and no more.")
    return None


def _account_alone(row: Row, record: Ours, account: str | None, on: dt.date) -> Told:
    """Of a row whose status is no news."""
    if account is None:
        return Told(row.line, None, ours=record)
    if record.account_on and on < record.account_on:
        older = f"Older than ours: the account has been known since {day_words(record.account_on)}, and this row is of {day_words(on)}."
        return _told(row, RowFate.IGNORED, older, ours=record)
    return Told(row.line, RowFate.UPDATED, ours=record, happened_on=on, account_last4=account)


def _known(record: Ours, said: Said) -> bool:
    """Whether the row says what stands already; a step that is said again after a problem settles it, and is news."""
    if said in PROBLEMS:
        return record.word == said
    return STEP_OF[said] is record.status and record.word not in PROBLEMS


def _older(record: Ours, told_on: dt.date | None, updated_on: dt.date | None, on: dt.date) -> str:
    """Why the row is older than what we know; "" if it is not. `told_on`: the day the row gives its status; None: it gives none."""
    if updated_on and record.updated_on and updated_on < record.updated_on:
        return f"Older than your last word: that row was last updated on {day_words(record.updated_on)}, this one on {day_words(updated_on)}."
    since = told_on or updated_on or on
    # What came without a day stands since its receipt, which is later than its last_updated: those two were compared above.
    undated = told_on is None and updated_on is not None and record.updated_on is not None
    if since < record.status_on and not (undated and record.status_on == record.said_on):
        stands = record.status.replace("_", " ")
        return f"Older than ours: “{stands}” since {day_words(record.status_on)}, and this row speaks of {day_words(since)}."
    if record.said_on and since < record.said_on and not undated:
        return f"Older than your last word, of {day_words(record.said_on)}: this row speaks of {day_words(since)}."
    return ""


def _refusal(
    frame: Frame, record: Ours, step: Status | None, on: dt.date, reason: EndReason | None, column: str
) -> str:
    """What stands against the row; "" for nothing. `column`: which one gives the day, "" for the day of receipt."""
    if step is None:
        return "" if on <= frame.received_on else f"{column}: This date is in the future."
    if record.status is Status.ENDED:
        return (
            f"Service of this record ended on {day_words(record.status_on)}. Ask us before you serve this family again."
        )
    problems = step_problems(
        before=record.status,
        after=step,
        on=on,
        last_on=record.status_on,
        today=frame.received_on,
        reason=reason,
        service_type=ServiceType(record.service_type) if record.service_type else None,
    )
    if "status" in problems:
        stands = record.status.replace("_", " ")
        problems["status"] = (
            f"With us this record is “{stands}” since {day_words(record.status_on)}. {problems['status']}"
        )
    outside = outside_year(
        on,
        label=frame.year_label,
        starts_on=frame.starts_on,
        ends_on=frame.ends_on,
        service_until=record.service_until,
    )
    if outside:
        problems.setdefault("happened_on", outside)
    if column and "happened_on" in problems:
        problems["happened_on"] = f"{column}: {problems['happened_on']}"
    if record.code_state in VOID_CODE and step is not Status.ENDED:
        problems["code"] = (
            f"The code {shown(record.code)} is {record.code_state} with us. Ask us before you serve this family with it."
        )
    return " ".join(problems.values())
