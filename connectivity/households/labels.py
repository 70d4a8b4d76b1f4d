"""The words people read for what is stored as a code: languages, statuses, reasons, answers."""

from typing import Any, cast

from babel import Locale
from flask_babel import lazy_gettext as _l

from connectivity.rules.connectivity_codes import edfi_label
from connectivity.rules.service_states import END_REASON_LABEL, LABEL

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
    "service_type": {"wired": _l("wired"), "hotspot": _l("hotspot")},
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
        "question.decided": _l("A question was decided"),
        "question.reopened": _l("A question was opened again"),
        "service_address.ended": _l("The connection goes to the home again"),
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
