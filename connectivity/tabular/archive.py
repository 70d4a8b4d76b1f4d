"""A ZIP file from outside, opened within limits: nothing is written to disk and no path inside it is followed."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from connectivity.tabular.problems import FileRefused

MOST_BYTES = 2_000_000_000
MOST_MEMBERS = 1000
MOST_RATIO = 200
SMALL = 1_000_000  # below this a member harms nobody, however well it packs
_BOMB = "Nothing in it was read. Export the file again; if it stays so large, send it as CSV."
_BROKEN = "The file is broken or was cut off on its way. Export it again and send the whole."
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError)


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """The ZIP, its sizes checked as they are declared. While reading, zipfile gives no byte more than declared and checks the sum,
    so that a member that lies about its size is refused as broken."""
    with refusing_broken(), zipfile.ZipFile(path) as archive:
        _check(archive.infolist())
        yield archive


@contextmanager
def refusing_broken() -> Iterator[None]:
    """What zipfile finds wrong, in words."""
    try:
        yield
    except _FAULTS:
        raise FileRefused(_BROKEN) from None


def _check(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise FileRefused(f"The file holds {len(members):,} files inside, more than {MOST_MEMBERS:,}. {_BOMB}")
    if sum(member.file_size for member in members) > MOST_BYTES:
        raise FileRefused(f"Unpacked, the file would be larger than 2 GB. {_BOMB}")
    if len({member.filename for member in members}) < len(members):
        raise FileRefused(f"The file holds two files of one name. {_BROKEN}")
    for member in members:
        if member.flag_bits & 1:
            raise FileRefused("The file is protected by a password. Take the password off and send it again.")
        if member.file_size > max(SMALL, MOST_RATIO * member.compress_size):
            raise FileRefused(f"A part of the file unpacks to more than {MOST_RATIO} times its size. {_BOMB}")


def blocks(stream: IO[bytes], size: int = 1 << 18) -> Iterator[bytes]:
    """The bytes of a member, a block at a time."""
    while block := stream.read(size):
        yield block
