"""Real databases for the tests: SQLite files and a PostgreSQL server of our own, each cloned from a migrated, loaded template."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
    """Clones a template inside the server."""

    def __init__(self, socket: str) -> None:
        self.socket = socket
        self.made = 0

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{OWNER}@/{name}?host={self.socket}"

    def _run(self, statement: str) -> None:
        with psycopg.connect(host=self.socket, user=OWNER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, name: str) -> str:
        self._run(f"CREATE DATABASE {name}")
        return self.url(name)

    def clone(self, template: str) -> str:
        self.made += 1
        name = f"clone{self.made}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url(name)

    def drop(self, url: str) -> None:
        self._run(f"DROP DATABASE {url.split('@/')[1].split('?', maxsplit=1)[0]} WITH (FORCE)")
