"""Whose turn it is: the worker and the command line never work on one import at once."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def at_work(folder: Path, roster_id: int) -> Iterator[bool]:
    """Whether the import is ours to work on. Held by the process, so it is free again however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / f"roster-{roster_id}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(lock)
