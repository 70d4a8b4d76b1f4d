"""Base counts: a handful of households followed by hand, each rule by itself."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session

from connectivity.equity.measured.base import UNPLACED
from connectivity.equity.measured.catalog import BASE
from connectivity.equity.measured.count import Counted, count_all
from connectivity.register import ConnectivityResponse, Enrollment, EnrollmentEvent, Household, ProgramYear
from tests import factories

UPTOWN, AUSTIN = 3, 25
AS_OF = dt.date(2026, 11, 23)
STAGES = ("eligible", "contacted", "code_issued", "ordered", "ever_active", "active")

Steps = list[tuple[str, str]]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def year_before(session: Session) -> ProgramYear:
    return factories.program_year(session, label="2025-26", starts_on=day("2025-07-01"), ends_on=day("2026-06-30"))


def event(status: str, on: str, reason: str | None = None, note: str = "") -> EnrollmentEvent:
    given = reason or ("other" if status == "ended" else None)
    return EnrollmentEvent(status=status, happened_on=day(on), reason=given, note=note)


def walked(
    session: Session,
    *steps: tuple[str, ...],
    home: Household | None = None,
    year: ProgramYear | None = None,
    **given: Any,
) -> Household:
    """A household in Uptown with an enrollment in the open year: steps are (status, day, reason, note), in the order of entry."""
    household = home or factories.household(session)
    made = Enrollment(
        household_id=household.id,
        program_year_id=(year or factories.program_year(session)).id,
        status=steps[-1][0],
        status_on=day(steps[-1][1]),
        **{"service_type": "wired", **given},
    )
    made.events = [event(*step) for step in steps]
    session.add(made)
    session.flush()
    return household


def answered(session: Session, home: Household, on: str, **said: Any) -> None:
    session.add(
        ConnectivityResponse(
            household_id=home.id,
            observed_on=day(on),
            respondent="guardian",
            mode="phone",
            language="es",
            instrument="Ed-Fi 6 / CEDS 12",
            **{"residence_id": home.residences[0].id, **said},
        )
    )
    session.flush()


def moved(session: Session, home: Household, on: str, to: int | None) -> None:
    home.residences[0].ends_on = day(on)
    session.flush()
    after = factories.residence(home.id, to)
    after.starts_on = day(on)
    session.add(after)
    session.flush()
    session.expire(home)


def counted(session: Session, as_of: dt.date | str = AS_OF, year: ProgramYear | None = None) -> Counted:
    on = day(as_of) if isinstance(as_of, str) else as_of
    return count_all(session, program_year=year or factories.program_year(session), as_of=on)


def some(found: Counted, *keys: str) -> tuple[int, ...]:
    """The city's totals of these tables."""
    return tuple(sum(found.tables[key].values()) for key in keys)


def where(found: Counted, key: str) -> dict[str, int]:
    """The cells that are not zero."""
    return {cell: number for cell, number in found.tables[key].items() if number}


def test_nobody_enrolled_is_a_zero_in_every_cell_of_every_table(session: Session) -> None:
    found = counted(session)
    assert list(found.tables) == [table.key for table in BASE]
    assert all(found.tables[table.key] == dict.fromkeys(table.cells, 0) for table in BASE)
    assert (found.program_year, found.as_of) == ("2026-27", AS_OF)


def test_a_skipped_stage_counts_as_passed(session: Session) -> None:
    walked(session, ("eligible", "2026-09-01"))
    walked(session, ("eligible", "2026-09-01"), ("code_issued", "2026-09-10"))
    walked(session, ("eligible", "2026-09-01"), ("code_issued", "2026-09-10"), ("active", "2026-09-20"))
    walked(session, ("eligible", "2026-09-01"), ("code_issued", "2026-09-10"), ("installed", "2026-09-20"))
    assert some(counted(session), *STAGES) == (4, 3, 3, 2, 1, 1)


