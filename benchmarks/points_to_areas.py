"""200,000 points to community areas, ours against bare geopandas.sjoin: `python -m benchmarks.points_to_areas`. Limit: 2 times."""

import statistics
import time
from collections.abc import Callable

import geopandas
import numpy as np
import shapely

from connectivity.geography.boundaries import Boundaries
from connectivity.geography.projection import FEET
from connectivity.reference.files import FULL
from connectivity.settings import ROOT

POINTS = 200_000
ROUNDS = 7
LIMIT = 2.0


def main() -> None:
    """Prints the median of alternating rounds and the ratio. Both ways must find the same areas."""
    boundaries = Boundaries.from_geojson((ROOT / "data" / FULL).read_bytes())
    random = np.random.default_rng(1)
    west, south, east, north = shapely.total_bounds(boundaries.polygons)
    x, y = random.uniform(west, east, POINTS), random.uniform(south, north, POINTS)
    areas = geopandas.GeoDataFrame({"number": boundaries.numbers}, geometry=boundaries.polygons, crs=FEET)

    def joined(predicate: str) -> np.ndarray:
        points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(x, y, crs=FEET))
        found = geopandas.sjoin(points, areas, predicate=predicate)
        numbers = np.zeros(POINTS, dtype=np.int64)
        numbers[found.index.to_numpy()] = found["number"].to_numpy()
        return numbers

    ways: dict[str, Callable[[], np.ndarray]] = {
        "Boundaries.areas_of": lambda: boundaries.areas_of(x, y),
        "geopandas.sjoin, within": lambda: joined("within"),
        "geopandas.sjoin, as it comes": lambda: joined("intersects"),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    results = {way: find() for way, find in ways.items()}
    for _ in range(ROUNDS):
        for way, find in ways.items():
            started = time.perf_counter()
            find()
            seconds[way].append(time.perf_counter() - started)
    assert all(np.array_equal(numbers, results["Boundaries.areas_of"]) for numbers in results.values())
    ours = statistics.median(seconds["Boundaries.areas_of"])
    print(f"{POINTS:,} points{'':<18}{'seconds':>10}{'ours / it':>12}")
    for way, taken in seconds.items():
        median = statistics.median(taken)
        print(f"{way:<32}{median:>10.3f}{ours / median:>12.2f}")
    print(f"limit: {LIMIT} times bare geopandas.sjoin")


if __name__ == "__main__":
    main()
