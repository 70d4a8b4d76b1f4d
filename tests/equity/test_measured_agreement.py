"""Base counts of a demo program that was made untidy, against a second computation in pandas on the raw rows of every table."""

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import cache
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from connectivity.database import make_engine, make_sessions
from connectivity.equity.measured import answers, brakes, households, reach, retention, students
from connectivity.equity.measured.catalog import BASE
from connectivity.equity.measured.count import count_all
from connectivity.register import (
    ConnectivityResponse,
    Enrollment,
    EnrollmentEvent,
    Household,
    ProgramYear,
    Residence,
    Student,
)
from tests import factories
from tests.conftest import BACKENDS
from tests.demo.programs import make

NOUNS = (ConnectivityResponse, Enrollment, EnrollmentEvent, Household, ProgramYear, Residence, Student)
Raw = dict[str, pd.DataFrame]
Counts = dict[str, dict[str, int]]


class Program:
    """An untidy program, all its raw rows, and what they say of a day. Not to be changed."""

    def __init__(self, session: Session) -> None:
        self.session = session
        raw = {noun.__tablename__: _rows(session, noun) for noun in NOUNS}
        self.expected = cache(lambda label, as_of: second(raw, label, as_of))

    def counted(self, label: str, as_of: str) -> Mapping[str, Mapping[str, int]]:
        year = self.session.scalars(select(ProgramYear).where(ProgramYear.label == label)).one()
        return count_all(self.session, program_year=year, as_of=dt.date.fromisoformat(as_of)).tables


# Program year and day: near its beginning, within it, on its last day, after it, before anything.
DAYS = (
    ("2026-27", "2026-11-23"), ("2026-27", "2026-09-15"), ("2026-27", "2026-07-01"), ("2025-26", "2026-06-30"),
    ("2025-26", "2026-03-01"), ("2023-24", "2024-02-29"), ("2021-22", "2021-12-31"), ("2020-21", "2021-07-20"), ("2020-21", "2020-01-01"),
)  # fmt: skip


@pytest.fixture(scope="module", params=BACKENDS)
def program(request: pytest.FixtureRequest, templates: Callable[[str], Any]) -> Iterator[Program]:
    databases = templates(request.param)
    url = databases.clone("loaded")
    with ExitStack() as stack:
        stack.callback(databases.drop, url)
        engine = make_engine(url)
        stack.callback(engine.dispose)
        session = stack.enter_context(make_sessions(engine)())
        make(session, households=500, seed=11)
        _untidy(session, random.Random(5))
        session.commit()
        yield Program(session)


def _rows(session: Session, noun: Any) -> pd.DataFrame:
    table = noun.__table__
    rows = pd.DataFrame(session.execute(select(table)).all(), columns=list(table.columns.keys()))
    for name in rows.columns:
        if name.endswith("_on"):
            rows[name] = pd.to_datetime(rows[name])
    return rows


# --- what a demo program is too tidy for ---------------------------------------------------------------------------------------------


def _untidy(session: Session, rng: random.Random) -> None:
    homes = list(session.scalars(select(Household.id).order_by(Household.id)))
    enrolled = list(session.scalars(select(Enrollment).order_by(Enrollment.id)))
    for one in rng.sample(enrolled, 400):
        _oddly_stepped(rng, one)
    for one in rng.sample(enrolled, 60):
        one.service_type = rng.choice([None, "smartphone", "hotspot"])
    session.flush()
    for home in rng.sample(homes, 80):
        _oddly_housed(session, rng, home)
    for home in rng.sample(homes, 150):
        _asked_again(session, rng, home)
    for home in rng.sample(homes, 40):
        session.get_one(Household, home).language = rng.choice(["yue", "ko", "mis", "uk"])
    chain = rng.sample(homes, 40)
    for folded, kept in zip(chain[:20], [*chain[20:39], chain[1]], strict=True):
        _merge(session, folded, kept)