def test_what_was_reached_stays_reached_and_only_the_last_step_stands(session: Session) -> None:
    way = (("eligible", "2026-08-01"), ("code_issued", "2026-08-10"), ("active", "2026-08-20"))
    walked(session, *way, ("suspended", "2026-09-01"))
    walked(session, *way, ("ended", "2026-09-01", "moved"))
    walked(session, *way, ("ended", "2026-09-01"), ("eligible", "2026-09-20"))
    assert some(counted(session), *STAGES) == (3, 3, 3, 3, 3, 0)
    assert some(counted(session, "2026-08-31"), *STAGES) == (3, 3, 3, 3, 3, 3)
    assert some(counted(session, "2026-08-19"), *STAGES) == (3, 3, 3, 0, 0, 0)
    assert some(counted(session, "2026-07-31"), *STAGES) == (0, 0, 0, 0, 0, 0)


def test_of_two_steps_on_one_day_the_later_recorded_one_stands(session: Session) -> None:
    walked(
        session,
        ("eligible", "2026-09-01"),
        ("active", "2026-09-10"),
        ("suspended", "2026-09-20"),
        ("active", "2026-09-20"),
    )
    assert some(counted(session, "2026-09-20"), "active") == (1,)


def test_a_step_counts_by_the_day_it_is_dated_whenever_it_was_entered(session: Session) -> None:
    home = walked(session, ("eligible", "2026-09-01"), ("active", "2026-11-01"))
    assert some(counted(session, "2026-10-01"), "contacted", "ever_active") == (0, 0)
    home.enrollments[0].events.append(event("contacted", "2026-09-15"))
    session.flush()
    assert some(counted(session, "2026-10-01"), "contacted", "ever_active", "active") == (1, 0, 0)
    assert some(counted(session), "contacted", "ever_active", "active") == (1, 1, 1)


def test_a_step_dated_later_but_entered_earlier_stands_at_the_end(session: Session) -> None:
    walked(session, ("eligible", "2026-09-01"), ("suspended", "2026-10-20"), ("active", "2026-10-01"))
    assert some(counted(session, "2026-10-10"), "active") == (1,)
    assert some(counted(session, "2026-10-20"), "active") == (0,)


def test_what_happens_after_the_day_changes_nothing(session: Session) -> None:
    home = walked(session, ("eligible", "2025-09-01"), ("active", "2025-09-10"), year=year_before(session))
    walked(session, ("eligible", "2026-07-02"), ("code_issued", "2026-07-04"), ("active", "2026-07-10"), home=home)
    answered(session, home, "2026-09-01", access="No", barrier="NotAffordable")
    before = counted(session, "2026-10-31").tables
    home.enrollments[0].events.append(event("ended", "2026-11-01", "duplicate"))
    answered(session, home, "2026-11-01", access="Yes", performance="Yes")
    moved(session, home, "2026-11-01", AUSTIN)
    walked(session, ("eligible", "2026-11-02"), ("active", "2026-11-03"))
    assert counted(session, "2026-10-31").tables == before
    assert where(counted(session), "eligible") == {str(UPTOWN): 1}


def test_a_duplicate_is_not_counted_anywhere_from_the_day_it_is_known(session: Session) -> None:
    home = walked(session, ("eligible", "2026-07-02"), ("active", "2026-07-10"), ("ended", "2026-11-01", "duplicate"))
    answered(session, home, "2026-09-01", access="Yes")
    assert some(counted(session, "2026-10-31"), "eligible", "eligible_students", "kept_90", "responded") == (1, 1, 1, 1)
    assert all(not any(cells.values()) for cells in counted(session).tables.values())


def test_a_duplicate_that_was_taken_up_again_counts(session: Session) -> None:
    walked(session, ("eligible", "2026-09-01"), ("ended", "2026-09-10", "duplicate"), ("eligible", "2026-09-20"))
    assert [some(counted(session, on), "eligible") for on in ("2026-09-09", "2026-09-10", "2026-09-20")] == [
        (1,),
        (0,),
        (1,),
    ]


