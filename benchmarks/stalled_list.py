"""The stalled list and the funnel of a demo program of 60,000 enrollments in the year that runs: whole pages, as the app answers them.

`python -m benchmarks.stalled_list [households]`. Budgets at the 95th percentile: a page of the stalled list 100 ms, the funnel 300 ms. Beside
them, in the same run, the plain floor: the same rows by one bare statement over the driver, without scope, counts by kind, words and page.
DATABASE_URL: another database than a new SQLite file; it must be empty.
"""

import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import create_app
from connectivity import schema
from connectivity.database import make_engine, make_sessions
from connectivity.demo.create import create
from connectivity.reference.load import load
from connectivity.register import Account, Enrollment, EnrollmentEvent, Organization, ProgramYear, Role, Student
from connectivity.rules.calendar import city_today
from connectivity.settings import ROOT, Settings

HOUSEHOLDS = 60_000
ROUNDS = int(os.environ.get("ROUNDS", "40"))
PAGE_MS, FUNNEL_MS = 100, 300
PLAIN_PAGE = (
    "SELECT e.id, e.status, e.status_on, h.reference, h.guardian_first_name, h.guardian_last_name FROM enrollment e "
    "JOIN household h ON h.id = e.household_id WHERE e.program_year_id = :year "
    "AND e.status IN ('code_issued', 'ordered', 'kit_shipped', 'installed', 'suspended') ORDER BY e.status_on, e.id LIMIT 51"
)
PLAIN_FUNNEL = (
    "SELECT v.enrollment_id, v.status, v.happened_on FROM enrollment_event v JOIN enrollment e ON e.id = v.enrollment_id "
    "WHERE e.program_year_id = :year ORDER BY v.enrollment_id, v.id"
)


def main() -> None:
    households = int(sys.argv[1]) if len(sys.argv) > 1 else HOUSEHOLDS
    with tempfile.TemporaryDirectory(prefix="connectivity-stalled-") as folder:
        url = os.environ.get("DATABASE_URL") or f"sqlite:///{Path(folder) / 'stalled.sqlite'}"
        year_id = _prepare(url, households)
        app = create_app(
            Settings(
                mode="demo", database_url=url, secret_key="s" * 40, password_salt="s" * 40, instance_folder=Path(folder)
            )
        )
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        worst = _measure(app, year_id)
        for kind, budget in (("stalled", PAGE_MS), ("funnel", FUNNEL_MS)):
            kept = "kept" if worst[kind] <= budget else "NOT KEPT"
            print(f"{kind}: worst p95 {worst[kind]:.0f} ms, budget {budget} ms: {kept}")
        app.extensions["connectivity.sessions"].kw["bind"].dispose()


def _prepare(url: str, households: int) -> int:
    """A demo program. Returns the id of the year that runs."""
    engine = make_engine(url)
    schema.upgrade(engine)
    with make_sessions(engine)() as session:
        load(session, ROOT / "data")
        create(session, households=households, seed=1, today=city_today(), data_folder=ROOT / "data")
        session.commit()
        year_id = session.scalars(select(ProgramYear.id).order_by(ProgramYear.starts_on.desc()).limit(1)).one()
        _print_size(session, year_id)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # What PostgreSQL's own upkeep does in time.
        connection.execute(text("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE"))
    engine.dispose()
    return year_id


def _print_size(session: Session, year_id: int) -> None:
    of_year = select(func.count()).select_from(Enrollment).where(Enrollment.program_year_id == year_id)
    steps = select(func.count()).select_from(EnrollmentEvent)
    in_year = steps.join(Enrollment, Enrollment.id == EnrollmentEvent.enrollment_id).where(
        Enrollment.program_year_id == year_id
    )
    print(
        f"{session.get_bind().dialect.name}: {session.scalar(of_year):,} enrollments of the year with {session.scalar(in_year):,} steps; "
        f"{session.scalar(steps):,} steps of all years; {ROUNDS} rounds each; ms: median, p95, "
        "median of processor time (this process; what tells on a machine that does other work too)"
    )


