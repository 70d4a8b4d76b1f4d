"""Carries data/ into the register: checked as a whole first, then only what differs is written. A second load changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from connectivity.database import Base, now
from connectivity.reference import rows
from connectivity.reference.check import problems
from connectivity.reference.reading import Problem, read
from connectivity.reference.rows import Rows
from connectivity.register import (
    CommunityArea,
    CommunityAreaAlias,
    Indicator,
    IndicatorValue,
    ReferenceFile,
    School,
    StreetAxis,
    ZipArea,
)


class ReferenceDamaged(ValueError):
    """data/ has problems; nothing was loaded. `problems` holds them all."""

    def __init__(self, found: Sequence[Problem]) -> None:
        self.problems = tuple(found)
        super().__init__("\n".join(str(problem) for problem in found))


@dataclass(frozen=True, slots=True)
class TableLoaded:
    """What a load did to one table."""

    table: str
    rows: int
    new: int
    changed: int
    removed: int


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did."""

    tables: tuple[TableLoaded, ...]

    @property
    def new(self) -> int:
        return sum(table.new for table in self.tables)

    @property
    def changed(self) -> int:
        """Rows rewritten or removed."""
        return sum(table.changed + table.removed for table in self.tables)


def load(session: Session, folder: Path) -> LoadReport:
    """Loads data/ inside the caller's transaction. Raises ReferenceDamaged before anything is written.

    Areas and schools that the files no longer name stay: households and students refer to them.
    """
    data = read(folder)
    if found := problems(data):
        raise ReferenceDamaged(found)
    done = [
        _bring(session, CommunityArea, rows.areas(data), keep_vanished=True),
        _bring(session, CommunityAreaAlias, rows.aliases(data)),
        _bring(session, Indicator, rows.indicators(data), by=("key", "vintage")),
        _bring(session, IndicatorValue, rows.indicator_values(data, _indicator_ids(session))),
        _bring(session, School, rows.schools(data), keep_vanished=True),
        _bring(session, ZipArea, rows.zip_areas(data)),
        _bring(session, StreetAxis, rows.street_axes(data)),
        # A county's address points stand in the ledger too, from a file of their own.
        _bring(
            session,
            ReferenceFile,
            rows.reference_files(data, now()),
            besides=("content", "loaded_at"),
            keep_vanished=True,
        ),
    ]
    session.expire_all()
    return LoadReport(tuple(done))


def _indicator_ids(session: Session) -> dict[tuple[str, str], int]:
    return {
        (key, vintage): id_
        for key, vintage, id_ in session.execute(select(Indicator.key, Indicator.vintage, Indicator.id))
    }


def _bring(
    session: Session,
    model: type[Base],
    wanted: Rows,
    *,
    by: tuple[str, ...] = (),
    besides: tuple[str, ...] = (),
    keep_vanished: bool = False,
) -> TableLoaded:
    """Makes a table hold the wanted rows, told apart `by` their key; columns in `besides` alone do not make a row differ."""
    table = Base.metadata.tables[model.__tablename__]
    key = by or tuple(column.name for column in table.primary_key)
    compared = [name for name in wanted[0] if name not in besides]
    there = {
        tuple(row[name] for name in key): row
        for row in session.execute(select(*(table.c[name] for name in compared))).mappings()
    }
    fresh = [row for row in wanted if _key(row, key) not in there]
    changed = [
        row for row in wanted if (old := there.get(_key(row, key))) and any(old[name] != row[name] for name in compared)
    ]
    vanished = [] if keep_vanished else list(there.keys() - {_key(row, key) for row in wanted})
    if fresh or changed:
        _upsert(session, table, key, [*fresh, *changed])
    if vanished:
        gone = delete(table).where(*(table.c[name] == bindparam(f"gone_{name}") for name in key))
        session.execute(gone, [{f"gone_{name}": part for name, part in zip(key, row, strict=True)} for row in vanished])
    return TableLoaded(table.name, len(wanted), len(fresh), len(changed), len(vanished))


def _key(row: dict[str, Any], names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def _upsert(session: Session, table: Table, key: tuple[str, ...], wanted: Rows) -> None:
    """Inserts or overwrites by key, so that two loads at once do not fail on each other."""
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(table) if on_postgresql else sqlite.insert(table)
    overwritten = {name: insert.excluded[name] for name in wanted[0] if name not in key}
    session.execute(insert.on_conflict_do_update(index_elements=list(key), set_=overwritten), wanted)
