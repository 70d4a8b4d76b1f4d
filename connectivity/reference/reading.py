"""data/ as bytes and rows, with every reason why a file cannot be used: missing, altered, not UTF-8, wrong columns, wrong count."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectivity.reference import manifest
from connectivity.reference.files import FILES, DataFile

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one file."""

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """What was read. A file that cannot be used has a problem and stands in neither mapping."""

    contents: Mapping[str, bytes]
    tables: Mapping[str, list[Row]]
    problems: tuple[Problem, ...]


def read(folder: Path) -> DataFolder:
    """Reads every file once: what is checked is what is loaded. Never raises for what the files hold."""
    contents: dict[str, bytes] = {}
    tables: dict[str, list[Row]] = {}
    promised, problems = _promised(folder)
    for file in FILES:
        try:
            content = (folder / file.name).read_bytes()
        except OSError as missing:
            problems.append(Problem(file.name, f"cannot be read ({missing.strerror})"))
            continue
        contents[file.name] = content
        if promised and manifest.sha256(content) != promised.get(file.name):
            problems.append(Problem(file.name, "altered: its checksum is not the one in manifest.json"))
        if file.columns:
            try:
                tables[file.name] = _rows(file, content)
            except ValueError as wrong:
                problems.append(Problem(file.name, str(wrong)))
    return DataFolder(contents, tables, tuple(problems))


def _promised(folder: Path) -> tuple[Mapping[str, str], list[Problem]]:
    try:
        return manifest.checksums(folder), []
    except (OSError, ValueError) as unread:
        return {}, [Problem(manifest.MANIFEST, f"cannot be read ({unread})")]


def _rows(file: DataFile, content: bytes) -> list[Row]:
    """The rows of a CSV. Raises ValueError with the reason."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise ValueError(f"not UTF-8 (byte {wrong.start})") from wrong
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", restval=None)
    found = tuple(reader.fieldnames or ())
    if found != file.columns:
        raise ValueError(_columns_differ(found, file.columns))
    rows = list(reader)
    if ragged := [number for number, row in enumerate(rows, start=2) if "" in row or None in row.values()]:
        raise ValueError(f"line {ragged[0]}: not as many cells as columns")
    if len(rows) != file.rows:
        raise ValueError(f"{len(rows)} rows instead of {file.rows}")
    return rows


def _columns_differ(found: tuple[str, ...], expected: tuple[str, ...]) -> str:
    missing = [column for column in expected if column not in found]
    extra = [column for column in found if column not in expected]
    said = [f"missing {', '.join(missing)}"] if missing else []
    said += [f"not known: {', '.join(extra)}"] if extra else []
    return f"columns {'; '.join(said) or 'in another order'}"
