"""Placing 100,000 addresses offline, from text to community area: `python -m benchmarks.place_addresses`. Limit: 5 s."""

import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sqlalchemy import select

from connectivity.database import Base, make_engine, make_sessions
from connectivity.geography.address import parse
from connectivity.geography.placement import place_many
from connectivity.reference import store
from connectivity.reference.load import load
from connectivity.register import School
from connectivity.settings import ROOT

ADDRESSES = 100_000
ROUNDS = 5
LIMIT_SECONDS = 5


def main() -> None:
    """Prints the median of several rounds, and what became of the addresses."""
    engine = make_engine("sqlite://")
    Base.metadata.create_all(engine)
    with make_sessions(engine).begin() as session:
        load(session, ROOT / "data")
        boundaries, grid, zips = store.boundaries(session), store.address_grid(session), store.zip_areas(session)
        texts = _texts(session.scalars(select(School).order_by(School.id)).all())
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        placed = place_many(texts, boundaries, grid, zips)
        seconds.append(time.perf_counter() - started)
    median = statistics.median(seconds)
    print(f"{'addresses':>12}{'seconds':>10}{'a second':>12}{'limit':>8}")
    print(f"{len(texts):>12,}{median:>10.2f}{len(texts) / median:>12,.0f}{LIMIT_SECONDS:>6} s")
    print("  ".join(f"{certainty}: {count:,}" for certainty, count in Counter(one.certainty for one in placed).items()))


def _texts(schools: Sequence[School]) -> list[str]:
    """Addresses as a district writes them: near real ones, with their ZIP codes, a third with a unit, spelled this way and that."""
    random = np.random.default_rng(1)
    picked = [parse(schools[index].address) for index in random.integers(0, len(schools), ADDRESSES)]
    codes = [schools[index].zip for index in np.random.default_rng(1).integers(0, len(schools), ADDRESSES)]
    further = random.integers(-300, 300, ADDRESSES).tolist()
    units = random.choice(["", "", "", "", ", Apt. 2B", " #3", ", 1st floor"], ADDRESSES).tolist()
    styles = random.choice(["{}, Chicago, IL {}", "{}, CHICAGO IL {}", "{} {}"], ADDRESSES).tolist()
    return [
        style.format(replace(near, number=max(1, near.number + more)).line.title() + unit, code)
        for near, code, more, unit, style in zip(picked, codes, further, units, styles, strict=True)
    ]


if __name__ == "__main__":
    main()
