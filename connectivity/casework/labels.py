"""The words people read for what is stored as a code: languages, statuses, reasons, answers."""

from typing import Any, cast

from babel import Locale
from flask_babel import lazy_gettext as _l

from connectivity.rules.connectivity_codes import edfi_label
from connectivity.rules.service_states import CODE_LABEL, END_REASON_LABEL, LABEL, SAID_BY_LABEL

# ISO 639 codes. First the languages most spoken at home by the city's students, then the rest by name.
LANGUAGES: dict[str, Any] = {
    "en": _l("English"),
    "es": _l("Spanish"),
    "pl": _l("Polish"),
    "cmn": _l("Chinese (Mandarin)"),
    "yue": _l("Chinese (Cantonese)"),
    "ar": _l("Arabic"),
    "ur": _l("Urdu"),
    "uk": _l("Ukrainian"),
    "am": _l("Amharic"),
    "aii": _l("Assyrian"),
    "bs": _l("Bosnian"),
    "my": _l("Burmese"),
    "prs": _l("Dari"),
    "fr": _l("French"),
    "gu": _l("Gujarati"),
    "ht": _l("Haitian Creole"),
    "hi": _l("Hindi"),
    "quc": _l("K’iche’"),
    "ko": _l("Korean"),
    "lt": _l("Lithuanian"),
    "ne": _l("Nepali"),
    "ps": _l("Pashto"),
    "fa": _l("Persian"),
    "ro": _l("Romanian"),
    "rhg": _l("Rohingya"),
    "ru": _l("Russian"),
    "so": _l("Somali"),
    "sw": _l("Swahili"),
    "tl": _l("Tagalog"),
    "vi": _l("Vietnamese"),
    "yo": _l("Yoruba"),
    "ase": _l("American Sign Language"),
    "mis": _l("Another language"),
}

