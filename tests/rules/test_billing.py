"""Bills against homes: matched by code, account, then address and name; each line in one bucket, the gravest."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectivity.rules.billing import Bucket, Home, Line, MatchedBy, findings, match
from connectivity.rules.money import cents, dollars

NOV_1, NOV_30 = dt.date(2026, 11, 1), dt.date(2026, 11, 30)


def home(enrollment: int, **given: object) -> Home:
    values = {
        "active": True, "standing": "Active", "ended_on": None, "last_name": "Muñoz", "line": "1135 W WILSON AVE",
        "unit": f"APT {enrollment}", "account_last4": f"{enrollment:04d}",
    }  # fmt: skip
    return Home(enrollment=enrollment, **{**values, **given})  # type: ignore[arg-type]


def line(number: int, code: str = "", **given: object) -> Line:
    values = {
        "account_last4": "", "last_name": "", "line": "", "unit": "", "service_from": NOV_1, "service_to": NOV_30,
        "total_cents": 995,
    }  # fmt: skip
    return Line(number=number, code=code, **{**values, **given})  # type: ignore[arg-type]


def test_a_code_of_ours_decides_even_where_account_and_address_say_another_home() -> None:
    homes = [home(1), home(2)]
    said = line(2, "CODE1", account_last4="0002", last_name="Muñoz", line="1135 W WILSON AVE", unit="APT 2")
    found = match([said], homes, {"CODE1": 1})
    assert (found[2].enrollment, found[2].by) == (1, MatchedBy.CODE)


def test_an_account_needs_the_name_or_the_address_beside_it() -> None:
    homes = [home(1), home(2, account_last4="0001", last_name="Nowak", line="4540 N ASHLAND AVE")]
    by_name, bare = line(2, account_last4="0001", last_name="NOWAK"), line(3, account_last4="0001")
    found = match([by_name, bare], homes, {})
    assert {number: (one.enrollment, one.by) for number, one in found.items()} == {2: (2, MatchedBy.ACCOUNT)}


def test_an_address_needs_the_name_and_one_home_alone() -> None:
    homes = [home(1), home(2), home(3, line="4540 N ASHLAND AVE", unit="")]
    here = {"last_name": "Munoz", "line": "1135 W WILSON AVE"}
    unit_said, no_unit = line(2, **here, unit="APT 2"), line(3, **here)
    other_name = line(4, last_name="Nowak", line="4540 N ASHLAND AVE")
    found = match([unit_said, no_unit, other_name], homes, {})
    assert {number: (one.enrollment, one.by) for number, one in found.items()} == {2: (2, MatchedBy.ADDRESS)}


def buckets(lines: list[Line], homes: list[Home], codes: dict[str, int], **given: object) -> list[tuple[object, ...]]:
    around = {"billed_before": {}, "charged_before": {}, "prices": {}, **given}
    found = findings(lines, homes, match(lines, homes, codes), **around)  # type: ignore[arg-type]
    return [(one.bucket, one.number, one.enrollment, one.cents) for one in found]


def test_a_bill_worked_out_by_hand() -> None:
    homes = [
        home(1),
        home(2),
        home(3, active=False, standing="Code issued"),
        home(4, active=False, standing="Ended", ended_on=dt.date(2026, 10, 15)),
        home(5),
        home(6),
    ]
    codes = {f"CODE{number}": number for number in range(1, 7)}
    lines = [
        line(2, "CODE1"),  # right
        line(3, "CODE2"),  # right
        line(4, "CODE2", total_cents=1095),  # billed twice
        line(5, "CODE3"),  # not active
        line(6, "CODE4"),  # after the end
        line(7, "CODE5", last_name="Nowak"),  # another name
        line(8, "CODE9", total_cents=500),  # nobody of ours
    ]
    assert buckets(lines, homes, codes) == [
        (Bucket.BILLED_TWICE, 4, 2, 1095),
        (Bucket.NOT_ACTIVE, 5, 3, 995),
        (Bucket.AFTER_END, 6, 4, 995),
        (Bucket.DIFFERS, 7, 5, 995),
        (Bucket.NOT_ACTIVE, 8, None, 500),
    ]


def test_days_on_another_bill_make_a_line_billed_twice() -> None:
    october = {1: [(dt.date(2026, 10, 15), NOV_1)]}
    assert buckets([line(2, "CODE1")], [home(1)], {"CODE1": 1}, billed_before=october) == [
        (Bucket.BILLED_TWICE, 2, 1, 995)
    ]


def test_service_that_ended_within_the_billed_days_is_not_after_the_end() -> None:
    ended = home(1, active=False, standing="Ended", ended_on=dt.date(2026, 11, 1))
    assert [one[0] for one in buckets([line(2, "CODE1")], [ended], {"CODE1": 1})] == [Bucket.NOT_ACTIVE]


def test_a_household_that_joined_after_the_first_is_told_so_and_not_as_a_stranger() -> None:
    lines = [line(2, "CODE1")]
    (found,) = findings(lines, [], match(lines, [], {"CODE1": 1}), billed_before={}, charged_before={}, prices={})
    assert (found.bucket, found.enrollment) == (Bucket.NOT_ACTIVE, 1)
    assert found.reason == "On the first of the month this home was not in the program yet."


@given(st.lists(st.sampled_from(["CODE1", "CODE2", "CODE3", "CODE9"]), max_size=12))
def test_every_line_is_right_or_in_one_bucket(codes: list[str]) -> None:
    homes = [home(1), home(2), home(3, active=False, standing="Suspended")]
    known = {f"CODE{number}": number for number in (1, 2, 3)}
    found = buckets([line(number, code) for number, code in enumerate(codes, start=2)], homes, known)
    numbers = [number for _, number, _, _ in found if number is not None]
    assert len(numbers) == len(set(numbers))
    right = len(codes) - len(numbers)
    assert right == len({"CODE1", "CODE2"} & set(codes))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("9.95", 995), ("$1,234.50", 123_450), ("(9.95)", -995), ("-9.95", -995), ("9.95-", -995), ("", 0), ("12", 1200),
        (".5", 50), ("9.9500", 995), ("0.00", 0), ("−3.10", -310),
    ],
)  # fmt: skip
def test_dollars_as_bills_write_them(text: str, amount: int) -> None:
    assert cents(text) == amount


def charged(number: int, code: str, charge: int, tax: int = 0, **given: object) -> Line:
    return line(number, code, charge_cents=charge, tax_cents=tax, total_cents=charge + tax, **given)


def test_a_charge_above_the_price_is_found_with_the_dollars_above_it_alone() -> None:
    lines = [charged(2, "CODE1", 995), charged(3, "CODE2", 4_995, 80), charged(4, "CODE3", 500_000)]
    # $49.95 less $9.95 is $40.00; of home 3 no price is known.
    assert buckets(
        lines, [home(1), home(2), home(3)], {f"CODE{one}": one for one in (1, 2, 3)}, prices={1: 995, 2: 995}
    ) == [(Bucket.PRICE, 3, 2, 4_000)]


def test_two_halves_of_a_month_at_the_full_price_each_are_above_it_and_so_are_those_of_another_bill() -> None:
    halves = [
        charged(2, "CODE1", 995, service_to=dt.date(2026, 11, 15)),
        charged(3, "CODE1", 995, service_from=dt.date(2026, 11, 16)),
    ]
    given = {"prices": {1: 995}}
    assert buckets(halves, [home(1)], {"CODE1": 1}, **given) == [(Bucket.PRICE, 3, 1, 995)]
    # Half a month was charged at $5.00 on another bill: $5.00 + $9.95 is $5.00 above $9.95.
    assert buckets(halves[1:], [home(1)], {"CODE1": 1}, charged_before={1: 500}, **given) == [(Bucket.PRICE, 3, 1, 500)]


def test_a_line_billed_in_vain_does_not_make_the_right_one_too_dear() -> None:
    again = [charged(2, "CODE1", 995), charged(3, "CODE1", 995)]
    assert buckets(again, [home(1)], {"CODE1": 1}, prices={1: 995}) == [(Bucket.BILLED_TWICE, 3, 1, 995)]


def test_a_tax_above_its_charge_is_found_even_where_no_price_is_known() -> None:
    # $500.00 of tax on $9.95 is $490.05 above the charge.
    assert buckets([charged(2, "CODE1", 995, 50_000)], [home(1)], {"CODE1": 1}) == [(Bucket.PRICE, 2, 1, 49_005)]


def test_a_line_of_another_household_that_is_too_dear_says_both() -> None:
    lines = [charged(2, "CODE1", 1_995, last_name="Nowak")]
    (found,) = findings(
        lines, [home(1)], match(lines, [home(1)], {"CODE1": 1}), billed_before={}, charged_before={}, prices={1: 995}
    )
    assert (found.bucket, found.cents) == (Bucket.DIFFERS, 1_995)
    assert found.reason == "Not as we have it: the name. $19.95 is charged; the plan costs $9.95 a month."


@pytest.mark.parametrize("text", ["1000000.01", "1" * 13, "9" * 5000, "-2,000,000"])
def test_an_amount_over_a_million_dollars_is_told_and_never_overflows(text: str) -> None:
    with pytest.raises(ValueError, match="is more than \\$1,000,000"):
        cents(text)
    assert cents("1,000,000.00") == 100_000_000


@pytest.mark.parametrize("text", ["free", "9.955", "1,23", "9,95", "1.2.3", "$", "-", "1e3", "12 %"])
def test_what_is_no_amount_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not an amount in dollars"):
        cents(text)


@given(st.integers(-10_000_000, 10_000_000))
def test_written_dollars_are_read_as_they_were(amount: int) -> None:
    assert cents(dollars(amount)) == amount
