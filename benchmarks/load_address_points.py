"""A county's 600,000 address points: loading the file, reading the table, asking it for 345,000 homes: `python -m benchmarks.load_address_points`."""

import csv
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np

from connectivity import schema
from connectivity.database import make_engine, make_sessions, transaction
from connectivity.geography.address import Address
from connectivity.geography.address_grid import AddressGrid
from connectivity.geography.projection import to_lonlat
from connectivity.reference import store
from connectivity.reference.address_file import AddressFile
from connectivity.reference.address_points import load_address_points
from connectivity.reference.load import load
from connectivity.settings import ROOT

ROWS, HOMES = 600_000, 345_000
LIMIT_LOAD_SECONDS, LIMIT_ASK_SECONDS, LIMIT_ASK_MB = 30, 10, 300
HEADINGS = (
    "OBJECTID,ADDRNOCOM,Add_Number,AddNum_Suf,St_PreDir,St_Name,St_PosTyp,St_PosDir,SubAddress,CMPADDABRV,PLACENAME,Post_Code,"
    "State,County,PIN,XPOSITION,YPOSITION,Lat,Long,EDITDATE"
)
Made = TypeVar("Made")


def main() -> None:
    """Prints seconds and the process's peak of memory after each step."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/register.sqlite")
        schema.upgrade(engine)
        sessions = make_sessions(engine)
        with sessions() as session:
            with transaction(session):
                load(session, ROOT / "data")
            path = Path(folder) / "points.csv"
            with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:  # its memory is not the load's
                elsewhere.submit(write_file, path, store.address_grid(session)).result()
            box, homes = store.drawing_geojson(session)["bbox"], sample(path)
            file = AddressFile.open(path, {})
            print(f"{'step':<34}{'seconds':>9}{'peak MB':>9}   limit")
            print(f"{'before':<34}{'':>9}{_peak():>9.0f}")
            for step in ("Load the file", "Load the same file again"):
                with transaction(session):
                    done = _timed(step, f"{LIMIT_LOAD_SECONDS} s", lambda: load_address_points(session, file, box=box))
                print(f"  {done.points:,} buildings, same: {done.same}, {done.tally.doubles:,} units of others")
            points = _timed("Read the table", "", lambda: store.address_points(session))
            assert points is not None
            limit = f"{LIMIT_ASK_SECONDS} s, {LIMIT_ASK_MB} MB more with the table"
            found = _timed(f"Ask for {HOMES:,} homes", limit, lambda: points.positions(homes))
            print(f"  exact: {found.exact.mean():.1%}  none: {np.isnan(found.x).mean():.1%}")
        engine.dispose()


def write_file(file: Path, grid: AddressGrid) -> None:
    """A made-up county file in Cook County's columns: buildings a few numbers apart on every street that the grid knows."""
    streets = [(line.street, direction) for line in grid.lines.values() if not line.crooked for direction in line.runs]
    every = [
        Address(number, "", direction, street, "AVE") for street, direction in streets for number in range(1, 12_000, 3)
    ]
    at = grid.positions(every)
    there = np.flatnonzero(np.isfinite(at.x))
    there = there[np.random.default_rng(1).random(len(there)) < min(1.0, ROWS / len(there))]
    lon, lat = to_lonlat(at.x[there], at.y[there])
    columns = zip(there.tolist(), lon.tolist(), lat.tolist(), strict=True)
    with file.open("w", newline="", encoding="utf-8") as lines:
        lines.write(f"{HEADINGS}\n")
        write = csv.writer(lines).writerow
        for row, (index, x, y) in enumerate(columns):
            one = every[index]
            write(
                (row, one.number, one.number, "", one.direction, one.street, one.kind, "", "", one.line, "Chicago", "60640",
                 "IL", "Cook", f"{row:014}", x, y, y, x, "2026-01-01")
            )  # fmt: skip
    print(f"A file of {len(there):,} rows, {file.stat().st_size / 1e6:.0f} MB")


def sample(file: Path) -> list[Address]:
    """Homes on the file's streets, a quarter of them at a number that the file has not."""
    with file.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines)
        found = [(int(row["Add_Number"]), row["St_PreDir"], row["St_Name"], row["St_PosTyp"]) for row in rows]
    random = np.random.default_rng(2)
    picked, off = random.integers(0, len(found), HOMES).tolist(), random.choice([0, 0, 0, 2], HOMES).tolist()
    homes = [(found[index], more) for index, more in zip(picked, off, strict=True)]
    return [Address(number + more, "", direction, street, kind) for (number, direction, street, kind), more in homes]


def _timed(step: str, limit: str, work: Callable[[], Made]) -> Made:
    started = time.perf_counter()
    made = work()
    print(f"{step:<34}{time.perf_counter() - started:>9.2f}{_peak():>9.0f}   {limit}")
    return made


def _peak() -> float:
    """MB this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
