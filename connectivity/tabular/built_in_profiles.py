"""The sources we know: the plain roster, CPS's Aspen, Clever, OneRoster, our template."""

from collections.abc import Mapping

from connectivity.tabular.column_profiles import COLUMNS, REQUIRED, Profile, fold_heading


def _folded(headings: Mapping[str, str]) -> dict[str, str]:
    return {fold_heading(heading): name for heading, name in headings.items()}


# As people name the columns in any file.
_COMMON = {column.title: column.name for column in COLUMNS} | {column.name: column.name for column in COLUMNS}
_COMMON |= {
    "CPS Student ID": "student_id",
    "District Student ID": "student_id",
    "Student Last Name": "last_name",
    "Surname": "last_name",
    "Student First Name": "first_name",
    "Given Name": "first_name",
    "DOB": "birth_date",
    "Date of Birth": "birth_date",
    "Birthdate": "birth_date",
    "Student Birth Date": "birth_date",
    "Grade Level": "grade",
    "Student Grade": "grade",
    "CPS School ID": "school_id",
    "School Number": "school_id",
    "Guardian": "guardian_name",
    "Parent Guardian Name": "guardian_name",
    "Parent Name": "guardian_name",
    "Guardian Phone": "phone",
    "Phone 1": "phone",
    "Phone Number": "phone",
    "Guardian Phone 2": "phone_2",
    "Guardian Phone 3": "phone_3",
    "Guardian Email": "email",
    "Email Address": "email",
    "Language": "language",
    "Address Line 1": "address",
    "Street Address": "address",
    "Home Address": "address",
    "Apartment": "unit",
    "Apt": "unit",
    "Address Line 2": "unit",
    "Zip": "zip",
    "Postal Code": "zip",
    "Free or Reduced Lunch": "frl",
    "IEP": "diverse_learner",
    "Students in Temporary Living Situations": "stls",
}
_ASPEN = {
    "STD_ID_LOCAL": "student_id",
    "PSN_NAME_LAST": "last_name",
    "PSN_NAME_FIRST": "first_name",
    "PSN_DOB": "birth_date",
    "STD_GRADE_LEVEL": "grade",
    "SKL_SCHOOL_ID": "school_id",
    "STD_HOME_LANGUAGE_CODE": "language",
    "School Year": "program_year",
    # Known, and not taken: the state's ID of the student, and the state's numbers of home and serving school.
    "ISBE Student ID": "",
    "Home RCDTS": "",
    "Serving School": "",
}
_CLEVER = {
    "Student_number": "student_id",  # the district's; Student_id and State_id are other systems'
    "Last_name": "last_name",
    "First_name": "first_name",
    "Dob": "birth_date",
    "Grade": "grade",
    "School_id": "school_id",
    "Contact_name": "guardian_name",
    "Contact_phone": "phone",
    "Contact_email": "email",
    "Home_language": "language",
    "Student_street": "address",
    "Student_city": "city",
    "Student_state": "state",
    "Student_zip": "zip",
    "Ell_status": "english_learner",
    "Frl_status": "frl",
    "Iep_status": "diverse_learner",
}
ELIGIBLE_ROSTER = Profile("eligible_roster", "Eligible roster (eligible_roster.csv)", _folded(_COMMON))
CPS_ASPEN = Profile("cps_aspen", "CPS Aspen export", _folded(_COMMON | _ASPEN))
CLEVER = Profile("clever", "Clever (students.csv)", _folded(_CLEVER))
ONEROSTER = Profile(
    "oneroster", "OneRoster 1.1 or 1.2", _folded({one.name: one.name for one in COLUMNS}), required=REQUIRED
)
OUR_TEMPLATE = Profile("our_template", "Our template", _folded({column.title: column.name for column in COLUMNS}))

# The earlier one is taken where two fit equally well.
TABLE_PROFILES = (OUR_TEMPLATE, CLEVER, ELIGIBLE_ROSTER, CPS_ASPEN)
PROFILES = (*TABLE_PROFILES, ONEROSTER)
KNOWN_HEADINGS = frozenset(folded for profile in PROFILES for folded in profile.headings)
