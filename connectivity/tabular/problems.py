"""What is wrong with a people's file: a problem of one row, or the refusal of the whole file. Always with what to do next."""

from dataclasses import dataclass

LONGEST_ECHO = 60
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
    """A value as a message may repeat it: at most 60 signs."""
    return value if len(value) <= LONGEST_ECHO else value[: LONGEST_ECHO - 1] + "…"
