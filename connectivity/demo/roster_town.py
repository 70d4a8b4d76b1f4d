"""What the events of a roster draw from: spare student IDs, schools by grade, homes elsewhere in the city, made-up people."""

import random
import re
from collections import deque
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.bulk import fetch
from connectivity.demo.families import AREA_CODES, FICTITIOUS
from connectivity.demo.names import NAMES, Names
from connectivity.demo.roster_rows import Row, as_dialed
from connectivity.demo.schooling import grades_taught
from connectivity.register import School, Student
from connectivity.register.student import GRADES

FIRST_SPARE_ID, LAST_SPARE_ID = 60_000_000, 90_000_000  # the demo's own students have none of these
REMEMBERED = 2000  # homes of earlier families
CITY_HALL = ("121 N LA SALLE ST", "60602")  # line and ZIP code of a block to live on, before any family was met
_NUMBER = re.compile(r"(\d+)(.*)").fullmatch
_COMMUNITY = {name: one for one in reversed(NAMES) for name in (*NAMES[one].girls, *NAMES[one].boys)}


@dataclass
class Town:
    """Draws in one order from one seed: the same calls give the same people on any database."""

    draws: random.Random
    fall: int  # the calendar year in which the roster's program year begins
    schools: dict[str, frozenset[int]]  # id -> grades taught (index of GRADES)
    ids: set[str]  # spare IDs that students have already
    homes: deque[tuple[str, str]] = field(default_factory=lambda: deque([CITY_HALL], maxlen=REMEMBERED))

    @classmethod
    def read(cls, session: Session, *, seed: int, fall: int) -> "Town":
        """Everything it draws from."""
        schools = fetch(session, select(School.id, School.grades).order_by(School.id))
        spare = Student.district_id.between(str(FIRST_SPARE_ID), str(LAST_SPARE_ID))
        taken = {one for (one,) in fetch(session, select(Student.district_id).where(spare))}
        taught = {one: grades_taught(grades) for one, grades in schools}
        return cls(random.Random(seed), fall, taught, taken)  # noqa: S311 - the demo is reproducible by its seed

    def new_id(self) -> str:
        """Eight digits that no student has."""
        while (drawn := str(self.draws.randrange(FIRST_SPARE_ID, LAST_SPARE_ID))) in self.ids:
            pass
        self.ids.add(drawn)
        return drawn

    def another_school(self, row: Row) -> str:
        """A school that teaches the row's grade, not its own if there is another."""
        grade = GRADES.index(row["grade"])
        options = [one for one, taught in self.schools.items() if grade in taught and one != row["cps_school_id"]]
        return self.draws.choice(options) if options else row["cps_school_id"]

    def teaches(self, row: Row) -> bool:
        """Whether the row's school has the row's grade."""
        return GRADES.index(row["grade"]) in self.schools.get(row["cps_school_id"], ())

    def remember(self, row: Row) -> None:
        """A home that another family may come to live near."""
        if row["address_line1"]:
            self.homes.append((row["address_line1"], row["zip"]))

    def elsewhere(self) -> Row:
        """The address of a house on a block where some earlier family lives."""
        line, zip_code = self.draws.choice(self.homes)
        if found := _NUMBER(line):
            number, step = int(found[1]), 2 * self.draws.randrange(1, 49)
            line = f"{max(number // 100 * 100 + (number + step) % 100, 2)}{found[2]}"
        return {"address_line1": line, "unit": self.another_unit(""), "zip": zip_code}

    def another_unit(self, unit: str) -> str:
        """An apartment that is not `unit`."""
        return self.draws.choice([one for one in ("APT 1", "APT 2", "APT 3", "APT 4F", "APT 12") if one != unit])

    def community_of(self, first_name: str) -> Names:
        """The community whose children bear this name; any, where none does."""
        return NAMES[_COMMUNITY.get(first_name) or self.draws.choice(list(NAMES))]

    def child(self, names: Names, last_name: str, *, not_named: set[str]) -> Row:
        """A new student: name, birth date that fits the grade, school, ID."""
        grade = self.draws.randrange(len(GRADES))
        first = self.draws.choice([one for one in (*names.girls, *names.boys) if one not in not_named])
        year, month, day = self.fall - 5 - grade, self.draws.randrange(9, 13), self.draws.randrange(2, 29)
        district_id = self.new_id()
        made = {
            "cps_student_id": district_id,
            "isbe_student_id": f"9{district_id}",
            "student_last_name": last_name,
            "student_first_name": first,
            "birth_date": f"{year}-{month:02}-{day:02}",
            "grade": GRADES[grade],
            "cps_school_id": "",
        }
        return made | {"cps_school_id": self.another_school(made)}

    def guardian(self, names: Names, last_name: str) -> Row:
        """An adult of that surname, with a fictitious phone and no e-mail."""
        first = self.draws.choice(names.women)
        return {
            "guardian_name": f"{names.surname_of_woman(last_name)}, {first}",
            "guardian_phone": self.phone(),
            "guardian_email": "",
        }

    def phone(self, *, other_than: str = "") -> str:
        """A fictitious number."""
        while (
            drawn := as_dialed(f"+1{self.draws.choice(AREA_CODES)}55501{self.draws.randrange(FICTITIOUS):02}")
        ) == other_than:
            pass
        return drawn
