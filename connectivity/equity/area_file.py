"""The table of one measure as a CSV file (RFC 4180, UTF-8): exactly the areas and figures that the page shows. Pure."""

import csv
import io

from connectivity.equity.figures import AreaFigure, Figures, State
from connectivity.equity.measures import Unit

COLUMNS = (
    "community_area",
    "community_area_name",
    "measure",
    "numerator",
    "denominator",
    "value",
    "class",
    "withheld",
    "unit",
    "vintage",
    "program_year",
    "as_of",
    "release",
    "release_sha256",
    "source",
)
WITHHELD_CODE = "s"  # suppressed, whatever the reason; an empty value without it is missing data


def written(figures: Figures, *, source_note: str = "") -> str:
    """The file's text. Shares are 0 to 1 with four decimals; published shares were taken before their counts were rounded."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    source = f"{figures.source} ({source_note})" if source_note else figures.source
    writer.writerows(_row(figures, area, source) for area in figures.areas)
    return file.getvalue()


def _row(figures: Figures, area: AreaFigure, source: str) -> list[object]:
    measure, figure = figures.measure, area.figure
    return [
        area.place.number,
        area.place.name,
        measure.key,
        figure.numerator,
        figure.denominator,
        _value(measure.unit, figure.value),
        area.class_number,
        WITHHELD_CODE if figure.state is State.WITHHELD else None,
        f"{measure.unit.value} (0 to 1)" if measure.unit is Unit.SHARE else measure.unit.value,
        measure.vintage,
        figures.program_year,
        figures.as_of.isoformat() if figures.as_of else None,
        figures.release_id,
        figures.release_sha256,
        source,
    ]


def _value(unit: Unit, value: float | None) -> str | None:
    if value is None:
        return None
    return f"{value:.4f}" if unit is Unit.SHARE else f"{value:.0f}" if unit is Unit.COUNT else f"{value:.1f}"
