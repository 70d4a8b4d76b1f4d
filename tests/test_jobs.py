"""The queue: a killed worker loses nothing, progress is seen from outside, and no value of a person reaches queue or log."""

import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from huey import MemoryHuey
from structlog.testing import capture_logs

from app import create_app
from connectivity import jobs, schema
from connectivity.access.request_session import db
from tests import a_worker

Start = Callable[..., subprocess.Popen[bytes]]


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


@pytest.fixture
def queue(tmp_path: Path) -> jobs.Jobs:
    """The same queue as the workers', seen from this process."""
    return a_worker.made(tmp_path)[1]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a worker in a process of its own."""
    started: list[subprocess.Popen[bytes]] = []

    def worker(*more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.a_worker", str(tmp_path), *more]
        started.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        return started[-1]

    yield worker
    for one in started:
        one.kill()
        one.wait()


def test_a_task_of_a_killed_worker_is_done_by_the_next_one(queue: jobs.Jobs, start: Start, tmp_path: Path) -> None:
    queue.enqueue("wait", 7)
    killed = start()
    wait_until((tmp_path / "began-7").exists)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    (tmp_path / "go").touch()
    start()
    wait_until((tmp_path / "ended-7").exists)


def test_progress_and_the_workers_sign_of_life_are_seen_from_another_process(
    queue: jobs.Jobs, start: Start, tmp_path: Path
) -> None:
    assert queue.progress("wait", 7) is None
    assert queue.worker_seen() is None
    assert not queue.worker_runs()
    queue.enqueue("wait", 7)
    assert said(queue, 7) == ("Waiting for its turn", 0, 0)
    start()
    wait_until((tmp_path / "began-7").exists)
    assert said(queue, 7) == ("Waiting for go", 1, 3)
    assert queue.worker_runs()
    (tmp_path / "go").touch()
    wait_until((tmp_path / "ended-7").exists)
    assert said(queue, 7) == ("Done", 3, 3)


def test_a_worker_told_to_end_finishes_its_task_and_takes_no_other(
    queue: jobs.Jobs, start: Start, tmp_path: Path
) -> None:
    queue.enqueue("wait", 1)
    queue.enqueue("wait", 2)
    worker = start()
    wait_until((tmp_path / "began-1").exists)
    worker.terminate()
    time.sleep(0.5)
    assert worker.poll() is None
    (tmp_path / "go").touch()
    assert worker.wait(timeout=60) == 0
    assert (tmp_path / "ended-1").exists()
    assert not (tmp_path / "began-2").exists()
    assert queue.worker_seen() is None


def test_a_worker_told_twice_ends_at_once(queue: jobs.Jobs, start: Start, tmp_path: Path) -> None:
    queue.enqueue("wait", 1)
    worker = start()
    wait_until((tmp_path / "began-1").exists)
    worker.terminate()
    time.sleep(0.5)
    worker.terminate()
    worker.wait(timeout=60)
    assert not (tmp_path / "ended-1").exists()


def test_a_second_worker_is_refused_and_the_first_goes_on(queue: jobs.Jobs, start: Start, tmp_path: Path) -> None:
    queue.enqueue("wait", 1)
    start()
    wait_until((tmp_path / "began-1").exists)
    with pytest.raises(jobs.WorkerRunsAlready):
        queue.run()
    (tmp_path / "go").touch()
    wait_until((tmp_path / "ended-1").exists)


def test_a_worker_ends_when_the_process_that_started_it_is_gone(queue: jobs.Jobs, start: Start, tmp_path: Path) -> None:
    queue.enqueue("wait", 1)
    worker = start("1")  # as if our place had been taken by process 1, which adopts orphans
    worker.wait(timeout=60)
    assert not (tmp_path / "ended-1").exists()


def test_the_server_of_one_machine_ends_its_worker_with_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONNECTIVITY_MODE", "demo")
    monkeypatch.setenv("CONNECTIVITY_INSTANCE_FOLDER", str(tmp_path))
    app = create_app()
    with app.app_context():
        schema.upgrade(db.engine)
    with jobs.worker_beside(Path("app.py").resolve()):
        wait_until(jobs.jobs_of(app).worker_runs)
    assert jobs.jobs_of(app).worker_seen() is None
    with app.app_context():
        db.engine.dispose()


def test_a_worker_that_was_killed_beside_its_server_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(command: list[str], **given: object) -> subprocess.Popen[bytes]:
        started.append(popen([sys.executable, "-c", "import time; time.sleep(600)"]))
        return started[-1]

    monkeypatch.setattr("connectivity.jobs.subprocess.Popen", start)
    monkeypatch.setattr(jobs, "REPLACE_SECONDS", 0.05)
    with jobs.worker_beside(tmp_path / "app.py"):
        started[0].kill()
        wait_until(lambda: len(started) == 2)
    assert started[1].poll() is not None


def test_a_task_that_waits_already_is_not_enqueued_twice_by_any_process(queue: jobs.Jobs, tmp_path: Path) -> None:
    for subject_id in (1, 2, 1):
        queue.enqueue("wait", subject_id)
    a_worker.made(tmp_path)[1].enqueue("wait", 2)
    assert [list(task.args) for task in queue._huey.pending()] == [["wait", 1], ["wait", 2]]


def test_a_name_nobody_made_known_is_refused(queue: jobs.Jobs) -> None:
    with pytest.raises(KeyError):
        queue.enqueue("made.up", 1)


def test_the_queue_is_its_owners_alone_and_holds_names_and_ids(queue: jobs.Jobs, tmp_path: Path) -> None:
    queue.enqueue("wait", 7)
    for name in ("jobs.sqlite", "jobs.sqlite-wal"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    (data,) = queue._huey.storage.enqueued_items()
    assert b'["wait", 7]' in bytes(data)


def test_in_a_test_the_task_runs_at_once_and_its_progress_stays(queue: jobs.Jobs, tmp_path: Path) -> None:
    queue._app.testing = True
    (tmp_path / "go").touch()
    queue.enqueue("wait", 3)
    assert (tmp_path / "ended-3").exists()
    assert said(queue, 3) == ("Done", 3, 3)
    assert queue.worker_runs()
    queue._app.config["JOBS_IMMEDIATE"] = False
    queue.enqueue("wait", 4)
    assert not (tmp_path / "began-4").exists()


def test_a_task_that_raises_is_logged_without_values_and_told_to_its_hook(queue: jobs.Jobs) -> None:
    told: list[Any] = []

    def fault(_app: Flask, _subject_id: int, _report: jobs.Report) -> None:
        raise ValueError("Muñoz, 1135 W WILSON AVE")

    queue.task("fault", fault, failed=lambda _app, subject_id, error: told.append((subject_id, type(error))))
    queue._app.config["JOBS_IMMEDIATE"] = True
    with capture_logs() as lines:
        queue.enqueue("fault", 5)
    assert told == [(5, ValueError)]
    assert [(line["event"], line["job"], line["subject"], line["kind"]) for line in lines] == [
        ("job_failed", "fault", 5, "ValueError")
    ]
    assert "Muñoz" not in str(lines)


def test_a_hook_that_raises_is_logged_without_values_as_well(queue: jobs.Jobs) -> None:
    def fault(*_given: object) -> None:
        raise ValueError("Muñoz")

    queue.task("fault", fault, failed=fault)
    queue._app.config["JOBS_IMMEDIATE"] = True
    with capture_logs() as lines:
        queue.enqueue("fault", 5)
    assert [line["kind"] for line in lines] == ["ValueError", "ValueError"]
    assert "Muñoz" not in str(lines)


def test_reports_that_come_thick_are_thinned_but_a_new_stage_and_the_end_are_kept(queue: jobs.Jobs) -> None:
    kept: list[Any] = []
    queue._say = lambda _key, value: kept.append(value)  # type: ignore[method-assign]
    report = queue._reporter("wait", 1)
    for done in range(1, 1001):
        report("Reading", done, 1000)
    report("Comparing", 0, 0)
    assert b'"done": 1,' in kept[0]
    assert b'"done": 1000,' in kept[-2]
    assert b"Comparing" in kept[-1]
    assert len(kept) < 100


def test_a_queue_address_leads_to_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    monkeypatch.setattr(jobs, "RedisHuey", lambda name, **given: asked.update(given) or MemoryHuey(name))
    queue = jobs.Jobs(Flask("x", instance_path=str(tmp_path)), "redis://queue.example:6379/2")
    assert queue.progress("wait", 1) is None
    assert asked["url"] == "redis://queue.example:6379/2"
    assert not (tmp_path / "jobs.sqlite").exists()


def test_work_opens_the_database_in_its_own_context(app: Flask) -> None:
    seen: list[str] = []
    queue = jobs.jobs_of(app)
    queue.task("look", lambda _app, _subject_id, _report: seen.append(db.engine.dialect.name))
    queue.enqueue("look", 1)
    assert len(seen) == 1


def said(queue: jobs.Jobs, subject_id: int) -> tuple[str, int, int]:
    """What the task reported last, without its time."""
    found = queue.progress("wait", subject_id)
    assert found is not None
    return found.stage, found.done, found.total
