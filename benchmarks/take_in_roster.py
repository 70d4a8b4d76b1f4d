"""Takes a district's whole roster in, all its students new to a register that is as full; then changed, then the same again; then back.

    python -m benchmarks.take_in_roster [--sizes 43000,86000,172000,345000] [--keep FOLDER] [--database-url URL] [--peer-python PATH]

Each step runs in a process of its own, so that its peak of memory is its own. `--keep` keeps the made-up districts for the next run.
`--database-url` names an empty PostgreSQL database and takes one size. The peer is not a dependency. To include it:
python3 -m venv peer && peer/bin/pip install django django-import-export, then --peer-python peer/bin/python.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks import _roster_district
from connectivity.settings import ROOT

SIZES = "43000,86000,172000,345000"
BARS_SIZE = 345_000  # the bars are for this size
NEW, SAME, CHANGED = "all new", "the same, saved again", "5% changed"
FLOOR, END_TO_END = "plain csv + sqlite3, no check", f"end to end: {NEW}"
BARS = {
    f"read, check, plan: {NEW}": 35.0,
    f"apply: {NEW}": 60.0,
    f"end to end: {SAME}": 20.0,
    f"apply: {CHANGED}": 15.0,
}
LEAST_ROWS_A_SECOND, MOST_MB, MOST_GROWTH = 5000, 1024, 2.2
SHORTEST_SHOWN = 0.05  # seconds
PEER_ROWS = 10_000


@dataclass(frozen=True)
class Cost:
    """What one step took: seconds on the clock, seconds on a processor with the start of its process, the most MB it held."""

    seconds: float
    busy: float
    megabytes: float


@dataclass
class Figures:
    """The cost of each step at one size, by its name. `stretches`: print the parts of a step, too."""

    size: int
    stretches: bool
    costs: dict[str, Cost] = field(default_factory=dict)

    def take(self, name: str, *given: str, called: str) -> dict[str, Any]:
        """Runs a step, keeps and prints its cost under the name it is called here."""
        answer, self.costs[called] = step(name, *given)
        self._show(called)
        for part, seconds in answer.get("stretches", {}).items():
            if self.stretches and seconds >= SHORTEST_SHOWN:
                print(f"      {part:<50}{seconds:>8.2f} s")
        return answer

    def sum(self, name: str, *parts: str) -> None:
        """Keeps and prints a line that adds others up."""
        costs = [self.costs[part] for part in parts]
        self.costs[name] = Cost(
            sum(one.seconds for one in costs), sum(one.busy for one in costs), max(one.megabytes for one in costs)
        )
        self._show(name)

    def seconds(self, name: str) -> float:
        return self.costs[name].seconds

    def _show(self, name: str) -> None:
        cost, bar = self.costs[name], BARS.get(name)
        limit = f"   limit {bar:.0f} s for {BARS_SIZE:,}" if bar else ""
        print(
            f"  {name:<50}{cost.seconds:>8.2f} s {cost.busy:>8.2f} s busy {self.size / cost.seconds:>10,.0f} rows/s "
            f"{cost.megabytes:>6,.0f} MB{limit}",
            flush=True,
        )


def step(name: str, *given: str) -> tuple[dict[str, Any], Cost]:
    """Runs one step in a process of its own. Returns its answer, and what it took."""
    command = [sys.executable, "-m", "benchmarks._roster_steps", name, *given]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"The step {name} failed.")
    answer: dict[str, Any] = json.loads(said)
    return answer, Cost(answer.get("seconds", 0.0), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def measure(size: int, url: str, files: _roster_district.Files, *, stretches: bool) -> Figures:
    """Every step at one size, in the order of a season; what was taken in last is taken back first."""
    print(f"\n{size:,} rows against a register of as many students")
    figures = Figures(size, stretches)
    figures.take("floor", str(files.new), called=FLOOR)
    rosters = {NEW: _take_in(figures, url, files.new, NEW)}
    again, cost = step("submit", url, str(files.new))
    found = "A NEW IMPORT" if again["first"] else "the first import"
    print(f"  the same file, byte for byte: finds {found} in {cost.seconds:.2f} s")
    before, _ = step("fingerprint", url)
    rosters[SAME] = _take_in(figures, url, files.resaved, SAME)
    after, _ = step("fingerprint", url)
    written = [name for name, rows in after["tables"].items() if rows != before["tables"][name]]
    print(f"  tables of the register whose content it changed: {', '.join(written) or 'none'}")
    rosters[CHANGED] = _take_in(figures, url, files.changed, CHANGED)
    for what, roster in reversed(rosters.items()):
        figures.take("undo", url, roster, called=f"undo: {what}")
    return figures


def _take_in(figures: Figures, url: str, file: Path, what: str) -> str:
    """From the file to the register. Returns the import's number."""
    plan, apply = f"read, check, plan: {what}", f"apply: {what}"
    submitted, _ = step("submit", url, str(file))
    roster = str(submitted["roster"])
    counts = figures.take("read", url, roster, str(file), called=plan)["counts"]
    print("      " + ", ".join(f"{name} {number:,}" for name, number in counts.items() if number))
    figures.take("apply", url, roster, called=apply)
    figures.sum(f"end to end: {what}", plan, apply)
    return roster


