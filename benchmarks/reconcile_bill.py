"""A provider's bill of 60,000 lines held against as many homes, beside the plain floor: the same lines joined by code in sqlite3.

    python -m benchmarks.reconcile_bill [--lines 60000] [--database-url URL]

One line in twenty is wrong: billed twice, not active, another name, nobody of ours. `--database-url` names an empty PostgreSQL database.
"""

import argparse
import csv
import datetime as dt
import random
import sqlite3
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from connectivity import schema
from connectivity.database import make_engine, make_sessions
from connectivity.register import (
    Bill,
    BillState,
    CodeBatch,
    Enrollment,
    EnrollmentEvent,
    Household,
    MembershipCode,
    ProgramYear,
    Provider,
    Residence,
)
from connectivity.service.bills.reconcile import reconcile

MONTH, DAY = dt.date(2026, 11, 1), dt.date(2026, 8, 20)
BAR = 15.0  # seconds
STREETS = ("WILSON AVE", "ASHLAND AVE", "PULASKI RD", "CERMAK RD", "DIVISION ST")


def _name(number: int) -> str:
    return f"Muñoz{number % 997}"


def _line(number: int) -> str:
    return f"{100 + number} W {STREETS[number % len(STREETS)]}"


def fill(session: Session, homes: int) -> None:
    """One provider's active homes, one in thirty suspended."""
    session.add(ProgramYear(id=1, label="2026-27", starts_on=dt.date(2026, 7, 1), ends_on=dt.date(2027, 6, 30), funding="City", open_to_new=True))  # fmt: skip
    session.add(Provider(id=1, name="Comcast"))
    session.flush()
    session.add(CodeBatch(id=1, provider_id=1, program_year_id=1, source="generated", imported=homes, received_on=DAY))
    session.flush()
    numbers = range(1, homes + 1)
    status = {number: "suspended" if number % 30 == 0 else "active" for number in numbers}
    made = {
        Household: [
            {"id": one, "reference": f"H{one:07d}", "guardian_first_name": "Rosa", "guardian_last_name": _name(one), "language": "es", "version": 1}
            for one in numbers
        ],
        Residence: [
            {"household_id": one, "original": _line(one), "line": _line(one), "unit": "", "city": "CHICAGO", "state": "IL", "zip": "60640", "method": "none", "certainty": "unplaced", "reason": "", "starts_on": DAY}
            for one in numbers
        ],
        MembershipCode: [
            {"id": one, "code": f"CC{one:08d}", "provider_id": 1, "program_year_id": 1, "batch_id": 1, "state": "redeemed", "household_id": one, "issued_on": DAY}
            for one in numbers
        ],
        Enrollment: [
            {"id": one, "household_id": one, "program_year_id": 1, "status": status[one], "status_on": DAY, "provider_id": 1, "membership_code_id": one}
            for one in numbers
        ],
        EnrollmentEvent: [
            {"enrollment_id": one, "status": step, "happened_on": DAY, "note": "", "said_by": "provider"}
            for one in numbers
            for step in ("eligible", "code_issued", status[one])
        ],
    }  # fmt: skip
    for noun, rows in made.items():
        session.execute(insert(noun), rows)
    session.commit()


def write_bill(path: Path, lines: int) -> None:
    """The bill as a provider would send it."""
    chance = random.Random(1)
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["invoice_no", "bill_month", "membership_code", "account_holder_last_name", "service_address", "monthly_charge", "tax", "total"])  # fmt: skip
        for number in range(1, lines + 1):
            code, name, draw = f"CC{number:08d}", _name(number), chance.random()
            if draw < 0.01:
                code = f"CC{max(1, number - 1):08d}"
            elif draw < 0.02:
                code = ""  # found by address and name
            elif draw < 0.03:
                code = f"ZZ{number:08d}"
                name = "Nobody"
            elif draw < 0.05:
                name = "Kowalski"
            out.writerow(["A-1", "2026-11", code, name, f"{_line(number)}, Chicago, IL 60640", "9.95", "0.80", "10.75"])


def floor(bill: Path) -> float:
    """Seconds for csv and sqlite3 alone: the lines into a table, joined by code to as many homes."""
    began = time.perf_counter()
    with bill.open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    held = sqlite3.connect(":memory:")
    held.execute("CREATE TABLE line (number INTEGER PRIMARY KEY, code TEXT, name TEXT, address TEXT, total TEXT)")
    held.executemany(
        "INSERT INTO line VALUES (?, ?, ?, ?, ?)", [(at, row[2], row[3], row[4], row[7]) for at, row in enumerate(rows)]
    )
    held.execute("CREATE TABLE home (code TEXT PRIMARY KEY, id INTEGER)")
    held.executemany("INSERT INTO home VALUES (?, ?)", [(f"CC{one:08d}", one) for one in range(1, len(rows) + 1)])
    held.execute("SELECT count(*) FROM line JOIN home USING (code)").fetchone()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=60_000)
    parser.add_argument("--database-url")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="connectivity-bench-") as folder:
        path = Path(folder, "bill.csv")
        write_bill(path, given.lines)
        engine = make_engine(given.database_url or f"sqlite:///{folder}/bench.sqlite")
        schema.upgrade(engine)
        with make_sessions(engine)() as session:
            fill(session, given.lines)
            bill = Bill(provider_id=1, month=MONTH, file_name="bill.csv", file_bytes=path.stat().st_size, file_sha256="x", stored_as="bill.csv", state=BillState.QUEUED)  # fmt: skip
            session.add(bill)
            session.commit()
            began = time.perf_counter()
            reconcile(session, bill.id, path, report=lambda *_: None)
            seconds = time.perf_counter() - began
            counts = session.get_one(Bill, bill.id, populate_existing=True).counts
        engine.dispose()
        plain = floor(path)
    print(", ".join(f"{name} {figure:,}" for name, figure in counts.items() if figure))
    met = "met" if seconds <= BAR or given.lines != 60_000 else "MISSED"
    print(
        f"reconciled {given.lines:,} lines in {seconds:.2f} s, {given.lines / seconds:,.0f} a second; limit {BAR:.0f} s for 60,000: {met}"
    )
    print(f"plain csv and sqlite3, by code alone: {plain:.2f} s; {seconds / plain:.1f} times")


if __name__ == "__main__":
    main()
