"""`flask roster`: the whole way without a browser, in one process, each refusal in words."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.access import uploads
from connectivity.database import transaction
from connectivity.jobs import Jobs, Progress
from connectivity.register import AuditEvent, Household, ImportState, Role, RosterImport, Student
from connectivity.rosters import apply as applying
from connectivity.rosters import imports, steps
from connectivity.rosters.jobs import turns_folder
from connectivity.rosters.turns import at_work
from tests import factories
from tests.rosters.conftest import newest
from tests.rosters.districts import csv_bytes, row

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask, session: Session) -> Run:
    """`run("list")`: the command as a person types it."""
    factories.program_year(session)
    factories.account(session, Role.STAFF, email="first@example.org")
    factories.account(session, Role.ADMIN, email="second@example.org")
    factories.account(session, Role.SCHOOL, email="school@example.org")
    session.commit()

    def invoke(*words: str, typed: str = "") -> Result:
        return app.test_cli_runner().invoke(args=["roster", *words], input=typed)

    return invoke


@pytest.fixture
def file(session: Session, tmp_path: Path) -> Callable[..., str]:
    """Writes rows to a file and names it."""

    def write(*rows: dict[str, str], name: str = "roster.csv") -> str:
        path = tmp_path / name
        path.write_bytes(csv_bytes(rows))
        return str(path)

    return write


def take(run: Run, path: str, *more: str) -> Result:
    return run("import", path, "--program-year", "2026-27", *more)


def registered(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Household)) or 0


def test_a_dry_run_shows_the_plan_and_writes_nothing_to_the_register(
    run: Run, session: Session, file: Callable[..., str], app: Flask
) -> None:
    done = take(run, file(row(session), row(session, cps_student_id="12")), "--dry-run")
    assert done.exit_code == 0, done.output
    for said in (
        "Roster 1: roster.csv, 2026-27: Plan ready",
        "  New students                                          1",
        "  Rows not taken in                                     1",
        "Row 3: cps_student_id “12”: ",
        "This was a dry run: the plan is put aside",
    ):
        assert said in done.output, said
    assert registered(session) == 0
    assert newest(session).state == ImportState.DISCARDED
    assert list(uploads.folder_of(app).iterdir()) == []


def test_the_first_of_many_problems_say_how_many_there_are_and_where(
    run: Run, session: Session, file: Callable[..., str]
) -> None:
    path = file(row(session), *(row(session, cps_student_id=str(number)) for number in range(12)))
    done = take(run, path, "--dry-run")
    assert (
        "These are 10 of 12 problems. All of them: hand the file in with --plan-only and open its page." in done.output
    )
    assert done.output.count("  Row ") == 10
    done = take(run, path, "--plan-only")
    assert "These are 10 of 12 problems. All of them: the page of roster 2." in done.output


def test_a_roster_is_applied_after_a_yes(run: Run, session: Session, file: Callable[..., str]) -> None:
    path = file(row(session))
    done = run("import", path, "--program-year", "2026-27", typed="y\n")
    assert done.exit_code == 0, done.output
    assert "Apply this plan?" in done.output
    assert "Roster 1 is applied." in done.output
    assert registered(session) == 1


def test_a_no_leaves_the_plan_and_apply_takes_it_up(run: Run, session: Session, file: Callable[..., str]) -> None:
    done = run("import", file(row(session)), "--program-year", "2026-27", typed="n\n")
    assert "Nothing was changed. Apply it later with: flask roster apply 1" in done.output
    assert registered(session) == 0
    done = run("apply", "1", "--yes", "--account", "first@example.org")
    assert done.exit_code == 0, done.output
    applied = newest(session)
    assert applied.state == ImportState.APPLIED
    assert applied.applier is not None
    assert applied.applier.email == "first@example.org"


def test_plan_only_leaves_the_plan_for_somebody_to_look_at(
    run: Run, session: Session, file: Callable[..., str]
) -> None:
    done = take(run, file(row(session)), "--plan-only", "--part")
    assert done.exit_code == 0, done.output
    assert (newest(session).state, newest(session).covers) == (ImportState.PLANNED, "part")


def test_the_same_file_again_goes_on_where_the_first_stands(
    run: Run, session: Session, file: Callable[..., str], app: Flask
) -> None:
    path = file(row(session))
    take(run, path, "--plan-only")
    done = take(run, path, "--yes")
    assert "This file was handed in before, as roster 1." in done.output
    assert newest(session).state == ImportState.APPLIED
    done = take(run, path, "--yes")
    assert done.exit_code == 0, done.output
    assert session.scalar(select(func.count()).where(AuditEvent.action == "roster.applied")) == 1
    assert list(uploads.folder_of(app).iterdir()) == []


def test_a_dry_run_of_a_file_that_somebody_handed_in_leaves_their_plan(
    run: Run, session: Session, file: Callable[..., str]
) -> None:
    path = file(row(session))
    take(run, path, "--plan-only")
    done = take(run, path, "--dry-run")
    assert "so its plan stays as it is" in done.output
    assert newest(session).state == ImportState.PLANNED


def killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("step", ["read_and_compare", "compare_again", "apply"])
def test_a_command_that_was_ended_midway_can_be_run_again(
    run: Run, session: Session, file: Callable[..., str], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = file(row(session))
    with monkeypatch.context() as ended:
        ended.setattr(steps, step, killed)
        assert take(run, path, "--yes").exit_code != 0
    assert registered(session) == 0
    done = take(run, path, "--yes")
    assert done.exit_code == 0, done.output
    assert newest(session).state == ImportState.APPLIED
    assert registered(session) == 1


def test_an_undo_that_was_ended_midway_can_be_run_again(
    run: Run, session: Session, file: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    take(run, file(row(session)), "--yes")
    with monkeypatch.context() as ended:
        ended.setattr(steps, "undo", killed)
        run("undo", "1", "--reason", "Wrong.")
    assert newest(session).state == ImportState.UNDOING
    done = run("undo", "1", "--reason", "Wrong.")
    assert "Roster 1 is taken back." in done.output
    assert registered(session) == 0


def test_a_roster_that_a_worker_is_at_is_left_to_it(
    run: Run, session: Session, file: Callable[..., str], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file(row(session))
    take(run, path, "--plan-only")
    made = newest(session)
    made.state = ImportState.COMPARING
    session.commit()
    monkeypatch.setattr(Jobs, "progress", lambda *_: Progress("Finding households", 0, 0, made.submitted_at))
    with at_work(turns_folder(app), made.id):
        done = take(run, path, "--yes")
    assert done.exit_code == 1
    assert "The worker is at it. See how far it is: flask roster show 1" in done.output
    assert "Finding households" in run("show", "1").output


def many(session: Session) -> list[dict[str, str]]:
    return [
        row(
            session,
            cps_student_id=f"7000{number:04}",
            student_last_name=f"Family{number}",
            guardian_name=f"Ada Family{number}",
            guardian_phone="",
            guardian_email="",
            unit=f"Apt {number}",
        )
        for number in range(30)
    ]


def test_a_held_plan_ends_with_code_3_and_names_the_way_on(
    run: Run, session: Session, file: Callable[..., str]
) -> None:
    rows = many(session)
    take(run, file(*rows), "--yes")
    done = take(run, file(*rows[:5], name="next.csv"), "--yes", "--account", "first@example.org")
    assert done.exit_code == 3, done.output
    assert "25 of 30 students of the last roster (83%) are not in this one." in done.output
    assert "flask roster approve 2 --account EMAIL --reason" in done.output
    done = run("approve", "2", "--account", "first@example.org", "--reason", "Right.")
    assert (done.exit_code, "You handed this roster in." in done.output) == (1, True)
    done = run("apply", "2", "--yes")
    assert (done.exit_code, "waits for a second person" in done.output) == (1, True)
    done = run("approve", "2", "--account", "second@example.org", "--reason", "Right.")
    assert done.exit_code == 0, done.output
    assert run("apply", "2", "--yes").exit_code == 0
    assert newest(session).state == ImportState.APPLIED


def test_unknown_columns_are_listed_with_the_nearest_heading(run: Run, session: Session, tmp_path: Path) -> None:
    one = row(session)
    one["birth_dat"] = one.pop("birth_date")
    path = tmp_path / "other.csv"
    path.write_bytes(csv_bytes([one], list(one)))
    done = take(run, str(path))
    assert done.exit_code == 1
    for said in (
        "Headings in the file: cps_student_id, ",
        "Missing: Birth date. Nearest: birth_dat.",
        "page of roster 1",
    ):
        assert said in done.output, said
    assert newest(session).state == ImportState.COLUMNS
    done = run("discard", "1")
    assert "Roster 1 is put aside." in done.output
    done = take(run, str(path), "--dry-run")
    assert "Missing: Birth date." in done.output
    assert newest(session).state == ImportState.DISCARDED


def test_a_file_that_is_no_roster_is_refused_in_words(run: Run, session: Session, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    for more in ((), ("--dry-run",)):
        done = take(run, str(path), *more)
        assert done.exit_code == 1
        assert "is a picture" in done.output


def test_an_undo_lists_what_stayed(run: Run, session: Session, file: Callable[..., str]) -> None:
    take(run, file(row(session)), "--yes")
    session.rollback()
    home = session.scalars(select(Household)).one()
    home.email = "new@example.org"
    session.commit()
    done = run("undo", "1", "--reason", "Wrong.", "--account", "first@example.org")
    assert done.exit_code == 0, done.output
    assert (
        f"What people changed since stays (1):\n  {home.reference}: people changed the household since" in done.output
    )
    assert newest(session).undo_reason == "Wrong."


def test_the_list_names_every_roster_and_says_what_to_do_without_one(
    run: Run, session: Session, file: Callable[..., str]
) -> None:
    assert "No roster yet. Hand one in with: flask roster import" in run("list").output
    take(run, file(row(session)), "--plan-only", "--account", "first@example.org")
    assert "1  2026-27  Plan ready                    roster.csv  (first@example.org)" in run("list").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "9"), "There is no roster 9. See: flask roster list"),
        (("apply", "9"), "There is no roster 9."),
        (("discard", "9"), "There is no roster 9."),
        (("undo", "9", "--reason", "x"), "There is no roster 9."),
        (("approve", "9", "--account", "second@example.org", "--reason", "x"), "There is no roster 9."),
        (("approve", "9", "--account", "school@example.org", "--reason", "x"), "No account of the office signs in as"),
        (("approve", "9", "--account", "nobody@example.org", "--reason", "x"), "No account of the office signs in as"),
        (("undo", "1", "--reason", "x"), "Only a roster that has been applied can be taken back."),
        (("approve", "1", "--account", "second@example.org", "--reason", "x"), "is not waiting for a second person"),
    ],
)
def test_a_refusal_is_one_line_in_words(
    run: Run, session: Session, file: Callable[..., str], words: tuple[str, ...], said: str
) -> None:
    take(run, file(row(session)), "--plan-only")
    done = run(*words)
    assert done.exit_code == 1
    assert said in done.output
    assert "Traceback" not in done.output


def test_an_unknown_program_year_names_the_known_ones(run: Run, session: Session, file: Callable[..., str]) -> None:
    done = run("import", file(row(session)), "--program-year", "2030-31")
    assert done.exit_code == 1
    assert "There is no program year 2030-31. Known: 2026-27." in done.output
    assert session.scalar(select(func.count()).select_from(RosterImport)) == 0


def test_a_roster_that_another_overtook_is_put_aside_with_the_reason(
    run: Run, session: Session, file: Callable[..., str]
) -> None:
    take(run, file(row(session), name="one.csv"), "--plan-only")
    with transaction(session):
        applying.claim(session, account=None, roster=imports.locked(session, 1))
    take(run, file(row(session, cps_student_id="60000009", student_first_name="Eva"), name="two.csv"), "--yes")
    done = run("apply", "1", "--yes")
    session.rollback()
    assert "Put aside" in done.output
    assert session.scalar(select(func.count()).select_from(Student)) == 1
