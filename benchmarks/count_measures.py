"""Every base count of a demo program of 60,000 households, at the end of one day: `python -m benchmarks.count_measures [households]`. Limit: 5 s.

Each family of counts by itself and all of them, on a session that has read nothing yet. Beside them, in the same run, the plain floor: two
bare statements over the driver that count eligible and active households by area, as they stand today, and nothing else.
DATABASE_URL: another database than a new SQLite file; it must be empty.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from connectivity import schema
from connectivity.database import make_engine, make_sessions
from connectivity.demo.create import create
from connectivity.equity.measured.catalog import BASE
from connectivity.equity.measured.count import FAMILIES, count_all
from connectivity.reference.load import load
from connectivity.register import Enrollment, EnrollmentEvent, ProgramYear
from connectivity.rules.calendar import city_today
from connectivity.settings import ROOT

HOUSEHOLDS = 60_000
ROUNDS = int(os.environ.get("ROUNDS", "5"))
LIMIT_SECONDS = 5
HOMES = "FROM enrollment e JOIN residence r ON r.household_id = e.household_id AND r.ends_on IS NULL WHERE e.program_year_id = :year"
PLAIN = tuple(
    f"SELECT r.community_area, count(*) {HOMES} {which} GROUP BY r.community_area"
    for which in ("", "AND e.status = 'active'")
)


def main() -> None:
    households = int(sys.argv[1]) if len(sys.argv) > 1 else HOUSEHOLDS
    with tempfile.TemporaryDirectory(prefix="connectivity-count-") as folder:
        engine = make_engine(os.environ.get("DATABASE_URL") or f"sqlite:///{Path(folder) / 'count.sqlite'}")
        year = _prepare(engine, households)
        worst = _measure(engine, year)
        engine.dispose()
    kept = "kept" if worst <= LIMIT_SECONDS else "NOT KEPT"
    print(f"all {len(BASE)} tables: worst {worst:.2f} s, limit {LIMIT_SECONDS} s for {HOUSEHOLDS:,} households: {kept}")


def _prepare(engine: Engine, households: int) -> ProgramYear:
    """A demo program. Returns the year that runs."""
    schema.upgrade(engine)
    with make_sessions(engine)() as session:
        load(session, ROOT / "data")
        create(session, households=households, seed=1, today=city_today(), data_folder=ROOT / "data")
        session.commit()
        year = session.scalars(select(ProgramYear).order_by(ProgramYear.starts_on.desc()).limit(1)).one()
        _print_size(session, year)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # What PostgreSQL's own upkeep does in time.
        connection.execute(text("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE"))
    return year


def _print_size(session: Session, year: ProgramYear) -> None:
    of_year = session.scalar(select(func.count()).where(Enrollment.program_year_id == year.id))
    enrollments = session.scalar(select(func.count()).select_from(Enrollment))
    steps = session.scalar(select(func.count()).select_from(EnrollmentEvent))
    print(
        f"{session.get_bind().dialect.name}: {of_year:,} enrollments of {year.label}, {enrollments:,} of all years with {steps:,} steps; "
        f"{ROUNDS} rounds each; seconds: median, worst, median of processor time (this process)"
    )


def _measure(engine: Engine, year: ProgramYear) -> float:
    """Prints each family's times. Returns the worst of all together, in seconds."""
    today = city_today()

    def plain(session: Session) -> None:
        for statement in PLAIN:
            session.execute(text(statement), {"year": year.id}).all()

    _line(engine, "plain floor: two counts of today", plain)
    for family in FAMILIES:
        _line(engine, family.__name__, lambda session, one=family: one(session, program_year_id=year.id, as_of=today))  # type: ignore[misc]
    return _line(engine, "all", lambda session: count_all(session, program_year=year, as_of=today))


def _line(engine: Engine, words: str, work: Callable[[Session], object]) -> float:
    """Prints median and worst of ROUNDS runs and the median of processor time; returns the second, in seconds."""
    took, busy = [], []
    for _ in range(ROUNDS):
        with make_sessions(engine)() as session:
            started, used = time.perf_counter(), time.process_time()
            work(session)
            took.append(time.perf_counter() - started)
            busy.append(time.process_time() - used)
    print(f"{words:34} {statistics.median(took):7.2f} {max(took):7.2f} {statistics.median(busy):7.2f}", flush=True)
    return max(took)


if __name__ == "__main__":
    main()
