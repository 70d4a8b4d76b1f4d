"""Registered families as rows of the district's eligible roster, block by block; and how a source writes such a row."""

import datetime as dt
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Executable, select
from sqlalchemy.orm import Session

from connectivity.bulk import fetch
from connectivity.register import Household, HouseholdPhone, Residence, Student
from connectivity.tabular.value_words import LANGUAGE_WORDS

BLOCK = 5000  # households read at once

Row = dict[str, str]  # heading of eligible_roster.csv -> cell

_US = re.compile(r"\+1(\d{3})(\d{3})(\d{4})").fullmatch
FACTORS = (
    "frl",
    "medicaid",
    "diverse_learner",
    "english_learner",
    "stls",
    "unaccompanied_youth",
    "hardship_index",
    "priority_score",
    "priority_tier",
)
_WITH = (0.62, 0.45, 0.15, 0.22, 0.04, 0.005)  # about the shares of a city's students with each of the first six

# Heading of eligible_roster.csv -> as an export of CPS's Aspen has it. In this order in the file; coordinates are those of new homes.
ASPEN = {
    "program_year": "School Year",
    "cps_student_id": "CPS Student ID",
    "isbe_student_id": "ISBE Student ID",
    "student_last_name": "Student Last Name",
    "student_first_name": "Student First Name",
    "birth_date": "Birth Date",
    "grade": "Grade Level",
    "cps_school_id": "CPS School ID",
    "guardian_name": "Guardian",
    "guardian_phone": "Phone 1",
    "guardian_email": "Email Address",
    "home_language": "Home Language",
    "address_line1": "Street Address",
    "unit": "Apt",
    "city": "City",
    "state": "State",
    "zip": "Zip",
    "lon": "Longitude",
    "lat": "Latitude",
    "eligible": "Eligible",
    "as_of": "As Of",
}
HEADINGS = tuple(ASPEN)


@dataclass(frozen=True)
class Edition:
    """What every row of one roster says."""

    program_year: str
    as_of: dt.date


def registered(session: Session, edition: Edition) -> Iterator[list[Row]]:
    """Each household's students as the register has them, in the order of the ids. Memory stays at one block of households."""
    after = 0
    while ids := [
        one
        for (one,) in fetch(
            session, select(Household.id).where(Household.id > after).order_by(Household.id).limit(BLOCK)
        )
    ]:
        yield from _block(session, ids[0], ids[-1], edition)
        after = ids[-1]


def _block(session: Session, first: int, last: int, edition: Edition) -> Iterator[list[Row]]:
    homes = {household: cells for household, *cells in fetch(session, _homes(first, last))}
    students = fetch(
        session,
        select(
            Student.household_id,
            Student.district_id,
            Student.last_name,
            Student.first_name,
            Student.birth_date,
            Student.grade,
            Student.school_id,
        )
        .where(Student.household_id.between(first, last))
        .order_by(Student.household_id, Student.id),
    )
    for household, family in groupby(students, key=itemgetter(0)):
        yield [_row(edition, student, homes[household]) for _, *student in family]


def _homes(first: int, last: int) -> Executable:
    return (
        select(
            Household.id,
            Household.guardian_first_name,
            Household.guardian_last_name,
            Household.email,
            Household.language,
            HouseholdPhone.number,
            Residence.line,
            Residence.unit,
            Residence.zip,
        )
        .outerjoin(Residence, (Residence.household_id == Household.id) & Residence.ends_on.is_(None))
        .outerjoin(HouseholdPhone, (HouseholdPhone.household_id == Household.id) & (HouseholdPhone.position == 1))
        .where(Household.id.between(first, last))
    )


def _row(edition: Edition, student: list[object], home: list[str | None]) -> Row:
    district_id, last, first, born, grade, school = map(str, student)
    guardian_first, guardian_last, email, language, phone, line, unit, zip_code = (cell or "" for cell in home)
    return {
        "program_year": edition.program_year,
        "cps_student_id": district_id,
        "isbe_student_id": f"9{district_id}",
        "student_last_name": last,
        "student_first_name": first,
        "birth_date": born,
        "grade": grade,
        "cps_school_id": school,
        "guardian_name": f"{guardian_last}, {guardian_first}" if guardian_first else guardian_last,
        "guardian_phone": as_dialed(phone),
        "guardian_email": email,
        "home_language": language if language in LANGUAGE_WORDS else "",
        "address_line1": line,
        "unit": unit,
        "city": "Chicago",
        "state": "IL",
        "zip": zip_code,
        "lon": "",
        "lat": "",
        "eligible": "yes",
        "as_of": edition.as_of.isoformat(),
    }


def as_dialed(number: str) -> str:
    """`+17735550123` -> `(773) 555-0123`; a number of another country stays."""
    found = _US(number)
    return f"({found[1]}) {found[2]}-{found[3]}" if found else number


def written(row: Row, *, aspen: bool, factors: bool) -> list[str]:
    """The cells in the order of `headings`."""
    cells = {name: as_aspen(name, cell) for name, cell in row.items()} if aspen else row
    made = [cells[name] for name in HEADINGS]
    return [*made, *drawn_factors(row["cps_student_id"])] if factors else made


def headings(*, aspen: bool, factors: bool) -> list[str]:
    """The first line of the file."""
    names = list(ASPEN.values() if aspen else HEADINGS)
    return [*names, *FACTORS] if factors else names


def as_aspen(name: str, cell: str) -> str:
    """Aspen writes dates in US order: `2015-09-30` -> `09/30/2015`."""
    if name in ("birth_date", "as_of"):
        year, month, day = cell.split("-")
        return f"{month}/{day}/{year}"
    return cell


def drawn_factors(district_id: str) -> list[str]:
    """Made-up factors of eligibility, the same for a student in every roster."""
    draws = random.Random(district_id)  # noqa: S311 - nobody's secret hangs on it
    score = draws.randrange(100)
    said = ["Y" if draws.random() < share else "N" for share in _WITH]
    return [*said, str(draws.randrange(1, 99)), str(score), str(4 - score // 25)]
