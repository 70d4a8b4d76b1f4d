"""Migrations: numbered, one line of descent, and exactly the tables that the models describe, on both databases."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.orm import Session

from connectivity import schema
from connectivity.database import Base, make_engine
from tests import factories
from tests.conftest import Templates

VERSIONS = sorted(Path(schema.MIGRATIONS, "versions").glob("*.py"))


@pytest.fixture
def bare(backend: str, templates: Callable[[str], Templates]) -> Iterator[Callable[[str], Engine]]:
    """Makes engines of databases without a single table."""
    made: list[tuple[str, Engine]] = []

    def of(name: str) -> Engine:
        url = templates(backend).create(name)
        made.append((url, make_engine(url)))
        return made[-1][1]

    yield of
    for url, engine in made:
        engine.dispose()
        templates(backend).drop(url)


def described(engine: Engine) -> dict[str, object]:
    """Every table's columns, constraints and indexes as the database itself tells them, in a comparable form."""
    seen = inspect(engine)
    tables = {}
    for table in sorted(set(seen.get_table_names()) - {"alembic_version", "sqlite_sequence"}):
        tables[table] = {
            "columns": {c["name"]: (str(c["type"]), c["nullable"], str(c["default"])) for c in seen.get_columns(table)},
            "primary": seen.get_pk_constraint(table),
            "foreign": sorted(map(str, seen.get_foreign_keys(table))),
            "unique": sorted(map(str, seen.get_unique_constraints(table))),
            "checks": sorted(
                (str(c["name"]), re.sub(r"\s+", " ", c["sqltext"])) for c in seen.get_check_constraints(table)
            ),
            "indexes": sorted(map(_index, seen.get_indexes(table))),
            "keeps ids": _keeps_ids(engine, table),
        }
    return tables


def _keeps_ids(engine: Engine, table: str) -> bool:
    """Whether SQLite never gives the id of a deleted row again. A batch change of a table forgets it unless told."""
    if engine.dialect.name != "sqlite":
        return True
    with engine.connect() as connection:
        written = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table})
        return "AUTOINCREMENT" in written.scalar_one()


def _index(index: Mapping[str, Any]) -> str:
    options = {key: str(value) for key, value in index.get("dialect_options", {}).items()}
    return str((index["name"], index["column_names"], bool(index["unique"]), sorted(options.items())))


def test_migrations_and_models_make_the_same_tables_checks_and_indexes(bare: Callable[[str], Engine]) -> None:
    migrated, modelled = bare("migrated"), bare("modelled")
    schema.upgrade(migrated)
    Base.metadata.create_all(modelled)
    assert described(migrated) == described(modelled)
    assert "household" in described(migrated)


def test_migrations_go_up_down_and_up_again(bare: Callable[[str], Engine]) -> None:
    engine = bare("updown")
    schema.upgrade(engine)
    first = described(engine)
    schema.downgrade(engine, "base")
    assert described(engine) == {}
    schema.upgrade(engine)
    assert described(engine) == first
    assert schema.stands_at(engine) == schema.newest()


def test_a_second_upgrade_keeps_the_rows(engine: Engine) -> None:
    with engine.connect() as connection:
        before = connection.execute(text("SELECT count(*) FROM school")).scalar_one()
    schema.upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM school")).scalar_one() == before > 0


def test_migrations_are_numbered_in_one_line() -> None:
    names = [path.name for path in VERSIONS]
    assert [name[:4] for name in names] == [f"{number:04d}" for number in range(1, len(names) + 1)]
    assert len(ScriptDirectory(str(schema.MIGRATIONS)).get_heads()) == 1


def test_migrations_import_nothing_of_ours() -> None:
    assert [
        path.name for path in VERSIONS if re.search(r"^(from|import) connectivity", path.read_text(), re.MULTILINE)
    ] == []


def test_every_constraint_and_index_has_a_name() -> None:
    unnamed = [
        (table.name, constraint)
        for table in Base.metadata.tables.values()
        for constraint in [*table.constraints, *table.indexes]
        if not constraint.name
    ]
    assert unnamed == []


def test_the_id_of_a_deleted_row_is_never_given_again(session: Session) -> None:
    first = factories.household(session, students=[])
    gone = first.id
    session.execute(text("DELETE FROM search_term"))
    session.execute(text("DELETE FROM residence"))
    session.delete(first)
    session.flush()
    assert factories.household(session, students=[]).id > gone
