"""A start with dangerous settings is refused, with every reason at once."""

from pathlib import Path

import pytest

from connectivity.settings import Settings, SettingsRefused

SECRETS = {
    "CONNECTIVITY_SECRET_KEY": "k3yk3y-0123456789-abcdefghijklmnopqrstuvwxyz",
    "CONNECTIVITY_PASSWORD_SALT": "s4lts4lt-0123456789-abcdefghijklmnopqrstuvwxyz",
}


def start(folder: Path, **given: str) -> Settings:
    named = {f"CONNECTIVITY_{name}": value for name, value in given.items()}
    return Settings.from_environment({"CONNECTIVITY_INSTANCE_FOLDER": str(folder), **SECRETS, **named})


def reasons(folder: Path, **given: str) -> str:
    with pytest.raises(SettingsRefused) as refused:
        start(folder, **given)
    assert refused.value.code  # ends the program with words and a failure, without a traceback
    return str(refused.value)


def test_production_is_the_default_and_starts_with_good_secrets(tmp_path: Path) -> None:
    settings = start(tmp_path)
    assert settings.production
    assert not settings.debug
    assert SECRETS["CONNECTIVITY_SECRET_KEY"] not in repr(settings)


def test_production_has_no_default_secret(tmp_path: Path) -> None:
    words = reasons(tmp_path, SECRET_KEY="", PASSWORD_SALT="")
    assert "CONNECTIVITY_SECRET_KEY must be at least 32 random characters" in words
    assert "CONNECTIVITY_PASSWORD_SALT must be at least 32 random characters" in words
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("weak", ["secret", "changeme-changeme-changeme-changeme", "a" * 64])
def test_a_short_or_repeated_secret_is_refused(tmp_path: Path, weak: str) -> None:
    assert "CONNECTIVITY_SECRET_KEY must be" in reasons(tmp_path, SECRET_KEY=weak)


def test_debug_is_refused_in_production_and_allowed_elsewhere(tmp_path: Path) -> None:
    assert "CONNECTIVITY_DEBUG must be off in production" in reasons(tmp_path, DEBUG="1")
    assert start(tmp_path, DEBUG="1", MODE="development").debug


def test_every_reason_is_given_at_once(tmp_path: Path) -> None:
    words = reasons(tmp_path, SECRET_KEY="", DEBUG="1", PROXIES="two", DATABASE_URL="mysql://x/y", COLOUR="blue")
    for reason in (
        "SECRET_KEY",
        "DEBUG",
        "PROXIES must be a whole number",
        "not mysql",
        "CONNECTIVITY_COLOUR is not a setting",
    ):
        assert reason in words


def test_an_unknown_mode_is_refused(tmp_path: Path) -> None:
    assert "CONNECTIVITY_MODE must be one of demo, development, production" in reasons(tmp_path, MODE="test")


def test_outside_production_secrets_are_made_once_and_kept_to_their_owner(tmp_path: Path) -> None:
    first = start(tmp_path, MODE="demo", SECRET_KEY="", PASSWORD_SALT="")
    again = start(tmp_path, MODE="demo", SECRET_KEY="", PASSWORD_SALT="")
    assert (first.secret_key, first.password_salt) == (again.secret_key, again.password_salt)
    assert first.secret_key != first.password_salt
    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}
