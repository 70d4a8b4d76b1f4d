"""Every step from every status, the days they may fall on, and how long service goes on after leaving."""

import datetime as dt
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from connectivity.rules.service_states import (
    LABEL,
    NEXT,
    NEXT_STEP,
    NOT_ON_PATH,
    EndReason,
    ServiceType,
    Status,
    may_follow,
    outside_year,
    service_until,
    step_problems,
)

TODAY = dt.date(2026, 11, 20)

# Written out by hand from the program's rules, not read from the code.
ALLOWED = {
    "eligible": {"contacted", "code_issued", "ended"},
    "contacted": {"code_issued", "ended"},
    "code_issued": {"ordered", "kit_shipped", "installed", "active", "ended"},
    "ordered": {"kit_shipped", "installed", "active", "ended"},
    "kit_shipped": {"installed", "active", "ended"},
    "installed": {"active", "ended"},
    "active": {"suspended", "ended"},
    "suspended": {"active", "ended"},
    "ended": {"eligible"},
}


def problems(before: str | None, after: str, **given: object) -> dict[str, str]:
    values = {
        "on": TODAY,
        "last_on": TODAY,
        "today": TODAY,
        "reason": EndReason.OTHER if after == "ended" else None,
        **given,
    }
    return step_problems(before=Status(before) if before else None, after=Status(after), **values)  # type: ignore[arg-type]


HANDED_OVER = {"hotspot", "smartphone"}  # nothing is installed there


@pytest.mark.parametrize(("before", "after"), list(product(ALLOWED, ALLOWED)))
def test_a_step_is_taken_exactly_where_the_program_allows_it(before: str, after: str) -> None:
    assert ("status" not in problems(before, after)) == (after in ALLOWED[before])


@pytest.mark.parametrize(("before", "after", "path"), list(product(ALLOWED, ALLOWED, ServiceType)))
def test_nothing_is_installed_where_a_hotspot_or_a_phone_is_handed_over(
    before: str, after: str, path: ServiceType
) -> None:
    allowed = ALLOWED[before] - ({"installed"} if path in HANDED_OVER else set())
    assert ("status" not in problems(before, after, service_type=path)) == (after in allowed)


def test_an_enrollment_begins_as_eligible_and_no_other_way() -> None:
    assert [after for after in ALLOWED if not problems(None, after, last_on=None)] == ["eligible"]


def test_no_way_leads_to_service_past_the_code() -> None:
    """Whoever is ordered, active or suspended has been issued a code before."""
    without_code = {Status.ELIGIBLE}
    while True:
        reached = without_code | {
            after for before in without_code for after in NEXT[before] if after is not Status.CODE_ISSUED
        }
        if reached == without_code:
            break
        without_code = reached
    assert without_code == {Status.ELIGIBLE, Status.CONTACTED, Status.ENDED}


def test_a_step_in_the_future_or_before_the_last_one_is_refused_at_the_date() -> None:
    assert "future" in problems("eligible", "contacted", on=TODAY + dt.timedelta(days=1))["happened_on"]
    late = problems("eligible", "contacted", on=TODAY - dt.timedelta(days=1))
    assert "Nov 20, 2026" in late["happened_on"]
    assert problems("eligible", "contacted", on=TODAY) == {}


def test_a_reason_belongs_to_the_end_and_to_nothing_else() -> None:
    assert "reason" in problems("active", "ended", reason=None)
    assert "reason" in problems("active", "suspended", reason=EndReason.MOVED)


def test_every_problem_is_told_at_once() -> None:
    assert set(problems("eligible", "active", on=TODAY + dt.timedelta(days=1), reason=EndReason.MOVED)) == {
        "status",
        "happened_on",
        "reason",
    }


def test_every_status_has_a_word_a_next_step_and_a_way_on() -> None:
    assert set(LABEL) == set(NEXT_STEP) == set(NEXT) == set(Status)


paths = some.sampled_from([None, *ServiceType])


