"""How published shares and group sizes are written: coarser the smaller the group, and never to the ends of the scale. Pure.

The ladder is that of the National Center for Education Statistics (SLDS Technical Brief 3, 2011-603), as states use it: 0% and 100% say
something of everybody in a group, however large it is.
"""

from dataclasses import dataclass

SMALLEST = 10
SIZES = (10, 20, 50, 100, 250, 500)  # where a band of group sizes begins


@dataclass(frozen=True)
class Step:
    """From `size` on: shares up to `end` percent, and from 100 - `end` on, are only said to lie there; those between, in tens or whole."""

    size: int
    end: int
    tens: bool


LADDER = (
    Step(300, 1, tens=False),
    Step(100, 2, tens=False),
    Step(40, 5, tens=False),
    Step(20, 10, tens=True),
    Step(SMALLEST, 20, tens=True),
)


@dataclass(frozen=True)
class Band:
    """Where a share lies, in whole percent, both ends taken in."""

    low: int
    high: int

    @property
    def written(self) -> str:
        """`62%`, `60–69%`, `5% or less`, `95% or more`."""
        if self.low == self.high:
            return f"{self.low}%"
        if self.low == 0:
            return f"{self.high}% or less"
        return f"{self.low}% or more" if self.high == 100 else f"{self.low}–{self.high}%"


def share(part: int, group: int) -> Band | None:
    """The band of a share, from counts that are published themselves. None for a group under ten: it has no share to show."""
    step = next((one for one in LADDER if group >= one.size), None)
    if step is None:
        return None
    percent = (200 * part + group) // (2 * group)  # rounded half up, in whole numbers
    if percent <= step.end:
        return Band(0, step.end)
    if percent >= 100 - step.end:
        return Band(100 - step.end, 100)
    if not step.tens:
        return Band(percent, percent)
    return Band(max(percent // 10 * 10, step.end + 1), min(percent // 10 * 10 + 9, 99 - step.end))


def size(group: int) -> str:
    """`20–49`, `500 or more`; empty for a group under ten."""
    found = [at for at in SIZES if group >= at]
    if not found:
        return ""
    at = SIZES.index(found[-1])
    return f"{SIZES[at]} or more" if at + 1 == len(SIZES) else f"{SIZES[at]}–{SIZES[at + 1] - 1}"
