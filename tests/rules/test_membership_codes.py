"""Codes are read back as they were written, however somebody says them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectivity.rules.membership_codes import ALPHABET, generate, normalize, shown


@given(st.text(alphabet=ALPHABET, min_size=8, max_size=8), st.sampled_from(["-", " ", "–", ". ", ""]), st.booleans())
def test_a_code_comes_back_from_any_writing(eight: str, between: str, small: bool) -> None:
    code = f"CC{eight}"
    spoken = between.join(shown(code).split("-"))
    assert normalize(spoken.lower() if small else spoken) == code


@given(st.text())
def test_normalizing_twice_changes_nothing(text: str) -> None:
    with suppress(ValueError):
        code = normalize(text)
        assert normalize(code) == code == code.upper()


@pytest.mark.parametrize("text", ["", "CC-1", "a" * 21, "CC-4F7K-9Q€2", "code!"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="membership code"):
        normalize(text)


def test_a_new_code_uses_letters_that_cannot_be_misheard_for_each_other() -> None:
    made = {generate() for _ in range(200)}
    assert len(made) == 200
    assert not set("".join(made)) & set("ILOU")
    assert all(normalize(shown(code)) == code for code in made)