def test_a_household_that_moved_counts_where_it_lived_on_the_day(session: Session) -> None:
    home = walked(session, ("eligible", "2026-09-01"))
    moved(session, home, "2026-10-01", AUSTIN)
    moved(session, home, "2026-11-01", None)
    days = ("2026-09-30", "2026-10-01", "2026-10-31", "2026-11-01")
    areas = [where(counted(session, on), "eligible") for on in days]
    assert areas == [{str(UPTOWN): 1}, {str(AUSTIN): 1}, {str(AUSTIN): 1}, {UNPLACED: 1}]


def test_a_household_without_a_known_home_that_day_is_counted_as_unplaced(session: Session) -> None:
    home = walked(session, ("eligible", "2026-09-01"), ("active", "2026-09-10"))
    home.residences[0].starts_on = day("2026-09-15")
    session.flush()
    assert where(counted(session, "2026-09-14"), "active") == {UNPLACED: 1}
    assert where(counted(session, "2026-09-15"), "active") == {str(UPTOWN): 1}


def test_of_two_homes_that_overlap_the_one_begun_later_counts_alone(session: Session) -> None:
    home = walked(session, ("eligible", "2026-09-01"))
    home.residences[0].ends_on = day("2026-12-01")
    session.flush()
    second = factories.residence(home.id, AUSTIN)
    second.starts_on = day("2026-10-01")
    session.add(second)
    session.flush()
    assert where(counted(session), "eligible") == where(counted(session), "eligible_students") == {str(AUSTIN): 1}


def test_a_merged_household_counts_as_the_one_it_became(session: Session) -> None:
    kept, folded, last = (walked(session, ("eligible", "2026-09-01"), ("active", "2026-09-10")) for _ in range(3))
    before = year_before(session)
    walked(session, ("eligible", "2025-09-01"), ("active", "2025-09-10"), home=last, year=before)
    folded.merged_into_id, last.merged_into_id = kept.id, folded.id
    for one in last.enrollments:
        if one.program_year_id == before.id:
            one.household_id = kept.id  # as a merge moves what the kept one has not
    session.flush()
    found = counted(session)
    assert some(found, "eligible", "active", "eligible_students", "started_365", "kept_365") == (1, 1, 1, 1, 1)


def test_another_program_year_is_not_counted_in_this_one(session: Session) -> None:
    before = year_before(session)
    home = walked(session, ("eligible", "2025-09-01"), ("active", "2025-10-10"), year=before)
    walked(session, ("eligible", "2026-09-01"), home=home)
    assert some(counted(session), *STAGES) == (1, 0, 0, 0, 0, 0)
    assert some(counted(session, "2026-06-30", before), *STAGES) == (1, 1, 1, 1, 1, 1)


def test_the_active_are_counted_by_the_path_the_register_knows(session: Session) -> None:
    way = (("eligible", "2026-09-01"), ("code_issued", "2026-09-05"), ("active", "2026-09-10"))
    for path in ("wired", "wired", "hotspot", "smartphone", None):
        walked(session, *way, service_type=path)
    walked(session, *way[:2], service_type="hotspot")
    paths = [f"active_{kind}" for kind in ("wired", "hotspot", "smartphone", "unknown")]
    assert some(counted(session), "active", *paths) == (5, 2, 1, 1, 1)


def test_a_path_that_may_have_changed_after_the_day_is_not_known_for_it(session: Session) -> None:
    walked(
        session,
        ("eligible", "2026-08-01"), ("code_issued", "2026-08-05"), ("active", "2026-08-10"), ("ended", "2026-10-01"),
        ("eligible", "2026-10-02"), ("code_issued", "2026-10-03"), ("active", "2026-10-09"),
        service_type="hotspot",
    )  # fmt: skip
    assert some(counted(session, "2026-09-01"), "active", "active_hotspot", "active_unknown") == (1, 0, 1)
    assert some(counted(session), "active", "active_hotspot", "active_unknown") == (1, 1, 0)


