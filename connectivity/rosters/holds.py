"""When a plan is too large a change for one person: shares that a second person must look at."""

from collections.abc import Mapping
from dataclasses import dataclass

FEWEST = 20  # students or households; below this a share says nothing


@dataclass(frozen=True)
class HoldRules:
    """Percent of the last roster (vanished) or of the rows compared (all others) from which a plan waits.

    Grades and names have no setting: hardly a child repeats or skips back a grade, or is called otherwise than last season, so a tenth
    is a file whose columns have slipped or whose rows are mixed.
    """

    vanished: int = 10
    addresses: int = 15
    schools: int = 25
    grades: int = 10
    names: int = 10


def reasons(counts: Mapping[str, int], rules: HoldRules) -> list[str]:
    """Why a second person must look, in sentences; empty when nobody must. `counts` as the comparison makes them."""
    asked = (
        (
            "vanished",
            "last_roster",
            rules.vanished,
            "{} of {} students of the last roster ({:.0f}%) are not in this one.",
        ),
        (
            "moved_house",
            "known_households",
            rules.addresses,
            "{} of {} households ({:.0f}%) would get another address.",
        ),
        ("moved_school", "known_students", rules.schools, "{} of {} students ({:.0f}%) would change schools."),
        ("grades_fell", "known_students", rules.grades, "{} of {} students ({:.0f}%) would go back to a lower grade."),
        (
            "renamed",
            "known_students",
            rules.names,
            "{} of {} students ({:.0f}%) would get another name or birth date. Perhaps columns have slipped, or rows are mixed.",
        ),
    )
    found = []
    for what, of, limit, words in asked:
        part, whole = counts.get(what, 0), counts.get(of, 0)
        if part >= FEWEST and whole and 100 * part > limit * whole:
            found.append(f"{words.format(f'{part:,}', f'{whole:,}', 100 * part / whole)} The limit is {limit}%.")
    return found
