"""What serves an address, at 60,000 addresses and two providers: the file out, its answers back, the same again, and the list of no wire.

    python -m benchmarks.check_serviceability [--homes 60000] [--database-url URL]

`--database-url` names an empty PostgreSQL database; without it a SQLite file in a temporary folder. Bars, as for a provider's file of as
many rows: back 15 s, again 5 s with no answer written; the page of homes that no wire reaches 100 ms.
"""

import argparse
import csv
import datetime as dt
import hashlib
import io
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import psutil
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from connectivity import schema
from connectivity.bulk import continue_counters, table_of, write
from connectivity.database import make_engine, make_sessions, transaction
from connectivity.register import (
    Account,
    Enrollment,
    Household,
    Plan,
    ProgramYear,
    Provider,
    Residence,
    ServiceabilityAnswer,
    ServiceabilityFile,
)
from connectivity.service.serviceability import ask, files, no_wire, take
from connectivity.service.serviceability.columns import HEADER
from connectivity.service.serviceability.home import home_of
from connectivity.service.serviceability.jobs import no_collection
from connectivity.tabular.write import Profile, write_csv

TODAY, MOMENT = dt.date(2026, 10, 15), "2026-09-01 12:00:00+00:00"
STREETS = ("W WILSON AVE", "N CLARK ST", "S HALSTED ST", "W 63RD ST", "S KING DR")
NAMES = ("Comcast", "Astound")
PAGE = 50
Result = TypeVar("Result")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--homes", type=int, default=60_000)
    options.add_argument("--database-url", default="")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        engine = make_engine(given.database_url or f"sqlite:///{Path(name) / 'program.sqlite'}")
        schema.upgrade(engine)
        sessions = make_sessions(engine)
        with sessions.begin() as session:
            program(session, given.homes)
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
        print(f"{given.homes:,} homes, {engine.dialect.name}")
        measure(sessions, Path(name))
        engine.dispose()


def measure(sessions: sessionmaker[Session], folder: Path) -> None:
    """Each step in the order a file travels, for two providers; then the pages."""
    before = rss()
    for number, name in enumerate(NAMES, start=1):
        rows = timed(f"{name}: asked and file out", partial(outgoing, sessions, number))
        content = saved([answered(row, number) for row in rows], "utf-8")
        counts = timed(f"{name}: back (bar 15 s)", partial(back, sessions, folder, number, content))
        print(f"  {counts}")
    again = saved([answered(row, len(NAMES)) for row in rows], "utf-16")
    written = count(sessions)
    timed("again, saved anew (bar 5 s)", lambda: back(sessions, folder, len(NAMES), again))
    print(f"  {count(sessions) - written} answers written; the process grew by {rss() - before:.0f} MB")
    pages(sessions)


def pages(sessions: sessionmaker[Session]) -> None:
    """The list of homes that no wire reaches, first and a later page, and the page of one address; the best of five."""
    with sessions() as session:
        account, year = session.get_one(Account, 1), session.get_one(ProgramYear, 1)
        total = best("homes counted", lambda: no_wire.count_lines(session, account, year, today=TODAY))
        print(f"  {total:,} homes that no wire reaches")
        for after in (0, 2**30 if total < PAGE else total):
            best(
                f"a page of {PAGE} after household {after:,}",
                partial(no_wire.lines, session, account, year, today=TODAY, after=after, size=PAGE),
            )
        household = session.get_one(Household, 1)
        best("one address", lambda: home_of(session, household))


def rss() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


def timed(what: str, work: Callable[[], Result]) -> Result:
    began, worked = time.perf_counter(), time.process_time()
    result = work()
    print(
        f"{what}: {time.perf_counter() - began:.1f} s, of which {time.process_time() - worked:.1f} s of our processor"
    )
    return result


def best(what: str, work: Callable[[], Result]) -> Result:
    taken = []
    for _ in range(5):
        began, worked = time.perf_counter(), time.process_time()
        result = work()
        taken.append((time.perf_counter() - began, time.process_time() - worked))
    elapsed, own = min(taken)
    print(f"{what}: {elapsed * 1000:.0f} ms, of which {own * 1000:.0f} ms of our processor")
    return result