@pytest.mark.parametrize(
    ("then", "kept"),
    [
        ([], 1),
        ([("suspended", "2026-09-01"), ("active", "2026-09-29")], 1),  # active again on day 90 itself
        ([("suspended", "2026-09-01"), ("active", "2026-09-30")], 0),  # a day late
        ([("suspended", "2026-09-29")], 0),
        ([("suspended", "2026-09-30")], 1),
        ([("suspended", "2026-09-29"), ("active", "2026-09-29")], 1),  # the later recorded of one day
        ([("ended", "2026-09-10")], 0),
    ],
)
def test_kept_is_who_had_service_at_the_end_of_the_90th_day(session: Session, then: Steps, kept: int) -> None:
    walked(session, ("eligible", "2026-07-01"), ("active", "2026-07-01"), *then)
    assert some(counted(session, "2026-09-28"), "started_90", "kept_90") == (0, 0)
    assert some(counted(session, "2026-09-29"), "started_90") == (1,)
    assert some(counted(session), "started_90", "kept_90") == (1, kept)


def test_a_year_of_service_is_counted_across_program_years(session: Session) -> None:
    home = walked(session, ("eligible", "2025-09-01"), ("active", "2025-10-01"), year=year_before(session))
    walked(session, ("eligible", "2026-07-02"), ("active", "2026-07-10"), home=home)
    assert some(counted(session, "2026-09-30"), "started_365") == (0,)
    assert some(counted(session, "2026-10-01"), "started_365", "kept_365") == (1, 1)


def test_who_is_not_in_this_year_any_more_began_and_was_not_kept(session: Session) -> None:
    walked(session, ("eligible", "2025-09-01"), ("active", "2025-10-01"), year=year_before(session))
    assert some(counted(session), "eligible", "started_90", "started_365", "kept_365") == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("again_on", "kept"),
    [("2026-07-20", 1), ("2026-07-15", 1), ("2026-09-30", 1), ("2026-10-01", 0)],  # June 30 and 92 days: September 30
)
def test_service_goes_on_over_the_summer_for_a_family_that_is_renewed_in_time(
    session: Session, again_on: str, kept: int
) -> None:
    home = walked(session, ("eligible", "2025-07-01"), ("active", "2025-07-15"), year=year_before(session))
    walked(session, ("eligible", "2026-07-12"), ("active", again_on), home=home)
    assert some(counted(session), "started_365", "kept_365") == (1, kept)


def test_a_renewed_family_whose_line_is_suspended_on_the_day_was_not_kept(session: Session) -> None:
    home = walked(session, ("eligible", "2025-07-01"), ("active", "2025-07-15"), year=year_before(session))
    walked(session, ("eligible", "2026-07-02"), ("active", "2026-07-05"), ("suspended", "2026-07-10"), home=home)
    assert some(counted(session), "started_365", "kept_365") == (1, 0)


def test_a_duplicate_of_an_earlier_year_keeps_nobody(session: Session) -> None:
    home = walked(
        session, ("eligible", "2025-07-01"), ("active", "2025-08-15"), ("ended", "2026-01-01", "duplicate"), year=year_before(session)
    )  # fmt: skip
    walked(session, ("eligible", "2026-07-02"), ("active", "2026-07-05"), home=home)
    assert some(counted(session), "started_90", "kept_90", "started_365", "kept_365") == (1, 1, 0, 0)


ANSWERS = ("responded", "access_known", "access_yes", "adequate")


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ({"access": "Yes", "performance": "Yes"}, (1, 1, 1, 1)),
        ({"access": "Yes", "performance": "Sometimes"}, (1, 1, 1, 0)),
        ({"access": "Yes"}, (1, 1, 1, 0)),
        ({"access": "No", "barrier": "NotDesired"}, (1, 1, 0, 0)),
        ({"access": "Unknown"}, (1, 0, 0, 0)),
        ({"access": "Declined"}, (1, 0, 0, 0)),
        ({"device": "Tablet"}, (1, 0, 0, 0)),
    ],
)
def test_each_answer_counts_as_far_as_it_goes(session: Session, said: dict[str, str], numbers: tuple[int, ...]) -> None:
    answered(session, walked(session, ("eligible", "2026-09-01")), "2026-09-10", **said)
    assert some(counted(session), *ANSWERS) == numbers


