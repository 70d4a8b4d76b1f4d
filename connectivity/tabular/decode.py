"""How a text file is encoded, found by reading all of it, and the healing of letters that an earlier program read wrongly."""

import codecs
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from connectivity.tabular.old_encodings import OLD, AccentedWords
from connectivity.tabular.problems import FileRefused

BLOCK = 1 << 18
MOST_EXAMPLES = 5
# A text has hardly any of these; a picture or a program is full of them.
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r")) + b"\x7f"
MOST_CONTROLS = 0.02
WORDS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a byte order mark (an Excel's “CSV UTF-8”)",
    "utf-16-le": "UTF-16 (an Excel's “Unicode Text”)",
    "utf-16-be": "UTF-16, big-endian",
    "cp1252": "Windows-1252 (an older Excel's own)",
    "mac_roman": "Mac Roman (an older Excel's for the Mac)",
}
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

# UTF-8 read as Windows-1252 starts its accented letters with one of these: MuÃ±oz, Â°, â€™, Å‚.
_MISREAD = re.compile("[ÂÃÄÅÆÐØâ][\x80-\xbfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]").search
# The signs Windows-1252 has at 80-9F, back to their bytes. The five it has not stay as they are.
_TO_BYTES = {
    ord(bytes([code]).decode("cp1252")): code
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}


@dataclass(frozen=True)
class Encoding:
    """How the bytes of a file become text."""

    codec: str
    ends_line: bool  # the last line has its line end

    @property
    def guessed(self) -> bool:
        """Whether the bytes would make letters in another encoding as well."""
        return self.codec in OLD

    @property
    def words(self) -> str:
        """For the person: what we took the file for."""
        return WORDS[self.codec]


def detect(stream: IO[bytes]) -> Encoding:
    """Reads the stream to its end, in blocks. Raises FileRefused for an empty file, one that is no text, or one that ends inside a letter."""
    start = stream.read(BLOCK)
    if not start:
        raise FileRefused("The file is empty. Export the roster again and send that file.")
    codec = next((codec for mark, codec in _BOMS if start.startswith(mark)), None) or _wide(start)
    if codec is None or codec == "utf-8-sig":
        if _controls(start) > MOST_CONTROLS * len(start):
            raise FileRefused(
                "This is not a text file, whatever its name says. Save the roster as .xlsx or CSV and send that."
            )
        return _eight_bits(start, stream, codec or "utf-8")
    return _sixteen_bits(start, stream, codec)


def _controls(block: bytes) -> int:
    return len(block) - len(block.translate(None, _CONTROLS))


def _wide(start: bytes) -> str | None:
    """UTF-16 without its mark: plain letters have a NUL as every second byte."""
    half = len(start) // 2
    even, odd = start[0 : 2 * half : 2].count(0), start[1 : 2 * half : 2].count(0)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _eight_bits(start: bytes, stream: IO[bytes], codec: str) -> Encoding:
    decoder = codecs.getincrementaldecoder(codec)()
    last, accents = b"", False
    windows = False
    words = AccentedWords()
    for block in _blocks(start, stream):
        last = block
        if not windows:
            try:
                accents = not decoder.decode(block).isascii() or accents
            except UnicodeDecodeError:
                windows = True
        if windows:
            words.gather(block)
    if not windows and decoder.getstate()[0]:
        # The file ends inside a letter of UTF-8; unless it is the only accent, then it is an é of Windows-1252.
        if accents:
            raise FileRefused(
                "The file is cut off: it ends in the middle of a letter. Export it again and send the whole."
            )
        windows = True
        words.gather(last)
    return Encoding(words.codec() if windows else codec, last.endswith((b"\n", b"\r")))


def _sixteen_bits(start: bytes, stream: IO[bytes], codec: str) -> Encoding:
    decoder = codecs.getincrementaldecoder(codec)()
    text = ""
    try:
        for block in _blocks(start, stream):
            text = decoder.decode(block) or text
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise FileRefused(
            "The file is cut off or damaged: its letters (UTF-16) do not come out even. Export it again and send the whole."
        ) from None
    return Encoding(codec, text.endswith(("\n", "\r")))


def _blocks(start: bytes, stream: IO[bytes]) -> Iterator[bytes]:
    block = start
    while block:
        yield block
        block = stream.read(BLOCK)


def heal(text: str) -> str:
    """`MuÃ±oz` -> `Muñoz`, also when it went wrong twice; any other text as it is."""
    for _ in range(2):
        if text.isascii() or not _MISREAD(text):
            return text
        try:
            healed = text.translate(_TO_BYTES).encode("latin-1").decode("utf-8")
        except UnicodeError:
            return text
        text = healed
    return text


@dataclass
class Letters:
    """The accented letters of one file as its chunks are read: what was healed, and examples for staff to look at."""

    guessed: bool  # a file of Windows-1252 or Mac Roman: its accents are a guess that people should see
    healed: list[tuple[str, str]] = field(default_factory=list)  # (before, after), at most 5
    examples: list[str] = field(default_factory=list)  # of such a file, at most 5

    def read(self, column: Sequence[str], *, shown: bool = True) -> list[str]:
        """The column with its letters healed; what was done is remembered where it may be `shown`."""
        together = "".join(column)
        if together.isascii():
            return list(column)
        if shown and self.guessed and len(self.examples) < MOST_EXAMPLES:
            self._show(column)
        return [self._one(cell, shown=shown) for cell in column] if _MISREAD(together) else list(column)

    def _one(self, cell: str, *, shown: bool) -> str:
        after = cell if cell.isascii() else heal(cell)
        if shown and after != cell and len(self.healed) < MOST_EXAMPLES and (cell, after) not in self.healed:
            self.healed.append((cell, after))
        return after

    def _show(self, column: Sequence[str]) -> None:
        fresh = dict.fromkeys(cell for cell in column if not cell.isascii() and cell not in self.examples)
        self.examples.extend(list(fresh)[: MOST_EXAMPLES - len(self.examples)])


def without_accents(text: str) -> str:
    """Letters without their marks, in lower case."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
