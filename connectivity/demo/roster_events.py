"""What happens between two rosters: families move, children change schools or come new, and somebody mistypes a name."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from connectivity.demo.names import NAMES, Names
from connectivity.demo.roster_rows import Row
from connectivity.demo.roster_town import Town

_WORD = re.compile(r"[^\W\d_]{4,}").finditer


@dataclass(frozen=True)
class Event:
    """Something planted into one family's rows, which `plant` changes in place. `students`: how many it adds."""

    name: str
    plant: Callable[[Town, list[Row]], None]
    fits: Callable[[list[Row]], bool] = bool  # whether this family can have it
    students: int = 0


def misspelled(town: Town, text: str) -> str:
    """Two different neighboring letters inside a word exchanged."""
    at = town.draws.choice(_exchangeable(text))
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _exchangeable(text: str) -> list[int]:
    return [
        at
        for word in _WORD(text)
        for at in range(word.start() + 1, word.end() - 1)
        if text[at].lower() != text[at + 1].lower()
    ]


def _misspell(heading: str) -> Callable[[Town, list[Row]], None]:
    def plant(town: Town, rows: list[Row]) -> None:
        row = town.draws.choice(rows)
        row[heading] = misspelled(town, row[heading])

    return plant


def _can_be_misspelled(heading: str) -> Callable[[list[Row]], bool]:
    return lambda rows: all(_exchangeable(row[heading]) for row in rows)


def _move_house(town: Town, rows: list[Row]) -> None:
    home = town.elsewhere()
    for row in rows:
        row.update(home)


def _move_one_child(town: Town, rows: list[Row]) -> None:
    rows[-1].update(town.elsewhere())


def _move_school(town: Town, rows: list[Row]) -> None:
    row = town.draws.choice(rows)
    row["cps_school_id"] = town.another_school(row)


def _new_phone(town: Town, rows: list[Row]) -> None:
    number = town.phone(other_than=rows[0]["guardian_phone"])
    for row in rows:
        row["guardian_phone"] = number


def _vanish(_town: Town, rows: list[Row]) -> None:
    rows.clear()


# Of each twenty families to which something happens.
CHANGES = {
    Event("families with a new phone", _new_phone): 5,
    Event("students at another school", _move_school): 5,
    Event("families who moved house", _move_house): 4,
    Event("families not in the roster any more", _vanish): 3,
    Event("children who moved without their siblings", _move_one_child, lambda rows: len(rows) > 1): 1,
    Event("guardians misspelled in one row", _misspell("guardian_name"), _can_be_misspelled("guardian_name")): 1,
    Event("streets misspelled in one row", _misspell("address_line1"), _can_be_misspelled("address_line1")): 1,
}


def _sibling(town: Town, rows: list[Row]) -> None:
    youngest = rows[-1]
    named = {row["student_first_name"] for row in rows}
    names = town.community_of(youngest["student_first_name"])
    rows.append(youngest | town.child(names, youngest["student_last_name"], not_named=named))


def _any_community(town: Town) -> Names:
    return NAMES[town.draws.choice(list(NAMES))]


def _new_family(town: Town, home: Row, host: Row, *surnames: str, names: Names) -> list[Row]:
    """One child for each of the surnames, in `home`; what else a row says is as in the host's."""
    family: list[Row] = []
    shared = host | town.guardian(names, surnames[0]) | home
    for surname in surnames:
        named = {row["student_first_name"] for row in family}
        family.append(shared | town.child(names, surname, not_named=named))
    return family


def family_elsewhere(town: Town, rows: list[Row]) -> list[Row]:
    """Adds a new family of one child, on a block of its own."""
    names = _any_community(town)
    family = _new_family(town, town.elsewhere(), rows[0], town.draws.choice(names.surnames), names=names)
    rows += family
    return family


def _plain(town: Town, rows: list[Row]) -> None:
    family_elsewhere(town, rows)


def _twins(town: Town, rows: list[Row]) -> None:
    names = _any_community(town)
    surname = town.draws.choice(names.surnames)
    one, other = _new_family(town, town.elsewhere(), rows[0], surname, surname, names=names)
    rows += [one, other | {name: one[name] for name in ("birth_date", "grade", "cps_school_id")}]


def _two_surnames(town: Town, rows: list[Row]) -> None:
    names = _any_community(town)
    surnames = town.draws.sample(names.surnames, 2)
    rows += _new_family(town, town.elsewhere(), rows[0], *surnames, names=names)


def _doubled_up(town: Town, rows: list[Row]) -> None:
    names = _any_community(town)
    rows += _new_family(town, {}, rows[0], town.draws.choice(names.surnames), names=names)


def _neighbors(town: Town, rows: list[Row]) -> None:
    names, unit = _any_community(town), town.another_unit(rows[0]["unit"])
    rows += _new_family(town, {"unit": unit}, rows[0], town.draws.choice(names.surnames), names=names)


NEW = (
    Event("new siblings of registered students", _sibling, students=1),
    Event("new families of one child", _plain, students=1),
    Event("new families with twins", _twins, students=2),
    Event("new families whose children bear two surnames", _two_surnames, students=2),
    Event("new families doubled up with a registered one", _doubled_up, students=1),
    Event("new families in another apartment of a registered one's building", _neighbors, students=1),
)
