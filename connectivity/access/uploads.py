"""Large files: admitted only after account, role, size and token; streamed into the instance folder; never read whole."""

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import IO, cast

from flask import Flask, Request, abort, current_app, request
from flask_wtf import CSRFProtect
from werkzeug.datastructures import FileStorage

MEGABYTE = 1024 * 1024
IN_MEMORY = MEGABYTE // 2  # bytes; a larger part of a form is spooled to disk
LONGEST_NAME = 120


@dataclass(frozen=True, kw_only=True)
class Received:
    """A file that was handed in. `name` is for showing; `path` has a random name."""

    path: Path
    name: str
    bytes: int
    sha256: str


class UploadRequest(Request):
    """Spools files into the instance folder: the system's temporary folder may be small, shared, or in memory."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        folder = _private(folder_of(current_app))
        return cast(IO[bytes], tempfile.SpooledTemporaryFile(IN_MEMORY, mode="w+b", dir=str(folder)))


def install(app: Flask, tokens: CSRFProtect) -> None:
    """Leaves the token of the views that take files to `admit`: to look for it reads the body. Call it after the last blueprint."""
    app.request_class = UploadRequest
    for endpoint, view in app.view_functions.items():
        if takes_files(app, endpoint):
            tokens.exempt(view)


def takes_files(app: Flask, endpoint: str | None) -> bool:
    """Whether an endpoint was opened with `gate.open_to(..., files=True)`."""
    return bool(getattr(app.view_functions.get(endpoint or ""), "takes_files", False))


def admit() -> None:
    """Size first, by what the request says of itself, then the token, which reads the body. Ends in 413, 400 or 415."""
    if request.mimetype == "multipart/form-data":  # another kind of form would be read into memory
        request.max_content_length = current_app.config["ROSTER_LIMIT_MB"] * MEGABYTE
    if (request.content_length or 0) > (request.max_content_length or 0):
        abort(413)
    current_app.extensions["csrf"].protect()
    if request.is_json:
        abort(415)


def folder_of(app: Flask) -> Path:
    """Where files are received."""
    return Path(app.instance_path) / "uploads"


def receive(file: FileStorage, folder: Path) -> Received:
    """Streams a file of a form into `folder`, readable by its owner alone. Leaves nothing behind if it cannot be written."""
    path = _private(folder) / secrets.token_hex(16)
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            while piece := file.stream.read(MEGABYTE):
                target.write(piece)
                digest.update(piece)
                size += len(piece)
    except BaseException:
        discard(path)
        raise
    return Received(path=path, name=shown_name(file.filename or ""), bytes=size, sha256=digest.hexdigest())


def discard(path: Path) -> None:
    """Removes a received file; one that is gone already is no fault."""
    path.unlink(missing_ok=True)


def shown_name(name: str) -> str:
    """A file's name as people may read it: no folder, no sign that cannot be seen, 120 signs at most, its ending kept."""
    last = PureWindowsPath("".join(sign for sign in name if sign.isprintable())).name.strip()
    ending = PureWindowsPath(last).suffix[:12]
    if len(last) > LONGEST_NAME:
        last = last[: LONGEST_NAME - len(ending)] + ending
    return last or "file without a name"


def _private(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder
