"""Reference data as the rooms use it: polygons, the address grid and ZIP codes, read from the database and kept per process.

What is kept is keyed by the checksums of the files it came from. A load on any host is noticed by all at their next request.
"""

import json
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from connectivity.geography.address import Address
from connectivity.geography.address_grid import AddressGrid, StreetLine
from connectivity.geography.address_points import AddressPoints
from connectivity.geography.boundaries import Boundaries
from connectivity.geography.placement import ZipAreas
from connectivity.reference.address_points import ADDRESS_POINTS
from connectivity.reference.files import ARTERIALS, DRAWING, FULL, GRID_MODEL, STREETS, ZIP_AREAS
from connectivity.register import AddressPoint, ReferenceFile, StreetAxis, ZipArea

Made = TypeVar("Made")

ROWS_AT_ONCE = 10_000

_kept: dict[tuple[str, ...], tuple[tuple[str, ...], Any]] = {}


class ReferenceMissing(LookupError):
    """The database holds no reference data yet. The message says what to run."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not in the database. Run: flask reference load")


def boundaries(session: Session) -> Boundaries:
    """The 77 areas in full resolution, for placing. Raises ReferenceMissing."""
    return _keep(session, (FULL,), lambda: Boundaries.from_geojson(_content(session, FULL)))


def drawing_geojson(session: Session) -> Mapping[str, Any]:
    """The simplified areas as a GeoJSON FeatureCollection, for drawing; shared, not to be changed. Raises ReferenceMissing."""
    return _keep(session, (DRAWING,), lambda: json.loads(_content(session, DRAWING)))


def address_grid(session: Session) -> AddressGrid:
    """The address grid with its streets. Raises ReferenceMissing."""
    return _keep(
        session,
        (GRID_MODEL, ARTERIALS, STREETS),
        lambda: AddressGrid.build(_content(session, GRID_MODEL), map(_line, session.scalars(select(StreetAxis)))),
    )


def zip_areas(session: Session) -> ZipAreas:
    """ZIP code -> the community areas it overlaps. Raises ReferenceMissing."""
    return _keep(session, (ZIP_AREAS,), lambda: _zip_areas(session))


def address_points(session: Session) -> AddressPoints | None:
    """Every address point of the city, for placing many homes: 600,000 take 20 MB. None when no file of them is loaded."""
    if session.scalar(select(AddressPoint.id).limit(1)) is None:
        return None
    return _keep(session, (ADDRESS_POINTS,), lambda: _points(session, select(*_POINT)))


def address_points_near(session: Session, address: Address) -> AddressPoints | None:
    """The address points of one address's street, for placing one home. None when there are none."""
    found = _points(session, select(*_POINT).where(AddressPoint.street == address.street))
    return found if found.streets else None


_POINT = (
    AddressPoint.direction,
    AddressPoint.street,
    AddressPoint.kind,
    AddressPoint.number,
    AddressPoint.lon,
    AddressPoint.lat,
)


def _points(session: Session, rows: Select[*tuple[Any, ...]]) -> AddressPoints:
    # The driver's own rows, taken as they come: 600,000 would be 250 MB at once, and each layer above takes seconds.
    cursor = session.connection().execute(rows).cursor
    return AddressPoints.build(chain.from_iterable(iter(lambda: cursor.fetchmany(ROWS_AT_ONCE), [])))


def _keep(session: Session, names: tuple[str, ...], make: Callable[[], Made]) -> Made:
    """What was made last from these files, made anew when a checksum differs: one small query."""
    ledger = select(ReferenceFile.name, ReferenceFile.sha256).where(ReferenceFile.name.in_(names))
    found = dict(session.execute(ledger).all())
    if missing := [name for name in names if name not in found]:
        raise ReferenceMissing(missing[0])
    version = tuple(found[name] for name in names)
    kept = _kept.get(names)
    if kept is None or kept[0] != version:
        kept = _kept[names] = (version, make())
    made: Made = kept[1]
    return made


def _content(session: Session, name: str) -> bytes:
    content = session.scalar(select(ReferenceFile.content).where(ReferenceFile.name == name))
    if content is None:
        raise ReferenceMissing(name)
    return content


def _line(axis: StreetAxis) -> StreetLine:
    return StreetLine(
        axis.street,
        axis.runs,
        axis.grid_number,
        axis.grid_side,
        known=axis.source == "arterial",
        deviation=axis.deviation or 0,
        flag=axis.flag,
    )


def _zip_areas(session: Session) -> ZipAreas:
    found: dict[str, set[int]] = {}
    for code, area in session.execute(select(ZipArea.zip, ZipArea.community_area)):
        found.setdefault(code, set()).add(area)
    return {code: frozenset(areas) for code, areas in found.items()}
