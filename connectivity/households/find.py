"""Finds households by what a person on the phone can say: a name, a student ID, a phone, an address, a code, a reference.

Every word must begin a term of the household. Which word (or the account's own scope) is rarest decides how the database walks, so that
a rare name and the letter "a" are both answered at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, intersect, select
from sqlalchemy.orm import Session

from connectivity.access.scope import in_scope
from connectivity.register import (
    Account,
    CommunityArea,
    Enrollment,
    Household,
    ProgramYear,
    Residence,
    SearchTerm,
    Student,
)
from connectivity.rules.names import query_words, upper_bound

SHOWN = 25
# Words with fewer rows than this are read whole and intersected. If all have more, households are tried newest first until enough are
# found: a word that common is found soon, and two of them meet often.
READ_WHOLE, READ_WHOLE_OF_SEVERAL = 8000, 30000
RARE_BELOW = 500  # rows: read whole, however few households the account may see
LONGEST_QUERY = 200  # characters
MOST_WORDS = 8


@dataclass(frozen=True, kw_only=True)
class FoundHousehold:
    """One line of the result."""

    reference: str
    guardian: str
    students: tuple[str, ...]  # "Luz (5)"
    address: str
    area: str  # empty: not placed
    status: str | None  # of the newest program year; None: not enrolled
    program_year: str | None


@dataclass(frozen=True, kw_only=True)
class Found:
    """The households shown, whole-word matches first, then the newest; and whether more match than are shown."""

    words: tuple[str, ...]
    households: tuple[FoundHousehold, ...]
    more: bool


def find(session: Session, account: Account, text: str) -> Found:
    """The households in the account's scope that match every word of `text`; at most SHOWN of them."""
    words = query_words(text[:LONGEST_QUERY])[:MOST_WORDS]
    ids = _ids(session, account, words) if words else []
    return Found(words=tuple(words), households=_described(session, ids[:SHOWN]), more=len(ids) > SHOWN)


def _ids(session: Session, account: Account, words: Sequence[str]) -> list[int]:
    """Up to SHOWN + 1 ids: households that have every word whole, then those where it begins a longer one."""
    scope = in_scope(Household, account)
    whole = [SearchTerm.term == word for word in words]
    begins = [and_(SearchTerm.term >= word, SearchTerm.term < upper_bound(word)) for word in words]
    found = _matching(session, scope, begins)
    if len(found) > 1:
        among = scope if len(found) > SHOWN else Household.id.in_(found)
        found = list(dict.fromkeys([*_matching(session, among, whole), *found]))
    return found[: SHOWN + 1]


def _matching(session: Session, scope: ColumnElement[bool], words: Sequence[ColumnElement[bool]]) -> list[int]:
    read_whole = READ_WHOLE if len(words) == 1 else READ_WHOLE_OF_SEVERAL
    counts = _capped_counts(session, [_rows(word) for word in words], read_whole)
    rarest = min(counts)
    if rarest == 0:
        return []
    if rarest == read_whole or (rarest >= RARE_BELOW and _fewer_in_sight(session, scope, rarest)):
        return list(session.scalars(_by_household([word for _, word in _rarest_first(counts, words)], scope)))
    narrow = [word for count, word in _rarest_first(counts, words) if count < read_whole]
    broad = [word for count, word in _rarest_first(counts, words) if count == read_whole]
    return list(session.scalars(_by_words(narrow, broad, scope)))


def _rarest_first(counts: Sequence[int], words: Sequence[ColumnElement[bool]]) -> list[tuple[int, ColumnElement[bool]]]:
    return sorted(zip(counts, words, strict=True), key=lambda pair: pair[0])


def _fewer_in_sight(session: Session, scope: ColumnElement[bool], than: int) -> bool:
    """Whether the scope holds fewer households than that."""
    return _capped_counts(session, [select(Household.id).where(scope)], than)[0] < than


def _rows(word: ColumnElement[bool]) -> Select[int]:
    return select(SearchTerm.household_id).where(word)


def _capped_counts(session: Session, queries: Sequence[Select[int]], enough: int) -> list[int]:
    """How many rows each query has, counted no further than `enough`."""
    capped = [query.limit(enough).subquery() for query in queries]
    counts = [select(func.count()).select_from(one).scalar_subquery() for one in capped]
    return list(session.execute(select(*counts)).one())


def _has(word: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(SearchTerm.household_id == Household.id, word).correlate(Household)


def _by_words(
    narrow: Sequence[ColumnElement[bool]], broad: Sequence[ColumnElement[bool]], scope: ColumnElement[bool]
) -> Select[int]:
    every = intersect(*map(_rows, narrow)) if len(narrow) > 1 else _rows(narrow[0]).distinct()
    ids = every.cte("narrow").prefix_with("MATERIALIZED", dialect="postgresql")
    return (
        select(Household.id)
        .select_from(ids.join(Household, Household.id == ids.c.household_id))
        .where(scope, *map(_has, broad))
        .order_by(Household.id.desc())
        .limit(SHOWN + 1)
    )


def _by_household(words: Sequence[ColumnElement[bool]], scope: ColumnElement[bool]) -> Select[int]:
    return select(Household.id).where(scope, *map(_has, words)).order_by(Household.id.desc()).limit(SHOWN + 1)


def _described(session: Session, ids: Sequence[int]) -> tuple[FoundHousehold, ...]:
    if not ids:
        return ()
    students, standing = _students(session, ids), _standing(session, ids)
    rows = {row.id: row for row in session.execute(_lines(ids))}
    return tuple(
        FoundHousehold(
            reference=row.reference,
            guardian=f"{row.guardian_first_name} {row.guardian_last_name}",
            students=tuple(students.get(row.id, ())),
            address=f"{row.line} {row.unit}".strip(),
            area=row.area or "",
            status=standing.get(row.id, (None, None))[0],
            program_year=standing.get(row.id, (None, None))[1],
        )
        for row in (rows[one] for one in ids)
    )


def _lines(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Household.id,
            Household.reference,
            Household.guardian_first_name,
            Household.guardian_last_name,
            func.coalesce(Residence.line, "").label("line"),
            func.coalesce(Residence.unit, "").label("unit"),
            CommunityArea.name.label("area"),
        )
        .outerjoin(Residence, and_(Residence.household_id == Household.id, Residence.ends_on.is_(None)))
        .outerjoin(CommunityArea, CommunityArea.number == Residence.community_area)
        .where(Household.id.in_(ids))
    )


def _students(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    of: dict[int, list[str]] = {}
    for household_id, first_name, grade in session.execute(
        select(Student.household_id, Student.first_name, Student.grade)
        .where(Student.household_id.in_(ids))
        .order_by(Student.birth_date, Student.id)
    ):
        of.setdefault(household_id, []).append(f"{first_name} ({grade})")
    return of


def _standing(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Household id -> (status, label) of its newest program year."""
    rows = session.execute(
        select(Enrollment.household_id, Enrollment.status, ProgramYear.label)
        .join(ProgramYear, ProgramYear.id == Enrollment.program_year_id)
        .where(Enrollment.household_id.in_(ids))
        .order_by(ProgramYear.starts_on)
    )
    return {household_id: (status, label) for household_id, status, label in rows}
