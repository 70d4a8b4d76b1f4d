"""Who lives together by the evidence: each case that school offices know, by name, and what must hold for any records."""

from dataclasses import dataclass
from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectivity.rules.household_evidence import Evidence, contradicts, strength, sureness, words
from connectivity.rules.household_keys import (
    email_key,
    guardian_key,
    number_and_street,
    street_parts,
    surname_parts,
    unit_key,
)
from connectivity.rules.household_matching import Matching, Records, match

WILSON, CLARK = "1135 W WILSON AVE", "4600 N CLARK ST"
PHONE, OTHER_PHONE, THIRD_PHONE = "+17732148806", "+13126609471", "+18725581930"


@dataclass(frozen=True)
class Row:
    line: str = WILSON
    unit: str = "APT 2B"
    zip: str = "60640"
    guardian: str = "Ana Lopez"
    phones: tuple[str, ...] = (PHONE,)
    email: str = ""
    surnames: tuple[str, ...] = ("Garcia",)
    births: tuple[str, ...] = ("2015-03-14",)
    household: int = -1


def columns(rows: list[Row]) -> Records:
    return Records(
        np.array([row.household for row in rows], np.int64),
        [row.line for row in rows],
        [row.unit for row in rows],
        [row.zip for row in rows],
        [row.guardian for row in rows],
        [row.phones for row in rows],
        [row.email for row in rows],
        [row.surnames for row in rows],
        [row.births for row in rows],
    )


def matched(*rows: Row, apart: tuple[tuple[int, int], ...] = ()) -> Matching:
    return match(columns(list(rows)), apart=apart)


def is_sure(*rows: Row) -> bool:
    found = matched(*rows)
    return len(set(found.home.tolist())) == 1 and not found.doubtful


def is_doubtful(*rows: Row) -> bool:
    found = matched(*rows)
    return len(set(found.home.tolist())) == len(rows) and bool(found.doubtful)


def is_nothing(*rows: Row) -> bool:
    found = matched(*rows)
    return len(set(found.home.tolist())) == len(rows) and not found.doubtful


def strangers(count: int, **same: object) -> list[Row]:
    """Families that share nothing but what is given."""
    letters = ["".join(pair) for pair in combinations("bcdfghjklmnprstvz", 3)]
    return [
        Row(
            **{
                "line": f"{100 + 2 * one} S {letters[one].upper()}ANO ST",
                "guardian": f"{letters[one]}a {letters[-one - 1]}osi",
                "phones": (f"+1773{2345678 + 1013 * one}",),
                "surnames": (f"{letters[one]}ez",),
                "births": (),
            }
            | same
        )
        for one in range(count)
    ]


def test_no_records_make_no_household():
    found = matched()
    assert found.home.tolist() == []
    assert found.doubtful == []


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="one length"):
        Records(np.array([-1]), [], [], [], [], [], [], [], [])


def test_siblings_agree_in_everything():
    assert is_sure(Row(), Row(births=("2012-01-02",)), Row(births=("2009-01-02",)))


def test_a_student_joins_the_registered_household_and_the_evidence_says_why():
    found = matched(Row(household=41), Row())
    assert found.home.tolist() == [41, 41]
    assert found.evidence[0] == 0
    assert words(int(found.evidence[1])) == [
        "same address and unit",
        "same guardian",
        "same phone",
        "students share a last name",
        "students born on the same day",
    ]


def test_a_student_alone_is_a_new_household_without_evidence():
    found = matched(Row(), Row(line=CLARK, guardian="Wei Chen", phones=(OTHER_PHONE,), surnames=("Chen",), births=()))
    assert found.home.tolist() == [-1, -2]
    assert found.evidence.tolist() == [0, 0]


def test_twins_under_two_guardians_are_one_household():
    assert is_sure(Row(), Row(guardian="Luis Garcia", phones=(OTHER_PHONE,)))


def test_half_siblings_share_guardian_and_phone_but_no_last_name():
    assert is_sure(Row(), Row(surnames=("Brown",), births=()))


def test_one_of_two_last_names_is_shared():
    half = Row(guardian="", phones=(), surnames=("López",), births=())
    assert is_sure(Row(surnames=("García López",)), half)
    assert surname_parts("García López") == {"garcia", "lopez"}


