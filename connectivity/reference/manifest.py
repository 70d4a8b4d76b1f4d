"""data/manifest.json: the checksum, size and origin of every data file, for machines and for the README's table."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectivity.reference.files import FILES, DataFile

MANIFEST = "manifest.json"


def describe(folder: Path) -> dict[str, Any]:
    """The manifest of the files as they are in `folder` now."""
    return {"files": [_entry(file, (folder / file.name).read_bytes()) for file in FILES]}


def write(folder: Path) -> None:
    """Writes manifest.json anew."""
    text = json.dumps(describe(folder), indent=2, ensure_ascii=False)
    (folder / MANIFEST).write_text(f"{text}\n", encoding="utf-8")


def checksums(folder: Path) -> Mapping[str, str]:
    """File name to SHA-256, as the manifest promises. Raises OSError or ValueError when it cannot be read."""
    listed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    try:
        return {str(entry["file"]): str(entry["sha256"]) for entry in listed["files"]}
    except (KeyError, TypeError) as wrong:
        raise ValueError("not a manifest: it lists no files with checksums") from wrong


def table(folder: Path) -> str:
    """The manifest as a Markdown table, for the README."""
    lines = [
        "| file | rows | what it is | publisher | vintage | source | license | SHA-256 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for entry in json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]:
        cells = [f"`{entry['file']}`", entry["rows"] or "-"]
        cells += [entry[name] for name in ("meaning", "publisher", "vintage", "source", "license")]
        lines.append("| " + " | ".join(str(cell) for cell in [*cells, f"`{entry['sha256']}`"]) + " |")
    return "\n".join(lines)


def sha256(content: bytes) -> str:
    """The checksum, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _entry(file: DataFile, content: bytes) -> dict[str, Any]:
    return {
        "file": file.name,
        "sha256": sha256(content),
        "bytes": len(content),
        "rows": _rows(file, content),
        "meaning": file.meaning,
        "publisher": file.publisher,
        "vintage": file.vintage,
        "license": file.license,
        "source": file.source,
    }


def _rows(file: DataFile, content: bytes) -> int | None:
    if file.rows is None:
        return None
    if file.name.endswith(".geojson"):
        return len(json.loads(content)["features"])
    return sum(1 for _ in csv.DictReader(io.StringIO(content.decode("utf-8"))))
