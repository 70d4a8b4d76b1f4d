"""Reads back what typst writes: the text of each page by its fonts' own tables, and the tags. Not a reader for PDFs of others."""

import re
import zlib
from dataclasses import dataclass, field

_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@dataclass
class Pdf:
    """`pages`: the text of each, `tags`: every structure element as (type, language, alternative text)."""

    pages: list[str] = field(default_factory=list)
    tags: list[tuple[str, str, str]] = field(default_factory=list)
    catalog: str = ""
    metadata: str = ""

    def tag(self, kind: str) -> list[tuple[str, str, str]]:
        return [one for one in self.tags if one[0] == kind]


def read(content: bytes) -> Pdf:
    objects = {
        int(one[1]): one[2] for one in re.finditer(rb"(?s)(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", content) if one[2]
    }
    found = Pdf()
    for one in objects.values():
        if one.startswith(b"<</Type/Catalog"):
            found.catalog = one.decode("latin-1")
        elif one.startswith(b"<</Type/StructElem"):
            found.tags.append((_word(one, rb"/S/(\w+)"), _word(one, rb"/Lang\(([^)]*)\)"), _alternative(one)))
        elif b"/Type/Metadata" in one[:200]:
            found.metadata = _stream(one).decode()
    kids = next(one for one in objects.values() if one.startswith(b"<</Type/Pages"))
    for number in re.findall(rb"(\d+) 0 R", kids):
        found.pages.append(_page_text(objects, objects[int(number)]))
    return found


def _word(one: bytes, pattern: bytes) -> str:
    got = re.search(pattern, one)
    return got[1].decode("latin-1") if got else ""


def _alternative(one: bytes) -> str:
    wide = re.search(rb"/Alt<FEFF([0-9A-F]*)>", one)
    return bytes.fromhex(wide[1].decode()).decode("utf-16-be") if wide else _word(one, rb"/Alt\(([^)]*)\)")


def _stream(one: bytes) -> bytes:
    raw = one.split(b"stream\n", 1)[1].rsplit(b"\nendstream", 1)[0]
    return zlib.decompress(raw) if b"FlateDecode" in one.split(b"stream\n", 1)[0] else raw


def _ref(one: bytes, name: bytes) -> int:
    got = re.search(name + rb" (\d+) 0 R", one)
    assert got, name
    return int(got[1])


def _page_text(objects: dict[int, bytes], page: bytes) -> str:
    resources = objects[_ref(page, rb"/Resources")]
    fonts = {
        name: _signs(_stream(objects[_ref(objects[int(number)], rb"/ToUnicode")]))
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", resources)
    }
    lines = []
    for block in re.findall(rb"(?s)BT(.*?)\nET", _stream(objects[_ref(page, rb"/Contents")])):
        name = re.search(rb"/(f\d+) [\d.]+ Tf", block)
        assert name
        raw = b"".join(_strings(block))
        codes = [int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2)]
        lines.append("".join(fonts[name[1]][code] for code in codes))
    return "\n".join(lines)


def _strings(block: bytes) -> list[bytes]:
    """What stands in parentheses, which may hold pairs of parentheses again, with its escapes undone."""
    found: list[bytes] = []
    depth = 0
    for sign in re.findall(rb"(?s)\\[0-7]{1,3}|\\.|.", block):
        if sign == b"(":
            depth += 1
            if depth == 1:
                found.append(b"")
                continue
        elif sign == b")":
            depth -= 1
            if depth == 0:
                continue
        if depth:
            found[-1] += _plain(sign)
    return found


def _plain(sign: bytes) -> bytes:
    if not sign.startswith(b"\\"):
        return sign
    return bytes([int(sign[1:], 8)]) if sign[1:2].isdigit() else _ESCAPES.get(sign[1:], sign[1:])


def _signs(table: bytes) -> dict[int, str]:
    return {
        int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
        for code, text in re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", table)
        if len(text) >= 4
    }