@given(path=paths, choices=some.lists(some.integers(min_value=0, max_value=8), max_size=40))
def test_no_walk_of_allowed_steps_leaves_the_machine_and_every_refusal_stays_one(
    path: ServiceType | None, choices: list[int]
) -> None:
    stands = Status.ELIGIBLE
    for choice in choices:
        steps = may_follow(stands, path)
        assert steps, f"nothing may follow {stands}"
        for one in Status:
            refused = "status" in problems(stands, one, service_type=path)
            assert refused == (one not in steps)
        stands = steps[choice % len(steps)]
        assert stands in Status
        assert stands not in (NOT_ON_PATH[path] if path else ())


@given(path=paths, start=some.sampled_from(Status))
def test_every_status_reaches_the_end_on_every_path(path: ServiceType | None, start: Status) -> None:
    reached = {start}
    while (more := reached | {after for before in reached for after in may_follow(before, path)}) != reached:
        reached = more
    assert Status.ENDED in reached


def state_table() -> list[str]:
    """The machine as the README shows it."""
    lines = ["| where a household stands | what may come next | for a hotspot or a phone |", "|---|---|---|"]
    for status in Status:
        wired, handed = (
            ", ".join(LABEL[one].lower() for one in may_follow(status, path))
            for path in (ServiceType.WIRED, ServiceType.HOTSPOT)
        )
        lines.append(f"| {LABEL[status].lower()} | {wired} | {'the same' if wired == handed else handed} |")
    return lines


def test_the_table_in_the_readme_is_the_machine() -> None:
    assert "\n".join(state_table()) in Path("README.md").read_text()
    assert NOT_ON_PATH[ServiceType.HOTSPOT] == NOT_ON_PATH[ServiceType.SMARTPHONE]  # one column stands for both


# Counted on a calendar by hand. A month that lacks the day ends on its last one.
@pytest.mark.parametrize(
    ("reason", "left", "until"),
    [
        ("graduated", "2027-06-15", "2027-09-15"),
        ("graduated", "2026-11-30", "2027-02-28"),
        ("graduated", "2027-11-30", "2028-02-29"),  # a leap year
        ("graduated", "2027-11-29", "2028-02-29"),
        ("graduated", "2027-01-31", "2027-04-30"),
        ("graduated", "2027-10-01", "2028-01-01"),
        ("graduated", "2027-09-30", "2027-12-30"),
        ("graduated", "2027-12-31", "2028-03-31"),
        ("city_colleges", "2028-02-29", "2031-02-28"),  # no leap year
        ("city_colleges", "2027-06-15", "2030-06-15"),
        ("city_colleges", "2025-02-28", "2028-02-28"),
        ("moved", "2028-02-29", "2028-02-29"),
        ("left_district", "2027-01-31", "2027-01-31"),
        ("opted_out", "2027-01-01", "2027-01-01"),
        ("not_eligible", "2027-06-30", "2027-06-30"),
        ("other", "2027-12-31", "2027-12-31"),
    ],
)
def test_service_goes_on_for_three_months_three_years_or_to_the_day(reason: str, left: str, until: str) -> None:
    assert service_until(EndReason(reason), dt.date.fromisoformat(left)) == dt.date.fromisoformat(until)


@given(left=some.dates(dt.date(2020, 1, 1), dt.date(2060, 12, 31)), reason=some.sampled_from(EndReason))
def test_service_never_ends_before_the_day_of_leaving_and_a_later_leaving_never_ends_it_earlier(
    left: dt.date, reason: EndReason
) -> None:
    assert service_until(reason, left) >= left
    assert service_until(reason, left + dt.timedelta(days=1)) >= service_until(reason, left)


def test_days_at_the_edges_of_the_calendar_do_not_overflow() -> None:
    first, last = dt.date.min, dt.date.max
    assert outside_year(dt.date(2026, 7, 1), label="2026-27", starts_on=first, ends_on=last) is None
    assert service_until(EndReason.CITY_COLLEGES, last) == service_until(EndReason.GRADUATED, last) == last
