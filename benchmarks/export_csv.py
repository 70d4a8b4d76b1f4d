"""A CSV of 131,072 students x 20 columns: ours over HTTP beside plain sqlite3 + csv and beside Flask-Admin's export, in one run.

    python -m benchmarks.export_csv [--students 131072] [--peer-python PATH]

The peer is not a dependency. To include it: python3 -m venv peer && peer/bin/pip install flask-admin flask-sqlalchemy tablib,
then --peer-python peer/bin/python. Targets: within 3 times of plain, 4 times faster than the peer, first byte 300 ms, growth 30 MB.
"""

import argparse
import csv
import http.client
import os
import re
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psutil

from benchmarks import _district
from connectivity.school_exports.student_file import OFFICE_COLUMNS
from connectivity.settings import ROOT

RUNS = 3
PASSWORD = "marble kettle orchard"
SAME_ROWS = """
SELECT '2026-10-05' AS as_of, '2026-27' AS program_year, s.school_id, c.name AS school_name, s.district_id, s.last_name, s.first_name,
  s.grade, h.reference, e.status, e.status_on, p.service_type, 'Help the family order service with their code' AS next_step, h.language,
  o.name AS cbo, r.community_area, a.name AS area_name, v.name AS provider, p.name AS plan_name, p.down_mbps
FROM student s JOIN household h ON h.id = s.household_id JOIN school c ON c.id = s.school_id
LEFT JOIN enrollment e ON e.household_id = h.id AND e.program_year_id = 1
LEFT JOIN residence r ON r.household_id = h.id AND r.ends_on IS NULL
LEFT JOIN community_area a ON a.number = r.community_area LEFT JOIN plan p ON p.id = e.plan_id LEFT JOIN provider v ON v.id = p.provider_id
LEFT JOIN organization_area oa ON oa.community_area = r.community_area LEFT JOIN organization o ON o.id = oa.organization_id
ORDER BY s.school_id, s.sort_name, s.id"""


@dataclass(frozen=True)
class Taken:
    """One download."""

    seconds: float
    first_byte_ms: float
    rows: int
    megabytes: float
    growth_mb: float


class Browser:
    """Cookies and forms, no more."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> http.client.HTTPResponse:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, urlencode(fields) if fields is not None else None, headers)
        answer = self.connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def token(self, path: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.ask("GET", path).read().decode())
        return found[1] if found else ""

    def sign_in(self, email: str) -> None:
        fields = {"email": email, "password": PASSWORD, "csrf_token": self.token("/sign-in")}
        answer = self.ask("POST", "/sign-in", fields)
        answer.read()
        assert answer.status == 302, answer.status

    def take(self, method: str, path: str, fields: dict[str, str] | None, server: int) -> Taken:
        """Downloads a file, with the server's largest growth while it did."""
        before = memory(server)
        with peak(server) as largest:
            began = time.perf_counter()
            answer = self.ask(method, path, fields)
            assert answer.status == 200, answer.status
            rows = len(first := answer.read1(65536)) and first.count(b"\n")
            first_byte = time.perf_counter() - began
            size = len(first)
            while piece := answer.read(65536):
                rows += piece.count(b"\n")
                size += len(piece)
            seconds = time.perf_counter() - began
        promised = answer.headers.get("X-Row-Count")
        assert promised is None or int(promised) == rows - 1, (promised, rows)
        return Taken(seconds, first_byte * 1000, rows - 1, size / 1e6, max(largest) - before)


def memory(server: int) -> float:
    """Resident MB of a process and its children."""
    process = psutil.Process(server)
    return float(sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 1e6)


@contextmanager
def peak(server: int) -> Iterator[list[float]]:
    """Samples memory every 20 ms."""
    samples, stop = [memory(server)], threading.Event()

    def sample() -> None:
        while not stop.wait(0.02):
            samples.append(memory(server))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        stop.set()
        thread.join()


