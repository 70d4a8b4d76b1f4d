"""Real databases for the tests: SQLite files and a PostgreSQL server of our own, each cloned from a migrated, loaded template."""

import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

OWNER = "postgres"


def postgresql_programs() -> Path | None:
    """The folder of PostgreSQL's server programs, newest version first; None where the server is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True)
    found += [Path(path) for path in (shutil.which("initdb"),) if path]
    return found[0].resolve().parent if found else None


@contextmanager
def postgresql_server() -> Iterator[str]:
    """A throw-away PostgreSQL on a socket of its own (no port). Yields the folder of the socket."""
    programs = postgresql_programs()
    assert programs is not None
    home = Path(tempfile.mkdtemp(prefix="connectivity-pg-"))
    as_owner = {"user": OWNER, "group": OWNER} if os.geteuid() == 0 else {}  # the server refuses to run as root
    if as_owner:
        shutil.chown(home, OWNER, OWNER)
    run = {"check": True, "stdout": subprocess.DEVNULL, "cwd": home, **as_owner}
    data = home / "data"
    try:
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"], **run
        )  # type: ignore[call-overload]
        options = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        subprocess.run([programs / "pg_ctl", "-D", data, "-l", home / "log", "-w", "-o", options, "start"], **run)  # type: ignore[call-overload]
        try:
            yield str(home)
        finally:
            subprocess.run([programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], **run)  # type: ignore[call-overload]
    finally:
        shutil.rmtree(home, ignore_errors=True)


class SqliteTemplates:
    """Clones a template by copying its file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = 0

    def url(self, name: str) -> str:
        return f"sqlite:///{self.folder / name}.sqlite"

    def create(self, name: str) -> str:
        return self.url(name)

    def clone(self, template: str) -> str:
        self.made += 1
        name = f"clone{self.made}"
        shutil.copyfile(self.folder / f"{template}.sqlite", self.folder / f"{name}.sqlite")
        return self.url(name)

    def drop(self, url: str) -> None:
        for file in self.folder.glob(Path(url.removeprefix("sqlite:///")).name + "*"):
            file.unlink()


class PostgresqlTemplates:
    """Clones a template inside the server. A clone that comes back is emptied for the next test: that takes a tenth of a new clone's time."""

    def __init__(self, socket: str) -> None:
        self.socket = socket
        self.made = 0
        self.of: dict[str, str] = {}  # clone -> its template
        self.fresh: dict[str, Content] = {}  # template -> what a clone holds before a test
        self.waiting: dict[str, list[str]] = {}  # template -> clones ready for use

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{OWNER}@/{name}?host={self.socket}"

    def _connect(self, name: str) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(host=self.socket, user=OWNER, dbname=name, autocommit=True)

    def _run(self, statement: str) -> None:
        with self._connect("postgres") as connection:
            connection.execute(statement.encode())

    def create(self, name: str) -> str:
        self._run(f"CREATE DATABASE {name}")
        return self.url(name)

    def clone(self, template: str) -> str:
        if self.waiting.get(template):
            return self.url(self.waiting[template].pop())
        self.made += 1
        name = f"clone{self.made}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        self.of[name] = template
        if template not in self.fresh:
            with self._connect(name) as connection:
                self.fresh[template] = Content.of(connection)
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.split("@/")[1].split("?", maxsplit=1)[0]
        template = self.of.get(name)
        if template and self._emptied(name, self.fresh[template]):
            self.waiting.setdefault(template, []).append(name)
        else:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _emptied(self, name: str, fresh: "Content") -> bool:
        """Takes out what a test brought. False where that is not enough: somebody is still connected, or tables or what was loaded have changed."""
        with self._connect(name) as connection:
            others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            tables = {name for (name,) in connection.execute(TABLES)}
            if connection.execute(others).fetchone() or tables != fresh.tables:
                return False
            connection.execute("SET session_replication_role = replica")  # the order of tables does not matter then
            filled = " UNION ALL ".join(
                f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in fresh.empty
            )
            for (table,) in connection.execute(filled.encode()).fetchall():
                connection.execute(f'DELETE FROM "{table}"'.encode())
                if random.random() < VACUUMED:
                    connection.execute(f'VACUUM "{table}"'.encode())
            before = dict(fresh.counters)
            for counter, last in Content.of(connection).counters:
                if last != before.get(counter):
                    connection.execute(
                        "SELECT setval(%s, %s, %s)",
                        [counter, before.get(counter) or 1, before.get(counter) is not None],
                    )
            return Content.of(connection) == fresh


VACUUMED = 0.02  # of the tables emptied: dead rows would slow the tests after many
COUNTERS = "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"


@dataclass(frozen=True)
class Content:
    """What a database holds: its empty tables, of each other one the number of rows and the newest change, and where counters stand."""

    empty: tuple[str, ...]
    loaded: tuple[tuple[Any, ...], ...]
    counters: tuple[tuple[Any, ...], ...]

    @property
    def tables(self) -> set[str]:
        return {*self.empty, *(row[0] for row in self.loaded)}

    @classmethod
    def of(cls, connection: psycopg.Connection[tuple[Any, ...]]) -> "Content":
        tables = [name for (name,) in connection.execute(TABLES)]
        rows = " UNION ALL ".join(
            f"SELECT '{name}', count(*), max(xmin::text::bigint) FROM \"{name}\"" for name in tables
        )
        found = connection.execute(rows.encode()).fetchall()
        return cls(
            empty=tuple(row[0] for row in found if not row[1]),
            loaded=tuple(sorted(row for row in found if row[1])),
            counters=tuple(connection.execute(COUNTERS).fetchall()),
        )