def _oddly_stepped(rng: random.Random, one: Enrollment) -> None:
    """Adds steps that end it as a duplicate, take it up again, suspend it, date a later entry earlier, or share a day."""
    last = one.events[-1].happened_on
    soon, later = last + dt.timedelta(days=rng.randrange(40)), last + dt.timedelta(days=rng.randrange(40, 120))
    if online := [step.happened_on for step in one.events if step.status == "active"]:
        to_the_day = min(online) + dt.timedelta(days=rng.choice([90, 91, 365, 366]))
        if rng.random() < 0.3:
            one.events.append(EnrollmentEvent(status="suspended", happened_on=to_the_day))
    anew = [
        ("ended", soon, "opted_out"),
        ("eligible", later, None),
        ("code_issued", later, None),
        ("active", later, None),
    ]
    added = rng.choice(
        [
            [("ended", soon, "duplicate")],
            [("ended", soon, "duplicate"), ("eligible", later, None)],
            anew,
            anew[:3],
            [("active", soon, None), ("suspended", later, None), ("active", later, None)],
            [("active", later, None), ("suspended", soon, None)],
            [("suspended", last, None)],
            [("code_issued", last - dt.timedelta(days=rng.randrange(120)), None)],
            [("active", last - dt.timedelta(days=rng.randrange(120)), None)],
            [("ended", soon, rng.choice(["not_installed", "cancelled", "opted_out", "other", "graduated"]))],
        ]
    )
    notes = (
        "",
        "Said the letter was UNCLEAR",
        "does not trust the program",
        "Already has internet",
        "100% sure, no_thanks",
    )
    one.events += [
        EnrollmentEvent(status=status, happened_on=on, reason=reason, note=rng.choice(notes))
        for status, on, reason in added
    ]


def _oddly_housed(session: Session, rng: random.Random, home: int) -> None:
    """Moves the household, leaves it without a home, has two homes overlap, or forgets when it came."""
    last = session.scalars(select(Residence).where(Residence.household_id == home, Residence.ends_on.is_(None))).one()
    on = max(last.starts_on, dt.date(2026, 11, 23) - dt.timedelta(days=rng.randrange(700)))
    what = rng.randrange(5)
    if what == 0:
        last.starts_on = on
        return
    last.ends_on = on + dt.timedelta(days=30 if what == 1 else 0)
    session.flush()
    if what == 2:
        return
    after = factories.residence(home, rng.choice([None, *range(1, 78)]))
    after.starts_on = on
    session.add(after)
    session.flush()


def _asked_again(session: Session, rng: random.Random, home: int) -> None:
    said = rng.choice(
        [
            {"access": "Yes", "performance": rng.choice(["Yes", "No"])},
            {"access": "No", "barrier": rng.choice([None, "NotDesired", "Other"])},
            {"access": rng.choice(["Unknown", "Declined"])},
            {"device": "Tablet"},
        ]
    )
    lived = list(session.scalars(select(Residence.id).where(Residence.household_id == home).order_by(Residence.id)))
    on = dt.date(2026, 11, 30) - dt.timedelta(days=rng.randrange(800))
    session.add(
        ConnectivityResponse(
            household_id=home, residence_id=rng.choice([None, *lived]), observed_on=on, respondent="guardian", mode="phone",
            language="en", instrument="test", **said,
        )
    )  # fmt: skip
    session.flush()


def _merge(session: Session, folded: int, kept: int) -> None:
    """As households are merged: everything moves but homes, and enrollments of years in which the kept one has its own."""
    for noun in (Student, ConnectivityResponse):
        session.execute(update(noun).where(noun.household_id == folded).values(household_id=kept))
    taken = select(Enrollment.program_year_id).where(Enrollment.household_id == kept)
    years = list(session.scalars(taken))
    if kept % 3 == 0:  # one of them in another year than the other, so that enrollments do move
        newest = Enrollment.household_id == kept, Enrollment.program_year_id == max(years)
        ids = select(Enrollment.id).where(*newest)
        session.execute(delete(EnrollmentEvent).where(EnrollmentEvent.enrollment_id.in_(ids)))
        session.execute(delete(Enrollment).where(*newest))
        years.remove(max(years))
    free = Enrollment.household_id == folded, Enrollment.program_year_id.not_in(years)
    session.execute(update(Enrollment).where(*free).values(household_id=kept))
    session.execute(update(Household).where(Household.id == folded).values(merged_into_id=kept))
    session.flush()


# --- the second computation ------------------------------------------------------------------------------------------------------------

