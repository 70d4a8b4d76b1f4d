"""What a provider's bill should say, and where it does not: each line against the homes as they stood on the first of the month.

Federal claims for sponsored service are taken from a snapshot on the first of the month, and only for homes that are really served
(USAC, ACP reimbursement claims); the same rule is kept here.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from connectivity.rules.money import dollars
from connectivity.rules.names import fold
from connectivity.rules.same_home import same_home
from connectivity.rules.service_states import N_


class Bucket(StrEnum):
    """What is wrong with a line, the graver first: a line stands in one bucket."""

    BILLED_TWICE = "billed_twice"
    AFTER_END = "after_end"
    NOT_ACTIVE = "not_active"
    DIFFERS = "differs"
    PRICE = "price"
    NOT_BILLED = "not_billed"  # no line at all


class MatchedBy(StrEnum):
    """What a line was matched by, the surest first."""

    CODE = "code"
    ACCOUNT = "account"
    ADDRESS = "address"


BUCKET_LABEL: dict[Bucket, str] = {
    Bucket.NOT_ACTIVE: N_("Billed and not active"),
    Bucket.NOT_BILLED: N_("Active and not billed"),
    Bucket.BILLED_TWICE: N_("Billed twice"),
    Bucket.AFTER_END: N_("Billed after the end"),
    Bucket.DIFFERS: N_("Address or household differs"),
    Bucket.PRICE: N_("Charged above the price"),
}

HONORED = (Bucket.DIFFERS, Bucket.PRICE)  # service of a home of ours: what such lines charge counts toward its month

NOT_YET = "On the first of the month this home was not in the program yet."
NOT_KNOWN = "provider not known"
WHO_IS_NOT_KNOWN = (
    "Which provider served this home on the first of the month is not known. Look into its history and decide."
)
NO_LINE = "Active on the first of the month, and no line."


@dataclass(frozen=True, slots=True)
class Home:
    """One enrollment with the provider, as it stood on the first of the month. `ended_on`: the last day of service, where it ended."""

    enrollment: int
    active: bool
    standing: str  # in words, for the reason
    ended_on: dt.date | None
    last_name: str
    line: str
    unit: str
    account_last4: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the bill. Empty text: the bill does not say. Money in cents; the days of service are both included."""

    number: int
    code: str
    account_last4: str
    last_name: str
    line: str
    unit: str
    service_from: dt.date
    service_to: dt.date
    total_cents: int
    charge_cents: int = 0
    tax_cents: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """The enrollment that a line is about, and how it was found."""

    enrollment: int
    by: MatchedBy


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to decide about. `number` None: no line; `enrollment` None: nobody of ours."""

    bucket: Bucket
    number: int | None
    enrollment: int | None
    cents: int
    reason: str


def match(lines: Sequence[Line], homes: Sequence[Home], codes: Mapping[str, int]) -> dict[int, Match]:
    """Line number -> the enrollment it is about: by code, then by account, then by address and name.

    `codes`: every code the provider was ever given -> its enrollment. An account or an address must lead to one home alone, and an
    account's four digits need the name or the address beside them; a line with a code that is ours is never matched by anything else.
    """
    accounts: dict[str, list[Home]] = defaultdict(list)
    streets: dict[str, list[Home]] = defaultdict(list)
    for home in homes:
        if home.account_last4:
            accounts[home.account_last4].append(home)
        streets[_place(home.line)].append(home)
    found = dict[int, Match]()
    for line in lines:
        there = (one for one in streets.get(_place(line.line), ()) if _same_name(line, one) and _same_home(line, one))
        if line.code in codes:
            found[line.number] = Match(codes[line.code], MatchedBy.CODE)
        elif (held := _only(one for one in accounts.get(line.account_last4, ()) if _supports(line, one))) is not None:
            found[line.number] = Match(held.enrollment, MatchedBy.ACCOUNT)
        elif line.line and line.last_name and (lived := _only(there)) is not None:
            found[line.number] = Match(lived.enrollment, MatchedBy.ADDRESS)
    return found


def _place(line: str) -> str:
    """House number and the street's first long word: what every writing of an address has."""
    words = line.split()
    return f"{line.partition(' ')[0]} {max(words[1:], key=len, default='')}"


def _only(homes: Iterable[Home]) -> Home | None:
    some = list(homes)
    return some[0] if len(some) == 1 else None


def _supports(line: Line, home: Home) -> bool:
    return (bool(line.last_name) and _same_name(line, home)) or (bool(line.line) and _same_home(line, home))


def _same_name(line: Line, home: Home) -> bool:
    return fold(line.last_name) == fold(home.last_name)


def _same_home(line: Line, home: Home) -> bool:
    return same_home((line.line, line.unit), (home.line, home.unit))


