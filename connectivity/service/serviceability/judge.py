"""What becomes of one row of answers: taken, known already, left blank, ignored or refused, and why. Asks no database."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from connectivity.rules.names import fold
from connectivity.rules.serviceability_words import (
    FOUND,
    ExistingService,
    MatchResult,
    Serviceable,
    allowed,
    read_existing,
    read_match,
    read_serviceable,
    read_speed,
)
from connectivity.service.provider_files.reading import Line
from connectivity.service.serviceability.columns import TO_FILL
from connectivity.service.serviceability.spelling import Asked, Key, echoed, same_place
from connectivity.tabular.dates import date
from connectivity.tabular.problems import echo
from connectivity.tabular.trouble import Trouble

OLDEST = dt.timedelta(days=5 * 366)  # before we asked; more is a mistyped year
LONGEST_NOTE, LONGEST_TECHNOLOGY = 300, 60


class Became(StrEnum):
    """What became of a row."""

    TAKEN = "taken"
    UNCHANGED = "unchanged"
    BLANK = "blank"
    IGNORED = "ignored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a provider says of an address. `checked_on` None: it names no day."""

    match_result: MatchResult
    found_address: str
    serviceable: Serviceable
    existing_service: ExistingService
    technology: str
    max_down_mbps: int | None
    checked_on: dt.date | None
    note: str

    @property
    def words(self) -> tuple[object, ...]:
        """What it says, its day aside."""
        found = (self.match_result, self.found_address, self.serviceable, self.existing_service)
        return (*found, self.technology, self.max_down_mbps, self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The newest answer that we hold of an address. `asked_on`: the day of its question."""

    answer: Answer
    on: dt.date
    asked_on: dt.date
    id: int | None = None  # None: from an earlier row of the same file
    accepted: bool | None = None
    decided_by: int | None = None
    decided_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A row's fate. `kept_unknown`: it said yes or no of an address that was not found, which cannot be known."""

    line: Line
    became: Became
    message: str = ""
    expected: str = ""
    asked: Asked | None = None
    answer: Answer | None = None
    decided: Standing | None = None  # how it stands now: a correction that a person accepted once is accepted
    before: Standing | None = None
    kept_unknown: bool = False


@dataclass(kw_only=True)
class Frame:
    """What every row of a file is held against. `standing` and `said` grow with the rows that are taken."""

    places: Mapping[str, int]
    asked: Mapping[str, Asked]  # request id -> what we asked
    standing: dict[Key, Standing]
    said: dict[int, Standing]  # request -> its own newest answer
    provider_id: int
    provider: str
    names: frozenset[str]  # every name the provider ever had, folded
    received_on: dt.date


@dataclass
class _Row:
    """One row while it is looked at: what is wrong, what was expected."""

    frame: Frame
    line: Line
    wrong: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    kept_unknown: bool = False

    def cell(self, name: str) -> str:
        at = self.frame.places.get(name)
        text = "" if at is None else self.line.cells[at]
        return text if not text or text.isalnum() else " ".join(text.split())  # most cells are empty, or one word

    def told(self, became: Became, message: str = "") -> Told:
        text = " ".join([*self.wrong, message] if message else self.wrong)
        return Told(line=self.line, became=became, message=text, expected="; ".join(self.expected))


def judge(frame: Frame, lines: Sequence[Line]) -> list[Told]:
    """Every row's fate, in their order: a later row about the same address meets what an earlier one said."""
    same, different = _doubled(frame, lines)
    return [_judge(frame, line, same.get(line.number), different.get(line.number)) for line in lines]


def read_request(text: str) -> str:
    """A request id as we keep it."""
    return "".join(text.split()).upper()


def _doubled(frame: Frame, lines: Sequence[Line]) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Rows of a request that stands more than once: (row -> the first of the same, row -> all of them where they differ)."""
    of: dict[str, list[Line]] = {}
    at = frame.places["request_id"]
    for line in lines:
        if not line.fault and (reference := read_request(line.cells[at])):
            of.setdefault(reference, []).append(line)
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


def _judge(frame: Frame, line: Line, first: int | None, rows: Sequence[int] | None) -> Told:
    row = _Row(frame, line)
    if line.fault:
        return row.told(Became.REFUSED, line.fault)
    asked = _asked(row)
    if asked is None:
        return row.told(Became.REFUSED)
    if first is not None:
        return row.told(Became.IGNORED, f"The same request, with the same cells, stands in row {first}.")
    if rows is not None:
        listed = ", ".join(map(str, rows))
        row.wrong.append(f"This request stands in the file more than once, and its rows differ: {listed}. Leave one.")
    _batch_fits(row, asked)
    _provider_fits(row)
    if not any(row.cell(name) for name in TO_FILL if name != "checked_on"):
        return row.told(Became.REFUSED if row.wrong else Became.BLANK)
    answer = _answer(row, asked)
    if answer is None:
        return row.told(Became.REFUSED if row.wrong else Became.BLANK)
    return _weighed(row, asked, answer)


def _asked(row: _Row) -> Asked | None:
    text = row.cell("request_id")
    asked = row.frame.asked.get(read_request(text))
    if not text:
        row.wrong.append("The request_id is empty. Copy it from the file we sent.")
    elif asked is None:
        row.wrong.append(f"We asked nothing under “{echo(text)}”: it is no request_id of ours.")
    elif asked.provider_id != row.frame.provider_id:
        row.wrong.append(f"The request {echo(text)} was not sent to {row.frame.provider}, but to another provider.")
        asked = None
    return asked


def _batch_fits(row: _Row, asked: Asked) -> None:
    text = row.cell("batch_id")
    if text and read_request(text) != asked.batch:
        row.wrong.append(f"The batch_id “{echo(text)}” is not that of this request.")
        row.expected.append(f"batch_id {asked.batch}")


def _provider_fits(row: _Row) -> None:
    name = row.cell("isp")
    if name and fold(name) not in row.frame.names:
        row.wrong.append(f"The row names the provider “{echo(name)}”.")
        row.expected.append(f"isp {row.frame.provider}")


def _answer(row: _Row, asked: Asked) -> Answer | None:
    """What the row says; None where something is wrong, or where it says nothing."""
    match, serviceable, existing = _match(row), _serviceable(row), _existing(row)
    speed, checked_on = _speed(row), _day(row, asked)
    if match is None or serviceable is None or existing is None or row.wrong:
        return None
    match, found_address = _found(row, asked, match)
    if serviceable is Serviceable.NO and existing is ExistingService.YES:
        row.wrong.append(
            "The row says that this address has your service, and that it cannot be served. Correct one of the two."
        )
    if match not in FOUND:
        row.kept_unknown = serviceable is not Serviceable.UNKNOWN
        serviceable, existing = Serviceable.UNKNOWN, ExistingService.NOT_DISCLOSED
    if row.wrong:
        return None
    return Answer(
        match_result=match,
        found_address=found_address,
        serviceable=serviceable,
        existing_service=existing,
        technology=row.cell("technology")[:LONGEST_TECHNOLOGY],
        max_down_mbps=speed,
        checked_on=checked_on,
        note=row.cell("note")[:LONGEST_NOTE],
    )


def _match(row: _Row) -> MatchResult | None:
    text = row.cell("match_result")
    found = read_match(text)
    if text and found is None:
        row.wrong.append(
            f"“{echo(text)}” is no match_result we know. Write how you found the address: {allowed(MatchResult)}."
        )
    elif found is None and _says_something(row):
        row.wrong.append(f"The match_result is empty. Write how you found the address: {allowed(MatchResult)}.")
    return found


def _says_something(row: _Row) -> bool:
    said = read_serviceable(row.cell("serviceable")), read_existing(row.cell("existing_service"))
    other = any(row.cell(name) for name in ("corrected_address", "technology", "max_down_mbps"))
    return other or said != (Serviceable.UNKNOWN, ExistingService.NOT_DISCLOSED)


def _serviceable(row: _Row) -> Serviceable | None:
    text = row.cell("serviceable")
    found = read_serviceable(text)
    if found is None:
        row.wrong.append(f"“{echo(text)}” is no answer we know for serviceable. Write one of: {allowed(Serviceable)}.")
    return found


def _existing(row: _Row) -> ExistingService | None:
    text = row.cell("existing_service")
    found = read_existing(text)
    if found is None:
        row.wrong.append(
            f"“{echo(text)}” is no answer we know for existing_service. Write one of: {allowed(ExistingService)}."
        )
    return found


def _speed(row: _Row) -> int | None:
    text = row.cell("max_down_mbps")
    try:
        return read_speed(text)
    except ValueError:
        row.wrong.append(f"“{echo(text)}” is no speed for max_down_mbps. Write a number of Mbps, such as 100.")
        return None


def _day(row: _Row, asked: Asked) -> dt.date | None:
    try:
        text = date(row.cell("checked_on"))
    except Trouble as trouble:
        row.wrong.append(f"checked_on: {trouble.message} {trouble.advice}")
        return None
    day = dt.date.fromisoformat(text) if text else None
    if day and day > row.frame.received_on:
        row.wrong.append("checked_on is in the future. Check the year.")
    elif day and day < asked.asked_on - OLDEST:
        row.wrong.append(f"checked_on is more than five years before we asked, on {_said(asked.asked_on)}.")
    return day


def _found(row: _Row, asked: Asked, match: MatchResult) -> tuple[MatchResult, str]:
    """How the address was found after all, and as what. An address of another place under our id means that rows slipped."""
    given, theirs = echoed(row.cell), row.cell("corrected_address")
    slipped = bool(given) and not same_place(given, asked)
    if slipped and match is not MatchResult.CORRECTED:
        row.wrong.append(
            "The address is not the one we asked about under this request_id: were the rows sorted apart? "
            "If you corrected it, write “corrected” as match_result."
        )
        row.expected.append(f"address {asked.full}")
    found_address = theirs or (given if slipped else "")
    if match not in FOUND:
        return match, ""
    if found_address and same_place(found_address, asked):
        return MatchResult.EXACT, ""  # another spelling of ours
    return (MatchResult.CORRECTED if found_address else match), found_address


def _weighed(row: _Row, asked: Asked, answer: Answer) -> Told:
    """The answer against what we hold: news, known, or older."""
    frame, on = row.frame, answer.checked_on or row.frame.received_on
    said, standing = frame.said.get(asked.id), frame.standing.get(asked.key)
    if any(one and _says_the_same(one, answer) for one in (said, standing if answer.checked_on else None)):
        return row.told(Became.UNCHANGED)
    if standing and on < standing.on:
        older = f"Older than your answer of {_said(standing.on)}: this row was checked on {_said(on)}."
        return row.told(Became.IGNORED, older)
    if standing and not answer.checked_on and standing.asked_on > asked.asked_on:
        later = f"We asked about this address again on {_said(standing.asked_on)}, and you answered. Write checked_on if this row is newer."
        return row.told(Became.IGNORED, later)
    dated = answer if answer.checked_on else replace(answer, checked_on=on)
    fresh = Standing(answer=dated, on=on, asked_on=asked.asked_on)
    if standing and answer.found_address and standing.answer.found_address == answer.found_address:
        fresh = replace(
            fresh, accepted=standing.accepted, decided_by=standing.decided_by, decided_at=standing.decided_at
        )
    frame.standing[asked.key] = frame.said[asked.id] = fresh
    return Told(
        line=row.line,
        became=Became.TAKEN,
        asked=asked,
        answer=dated,
        decided=fresh,
        before=standing,
        kept_unknown=row.kept_unknown,
    )


def _says_the_same(one: Standing, answer: Answer) -> bool:
    return (answer.checked_on or one.on) == one.on and answer.words == one.answer.words


def _said(day: dt.date) -> str:
    return f"{day:%b} {day.day}, {day.year}"
