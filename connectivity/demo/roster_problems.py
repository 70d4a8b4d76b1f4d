"""What goes wrong with a district's file on its way through a spreadsheet: one kind of damage each, in one row."""

from collections.abc import Callable

from connectivity.demo.roster_events import Event, family_elsewhere
from connectivity.demo.roster_rows import Row
from connectivity.demo.roster_town import Town

UNKNOWN_SCHOOL = "999999"
FORMULA = '=HYPERLINK("http://example.org","Ana")'
SOUTHEAST, NORTHWEST = ("-87.5312", "41.6571"), ("-87.8208", "41.9921")  # lon, lat of the city's far corners


def _in_one_row(heading: str, damage: Callable[[str], str]) -> Callable[[Town, list[Row]], None]:
    def plant(town: Town, rows: list[Row]) -> None:
        row = town.draws.choice(rows)
        row[heading] = damage(row[heading])

    return plant


def _begins_with_zero(row: Row) -> bool:
    return row["cps_student_id"].startswith("0")


def _lose_zeros(_town: Town, rows: list[Row]) -> None:
    row = next(filter(_begins_with_zero, rows))
    row["cps_student_id"] = row["cps_student_id"].lstrip("0")


def _say_twice(town: Town, rows: list[Row]) -> None:
    rows.append(town.draws.choice(rows) | town.elsewhere())


def _live_in_a_box(town: Town, rows: list[Row]) -> None:
    town.draws.choice(rows).update(address_line1=f"PO Box {town.draws.randrange(100, 10_000)}", unit="")


def _misplace(town: Town, rows: list[Row]) -> None:
    for row in family_elsewhere(town, rows):
        row["lon"], row["lat"] = SOUTHEAST if " N " in row["address_line1"] else NORTHWEST


PROBLEMS = (
    Event("IDs that lost their leading zeros", _lose_zeros, lambda rows: any(map(_begins_with_zero, rows))),
    Event("IDs as a scientific number", _in_one_row("cps_student_id", lambda cell: f"{float(cell):.5E}")),
    Event("birth dates of 1899", _in_one_row("birth_date", lambda _cell: "1899-12-31")),
    Event("schools that do not exist", _in_one_row("cps_school_id", lambda _cell: UNKNOWN_SCHOOL)),
    Event("formulas in place of a guardian", _in_one_row("guardian_name", lambda _cell: FORMULA)),
    Event("students twice, at different addresses", _say_twice),
    Event("PO boxes in place of a home", _live_in_a_box),
    Event("new students whose coordinates lie far from their address", _misplace, students=1),
)
