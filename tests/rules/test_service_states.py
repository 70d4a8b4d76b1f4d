"""Every step from every status, and the days they may fall on."""

import datetime as dt
from itertools import product

import pytest

from connectivity.rules.service_states import LABEL, NEXT, NEXT_STEP, EndReason, Status, step_problems

TODAY = dt.date(2026, 11, 20)

# Written out by hand from the program's rules, not read from the code.
ALLOWED = {
    "eligible": {"contacted", "code_issued", "ended"},
    "contacted": {"code_issued", "ended"},
    "code_issued": {"ordered", "active", "ended"},
    "ordered": {"active", "ended"},
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


@pytest.mark.parametrize(("before", "after"), list(product(ALLOWED, ALLOWED)))
def test_a_step_is_taken_exactly_where_the_program_allows_it(before: str, after: str) -> None:
    assert ("status" not in problems(before, after)) == (after in ALLOWED[before])


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
    assert without_code.isdisjoint({Status.CODE_ISSUED, Status.ORDERED, Status.ACTIVE, Status.SUSPENDED})


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