def outgoing(sessions: sessionmaker[Session], provider_id: int) -> list[dict[str, str]]:
    """The file as the provider reads it."""
    with sessions() as session:
        with transaction(session):
            batch = ask.ask(
                session,
                account=session.get_one(Account, 1),
                provider=session.get_one(Provider, provider_id),
                choice=ask.Choice(),
                year=session.get_one(ProgramYear, 1),
                today=TODAY,
            )
        rows = ask.rows(session, batch, NAMES[provider_id - 1])
        sent = b"".join(write_csv(HEADER, rows, profile=Profile.MACHINE))
    return list(csv.DictReader(io.StringIO(sent.decode())))


def answered(row: dict[str, str], provider: int) -> dict[str, str]:
    """Of ten addresses one is reached by neither wire, one by the first alone; one is not found, one is corrected."""
    last = int(row["address_line1"].split()[0]) % 10
    found = {8: "not found", 9: "corrected"}.get(last, "exact")
    theirs = f"{row['address_line1']} REAR" if found == "corrected" else ""
    said = "no" if last in (7, 8) or (last, provider) == (6, 2) else "yes"
    return row | {"match_result": found, "corrected_address": theirs, "serviceable": said, "checked_on": "2026-10-01"}


def saved(rows: list[dict[str, str]], encoding: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, HEADER)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


@no_collection()  # as the worker does
def back(sessions: sessionmaker[Session], folder: Path, provider_id: int, content: bytes) -> dict[str, int]:
    sha256 = hashlib.sha256(content).hexdigest()
    path = folder / sha256
    path.write_bytes(content)
    given = files.HandedIn(file_name="a.csv", file_bytes=len(content), file_sha256=sha256, stored_as=path.name)
    with sessions() as session:
        with transaction(session):
            provider = session.get_one(Provider, provider_id)
            file_id = files.submit(session, account=None, provider=provider, given=given, on=TODAY)[0].id
        take.take(session, file_id, path, report=lambda *_said: None)
        return dict(session.get_one(ServiceabilityFile, file_id, populate_existing=True).counts)


def count(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(ServiceabilityAnswer)) or 0


def program(session: Session, homes: int) -> None:
    """Homes at addresses of their own, each enrolled and not connected yet."""
    session.add(Account(email="a@example.org", name="Ana", role="admin", active=True, fs_uniquifier="a"))
    session.add(
        ProgramYear(
            label="2026-27", starts_on=dt.date(2026, 7, 1), ends_on=dt.date(2027, 6, 30), funding="", open_to_new=True
        )
    )
    for name in NAMES:
        plan = Plan(name="Wire", service_type="wired", down_mbps=50, up_mbps=10, starts_on=dt.date(2020, 6, 25))
        session.add(Provider(name=name, plans=[plan]))
        session.flush()
    ids = range(1, homes + 1)
    lines = [f"{one} {STREETS[one % len(STREETS)]}" for one in ids]
    same = {
        "original": "", "unit": "", "city": "Chicago", "state": "IL", "zip": "60640", "method": "none", "certainty": "unplaced",
        "reason": "", "starts_on": "2026-09-01", "recorded_at": MOMENT,
    }  # fmt: skip
    write(
        session,
        table_of(Household),
        {
            "id": ids,
            "reference": [f"H{number:07d}" for number in ids],
            "guardian_first_name": ["Rosa"] * homes,
            "guardian_last_name": ["Muñoz"] * homes,
            "language": ["es"] * homes,
            "created_at": [MOMENT] * homes,
            "updated_at": [MOMENT] * homes,
            "version": [1] * homes,
        },
    )
    homes_at = {"household_id": ids, "line": lines} | {name: [value] * homes for name, value in same.items()}
    write(session, table_of(Residence), homes_at)
    write(
        session,
        table_of(Enrollment),
        {
            "household_id": ids,
            "program_year_id": [1] * homes,
            "status": ["contacted"] * homes,
            "status_on": ["2026-09-01"] * homes,
            "until_year_end": [False] * homes,
            "created_at": [MOMENT] * homes,
        },
    )
    continue_counters(session, (table_of(Household),))


if __name__ == "__main__":
    main()
