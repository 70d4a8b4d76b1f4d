"""`make data`: rebuilds the geometry, the manifest and the README's table from the libpysal wheel and data/sources.

Run it as `python -m connectivity.reference.build [FOLDER]`. The only module that needs geopandas and libpysal, which are
development packages: nothing imports it. The same packages give the same bytes.
"""

import csv
import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from connectivity.geography.boundaries import problems
from connectivity.geography.projection import FEET, Floats, to_lonlat
from connectivity.reference import manifest
from connectivity.reference.files import AREAS, DRAWING, FULL

DATA = Path(__file__).resolve().parents[2] / "data"
SIMPLIFIED_FEET = 100
FULL_DECIMALS = 7  # about 1 cm, the most RFC 7946 asks for
DRAWING_DECIMALS = 5  # about 1 m: less than a pixel on any map of the city
TABLE_BEGINS, TABLE_ENDS = "<!-- table of files: written by make data -->\n", "<!-- end of the table -->\n"


def main() -> None:
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)


def build(folder: Path) -> None:
    """Writes both geometries, the manifest and the README's table into a folder that holds `sources/` and README.md."""
    names = _names(folder)
    numbers, polygons = _shapefile()
    simplified = shapely.coverage_simplify(polygons, SIMPLIFIED_FEET)
    for name, shapes, decimals in ((FULL, polygons, FULL_DECIMALS), (DRAWING, simplified, DRAWING_DECIMALS)):
        content = geojson(numbers, names, shapes, decimals)
        if wrong := problems(content):
            raise SystemExit("\n".join(f"{name}: {problem}" for problem in wrong))
        (folder / name).write_bytes(content)
    manifest.write(folder)
    readme = folder / "README.md"
    before, _, rest = readme.read_text(encoding="utf-8").partition(TABLE_BEGINS)
    after = rest.partition(TABLE_ENDS)[2]
    readme.write_text(f"{before}{TABLE_BEGINS}\n{manifest.table(folder)}\n\n{TABLE_ENDS}{after}", encoding="utf-8")


def geojson(numbers: list[int], names: dict[int, str], polygons: NDArray[np.object_], decimals: int) -> bytes:
    """RFC 7946: longitude and latitude, exterior rings counter-clockwise, a bounding box; one feature a line."""
    degrees = shapely.orient_polygons(shapely.transform(polygons, _rounded_lonlat(decimals)))
    features = ",\n".join(
        json.dumps(
            {
                "type": "Feature",
                "id": str(number),
                "properties": {"number": number, "name": names[number]},
                "geometry": json.loads(shapely.to_geojson(polygon)),
            },
            separators=(",", ":"),
            ensure_ascii=False,
        )
        for number, polygon in zip(numbers, degrees, strict=True)
    )
    bbox = json.dumps(shapely.total_bounds(degrees).tolist(), separators=(",", ":"))
    return f'{{"type":"FeatureCollection","bbox":{bbox},"features":[\n{features}\n]}}\n'.encode()


def _shapefile() -> tuple[list[int], NDArray[np.object_]]:
    """Numbers and polygons in feet, by number. The file carries no projection: it is Illinois State Plane East."""
    package = find_spec("libpysal")
    if package is None or package.origin is None:
        raise SystemExit("libpysal is not installed: it carries the polygons")
    shapes = geopandas.read_file(Path(package.origin).parent / "examples/chicago/Chicago77.shp").set_crs(FEET)
    shapes = shapes.sort_values("AREANO")
    return shapes["AREANO"].astype(int).tolist(), shapes.geometry.to_numpy()


def _names(folder: Path) -> dict[int, str]:
    with (folder / AREAS).open(encoding="utf-8", newline="") as lines:
        return {int(row["community_area"]): row["name"] for row in csv.DictReader(lines)}


def _rounded_lonlat(decimals: int) -> Callable[[Floats], Floats]:
    def convert(feet: Floats) -> Floats:
        degrees: Floats = np.column_stack(to_lonlat(feet[:, 0], feet[:, 1]))
        return degrees.round(decimals)

    return convert


if __name__ == "__main__":
    main()
