"""The one queue for long work: huey over a SQLite file in the instance folder, or over Redis. It holds names and ids, never a person's data."""

import datetime as dt
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import click
import structlog
from flask import Flask, current_app
from flask.cli import with_appcontext
from huey import Huey, RedisHuey, SqliteHuey
from huey.constants import EmptyData
from huey.consumer import Consumer, ConsumerStopped
from huey.registry import Message
from huey.serializer import Serializer

from connectivity.database import now

log = structlog.get_logger("connectivity.jobs")

Report = Callable[[str, int, int], None]  # stage in words, done, total (0: not known)
Work = Callable[[Flask, int, Report], None]
Failed = Callable[[Flask, int, Exception], None]
Recover = Callable[[Flask], None]

WAITING = "Waiting for its turn"
BEAT_SECONDS = 5
REPLACE_SECONDS = 1
SILENT_AFTER = dt.timedelta(seconds=30)
REPORT_SECONDS = 0.2  # reports of one stage that come faster are left out: each is a write
WORKER = "worker"


@dataclass(frozen=True)
class Progress:
    """How far a task has come. `total` 0: not known. Stays after the end, as it was said last."""

    stage: str
    done: int
    total: int
    at: dt.datetime


class WorkerRunsAlready(RuntimeError):
    """Another worker works off this queue; heavy tasks run one at a time."""


class Jobs:
    """The queue of one application. A task is known by its name, its work by the id of its subject.

    A task that was enqueued twice while the first one waits runs once; two that are enqueued in the same instant may both run, one
    after the other. A killed worker's task is lost to the queue: the `on_start` hooks enqueue it again. Work must therefore look at
    where its subject stands before it begins.
    """

    def __init__(self, app: Flask, queue_url: str = "") -> None:
        self._app, self._queue_url = app, queue_url
        self._tasks: dict[str, tuple[Work, Failed | None]] = {}
        self._recovers: list[Recover] = []

    def task(self, name: str, work: Work, failed: Failed | None = None) -> None:
        """Makes a task known. `failed` is told, in a fresh application context, when the work raises."""
        self._tasks[name] = (work, failed)

    def on_start(self, recover: Recover) -> None:
        """`recover` is called when a worker starts, before its first task: to enqueue again what a killed worker left unfinished."""
        self._recovers.append(recover)

    def enqueue(self, name: str, subject_id: int) -> None:
        """Hands a task to the worker. Call it after the commit that the work shall see. Raises KeyError for an unknown name."""
        if name not in self._tasks:
            raise KeyError(name)
        if self._immediate:
            self._run(name, subject_id)
        elif not any(list(task.args) == [name, subject_id] for task in self._huey.pending()):
            self._say(_key(name, subject_id), _dumped(Progress(WAITING, 0, 0, now())))
            self._opened[1](name, subject_id)

    def progress(self, name: str, subject_id: int) -> Progress | None:
        """What the task reported last; None if it was never enqueued. Read from the queue's own storage: nothing of the database is locked."""
        kept = self._huey.storage.peek_data(_key(name, subject_id))
        if kept is EmptyData:
            return None
        said = json.loads(bytes(kept))
        return Progress(said["stage"], said["done"], said["total"], dt.datetime.fromisoformat(said["at"]))

    def worker_seen(self) -> dt.datetime | None:
        """When a worker gave its last sign of life (one every 5 seconds); None: none runs, or the last one ended as it should."""
        if self._immediate:
            return now()
        kept = self._huey.storage.peek_data(WORKER)
        return None if kept is EmptyData else dt.datetime.fromisoformat(bytes(kept).decode())

    def worker_runs(self) -> bool:
        """Whether a worker gave a sign of life within the last 30 seconds. If not, a page says: start one with `flask jobs run`."""
        seen = self.worker_seen()
        return seen is not None and now() - seen < SILENT_AFTER

    def run(self, *, parent: int | None = None) -> None:
        """Works off the queue until a signal ends it, or the process `parent` that started it is gone. Raises WorkerRunsAlready."""
        self._lock()
        log.info("worker_started", process=os.getpid())
        for recover in self._recovers:
            with self._app.app_context():
                recover(self._app)
        _Worker(self, self._huey, parent).run()
        self._huey.storage.delete_data(WORKER)
        log.info("worker_ended", process=os.getpid())

    def beat(self) -> None:
        """Gives a sign of life."""
        self._say(WORKER, now().isoformat().encode())

    @property
    def _immediate(self) -> bool:
        """Whether tasks run at once in the caller's thread: in tests, unless `JOBS_IMMEDIATE` says otherwise."""
        return bool(self._app.config.get("JOBS_IMMEDIATE", self._app.testing))

    @property
    def _huey(self) -> Huey:
        return self._opened[0]

    @cached_property
    def _opened(self) -> tuple[Huey, Callable[[str, int], Any]]:
        """The queue, and the one task it knows: calling it puts a name and an id in."""
        if self._queue_url:
            huey = RedisHuey("connectivity", url=self._queue_url, results=False, serializer=_Plain())
        else:
            file = self._folder() / "jobs.sqlite"
            file.touch(mode=0o600)
            huey = SqliteHuey("connectivity", filename=str(file), timeout=30, results=False, serializer=_Plain())
        return huey, huey.task(name="job")(self._run)

    def _folder(self) -> Path:
        folder = Path(self._app.instance_path)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _lock(self) -> None:
        """Held until the process ends, however it ends; so no other worker starts while a thread of this one still works."""
        self._locked = os.open(self._folder() / "jobs.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._locked)
            raise WorkerRunsAlready from None

    def _run(self, name: str, subject_id: int) -> None:
        work, failed = self._tasks[name]
        error = self._guarded(name, subject_id, lambda: work(self._app, subject_id, self._reporter(name, subject_id)))
        if error is not None and failed is not None:
            told = failed
            self._guarded(name, subject_id, lambda: told(self._app, subject_id, error))

    def _guarded(self, name: str, subject_id: int, work: Callable[[], None]) -> Exception | None:
        """Does it, and returns what it raised. The log gets kind and place alone: a message may quote a person's values."""
        try:
            with self._app.app_context():
                work()
        except Exception as error:  # noqa: BLE001 - the worker goes on, whatever one task did
            at = traceback.extract_tb(error.__traceback__)[-1]
            kind = type(error).__name__
            log.error("job_failed", job=name, subject=subject_id, kind=kind, at=f"{at.filename}:{at.lineno}")
            return error
        return None

    def _reporter(self, name: str, subject_id: int) -> Report:
        told_stage, told_at = "", 0.0

        def report(stage: str, done: int, total: int) -> None:
            nonlocal told_stage, told_at
            finished = 0 < total <= done
            if stage == told_stage and not finished and time.monotonic() - told_at < REPORT_SECONDS:
                return
            told_stage, told_at = stage, time.monotonic()
            self._say(_key(name, subject_id), _dumped(Progress(stage, done, total, now())))

        return report

    def _say(self, key: str, value: bytes) -> None:
        try:
            self._huey.storage.put_data(key, value)
        except Exception as error:  # noqa: BLE001 - a word that cannot be kept is no reason to give up the work
            log.warning("progress_not_kept", key=key, kind=type(error).__name__)


def install(app: Flask, queue_url: str = "") -> Jobs:
    """The application's queue; `jobs_of` finds it. Nothing is opened before its first use."""
    made: Jobs = app.extensions.setdefault("connectivity.jobs", Jobs(app, queue_url))
    return made


def jobs_of(app: Flask) -> Jobs:
    """The queue of an application."""
    found: Jobs = app.extensions["connectivity.jobs"]
    return found


class _Plain(Serializer):  # type: ignore[misc]  # huey carries no types
    """Tasks as JSON: what lies in a queue can name a task, never bring code along as a pickle could."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(*json.loads(bytes(data)))


class _Worker(Consumer):  # type: ignore[misc]  # huey carries no types
    """huey's consumer with one thread. The first Ctrl-C or SIGTERM lets the running task finish, a second one ends it at once."""

    def __init__(self, jobs: Jobs, huey: Huey, parent: int | None) -> None:
        super().__init__(huey, workers=1, periodic=False, max_delay=1.0)
        self._jobs, self._parent, self._next_beat = jobs, parent, 0.0

    def start(self) -> None:
        """Starts the thread; both signals raise KeyboardInterrupt, which the consumer takes as described above."""
        super().start()
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, signal.default_int_handler)

    def loop(self, health_check_ts: float | None = None) -> float | None:
        """Ten times a second, beside the working thread."""
        if self._parent is not None and os.getppid() != self._parent:
            self.stop()
            raise ConsumerStopped
        if time.monotonic() >= self._next_beat:
            self._next_beat = time.monotonic() + BEAT_SECONDS
            self._jobs.beat()
        seen: float | None = super().loop(health_check_ts)
        return seen