@contextmanager
def served(command: list[str], port: int, environment: dict[str, str]) -> Iterator[int]:
    """Runs a server until the block ends; yields its process id once it answers."""
    process = subprocess.Popen(command, env={**os.environ, **environment}, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, "the server did not start"
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def plain(file: Path, query: str, folder: Path) -> float:
    """Seconds of the shortest honest program: one query, csv.writer, one file."""
    connection = sqlite3.connect(file)
    began = time.perf_counter()
    with (folder / "plain.csv").open("w", newline="", encoding="utf-8") as out:
        cursor = connection.execute(query)
        writer = csv.writer(out)
        writer.writerow([column[0] for column in cursor.description])
        writer.writerows(cursor)
    seconds = time.perf_counter() - began
    connection.close()
    return seconds


def flatten(source: Path, target: Path) -> None:
    """The same rows as one flat table: the shape the peer exports."""
    connection = sqlite3.connect(target)
    connection.execute("ATTACH ? AS source", (str(source),))
    names = ", ".join(f"{name} TEXT" for name in OFFICE_COLUMNS)
    connection.execute(f"CREATE TABLE flat (id INTEGER PRIMARY KEY, {names})")
    connection.execute(
        f"INSERT INTO flat ({', '.join(OFFICE_COLUMNS)}) {SAME_ROWS.replace('FROM student', 'FROM source.student')}"
    )
    connection.commit()
    connection.close()


def same_rows_as_view(database: Path) -> None:
    """Gives the peer the same work: our rows, joined as it asks for them."""
    connection = sqlite3.connect(database)
    named = SAME_ROWS.replace("SELECT", "SELECT s.id,", 1)
    connection.execute(f"CREATE VIEW flat (id, {', '.join(OFFICE_COLUMNS)}) AS {named}")
    connection.commit()
    connection.close()


def ours(folder: Path, database: Path, email: str) -> list[Taken]:
    """The real application under gunicorn: the pages, then the file, RUNS times."""
    port = free_port()
    environment = {
        "CONNECTIVITY_MODE": "development",
        "CONNECTIVITY_INSTANCE_FOLDER": str(folder),
        "CONNECTIVITY_DATABASE_URL": f"sqlite:///{database}",
    }
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--log-level",
        "error",
        "--threads",
        "4",
        "-b",
        f"127.0.0.1:{port}",
        "app:create_app()",
    ]
    with served(command, port, environment) as server:
        browser = Browser(port)
        browser.sign_in(email)
        token = browser.token("/school/students")
        return [browser.take("POST", "/school/students.csv", {"csrf_token": token}, server) for _ in range(RUNS)]


def peer(python: str, flat: Path) -> list[Taken]:
    port = free_port()
    script = str(ROOT / "benchmarks" / "peers" / "flask_admin_export.py")
    with served([python, script, str(flat), str(port)], port, {}) as server:
        browser = Browser(port)
        browser.ask("GET", "/admin/").read()
        return [browser.take("GET", "/admin/flat/export/csv/", None, server) for _ in range(RUNS)]


def show(name: str, taken: list[Taken]) -> float:
    """Prints one line; returns the median seconds."""
    seconds = statistics.median(one.seconds for one in taken)
    print(
        f"{name:<42}{seconds:7.2f} s   first byte {statistics.median(one.first_byte_ms for one in taken):6.0f} ms   "
        f"{taken[0].rows:>7,} rows {taken[0].megabytes:5.1f} MB   memory +{max(one.growth_mb for one in taken):.0f} MB"
    )
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=131072)
    parser.add_argument("--peer-python", help="a Python with flask-admin and flask-sqlalchemy")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="connectivity-bench-") as name:
        folder = Path(name)
        database, flat = folder / "district.sqlite", folder / "flat.sqlite"
        emails = _district.make(database, given.students, PASSWORD, folder)
        flatten(database, flat)
        floors = {
            "plain sqlite3 + csv, same rows": [plain(database, SAME_ROWS, folder) for _ in range(RUNS)],
            "plain sqlite3 + csv, ready-made flat table": [
                plain(flat, "SELECT * FROM flat", folder) for _ in range(RUNS)
            ],
        }
        for title, seconds in floors.items():
            print(f"{title:<42}{statistics.median(seconds):7.2f} s")
        district = show("ours, whole district", ours(folder, database, emails["admin"]))
        show("ours, one school", ours(folder, database, emails["school"]))
        for title, seconds in floors.items():
            print(f"ours / {title}: {district / statistics.median(seconds):.2f} (target 3 at most)")
        if given.peer_python:
            same_rows_as_view(database)
            for title, source in (("same rows", database), ("ready-made flat table", flat)):
                slower = show(f"Flask-Admin, {title}", peer(given.peer_python, source)) / district
                print(f"Flask-Admin, {title} / ours: {slower:.1f} (target 4 at least)")
        else:
            print("Flask-Admin left out: pass --peer-python (see the head of this file).")


if __name__ == "__main__":
    main()