def test_the_newest_answer_about_internet_stands_for_the_household(session: Session) -> None:
    home = walked(session, ("eligible", "2026-09-01"))
    answered(session, home, "2026-09-20", access="No", barrier="NotAvailable")
    answered(session, home, "2026-09-10", access="Yes", performance="Yes")
    answered(session, home, "2026-09-30", device="Tablet")  # takes nothing away
    assert some(counted(session), *ANSWERS) == (1, 1, 0, 0)
    assert where(counted(session), "unconnected_by_barrier") == {"NotAvailable": 1}
    answered(session, home, "2026-10-05", access="Unknown")
    assert some(counted(session), *ANSWERS) == (1, 0, 0, 0)


def test_an_answer_counts_for_twelve_months(session: Session) -> None:
    answered(session, walked(session, ("eligible", "2025-08-01")), "2025-11-24", access="No")
    numbers = [
        some(counted(session, on), "responded") for on in ("2025-11-23", "2025-11-24", "2026-11-23", "2026-11-24")
    ]
    assert numbers == [(0,), (1,), (1,), (0,)]
    assert where(counted(session), "unconnected_by_barrier") == {"unknown": 1}


def test_the_year_before_february_29_begins_on_the_28th(session: Session) -> None:
    year = factories.program_year(session, label="2027-28", starts_on=day("2027-07-01"), ends_on=day("2028-06-30"))
    for on in ("2027-02-28", "2027-03-01"):
        answered(session, walked(session, ("eligible", "2027-07-01"), year=year), on, access="No")
    assert some(counted(session, "2028-02-29", year), "responded") == (1,)


def test_an_answer_about_a_home_the_family_left_says_only_that_it_answered(session: Session) -> None:
    home = walked(session, ("eligible", "2026-09-01"))
    answered(session, home, "2026-09-10", access="Yes", performance="Yes")
    moved(session, home, "2026-10-01", AUSTIN)
    assert some(counted(session, "2026-09-30"), *ANSWERS) == (1, 1, 1, 1)
    assert [where(counted(session), key) for key in ANSWERS] == [{str(AUSTIN): 1}, {}, {}, {}]


def test_an_answer_of_a_household_that_is_not_in_the_year_does_not_count(session: Session) -> None:
    answered(session, factories.household(session), "2026-09-10", access="Yes")
    assert some(counted(session), "responded") == (0,)


def test_students_count_with_their_household_by_area_and_by_grade(session: Session) -> None:
    three = factories.household(session, area=AUSTIN, students=[{"grade": "PK"}, {"grade": "2"}, {"grade": "12"}])
    walked(session, ("eligible", "2026-09-01"), ("active", "2026-09-10"), home=three)
    walked(session, ("eligible", "2026-09-01"), home=factories.household(session, students=[{"grade": "6"}]))
    walked(session, ("eligible", "2026-09-01"), home=factories.household(session, students=[]))
    found = counted(session)
    assert some(found, "eligible", "eligible_students", "active_students") == (3, 4, 3)
    assert where(found, "eligible_students") == {str(AUSTIN): 3, str(UPTOWN): 1}
    assert where(found, "eligible_students_by_grade") == {"PK-2": 2, "6-8": 1, "9-12": 1}
    assert where(found, "active_students_by_grade") == {"PK-2": 2, "9-12": 1}


