"""One measure's figures for the 77 areas and the city, read from a release or from the reference indicators and nothing else."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from connectivity.equity.measures import Direction, Kind, Measure, Unit
from connectivity.register import CommunityArea, Indicator, IndicatorValue, ReferenceFile, Release, ReleaseCount


class State(StrEnum):
    """What stands in an area's place. Withheld is neither zero nor missing."""

    SHOWN = "shown"
    WITHHELD = "withheld"
    NO_DATA = "no data"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One area's or the city's figure. `value` None unless shown; numerator and denominator are of a share alone."""

    state: State
    numerator: int | None = None
    denominator: int | None = None
    value: float | None = None


NO_DATA = Figure(state=State.NO_DATA)
WITHHELD = Figure(state=State.WITHHELD)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A community area, as far as the maps need it. Degrees."""

    number: int
    name: str
    side: str
    label_lon: float
    label_lat: float


@dataclass(frozen=True, kw_only=True)
class AreaFigure:
    """A figure with its area, its class (from 1) and how many shown areas have a lower value. None unless shown."""

    place: Place
    figure: Figure
    class_number: int | None
    above: int | None


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One measure on the map. `areas` go by area number. `city` is no sum of visible areas; None for an index, which has none."""

    measure: Measure
    areas: tuple[AreaFigure, ...]
    city: Figure | None
    as_of: dt.date | None  # program measures
    computed_at: dt.datetime | None
    program_year: str
    release_id: int | None
    release_sha256: str
    source: str

    @cached_property
    def shown(self) -> int:
        return sum(area.figure.state is State.SHOWN for area in self.areas)

    @cached_property
    def withheld(self) -> int:
        return sum(area.figure.state is State.WITHHELD for area in self.areas)

    @property
    def no_data(self) -> int:
        return len(self.areas) - self.shown - self.withheld

    def in_class(self, number: int) -> int:
        """How many areas lie in a class."""
        return sum(area.class_number == number for area in self.areas)

    def of(self, number: int) -> AreaFigure:
        """The figure of one area. Raises StopIteration for an unknown number."""
        return next(area for area in self.areas if area.place.number == number)

    def ranked(self, *, by_name: bool = False, descending: bool | None = None) -> list[AreaFigure]:
        """The rows of the table: by value, areas that need attention first, or by name; withheld and missing ones at the end."""
        if by_name:
            return sorted(self.areas, key=lambda area: area.place.name, reverse=bool(descending))
        down = self.measure.direction is not Direction.HIGH_IS_GOOD if descending is None else descending
        shown = [area for area in self.areas if area.figure.value is not None]
        rest = [area for area in self.areas if area.figure.value is None]
        return [
            *sorted(shown, key=lambda area: (_rising(area, down=down), area.place.name)),
            *sorted(rest, key=lambda area: (area.figure.state is State.NO_DATA, area.place.name)),
        ]


def _rising(area: AreaFigure, *, down: bool) -> float:
    value = area.figure.value or 0.0
    return -value if down else value


def places(session: Session) -> list[Place]:
    """The 77 areas by number; empty before the reference data is loaded."""
    found = session.execute(
        select(
            CommunityArea.number,
            CommunityArea.name,
            CommunityArea.side,
            CommunityArea.label_lon,
            CommunityArea.label_lat,
        ).order_by(CommunityArea.number)
    )
    return [Place(number=n, name=name, side=side, label_lon=lon, label_lat=lat) for n, name, side, lon, lat in found]


def reference_version(session: Session) -> tuple[tuple[str, str], ...]:
    """Every reference file loaded and its checksum; empty before the reference data is loaded."""
    found = session.execute(select(ReferenceFile.name, ReferenceFile.sha256).order_by(ReferenceFile.name))
    return tuple((name, sha256) for name, sha256 in found)


def measured(session: Session, measures: Sequence[Measure], release: Release | None) -> list[Figures]:
    """The figures of several measures, in their order, in two queries. Without a release program measures have no data."""
    here = places(session)
    published = _published(session, measures)
    return [
        _of_release(measure, here, release)
        if measure.kind is Kind.PROGRAM
        else _of_indicator(measure, here, published.get((measure.indicator, measure.vintage), {}))
        for measure in measures
    ]


Published = dict[tuple[str, str], dict[int, Figure]]


def _published(session: Session, measures: Sequence[Measure]) -> Published:
    wanted = [(measure.indicator, measure.vintage) for measure in measures if measure.kind is Kind.NEED]
    rows = session.execute(
        select(
            Indicator.key,
            Indicator.vintage,
            IndicatorValue.community_area,
            IndicatorValue.numerator,
            IndicatorValue.denominator,
            IndicatorValue.value,
        )
        .join(IndicatorValue, IndicatorValue.indicator_id == Indicator.id)
        .where(tuple_(Indicator.key, Indicator.vintage).in_(wanted))
    )
    found: Published = {}
    for key, vintage, area, numerator, denominator, value in rows:
        found.setdefault((key, vintage), {})[area] = _figure(numerator, denominator, value)
    return found


def _figure(numerator: int | None, denominator: int | None, value: float | None) -> Figure:
    """A share is `value` where it was taken before its counts were rounded, or else follows from the counts."""
    if numerator is not None and denominator:
        share = numerator / denominator if value is None else value
        return Figure(state=State.SHOWN, numerator=numerator, denominator=denominator, value=share)
    return NO_DATA if value is None else Figure(state=State.SHOWN, value=value)


def _of_indicator(measure: Measure, here: list[Place], figures: dict[int, Figure]) -> Figures:
    shares = [one for one in figures.values() if one.numerator is not None and one.denominator is not None]
    city = _figure(sum(one.numerator or 0 for one in shares), sum(one.denominator or 0 for one in shares), None)
    return Figures(
        measure=measure,
        areas=_with_classes(measure, [(place, figures.get(place.number, NO_DATA)) for place in here]),
        city=city if measure.unit is Unit.SHARE else None,
        as_of=None,
        computed_at=None,
        program_year="",
        release_id=None,
        release_sha256="",
        source=measure.source,
    )


def _of_release(measure: Measure, here: list[Place], release: Release | None) -> Figures:
    rows = {row.community_area: row for row in release.counts} if release else {}
    return Figures(
        measure=measure,
        areas=_with_classes(measure, [(place, _counted(measure, rows.get(place.number))) for place in here]),
        city=_program_figure(measure, release.city_eligible, release.city_active) if release else NO_DATA,
        as_of=release.as_of if release else None,
        computed_at=release.computed_at if release else None,
        program_year=release.program_year.label if release else "",
        release_id=release.id if release else None,
        release_sha256=release.sha256 if release else "",
        source=measure.source,
    )


def _counted(measure: Measure, row: ReleaseCount | None) -> Figure:
    return _program_figure(measure, row.eligible, row.active) if row else NO_DATA


def _program_figure(measure: Measure, eligible: int | None, active: int | None) -> Figure:
    if eligible is None or active is None:
        return WITHHELD
    if measure.unit is Unit.SHARE:
        return _figure(active, eligible, None)
    value = {"active": active, "eligible": eligible, "gap": eligible - active}[measure.key]
    return Figure(state=State.SHOWN, value=float(value))


def _with_classes(measure: Measure, figures: Iterable[tuple[Place, Figure]]) -> tuple[AreaFigure, ...]:
    listed = list(figures)
    values = sorted(measure.rounded(figure.value) for _place, figure in listed if figure.value is not None)
    return tuple(
        AreaFigure(place=place, figure=figure, class_number=None, above=None)
        if figure.value is None
        else AreaFigure(
            place=place,
            figure=figure,
            class_number=measure.class_of(figure.value),
            above=bisect_left(values, measure.rounded(figure.value)),
        )
        for place, figure in listed
    )
