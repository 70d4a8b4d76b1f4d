"""What stands of a provider's answers: parts of queries that every list of this room is made of."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_

from connectivity.register import ServiceabilityAnswer
from connectivity.rules.serviceability_words import MatchResult, Serviceable
from connectivity.service.provider_files.ours import address_columns

Columns = tuple[ColumnElement[str], ColumnElement[str], ColumnElement[str]]

# As literals: a partial index is used only where the database sees the same words.
NO: ColumnElement[str] = literal_column(f"'{Serviceable.NO.value}'")
CORRECTED: ColumnElement[str] = literal_column(f"'{MatchResult.CORRECTED.value}'")


def about_ours(answer: Any = ServiceabilityAnswer) -> ColumnElement[bool]:
    """The provider speaks of our address: it found it as it is, or a person accepted its correction as the same place."""
    return or_(answer.match_result != CORRECTED, answer.accepted.is_(True))


def reaches(answer: Any = ServiceabilityAnswer) -> ColumnElement[str]:
    """yes, no or unknown: what may be acted on. A correction that nobody has accepted, or that was declined, is unknown."""
    return case((about_ours(answer), answer.serviceable), else_=Serviceable.UNKNOWN.value)


def says_no(answer: Any = ServiceabilityAnswer) -> ColumnElement[bool]:
    """A standing no about our address."""
    return and_(answer.stands, answer.serviceable == NO, about_ours(answer))


def knows(answer: Any = ServiceabilityAnswer) -> ColumnElement[bool]:
    """A standing yes or no about our address."""
    return and_(answer.stands, answer.serviceable != Serviceable.UNKNOWN.value, about_ours(answer))


def waits(answer: Any = ServiceabilityAnswer) -> ColumnElement[bool]:
    """A correction that nobody has looked at yet."""
    return and_(answer.stands, answer.match_result == CORRECTED, answer.accepted.is_(None))


def five_digits(zip_code: ColumnElement[str]) -> ColumnElement[str]:
    """Of `60640-1234` the `60640`: the other four change without the home."""
    return func.substr(zip_code, 1, 5)


def connection() -> Columns:
    """Line, unit, five digits of the ZIP code, of where a connection goes: over Residence and ServiceAddress, both outer joined."""
    line, unit, _city, _state, zip_code = address_columns()
    return line, unit, five_digits(zip_code)


def same_address(noun: Any, columns: Columns) -> ColumnElement[bool]:
    """Whether the noun's address is the one of these three columns."""
    line, unit, zip_code = columns
    return and_(noun.line == line, noun.unit == unit, noun.zip == zip_code)


def address_of(noun: Any) -> Columns:
    """The noun's line, unit and ZIP code."""
    return noun.line, noun.unit, noun.zip