def test_languages_that_are_not_among_the_first_are_counted_together(session: Session) -> None:
    for language in ("en", "yue", "yue", "am", "mis"):
        walked(
            session,
            ("eligible", "2026-09-01"),
            ("active", "2026-09-10"),
            home=factories.household(session, language=language),
        )
    walked(session, ("eligible", "2026-09-01"), home=factories.household(session, language="am"))
    found = counted(session)
    assert where(found, "eligible_by_language") == {"en": 1, "yue": 2, "other": 3}
    assert where(found, "active_by_language") == {"en": 1, "yue": 2, "other": 2}


@pytest.mark.parametrize(
    ("steps", "cell"),
    [
        ([("eligible", "2026-09-01", None, "Does not trust us")], "awareness"),  # nobody has spoken with the family
        ([("eligible", "2026-09-01"), ("contacted", "2026-09-02", None, "By phone")], "unknown"),
        ([("eligible", "2026-09-01"), ("code_issued", "2026-09-02")], "unknown"),
        ([("eligible", "2026-09-01"), ("ended", "2026-09-02", "opted_out", "FEARS a bill later")], "trust"),
        ([("eligible", "2026-09-01"), ("ended", "2026-09-02", "opted_out", "Did not believe it is free")], "trust"),
        ([("eligible", "2026-09-01"), ("ended", "2026-09-02", "cancelled", "Did not understand the letter")], "offer"),
        ([("eligible", "2026-09-01"), ("ended", "2026-09-02", "opted_out", "Has service already")], "other"),
        ([("eligible", "2026-09-01"), ("ended", "2026-09-02", "opted_out", "Does not want it")], "unknown"),
        ([("eligible", "2026-09-01"), ("ended", "2026-09-02", "moved", "Fears a bill later")], "other"),
        ([("eligible", "2026-09-01"), ("ended", "2026-09-02", "not_eligible")], "other"),
        ([("eligible", "2026-09-01"), ("ended", "2026-09-02", "not_installed")], "limits"),
        ([("eligible", "2026-09-01"), ("ended", "2026-09-02", "other")], "unknown"),
        ([("eligible", "2026-09-01"), ("active", "2026-09-02"), ("ended", "2026-10-02", "opted_out", "bill later")], "trust"),
        ([("eligible", "2026-09-01"), ("ordered", "2026-09-02")], None),
        ([("eligible", "2026-09-01"), ("active", "2026-09-02"), ("suspended", "2026-09-03")], None),
    ],
)  # fmt: skip
def test_what_holds_a_family_back_is_what_its_record_says(session: Session, steps: Any, cell: str | None) -> None:
    walked(session, *steps)
    assert where(counted(session), "not_taking_part_by_brake") == ({cell: 1} if cell else {})


@pytest.mark.parametrize(
    ("days", "cell"),
    [
        (0, "0-7"), (7, "0-7"), (8, "8-14"), (14, "8-14"), (15, "15-30"), (30, "15-30"), (31, "31-60"), (60, "31-60"),
        (61, "61-90"), (90, "61-90"), (91, "over 90"),
    ],
)  # fmt: skip
def test_days_run_from_the_first_code_to_the_first_service(session: Session, days: int, cell: str) -> None:
    online = (day("2026-07-10") + dt.timedelta(days=days)).isoformat()
    walked(
        session, ("eligible", "2026-07-01"), ("code_issued", "2026-07-10"), ("active", online), ("ended", "2026-11-01")
    )
    assert where(counted(session), "ever_active_by_days") == {cell: 1}


def test_days_are_not_known_where_no_code_came_before_service(session: Session) -> None:
    walked(session, ("eligible", "2026-07-01"), ("active", "2026-07-10"))
    walked(
        session,
        ("eligible", "2026-07-01"),
        ("active", "2026-07-10"),
        ("ended", "2026-08-01"),
        ("eligible", "2026-08-02"),
        ("code_issued", "2026-08-03"),
    )
    walked(session, ("eligible", "2026-07-01"), ("code_issued", "2026-07-10"))
    assert where(counted(session), "ever_active_by_days") == {"unknown": 2}
