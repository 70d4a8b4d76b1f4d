"""Who lives together, in 131,072 made-up households whose truth is known: recall, precision, seconds and memory, beside Splink.

    python -m benchmarks.match_households [--households 131072] [--peer-python PATH]

The peer is not a dependency. To include it: python3 -m venv peer && peer/bin/pip install splink "duckdb<2" (Splink 5.0.0
fails on 2.0.0), then --peer-python peer/bin/python.
Bars: recall 0.98 at precision 0.95 by sure links alone, less time than the peer; 345,000 students against 230,000 registered
households in 8 s and 500 MB. Counted are pairs of students in one household. How noisy the records are: benchmarks/_families.py.
"""

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks import _families
from connectivity.rules.household_matching import Matching, Records, match
from connectivity.settings import ROOT

SIZES = (43_000, 86_000, 172_000, 345_000)
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Run:
    matching: Matching
    seconds: float
    processor_seconds: float
    growth_mb: float


def timed(records: Records) -> Run:
    """One run, with the largest growth of memory sampled every 10 ms."""
    gc.collect()
    process, stop = psutil.Process(), threading.Event()
    before = process.memory_info().rss
    samples = [before]

    def sample() -> None:
        while not stop.wait(0.01):
            samples.append(process.memory_info().rss)

    thread = threading.Thread(target=sample)
    thread.start()
    began, worked = time.perf_counter(), time.process_time()
    matching = match(records)
    seconds, processor = time.perf_counter() - began, time.process_time() - worked
    stop.set()
    thread.join()
    return Run(matching, seconds, processor, (max(samples) - before) / 1e6)


def pairs_within(*labels: Numbers) -> int:
    """How many pairs of records agree in every label."""
    sizes = np.unique(np.stack(labels), axis=1, return_counts=True)[1].astype(np.int64)
    return int((sizes * (sizes - 1) // 2).sum())


def quality(truth: Numbers, home: Numbers) -> tuple[float, float]:
    """Recall and precision over pairs of records in one household."""
    right = pairs_within(truth, home)
    return right / pairs_within(truth), right / max(1, pairs_within(home))


def found_for_review(truth: Numbers, matching: Matching) -> float:
    """Recall when every doubt that is right counts as found."""
    families, members = np.unique(np.stack((matching.home, truth)), axis=1, return_counts=True)
    held: dict[int, dict[int, int]] = {}
    for (home, family), count in zip(families.T.tolist(), members.tolist(), strict=True):
        held.setdefault(home, {})[family] = count
    shown = sum(
        count * held[doubt.other].get(family, 0)
        for doubt in matching.doubtful
        for family, count in held[doubt.one].items()
    )
    return (pairs_within(truth, matching.home) + shown) / pairs_within(truth)


def right_doubts(truth: Numbers, matching: Matching) -> float:
    """The share of doubts in which some family lives in both homes."""
    families: dict[int, set[int]] = {}
    for home, family in zip(matching.home.tolist(), truth.tolist(), strict=True):
        families.setdefault(home, set()).add(family)
    right = sum(not families[doubt.one].isdisjoint(families[doubt.other]) for doubt in matching.doubtful)
    return right / max(1, len(matching.doubtful))


def unknowable_pairs(truth: Numbers, unknowable: set[int]) -> int:
    """Pairs of one household of which no rule can know."""
    known = np.setdiff1d(np.arange(len(truth)), list(unknowable))
    return pairs_within(truth) - pairs_within(truth[known])


def show_quality(written: _families.Written) -> Run:
    truth = written.truth()
    run = timed(written.records())
    recall, precision = quality(truth, run.matching.home)
    beyond = unknowable_pairs(truth, written.unknowable)
    print(
        f"{len(truth):,} students, {pairs_within(truth):,} pairs of one household, {beyond:,} of them beyond any rule"
    )
    print(
        f"ours, sure links alone      recall {recall:.4f} (bar 0.98)   precision {precision:.4f} (bar 0.95)   {run.seconds:.2f} s"
    )
    print(
        f"ours, doubts found for review  recall {found_for_review(truth, run.matching):.4f}   "
        f"{len(run.matching.doubtful):,} doubts, {right_doubts(truth, run.matching):.0%} of them right"
    )
    return run


def show_peer(python: str, written: _families.Written, ours: float) -> None:
    """Splink on the same students: its threshold is the one that suits it best by the truth."""
    with tempfile.TemporaryDirectory(prefix="connectivity-bench-") as name:
        file = Path(name) / "students.json"
        columns = ("line", "unit", "zip", "guardian", "phones", "email", "surnames", "first_names", "births")
        rows = [
            dict(zip(columns, row, strict=True)) | {"family": one}
            for row, one in zip(written.rows, written.family, strict=True)
        ]
        file.write_text("\n".join(json.dumps(row) for row in rows))
        script = str(ROOT / "benchmarks" / "peers" / "splink_match.py")
        said = subprocess.run([python, script, str(file)], check=True, capture_output=True, text=True).stdout
    peer = json.loads(said.splitlines()[-1])
    print(
        f"Splink, best threshold {peer['threshold']:.2f}    recall {peer['recall']:.4f}   precision {peer['precision']:.4f}   "
        f"{peer['seconds']:.1f} s (training {peer['training']:.1f} s of it), {peer['peak_mb']:.0f} MB"
    )
    print(f"Splink / ours, time: {peer['seconds'] / ours:.1f} (target above 1)")


def show_scaling() -> None:
    """A file of students against a register of two thirds as many households, three quarters of the file's families among them."""
    before = 0.0
    for size in SIZES:
        written = _families.with_register(size)
        run = timed(written.records())
        recall, precision = quality(written.truth(), run.matching.home)
        ratio = f"   {run.seconds / before:.2f} times the time" if before else ""
        print(
            f"{size:>7,} students, {size * 2 // 3:,} registered: {run.seconds:6.2f} s (processor {run.processor_seconds:.2f} s)   "
            f"memory +{run.growth_mb:.0f} MB   recall {recall:.4f}   precision {precision:.4f}{ratio}"
        )
        before = run.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=131072)
    parser.add_argument("--peer-python", help="a Python with splink")
    parser.add_argument("--no-scaling", action="store_true")
    given = parser.parse_args()
    written = _families.students_only(given.households)
    run = show_quality(written)
    if given.peer_python:
        show_peer(given.peer_python, written, run.seconds)
    else:
        print("Splink left out: pass --peer-python (see the head of this file).", file=sys.stderr)
    if not given.no_scaling:
        show_scaling()


if __name__ == "__main__":
    main()
