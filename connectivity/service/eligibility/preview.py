"""Assesses every household for a run, and writes what it would do: nothing of the register changes."""

import datetime as dt
import gc
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectivity.access import factors
from connectivity.bulk import fetch, table_of, widen_cache, write
from connectivity.database import now, transaction
from connectivity.jobs import Report
from connectivity.register import Account, Change, EligibilityOutcome, EligibilityRun, RunState, Student
from connectivity.rules.eligibility import BIT, SENSITIVE, Assessment, Facts, Mode, Policy, assess
from connectivity.rules.eligibility_words import public_words, sealed_words
from connectivity.service.eligibility import groups, runs
from connectivity.service.eligibility.homes import Home, area_names, homes
from connectivity.service.eligibility.policies import hardship, rules_of
from connectivity.tabular.value_words import factor_said

ROWS_AT_ONCE = 20_000
ALL = sum(BIT.values())
Bits = tuple[int, int]  # has, unknown


@dataclass
class Found:
    """What came of each household, column by column."""

    household: list[int] = field(default_factory=list)
    change: list[str] = field(default_factory=list)
    eligible: list[bool | None] = field(default_factory=list)
    score: list[int | None] = field(default_factory=list)
    explanation: list[str] = field(default_factory=list)
    sealed: list[bytes | None] = field(default_factory=list)
    area: list[int | None] = field(default_factory=list)
    determination: list[int | None] = field(default_factory=list)
    alike: list[groups.Alike] = field(default_factory=list)


def preview(session: Session, run_id: int, *, today: dt.date, report: Report) -> RunState | None:
    """Makes the preview of a run that waits for it; None if it does not wait any more. Begins anew whenever it is called."""
    with transaction(session):
        if runs.take_up(session, run_id) is None:
            return None
    was = gc.isenabled()
    gc.disable()  # rows by the hundred thousand hold no cycles, and walking them takes as long as the work
    try:
        return _preview(session, run_id, today, report)
    finally:
        if was:
            gc.enable()


def _preview(session: Session, run_id: int, today: dt.date, report: Report) -> RunState:
    run = session.get_one(EligibilityRun, run_id)
    year, policy, vintage = run.program_year, rules_of(run.policy), run.policy.hardship_vintage
    bits: dict[int, Bits] = {}
    if policy.sensitive:
        report("Opening sealed factors", 0, 0)
        bits = _open(session, run)
    report("Reading households", 0, 0)
    every = homes(session, year, district_decides=policy.mode is Mode.DISTRICT, today=today)
    found = _assess_all(policy, every, bits, hardship(session, vintage), area_names(session), report)
    counts, by_area = _counts(found)
    with transaction(session):
        run = runs.locked(session, run_id)
        if run.state != RunState.ASSESSING:  # put aside while it was made
            return RunState(run.state)
        _write(session, run_id, found, report)
        run.state, run.planned_at, run.counts, run.by_area = RunState.PLANNED, now(), counts, by_area
        run.opened = len(bits)
        run.sealed_groups = (
            factors.seal({"groups": groups.to_text(groups.counted(found.alike))}) if policy.sensitive else None
        )
    return RunState.PLANNED


def _open(session: Session, run: EligibilityRun) -> dict[int, Bits]:
    """Household -> its factors: it has one if any of its students has; it lacks one only if all of them are known not to have it."""
    account = session.get(Account, run.started_by) if run.started_by else None
    students = Counter(household for (household,) in fetch(session, select(Student.household_id)))
    has: dict[int, int] = defaultdict(int)
    unknown: dict[int, int] = defaultdict(int)
    heard: Counter[int] = Counter()
    for household, (yes, open_) in factors.open_year(
        session, account=account, year=run.program_year, run_id=run.id, read=read_factors
    ):
        has[household] |= yes
        unknown[household] |= open_
        heard[household] += 1
    return {
        one: (has[one], (ALL if heard[one] < count else unknown[one]) & ~has[one])
        for one, count in students.items()
        if heard[one]
    }


def read_factors(written: Mapping[str, str] | None) -> Bits:
    """One student's factors as the district wrote them -> the bits of those it has, and of those that nobody knows."""
    has = unknown = 0
    for factor in SENSITIVE:
        said = factor_said(factor, (written or {}).get(factor, ""))
        if said is None:
            unknown |= BIT[factor]
        elif said:
            has |= BIT[factor]
    return has, unknown


@dataclass(frozen=True)
class _Judged:
    """An assessment with its words: made once for all households of the same facts."""

    found: Assessment
    public: str
    sealed: str


def _assess_all(
    policy: Policy,
    every: Sequence[Home],
    bits: Mapping[int, Bits],
    index: Mapping[int, int],
    names: Mapping[int, str],
    report: Report,
) -> Found:
    found, judged = Found(), dict[Facts, _Judged]()
    for at, home in enumerate(every):
        if at % ROWS_AT_ONCE == 0:
            report("Assessing households", at, len(every))
        has, unknown = bits.get(home.household, (0, ALL)) if policy.sensitive else (0, 0)
        facts = Facts(home.area, names[home.area], index.get(home.area), home.district, has, unknown)
        one = judged.get(facts)
        if one is None:
            one = judged[facts] = _judge(policy, facts)
        _add(found, policy, home, one)
        found.alike.append((home.area, home.district, has, unknown, home.now, home.active, home.held))
    return found


def _judge(policy: Policy, facts: Facts) -> _Judged:
    found = assess(policy, facts)
    return _Judged(found, public_words(policy, facts, found), sealed_words(policy, facts, found))


def _add(found: Found, policy: Policy, home: Home, one: _Judged) -> None:
    found.household.append(home.household)
    found.change.append(_change(home, one.found))
    found.eligible.append(one.found.eligible)
    found.score.append(None if policy.sensitive else one.found.score)
    found.explanation.append(one.public)
    # A token for each household, even where the words are the same: equal tokens would tell who is alike.
    found.sealed.append(factors.seal({"words": one.sealed}) if one.sealed else None)
    found.area.append(home.area or None)
    found.determination.append(home.determination)


def _change(home: Home, found: Assessment) -> str:
    eligible = found.eligible
    if home.held is not None:
        return Change.HELD.value
    if eligible is None:
        return Change.UNDECIDED.value
    if eligible:
        return (Change.STAYS_ELIGIBLE if home.now else Change.GAINS).value
    return (Change.LOSES if home.now else Change.STAYS_OUT).value


def _counts(found: Found) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    by_area: dict[str, Counter[str]] = defaultdict(Counter)
    for area, change in zip(found.area, found.change, strict=True):
        by_area[str(area or 0)][change] += 1
    return dict(Counter(found.change)), {area: dict(counts) for area, counts in by_area.items()}


def _write(session: Session, run_id: int, found: Found, report: Report) -> None:
    widen_cache(session)
    session.execute(delete(EligibilityOutcome).where(EligibilityOutcome.run_id == run_id))
    total = len(found.household)
    for at in range(0, total, ROWS_AT_ONCE):
        report("Writing the preview", at, total)
        piece = slice(at, at + ROWS_AT_ONCE)
        count = len(found.household[piece])
        columns: dict[str, Sequence[Any]] = {
            "run_id": [run_id] * count,
            "household_id": found.household[piece],
            "change": found.change[piece],
            "eligible": found.eligible[piece],
            "score": found.score[piece],
            "explanation": found.explanation[piece],
            "sealed": found.sealed[piece],
            "community_area": found.area[piece],
            "determination_id": found.determination[piece],
            "written": [False] * count,
        }
        write(session, table_of(EligibilityOutcome), columns)
    runs.look_at(session, EligibilityOutcome)
