"""A start with dangerous settings is refused, with every reason at once."""

import os
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet
from flask import Flask
from flask.cli import cli as flask_command

from app import main
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


@pytest.mark.parametrize("word", ["1", "true", "on", "off"])  # Flask reads "off" as on
def test_flasks_own_debug_is_refused_in_production_as_well(tmp_path: Path, word: str) -> None:
    with pytest.raises(SettingsRefused, match=r"FLASK_DEBUG .* must be off in production"):
        Settings.from_environment({"CONNECTIVITY_INSTANCE_FOLDER": str(tmp_path), **SECRETS, "FLASK_DEBUG": word})


@pytest.mark.parametrize(
    ("words", "variables"),
    [
        (["--debug", "run"], {}),
        (["run", "--debug"], {}),
        (["run", "--debugger"], {}),
        (["run"], {"FLASK_DEBUG": "1"}),
        (["run"], {"FLASK_RUN_DEBUGGER": "1"}),
    ],
)
def test_no_flag_or_variable_starts_production_with_the_debugger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], variables: dict[str, str]
) -> None:
    def served(*_given: Any, **_more: Any) -> None:
        raise AssertionError("the server started")

    monkeypatch.setattr("werkzeug.serving.run_simple", served)
    monkeypatch.delenv("FLASK_DEBUG", raising=False)
    environment = {"CONNECTIVITY_INSTANCE_FOLDER": str(tmp_path), **SECRETS, **variables}
    for name in [name for name in os.environ if name.startswith("CONNECTIVITY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLASK_DEBUG", "0")  # restored afterwards, whatever the command sets
    answer = CliRunner(env={"FLASK_DEBUG": None, **environment}).invoke(flask_command, ["--app", "app", *words])
    assert answer.exit_code == 1
    assert "the debugger runs code for whoever opens a page" in str(answer.exception) + answer.output
    assert not isinstance(answer.exception, AssertionError)


def test_the_development_server_is_told_whether_to_debug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr(Flask, "run", lambda _app, **given: told.update(given))
    monkeypatch.setattr("connectivity.jobs.worker_beside", lambda _file: nullcontext())
    for name, value in {"MODE": "demo", "INSTANCE_FOLDER": str(tmp_path), "DEBUG": "ON"}.items():
        monkeypatch.setenv(f"CONNECTIVITY_{name}", value)
    main()
    assert told["debug"] is True
    monkeypatch.setenv("CONNECTIVITY_DEBUG", "no")
    main()
    assert told["debug"] is False


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(SystemExit) as refused:
        main()
    assert str(refused.value) == f"Connectivity cannot start: PORT must be a number from 1 to 65535, not {port!r}."


@pytest.mark.parametrize(
    ("word", "on"),
    [("1", True), ("True", True), ("YES", True), ("on", True), ("0", False), ("No", False), ("OFF", False)],
)
def test_a_switch_is_read_in_any_case(tmp_path: Path, word: str, on: bool) -> None:
    assert start(tmp_path, DEBUG=word, MODE="development").debug is on


def test_a_word_that_is_no_switch_is_refused(tmp_path: Path) -> None:
    assert "CONNECTIVITY_DEBUG must be one of 1, true, yes, on, 0" in reasons(tmp_path, DEBUG="maybe")


def test_one_secret_for_two_purposes_and_a_limit_of_nothing_are_refused(tmp_path: Path) -> None:
    words = reasons(tmp_path, PASSWORD_SALT=SECRETS["CONNECTIVITY_SECRET_KEY"], UPLOAD_LIMIT_MB="0")
    assert "must differ" in words
    assert "CONNECTIVITY_UPLOAD_LIMIT_MB must be at least 1" in words


def test_the_values_that_hold_a_roster_are_shares(tmp_path: Path) -> None:
    settings = start(tmp_path, HOLD_VANISHED_PERCENT="0", HOLD_SCHOOLS_PERCENT="100")
    assert (settings.hold_vanished_percent, settings.hold_addresses_percent, settings.hold_schools_percent) == (
        0,
        15,
        100,
    )
    words = reasons(tmp_path, HOLD_VANISHED_PERCENT="101", HOLD_ADDRESSES_PERCENT="-1", ROSTER_LIMIT_MB="0")
    assert "CONNECTIVITY_HOLD_VANISHED_PERCENT must be a share from 0 to 100 percent, not 101" in words
    assert "CONNECTIVITY_HOLD_ADDRESSES_PERCENT must be a whole number" in words
    assert "CONNECTIVITY_ROSTER_LIMIT_MB must be at least 1" in words


def test_factor_keys_are_read_in_order_and_never_printed(tmp_path: Path) -> None:
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    settings = start(tmp_path, FACTOR_KEYS=", ".join(keys))
    assert list(settings.factor_keys) == keys
    assert keys[0] not in repr(settings)
    assert start(tmp_path).factor_keys == ()


def test_a_factor_key_that_is_none_is_refused_by_its_place_with_how_to_make_one(tmp_path: Path) -> None:
    words = reasons(tmp_path, FACTOR_KEYS=f"{Fernet.generate_key().decode()},my-own-secret")
    assert "CONNECTIVITY_FACTOR_KEYS: key 2 is no key" in words
    assert "Fernet.generate_key()" in words
    assert "my-own-secret" not in words


def test_a_queue_that_is_no_redis_or_whose_client_is_missing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "CONNECTIVITY_QUEUE_URL must be redis://" in reasons(tmp_path, QUEUE_URL="amqp://queue")
    monkeypatch.setattr("connectivity.settings.find_spec", lambda _name: None)
    assert "pip install redis" in reasons(tmp_path, QUEUE_URL="redis://:hush@queue.example:6379/0")
    monkeypatch.setattr("connectivity.settings.find_spec", lambda _name: object())
    assert "hush" not in repr(start(tmp_path, QUEUE_URL="redis://:hush@queue.example:6379/0"))


def test_an_instance_folder_that_cannot_be_made_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    words = reasons(tmp_path / "file" / "instance", MODE="demo", SECRET_KEY="", PASSWORD_SALT="")
    assert "CONNECTIVITY_INSTANCE_FOLDER" in words
