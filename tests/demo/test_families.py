"""The people of the demo: nobody real, every child in a grade that fits, at a school that teaches it."""

import datetime as dt
import re
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.casework.labels import LANGUAGES
from connectivity.casework.terms import search_terms_of
from connectivity.demo.names import NAMES
from connectivity.demo.schooling import grades_taught
from connectivity.register import Household, HouseholdPhone, ProgramYear, Residence, School, SearchTerm, Student
from connectivity.register.student import GRADES
from connectivity.rules.names import sort_name


def test_every_phone_is_in_the_range_kept_for_fiction_and_none_stands_twice_in_a_home(demo: Session):
    phones = demo.execute(select(HouseholdPhone.household_id, HouseholdPhone.number)).all()
    assert all(re.fullmatch(r"\+1(773|312|872|224|708)55501\d\d", number) for _, number in phones)
    assert len(set(phones)) == len(phones)
    assert {household for household, _ in phones} == set(demo.scalars(select(Household.id)))


def test_every_email_is_at_a_domain_that_belongs_to_nobody(demo: Session):
    emails = demo.scalars(select(Household.email).where(Household.email.is_not(None))).all()
    assert emails
    assert all(re.fullmatch(r"[a-z0-9.]+@example\.(org|com|net)", email) for email in emails)


def test_every_birth_date_fits_the_grade_in_the_current_school_year(demo: Session):
    fall = demo.scalars(select(ProgramYear.starts_on).where(ProgramYear.open_to_new)).one().year
    for birth_date, grade in demo.execute(select(Student.birth_date, Student.grade)):
        # Illinois: five by September 1 for kindergarten.
        turned = fall - birth_date.year - ((birth_date.month, birth_date.day) > (9, 1))
        assert turned == GRADES.index(grade) + 4, (birth_date, grade)


def test_siblings_are_twins_or_at_least_nine_months_apart(demo: Session):
    born = defaultdict(list)
    for household, birth_date in demo.execute(
        select(Student.household_id, Student.birth_date).order_by(Student.birth_date)
    ):
        born[household].append(birth_date)
    gaps = [later - earlier for dates in born.values() for earlier, later in pairwise(dates)]
    assert all(gap == dt.timedelta(0) or gap > dt.timedelta(270) for gap in gaps)


def test_every_student_attends_a_school_that_teaches_the_grade(demo: Session):
    for grade, taught in demo.execute(
        select(Student.grade, School.grades).join(School, School.id == Student.school_id)
    ):
        assert GRADES.index(grade) in grades_taught(taught)


def test_most_young_students_go_to_school_within_two_miles_of_home(demo: Session):
    rows = demo.execute(
        select(Residence.lon, Residence.lat, School.lon, School.lat)
        .join(Student, Student.household_id == Residence.household_id)
        .join(School, School.id == Student.school_id)
        .where(Residence.ends_on.is_(None), Residence.lon.is_not(None), Student.grade.in_(GRADES[:10]))
    ).all()
    lon, lat, school_lon, school_lat = np.array(rows).T
    miles = np.hypot((lon - school_lon) * 51.4, (lat - school_lat) * 69.0)  # miles a degree at Chicago's latitude
    assert np.quantile(miles, 0.9) < 2


def test_students_a_household_lie_where_the_program_published_them(demo: Session):
    students, households = (demo.scalar(select(func.count()).select_from(noun)) for noun in (Student, Household))
    assert 1.4 < students / households < 1.7


def test_district_ids_are_eight_digits_and_some_begin_with_zero(demo: Session):
    ids = demo.scalars(select(Student.district_id)).all()
    assert all(re.fullmatch(r"\d{8}", one) for one in ids)
    assert len(set(ids)) == len(ids)
    assert any(one.startswith("0") for one in ids)


def test_siblings_bear_different_first_names_and_mostly_one_surname(demo: Session):
    rows = demo.execute(select(Student.household_id, Student.first_name, Student.last_name)).all()
    assert len({(household, first) for household, first, _ in rows}) == len(rows)
    homes = defaultdict(set)
    for household, _, last in rows:
        homes[household].add(last)
    several = [len(names) for names in homes.values()]
    assert 1 < sum(several) / len(several) < 1.3


def test_every_student_has_the_place_in_a_list_that_the_name_gives(demo: Session):
    rows = demo.execute(select(Student.last_name, Student.first_name, Student.sort_name)).all()
    assert rows
    assert [key for _, _, key in rows] == [sort_name(last, first) for last, first, _ in rows]


@pytest.mark.parametrize("community", NAMES)
def test_every_community_has_sixty_surnames_and_no_name_twice_in_a_list(community: str):
    names = NAMES[community]
    assert len(names.surnames) >= 60
    for listed in (names.surnames, names.women, names.men, names.girls, names.boys):
        assert len(set(listed)) == len(listed)
        assert all(name == name.strip() and name for name in listed)


def test_every_family_is_addressed_in_a_language_that_pages_can_name_and_several_occur(demo: Session):
    spoken = set(demo.scalars(select(Household.language)))
    assert spoken <= set(LANGUAGES)
    assert {"en", "es", "pl", "cmn"} <= spoken


def test_a_polish_woman_bears_the_feminine_form():
    assert NAMES["polish"].surname_of_woman("Kowalski") == "Kowalska"
    assert NAMES["polish"].surname_of_woman("Wójcik") == "Wójcik"


def test_every_household_is_found_by_the_words_the_product_would_write(demo: Session):
    written = defaultdict(set)
    for household, term in demo.execute(select(SearchTerm.household_id, SearchTerm.term)):
        written[household].add(term)
    for household in demo.scalars(select(Household).order_by(Household.id).limit(60)):
        assert written[household.id] == search_terms_of(demo, household)


@pytest.mark.parametrize(
    ("text", "taught"),
    [
        ("PK-8", "PK K 1 2 3 4 5 6 7 8"),
        ("9-12", "9 10 11 12"),
        ("K,4-8", "K 4 5 6 7 8"),
        ("9", "9"),
        ("K-1,5-8", "K 1 5 6 7 8"),
        ("", ""),
    ],
)
def test_published_grade_ranges_are_read(text: str, taught: str):
    assert [GRADES[index] for index in sorted(grades_taught(text))] == taught.split()
