"""Names and other search words, folded so that Muñoz is found as munoz, and split into the terms a household is found by."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import filterfalse

from connectivity.rules.membership_codes import shown

_LETTERS = str.maketrans(
    {"ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
    | dict.fromkeys("’'`´ʼ‘ʻʹ", "")
)
_NOT_DIGITS = re.compile(r"\D")
_WORD = re.compile(r"[^\W_]+")
_DASHED = re.compile(r"[^\W_]+(?:[-–—][^\W_]+)+")
_NO_DASH = re.compile(r"[^-–—]*").fullmatch

# A family name's small words are written together or apart: De la Cruz, DelaCruz.
PARTICLES = frozenset(
    [
        "al",
        "ben",
        "bin",
        "da",
        "de",
        "del",
        "della",
        "den",
        "der",
        "di",
        "dos",
        "du",
        "el",
        "ibn",
        "la",
        "las",
        "le",
        "los",
        "mac",
        "mc",
        "o",
        "san",
        "st",
        "van",
        "von",
    ]
)

# The words of an address as it is stored -> as people also type them. A word that begins another needs no entry of its own.
ADDRESS_WORDS = {
    "n": "north",
    "s": "south",
    "e": "east",
    "w": "west",
    "apt": "apartment",
    "ave": "avenue",
    "blvd": "boulevard",
    "ct": "court",
    "dr": "drive",
    "fl": "floor",
    "hwy": "highway",
    "ln": "lane",
    "pkwy": "parkway",
    "pl": "place",
    "rd": "road",
    "sq": "square",
    "st": "street",
    "ste": "suite",
    "ter": "terrace",
}

# 773-555-0123, (773) 555 0123, +1 773 555 01: an area code, an exchange, and as much of the rest as has been typed.
_PHONE = re.compile(r"(?<![\w-])(?:\+1[\s.-]*|1[\s.-]+)?\(?(\d{3})\)?[\s.-]*(\d{3})[\s.-]*(\d{1,4})(?![\w-])")
_SEVEN_DIGITS = re.compile(r"(?<![\w-])(\d{3})[-.](\d{1,4})(?![\w-])")
_ELEVEN_DIGITS = re.compile(r"(?<![\w-])1(\d{10})(?![\w-])")
_CITY_AND_STATE = re.compile(r"\bchicago\W+(il|illinois)\b")

# Sorts before blank, dash and letter, so that every Cruz comes before the first Cruz Ortiz. PostgreSQL stores no "\0".
_BETWEEN_NAMES = "\x01"


def fold(text: str) -> str:
    """Lower case without accents or apostrophes: `Núñez-O’Hara` -> `nunez-ohara`. Folding twice changes nothing."""
    if text.isascii():  # most texts: the short way to the same end
        return text.lower().replace("'", "").replace("`", "")
    while True:
        apart = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
        folded = "".join(filterfalse(unicodedata.combining, apart))
        if folded.isascii() or folded == text:
            return folded.lower().replace("'", "").replace("`", "") if folded.isascii() else folded
        text = folded


def sort_name(last_name: str, first_name: str) -> str:
    """What people are ordered by, compared by bytes: last name, then first name, without accents and case. Never shown."""
    return f"{fold(last_name)}{_BETWEEN_NAMES}{fold(first_name)}"


def words(text: str) -> list[str]:
    """The folded words of a text, in order: `1135 W. Wilson Ave` -> `1135 w wilson ave`."""
    return _WORD.findall(fold(text))


def phone_terms(e164: str) -> list[str]:
    """A US phone is found by its ten digits and by its last seven: `+17735550123` -> `7735550123`, `5550123`."""
    digits = _NOT_DIGITS.sub("", e164)
    if digits.startswith("1") and len(digits) == 11:
        digits = digits[1:]
    return [digits, digits[-7:]] if len(digits) == 10 else [digits]


def name_terms(name: str) -> set[str]:
    """`María de la Cruz` -> maria, de, la, cruz, and the ways the family name is written together: delacruz, lacruz."""
    found = words(name)
    return set(found) if PARTICLES.isdisjoint(found) else {*found, *_written_together(found)}


def _written_together(found: list[str]) -> Iterator[str]:
    for start, word in enumerate(found):
        end = start
        while end < len(found) and found[end] in PARTICLES:
            end += 1
        if word in PARTICLES and end < len(found):
            yield "".join(found[start : end + 1])


def address_terms(line: str) -> set[str]:
    """The words of an address and their other spelling: `1135 W WILSON AVE` -> 1135, west, wilson, avenue."""
    folded = fold(line)
    found = {"".join(_WORD.findall(dashed)) for dashed in _DASHED.findall(folded)} if not _NO_DASH(folded) else set()
    for word in _WORD.findall(folded):
        longer = ADDRESS_WORDS.get(word, word)
        found |= {longer} if longer.startswith(word) else {word, longer}
    return found


def code_terms(code: str) -> set[str]:
    """A membership code is found whole and by its printed groups: `CC4F7K9QX2` -> cc4f7k9qx2, cc, 4f7k, 9qx2."""
    return {fold(code), *words(shown(code))}


def id_terms(district_id: str) -> set[str]:
    """A student ID is found as it is and without its leading zeros."""
    return {district_id, district_id.lstrip("0")} - {""}


def household_terms(
    *,
    reference: str,
    guardian_names: Iterable[str],
    student_names: Iterable[str],
    district_ids: Iterable[str],
    phones: Iterable[str],
    addresses: Iterable[str],
    codes: Iterable[str],
) -> set[str]:
    """Every folded term a household is found by.

    Names are full names; phones are E.164; addresses are the normalized line with its unit, the ZIP code being a text of its own or
    part of the line; codes are in their stored form. A query finds the household when each of its words begins one of the terms.
    """
    found = {fold(reference)}
    for name in (*guardian_names, *student_names):
        found |= name_terms(name)
    for district_id in district_ids:
        found |= id_terms(district_id)
    for phone in phones:
        found.update(phone_terms(phone))
    for address in addresses:
        found |= address_terms(address)
    for code in codes:
        found |= code_terms(code)
    return found - {""}


def query_words(text: str) -> list[str]:
    """What somebody typed, as the words that must each begin a term: a phone in any writing is one word, a dashed code is one.

    A word that begins another word of the query is left out: it narrows nothing. Longest first, then by letter.
    """
    folded = _CITY_AND_STATE.sub(" ", fold(text).replace("#", " "))
    folded = _ELEVEN_DIGITS.sub(r"\1", _SEVEN_DIGITS.sub(r"\1\2", _PHONE.sub(r" \1\2\3 ", folded)))
    folded = _DASHED.sub(lambda dashed: _joined(dashed.group()), folded)
    found: list[str] = []
    for word in sorted(set(_WORD.findall(folded)), key=lambda word: (-len(word), word)):
        if not any(longer.startswith(word) for longer in found):
            found.append(word)
    return found


def _joined(dashed: str) -> str:
    """`cc-4f7k-9qx2` is a code, `4600-b` a house: one word. `nunez-ortiz` is two names, `773-555` is left as it is."""
    has_digit, has_letter = re.search(r"\d", dashed), re.search(r"[^\W\d_]", dashed)
    return "".join(_WORD.findall(dashed)) if has_digit and has_letter else dashed


def upper_bound(prefix: str) -> str:
    """The first text, by code points, after every text that begins with `prefix`: `gar` -> `gas`. For `prefix <= term < bound`."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
