"""Records of a provider, the work file of them, and files as a provider sends them back."""

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from connectivity.bulk import table_of
from connectivity.database import transaction
from connectivity.register import (
    AuditEvent,
    CodeEvent,
    Enrollment,
    EnrollmentEvent,
    FileState,
    Household,
    MembershipCode,
    ProgramYear,
    Provider,
    ProviderAccount,
    ProviderFile,
    ProviderFileRow,
    ProviderWord,
    RowFate,
)
from connectivity.rules.membership_codes import shown
from connectivity.service.provider_files import apply as applying
from connectivity.service.provider_files import check as checking
from connectivity.service.provider_files import files
from connectivity.service.provider_files.columns import HEADER
from tests import factories

ISSUED, TODAY = dt.date(2026, 9, 1), dt.date(2026, 10, 15)
Row = dict[str, str]


def silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody listens."""


def record(session: Session, name: str = "Muñoz", status: str = "code_issued", **given: object) -> Enrollment:
    """An enrollment with Comcast in 2026-27 that stands at `status` since its code was issued."""
    on = given.pop("on", ISSUED)
    provider = given.pop("provider", None) or factories.provider(session)
    assert isinstance(provider, Provider)
    household = factories.household(session, guardian_last_name=name)
    redeemed = status in ("active", "suspended")
    code = factories.membership_code(
        session,
        state="redeemed" if redeemed else "issued",
        household_id=household.id,
        provider_id=provider.id,
        issued_on=ISSUED,
        **given,
    )
    return factories.enrollment(
        session,
        household,
        status,
        on=on,  # type: ignore[arg-type]
        provider_id=provider.id,
        plan_id=provider.plans[0].id,
        membership_code_id=code.id,
        service_type="wired",
        program_year_id=code.program_year_id,
    )


def row(enrollment: Enrollment, status: str, **given: str) -> Row:
    """What the provider sends back of a record: our own cells, and its status."""
    code = enrollment.membership_code
    assert code is not None
    return {
        "record_id": f"E{enrollment.id}",
        "membership_code": shown(code.code),
        "isp": "Comcast",
        "account_last4": "",
        "account_holder_last_name": enrollment.household.guardian_last_name,
        "service_address": "1135 W WILSON AVE, Chicago, IL 60640",
        "status": status,
        **given,
    }


def csv_bytes(rows: Sequence[Mapping[str, str]], header: Sequence[str] = HEADER, encoding: str = "utf-8") -> bytes:
    """The rows under our headings."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, header, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def hand_in(
    session: Session, folder: Path, content: bytes, *, name: str = "october.csv", provider: str = "Comcast"
) -> tuple[int, Path]:
    """The file, waiting to be read."""
    session.commit()
    sha256 = hashlib.sha256(content).hexdigest()
    path = folder / f"file-{sha256}"
    path.write_bytes(content)
    with transaction(session):
        submitted = files.submit(
            session,
            account=None,
            provider=session.scalars(select(Provider).where(Provider.name == provider)).one(),
            year=session.scalars(select(ProgramYear).where(ProgramYear.label == "2026-27")).one(),
            given=files.HandedIn(file_name=name, file_bytes=len(content), file_sha256=sha256, stored_as=path.name),
            on=TODAY,
        )
        return submitted.file.id, path


def checked(session: Session, folder: Path, content: bytes, **given: str) -> ProviderFile:
    """The file with its summary."""
    file_id, path = hand_in(session, folder, content, **given)
    checking.check(session, file_id, path, report=silent)
    return session.get_one(ProviderFile, file_id, populate_existing=True)


def claim(session: Session, file: ProviderFile) -> None:
    """Somebody asks to apply it."""
    looked_at = file.checked_at.isoformat() if file.checked_at else None
    with transaction(session):
        files.claim(session, account=None, file=files.locked(session, file.id), looked_at=looked_at)


def apply(session: Session, folder: Path, file: ProviderFile) -> FileState:
    """Applies a checked file."""
    claim(session, file)
    return applying.apply(session, file.id, folder / file.stored_as, report=silent)


def send_back(session: Session, folder: Path, rows: Sequence[Row]) -> ProviderFile:
    """Handed in, checked, applied if there is something to apply."""
    file = checked(session, folder, csv_bytes(rows))
    if file.counts["updated"]:
        assert apply(session, folder, file) == FileState.APPLIED
    return session.get_one(ProviderFile, file.id, populate_existing=True)


def counts(file: ProviderFile) -> tuple[int, int, int, int]:
    """(updated, unchanged, ignored, refused)."""
    return tuple(file.counts[name] for name in ("updated", "unchanged", "ignored", "refused"))  # type: ignore[return-value]


def staged(session: Session, file: ProviderFile, fate: RowFate) -> list[ProviderFileRow]:
    """The rows of a fate, in order."""
    of = (ProviderFileRow.provider_file_id == file.id, ProviderFileRow.fate == fate)
    return list(session.scalars(select(ProviderFileRow).where(*of).order_by(ProviderFileRow.number)))


def stands(session: Session, enrollment: Enrollment) -> tuple[str, dt.date, str]:
    """(status, since, state of the code) as the database has it."""
    session.rollback()
    found = session.get_one(Enrollment, enrollment.id, populate_existing=True)
    code = session.get_one(MembershipCode, found.membership_code_id, populate_existing=True)
    return found.status, found.status_on, code.state


REGISTER = (
    Enrollment,
    EnrollmentEvent,
    MembershipCode,
    CodeEvent,
    ProviderWord,
    ProviderAccount,
    AuditEvent,
    Household,
)


def written(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """Every cell of what a file may change, and on PostgreSQL which transaction wrote each row last; the file's own events left out."""
    session.rollback()
    last = "xmin::text" if session.get_bind().dialect.name == "postgresql" else "0"
    found = {}
    for noun in REGISTER:
        table = table_of(noun)
        rows = session.execute(select(table, text(last)).order_by(*table.primary_key.columns))
        found[table.name] = [tuple(one) for one in rows if "provider_file" not in one]
    return found