def judge(every: list[Figures]) -> None:
    """Prints how time grows with the rows, and at the full size each bar beside its figure."""
    print(f"\n{'seconds by rows':<50}" + "".join(f"{one.size:>10,}" for one in every) + "   growth a doubling")
    for name in every[0].costs:
        seconds = [one.seconds(name) for one in every]
        growth = ", ".join(f"{later / sooner:.2f}" for sooner, later in pairwise(seconds))
        print(f"{name:<50}" + "".join(f"{one:>10.2f}" for one in seconds) + f"   {growth}")
    print(f"The most that time may grow where the rows double: {MOST_GROWTH}")
    full = every[-1]
    print(f"all new, end to end, to the plain floor: {full.seconds(END_TO_END) / full.seconds(FLOOR):.1f} times")
    if full.size == BARS_SIZE:
        _beside_bars(full)


def _beside_bars(full: Figures) -> None:
    for name, bar in BARS.items():
        _verdict(name, full.seconds(name), f"{bar:.0f} s at most", met=full.seconds(name) <= bar)
    rate = full.size / full.seconds(END_TO_END)
    _verdict("rows a second, end to end", rate, f"{LEAST_ROWS_A_SECOND:,} at least", met=rate >= LEAST_ROWS_A_SECOND)
    most = max(cost.megabytes for cost in full.costs.values())
    _verdict("MB, the most of any step", most, f"{MOST_MB:,} at most", met=most <= MOST_MB)


def _verdict(name: str, figure: float, bar: str, *, met: bool) -> None:
    print(f"{name:<50}{figure:>10,.2f}   {bar:<16}{'met' if met else 'MISSED'}")


def peer(python: str, file: Path, ours: Figures) -> None:
    """django-import-export on the file's first rows, as many as one can wait for, against as many that it holds."""
    script, rows = str(ROOT / "benchmarks" / "peers" / "django_import.py"), min(PEER_ROWS, ours.size)
    print(
        f"\ndjango-import-export, {rows:,} new rows against {rows:,} held; scaled in proportion to {ours.size:,} rows"
    )
    for way in ("rows", "bulk"):
        done = subprocess.run([python, script, str(file), str(rows), way], check=True, stdout=subprocess.PIPE)
        taken: dict[str, float] = json.loads(done.stdout)
        taken["both"] = sum(taken.values())
        for name, seconds in taken.items():
            scaled = seconds * ours.size / rows
            print(
                f"  {f'{name}, {way}':<50}{seconds:>8.2f} s {rows / seconds:>10,.0f} rows/s, scaled {scaled:>8,.0f} s"
            )
    print(
        f"  ours at {ours.size:,} rows, {END_TO_END:<32}{ours.seconds(END_TO_END):>8.2f} s, with matching, placing and audit"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=SIZES, help="rows, each size twice the one before")
    parser.add_argument("--keep", type=Path, help="a folder for the made-up districts")
    parser.add_argument("--database-url", help="an empty PostgreSQL database, for one size")
    parser.add_argument("--stretches", action="store_true", help="with the seconds between two reports of progress")
    parser.add_argument("--peer-python", help="a Python with django and django-import-export")
    given = parser.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")]
    if given.database_url and len(sizes) > 1:
        parser.error("With --database-url give one size, as each needs an empty database.")
    every = []
    with ExitStack() as stack:
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="connectivity-bench-")))
        for size in sizes:
            files = _roster_district.make(size, (given.keep or temporary) / str(size))
            if given.database_url:
                _roster_district.fill(
                    given.database_url, temporary, round(size / _roster_district.STUDENTS_A_HOUSEHOLD)
                )
                every.append(measure(size, given.database_url, files, stretches=given.stretches))
                continue
            work = Path(shutil.copy(files.register, temporary / f"{size}.sqlite"))
            every.append(measure(size, f"sqlite:///{work}", files, stretches=given.stretches))
            work.unlink()
        judge(every)
        if given.peer_python:
            peer(given.peer_python, files.new, every[-1])
        else:
            print("django-import-export left out: pass --peer-python (see the head of this file).")


if __name__ == "__main__":
    main()