FAR = {
    "eligible": 0, "contacted": 1, "code_issued": 2, "ordered": 3, "kit_shipped": 3, "installed": 3, "active": 4, "suspended": 4,
}  # fmt: skip
TELLS = {
    "trust": ("fears a bill", "not believe", "not trust"),
    "offer": ("unclear",),
    "other": ("has service already", "already has internet"),
}


def second(raw: Raw, label: str, as_of: str) -> Counts:
    day = pd.Timestamp(as_of)
    year = raw["program_year"].set_index("label").loc[label]
    steps = _steps(raw, day)
    found = _households(steps[steps.program_year_id == year.id], raw)
    found["area"] = found.index.map(_areas(raw, day)).fillna("unplaced")
    tables = _reach(found, raw, day)
    tables |= _retention(steps, found, raw, day)
    tables |= _answers(found, raw, day)
    return tables | _students(found, raw)


def _steps(raw: Raw, day: pd.Timestamp) -> pd.DataFrame:
    """Steps by the day, in the order of days and then of entry, of households and enrollments that count."""
    enrollments = raw["enrollment"].rename(columns={"id": "enrollment_id"})
    columns = ["enrollment_id", "household_id", "program_year_id", "service_type"]
    steps = raw["enrollment_event"].merge(enrollments[columns], on="enrollment_id")
    alone = raw["household"][raw["household"].merged_into_id.isna()].id
    steps = steps[(steps.happened_on <= day) & steps.household_id.isin(alone)].sort_values(["happened_on", "id"])
    last = steps.drop_duplicates("enrollment_id", keep="last")
    return steps[~steps.enrollment_id.isin(last[last.reason == "duplicate"].enrollment_id)]


def _households(steps: pd.DataFrame, raw: Raw) -> pd.DataFrame:
    far = steps.assign(far=steps.status.map(FAR))
    last = steps.drop_duplicates("household_id", keep="last").set_index("household_id")
    found = pd.DataFrame(
        {"far": far.groupby("household_id").far.max(), "last": last.status, "reason": last.reason, "note": last.note}
    )
    found["enrollment_id"], found["path"] = last.enrollment_id, last.service_type
    found["language"] = raw["household"].set_index("id").language
    found["coded_on"] = far[far.status == "code_issued"].groupby("household_id").happened_on.min()
    found["active_on"] = far[far.far == 4].groupby("household_id").happened_on.min()
    return found[found.far >= 0]


def _areas(raw: Raw, day: pd.Timestamp) -> pd.Series:
    homes = raw["residence"]
    homes = homes[(homes.starts_on <= day) & (homes.ends_on.isna() | (homes.ends_on > day))].sort_values(
        ["starts_on", "id"]
    )
    areas = homes.drop_duplicates("household_id", keep="last").set_index("household_id").community_area.dropna()
    return areas.astype(int).astype(str)


def _tally(column: pd.Series) -> dict[str, int]:
    return {str(cell): int(number) for cell, number in column.value_counts().items()}


def _reach(found: pd.DataFrame, raw: Raw, day: pd.Timestamp) -> Counts:
    stages = ("eligible", "contacted", "code_issued", "ordered", "ever_active")
    tables = {name: _tally(found[found.far >= at].area) for at, name in enumerate(stages)}
    active = found[found["last"] == "active"]
    events = raw["enrollment_event"]
    again = events[(events.status == "code_issued") & (events.happened_on > day)].enrollment_id
    path = active.path.where(~active.enrollment_id.isin(again)).fillna("unknown")
    tables["active"] = _tally(active.area)
    tables |= {
        f"active_{one}": _tally(active[path == one].area) for one in ("wired", "hotspot", "smartphone", "unknown")
    }
    for name, which in (("eligible", found), ("active", active)):
        first = ("en", "es", "pl", "cmn", "yue", "ar", "ur", "uk")
        tables[f"{name}_by_language"] = _tally(which.language.where(which.language.isin(first), "other"))
    tables["not_taking_part_by_brake"] = _tally(found.apply(_brake, axis=1)) if len(found) else {}
    online = found[found.far == 4]
    tables["ever_active_by_days"] = _tally(online.apply(_band, axis=1)) if len(online) else {}
    return tables


