"""Empty tables to count into: every cell is there, as a zero."""

from collections.abc import Mapping

from connectivity.equity.measured.base import UNPLACED
from connectivity.equity.measured.catalog import BY_KEY

Tables = Mapping[str, dict[str, int]]


def empty(*keys: str) -> Tables:
    """Key of a table -> cell -> 0."""
    return {key: dict.fromkeys(BY_KEY[key].cells, 0) for key in keys}


def area_cell(area: int | None) -> str:
    """The cell of an area: its number, or “unplaced”."""
    return UNPLACED if area is None else str(area)
