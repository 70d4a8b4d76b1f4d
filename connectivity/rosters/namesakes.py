"""A new ID with the name and birth date of a registered student: perhaps the same child, whose ID changed."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, portions, slices, stream
from connectivity.register import Household, HouseholdPhone, Outcome, Residence, RosterProblem, RosterRow, Student
from connectivity.rosters.rows_of import of_import
from connectivity.rules.names import fold

NAMESAKE = "namesake"  # the `column` of its problem


def find_namesakes(session: Session, import_id: int) -> None:
    """A new ID with the name and birth date of a registered student who is not in the file: perhaps the same child."""
    found = _namesakes(session, import_id)
    homes = _evidence_of(session, {one.household_id for one in found.values()})
    rows = _rows(session, import_id, list(found))
    for number, namesake in found.items():
        row, alike = rows[number], _alike(rows[number], homes[namesake.household_id])
        if alike and row.decision == "same":
            row.student_id = namesake.id
        elif alike and row.decision is None:
            row.student_id, row.outcome = namesake.id, Outcome.AMBIGUOUS
        elif row.decision is None:
            session.add(_namesake(import_id, number, namesake.district_id))
    session.flush()


class _Namesake(NamedTuple):
    """A registered student."""

    id: int
    household_id: int
    district_id: str


def _namesakes(session: Session, import_id: int) -> dict[int, _Namesake]:
    """New row -> the registered student of its name and birth date who is not in the file.

    Students are walked through once: an index on names would cost every change of a student more than this costs a roster.
    """
    new = select(RosterRow.sort_name, RosterRow.birth_date, RosterRow.number)
    born: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for row in stream(session, new.where(of_import(import_id, Outcome.WAITING), RosterRow.student_id.is_(None))):
        born[row[:2]].append(row[2])
    if not born:
        return {}
    everybody = select(Student.sort_name, Student.birth_date, Student.id, Student.household_id, Student.district_id)
    met = [
        (_Namesake(*row[2:]), numbers)
        for rows in portions(session, everybody)
        for row in rows
        if (numbers := born.get(row[:2])) is not None
    ]
    in_file = _in_file(session, import_id, [who.district_id for who, _ in met])
    return {number: who for who, numbers in met if who.district_id not in in_file for number in numbers}


def _in_file(session: Session, import_id: int, district_ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for portion in slices(district_ids):
        some = RosterRow.district_id.in_(portion)
        found |= {one for (one,) in fetch(session, select(RosterRow.district_id).where(of_import(import_id), some))}
    return found


def _rows(session: Session, import_id: int, numbers: Sequence[int]) -> dict[int, RosterRow]:
    found: dict[int, RosterRow] = {}
    for portion in slices(numbers):
        some = select(RosterRow).where(of_import(import_id), RosterRow.number.in_(portion))
        found |= {one.number: one for one in session.scalars(some.execution_options(populate_existing=True))}
    return found


def _evidence_of(session: Session, households: set[int]) -> dict[int, tuple[set[str], set[str], set[str]]]:
    """Household -> folded guardian, phones, address lines."""
    evidence: dict[int, tuple[set[str], set[str], set[str]]] = {one: (set(), set(), set()) for one in households}
    chosen = sorted(households)
    for portion in slices(chosen):
        some = portion
        people = select(Household.id, Household.guardian_first_name, Household.guardian_last_name)
        for household, first, last in fetch(session, people.where(Household.id.in_(some))):
            evidence[household][0].add(fold(f"{first} {last}"))
        phones = select(HouseholdPhone.household_id, HouseholdPhone.number)
        for household, number in fetch(session, phones.where(HouseholdPhone.household_id.in_(some))):
            evidence[household][1].add(number)
        homes = select(Residence.household_id, Residence.line)
        for household, line in fetch(session, homes.where(Residence.household_id.in_(some))):
            evidence[household][2].add(line)
    return evidence


def _alike(row: RosterRow, home: tuple[set[str], set[str], set[str]]) -> bool:
    guardians, phones, lines = home
    named = fold(f"{row.guardian_first_name or ''} {row.guardian_last_name or ''}")
    return (
        named.strip() in guardians or bool(phones & set((row.phones or "").split())) or (row.line or "") in lines - {""}
    )


def _namesake(import_id: int, number: int, district_id: str) -> RosterProblem:
    return RosterProblem(
        import_id=import_id,
        number=number,
        column=NAMESAKE,
        heading="",
        value=district_id,
        message=f"A student of the same name and birth date is registered under the ID {district_id}.",
        advice="Nothing else matches, so this row is taken for another child. If it is the same child, correct the ID.",
        stops=False,
    )
