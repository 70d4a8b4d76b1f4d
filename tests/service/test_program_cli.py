"""`flask program`: an empty production database is put to work without a line of SQL."""

import datetime as dt
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.register import AuditEvent, MembershipCode, Plan, ProgramYear


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["program", *words])


YEAR = ("add-year", "2026-27", "--starts", "2026-07-01", "--ends", "2027-06-30", "--funding", "City")
PLAN = (
    "add-plan",
    "Comcast",
    "Essentials",
    "--service",
    "wired",
    "--down",
    "50",
    "--up",
    "10",
    "--starts",
    "2026-07-01",
)


def test_a_year_a_plan_and_codes_are_added_and_traced(app: Flask, session: Session, tmp_path: Path) -> None:
    codes = tmp_path / "codes.txt"
    codes.write_text("\ufeffCC-4F7K-9QX2\r\n\r\nab123456\n", encoding="utf-8")
    done = [run(app, *words) for words in (YEAR, PLAN, ("add-codes", "Comcast", "2026-27", str(codes)))]
    assert [one.exit_code for one in done] == [0, 0, 0], [one.output for one in done]
    year = session.scalars(select(ProgramYear)).one()
    assert (year.starts_on, year.open_to_new) == (dt.date(2026, 7, 1), True)
    assert session.scalars(select(Plan.down_mbps)).all() == [50]
    rows = session.execute(select(MembershipCode.code, MembershipCode.state).order_by(MembershipCode.code)).all()
    assert [tuple(row) for row in rows] == [("AB123456", "free"), ("CC4F7K9QX2", "free")]
    assert session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all() == [
        "program_year.added",
        "plan.added",
        "codes.added",
    ]


def test_the_same_codes_twice_are_added_once(app: Flask, session: Session, tmp_path: Path) -> None:
    codes = tmp_path / "codes.txt"
    codes.write_text("AB123456\nAB123457\n")
    for words in (YEAR, PLAN):
        run(app, *words)
    again = [run(app, "add-codes", "Comcast", "2026-27", str(codes)).output for _ in range(2)]
    assert again[1].startswith("Codes added: 0, known already: 2")
    assert session.scalar(select(func.count()).select_from(MembershipCode)) == 2


def test_one_bad_line_adds_nothing_and_every_bad_line_is_named(app: Flask, session: Session, tmp_path: Path) -> None:
    codes = tmp_path / "codes.txt"
    codes.write_text("AB123456\n?\nAB1\n")
    for words in (YEAR, PLAN):
        run(app, *words)
    answer = run(app, "add-codes", "Comcast", "2026-27", str(codes))
    assert answer.exit_code == 1
    assert "Line 2:" in answer.output
    assert "Line 3:" in answer.output
    assert session.scalars(select(MembershipCode)).all() == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("set-year", "2030-31", "--open"), "There is no program year 2030-31. Known: 2026-27"),
        (YEAR, "There is a program year 2026-27 already"),
        ((*YEAR[:1], "2026-28", *YEAR[2:]), "overlap with 2026-27 (Jul 1, 2026 to Jun 30, 2027)"),
        (
            (*YEAR[:1], "x", "--starts", "2026-07-01", "--ends", "2026-06-30", "--funding", ""),
            "must end after it starts",
        ),
        (PLAN, "has a plan of this name already"),
    ],
)
def test_what_cannot_be_is_refused_in_words(app: Flask, words: tuple[str, ...], said: str) -> None:
    run(app, *YEAR)
    run(app, *PLAN)
    answer = run(app, *words)
    assert answer.exit_code == 1
    assert said in answer.output


def test_a_year_is_closed_and_opened_again(app: Flask, session: Session) -> None:
    run(app, *YEAR)
    for word, wanted in (("--closed", False), ("--open", True)):
        assert run(app, "set-year", "2026-27", word).exit_code == 0
        session.rollback()  # a new look: the old read transaction would see the old row
        assert session.scalars(select(ProgramYear.open_to_new)).one() is wanted


def test_a_year_beyond_any_program_is_refused_by_the_command_too(app: Flask, session: Session) -> None:
    for starts, ends in (("9999-01-01", "9999-12-31"), ("0001-01-01", "0001-12-31")):
        answer = run(app, "add-year", "Far", "--starts", starts, "--ends", ends, "--funding", "City")
        assert (answer.exit_code, "Program years lie between" in answer.output) == (1, True)
        assert "--beside" not in answer.output
    assert session.scalars(select(ProgramYear)).all() == []
