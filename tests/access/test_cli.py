"""`flask account` without a browser."""

from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.register import Account, AuditEvent, OrganizationArea, Role
from tests import factories

PASSWORD = "marble kettle orchard"


@pytest.fixture
def run(app: Flask) -> Any:
    """`run("list")` -> what `flask account list` answers."""

    def of(*words: str, typed: str = "") -> Result:
        return app.test_cli_runner().invoke(args=["account", *words], input=typed)

    return of


def test_the_first_administrator_is_made_on_the_command_line_with_a_hidden_password(run: Any, session: Session) -> None:
    answer = run("create-admin", "ada@example.org", "--name", "Ada", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert answer.exit_code == 0, answer.output
    assert PASSWORD not in answer.output
    made = session.scalars(select(Account)).one()
    assert (made.email, made.role, made.active, made.demo) == ("ada@example.org", "admin", True, False)
    assert made.password is not None
    assert made.password.startswith("$argon2id$")
    assert session.scalars(select(AuditEvent.account_id)).all() == [None]


def test_an_account_of_each_role_can_be_opened_and_listed(run: Any, session: Session) -> None:
    assert run("add-organization", "Neighbors", "--area", "3", "--area", "77", "--from", "2026-07-01").exit_code == 0
    options = {
        "school": ["--school", "610355,610242"],
        "partner": ["--organization", "Neighbors", "--area", "77"],
        "staff": [],
        "council": [],
    }
    for role, given in options.items():
        answer = run(
            "create",
            f"{role}@example.org",
            "--name",
            role.title(),
            "--role",
            role,
            "--password-stdin",
            *given,
            typed=PASSWORD + "\n",
        )
        assert answer.exit_code == 0, answer.output
    listed = run("list").output
    for words in ("610242, 610355", "area 77, Neighbors", "council@example.org"):
        assert words in listed


def test_everything_wrong_is_said_at_once_with_its_option(run: Any, session: Session) -> None:
    factories.account(session, Role.STAFF, email="taken@example.org")
    session.commit()
    answer = run(
        "create",
        "taken@example.org",
        "--name",
        "T",
        "--role",
        "school",
        "--school",
        "000001",
        "--password-stdin",
        typed="short\n",
    )
    assert answer.exit_code == 1
    for words in (
        "EMAIL: An account with this e-mail",
        "--school: No school has the id 000001",
        "password: Use at least 12",
    ):
        assert words in answer.output
    assert "Traceback" not in answer.output
    assert session.scalar(select(func.count()).select_from(Account)) == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["create", "n@example.org", "--name", "N", "--role", "king", "--password-stdin"],
            "--role: Choose one of the roles",
        ),
        (
            ["create", "n@example.org", "--name", "N", "--role", "partner", "--organization", "X", "--password-stdin"],
            "No organization has the name 'X'",
        ),
        (
            ["create", "no mail", "--name", "N", "--role", "partner", "--organization", "X", "--password-stdin"],
            "EMAIL: This is not an e-mail address",
        ),
        (["add-organization", " ", "--area", "3", "--from", "2026-07-01"], "enter a name of 1 to 100 characters"),
        (["deactivate", "nobody@example.org"], "No account has the e-mail nobody@example.org"),
        (["end-sessions", "nobody@example.org"], "No account has the e-mail"),
        (
            ["add-organization", "N", "--area", "3", "--from", "2026-07-01", "--to", "2026-06-30"],
            "the last day comes before the first",
        ),
    ],
)
def test_a_wrong_word_is_answered_in_words(run: Any, words: list[str], expected: str) -> None:
    answer = run(*words, typed=PASSWORD + "\n")
    assert answer.exit_code != 0
    assert expected in answer.output


def test_accounts_are_closed_signed_out_and_given_new_passwords(run: Any, session: Session) -> None:
    council = factories.account(session, Role.COUNCIL, email="cora@example.org")
    admin = factories.account(session, Role.ADMIN, email="ada@example.org")
    session.commit()
    seen = {council.fs_uniquifier}
    for words in (
        ["end-sessions", "Cora@example.org"],
        ["set-password", "cora@example.org", "--password-stdin"],
        ["deactivate", "cora@example.org"],
    ):
        assert run(*words, typed=PASSWORD + "\n").exit_code == 0
        session.rollback()
        session.expire_all()
        assert council.fs_uniquifier not in seen
        seen.add(council.fs_uniquifier)
    assert council.active is False
    assert "(may not sign in)" in run("list").output
    last = run("deactivate", admin.email).output
    assert "EMAIL: This is the last administrator" in last
    assert "--role" not in last


def test_an_empty_list_says_how_to_begin(run: Any) -> None:
    assert "flask account create-admin EMAIL" in run("list").output


def test_an_organization_gains_areas_and_entering_it_again_changes_nothing(run: Any, session: Session) -> None:
    for areas in (["3"], ["3", "77"], ["77"]):
        options = [word for area in areas for word in ("--area", area)]
        assert run("add-organization", "Neighbors", *options, "--from", "2026-07-01").exit_code == 0
    assert sorted(session.scalars(select(OrganizationArea.community_area))) == [3, 77]
