"""A provider's file of 60,000 rows: the work file out, the same file back with a new status in every row, and the same again.

    python -m benchmarks.provider_file [--rows 60000] [--database-url URL]

`--database-url` names an empty PostgreSQL database; without it a SQLite file in a temporary folder. Budgets: back 15 s (check and
apply together), again 5 s with zero writes to the register, which triggers count row by row; 121's bar is 20 s at `--rows 32768`.
Floor of the same run: the csv module and one UPDATE a row, with no check, no trail, no codes.
"""

import argparse
import csv
import datetime as dt
import gc
import hashlib
import io
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
from sqlalchemy import Engine, inspect, text
from sqlalchemy.orm import Session, sessionmaker

from connectivity import schema
from connectivity.access.logged_file import LoggedFile
from connectivity.bulk import continue_counters, fetch, table_of, write
from connectivity.database import make_engine, make_sessions, transaction
from connectivity.register import (
    Account,
    CodeBatch,
    Disclosure,
    Enrollment,
    Household,
    MembershipCode,
    Plan,
    ProgramYear,
    Provider,
    ProviderFile,
    Residence,
)
from connectivity.service.provider_files import apply as applying
from connectivity.service.provider_files import check as checking
from connectivity.service.provider_files import files
from connectivity.service.provider_files.columns import HEADER
from connectivity.service.provider_files.work_file import rows as work_rows
from connectivity.tabular.write import Profile

ISSUED, TODAY = "2026-09-01", dt.date(2026, 10, 15)
MOMENT = "2026-09-01 12:00:00+00:00"
NAMES = ("Muñoz", "Kowalski", "Washington", "O'Hara", "De la Cruz", "Nguyen")
STREETS = ("W WILSON AVE", "N CLARK ST", "S HALSTED ST", "W 63RD ST", "S KING DR")
# Most are ordered and become active; every tenth waits with a problem or ends.
STATUSES = ("ordered",) * 7 + ("kit_shipped", "code_issued", "active")
SAID = {"ordered": "active", "kit_shipped": "active", "code_issued": "could not reach family", "active": "ended"}
OWN = ("provider_file", "audit_event")  # the file itself, and that it was handed in


@dataclass(frozen=True)
class Took:
    """Seconds on the wall, and of this process on the processor: on a busy machine the second figure is the steadier one."""

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> "Took":
        return cls(time.perf_counter(), time.process_time())

    def since(self) -> "Took":
        return Took(time.perf_counter() - self.wall, time.process_time() - self.cpu)

    def __add__(self, other: "Took") -> "Took":
        return Took(self.wall + other.wall, self.cpu + other.cpu)

    def __str__(self) -> str:
        return f"{self.wall:.1f} s ({self.cpu:.1f} s on the processor)"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=60_000)
    options.add_argument("--database-url", default="")
    given = options.parse_args()
    gc.disable()  # as the worker's tasks do
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine = make_engine(given.database_url or f"sqlite:///{folder / 'program.sqlite'}")
        schema.upgrade(engine)
        sessions = make_sessions(engine)
        with sessions.begin() as session:
            program(session, given.rows)
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
        print(f"{given.rows:,} rows, {engine.dialect.name}")
        measure(sessions, engine, folder)
        engine.dispose()


def measure(sessions: sessionmaker[Session], engine: Engine, folder: Path) -> None:
    """Each step once, in the order a file travels."""
    before, began = rss(), Took.now()
    sent, most = bytearray(), 0.0
    for chunk in outgoing(sessions):
        sent += chunk
        most = max(most, rss() - len(sent) / 2**20)
    print(f"work file out: {began.since()}, {len(sent) / 2**20:.1f} MB, grew {most - before:.0f} MB")
    filled = list(answered(bytes(sent)))
    content = saved(filled, "utf-8")
    print(f"floor: {floor(engine, filled)} (csv and one UPDATE a row, rolled back)")
    checked, applied, counts = back(sessions, folder, content)
    print(f"back: {checked + applied} (budget 15 s): check {checked}, apply {applied}; {counts}")
    watch(engine)
    checked, _, counts = back(sessions, folder, saved(filled, "utf-16"))
    print(f"again, saved anew: {checked} (budget 5 s); {counts}")
    writes = written(sessions)
    own = {name: writes.pop(name, 0) for name in OWN}
    print(
        f"rows written the second time: {sum(writes.values())} to the register {writes or ''}, of the file itself {own}"
    )


