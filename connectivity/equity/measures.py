"""What the maps can show: how one measure is named, written, and sorted into its fixed classes. The catalog is in `catalog`."""

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from math import inf


class Kind(StrEnum):
    """Whose figures they are: the program's own counts, or published figures about everybody."""

    PROGRAM = "program"
    NEED = "need"


class Unit(StrEnum):
    """What one value is."""

    SHARE = "share of households"
    COUNT = "households"
    INDEX = "index points"


class Direction(StrEnum):
    """What a high value says. The table begins with the areas that need attention."""

    HIGH_IS_GOOD = "high is good"
    HIGH_IS_BAD = "high is bad"
    HIGH_IS_MORE = "high is more"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One layer of the map. `breaks` are constants: classes drawn from the data would move between releases and leak extremes.

    Class k (from 1) holds breaks[k-1] <= value < breaks[k]; the last class takes its upper break in.
    """

    key: str
    kind: Kind
    unit: Unit
    direction: Direction
    title: str
    question: str
    definition: str
    numerator: str = ""  # what the counts of a share are, as column headings
    denominator: str = ""
    breaks: tuple[float, ...]
    palette: tuple[str, ...]
    palette_name: str
    indicator: str = ""  # need measures: the key and vintage of the reference indicator
    vintage: str = ""
    source: str = ""

    @property
    def classes(self) -> int:
        return len(self.breaks) - 1

    def rounded(self, value: float) -> float:
        """The value as people read it. Classes are taken from this, so that 14.96%, read as 15.0%, lies in the class from 15%."""
        return round(value, {Unit.SHARE: 3, Unit.COUNT: 0, Unit.INDEX: 1}[self.unit])

    def written(self, value: float) -> str:
        """`62.1%`, `1,234` or `47.6`."""
        if self.unit is Unit.SHARE:
            return f"{self.rounded(value):.1%}"
        return f"{value:,.0f}" if self.unit is Unit.COUNT else f"{value:.1f}"

    def class_of(self, value: float) -> int:
        """1 for the lowest class. A value beyond the breaks lies in the nearest class: one wrong figure must not close a page."""
        return min(max(1, bisect_right(self.breaks, self.rounded(value))), self.classes)

    def bounds(self, number: int) -> tuple[str, str]:
        """The written ends of a class, the upper as the greatest value it holds; empty where it is open: `("20%", "24.9%")`."""
        low, high = self.breaks[number - 1], self.breaks[number]
        step = {Unit.SHARE: 0.001, Unit.COUNT: 1, Unit.INDEX: 0.1}[self.unit]
        return (
            "" if number == 1 else self._edge(low),
            "" if number == self.classes else self._edge(high - step),
        )

    def edge(self, at: int) -> str:
        """A break as written: `20%`, `1,000`."""
        return self._edge(self.breaks[at])

    def _edge(self, value: float) -> str:
        if value == inf:
            return ""
        if self.unit is Unit.SHARE:
            return f"{value * 100:.1f}".removesuffix(".0") + "%"
        return f"{value:,.0f}" if self.unit is Unit.COUNT else f"{value:.1f}".removesuffix(".0")
