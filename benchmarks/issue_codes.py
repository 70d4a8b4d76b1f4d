"""50,000 households get their codes in one batch, and eight people issue at once; beside the plain floor: the same rows written by sqlite3.

    python -m benchmarks.issue_codes [--households 50000] [--database-url URL]

`--database-url` names an empty PostgreSQL database. The bar is 15 s for 50,000 codes, and no code given twice.
"""

import argparse
import datetime as dt
import sqlite3
import tempfile
import threading
import time
from pathlib import Path

from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session

from connectivity import schema
from connectivity.database import make_engine, make_sessions, transaction
from connectivity.reference.load import load
from connectivity.register import (
    Account,
    BatchSource,
    Enrollment,
    EnrollmentEvent,
    Household,
    MembershipCode,
    Plan,
    ProgramYear,
    Provider,
    Residence,
)
from connectivity.rules.membership_codes import generate_many
from connectivity.service.codes import batches, books, give
from connectivity.service.codes.waiting import Wanted
from connectivity.settings import ROOT

DAY = dt.date(2026, 8, 20)
BAR, OF = 15.0, 50_000  # seconds for so many codes
ISSUERS, EACH = 8, 500  # people at once, and the households of each


def fill(session: Session, homes: int) -> Account:
    """Homes that wait, most in area 9; EACH in each of the areas 1 to 8."""
    load(session, ROOT / "data")
    account = Account(email="staff@example.org", name="Staff", role="staff", active=True, fs_uniquifier="staff")
    session.add(account)
    session.add(ProgramYear(id=1, label="2026-27", starts_on=dt.date(2026, 7, 1), ends_on=dt.date(2027, 6, 30), funding="City", open_to_new=True))  # fmt: skip
    session.add(Provider(id=1, name="Comcast"))
    session.flush()
    session.add(Plan(id=1, provider_id=1, name="Internet Essentials", service_type="wired", down_mbps=50, up_mbps=10, starts_on=DAY))  # fmt: skip
    session.flush()
    numbers = range(1, homes + ISSUERS * EACH + 1)
    area = {one: 9 if one <= homes else 1 + (one - homes - 1) // EACH for one in numbers}
    made = {
        Household: [
            {"id": one, "reference": f"H{one:07d}", "guardian_first_name": "Rosa", "guardian_last_name": "Muñoz", "language": "es", "version": 1}
            for one in numbers
        ],
        Residence: [
            {"household_id": one, "original": "", "line": f"{100 + one} W WILSON AVE", "unit": "", "city": "CHICAGO", "state": "IL", "zip": "60640", "community_area": area[one], "method": "grid", "certainty": "sure", "reason": "", "starts_on": DAY}
            for one in numbers
        ],
        Enrollment: [
            {"id": one, "household_id": one, "program_year_id": 1, "status": "eligible", "status_on": DAY} for one in numbers
        ],
        EnrollmentEvent: [
            {"enrollment_id": one, "status": "eligible", "happened_on": DAY, "note": "", "said_by": "staff"} for one in numbers
        ],
    }  # fmt: skip
    for noun, rows in made.items():
        session.execute(insert(noun), rows)
    session.commit()
    return account


def take_in(session: Session, codes: int) -> float:
    """Seconds to take so many codes into the books."""
    new = generate_many(codes)
    began = time.perf_counter()
    with transaction(session):
        batches.add(
            session,
            account=None,
            provider=session.get_one(Provider, 1),
            year=session.get_one(ProgramYear, 1),
            codes=new,
            source=BatchSource.GENERATED,
            on=DAY,
        )
    return time.perf_counter() - began


def issue(session: Session, account: Account, area: int) -> int:
    """One code to each household of the area that waits."""
    with transaction(session):
        plan = session.get_one(Plan, 1)
        return give.issue_to_all(
            session, account=account, wanted=Wanted(year_id=1, area=area), plan=plan, on=DAY, as_many_as_there_are=True
        ).given


def at_once(engine: Engine, account_id: int) -> tuple[int, float]:
    """Eight issuers, each its own area, each going on until nobody of it waits. Returns codes given and seconds."""
    gate, given = threading.Barrier(ISSUERS), []

    def work(area: int) -> None:
        with make_sessions(engine)() as session:
            account = session.get_one(Account, account_id)
            session.rollback()
            gate.wait()
            try:
                while True:
                    given.append(issue(session, account, area))
            except give.NobodyWaits:
                return
            except give.PoolTooSmall as short:
                print(f"area {area}: {short}")

    threads = [threading.Thread(target=work, args=(area,)) for area in range(1, ISSUERS + 1)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(given), time.perf_counter() - began


def doubles(session: Session) -> int:
    """Codes on two enrollments, households with two codes, and enrollments that name a code of somebody else."""
    twice = select(Enrollment.membership_code_id).group_by(Enrollment.membership_code_id).having(func.count() > 1)
    pairs = select(MembershipCode.household_id).where(MembershipCode.state == "issued")
    two = pairs.group_by(MembershipCode.household_id).having(func.count() > 1)
    strange = (
        select(Enrollment.id)
        .join(MembershipCode, MembershipCode.id == Enrollment.membership_code_id)
        .where(MembershipCode.household_id != Enrollment.household_id)
    )
    filled = twice.where(Enrollment.membership_code_id.is_not(None))
    return sum(len(session.scalars(one).all()) for one in (filled, two, strange))


def floor(folder: Path, homes: int) -> float:
    """Seconds for sqlite3 alone: each code's state, each enrollment's, and one event of each, in one transaction."""
    held = sqlite3.connect(folder / "floor.sqlite")
    held.execute("CREATE TABLE code (id INTEGER PRIMARY KEY, code TEXT UNIQUE, state TEXT, household INTEGER)")
    held.execute("CREATE TABLE enrollment (id INTEGER PRIMARY KEY, status TEXT, code INTEGER)")
    held.execute("CREATE TABLE event (id INTEGER PRIMARY KEY, kind TEXT, subject INTEGER, state TEXT)")
    held.executemany("INSERT INTO code VALUES (?, ?, 'free', NULL)", enumerate(generate_many(homes), start=1))
    held.executemany("INSERT INTO enrollment VALUES (?, 'eligible', NULL)", ((one,) for one in range(1, homes + 1)))
    held.commit()
    began = time.perf_counter()
    pairs = [(one, one) for one in range(1, homes + 1)]
    held.executemany("UPDATE code SET state = 'issued', household = ? WHERE id = ?", pairs)
    held.executemany("UPDATE enrollment SET status = 'code_issued', code = ? WHERE id = ?", pairs)
    for kind in ("code", "enrollment"):
        held.executemany("INSERT INTO event (kind, subject, state) VALUES (?, ?, 'issued')", [(kind, one) for one, _ in pairs])  # fmt: skip
    held.commit()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=OF)
    parser.add_argument("--database-url")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="connectivity-bench-") as name:
        engine = make_engine(given.database_url or f"sqlite:///{name}/bench.sqlite")
        schema.upgrade(engine)
        with make_sessions(engine)() as session:
            account = fill(session, given.households)
            came = take_in(session, given.households + ISSUERS * EACH)
            began, worked = time.perf_counter(), time.process_time()
            issued = issue(session, account, area=9)
            seconds, worked = time.perf_counter() - began, time.process_time() - worked
            together, took = at_once(engine, account.id)
            session.rollback()
            found, checked = doubles(session), time.perf_counter()
            with transaction(session):
                balanced = books.check(session, account=None).balanced
            checked = time.perf_counter() - checked
        engine.dispose()
        plain = floor(Path(name), given.households)
    met = "met" if seconds <= BAR or given.households != OF else "MISSED"
    print(
        f"issued {issued:,} codes in {seconds:.2f} s, {worked:.2f} s of them this process's own; limit {BAR:.0f} s for {OF:,}: {met}"
    )
    print(f"{ISSUERS} issuers at once: {together:,} codes in {took:.2f} s; double codes: {found}")
    print(f"taking the codes in before: {came:.2f} s; checking the books after: {checked:.2f} s, {'they balance' if balanced else 'THEY DO NOT BALANCE'}")  # fmt: skip
    print(f"plain sqlite3, three tables without constraints: {plain:.2f} s; {seconds / plain:.1f} times")


if __name__ == "__main__":
    main()
