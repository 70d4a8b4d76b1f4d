"""Large files: only where a page asks for one, only after account, role, size and token, and never in anybody else's sight."""

import hashlib
import io
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, jsonify, request
from werkzeug.datastructures import FileStorage

from connectivity.access import gate, uploads
from connectivity.register import Role
from tests.conftest import PolicedClient

SignIn = Callable[..., PolicedClient]
ROSTER = b"Student ID,Name\n" + b"00123456,Luz\n" * 20_000


class Unread(io.RawIOBase):
    """A body of `size` bytes that fails the test when somebody reads one."""

    def __init__(self, size: int) -> None:
        self.size, self.place = size, 0

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.place = offset + (self.size if whence == io.SEEK_END else 0)
        return self.place

    def tell(self) -> int:
        return self.place

    def readinto(self, _buffer: Any) -> int:
        raise AssertionError("the body was read")


@pytest.fixture(autouse=True)
def page(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that takes a file, as rosters have one; the file is spooled to disk."""
    monkeypatch.setattr(uploads, "IN_MEMORY", 10_000)

    @gate.open_to(gate.OFFICE, files=True)
    def take() -> Any:
        if request.method == "GET":
            return jsonify({})
        received = uploads.receive(request.files["file"], uploads.folder_of(app))
        return jsonify(name=received.name, bytes=received.bytes, sha256=received.sha256, path=str(received.path))

    app.add_url_rule("/try/file", "try_file", take, methods=["GET", "POST"])
    uploads.install(app, app.extensions["csrf"])


def sent(client: PolicedClient, content: bytes = ROSTER, name: str = "roster.csv", token: str | None = None) -> Any:
    data = {"file": (io.BytesIO(content), name), "csrf_token": client.token("/password") if token is None else token}
    return client.post("/try/file", data=data)


def test_a_file_is_received_whole_for_its_owner_alone_under_a_random_name(
    signed_in: SignIn, app: Flask, tmp_path: Path
) -> None:
    answer = sent(signed_in(Role.STAFF)).json
    path = Path(answer["path"])
    assert path.read_bytes() == ROSTER
    assert (answer["bytes"], answer["sha256"]) == (len(ROSTER), hashlib.sha256(ROSTER).hexdigest())
    assert "roster" not in path.name
    assert path.parent == tmp_path / "uploads"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]  # the library's own copy is gone
    uploads.discard(path)
    uploads.discard(path)
    assert list(path.parent.iterdir()) == []


def test_a_file_may_be_larger_than_any_other_request_up_to_its_own_limit(signed_in: SignIn, app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    client = signed_in(Role.STAFF)
    assert sent(client).status_code == 200
    app.config["ROSTER_LIMIT_MB"] = 1
    answer = post_unread(client, 1024**2 + 1)
    assert answer.status_code == 413
    assert "This page takes at most 1 MB at once. Nothing was saved." in answer.text


def test_a_file_of_two_gigabytes_is_refused_by_its_announced_size_before_a_byte_is_read(signed_in: SignIn) -> None:
    answer = post_unread(signed_in(Role.STAFF), 2 * 1024**3)
    assert answer.status_code == 413
    assert "This page takes at most 512 MB at once" in answer.text


def test_a_visitors_file_is_not_read(visitor: PolicedClient) -> None:
    answer = post_unread(visitor, 1000)
    assert answer.status_code == 401
    assert "You were signed out" in answer.text
    assert post_unread(visitor, 2 * 1024**3).status_code == 401


def test_a_file_of_another_role_is_not_read(signed_in: SignIn) -> None:
    assert post_unread(signed_in(Role.SCHOOL), 1000).status_code == 403


def test_a_file_without_its_token_is_refused_and_leaves_nothing(signed_in: SignIn, tmp_path: Path) -> None:
    client = signed_in(Role.STAFF)
    client.token("/password")
    for token in ("", "made-up"):
        answer = sent(client, token=token)
        assert answer.status_code == 400
        assert "This form was open for too long" in answer.text
    assert list((tmp_path / "uploads").iterdir()) == []


def test_what_is_no_form_with_a_file_keeps_the_limit_of_all_others(signed_in: SignIn, app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    client = signed_in(Role.STAFF)
    token = client.token("/password")
    assert client.post("/try/file", data={"csrf_token": token, "words": "x" * 200_000}).status_code == 413
    assert client.post("/try/file", json={}, headers={"X-CSRFToken": token}).status_code == 415


def test_every_other_page_still_refuses_files(signed_in: SignIn) -> None:
    client = signed_in(Role.STAFF)
    data = {"csrf_token": client.token("/password"), "text": (io.BytesIO(b"x"), "x.csv")}
    assert client.post("/households/search", data=data).status_code == 415


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("roster.csv", "roster.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Rosa\\Muñoz 2026.xlsx", "Muñoz 2026.xlsx"),
        ("evil\x00\n\u202egpj.csv", "evilgpj.csv"),
        ("a" * 300 + ".csv", "a" * 116 + ".csv"),
        ("", "file without a name"),
        ("/", "file without a name"),
    ],
)
def test_a_files_name_is_shown_without_folder_and_hidden_signs(name: str, shown: str) -> None:
    assert uploads.shown_name(name) == shown


def test_a_file_that_cannot_be_written_whole_leaves_nothing_behind(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise OSError("no space left")
            return super().read(10)

    with pytest.raises(OSError, match="no space left"):
        uploads.receive(FileStorage(Broken(ROSTER), "roster.csv"), tmp_path / "uploads")
    assert list((tmp_path / "uploads").iterdir()) == []


def post_unread(client: PolicedClient, size: int) -> Any:
    """Sends a form that announces `size` bytes, from our own page, and fails the test if one is read."""
    return client.post(
        "/try/file",
        input_stream=Unread(size),
        content_type="multipart/form-data; boundary=x",
        headers={"Origin": "http://localhost"},
    )
