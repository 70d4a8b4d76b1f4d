"""Longitude and latitude as a pair: half a pair, a lost sign, or the two exchanged, are left out with a warning."""

from collections.abc import Sequence

from connectivity.tabular.trouble import Trouble, left_out

_ADVICE = (
    "Longitude is negative in Chicago (-87.6566), latitude is not (41.9653). The home is placed by its address instead."
)


def read_pair(lon: str, lat: str) -> tuple[str | None, str | None]:
    """(longitude, latitude) in degrees, as texts. Raises Trouble."""
    lon, lat = lon.strip().removeprefix("'"), lat.strip().removeprefix("'")
    if not lon and not lat:
        return None, None
    if not lon or not lat:
        raise left_out("Only one of longitude and latitude is given.", _ADVICE)
    east, north = _degrees(lon, 180), _degrees(lat, 180)
    if north < -60 and 0 < east < 60:
        raise left_out("Longitude and latitude seem to be exchanged.", _ADVICE)
    if abs(north) > 90:
        raise left_out("There is no such latitude.", _ADVICE)
    if east > 0 or north < 0:
        raise left_out("A sign seems to be lost: this place is not in North America.", _ADVICE)
    return repr(east), repr(north)


def read_pairs(
    lons: Sequence[str], lats: Sequence[str]
) -> tuple[list[str | None], list[str | None], dict[int, Trouble]]:
    """Both columns, and position -> what is wrong there."""
    east: list[str | None] = []
    north: list[str | None] = []
    troubles: dict[int, Trouble] = {}
    for at, (lon, lat) in enumerate(zip(lons, lats, strict=True)):
        pair: tuple[str | None, str | None] = (None, None)
        try:
            pair = read_pair(lon, lat)
        except Trouble as trouble:
            troubles[at] = trouble
        east.append(pair[0])
        north.append(pair[1])
    return east, north, troubles


def _degrees(text: str, most: float) -> float:
    try:
        degrees = float(text)
    except ValueError:
        raise left_out("This is not a number of degrees.", _ADVICE) from None
    if not -most <= degrees <= most:  # nan is not, either
        raise left_out("There is no such position.", _ADVICE)
    return degrees
