"""Runs migrations on an engine of their own: foreign keys off (batch mode copies tables), checked afterwards."""

import os
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from connectivity import register
from connectivity.database import Instant, make_engine
from connectivity.settings import Settings

metadata = register.Account.metadata


def spell(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Migrations import nothing of ours: our column types are written as what they are in the database."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


def migrate(connection: Connection) -> None:
    """Upgrades or downgrades within one transaction; SQLite's foreign keys are checked before it ends."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=True,
        compare_type=True,
        render_item=spell,
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"the migration leaves {len(broken)} rows that point nowhere: {broken[:5]}")


def run() -> None:
    """Uses the connection that the caller hands over, else the database the settings name."""
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    url = context.config.attributes.get("url") or Settings.from_environment(os.environ).database_url
    engine = make_engine(url, foreign_keys=False)
    try:
        with engine.connect() as connection:
            migrate(connection)
    finally:
        engine.dispose()


run()
