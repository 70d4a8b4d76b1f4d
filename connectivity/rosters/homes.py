"""Which households the new students make or join, where those and the moved ones live, and what to ask people."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, slices, table_of, update, write
from connectivity.register import (
    Outcome,
    Residence,
    RosterDoubt,
    RosterHome,
    RosterRow,
)
from connectivity.rosters.differences import LeftHome
from connectivity.rosters.household_changes import MOST_PHONES
from connectivity.rosters.known_households import NewRow, matched, new_rows
from connectivity.rosters.places import NOWHERE, PLACE_COLUMNS, Written
from connectivity.rosters.rows_of import of_import
from connectivity.rules.household_matching import Doubt
from connectivity.rules.membership_codes import ALPHABET

UNKNOWN_LANGUAGE = "und"  # ISO 639-2 for a language that is not known
_THREE = ["".join(three) for three in product(ALPHABET, repeat=3)]


@dataclass
class HomePlan:
    """Homes by number, and what to ask of them. `of_row`: the home of each of `rows`."""

    rows: list[NewRow]
    of_row: list[int]
    evidence: list[int]
    registered: dict[int, int]  # number -> household
    moved: dict[int, NewRow]  # number -> the row that has the new address
    doubts: list[RosterDoubt]
    taken: set[str]  # references

    @cached_property
    def members(self) -> dict[int, list[NewRow]]:
        """The new rows of each home."""
        found: dict[int, list[NewRow]] = defaultdict(list)
        for row, number in zip(self.rows, self.of_row, strict=True):
            found[number].append(row)
        return found


def think(session: Session, import_id: int, *, moves: Mapping[int, int], left: Sequence[LeftHome]) -> HomePlan:
    """Finds the home of every new row. `moves`: registered household -> the row that has its new address. Reads only."""
    rows = new_rows(session, import_id)
    matching, taken = matched(session, rows)
    numbers = _Numbers()
    of_row = [numbers.of(home) for home in matching.home[: len(rows)].tolist()]
    moved = {numbers.of(household): row for household, row in _moved_rows(session, import_id, moves).items()}
    doubts = list(_doubts(import_id, matching.doubtful, left, numbers))
    return HomePlan(rows, of_row, matching.evidence[: len(rows)].tolist(), numbers.registered(), moved, doubts, taken)


def keep(session: Session, import_id: int, plan: HomePlan, placed: Mapping[int, tuple[Any, ...]]) -> None:
    """Writes the homes and doubts of the plan, and gives each new row its home and the evidence for it."""
    for table in (RosterDoubt, RosterHome):
        session.execute(delete(table).where(table.import_id == import_id))
    _write_homes(session, import_id, plan, placed)
    session.add_all(plan.doubts)
    count = len(plan.rows)
    columns: dict[str, Any] = {
        "outcome": [Outcome.NEW.value] * count,
        "home": plan.of_row,
        "evidence": plan.evidence,
        "import_id": [import_id] * count,
        "number": [row.number for row in plan.rows],
    }
    update(session, table_of(RosterRow), ("import_id", "number"), columns)
    session.flush()


def written(plan: HomePlan) -> dict[int, Written]:
    """The addresses to place, by number of the home: those of new households and of moved ones."""
    members = plan.members
    living = {number: _housed(rows) for number, rows in members.items() if number not in plan.registered} | plan.moved
    return {
        number: Written(row.original or "", row.line or "", row.unit or "", row.zip or "", row.lon, row.lat)
        for number, row in living.items()
    }


def unfit_moves(session: Session, plan: HomePlan, placed: dict[int, tuple[Any, ...]]) -> dict[int, NewRow]:
    """Household -> its row, for moves from a home on the map to an address that is on none. They are taken out of the plan."""
    area = PLACE_COLUMNS.index("community_area")
    nowhere = {plan.registered[number]: number for number in plan.moved if placed[number][area] is None}
    homed = set[int]()
    for some in slices(sorted(nowhere)):
        on_map = (Residence.household_id.in_(some), Residence.ends_on.is_(None), Residence.community_area.is_not(None))
        homed |= {one for (one,) in fetch(session, select(Residence.household_id).where(*on_map))}
    unfit = {household: plan.moved.pop(nowhere[household]) for household in sorted(homed)}
    for household in unfit:
        del placed[nowhere[household]]
    return unfit


class _Numbers:
    """Numbers the plan's homes from 1 in the order they are met; a registered household keeps its id beside."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}

    def of(self, home: int) -> int:
        return self._numbers.setdefault(home, len(self._numbers) + 1)

    def registered(self) -> dict[int, int]:
        """Number -> household id, for the homes that are registered households."""
        return {number: home for home, number in self._numbers.items() if home >= 0}