def test_both_last_names_under_two_guardians_are_one_household():
    both = Row(surnames=("García Lopez",), births=())
    assert is_sure(both, Row(guardian="Luis Garcia", phones=(OTHER_PHONE,), surnames=("Garcia López",), births=()))


def test_a_last_name_is_the_same_together_and_apart():
    assert surname_parts("de la Cruz") & surname_parts("DelaCruz") == {"delacruz"}
    assert "la" not in surname_parts("de la Cruz")


def test_doubled_up_families_are_two_households():
    guest = Row(guardian="Wei Chen", phones=(OTHER_PHONE,), surnames=("Chen",), births=())
    assert is_nothing(Row(), guest)


@pytest.mark.parametrize("more", [{"surnames": ("Garcia",)}, {"phones": (PHONE,)}])
def test_doubled_up_families_with_something_in_common_are_doubtful(more: dict[str, object]):
    guest = {"guardian": "Wei Chen", "phones": (OTHER_PHONE,), "surnames": ("Chen",), "births": ()}
    assert is_doubtful(Row(), Row(**(guest | more)))


def test_a_common_last_name_in_a_tower_is_nothing():
    assert is_nothing(Row(), Row(unit="APT 5C", guardian="Rosa Diaz", phones=(OTHER_PHONE,)))


@pytest.mark.parametrize("more", [{"phones": (PHONE,)}, {"guardian": "Ana Lopez"}])
def test_another_unit_is_doubtful_when_phone_or_guardian_agree(more: dict[str, object]):
    neighbor = {"unit": "APT 5C", "guardian": "Rosa Diaz", "phones": (OTHER_PHONE,), "births": ()}
    assert is_doubtful(Row(), Row(**(neighbor | more)))


def test_where_many_homes_give_no_unit_the_address_alone_says_little():
    tower = strangers(8, line=WILSON, unit="")
    one, other = Row(unit="", births=()), Row(unit="", guardian="Rosa Diaz", phones=(OTHER_PHONE,), births=())
    found = matched(*tower, one, other)
    assert len(set(found.home.tolist())) == 10
    assert found.doubtful == []


def test_where_many_homes_give_no_unit_guardian_and_phone_still_make_one_household():
    found = matched(*strangers(8, line=WILSON, unit=""), Row(unit=""), Row(unit="", births=()))
    assert found.home[-1] == found.home[-2]
    assert Evidence.CROWDED & int(found.evidence[-1])


def test_a_house_without_units_is_one_home_for_one_guardian():
    assert is_sure(Row(unit=""), Row(unit="", phones=(), surnames=("Brown",)))


@pytest.mark.parametrize(
    "typo", ["Ana Lopes", "Ana Lpoez", "Ana López", "Lopez, Ana", "Ana M. Lopez", "Ana Lopez Garcia"]
)
def test_a_slip_in_the_guardians_name_does_not_part_siblings(typo: str):
    assert is_sure(Row(phones=(), births=()), Row(guardian=typo, phones=(), births=()))


@pytest.mark.parametrize("phone", ["+17732148860", "+17732148816"])
def test_a_slip_in_the_phone_does_not_part_siblings(phone: str):
    found = matched(Row(unit="", guardian="", births=()), Row(unit="", guardian="", phones=(phone,), births=()))
    assert found.home.tolist() == [-1, -1]
    assert Evidence.PHONE_NEAR & int(found.evidence[0])


@pytest.mark.parametrize("line", ["1135 W WILSON", "1135 W WILSN AVE", "1135 WILSON AVE", "1135 W WILSON ST"])
def test_a_street_that_is_nearly_the_same_is_enough_with_guardian_and_phone(line: str):
    found = matched(Row(), Row(line=line))
    assert found.home.tolist() == [-1, -1]
    assert Evidence.ADDRESS_NEAR & int(found.evidence[0])


def test_the_same_number_on_the_next_street_is_another_home():
    one = Row(line="1200 W 63RD ST", births=())
    assert is_nothing(one, Row(line="1200 W 63RD PL", guardian="Rosa Diaz", phones=(OTHER_PHONE,), births=()))


@pytest.mark.parametrize("unit", ["UNIT 2B", "2B", "APT 2-B", "STE 2B", "# 2B"])
def test_a_unit_written_differently_is_the_same_unit(unit: str):
    assert unit_key(unit) == unit_key("APT 2B") == "2B"
    found = matched(Row(), Row(unit=unit))
    assert found.home.tolist() == [-1, -1]
    assert Evidence.UNIT_NEAR & int(found.evidence[0])


