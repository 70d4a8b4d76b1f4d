"""What a row would change, and what of it the last roster and the register say: the shapes that the comparison passes along."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectivity.register import ChangeState

STUDENT_FIELDS = ("district_id", "last_name", "first_name", "birth_date", "grade", "school_id")
ROW = (
    "number",
    *STUDENT_FIELDS,
    "guardian_first_name",
    "guardian_last_name",
    "email",
    "language",
    "phones",
    "line",
    "unit",
    "zip",
    "original",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One field that one row would change."""

    number: int
    noun: str
    noun_id: int
    field: str
    before: str | None
    after: str | None
    state: ChangeState = ChangeState.PLANNED


@dataclass(frozen=True, slots=True)
class LeftHome:
    """A student whom the roster has at another address than the rest of the household."""

    household_id: int
    number: int
    address: str


@dataclass(frozen=True, slots=True)
class Unheard:
    """Something new that a row says of its household, or says no more, and that is not taken, mostly because another row says otherwise."""

    number: int
    field: str
    value: str
    old_stands: bool  # the other row still says what is registered; else it says something new as well, which is taken
    unlikely: bool = False  # no other row is against it, but where the household lives
    emptied: bool = False  # the value is the last roster's: now its cell is empty


@dataclass
class Differences:
    """Everything that rows of registered students would change."""

    changes: list[Change] = field(default_factory=list)
    moves: dict[int, int] = field(default_factory=dict)  # household -> the row that has the new address
    left: list[LeftHome] = field(default_factory=list)
    unheard: list[Unheard] = field(default_factory=list)
    changed_rows: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Said:
    """What one row says of a household now, and what the last roster said there (None: the student was not in one)."""

    number: int
    now: dict[str, str]
    base: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A household as the register holds it."""

    values: dict[str, str]  # guardian, email, language
    phones: tuple[str, ...]
    line: str
    unit: str
    zip: str
    area: int | None
    housed: bool


def contact_columns(name: str) -> tuple[str, ...]:
    """The columns of a household that a field of the plan stands for."""
    return ("guardian_first_name", "guardian_last_name") if name == "guardian" else (name,)


def text_of(value: Any) -> str:
    """Days read the same from both databases."""
    return "" if value is None else str(value)


def texts(cells: Sequence[Any]) -> dict[str, str]:
    """ROW -> the cells as texts, empty for nothing."""
    return dict(zip(ROW, map(text_of, cells), strict=True))


def household_values(row: Mapping[str, str]) -> dict[str, str]:
    """What a row says of its household: the guardian as first and last name with a tab between."""
    return {
        "guardian": f"{row['guardian_first_name']}\t{row['guardian_last_name']}".strip(),
        "email": row["email"],
        "language": row["language"],
        "phones": row["phones"],
        "line": row["line"],
        "unit": row["unit"],
        "zip": row["zip"],
        "original": row["original"],
    }
