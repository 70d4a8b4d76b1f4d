"""The words that households of a roster are found by: written for new ones, rewritten for those that changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, slices, stream, table_of, write
from connectivity.register import (
    Household,
    HouseholdPhone,
    MembershipCode,
    Outcome,
    Residence,
    RosterHome,
    RosterImport,
    RosterRow,
    SearchTerm,
    Student,
)
from connectivity.rosters.beside import each, two_cores
from connectivity.rosters.report import Report
from connectivity.rosters.rows_of import of_import
from connectivity.rules.names import household_terms

HOUSEHOLDS_AT_ONCE = 25_000


def write_new(session: Session, roster: RosterImport, report: Report) -> None:
    """The terms of the households that this roster made, in portions, each in the order of the table's key."""
    homes = fetch(
        session,
        select(
            RosterHome.number,
            RosterHome.household_id,
            RosterHome.reference,
            RosterHome.guardian_first_name,
            RosterHome.guardian_last_name,
            RosterHome.phones,
            RosterHome.line,
            RosterHome.unit,
            RosterHome.zip,
        )
        .where(RosterHome.import_id == roster.id, RosterHome.reference.is_not(None))
        .order_by(RosterHome.number),
    )
    pieces = _pieces(homes, _by_home(session, roster.id))
    if len(homes) > HOUSEHOLDS_AT_ONCE and two_cores():
        made = each(_terms_of_homes, pieces)
    else:
        made = ((end, _terms_of_homes(*both)) for end, both in pieces)
    for end, (terms, households) in made:
        report("Writing search words", end, len(homes))
        write(session, table_of(SearchTerm), {"term": terms, "household_id": households})


Homes = Sequence[tuple[Any, ...]]


def _pieces(homes: Homes, students: Iterator[Homes]) -> Iterator[tuple[int, tuple[Homes, list[Homes]]]]:
    for at in range(0, len(homes), HOUSEHOLDS_AT_ONCE):
        some = homes[at : at + HOUSEHOLDS_AT_ONCE]
        yield at + len(some), (some, [next(students) for _ in some])


def _by_home(session: Session, import_id: int) -> Iterator[Homes]:
    """The new students of each new home, in the order of the homes."""
    rows = stream(
        session,
        select(RosterRow.home, RosterRow.first_name, RosterRow.last_name, RosterRow.district_id)
        .join(RosterHome, (RosterHome.import_id == RosterRow.import_id) & (RosterHome.number == RosterRow.home))
        .where(of_import(import_id, Outcome.NEW), RosterHome.reference.is_not(None))
        .order_by(RosterRow.home),
    )
    return (list(group) for _, group in groupby(rows, key=lambda row: row[0]))


def _terms_of_homes(homes: Homes, students: Sequence[Homes]) -> tuple[list[str], list[int]]:
    """Terms and households, in the order of the table's key."""
    both = zip(homes, students, strict=True)
    rows = sorted((term, home[1]) for home, people in both for term in _terms_of_home(home, people))
    return [term for term, _ in rows], [household for _, household in rows]


def _terms_of_home(home: Sequence[Any], students: Homes) -> set[str]:
    _, _, reference, first, last, phones, *address = home
    return household_terms(
        reference=reference,
        guardian_names=[f"{first} {last}"],
        student_names=[f"{first_name} {last_name}" for _, first_name, last_name, _ in students],
        district_ids=[district_id for *_, district_id in students],
        phones=phones.split(),
        addresses=[part for part in address if part],
        codes=[],
    )


def rewrite(session: Session, households: Iterable[int]) -> None:
    """The terms of registered households anew, from what the register holds now. What was merged into one is found as that one."""
    roots = _roots(session)
    for some in slices(sorted({roots.get(one, one) for one in households})):
        session.execute(delete(SearchTerm).where(SearchTerm.household_id.in_(some)))
        owners = {one: one for one in some} | {part: root for part, root in roots.items() if root in some}
        rows = sorted({(term, owners[one]) for term, one in _terms(session, owners)})
        columns: dict[str, Sequence[Any]] = {
            "term": [term for term, _ in rows],
            "household_id": [household for _, household in rows],
        }
        write(session, table_of(SearchTerm), columns)


def _roots(session: Session) -> dict[int, int]:
    """Merged household -> the one that stands for it, through however many merges."""
    merged = select(Household.id, Household.merged_into_id).where(Household.merged_into_id.is_not(None))
    into: dict[int, int] = dict(fetch(session, merged))
    return {part: _followed(into, part) for part in into}


def _followed(into: Mapping[int, int], part: int) -> int:
    while part in into:
        part = into[part]
    return part


def _terms(session: Session, owners: Mapping[int, int]) -> Iterator[tuple[str, int]]:
    households, kept = list(owners), [one for one, root in owners.items() if one == root]
    named = select(Household.id, Household.reference, Household.guardian_first_name, Household.guardian_last_name)
    guardians = fetch(session, named.where(Household.id.in_(households)))
    students = _gather(session, Student, Student.first_name, Student.last_name, Student.district_id, of=kept)
    phones = _gather(session, HouseholdPhone, HouseholdPhone.number, of=households)
    homes = _gather(session, Residence, Residence.line, Residence.unit, Residence.zip, of=kept, now=True)
    codes = _gather(session, MembershipCode, MembershipCode.code, of=households)
    for household, reference, first, last in guardians:
        people = students.get(household, [])
        found = household_terms(
            reference=reference,
            guardian_names=[f"{first} {last}"],
            student_names=[f"{first_name} {last_name}" for first_name, last_name, _ in people],
            district_ids=[district_id for *_, district_id in people],
            phones=[number for (number,) in phones.get(household, [])],
            addresses=[part for home in homes.get(household, []) for part in home],
            codes=[code for (code,) in codes.get(household, [])],
        )
        yield from ((term, household) for term in found)


def _gather(
    session: Session, noun: Any, *columns: Any, of: Sequence[int], now: bool = False
) -> dict[int, list[tuple[Any, ...]]]:
    statement = select(noun.household_id, *columns).where(noun.household_id.in_(of))
    found: dict[int, list[tuple[Any, ...]]] = {}
    for household, *values in fetch(session, statement.where(noun.ends_on.is_(None)) if now else statement):
        found.setdefault(household, []).append(tuple(values))
    return found