def _measure(app: Flask, year_id: int) -> dict[str, float]:
    """Prints each page's times. Returns the worst 95th percentile by page, in milliseconds."""
    with app.extensions["connectivity.sessions"]() as session:
        school = session.scalar(
            select(Student.school_id).group_by(Student.school_id).order_by(func.count().desc()).limit(1)
        )
        organization = session.scalars(select(Organization.id).order_by(Organization.id)).first()
        staff = _client(app, session, Role.STAFF, None)
        partner = _client(app, session, Role.PARTNER, organization)
        for name, statement in (("stalled", PLAIN_PAGE), ("funnel", PLAIN_FUNNEL)):
            _line(f"{name}: plain floor", lambda statement=statement: _plain(session, statement, year_id))  # type: ignore[misc]
    late = _token_of(staff, pages=20)
    asked = {
        "first page": "",
        "a page far down": f"?after={late}",
        "code issued": "?kind=code",
        "code about to expire": "?kind=expiring",
        "30 days": "?code_days=30&kit_days=30",
        "Spanish": "?language=es",
        "Polish": "?language=pl",
        "an area": "?area=25",
        "a school": f"?school={school}",
        "an organization": f"?organization={organization}",
        "all of them": f"?area=25&language=es&school={school}&organization={organization}&service_type=wired",
    }
    worst = {"stalled": 0.0, "funnel": 0.0}
    for words, query in asked.items():
        worst["stalled"] = max(worst["stalled"], _line(f"stalled: {words}", _get(staff, f"/service/stalled{query}")))
    worst["stalled"] = max(worst["stalled"], _line("stalled: a partner", _get(partner, "/service/stalled")))
    for words, query in (("everybody", ""), ("an area", "?area=25"), ("a school", f"?school={school}")):
        worst["funnel"] = max(worst["funnel"], _line(f"funnel: {words}", _get(staff, f"/service/funnel{query}")))
    worst["funnel"] = max(worst["funnel"], _line("funnel: a partner", _get(partner, "/service/funnel")))
    _line("a program year", _get(staff, f"/service/years/{year_id}"))
    return worst


def _client(app: Flask, session: Session, role: Role, organization: int | None) -> FlaskClient:
    """Somebody who is signed in."""
    account = Account(
        email=f"{role.value}-bench@example.org",
        name="Bench",
        role=role.value,
        active=True,
        fs_uniquifier=f"bench-{role}",
    )
    account.organization_id = organization
    session.add(account)
    session.commit()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = account.fs_uniquifier, True
    return client


def _get(client: FlaskClient, path: str) -> Callable[[], object]:
    def ask() -> None:
        answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")

    return ask


def _token_of(client: FlaskClient, *, pages: int) -> str:
    """Where the list goes on after so many pages."""
    token = ""
    for _ in range(pages):
        found = client.get(f"/service/stalled?after={token}").text.partition("after=")[2].partition('"')[0]
        token = found or token
    return token


def _plain(session: Session, statement: str, year_id: int) -> None:
    session.execute(text(statement), {"year": year_id}).all()


def _line(words: str, work: Callable[[], object]) -> float:
    """Prints median and 95th percentile of ROUNDS runs and the median of processor time; returns the second, in milliseconds."""
    work()
    took, busy = [], []
    for _ in range(ROUNDS):
        started, used = time.perf_counter(), time.process_time()
        work()
        took.append((time.perf_counter() - started) * 1000)
        busy.append((time.process_time() - used) * 1000)
    p95 = statistics.quantiles(took, n=20)[18]
    print(f"{words:34} {statistics.median(took):7.1f} {p95:7.1f} {statistics.median(busy):7.1f}", flush=True)
    return p95


if __name__ == "__main__":
    main()
