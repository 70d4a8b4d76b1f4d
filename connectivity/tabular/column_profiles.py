"""What a roster's columns mean, and the profiles that say which heading of a source is which column of ours."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from rapidfuzz import fuzz, process

from connectivity.tabular.decode import without_accents


@dataclass(frozen=True)
class Column:
    """One column of the roster as the program knows it."""

    name: str
    title: str
    required: bool
    sensitive: bool  # a factor of eligibility: not taken in unless asked for (standards.md 3.2)
    meaning: str
    format: str
    example: str


def _column(name: str, title: str, meaning: str, how: str, example: str, *, required: bool = False) -> Column:
    return Column(name, title, required, False, meaning, how, example)


def _factor(name: str, title: str, meaning: str) -> Column:
    return Column(name, title, False, True, meaning, "as the district writes it", "")


COLUMNS = (
    _column(
        "student_id", "Student ID", "The district's ID of the student", "8 digits, as text", "50001234", required=True
    ),
    _column("last_name", "Last name", "The student's last name or names", "text", "García López", required=True),
    _column("first_name", "First name", "The student's first name", "text", "María", required=True),
    _column(
        "birth_date", "Birth date", "The student's birth date", "2015-09-30 or 9/30/2015", "2015-09-30", required=True
    ),
    _column("grade", "Grade", "The grade in this program year", "PK, K, 1 to 12", "4", required=True),
    _column("school_id", "School ID", "The district's ID of the school", "6 digits, as text", "609999", required=True),
    _column(
        "guardian_name",
        "Guardian name",
        "The guardian's full name, if it is not split",
        "First Last, or Last, First",
        "Rosa García",
    ),
    _column("guardian_first_name", "Guardian first name", "The guardian's first name", "text", "Rosa"),
    _column("guardian_last_name", "Guardian last name", "The guardian's last name or names", "text", "García"),
    _column("phone", "Phone", "The guardian's phone", "10 digits, no extension", "(773) 555-0123"),
    _column("phone_2", "Second phone", "Another phone of the guardian", "10 digits, no extension", "312-555-0100"),
    _column("phone_3", "Third phone", "Another phone of the guardian", "10 digits, no extension", ""),
    _column("email", "E-mail", "The guardian's e-mail", "name@example.org", "rosa@example.org"),
    _column("language", "Home language", "The language spoken at home", "its English name or ISO 639 code", "Spanish"),
    _column(
        "address",
        "Address",
        "Number and street where the student lives; needed for every new student",
        "text",
        "1135 W Wilson Ave",
    ),
    _column("unit", "Unit", "Apartment, floor or unit", "text", "Apt 2B"),
    _column("city", "City", "City of the address", "text", "Chicago"),
    _column("state", "State", "State of the address", "text", "IL"),
    _column("zip", "ZIP code", "ZIP code of the address", "5 digits", "60640"),
    _column("lon", "Longitude", "East-west position of the home", "degrees, negative in Chicago", "-87.6566"),
    _column("lat", "Latitude", "North-south position of the home", "degrees", "41.9653"),
    _column("eligible", "Eligible", "The district's determination for the program", "yes or no", "yes"),
    _column("program_year", "Program year", "The year the roster is for", "2026-27", "2026-27"),
    _column("as_of", "As of", "The day the district's record is from", "2026-09-30 or 9/30/2026", "2026-09-30"),
    _column("leaving", "Leaving", "The student is leaving the district", "yes or no", "no"),
    _factor("frl", "Meal status", "Free or reduced-price meals"),
    _factor("medicaid", "Medicaid", "Enrolled in Medicaid"),
    _factor("diverse_learner", "Diverse learner", "Has an individual education program"),
    _factor("english_learner", "English learner", "Is learning English"),
    _factor("stls", "STLS", "Students in temporary living situations"),
    _factor("unaccompanied_youth", "Unaccompanied youth", "Lives without a guardian"),
    _factor("hardship_index", "Hardship index", "Hardship index of the home's area"),
    _factor("priority_score", "Priority score", "The district's priority score"),
    _factor("priority_tier", "Priority tier", "The district's priority tier"),
)
COLUMN = MappingProxyType({column.name: column for column in COLUMNS})
SENSITIVE = frozenset(column.name for column in COLUMNS if column.sensitive)
REQUIRED = tuple(column.name for column in COLUMNS if column.required)
# A student new to the program needs a home; a OneRoster file has none for anybody, the others must at least have the column.
REQUIRED_OF_A_TABLE = (*REQUIRED, "address")


# What headings of sensitive columns are called where no profile knows them: parts of the folded heading, and whole ones.
_SENSITIVE_PARTS = (
    *("lunch", "meal", "frpl", "freereduced", "medicaid", "medical", "health", "diagnos", "insur", "snap", "tanf", "income"),
    *("poverty", "disab", "specialed", "sped", "diverselearn", "homeless", "housing", "mckinney", "shelter", "templiving"),
    *("foster", "unaccompanied", "englishlearner", "hardship", "priority", "immigra", "citizen", "socialsec", "race", "ethnic"),
)  # fmt: skip
_SENSITIVE_WHOLE = frozenset(("frl", "stls", "iep", "504", "504plan", "ell", "el", "lep", "dl", "uy", "ssn"))


def looks_sensitive(heading: str) -> bool:
    """Whether a heading nobody has mapped yet sounds like a column of which no cell may be shown or kept."""
    folded = fold_heading(heading)
    return folded in _SENSITIVE_WHOLE or any(part in folded for part in _SENSITIVE_PARTS)


@lru_cache(maxsize=4096)
def fold_heading(heading: str) -> str:
    """`CPS Student_ID` -> `cpsstudentid`: case, blanks, signs and accents make no difference."""
    return "".join(sign for sign in without_accents(heading) if sign.isalnum())


@dataclass(frozen=True)
class Profile:
    """How one source writes a roster."""

    key: str
    title: str
    headings: Mapping[str, str]  # folded heading -> column name
    values: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict
    )  # column name -> value as written -> value we read
    required: tuple[str, ...] = REQUIRED_OF_A_TABLE

    def to_json(self) -> str:
        """For keeping; `profile_from_json` is the way back."""
        kept = {"key": self.key, "title": self.title, "headings": dict(self.headings), "required": self.required}
        return json.dumps(kept | {"values": {name: dict(words) for name, words in self.values.items()}}, sort_keys=True)


def profile_from(
    mapping: Mapping[str, str], *, title: str, key: str, values: Mapping[str, Mapping[str, str]] | None = None
) -> Profile:
    """The profile staff made: heading as the file writes it -> column name ("" leaves the heading out).

    Raises ValueError for a column we do not have, or one given to two headings.
    """
    headings = {fold_heading(heading): name for heading, name in mapping.items() if name}
    names = [name for name in mapping.values() if name]
    unknown = sorted(set(names) - set(COLUMN))
    if unknown:
        raise ValueError(f"There is no column named {', '.join(unknown)}.")
    if len(set(names)) < len(names):
        doubled = sorted({COLUMN[name].title for name in names if names.count(name) > 1})
        raise ValueError(f"Two headings were given to one column: {', '.join(doubled)}.")
    return Profile(key, title, headings, values or {})


def profile_from_json(text: str) -> Profile:
    """The inverse of `Profile.to_json`."""
    kept = json.loads(text)
    return Profile(kept["key"], kept["title"], kept["headings"], kept["values"], tuple(kept["required"]))


@dataclass(frozen=True)
class Missing:
    """A required column that no heading gives."""

    column: str
    nearest: str  # the heading of the file most like it, "" if none is free
    score: float  # 0 to 100


@dataclass(frozen=True)
class Match:
    """What a profile makes of a file's headings."""

    profile: Profile
    columns: dict[int, str]  # index in the file -> column name
    ignored: list[str]
    sensitive: list[str]  # headings of sensitive columns, as written
    missing: list[Missing]
    doubled: dict[str, list[str]]  # column name -> the headings that all give it

    @property
    def complete(self) -> bool:
        """The file can be read with this profile."""
        return not self.missing and not self.doubled


