"""Which migration the database stands at, and the way to the newest. No Flask."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def _config(engine: Engine | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    if engine is not None:
        config.attributes["url"] = engine.url
    return config


@cache
def newest() -> str:
    """The newest revision in `migrations/versions`."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    return head or ""


def stands_at(engine: Engine) -> str:
    """The revision the database stands at; empty before the first migration."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def upgrade(engine: Engine) -> None:
    """Brings the database to the newest revision. A second run changes nothing."""
    command.upgrade(_config(engine), "head")


def downgrade(engine: Engine, revision: str) -> None:
    """Takes the database back to `revision` (`base` for nothing)."""
    command.downgrade(_config(engine), revision)
