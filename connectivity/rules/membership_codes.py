"""Membership codes: how they are written, read back from a phone call, and made. Code = the provider's bill line, so a code is half a secret."""

import datetime as dt
import re
import secrets

# Crockford's base 32 without vowels' look-alikes: no I, L, O, U, so a code read aloud comes back as it was.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NEVER_USED = "ILOU"  # in codes of ours; a provider's own may have them
MOST_YEARS_AHEAD = 5  # a last day further off is a slip of the keyboard
_SHAPE = re.compile(r"[0-9A-Z]{6,20}")


def normalize(text: str) -> str:
    """The stored form: upper case, no spaces or dashes. Raises ValueError with words for the person who typed it."""
    code = re.sub(r"[\s\-–—.]", "", text).upper()
    if not _SHAPE.fullmatch(code):
        raise ValueError(
            "A membership code has 6 to 20 letters and digits, like CC-4F7K-9QX2. Check it against the letter."
        )
    return code


def last_day_problem(last: dt.date, *, today: dt.date) -> tuple[str, str] | None:
    """Why nobody can mean this as the last day of a code: (what is wrong, what to do). None when it can be meant."""
    if last < today:
        return "This day has passed, so the code would be dead at once.", "Give the last day it can be used, or none."
    latest = today.replace(
        year=today.year + MOST_YEARS_AHEAD, day=28 if (today.month, today.day) == (2, 29) else today.day
    )
    if last > latest:
        latest_day = f"{latest:%b} {latest.day}, {latest.year}"
        return "This is more than five years ahead.", f"Check the year: the latest day is {latest_day}."
    return None


def generate() -> str:
    """A new code of ours: `CC` and eight characters from a cryptographic source (40 bits)."""
    return "CC" + "".join(secrets.choice(ALPHABET) for _ in range(8))


def generate_many(count: int) -> list[str]:
    """As `generate`, so many different ones."""
    made: dict[str, None] = {}
    while len(made) < count:
        made[generate()] = None
    return list(made)


def ours(code: str) -> bool:
    """Whether the code has the form of those made here."""
    return code.startswith("CC") and len(code) == 10


def looks_misread(code: str) -> str:
    """Letters in a code of our form that codes of ours never have, in order: someone took 0 for O. Empty for others."""
    return "".join(letter for letter in NEVER_USED if letter in code[2:]) if ours(code) else ""


def shown(code: str) -> str:
    """The printed form of a code of ours: `CC4F7K9QX2` -> `CC-4F7K-9QX2`; a provider's own code stays as it is."""
    if ours(code):
        return f"{code[:2]}-{code[2:6]}-{code[6:]}"
    return code
