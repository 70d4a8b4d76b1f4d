"""How long a demo of 60,000 households takes: `python -m benchmarks.create_demo [households]`. Limit: 60 s."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select

from connectivity.database import make_engine
from connectivity.register import (
    ConnectivityResponse,
    Enrollment,
    EnrollmentEvent,
    Household,
    HouseholdPhone,
    MembershipCode,
    Residence,
    SearchTerm,
    Student,
)
from connectivity.settings import ROOT

HOUSEHOLDS = 60_000
LIMIT_SECONDS = 60
SHOWN = (
    Household,
    HouseholdPhone,
    Residence,
    Student,
    MembershipCode,
    Enrollment,
    EnrollmentEvent,
    ConnectivityResponse,
    SearchTerm,
)


def main() -> None:
    """Runs the commands as `make run` does, on a new SQLite database, and prints what they took."""
    households = int(sys.argv[1]) if len(sys.argv) > 1 else HOUSEHOLDS
    with tempfile.TemporaryDirectory(prefix="connectivity-demo-") as folder:
        _flask(folder, "database", "upgrade")
        _flask(folder, "reference", "load")
        started, busy = time.perf_counter(), _processor_seconds()
        _flask(folder, "demo", "create", "--households", str(households), "--seed", "1", "--today", "2026-11-23")
        seconds, busy = time.perf_counter() - started, _processor_seconds() - busy
        _print_tables(Path(folder) / "demo.sqlite")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{households:,} households: {seconds:.1f} s (limit {LIMIT_SECONDS} s for {HOUSEHOLDS:,}), "
        f"of which {busy:.1f} s on a processor; peak memory {peak:,.0f} MB"
    )


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _flask(folder: str, *command: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONNECTIVITY_")}
    environment |= {"CONNECTIVITY_MODE": "demo", "CONNECTIVITY_INSTANCE_FOLDER": folder}
    subprocess.run(
        [sys.executable, "-m", "flask", *command], check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )


def _print_tables(file: Path) -> None:
    engine = make_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        for noun in SHOWN:
            rows = connection.scalar(select(func.count()).select_from(noun))
            print(f"{noun.__tablename__:<24}{rows:>12,} rows")
    engine.dispose()
    print(f"{'database':<24}{file.stat().st_size / 1e6:>12,.0f} MB")


if __name__ == "__main__":
    main()
