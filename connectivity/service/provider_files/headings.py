"""Which heading of a provider's file is which column of ours. What is missing is named with the heading most like it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from connectivity.tabular.column_profiles import fold_heading
from connectivity.tabular.problems import FileRefused
from connectivity.tabular.table import Table

ALIKE = 60  # percent; a heading less alike than this is no help


@dataclass(frozen=True)
class Column:
    """A column of ours. `also`: how others write its heading."""

    name: str
    meaning: str
    required: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Missing:
    """A needed column that no heading gives, and the heading most like it ("" where none is)."""

    column: str
    nearest: str


@dataclass(frozen=True)
class Matched:
    """What became of a file's headings."""

    columns: dict[str, int]  # our column -> its place in the file
    missing: list[Missing]
    doubled: dict[str, list[str]]  # our column -> the headings that all give it
    aside: list[str]  # headings that are none of ours

    @property
    def complete(self) -> bool:
        """The file can be read."""
        return not self.missing and not self.doubled


def match(headings: Sequence[str], columns: Sequence[Column], own: Mapping[str, str] | None = None) -> Matched:
    """`own`: heading as a provider writes it -> our column, "" for one that is left out; what staff said once."""
    known = {fold_heading(word): one.name for one in columns for word in (one.name, *one.also)}
    known |= {fold_heading(heading): name for heading, name in (own or {}).items()}
    places: dict[str, list[int]] = {}
    aside = []
    for at, heading in enumerate(headings):
        name = known.get(fold_heading(heading))
        if name:
            places.setdefault(name, []).append(at)
        elif heading:
            aside.append(heading)
    return Matched(
        columns={name: found[0] for name, found in places.items()},
        missing=[Missing(one.name, _nearest(one, aside)) for one in columns if one.required and one.name not in places],
        doubled={name: [headings[at] for at in found] for name, found in places.items() if len(found) > 1},
        aside=aside,
    )


def _nearest(column: Column, free: Sequence[str]) -> str:
    found = [
        process.extractOne(word, free, scorer=fuzz.ratio, processor=fold_heading)
        for word in (column.name, *column.also)
        if free
    ]
    best = max(found, key=lambda one: one[1], default=("", 0.0, 0))
    return best[0] if best[1] >= ALIKE else ""


def words_of(matched: Matched) -> list[str]:
    """What stands against reading the file, in sentences."""
    return [
        f"The column {one.column} is missing."
        + (f" Nearest heading in the file: “{one.nearest}”." if one.nearest else "")
        for one in matched.missing
    ] + [f"More than one heading gives {name}: {', '.join(given)}." for name, given in matched.doubled.items()]


# The reader was made for rosters, and its refusals speak of students.
_HEADINGS = "Put a row of headings on top (Student ID, Last name, …), or copy the rows into our template."
BACK_ON_TOP = "Put the headings back on top, as they are in the file we sent."
_ROSTER_WORDS = (
    ("the first rows already look like students", "the first rows already look like data"),
    ("no students under them", "no rows under them"),
    ("Export the roster again", "Save the file again"),
    ("Save the roster as", "Save it as"),
    (" A roster of a million students is smaller: check", " Check"),
    (" a roster has a few dozen. Take out what is not about the students", " such a file has a few dozen. Take out what is not asked for"),
)  # fmt: skip


def plainly(refused: FileRefused, *, headings: str = BACK_ON_TOP) -> str:
    """The reader's refusal in words for a provider's file. `headings`: what to do where a file has none."""
    text = str(refused).replace(_HEADINGS, headings)
    for theirs, ours in _ROSTER_WORDS:
        text = text.replace(theirs, ours)
    return text


def read_as(table: Table, matched: Matched) -> dict[str, object]:
    """How the file was read, for the page of it."""
    return {
        "kind": table.kind,
        "encoding": table.encoding,
        "separator": table.separator,
        "sheet": table.sheet,
        "headings": list(table.headings),
        "columns": {name: table.headings[at] for name, at in matched.columns.items()},
        "aside": matched.aside,
    }
