"""Files that were handed in do not lie on the disk for good."""

import datetime as dt
import os
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from connectivity.access import uploads
from connectivity.database import now
from connectivity.jobs import jobs_of
from connectivity.register import Bill, ImportState, RosterImport
from connectivity.rosters import jobs as roster_jobs
from connectivity.rosters.received_files import KEPT_DAYS, STRAY_HOURS, Swept, sweep
from tests import factories
from tests.rosters.districts import csv_bytes, hand_in, plan, row


def aged(folder: Path, name: str, **age: int) -> Path:
    """A file that came in some time ago."""
    path = folder / name
    path.write_bytes(b"names and homes")
    at = (now() - dt.timedelta(**age)).timestamp()
    os.utime(path, (at, at))
    return path


def waiting(session: Session, folder: Path, days: int) -> RosterImport:
    """A roster that waits for somebody to name its columns, handed in some days ago."""
    one = row(session)
    one["born"] = one.pop("birth_date")
    roster = plan(session, folder, csv_bytes([one], list(one)))
    assert roster.state == ImportState.COLUMNS
    roster.submitted_at = now() - dt.timedelta(days=days)
    session.commit()
    return roster


def test_a_file_that_was_read_is_gone_and_its_receipt_keeps_the_hash(session: Session, tmp_path: Path) -> None:
    roster = plan(session, tmp_path, csv_bytes([row(session)]))
    assert list(tmp_path.iterdir()) == []
    assert len(roster.file_sha256) == 64


def test_a_file_waits_a_month_for_its_columns_and_is_then_deleted_with_the_reason(
    session: Session, tmp_path: Path
) -> None:
    roster = waiting(session, tmp_path, KEPT_DAYS - 1)
    path = tmp_path / roster.stored_as
    assert sweep(session, tmp_path) == Swept(files=0, put_aside=0)
    assert path.exists()
    roster.submitted_at -= dt.timedelta(days=2)
    session.commit()
    assert sweep(session, tmp_path) == Swept(files=1, put_aside=1)
    session.refresh(roster)
    assert not path.exists()
    assert (roster.state, "samples" in roster.read_as) == (ImportState.DISCARDED, False)
    assert f"within {KEPT_DAYS} days" in roster.refusal
    assert sweep(session, tmp_path) == Swept(files=0, put_aside=0)


@pytest.mark.parametrize("state", [ImportState.REFUSED, ImportState.PLANNED, ImportState.DISCARDED])
def test_a_file_that_a_fault_left_behind_is_deleted(session: Session, tmp_path: Path, state: ImportState) -> None:
    roster = hand_in(session, tmp_path, csv_bytes([row(session)])).roster
    assert sweep(session, tmp_path).files == 0  # it waits to be read
    session.execute(update(RosterImport).where(RosterImport.id == roster.id).values(state=state))
    session.commit()
    assert sweep(session, tmp_path).files == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_belongs_to_nothing_is_deleted_after_a_day_and_one_of_a_bill_is_not(
    session: Session, tmp_path: Path
) -> None:
    old, fresh = aged(tmp_path, "old", hours=STRAY_HOURS + 1), aged(tmp_path, "fresh", hours=STRAY_HOURS - 1)
    bill = aged(tmp_path, "bill", days=90)
    session.add(
        Bill(
            provider_id=factories.provider(session).id, month=dt.date(2026, 9, 1), file_name="bill.csv", file_bytes=1,
            file_sha256="0" * 64, stored_as="bill", state="queued",
        )
    )  # fmt: skip
    session.commit()
    assert sweep(session, tmp_path).files == 1
    assert [old.exists(), fresh.exists(), bill.exists()] == [False, True, True]


def test_a_worker_that_starts_and_the_command_sweep(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = uploads.folder_of(app)
    folder.mkdir(parents=True, exist_ok=True)
    stray = aged(folder, "stray", hours=STRAY_HOURS + 1)
    monkeypatch.setattr(jobs_of(app), "enqueue", lambda *_: None)
    with app.app_context():
        roster_jobs._recover(jobs_of(app), app)
    assert not stray.exists()
    aged(folder, "stray", hours=STRAY_HOURS + 1)
    said = app.test_cli_runner().invoke(args=["roster", "sweep"]).output
    assert "Files deleted: 1. Rosters put aside that had waited too long: 0." in said
