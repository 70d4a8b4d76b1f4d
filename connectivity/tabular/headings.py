"""Which row of a sheet holds its headings."""

import re
from collections.abc import Sequence

from connectivity.tabular.built_in_profiles import KNOWN_HEADINGS
from connectivity.tabular.column_profiles import fold_heading
from connectivity.tabular.problems import FileRefused, visible

MOST_COLUMNS = 400
FIRST_ROWS = 20  # title lines stand above the headings, not more of them than this
_DATA = re.compile(r"[\d\s.,:/$%+-]*\d[\d\s.,:/$%+-]*|\S+@\S+\.\S+").fullmatch


def known(row: Sequence[str]) -> int:
    """How many cells of the row are headings that some source uses."""
    return len({folded for cell in row if (folded := fold_heading(cell)) in KNOWN_HEADINGS})


def find_headings(rows: Sequence[Sequence[str]]) -> tuple[int, tuple[str, ...]]:
    """(row number from 1, the headings without blank ones at the end) among the first rows. Raises FileRefused."""
    first = rows[:FIRST_ROWS]
    best = max(range(len(first)), key=lambda at: known(first[at]), default=None)
    if best is None or known(first[best]) < 2:
        best = _looks_like_headings(first)
    headings = [visible(cell.strip()) for cell in first[best]]
    while headings and not headings[-1]:
        headings.pop()
    if len(headings) > MOST_COLUMNS:
        raise FileRefused(
            f"The file has {len(headings):,} columns; a roster has a few dozen. Take out what is not about the students and send it again."
        )
    _refuse_doubled(headings)
    return best + 1, tuple(headings)


def _looks_like_headings(rows: Sequence[Sequence[str]]) -> int:
    """For a source nobody has mapped yet: the first wide row, if it holds words only. Raises FileRefused if one stands there twice."""
    filled = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    widest = max(map(len, filled), default=0)
    if not widest:
        raise FileRefused(
            "The file is empty: it has rows, but nothing in them. Export the roster again and send that file."
        )
    for at, cells in enumerate(filled):
        if cells and 2 * len(cells) >= widest:
            if any(_DATA(cell) for cell in cells):
                break
            if len(set(cells)) < len(cells):
                _refuse_doubled(cells, known_alone=False)
            return at
    raise FileRefused(
        "There is no heading row: the first rows already look like students. "
        "Put a row of headings on top (Student ID, Last name, …), or copy the rows into our template."
    )


def _refuse_doubled(headings: Sequence[str], *, known_alone: bool = True) -> None:
    written: dict[str, list[str]] = {}
    for heading in headings:
        written.setdefault(fold_heading(heading), []).append(heading)
    doubled = [
        same for folded, same in written.items() if len(same) > 1 and (folded in KNOWN_HEADINGS or not known_alone)
    ]
    if doubled:
        names = ", ".join(f"“{same[0]}” {_times(len(same))}" for same in doubled)
        raise FileRefused(
            f"A heading stands in the file more than once: {names}. Rename or take out the column that is not meant."
        )


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"
