"""Writes and changes whole columns of a table by the database's own fast road: executemany on SQLite, COPY on PostgreSQL."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Executable, MetaData, Table, func, select, text
from sqlalchemy.orm import Session

Days = NDArray[np.datetime64]
Column = Sequence[Any]
ROWS_AT_ONCE = 10_000
IDS_A_STATEMENT = 500
Id = TypeVar("Id")

NOON = " 12:00:00.000000"  # an hour that is the same calendar day in UTC and in Chicago


def table_of(noun: type) -> Table:
    """The table of a noun of the register."""
    table: Table = noun.__table__  # type: ignore[attr-defined]
    return table


def slices(ids: Sequence[Id]) -> Iterator[Sequence[Id]]:
    """Ids in portions that a statement may name one by one."""
    return (ids[at : at + IDS_A_STATEMENT] for at in range(0, len(ids), IDS_A_STATEMENT))


def write(session: Session, table: Table, columns: Mapping[str, Column]) -> int:
    """Inserts equally long columns of plain values (int, float, str, None); days and instants as texts. Returns the number of rows."""
    rows = zip(*columns.values(), strict=True)
    quote = session.get_bind().dialect.identifier_preparer.quote
    into = f"{quote(table.name)} ({', '.join(quote(name) for name in columns)})"
    if session.get_bind().dialect.name == "postgresql":
        _with_cursor(session, lambda cursor: _copy(cursor, into, rows))
    else:
        statement = f"INSERT INTO {into} VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - names of our own tables
        _with_cursor(session, lambda cursor: _insert(cursor, statement, rows))
    return len(next(iter(columns.values())))


def update(session: Session, table: Table, key: Sequence[str], columns: Mapping[str, Column]) -> int:
    """Sets the columns that are not `key` in the rows that `key` names; equally long columns of plain values. Returns their number."""
    quote = session.get_bind().dialect.identifier_preparer.quote
    values = [name for name in columns if name not in key]
    names = ", ".join(quote(name) for name in columns)
    empty = f"SELECT {names} FROM {quote(table.name)} WHERE false"  # noqa: S608 - names of our own tables
    session.execute(text(f"CREATE TEMPORARY TABLE given AS {empty}"))
    count = write(session, Table("given", MetaData()), columns)
    settings = ", ".join(f"{quote(name)} = given.{quote(name)}" for name in values)
    where = " AND ".join(f"{quote(table.name)}.{quote(name)} = given.{quote(name)}" for name in key)
    session.execute(text(f"UPDATE {quote(table.name)} SET {settings} FROM given WHERE {where}"))  # noqa: S608 - names of our own tables
    session.execute(text("DROP TABLE given"))
    return count


def fetch(session: Session, statement: Executable) -> list[tuple[Any, ...]]:
    """Every row as the driver gives it: at a district's size each layer above costs a tenth of the time. Days come as texts on SQLite."""
    return list(session.connection().execute(statement).cursor.fetchall())


def stream(session: Session, statement: Executable) -> Iterator[tuple[Any, ...]]:
    """As `fetch`, without holding all of them."""
    for rows in portions(session, statement):
        yield from rows


def portions(session: Session, statement: Executable) -> Iterator[Sequence[tuple[Any, ...]]]:
    """As `stream`, in lists."""
    cursor = session.connection().execute(statement).cursor
    while rows := cursor.fetchmany(ROWS_AT_ONCE):
        yield rows


def _with_cursor(session: Session, work: Callable[[Any], None]) -> None:
    cursor = session.connection().connection.cursor()
    try:
        work(cursor)
    finally:
        cursor.close()


def widen_cache(session: Session, megabytes: int = 128) -> None:
    """Gives this SQLite connection more pages: indexes grow in no order, and 2 MB would be read and written over and over."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text(f"PRAGMA cache_size=-{megabytes * 1024}"))


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
