"""Where printed letters lie until they are fetched: a folder of its own in the instance folder, open to its owner alone, as received rosters are."""

import hashlib
import os
from pathlib import Path

ENDING = ".pdf"


def folder_of(instance: Path) -> Path:
    """Not made before it is needed."""
    return instance / "letters"


def path_of(folder: Path, run_id: int) -> Path:
    """A run's file. Its name tells the number of the run and no more."""
    return folder / f"{run_id}{ENDING}"


def keep(folder: Path, run_id: int, content: bytes) -> str:
    """Writes a run's file, whole or not at all. Returns its SHA-256."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    path = path_of(folder, run_id)
    half = path.with_suffix(".part")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(content)
    half.replace(path)
    return hashlib.sha256(content).hexdigest()


def discard(folder: Path, run_id: int) -> None:
    """A file that is gone already is no fault."""
    path_of(folder, run_id).unlink(missing_ok=True)


def keep_only(folder: Path, run_ids: set[int]) -> None:
    """Deletes every other file of the folder, half-written ones of dead workers included."""
    for path in folder.glob("*") if folder.is_dir() else ():
        if not path.stem.isdecimal() or int(path.stem) not in run_ids:
            path.unlink(missing_ok=True)
