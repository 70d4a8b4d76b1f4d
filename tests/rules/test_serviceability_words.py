"""A provider's own words about an address: understood where they are plain, never guessed, and never read as a no by mistake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectivity.rules.serviceability_words import (
    ExistingService,
    MatchResult,
    Serviceable,
    allowed,
    read_existing,
    read_match,
    read_serviceable,
    read_speed,
)

NO_WORDS = ("n", "no", "f", "false", "0", "off", "out", "non", "not", "un")  # what a no may begin with


@pytest.mark.parametrize("word", [one.value for one in Serviceable])
def test_our_own_words_are_read_however_they_are_written(word: str) -> None:
    for written in (word, word.upper(), f" {word.title()} ", f"{word}."):
        assert read_serviceable(written) == word


@pytest.mark.parametrize("words", [MatchResult, ExistingService])
def test_words_of_two_parts_are_read_with_any_joint(words: type[MatchResult] | type[ExistingService]) -> None:
    read = read_match if words is MatchResult else read_existing
    for one in words:
        for joint in (" ", "_", "-", "  "):
            assert read(one.value.replace("_", joint)) is one


@pytest.mark.parametrize(
    ("written", "meant"), [("Off-Net", "no"), ("on net", "yes"), ("UNSERVICEABLE", "no"), ("Y", "yes")]
)
def test_words_of_the_trade_are_read(written: str, meant: str) -> None:
    assert read_serviceable(written) == meant


@pytest.mark.parametrize(
    "written", ["", " ", "unknown", "N/A", "?", "-", "tbd", "construction required", "Site_Survey"]
)
def test_blank_and_not_yet_known_are_unknown(written: str) -> None:
    assert read_serviceable(written) is Serviceable.UNKNOWN


def test_blank_says_nothing_of_how_an_address_was_found_or_of_service() -> None:
    assert read_match("") is None
    assert read_existing("") is ExistingService.NOT_DISCLOSED


@given(st.text())
def test_nothing_but_a_word_for_no_is_a_no(written: str) -> None:
    if read_serviceable(written) is Serviceable.NO:
        assert written.casefold().strip(" .*'\"_-\t\n\r").startswith(NO_WORDS)


@given(st.integers(0, 100_000))
def test_a_speed_in_mbps_is_read_however_it_is_written(speed: int) -> None:
    for written in (f"{speed}", f"{speed:,}", f"{speed} Mbps", f"{speed}.0", f" {speed}M "):
        assert read_speed(written) == speed


@pytest.mark.parametrize(
    ("written", "mbps"), [("1 Gbps", 1000), ("2.3 gbps", 2300), ("940.5", 940), ("", None), ("unknown", None)]
)
def test_other_speeds_are_read(written: str, mbps: int | None) -> None:
    assert read_speed(written) == mbps


@pytest.mark.parametrize("written", ["fast", "-1", "50/10", "1,2,3", "100001", "200 Gbps"])
def test_what_is_no_speed_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no speed"):
        read_speed(written)


def test_the_words_that_may_be_written_are_listed() -> None:
    assert allowed(ExistingService) == "yes, no, not disclosed"