def rss() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


def outgoing(sessions: sessionmaker[Session]) -> Iterator[bytes]:
    with sessions() as session, transaction(session):
        account = Account(email="a@example.org", name="Ana", role="admin", active=True, fs_uniquifier="a")
        session.add(account)
        session.flush()
        opened = Disclosure(account_id=account.id, kind="", basis="", scope={}, columns=[])
        session.add(opened)
        session.flush()
        disclosure_id = opened.id
    rows = partial(work_rows, provider_id=1, program_year_id=1, provider="Comcast", today=TODAY)
    yield from LoggedFile(
        sessions=sessions, disclosure_id=disclosure_id, header=HEADER, rows=rows, profile=Profile.MACHINE
    )


def answered(sent: bytes) -> Iterator[dict[str, str]]:
    """The provider's side: a new status in every row, an account, a day."""
    ours = {"in progress": "ordered", "kit shipped": "kit_shipped", "": "code_issued", "active": "active"}
    for number, row in enumerate(csv.DictReader(io.StringIO(sent.decode()))):
        said = {"status": SAID[ours[row["status"]]], "status_date": f"2026-10-{number % 14 + 1:02d}"}
        yield {**row, **said, "account_last4": f"{number % 10_000:04d}"}


def saved(rows: list[dict[str, str]], encoding: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def floor(engine: Engine, rows: list[dict[str, str]]) -> Took:
    """What no importer can be quicker than by much: read the cells, change each row, check nothing, write no trail."""
    content = saved(rows, "utf-8")
    began = Took.now()
    with engine.connect() as connection:
        mark = "%s" if engine.dialect.name == "postgresql" else "?"
        cursor = connection.connection.cursor()
        cursor.executemany(
            f"UPDATE enrollment SET status_on = {mark} WHERE id = {mark}",
            [(row["status_date"], int(row["record_id"][1:])) for row in csv.DictReader(io.StringIO(content.decode()))],
        )
        cursor.close()
        connection.rollback()
    return began.since()


def back(sessions: sessionmaker[Session], folder: Path, content: bytes) -> tuple[Took, Took, dict[str, int]]:
    """What the check took, what the apply took, and the figures of the summary."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = folder / sha256
    path.write_bytes(content)
    with sessions() as session:
        with transaction(session):
            given = files.HandedIn(
                file_name="october.csv", file_bytes=len(content), file_sha256=sha256, stored_as=sha256
            )
            file_id = files.submit(
                session,
                account=None,
                provider=session.get_one(Provider, 1),
                year=session.get_one(ProgramYear, 1),
                given=given,
                on=TODAY,
            ).file.id
        began = Took.now()
        checking.check(session, file_id, path, report=silent)
        checked = began.since()
        file = session.get_one(ProviderFile, file_id, populate_existing=True)
        counts = {name: file.counts[name] for name in ("updated", "unchanged", "ignored", "refused")}
        if not counts["updated"]:
            return checked, Took(0, 0), counts
        looked_at = file.checked_at.isoformat() if file.checked_at else None
        with transaction(session):
            files.claim(session, account=None, file=files.locked(session, file_id), looked_at=looked_at)
        began = Took.now()
        state = applying.apply(session, file_id, path, report=silent)
        if state != "applied":
            raise SystemExit(f"not applied: {state}")
        return checked, began.since(), counts


def silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody listens."""


def watch(engine: Engine) -> None:
    """From now on each row that is written, in whatever table, leaves its table's name in the table `written`."""
    tables = [name for name in inspect(engine).get_table_names() if name != "alembic_version"]
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE written (name TEXT)"))
        if engine.dialect.name == "postgresql":
            body = "BEGIN INSERT INTO written VALUES (TG_TABLE_NAME); RETURN NULL; END"
            connection.execute(text(f"CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"))
        for name in tables:
            for event in ("INSERT", "UPDATE", "DELETE"):
                head = f"CREATE TRIGGER note_{event}_{name} AFTER {event} ON {name}"
                body = f"BEGIN INSERT INTO written VALUES ('{name}'); END"
                if engine.dialect.name == "postgresql":
                    body = "FOR EACH ROW EXECUTE FUNCTION note()"
                connection.execute(text(f"{head} {body}"))


def written(sessions: sessionmaker[Session]) -> dict[str, int]:
    """Table -> rows written since `watch`."""
    with sessions() as session:
        return dict(fetch(session, text("SELECT name, count(*) FROM written GROUP BY name")))


def program(session: Session, rows: int) -> None:
    """One provider with `rows` households that hold its code."""
    session.add(
        ProgramYear(
            id=1,
            label="2026-27",
            starts_on=dt.date(2026, 7, 1),
            ends_on=dt.date(2027, 6, 30),
            funding="",
            open_to_new=True,
        )
    )
    session.add(Provider(id=1, name="Comcast"))
    session.flush()
    session.add(
        Plan(
            id=1,
            provider_id=1,
            name="Essentials",
            service_type="wired",
            down_mbps=50,
            up_mbps=10,
            starts_on=dt.date(2020, 7, 1),
        )
    )
    session.add(
        CodeBatch(
            id=1, provider_id=1, program_year_id=1, source="generated", imported=rows, received_on=dt.date(2026, 7, 1)
        )
    )
    session.flush()
    ids = list(range(1, rows + 1))
    status = [STATUSES[one % len(STATUSES)] for one in ids]
    tables: dict[type, dict[str, list[object]]] = {
        Household: {
            "id": [*ids],
            "reference": [f"H{one:07d}" for one in ids],
            "guardian_first_name": ["Rosa"] * rows,
            "guardian_last_name": [NAMES[one % len(NAMES)] for one in ids],
            "language": ["en"] * rows,
            "created_at": [MOMENT] * rows,
            "updated_at": [MOMENT] * rows,
            "version": [1] * rows,
        },
        Residence: {
            "household_id": [*ids],
            "original": [""] * rows,
            "line": [f"{one} {STREETS[one % len(STREETS)]}" for one in ids],
            "unit": [f"APT {one % 30}" if one % 3 else "" for one in ids],
            "city": ["Chicago"] * rows,
            "state": ["IL"] * rows,
            "zip": ["60640"] * rows,
            "method": ["none"] * rows,
            "certainty": ["unplaced"] * rows,
            "reason": [""] * rows,
            "starts_on": [ISSUED] * rows,
            "recorded_at": [MOMENT] * rows,
        },
        MembershipCode: {
            "id": [*ids],
            "code": [f"CC{one:08d}" for one in ids],
            "provider_id": [1] * rows,
            "program_year_id": [1] * rows,
            "state": ["redeemed" if one == "active" else "issued" for one in status],
            "batch_id": [1] * rows,
            "household_id": [*ids],
            "issued_on": [ISSUED] * rows,
            "created_at": [MOMENT] * rows,
        },
        Enrollment: {
            "id": [*ids],
            "household_id": [*ids],
            "program_year_id": [1] * rows,
            "status": [*status],
            "status_on": [ISSUED] * rows,
            "provider_id": [1] * rows,
            "plan_id": [1] * rows,
            "membership_code_id": [*ids],
            "service_type": ["wired"] * rows,
            "created_at": [MOMENT] * rows,
        },
    }  # fmt: skip
    for noun, columns in tables.items():
        write(session, table_of(noun), columns)
    continue_counters(session, [table_of(noun) for noun in (*tables, ProgramYear, Provider, Plan, CodeBatch)])


if __name__ == "__main__":
    main()