def _brake(one: pd.Series) -> str | None:
    if one["last"] in ("ordered", "kit_shipped", "installed", "active", "suspended"):
        return None
    if one["last"] != "ended":
        return "awareness" if one["last"] == "eligible" else "unknown"
    if one.reason not in ("opted_out", "cancelled", "other"):
        return "limits" if one.reason == "not_installed" else "other"
    return next((cell for cell, words in TELLS.items() if any(word in one.note.lower() for word in words)), "unknown")


def _band(one: pd.Series) -> str:
    if pd.isna(one.coded_on) or one.coded_on > one.active_on:
        return "unknown"
    days = (one.active_on - one.coded_on).days
    bands = ((7, "0-7"), (14, "8-14"), (30, "15-30"), (60, "31-60"), (90, "61-90"))
    return next((cell for most, cell in bands if days <= most), "over 90")


def _retention(steps: pd.DataFrame, found: pd.DataFrame, raw: Raw, day: pd.Timestamp) -> Counts:
    ever = steps[steps.status.isin(["active", "suspended"])].groupby("household_id").happened_on.min()
    areas = _areas(raw, day)
    ends = raw["program_year"].set_index("id").ends_on
    of_home = dict(iter(steps.groupby("household_id")))
    tables: Counts = {}
    for days, first in ((90, found.active_on.dropna()), (365, ever)):
        first = first[first + pd.Timedelta(days=days) <= day]
        kept = [home for home, on in first.items() if _served(of_home[home], on + pd.Timedelta(days=days), ends)]
        tables[f"started_{days}"] = _tally(pd.Series(first.index, dtype=object).map(areas).fillna("unplaced"))
        tables[f"kept_{days}"] = _tally(pd.Series(kept, dtype=object).map(areas).fillna("unplaced"))
    return tables


def _served(steps: pd.DataFrame, on: pd.Timestamp, ends: pd.Series) -> bool:
    """Steps of one household: whether it had service at the end of that day."""
    for enrollment, own in steps.groupby("enrollment_id"):
        by_then = own[own.happened_on <= on]
        if by_then.empty or by_then.status.iloc[-1] != "active":
            continue
        last_day = ends[own.program_year_id.iloc[0]]
        later = steps[(steps.enrollment_id != enrollment) & (steps.status == "active") & (steps.happened_on > on)]
        if on <= last_day or (later.happened_on <= last_day + pd.Timedelta(days=92)).any():
            return True
    return False


def _answers(found: pd.DataFrame, raw: Raw, day: pd.Timestamp) -> Counts:
    said = raw["connectivity_response"]
    said = said[
        (said.observed_on <= day)
        & (said.observed_on > day - pd.DateOffset(years=1))
        & said.household_id.isin(found.index)
    ]
    left = raw["residence"][raw["residence"].ends_on <= day]
    about = said.merge(
        left[["id", "household_id"]], left_on="residence_id", right_on="id", how="left", suffixes=("", "_left")
    )
    about["access"] = about.access.where(about.household_id_left != about.household_id)
    about["told"] = about.access.notna()
    newest = about.sort_values(["told", "observed_on", "id"]).drop_duplicates("household_id", keep="last")
    newest = newest.assign(area=newest.household_id.map(found.area))
    yes, no = newest[newest.access == "Yes"], newest[newest.access == "No"]
    return {
        "responded": _tally(newest.area),
        "access_known": _tally(pd.concat([yes, no]).area),
        "access_yes": _tally(yes.area),
        "adequate": _tally(yes[yes.performance == "Yes"].area),
        "unconnected_by_barrier": _tally(no.barrier.fillna("unknown")),
    }


def _students(found: pd.DataFrame, raw: Raw) -> Counts:
    band = dict.fromkeys(["PK", "K", "1", "2"], "PK-2") | dict.fromkeys(["3", "4", "5"], "3-5")
    band |= dict.fromkeys(["6", "7", "8"], "6-8") | dict.fromkeys(["9", "10", "11", "12"], "9-12")
    tables: Counts = {}
    for name, which in (("eligible", found), ("active", found[found["last"] == "active"])):
        of_them = raw["student"][raw["student"].household_id.isin(which.index)]
        tables[f"{name}_students"] = _tally(of_them.household_id.map(which.area))
        tables[f"{name}_students_by_grade"] = _tally(of_them.grade.map(band))
    return tables


# --- the claims ------------------------------------------------------------------------------------------------------------------------


