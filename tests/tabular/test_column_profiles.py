"""Headings of each source find their columns; what is missing, doubled or sensitive is named."""

import pytest

from connectivity.tabular.built_in_profiles import PROFILES, TABLE_PROFILES
from connectivity.tabular.column_profiles import COLUMN, SENSITIVE, match, profile_from, profile_from_json

PLAIN = [
    "program_year",
    "cps_student_id",
    "isbe_student_id",
    "student_last_name",
    "student_first_name",
    "birth_date",
    "grade",
    "cps_school_id",
    "guardian_name",
    "guardian_phone",
    "guardian_email",
    "home_language",
    "address_line1",
    "unit",
    "city",
    "state",
    "zip",
    "frl",
    "medicaid",
    "diverse_learner",
    "english_learner",
    "stls",
    "unaccompanied_youth",
    "hardship_index",
    "priority_score",
    "priority_tier",
    "as_of",
]
ASPEN = [
    "CPS School ID",
    "ISBE Student ID",
    "CPS Student ID",
    "Student Last Name",
    "Student First Name",
    "Birth Date",
    "Home RCDTS",
    "Serving School",
    "School Year",
    "Grade",
    "Address",
]
CLEVER = [
    "School_id",
    "Student_id",
    "Student_number",
    "State_id",
    "Last_name",
    "Middle_name",
    "First_name",
    "Dob",
    "Grade",
    "Frl_status",
    "Student_street",
    "Student_zip",
    "Contact_name",
    "Contact_phone",
    "Password",
]
TEMPLATE = [
    COLUMN[name].title
    for name in ("student_id", "last_name", "first_name", "birth_date", "grade", "school_id", "address")
]


@pytest.mark.parametrize(
    ("headings", "key", "ignored"),
    [
        (PLAIN, "eligible_roster", ["isbe_student_id"]),
        (ASPEN, "cps_aspen", ["ISBE Student ID", "Home RCDTS", "Serving School"]),
        (CLEVER, "clever", ["Student_id", "State_id", "Middle_name", "Password"]),
        (TEMPLATE, "our_template", []),
    ],
)
def test_each_source_is_known_by_its_headings(headings: list[str], key: str, ignored: list[str]) -> None:
    found = match(headings, TABLE_PROFILES)
    assert (found.profile.key, found.ignored, found.complete) == (key, ignored, True)


def test_headings_are_compared_without_case_signs_and_accents() -> None:
    found = match(["STUDENT-ID", "last name", "First_Name", "Bírth Date", "GRADE", "School  ID", "Address"], PROFILES)
    assert found.columns == dict(
        enumerate(("student_id", "last_name", "first_name", "birth_date", "grade", "school_id", "address"))
    )


def test_sensitive_headings_are_named_as_written() -> None:
    found = match(PLAIN, TABLE_PROFILES)
    assert found.sensitive == PLAIN[17:26]
    assert {found.columns[at] for at in range(17, 26)} == SENSITIVE


def test_a_missing_column_comes_with_the_nearest_heading() -> None:
    found = match(["Student ID", "Last name", "First name", "Brith date", "Grade", "School ID"], TABLE_PROFILES)
    missing = {one.column: one for one in found.missing}
    assert sorted(missing) == ["address", "birth_date"]
    assert missing["birth_date"].nearest == "Brith date"
    assert 80 < missing["birth_date"].score < 100
    assert found.ignored == ["Brith date"]
    assert match([], TABLE_PROFILES).missing[0].nearest == ""


def test_oneroster_needs_no_address() -> None:
    names = ["student_id", "last_name", "first_name", "birth_date", "grade", "school_id"]
    assert match(names, [profile for profile in PROFILES if profile.key == "oneroster"]).complete


def test_two_headings_for_one_column_are_told() -> None:
    found = match([*TEMPLATE, "DOB"], TABLE_PROFILES[2:])
    assert found.doubled == {"birth_date": ["Birth date", "DOB"]}
    assert not found.complete


def test_a_profile_that_staff_made_comes_back_from_its_text() -> None:
    made = profile_from(
        {"Clave": "student_id", "Año": "", "Nom": "last_name"},
        title="City",
        key="city",
        values={"grade": {"Primero": "1"}},
    )
    assert profile_from_json(made.to_json()) == made
    assert match(["CLAVE", "ano"], [made]).columns == {0: "student_id"}


@pytest.mark.parametrize(("mapping", "words"), [({"a": "shoe"}, "shoe"), ({"a": "zip", "b": "zip"}, "ZIP code")])
def test_a_profile_with_a_wrong_column_is_refused(mapping: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        profile_from(mapping, title="x", key="x")