def _moved_rows(session: Session, import_id: int, moves: Mapping[int, int]) -> dict[int, NewRow]:
    """Household -> the row that has its new address."""
    by_number = {number: household for household, number in moves.items()}
    wanted, found = sorted(by_number), dict[int, NewRow]()
    for portion in slices(wanted):
        statement = select(*(getattr(RosterRow, name) for name in NewRow._fields)).where(
            of_import(import_id), RosterRow.number.in_(portion)
        )
        found |= {by_number[row[0]]: NewRow(*row) for row in fetch(session, statement)}
    return found


def _doubts(
    import_id: int, doubtful: Sequence[Doubt], left: Sequence[LeftHome], numbers: _Numbers
) -> Iterable[RosterDoubt]:
    for doubt in doubtful:
        yield RosterDoubt(
            import_id=import_id,
            home=numbers.of(doubt.one),
            other_home=numbers.of(doubt.other),
            number=None,
            address="",
            evidence=int(doubt.evidence),
        )
    for one in left:
        yield RosterDoubt(
            import_id=import_id,
            home=numbers.of(one.household_id),
            other_home=None,
            number=one.number,
            address=one.address,
            evidence=0,
        )


def _write_homes(session: Session, import_id: int, plan: HomePlan, placed: Mapping[int, tuple[Any, ...]]) -> None:
    members = plan.members
    every = sorted({*members, *plan.registered})
    contacts = zip(*(_contact(members.get(number, ())) for number in every), strict=True)
    where = zip(*(placed.get(number, NOWHERE) for number in every), strict=True)
    references = _references(len(every), plan.taken)
    columns: dict[str, Sequence[Any]] = {
        "import_id": [import_id] * len(every),
        "number": every,
        "household_id": [plan.registered.get(number) for number in every],
        "reference": [None if number in plan.registered else next(references) for number in every],
        **dict(zip(_CONTACT, contacts, strict=bool(every))),
        **dict(zip(PLACE_COLUMNS, where, strict=bool(every))),
    }
    write(session, table_of(RosterHome), columns)


_CONTACT = ("guardian_first_name", "guardian_last_name", "language", "email", "phones", "eligible")


def _contact(rows: Sequence[NewRow]) -> tuple[Any, ...]:
    """_CONTACT of a new household: each value from the first row that has it, and every phone up to three."""
    first, last, language, email = "", "", UNKNOWN_LANGUAGE, None
    phones, eligible = dict[str, None](), False
    for row in reversed(rows):
        if row.guardian_last_name or row.guardian_first_name:
            first, last = row.guardian_first_name or "", row.guardian_last_name or ""
        language, email = row.language or language, row.email or email
        eligible = eligible or row.eligible is None or bool(row.eligible)
    for row in rows:
        if row.phones:
            phones.update(dict.fromkeys(row.phones.split()))
    return first, last, language, email, " ".join(list(phones)[:MOST_PHONES]), eligible


def _housed(rows: Sequence[NewRow]) -> NewRow:
    """The first row with an address; of those the first with a unit, which siblings often leave out. A home without any waits to be placed."""
    if len(rows) == 1:
        return rows[0]
    housed = [row for row in rows if row.line] or rows
    return next((row for row in housed if row.unit), housed[0])


def _references(count: int, taken: set[str]) -> Iterator[str]:
    """New references: H and seven letters that say nothing, five random bits each."""
    while True:
        bits = secrets.token_bytes(5 * max(count, 1))
        for at in range(0, len(bits), 5):
            number = int.from_bytes(bits[at : at + 5], "big")
            reference = f"H{_THREE[number & 0x7FFF]}{_THREE[number >> 15 & 0x7FFF]}{ALPHABET[number >> 30 & 31]}"
            if reference not in taken:
                taken.add(reference)
                yield reference
