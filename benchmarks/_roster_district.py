"""A district for the roster benchmark: a register full of demo students, and the rosters of another district's families to take in."""

import csv
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from connectivity.database import make_engine
from connectivity.settings import ROOT

STUDENTS_A_HOUSEHOLD = 1.5  # the demo has 1.56, so there are somewhat more students than asked for
TODAY, LATER = "2026-11-23", "2026-12-14"  # the district's days: each export says its own in every row
CHANGES = 6  # of a hundred families: then about five of a hundred rows differ, as often only one child is concerned
# The demo's phones are the five hundred that are kept for fiction; a district's families have one of their own. 7,500,000 lines of
# three area codes are more than enough for each number to be one household's.
OWN_PHONES = """
UPDATE household_phone SET number = '+1' ||
  CASE (household_id + {other}) % 3 WHEN 0 THEN '312' WHEN 1 THEN '773' ELSE '872' END ||
  CAST(2000000 + (CAST(household_id AS BIGINT) * 4 + position) * 6007 % 3749999 * 2 + {other} AS TEXT)"""
# The demo's IDs begin with 0, 4 or 5.
OTHER_IDS = """
UPDATE student SET district_id =
  CASE substr(district_id, 1, 1) WHEN '0' THEN '9' WHEN '4' THEN '7' ELSE '8' END || substr(district_id, 2)"""


@dataclass(frozen=True)
class Files:
    """`register` holds as many students as each of the rosters, which name none of them."""

    register: Path  # an SQLite file, not to be changed
    new: Path
    resaved: Path  # the same cells, other line ends
    changed: Path  # about five rows in a hundred differ or are gone


def make(students: int, folder: Path) -> Files:
    """Makes the files in `folder`, unless they are there: the last of them is written last."""
    files = Files(
        folder / "register.sqlite", folder / "new.csv", folder / "new_resaved.csv", folder / "new_changed.csv"
    )
    if not files.changed.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        households = round(students / STUDENTS_A_HOUSEHOLD)
        fill(f"sqlite:///{files.register}", folder, households)
        other = folder / "other.sqlite"
        fill(f"sqlite:///{other}", folder, households, other=1)
        ids = _write(other, folder, files.new, students, changes=0)
        files.resaved.write_bytes(files.new.read_bytes().replace(b"\r\n", b"\n"))
        _write(other, folder, files.changed, students, changes=CHANGES, only=ids, as_of=LATER)
        other.unlink()
    return files


def fill(url: str, folder: Path, households: int, *, other: int = 0) -> None:
    """A demo program in an empty database, with phones of its own; `other` is another district's (1)."""
    for command in (
        ("database", "upgrade"),
        ("reference", "load"),
        ("demo", "create", "--households", str(households), "--seed", str(1 + other), "--today", TODAY),
    ):
        _flask(url, folder, *command)
    engine = make_engine(url)
    with engine.begin() as connection:
        for statement in (OWN_PHONES.format(other=other), *((OTHER_IDS,) if other else ()), "ANALYZE"):
            connection.execute(text(statement))
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def _write(
    database: Path,
    folder: Path,
    file: Path,
    students: int,
    *,
    changes: int,
    only: set[str] | None = None,
    as_of: str = TODAY,
) -> set[str]:
    """The roster of the other district, its first `students` rows or those of the IDs `only`. Returns the IDs."""
    whole = folder / "whole.csv"
    planted = ("--changes", str(changes), "--problems", "0", "--new", "0")
    _flask(f"sqlite:///{database}", folder, "demo", "roster", str(whole), *planted)
    ids = set[str]()
    with whole.open(encoding="utf-8", newline="") as source, file.open("w", encoding="utf-8", newline="") as target:
        rows, write = csv.reader(source), csv.writer(target)
        headings = next(rows)
        write.writerow(headings)
        at, day = headings.index("cps_student_id"), headings.index("as_of")
        for row in rows:
            if row[at] in only if only is not None else len(ids) < students:
                ids.add(row[at])
                row[day] = as_of
                write.writerow(row)
    whole.unlink()
    return ids


def _flask(url: str, folder: Path, *command: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONNECTIVITY_")}
    environment |= {
        "CONNECTIVITY_MODE": "demo",
        "CONNECTIVITY_DATABASE_URL": url,
        "CONNECTIVITY_INSTANCE_FOLDER": str(folder / "instance"),
    }
    subprocess.run(
        [sys.executable, "-m", "flask", *command], check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
