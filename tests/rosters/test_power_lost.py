"""Power lost in the middle of an apply: the register is the old one or the new one, never between, and the next worker finishes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.register import ImportState, RosterImport, Student
from connectivity.rosters import apply as applying
from connectivity.rosters import imports, steps
from connectivity.settings import ROOT
from tests.rosters import districts
from tests.rosters.districts import csv_bytes, dump, plan, row, take_in

KILLS = 12
APPLY = """
import sys
from connectivity.database import make_engine, make_sessions
from connectivity.rosters import apply
with make_sessions(make_engine(sys.argv[1]))() as session:
    apply.apply(session, int(sys.argv[2]), report=lambda stage, done, total: print(stage, flush=True))
print("done", flush=True)
"""


def many(session: Session, grade: str, count: int, first: int = 0) -> list[dict[str, str]]:
    return [
        row(
            session,
            cps_student_id=f"{60000000 + number}",
            student_first_name=f"Luz{number}",
            student_last_name=f"Muñoz{number // 2}",
            guardian_name=f"Rosa Muñoz{number // 2}",
            guardian_phone=f"773-{200 + number // 20000}-{number // 2 % 10000:04}",
            guardian_email="",
            unit=f"Apt {number // 2}",
            grade=grade,
        )
        for number in range(first, first + count)
    ]


def killed_after(database_url: str, roster_id: int, seconds: float) -> None:
    """Applies in a process of its own and kills it `seconds` after its first sign of work."""
    child = subprocess.Popen(
        [sys.executable, "-c", APPLY, database_url, str(roster_id)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(seconds)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()


def test_a_killed_apply_leaves_the_old_register_or_the_new_one(
    session: Session, database_url: str, tmp_path: Path
) -> None:
    take_in(session, tmp_path, many(session, "5", 300))
    roster = plan(session, tmp_path, csv_bytes([*many(session, "6", 300), *many(session, "6", 900, first=300)]))
    with transaction(session):
        applying.claim(session, account=None, roster=imports.locked(session, roster.id))
    old = dump(session)
    session.rollback()
    moments = [
        0.005 * 1.5**step for step in range(KILLS)
    ]  # from 5 ms to half a second: within the work, and past its end
    seen = set()
    for seconds in moments:
        killed_after(database_url, roster.id, seconds)
        session.rollback()
        session.expire_all()
        state = session.get_one(RosterImport, roster.id).state
        students = len(session.scalars(select(Student.id)).all())
        seen.add((state, students))
        if state == ImportState.APPLYING:
            assert dump(session) == old
        session.rollback()
        if state == ImportState.APPLIED:
            break
    assert seen <= {(ImportState.APPLYING, 300), (ImportState.APPLIED, 1200)}
    assert (ImportState.APPLYING, 300) in seen  # at least one kill came in the middle
    assert steps.apply(session, roster.id, rules=districts.RULES, report=districts.silent) == ImportState.APPLIED
    grades = session.scalars(select(Student.grade)).all()
    assert grades == ["6"] * 1200


def test_a_killed_reading_begins_again(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first chunk was staged and committed when the power went."""
    content = csv_bytes(many(session, "5", 30))
    roster = districts.hand_in(session, tmp_path, content).roster

    class PowerLost(BaseException):
        pass

    def report(_stage: str, done: int, _total: int) -> None:
        if done:
            raise PowerLost

    path = tmp_path / roster.stored_as
    with pytest.raises(PowerLost):
        steps.read_and_compare(session, roster.id, path, rules=districts.RULES, report=report, seal=None)
    session.rollback()
    steps.read_and_compare(session, roster.id, path, rules=districts.RULES, report=districts.silent, seal=None)
    again = session.get_one(RosterImport, roster.id, populate_existing=True)
    assert (again.state, again.counts["new"]) == (ImportState.PLANNED, 30)
    assert not path.exists()
