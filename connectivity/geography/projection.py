"""Longitude and latitude to EPSG:3435 (Illinois State Plane East, US survey feet) and back."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer

# NAD83 longitude and latitude stand in for WGS84. The two differ by about a meter here, while a datum shift would differ
# from host to host with the grid files PROJ happens to find.
LONLAT = "EPSG:4269"
FEET = "EPSG:3435"

Floats = NDArray[np.float64]


def to_feet(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Degrees to (x, y) in feet, element by element. What is no place on Earth comes back as NaN."""
    return _converted(_transformer(LONLAT, FEET), lon, lat)


def to_lonlat(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Feet to (lon, lat) in degrees, element by element. NaN stays NaN."""
    return _converted(_transformer(FEET, LONLAT), x, y)


@cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def _converted(transformer: Transformer, first: Any, second: Any) -> tuple[Floats, Floats]:
    one, two = transformer.transform(np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64))
    known = np.isfinite(one) & np.isfinite(two)
    return np.where(known, one, np.nan), np.where(known, two, np.nan)