def findings(
    lines: Sequence[Line],
    homes: Sequence[Home],
    matches: Mapping[int, Match],
    *,
    billed_before: Mapping[int, Sequence[tuple[dt.date, dt.date]]],
    charged_before: Mapping[int, int],
    prices: Mapping[int, int],
) -> Iterator[Finding]:
    """What is to be decided about lines that bill something, in the order of the bill.

    `billed_before`: enrollment -> days of service on other bills. `charged_before`: enrollment -> cents that other bills of the month
    charge. `prices`: enrollment -> what a month should cost, where it is known; where it is not, no charge is held against it.
    """
    by_enrollment = {home.enrollment: home for home in homes}
    billed = {one: list(periods) for one, periods in billed_before.items()}
    charged = dict(charged_before)
    for line in lines:
        matched = matches.get(line.number)
        home = by_enrollment.get(matched.enrollment) if matched else None
        if matched is None:
            yield Finding(Bucket.NOT_ACTIVE, line.number, None, line.total_cents, _nobody(line))
            continue
        if home is None:
            yield Finding(Bucket.NOT_ACTIVE, line.number, matched.enrollment, line.total_cents, NOT_YET)
            continue
        mine = billed.setdefault(home.enrollment, [])
        before = charged.get(home.enrollment, 0)
        found = _wrong(line, home, mine, above(line, prices.get(home.enrollment), before))
        mine.append((line.service_from, line.service_to))
        if found is None or found.bucket in HONORED:
            charged[home.enrollment] = before + line.charge_cents
        if found is not None:
            yield found


def above(line: Line, price: int | None, before: int) -> tuple[int, str]:
    """Cents above the plan's price of the month, and why; (0, "") where nothing is. `before`: charged for the month on other lines.

    A tax is above where it is more than the charge itself: what a tax should be is not known here.
    """
    over = line.charge_cents - max(0, price - before) if price is not None else 0
    taxed = max(0, line.tax_cents - line.charge_cents)
    words = []
    if over > 0 and price is not None:
        beside = f" beside {dollars(before)} on other lines of the month" if before else ""
        words.append(f"{dollars(line.charge_cents)} is charged{beside}; the plan costs {dollars(price)} a month.")
    if taxed:
        words.append(f"The tax, {dollars(line.tax_cents)}, is more than the charge, {dollars(line.charge_cents)}.")
    return max(0, over) + taxed, " ".join(words)


def missing_words(*, refused: str, paid_back: str) -> str:
    """Why an active home is in the heap of those not billed. Each text names the line that was found, or is empty: `row 7`."""
    if refused:
        return f"Active on the first of the month; its line could not be read ({refused}). Correct that line and send it again."
    if paid_back:
        return f"Active on the first of the month; its line only pays back and bills no service ({paid_back})."
    return NO_LINE


def _nobody(line: Line) -> str:
    if line.code:
        return f"Nobody of ours: code {line.code} was not given out for this provider, and nothing else on the line names one home."
    return "Nobody of ours: no code, and account, name and address name no one home."


def _wrong(line: Line, home: Home, billed: Sequence[tuple[dt.date, dt.date]], over: tuple[int, str]) -> Finding | None:
    """The gravest alone. A line that is also charged too much says so in its reason."""
    if (grave := _not_ours_to_pay(line, home, billed)) is not None:
        return Finding(grave[0], line.number, home.enrollment, line.total_cents, grave[1])
    if differs := _differs(line, home):
        reason = f"Not as we have it: {', '.join(differs)}. {over[1]}".strip()
        return Finding(Bucket.DIFFERS, line.number, home.enrollment, line.total_cents, reason)
    return Finding(Bucket.PRICE, line.number, home.enrollment, *over) if over[0] else None


def _not_ours_to_pay(line: Line, home: Home, billed: Sequence[tuple[dt.date, dt.date]]) -> tuple[Bucket, str] | None:
    twice = next((one for one in billed if one[0] <= line.service_to and line.service_from <= one[1]), None)
    if twice is not None:
        return Bucket.BILLED_TWICE, f"Service from {_day(twice[0])} to {_day(twice[1])} is billed on another line."
    if home.ended_on is not None and home.ended_on < line.service_from:
        return Bucket.AFTER_END, f"Service ended on {_day(home.ended_on)}."
    if home.standing == NOT_KNOWN:
        return Bucket.NOT_ACTIVE, WHO_IS_NOT_KNOWN
    if not home.active:
        return Bucket.NOT_ACTIVE, f"On the first of the month this home stood at “{home.standing}”."
    return None


def _differs(line: Line, home: Home) -> list[str]:
    return [
        words
        for words, said, agrees in (
            ("the name", line.last_name, _same_name(line, home)),
            ("the address", line.line, _same_home(line, home)),
            ("the account", line.account_last4, home.account_last4 in ("", line.account_last4)),
        )
        if said and not agrees
    ]


def _day(day: dt.date) -> str:
    return f"{day:%b} {day.day}, {day.year}"
