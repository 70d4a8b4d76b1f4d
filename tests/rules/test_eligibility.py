"""Eligibility policies: read with every problem at once, and applied with arithmetic that is done by hand here."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectivity.rules.eligibility import (
    BIT,
    SENSITIVE,
    Factor,
    Facts,
    Mode,
    Policy,
    PolicyRefused,
    TypedPolicy,
    assess,
    most_points,
    read_policy,
    thousandths,
)
from connectivity.rules.eligibility_words import public_words, sealed_words

MEALS, MEDICAID, STLS = Factor.MEALS, Factor.MEDICAID, Factor.TEMPORARY_LIVING
ENGLEWOOD = Facts(68, "Englewood", 940)
LINCOLN_PARK = Facts(7, "Lincoln Park", 20)
OF_ALL = Policy(
    Mode.WEIGHTS,
    {Factor.HARDSHIP: 50, MEALS: 24, MEDICAID: 20, Factor.ENGLISH_LEARNER: 10},
    frozenset({STLS}),
    None,
    60,
)


def with_factors(facts: Facts, *has: Factor, unknown: tuple[Factor, ...] = ()) -> Facts:
    return facts._replace(has=sum(BIT[one] for one in has), unknown=sum(BIT[one] for one in unknown))


def typed(**given: Any) -> TypedPolicy:
    return TypedPolicy(**{"mode": "weights", "weights": {"frl": "60", "medicaid": "40"}, "threshold": "60", **given})


def problems_of(policy: TypedPolicy, *, holds: bool = True) -> dict[str, str]:
    with pytest.raises(PolicyRefused) as refused:
        read_policy(policy, holds_factors=holds, highest_index=842)
    return refused.value.problems


def test_points_of_englewood_with_lunch_add_up_by_hand() -> None:
    # 50 * 94 / 100 = 47, and 24 for lunch: 71, threshold 60
    found = assess(OF_ALL, with_factors(ENGLEWOOD, MEALS))
    assert (found.eligible, found.score) == (True, 71_000)
    assert found.points == ((Factor.HARDSHIP, 47_000), (MEALS, 24_000))
    assert sealed_words(OF_ALL, with_factors(ENGLEWOOD, MEALS), found) == (
        "Eligible: hardship index of Englewood 94 (47 points), free or reduced-price lunch (24 points); "
        "score 71, threshold 60."
    )


def test_one_thousandth_of_a_point_below_the_threshold_is_not_enough() -> None:
    # 1 * 59.9 / 100 = 0.599 and 1 * 60.0 / 100 = 0.600: neither reaches 1; with a weight of 2 and an index of 50 it is 1 exactly
    policy = Policy(Mode.WEIGHTS, {Factor.HARDSHIP: 2}, threshold=1)
    assert assess(policy, Facts(1, "A", 500)).eligible is True
    short = assess(policy, Facts(1, "A", 499))
    assert (short.eligible, short.score) == (False, 998)
    assert public_words(policy, Facts(1, "A", 499), short) == (
        "Not eligible: hardship index of A 49.9 (0.998 points); score 0.998, threshold 1."
    )


def test_a_factor_alone_makes_eligible_whatever_the_score() -> None:
    # 50 * 2 / 100 = 1 point, threshold 60; a temporary living situation is enough by itself
    facts = with_factors(LINCOLN_PARK, STLS)
    found = assess(OF_ALL, facts)
    assert (found.eligible, found.score, found.alone) == (True, 1_000, (STLS,))
    assert "temporary living situation (enough by itself)" in sealed_words(OF_ALL, facts, found)


def test_an_area_is_enough_by_itself_from_its_index_on() -> None:
    policy = Policy(Mode.WEIGHTS, {}, frozenset({Factor.HARDSHIP}), 90, None)
    assert [assess(policy, Facts(1, "A", index)).eligible for index in (899, 900, None)] == [False, True, None]


def test_what_is_not_known_decides_nothing_where_it_could_turn_the_outcome() -> None:
    # Englewood: 47. Lunch unknown: 47 + 24 = 71 could reach 60, so nobody can say. Only English unknown: 47 + 10 = 57 cannot.
    open_ = assess(OF_ALL, with_factors(ENGLEWOOD, unknown=(MEALS,)))
    closed = assess(OF_ALL, with_factors(ENGLEWOOD, unknown=(Factor.ENGLISH_LEARNER,)))
    reached = assess(OF_ALL, with_factors(ENGLEWOOD, MEALS, unknown=(MEDICAID, STLS)))
    alone = assess(OF_ALL, with_factors(LINCOLN_PARK, unknown=(STLS,)))
    assert [one.eligible for one in (open_, closed, reached, alone)] == [None, False, True, None]
    assert "not known: free or reduced-price lunch" in sealed_words(
        OF_ALL, with_factors(ENGLEWOOD, unknown=(MEALS,)), open_
    )


def test_a_home_that_is_not_placed_may_have_every_index() -> None:
    policy = Policy(Mode.WEIGHTS, {Factor.HARDSHIP: 100}, threshold=60)
    assert assess(policy, Facts()).eligible is None


@pytest.mark.parametrize(
    ("word", "said"), [(True, "Eligible:"), (False, "Not eligible:"), (None, "Not decidable yet:")]
)
def test_the_districts_word_is_taken_as_given(word: bool | None, said: str) -> None:
    policy = Policy()
    facts = with_factors(ENGLEWOOD, *SENSITIVE)._replace(district=word)
    assert assess(policy, facts).eligible is word
    assert public_words(policy, facts, assess(policy, facts)).startswith(said)
    assert sealed_words(policy, facts, assess(policy, facts)) == ""


facts_of_any = st.builds(
    Facts,
    area=st.integers(0, 77),
    area_name=st.just("Englewood"),
    hardship=st.none() | st.integers(0, 1000),
    district=st.none() | st.booleans(),
    has=st.integers(0, 63),
    unknown=st.integers(0, 63),
).map(lambda one: one._replace(unknown=one.unknown & ~one.has))
policies = st.builds(
    Policy,
    mode=st.just(Mode.WEIGHTS),
    weights=st.dictionaries(st.sampled_from(Factor), st.integers(1, 100), min_size=1),
    alone=st.frozensets(st.sampled_from(SENSITIVE), max_size=2),
    threshold=st.integers(1, 300),
)


@given(policies, facts_of_any, st.sampled_from(Factor), st.integers(1, 100))
def test_raising_a_weight_never_lowers_a_score_nor_takes_eligibility(
    policy: Policy, facts: Facts, factor: Factor, more: int
) -> None:
    raised = Policy(
        policy.mode,
        {**policy.weights, factor: policy.weights.get(factor, 0) + more},
        policy.alone,
        None,
        policy.threshold,
    )
    before, after = assess(policy, facts), assess(raised, facts)
    assert before.score is not None
    assert after.score is not None
    assert after.score >= before.score
    if factor in BIT and facts.has & BIT[factor]:
        assert after.score == before.score + more * 1000
    if before.eligible:
        assert after.eligible


@given(policies, facts_of_any)
def test_whatever_the_unknown_turns_out_to_be_a_decision_stands(policy: Policy, facts: Facts) -> None:
    found = assess(policy, facts)
    worst, best = facts._replace(unknown=0), facts._replace(unknown=0, has=facts.has | facts.unknown)
    if facts.hardship is None:
        worst, best = worst._replace(hardship=0), best._replace(hardship=1000)
    ends = {assess(policy, worst).eligible, assess(policy, best).eligible}
    assert ends == ({found.eligible} if found.eligible is not None else {True, False})


@given(policies, facts_of_any, st.integers(0, 63), st.integers(0, 63))
def test_two_households_of_one_area_and_outcome_have_the_same_public_words(
    policy: Policy, facts: Facts, has: int, unknown: int
) -> None:
    other = facts._replace(has=has, unknown=unknown & ~has)
    one, two = assess(policy, facts), assess(policy, other)
    if policy.sensitive and one.eligible is two.eligible:
        assert public_words(policy, facts, one) == public_words(policy, other, two)


def test_every_problem_of_a_policy_is_told_at_once_at_its_field() -> None:
    found = problems_of(
        typed(
            weights={"frl": "0", "medicaid": "-5", "stls": "many", "english_learner": "99999"},
            threshold="0",
            alone=["hardship_index"],
            alone_from="90",
        )
    )
    assert set(found) == {
        "weight_frl",
        "weight_medicaid",
        "weight_stls",
        "weight_english_learner",
        "threshold",
        "alone_from",
    }
    assert "above zero" in found["weight_frl"]
    assert "above zero" in found["weight_medicaid"]
    assert "whole number" in found["weight_stls"]
    assert "10,000 at most" in found["weight_english_learner"]
    assert found["alone_from"] == "No area has an index of 90: the highest is 84.2."


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"mode": ""}, "mode", "Choose who decides"),
        ({"weights": {}, "threshold": ""}, "factors", "at least one factor"),
        ({"weights": {"shoe_size": "4"}}, "factors", "no factor named shoe_size"),
        ({"threshold": " "}, "threshold", "Enter the score"),
        ({"weights": {}, "alone": ["stls"]}, "threshold", "no score"),
        ({"threshold": "101"}, "threshold", "add up to 100 points at most, so nobody could reach 101"),
        ({"alone": ["hardship_index"]}, "alone_from", "Enter the hardship index"),
    ],
)
def test_a_policy_that_cannot_work_is_refused(given: dict[str, Any], field: str, words: str) -> None:
    assert words in problems_of(typed(**given))[field]


def test_weights_reach_as_far_as_the_highest_index_and_no_further() -> None:
    # the highest index is 84.2: 100 points * 84.2 / 100 = 84.2
    assert "84.2 points at most" in problems_of(typed(weights={"hardship_index": "100"}, threshold="85"))["threshold"]
    policy = read_policy(
        typed(weights={"hardship_index": "100"}, threshold="84"), holds_factors=False, highest_index=842
    )
    assert most_points(policy, 842) == 84_200


def test_sensitive_factors_are_refused_at_their_fields_where_none_are_held() -> None:
    found = problems_of(typed(alone=["stls"]), holds=False)
    assert set(found) == {"weight_frl", "weight_medicaid", "alone_stls"}


def test_points_are_written_exactly() -> None:
    assert [thousandths(one) for one in (71_000, 71_560, 998, 0, 60_100)] == ["71", "71.56", "0.998", "0", "60.1"]
