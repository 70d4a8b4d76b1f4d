"""A worker of its own process for tests/test_jobs.py: `python -m tests.a_worker FOLDER [PARENT]`. It shows what it does by files."""

import sys
import time
from pathlib import Path

from flask import Flask

from connectivity import jobs


def made(folder: Path) -> tuple[Flask, jobs.Jobs]:
    """An application without a database, and its queue in `folder`."""
    app = Flask("worker", instance_path=str(folder))
    queue = jobs.install(app)

    def wait_for_go(_app: Flask, subject_id: int, report: jobs.Report) -> None:
        report("Waiting for go", 1, 3)
        (folder / f"began-{subject_id}").touch()
        while not (folder / "go").exists():
            time.sleep(0.01)
        report("Done", 3, 3)
        (folder / f"ended-{subject_id}").touch()

    def recover(_app: Flask) -> None:
        for began in sorted(folder.glob("began-*")):
            if not (folder / began.name.replace("began", "ended")).exists():
                queue.enqueue("wait", int(began.name.partition("-")[2]))

    queue.task("wait", wait_for_go)
    queue.on_start(recover)
    return app, queue


if __name__ == "__main__":
    made(Path(sys.argv[1]))[1].run(parent=int(sys.argv[2]) if len(sys.argv) > 2 else None)