def test_a_guardian_who_moved_is_doubtful():
    here = Row(email="ana@example.org")
    found = matched(here, Row(line=CLARK, email="ana@example.org"))
    assert found.home.tolist() == [-1, -2]
    (doubt,) = found.doubtful
    assert (doubt.one, doubt.other) == (-2, -1)
    assert "the addresses differ" in words(doubt.evidence)


def test_a_common_guardian_name_at_other_addresses_is_nothing():
    marias = strangers(100, guardian="Maria Garcia", surnames=("Garcia",))
    assert is_nothing(*marias)


def test_a_phone_of_a_school_is_no_evidence():
    assert is_nothing(*strangers(40, phones=(PHONE,), surnames=("Garcia",)))


def test_a_phone_at_more_than_twelve_addresses_is_no_evidence():
    assert is_nothing(*strangers(13, phones=(PHONE,), surnames=("Garcia",)))
    assert is_doubtful(*strangers(12, phones=(PHONE,), surnames=("Garcia",)))


@pytest.mark.parametrize("filler", ["+10000000000", "+17735555555", "+11234567890"])
def test_a_filler_phone_is_no_evidence(filler: str):
    one, other = strangers(2, line=WILSON, unit="APT 2B", phones=(filler,))
    assert is_nothing(one, other)


@pytest.mark.parametrize("filler", ["none@none.com", "noemail@example.org", "na@na.com", "unknown@example.org", "no"])
def test_a_filler_email_is_no_evidence(filler: str):
    assert email_key(filler) == ""
    assert is_nothing(*strangers(2, line=WILSON, unit="APT 2B", email=filler))


def test_a_guardian_called_unknown_is_nobody():
    assert [guardian_key(name) for name in ("Unknown", "N/A", "PARENT", "")] == ["", "", "", ""]


def test_a_third_record_glues_no_two_units():
    """B, without a unit, is as surely of A as of C, who live in two units: B stays alone and people are asked."""
    a, b, c = (
        Row(births=()),
        Row(unit="", births=()),
        Row(unit="APT 5C", phones=(PHONE,), guardian="Anna Lopez", births=()),
    )
    found = matched(a, Row(unit="", guardian="", births=()), c)
    assert len(set(found.home.tolist())) == 3
    assert len(found.doubtful) >= 2
    assert matched(a, b, c).home.tolist()[:2] == [-1, -1]


def test_one_shared_phone_glues_no_two_families():
    """Ana's second phone is Rosa's: Ana and her child's row are one household, Rosa's family is a doubt."""
    ana = Row(births=())
    both = Row(phones=(PHONE, OTHER_PHONE), births=())
    rosa = Row(guardian="Rosa Diaz", phones=(OTHER_PHONE,), surnames=("Diaz",), births=())
    found = matched(ana, both, rosa)
    assert found.home.tolist() == [-1, -1, -2]
    assert [(doubt.one, doubt.other) for doubt in found.doubtful] == [(-2, -1)]


def test_two_registered_households_are_reported_never_joined():
    found = matched(Row(household=1), Row(household=2))
    assert found.home.tolist() == [1, 2]
    assert [(doubt.one, doubt.other) for doubt in found.doubtful] == [(1, 2)]


def test_households_that_people_decided_are_apart_are_not_reported_again():
    assert matched(Row(household=1), Row(household=2), apart=((2, 1),)).doubtful == []


def test_a_student_of_two_households_goes_to_the_one_with_more_evidence():
    near, far = Row(household=1, email="ana@example.org"), Row(household=2)
    found = matched(near, far, Row(email="ana@example.org"), apart=((1, 2),))
    assert found.home.tolist() == [1, 2, 1]
    assert found.doubtful == []


def test_a_student_equally_of_two_households_is_a_new_one_with_two_doubts():
    found = matched(Row(household=1), Row(household=2), Row(), Row(), apart=((1, 2),))
    assert found.home.tolist() == [1, 2, -1, -1]
    assert {(doubt.one, doubt.other) for doubt in found.doubtful} == {(-1, 1), (-1, 2)}