def match(headings: Sequence[str], profiles: Sequence[Profile]) -> Match:
    """The profile that fits best: fewest required columns missing, then most columns known, then the earlier one."""
    found = [_match(headings, profile) for profile in profiles]
    return min(found, key=lambda one: (len(one.missing), len(one.doubled), -len(one.columns)))


def _match(headings: Sequence[str], profile: Profile) -> Match:
    named: dict[str, list[int]] = {}
    ignored = []
    for index, heading in enumerate(headings):
        name = profile.headings.get(fold_heading(heading))
        if name:
            named.setdefault(name, []).append(index)
        elif heading:
            ignored.append(heading)
    columns = {indexes[0]: name for name, indexes in named.items()}
    return Match(
        profile=profile,
        columns=dict(sorted(columns.items())),
        ignored=ignored,
        sensitive=[headings[index] for index, name in sorted(columns.items()) if name in SENSITIVE],
        missing=[_nearest(name, ignored, profile) for name in profile.required if name not in named],
        doubled={name: [headings[index] for index in indexes] for name, indexes in named.items() if len(indexes) > 1},
    )


def _nearest(name: str, free: Sequence[str], profile: Profile) -> Missing:
    words = {fold_heading(COLUMN[name].title), name.replace("_", "")}
    words.update(folded for folded, given in profile.headings.items() if given == name)
    found = [process.extractOne(word, free, scorer=fuzz.ratio, processor=fold_heading) for word in sorted(words)]
    best = max(found, key=lambda one: one[1]) if free else ("", 0.0, 0)
    return Missing(name, best[0], best[1])
