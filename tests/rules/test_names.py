"""Folding, the terms a household is found by, and the words of a query."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectivity.rules.names import fold, household_terms, phone_terms, query_words, sort_name, upper_bound, words


def terms(**given: object) -> set[str]:
    nothing = dict.fromkeys(("guardian_names", "student_names", "district_ids", "phones", "addresses", "codes"), ())
    return household_terms(**{"reference": "H7K2M9Q4", **nothing, **given})  # type: ignore[arg-type]


def finds(query: str, **given: object) -> bool:
    held = terms(**given)
    return all(any(term.startswith(word) for term in held) for word in query_words(query))


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Muñoz", "munoz"),
        ("MUÑOZ", "munoz"),
        ("Mun\u0303oz", "munoz"),  # the tilde as a mark of its own
        ("Łukasz Żółć", "lukasz zolc"),
        ("O’Hara", "ohara"),
        ("O'Hara", "ohara"),
        ("Straße", "strasse"),
        ("İpek", "ipek"),
        ("Đorđe", "dorde"),
        ("ﬁ", "fi"),
    ],
)
def test_accents_marks_and_case_make_no_difference(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_people_are_ordered_by_last_then_first_name_whatever_the_accents_and_capitals() -> None:
    in_order = [
        ("Álvarez", "Luz"),
        ("Alvarez Baker", "Ana"),
        ("BAKER", "Ed"),
        ("Cruz", "Ana"),
        ("cruz", "Zoe"),
        ("Cruz Ortiz", "Ana"),
        ("Cruz-Ortiz", "Ana"),
        ("Cruzado", "Ana"),
        ("de la Cruz", "Óscar"),
        ("Łoś", "Jan"),
        ("Núñez", "Álvaro"),
        ("Nunez", "Ben"),
        ("NÚÑEZ", "Cleo"),
        ("O’Hara", "Sean"),
        ("Ohara", "Tim"),
        ("Zúñiga", "Ana"),
    ]
    other_way = in_order[::-1]
    # Encoded, as both databases compare this column.
    assert sorted(other_way, key=lambda name: sort_name(*name).encode()) == in_order


@given(st.tuples(st.text(), st.text()))
def test_names_written_otherwise_take_the_same_place(name: tuple[str, str]) -> None:
    assert sort_name(*name) == sort_name(*(fold(part) for part in name))


NAMES = st.text(alphabet="aeilnorz áéñł-'’.", min_size=1)


@given(NAMES, NAMES, NAMES, NAMES)
def test_first_names_decide_only_between_people_of_one_last_name(a: str, b: str, c: str, d: str) -> None:
    assert (sort_name(a, b) < sort_name(c, d)) == ((fold(a), fold(b)) < (fold(c), fold(d)))


@given(st.text())
def test_a_folded_word_has_no_capital_no_mark_and_no_blank(text: str) -> None:
    for word in words(text):
        assert word == word.casefold()
        assert word
        assert not any(letter.isspace() for letter in word)


@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L", "M", "Zs", "Pd", "Po"]), min_size=1))
def test_whatever_a_name_is_it_finds_itself(name: str) -> None:
    assert finds(name, guardian_names=[name])


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789ñł", min_size=1), st.text(max_size=5))
def test_the_range_of_a_prefix_holds_what_begins_with_it_and_nothing_else(prefix: str, other: str) -> None:
    for term in (prefix, prefix + other, other):
        # By code points, as both databases compare these terms.
        assert (prefix <= term < upper_bound(prefix)) == term.startswith(prefix)


@pytest.mark.parametrize(
    "query",
    [
        "7735550123",
        "(773) 555-0123",
        "773.555.0123",
        "+1 773 555 0123",
        "1-773-555-0123",
        "17735550123",
        "555-0123",
        "5550123",
        "773-555",
        "773 555 01",
        "munoz 773 555 0123",
    ],
)
def test_a_phone_is_found_in_any_writing_and_while_it_is_typed(query: str) -> None:
    assert finds(query, phones=["+17735550123"], guardian_names=["Rosa Muñoz"])


def test_another_phone_is_not_found() -> None:
    assert not finds("773-555-0124", phones=["+17735550123"])
    assert not finds("312-555-0123", phones=["+17735550123"])


def test_a_foreign_phone_keeps_all_its_digits() -> None:
    assert phone_terms("+525512345678") == ["525512345678"]


@pytest.mark.parametrize("query", ["CC-4F7K-9QX2", "cc4f7k9qx2", "cc 4f7k 9qx2", "CC-4F7", "9QX2"])
def test_a_code_is_found_with_and_without_its_dashes(query: str) -> None:
    assert finds(query, codes=["CC4F7K9QX2"])


@pytest.mark.parametrize("query", ["AB-12-34567", "AB1234567", "ab1234-567"])
def test_a_providers_own_code_is_found_wherever_its_dashes_stand(query: str) -> None:
    assert finds(query, codes=["AB1234567"])


@pytest.mark.parametrize(
    "query",
    [
        "1135 wilson",
        "1135 W Wilson Ave",
        "1135 West Wilson Avenue",
        "1135 W. Wilson, apt. 2-B",
        "1135 west wilson avenue apartment 2b",
        "1135 W Wilson Ave #2B, Chicago, IL 60640",
        "60640",
    ],
)
def test_an_address_is_found_as_people_write_it(query: str) -> None:
    assert finds(query, addresses=["1135 W WILSON AVE", "APT 2B", "60640"])


def test_a_zero_line_in_front_of_a_student_id_may_be_left_out() -> None:
    assert finds("00123456", district_ids=["00123456"])
    assert finds("123456", district_ids=["00123456"])
    assert not finds("0123456", district_ids=["00123456"])


@pytest.mark.parametrize("query", ["de la cruz", "delacruz", "dela cruz", "cruz maria", "la cruz", "lacruz"])
def test_a_family_name_of_several_words_is_found_apart_and_together(query: str) -> None:
    assert finds(query, guardian_names=["María de la Cruz"])


def test_every_word_must_fit() -> None:
    assert finds("gar mar", guardian_names=["María García"])
    assert not finds("garcia jose", guardian_names=["María García"])


def test_a_word_that_begins_another_is_not_asked_twice() -> None:
    assert query_words("garcia gar g") == ["garcia"]


@given(st.text())
def test_any_text_makes_a_query(text: str) -> None:
    found = query_words(text)
    assert len(found) == len(set(found))
    assert all(word and word == fold(word) for word in found)
