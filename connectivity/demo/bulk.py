"""Writes whole columns into a table by the database's own fast road: executemany on SQLite, COPY on PostgreSQL."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

Days = NDArray[np.datetime64]
Column = Sequence[Any]

NOON = " 12:00:00.000000"  # an hour that is the same calendar day in UTC and in Chicago


def write(session: Session, table: Table, columns: dict[str, Column]) -> int:
    """Inserts equally long columns of plain values (int, float, str, None); days and instants as texts. Returns the number of rows."""
    rows = zip(*columns.values(), strict=True)
    quote = session.get_bind().dialect.identifier_preparer.quote
    into = f"{quote(table.name)} ({', '.join(quote(name) for name in columns)})"
    cursor = session.connection().connection.cursor()
    try:
        if session.get_bind().dialect.name == "postgresql":
            _copy(cursor, into, rows)
        else:
            _insert(cursor, f"INSERT INTO {into} VALUES ({', '.join('?' * len(columns))})", rows)  # noqa: S608 - names of our own tables
    finally:
        cursor.close()
    return len(next(iter(columns.values())))


def widen_cache(session: Session) -> None:
    """Gives this SQLite connection 128 MB of pages: indexes grow in no order, and 2 MB would be read and written over and over."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA cache_size=-131072"))


def _insert(cursor: Any, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    cursor.executemany(statement, rows)  # the driver takes rows as they come: none are gathered


def _copy(cursor: Any, into: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def day_texts(days: Days) -> list[str | None]:
    """Days as both databases read them, `2026-11-23`; NaT becomes None. Each distinct day is written once and shared."""
    distinct, which = np.unique(days, return_inverse=True)
    texts = np.array([None if np.isnat(day) else str(day) for day in distinct], dtype=object)
    return texts[which].tolist()  # type: ignore[no-any-return]


def noon_texts(session: Session, days: Days) -> list[str]:
    """Noon UTC of each day as the database reads an instant: SQLite stores it without an offset, PostgreSQL asks for one."""
    offset = "+00:00" if session.get_bind().dialect.name == "postgresql" else ""
    distinct, which = np.unique(days, return_inverse=True)
    texts = np.array([f"{day}{NOON}{offset}" for day in distinct], dtype=object)
    return texts[which].tolist()  # type: ignore[no-any-return]


def noon(day: dt.date) -> dt.datetime:
    """Noon UTC of a day, for the few rows written one by one."""
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


def continue_counters(session: Session, tables: Iterable[Table]) -> None:
    """On PostgreSQL, rows written with their ids leave the counters behind: move each to its highest id."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        if "id" in table.columns and (highest := session.scalar(select(func.max(table.c.id)))):
            session.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)"),
                {"name": table.name, "highest": highest},
            )