_WORDS: dict[str, dict[str, object]] = {
    "language": LANGUAGES,
    "status": {status.value: _l(words) for status, words in LABEL.items()},
    "reason": {reason.value: _l(words) for reason, words in END_REASON_LABEL.items()},
    "said_by": {one.value: _l(words) for one, words in SAID_BY_LABEL.items()},
    "code_state": {one.value: _l(words) for one, words in CODE_LABEL.items()},
    "respondent": {
        "guardian": _l("Guardian"),
        "student": _l("Student"),
        "staff": _l("Program staff"),
        "partner": _l("Partner organization"),
    },
    "mode": {
        "phone": _l("By phone"),
        "in_person": _l("In person"),
        "paper": _l("On paper"),
        "online": _l("Online"),
    },
    "method": {
        "coordinates": _l("From the coordinates given"),
        "address_point": _l("From the address, by the county’s address points"),
        "grid": _l("From the address, by the city’s street grid"),
        "hand": _l("Placed by hand"),
        "none": _l("Not placed"),
    },
    "certainty": {
        "sure": _l("Sure"),
        "near_edge": _l("Near an edge"),
        "unplaced": _l("Could not place"),
    },
    "service_type": {"wired": _l("wired"), "hotspot": _l("hotspot"), "smartphone": _l("smartphone")},
    "field": {
        "guardian_first_name": _l("First name"),
        "guardian_last_name": _l("Last name"),
        "language": _l("Language"),
        "email": _l("E-mail"),
        "phone_1": _l("Phone"),
        "phone_2": _l("Second phone"),
        "phone_3": _l("Third phone"),
        "district_id": _l("Student ID"),
        "first_name": _l("First name"),
        "last_name": _l("Last name"),
        "birth_date": _l("Birth date"),
        "grade": _l("Grade"),
        "school": _l("School"),
        "student": _l("Student"),
        "address": _l("Address"),
        "line": _l("Street address"),
        "unit": _l("Apartment or unit"),
        "zip": _l("ZIP code"),
        "area": _l("Community area"),
        "method": _l("How it was placed"),
        "certainty": _l("How sure"),
        "lon": _l("Longitude"),
        "lat": _l("Latitude"),
        "starts_on": _l("Living there since"),
        "note": _l("Note"),
        "kept_separate": _l("Kept separate from"),
        "household": _l("Household"),
        "stays": _l("Stays"),
        "stayed": _l("What stayed"),
        "service_address": _l("Service address"),
        "provider_file": _l("Provider’s file"),
        "provider_word": _l("The provider says"),
        "account_last4": _l("Last four digits of the account"),
        "leaving_reason": _l("Why"),
        "left_on": _l("Day of leaving"),
        "service_until": _l("Last day of service"),
        "until_year_end": _l("Until the end of the program year"),
        "eligible": _l("Eligible"),
        "source": _l("Decided by"),
        "appeal": _l("Appeal"),
        "program_year": _l("Program year"),
        "said_by": _l("Said by"),
    },
    "action": {
        "household.registered": _l("Registered"),
        "household.edited": _l("Changed"),
        "household.placed": _l("Placed by hand"),
        "household.merged": _l("Merged with another household"),
        "household.merged_into": _l("Merged into another household"),
        "household.unmerged": _l("A merge was undone"),
        "household.split": _l("Students split off"),
        "household.split_off": _l("Split off from another household"),
        "eligibility.decided": _l("Eligibility was decided by a person"),
        "appeal.opened": _l("The family appealed"),
        "appeal.decided": _l("An appeal was decided"),
        "question.decided": _l("A question was decided"),
        "question.reopened": _l("A question was opened again"),
        "service_address.ended": _l("The connection goes to the home again"),
        "provider.reported": _l("The provider reported"),
        "enrollment.leaving": _l("The household will leave"),
        "enrollment.stays": _l("The household stays after all"),
        "code.family_asked": _l(
            "Somebody who knew a student’s ID and birth date looked the home up on the families’ page"
        ),
        "enrollment.changed_places": _l("The enrollment of a merged household goes on as this household’s own"),
        "enrollment.extended": _l("The last day of service moved with the program year"),
    },
    "year_action": {
        "program_year.added": _l("Year added"),
        "program_year.changed": _l("Year changed"),
        "program_year.extended": _l("Year extended"),
        "program_year.extension_taken_back": _l("Extension taken back"),
        "program_target.added": _l("Target added"),
        "program_target.changed": _l("Target changed"),
        "program_target.removed": _l("Target taken away"),
    },
    "year_field": {
        "label": _l("name"),
        "starts_on": _l("first day"),
        "ends_on": _l("last day"),
        "funding": _l("funding source"),
        "open_to_new": _l("open to new households"),
        "reason": _l("reason"),
        "number": _l("number"),
        "unit": _l("unit"),
        "counted": _l("what is counted"),
        "due_on": _l("by when"),
        "basis": _l("basis"),
        "vintage": _l("vintage"),
    },
    "unit": {"households": _l("households"), "students": _l("students")},
    "counted": {
        "contacted": _l("told about the program, at any time in the year"),
        "code_issued": _l("given a code, at any time in the year"),
        "ordered": _l("service ordered, at any time in the year"),
        "connected": _l("connected, at any time in the year"),
        "connected_now": _l("connected now"),
    },
    "separate": {
        "doubled_up": _l("Two families share one home"),
        "same_building": _l("Same building, different homes"),
        "apart": _l("One family in two homes: the parents live apart"),
        "by_chance": _l("A name or phone is the same by chance"),
        "other": _l("Another reason"),
    },
    "stays": {
        "roster_wrong": _l("The roster’s address is old or wrong"),
        "both_homes": _l("The student lives in both homes"),
        "other": _l("Another reason"),
    },
    "mark": {
        "same": _l("Same"),
        "shared": _l("Partly the same"),
        "different": _l("Differs"),
        "unknown": _l("Not known for one"),
        "none": "–",
    },
}


def label(code: object, kind: str) -> object:
    """The words of a stored code; a code without words (an Ed-Fi value, a later addition) as it is written there."""
    if code is None or code == "":
        return "–"
    text = str(code)
    words = _WORDS.get(kind)
    if words is None:
        return edfi_label(text)
    if kind == "language" and text not in words:
        return Locale("en").languages.get(text, text)
    return words.get(text, text.replace("_", " "))


def choices(kind: str) -> list[tuple[Any, str]]:
    """(code, words) of a vocabulary, for a select."""
    return [(code, cast(str, words)) for code, words in _WORDS[kind].items()]
