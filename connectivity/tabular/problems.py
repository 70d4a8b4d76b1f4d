"""What is wrong with a people's file: a problem of one row, or the refusal of the whole file. Always with what to do next."""

from dataclasses import dataclass

LONGEST_ECHO = 60
_SEEN = {code: 0x2400 + code for code in range(32)} | {
    0x7F: 0x2421
}  # the sign that Unicode has for each control character
NO_STUDENTS = "The file has headings, but no students under them. Export the roster again and send that file."


class FileRefused(ValueError):
    """The file cannot be taken at all. Its text is one clear sentence and what to do, for the person who sent it."""


@dataclass(frozen=True)
class Problem:
    """One cell, or one row, that cannot be taken as it stands."""

    row: int  # as the spreadsheet numbers it
    column: str  # canonical name; "" for the whole row
    heading: str  # as the file writes it
    value: str
    message: str
    advice: str
    stops: bool  # False: a warning; the value is left out and the row is still taken


def echo(value: str) -> str:
    """A value as a message may repeat it: at most 60 signs, each of which can be seen and stored."""
    value = visible(value)
    return value if len(value) <= LONGEST_ECHO else value[: LONGEST_ECHO - 1] + "…"


def visible(text: str) -> str:
    """The text with a sign in place of each control character: PostgreSQL stores no NUL, and nobody can see any of them."""
    return text if text.isprintable() else text.translate(_SEEN)
