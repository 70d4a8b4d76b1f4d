"""Which area an arrow key leads to: the nearest one whose label lies in that direction. Pure."""

from collections.abc import Mapping
from math import cos, hypot, radians

from connectivity.equity.figures import Place

DIRECTIONS: Mapping[str, tuple[int, int]] = {"up": (0, 1), "right": (1, 0), "down": (0, -1), "left": (-1, 0)}
SIDEWAYS_PENALTY = 1.6  # an area straight ahead is preferred to a nearer one off to the side


def by_direction(places: list[Place]) -> dict[int, dict[str, int]]:
    """Area number -> direction -> the next area that way; no entry where the city ends."""
    shrink = cos(radians(41.84))  # a degree of longitude at Chicago's latitude, in degrees of latitude
    points = {place.number: (place.label_lon * shrink, place.label_lat) for place in places}
    return {
        number: {
            name: found for name, (dx, dy) in DIRECTIONS.items() if (found := _next(points, number, dx, dy)) is not None
        }
        for number in points
    }


def _next(points: Mapping[int, tuple[float, float]], here: int, dx: int, dy: int) -> int | None:
    x, y = points[here]
    best: tuple[float, int] | None = None
    for number, (other_x, other_y) in points.items():
        ahead = (other_x - x) * dx + (other_y - y) * dy
        aside = abs((other_x - x) * dy) + abs((other_y - y) * dx)
        # 45 degrees to either side.
        if number != here and ahead > 0 and aside <= ahead:
            best = min(best or (float("inf"), 0), (hypot(ahead, SIDEWAYS_PENALTY * aside), number))
    return best[1] if best else None