def test_a_student_without_an_address_is_known_by_guardian_and_phone():
    unplaced = Row(line="", unit="", zip="", births=())
    assert is_sure(Row(), unplaced)
    assert is_doubtful(Row(), Row(line="", unit="", zip="", guardian="", births=()))


def test_a_home_of_hundreds_under_one_guardian_takes_time_in_proportion_and_is_one_home():
    assert len(set(matched(*[Row(births=()) for _ in range(300)]).home.tolist())) == 1


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("1135 W WILSON AVE", ("1135", "W", "WILSON", "AVE")),
        ("777 W WILSON", ("777", "W", "WILSON", "")),
        ("63 E AVENUE L", ("63", "E", "AVENUE L", "")),
        ("1135 N ST LOUIS AVE", ("1135", "N", "ST LOUIS", "AVE")),
        ("SHELTER", ("", "", "SHELTER", "")),
    ],
)
def test_an_address_in_parts(line: str, parts: tuple[str, ...]):
    number, street = number_and_street(line)
    assert (number, *street_parts(street)) == parts


def test_no_evidence_is_both_sure_and_doubtful_and_none_at_all_is_neither():
    every = np.arange(1 << len(Evidence), dtype=np.int32)
    sure, doubtful = sureness(every)
    assert not (sure & doubtful).any()
    assert not sure[0]
    assert not doubtful[0]
    assert not contradicts(every[:1]).any()


def test_strength_grows_with_what_agrees_and_shrinks_with_what_differs():
    for_and_against = strength(np.array([0, Evidence.PHONE, Evidence.PHONE | Evidence.OTHER_GUARDIAN], np.int32))
    assert for_and_against[0] < for_and_against[2] < for_and_against[1]


rows = st.builds(
    Row,
    line=st.sampled_from([WILSON, "1135 W WILSON", CLARK, ""]),
    unit=st.sampled_from(["APT 2B", "UNIT 2B", "APT 5C", ""]),
    zip=st.sampled_from(["60640", "60641", ""]),
    guardian=st.sampled_from(["Ana Lopez", "Ana Lopes", "Wei Chen", "Ana Lopez Diaz", ""]),
    phones=st.lists(st.sampled_from([PHONE, OTHER_PHONE, THIRD_PHONE, "+17732148860"]), max_size=2, unique=True).map(
        tuple
    ),
    email=st.sampled_from(["", "ana@example.org"]),
    surnames=st.sampled_from([("Garcia",), ("García López",), ("Chen",)]),
    births=st.sampled_from([("2015-03-14",), ()]),
)


def homes(rows: list[Row]) -> set[frozenset[int]]:
    """The partition, by each row's place in `rows`, whose rows carry it as their registered id or not at all."""
    found = match(columns(rows)).home
    return {frozenset(np.flatnonzero(found == home).tolist()) for home in found}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(rows, max_size=10), st.lists(st.booleans(), min_size=10, max_size=10), st.randoms(use_true_random=False)
)
def test_the_order_of_the_records_does_not_change_who_lives_together(
    drawn: list[Row], registered: list[bool], random: Random
):
    listed = [Row(**{**vars(row), "household": one if registered[one] else -1}) for one, row in enumerate(drawn)]
    order = list(range(len(listed)))
    random.shuffle(order)
    shuffled = homes([listed[one] for one in order])
    assert {frozenset(order[place] for place in home) for home in shuffled} == homes(listed)


@settings(max_examples=150, deadline=None)
@given(st.lists(rows, min_size=1, max_size=10), st.lists(st.booleans(), min_size=10, max_size=10))
def test_registered_households_keep_their_id_and_nobody_joins_across_what_people_decided(
    drawn: list[Row], registered: list[bool]
):
    listed = [Row(**{**vars(row), "household": one if registered[one] else -1}) for one, row in enumerate(drawn)]
    ids = [row.household for row in listed if row.household >= 0]
    apart = set(combinations(ids, 2))
    found = match(columns(listed), apart=apart)
    for row, home in zip(listed, found.home.tolist(), strict=True):
        assert home == row.household if row.household >= 0 else home < 0 or home in ids
    reported = [(doubt.one, doubt.other) for doubt in found.doubtful]
    assert apart.isdisjoint(reported)
    assert len(set(reported)) == len(reported)
    assert all(one < other for one, other in reported)