def differing(one: Mapping[str, Mapping[str, int]], other: Counts) -> set[str]:
    """The tables that are not the same in every cell."""
    return {
        table.key for table in BASE if one[table.key] != {cell: other[table.key].get(cell, 0) for cell in table.cells}
    }


@pytest.mark.parametrize(("label", "as_of"), DAYS)
def test_every_table_agrees_with_a_second_computation(program: Program, label: str, as_of: str) -> None:
    expected = program.expected(label, as_of)
    assert set(expected) == {table.key for table in BASE}
    assert all(set(expected[table.key]) <= set(table.cells) for table in BASE)
    assert differing(program.counted(label, as_of), expected) == set()


def test_the_program_puts_every_table_and_every_rule_to_the_test(program: Program) -> None:
    found = program.counted("2026-27", "2026-11-23")
    assert all(sum(cells.values()) for cells in found.values())
    assert all(all(found[table.key].values()) for table in BASE if table.by in ("brake", "grade_band", "barrier"))


@pytest.mark.parametrize(("label", "as_of"), DAYS)
def test_no_cell_exceeds_what_it_is_part_of_and_partitions_add_up(program: Program, label: str, as_of: str) -> None:
    found = program.counted(label, as_of)
    kind = {table.key: table.by for table in BASE}
    for table in BASE:
        for above in table.steps:
            alike = kind[above] == table.by
            pairs = [(found[table.key][cell], found[above][cell]) for cell in table.cells] if alike else []
            pairs.append((sum(found[table.key].values()), sum(found[above].values())))
            assert all(less <= more for less, more in pairs), (table.key, above)
        if table.adds_up_to and table.by != "area":
            assert sum(found[table.key].values()) == sum(found[table.adds_up_to].values())
    paths = [found[table.key] for table in BASE if table.adds_up_to == "active" and table.by == "area"]
    assert all(sum(path[cell] for path in paths) == number for cell, number in found["active"].items())
    no = sum(found["access_known"].values()) - sum(found["access_yes"].values())
    assert sum(found["unconnected_by_barrier"].values()) == no


def _today_alone(household_id: Any, _as_of: dt.date) -> Any:
    return area_on(household_id, dt.date(2026, 11, 23))


area_on = households.area_on
later = retention.days_after
WRONG: dict[str, tuple[Any, str, Any, set[str]]] = {
    "homes of today": (reach, "area_on", _today_alone, {"eligible"}),
    "homes of today, of students": (students, "area_on", _today_alone, {"eligible_students"}),
    "homes of today, of answers": (answers, "area_on", _today_alone, {"responded"}),
    "duplicates of other years": (retention, "duplicates", lambda _: select(Enrollment.id.label("enrollment_id")).where(Enrollment.id < 0), {"started_365"}),
    "no summer between two years": (retention, "LATEST_AFTER", dt.timedelta(), {"kept_365"}),
    "a day late": (retention, "days_after", lambda day, days: later(day, days + 1), {"kept_90"}),
    "answers of all times": (answers, "a_year_before", lambda _: dt.date(1900, 1, 1), {"responded", "access_known"}),
    "a stage missed": (households, "STAGE_OF", {k: v for k, v in households.STAGE_OF.items() if k != "suspended"}, {"ever_active"}),
    "words overlooked": (brakes, "NOTED", {"trust": ("fears a bill",)}, {"not_taking_part_by_brake"}),
    "a band too wide": (reach, "DAY_BANDS", {**reach.DAY_BANDS, "0-7": 8}, {"ever_active_by_days"}),
    "a language forgotten": (reach, "LANGUAGES", reach.LANGUAGES[1:], {"eligible_by_language"}),
    "the end overlooked": (households, "EndReason", type("EndReason", (), {"DUPLICATE": "none"}), {"eligible", "eligible_students"}),
    "first entered, not last": (
        households, "newest_first", lambda step: (step.id.asc(),), {"active", "eligible"},
    ),
    "by entry, not by day": (households, "newest_first", lambda step: (step.id.desc(),), {"active"}),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_program_disagrees(program: Program, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    room, word, wrong, told = WRONG[name]
    monkeypatch.setattr(room, word, wrong)
    different = set()
    for label, as_of in DAYS[:6]:
        different |= differing(program.counted(label, as_of), program.expected(label, as_of))
    assert told <= different
