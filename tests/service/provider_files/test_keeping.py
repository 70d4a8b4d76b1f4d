"""What names families is kept for the time that the pages state, and no longer."""

import datetime as dt
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.register import AuditEvent, FileState, ProviderFile, RowFate
from connectivity.service.provider_files import keeping
from tests.service.provider_files.files_back import TODAY, apply, checked, claim, csv_bytes, record, row, staged, stands


def tidy(session: Session, folder: Path, days: int) -> keeping.Tidied:
    """A night so many days after the files came in."""
    with transaction(session):
        return keeping.tidy(session, folder=folder, today=TODAY + dt.timedelta(days=days))


def test_a_file_that_nobody_applies_is_put_aside_after_thirty_days_and_deleted_the_night_after(
    session: Session, tmp_path: Path
) -> None:
    good, bad = record(session), record(session)
    file = checked(session, tmp_path, csv_bytes([row(good, "active"), row(bad, "")]))
    path = tmp_path / file.stored_as
    assert keeping.until(file) == dt.date(2026, 11, 14)
    assert tidy(session, tmp_path, 30) == keeping.Tidied(files=0, put_aside=0, rows=0)
    assert tidy(session, tmp_path, 31) == keeping.Tidied(files=0, put_aside=1, rows=0)
    assert path.exists()
    assert tidy(session, tmp_path, 32) == keeping.Tidied(files=1, put_aside=0, rows=0)
    assert not path.exists()
    session.refresh(file)
    assert (file.state, file.stored_as, file.read_as) == (FileState.DISCARDED, "", {})
    assert file.refusal == "Nobody applied this file within 30 days, so it was put aside."
    assert staged(session, file, RowFate.REFUSED) == []
    assert stands(session, good)[0] == "code_issued"
    assert "provider_file.discarded" in session.scalars(select(AuditEvent.action)).all()


def test_cells_shown_for_choosing_columns_go_with_their_file(session: Session, tmp_path: Path) -> None:
    one = record(session, name="Kowalski")
    cells = {("Who" if name == "account_holder_last_name" else name): cell for name, cell in row(one, "active").items()}
    file = checked(session, tmp_path, csv_bytes([cells], tuple(cells)))
    assert file.state == FileState.COLUMNS
    assert "Kowalski" in str(file.read_as)
    tidy(session, tmp_path, 31)
    session.refresh(file)
    assert "Kowalski" not in str(file.read_as)


def test_refused_rows_of_an_applied_file_are_kept_ninety_days_and_what_was_written_for_good(
    session: Session, tmp_path: Path
) -> None:
    good, bad = record(session), record(session)
    file = checked(session, tmp_path, csv_bytes([row(good, "active"), row(bad, "")]))
    path = tmp_path / file.stored_as
    assert apply(session, tmp_path, file) == FileState.APPLIED
    assert not path.exists()
    assert tidy(session, tmp_path, 90).rows == 0
    assert tidy(session, tmp_path, 91).rows == 1
    session.expire_all()
    again = session.get_one(ProviderFile, file.id)
    assert (again.counts["updated"], again.counts["refused"]) == (1, 1)
    assert staged(session, again, RowFate.REFUSED) == []
    assert [line.number for line in staged(session, again, RowFate.UPDATED)] == [2]


def test_a_file_left_behind_by_a_stopped_server_is_deleted(session: Session, tmp_path: Path) -> None:
    file = checked(session, tmp_path, csv_bytes([row(record(session), "active")]))
    content = (tmp_path / file.stored_as).read_bytes()
    name = file.stored_as
    apply(session, tmp_path, file)
    (tmp_path / name).write_bytes(content)
    assert tidy(session, tmp_path, 0).files == 1
    assert not (tmp_path / name).exists()


def test_a_file_with_nothing_to_apply_is_deleted_when_it_is_checked(session: Session, tmp_path: Path) -> None:
    file = checked(session, tmp_path, csv_bytes([row(record(session, status="active"), "active")]))
    assert file.state == FileState.PLANNED
    assert not (tmp_path / file.stored_as).exists()


def test_a_file_that_is_being_applied_is_never_put_aside(session: Session, tmp_path: Path) -> None:
    file = checked(session, tmp_path, csv_bytes([row(record(session), "active")]))
    claim(session, file)
    assert tidy(session, tmp_path, 400).put_aside == 0
