"""How every table is shaped and how the database is reached: naming, column shapes, engine, transaction. No Flask."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Engine,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker

NAMING_CONVENTION = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[dt.datetime]):
    """A moment in UTC. Refuses naive values; SQLite stores it without an offset, so the offset is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=dt.UTC)


def now() -> dt.datetime:
    """The present moment in UTC."""
    return dt.datetime.now(dt.UTC)


# PostgreSQL answers a prefix range ("gar" <= term < "gas") from an index only where the column sorts by bytes; SQLite always does.
byte_order = String().with_variant(String(collation="C"), "postgresql")

# For tables whose ids are remembered elsewhere after a row is gone (audit trail, a provider's file): SQLite would give them out again.
KEEPS_IDS = {"sqlite_autoincrement": True}

identity = Annotated[int, mapped_column(Integer, primary_key=True, autoincrement=True)]
recorded_at = Annotated[dt.datetime, mapped_column(Instant, default=now)]


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {dt.datetime: Instant, str: String}


def one_of(column: str, words: type[StrEnum], name: str | None = None) -> CheckConstraint:
    """A named CHECK that keeps `column` to the values of `words` (NULL passes, as SQL has it)."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=name or f"{column}_known")


def make_engine(url: str | URL, *, foreign_keys: bool = True) -> Engine:
    """An engine for SQLite or PostgreSQL, prepared by `prepare_engine`."""
    return prepare_engine(create_engine(make_url(url), pool_pre_ping=True), foreign_keys=foreign_keys)


def prepare_engine(engine: Engine, *, foreign_keys: bool = True) -> Engine:
    """Gives SQLite its WAL journal, foreign keys, busy timeout and honest transactions; leaves PostgreSQL as it is.

    `foreign_keys=False` is for migrations alone: SQLite's batch mode drops and copies tables, and a cascade would empty the children.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite(foreign_keys=foreign_keys))
        event.listen(engine, "begin", _begin)
    return engine


def _prepare_sqlite(*, foreign_keys: bool) -> Any:
    def prepare(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: SELECTs would stay outside them and savepoints would leak.
        connection.isolation_level = None
        for pragma in (
            f"foreign_keys={'ON' if foreign_keys else 'OFF'}",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "busy_timeout=30000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return prepare


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


@contextmanager
def transaction(session: Session) -> Iterator[Session]:
    """All or nothing: commits when the block ends, rolls back when it raises.

    On SQLite the write lock is taken at the start, so that two writers queue (busy timeout) instead of one failing midway.
    """
    session.rollback()
    session.connection(execution_options={"writes": True})
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions outside a web request: command line, demo, tests."""
    return sessionmaker(engine, expire_on_commit=False)