def _key(name: str, subject_id: int) -> str:
    return f"progress:{name}:{subject_id}"


def _dumped(progress: Progress) -> bytes:
    return json.dumps({**vars(progress), "at": progress.at.isoformat()}).encode()


@contextmanager
def worker_beside(app_file: Path) -> Iterator[None]:
    """A worker as a child process: it ends with the block, or by itself when this process was killed. One that was killed is replaced."""
    command = ["-m", "flask", "--app", str(app_file), "jobs", "run", "--parent", str(os.getpid())]
    ending, children = threading.Event(), [subprocess.Popen([sys.executable, *command])]  # noqa: S603 - our own command

    def replace() -> None:
        while not ending.wait(REPLACE_SECONDS):
            if (children[-1].poll() or 0) < 0:  # by a signal; a worker that refuses to start is left alone
                children.append(subprocess.Popen([sys.executable, *command]))  # noqa: S603 - as above

    watch = threading.Thread(target=replace, daemon=True)
    watch.start()
    try:
        yield
    finally:
        ending.set()
        watch.join()
        children[-1].terminate()
        try:
            children[-1].wait(timeout=10)
        except subprocess.TimeoutExpired:
            children[-1].kill()
            children[-1].wait()


@click.group("jobs")
def commands() -> None:
    """Long work that pages hand over."""


@commands.command("run")
@click.option("--parent", type=int, hidden=True)
@with_appcontext
def run_worker(parent: int | None) -> None:
    """Work off the queue, one task at a time. Ctrl-C or SIGTERM ends it after the running task, a second one at once."""
    try:
        jobs_of(current_app).run(parent=parent)
    except WorkerRunsAlready:
        raise click.ClickException(
            "A worker runs already on this queue. One is enough: heavy tasks take turns."
        ) from None
