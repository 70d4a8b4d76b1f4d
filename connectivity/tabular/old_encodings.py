"""Windows-1252 or Mac Roman? Both make letters of any byte; the words of the whole file show which of them makes names."""

import re
from dataclasses import dataclass, field

WINDOWS, MAC = "cp1252", "mac_roman"
OLD = (WINDOWS, MAC)
MOST_WORDS = 5000
_ACCENTED_WORD = re.compile(rb"(?<![A-Za-z'])[A-Za-z']*+[\x80-\xff][A-Za-z'\x80-\xff]*").findall
_APOSTROPHE, _OPENING, _DASHES = "’", "‘", "–—"
_RARE = "œƒŸ"  # letters that hardly a name has; Mac Roman has ú, É and ü at their bytes


@dataclass
class AccentedWords:
    """The different words of a file that hold a byte above 127, as its blocks are read."""

    found: set[bytes] = field(default_factory=set)

    def gather(self, block: bytes) -> None:
        """Adds the words of one block; a word that the block cuts in two is two, which does no harm among many."""
        if len(self.found) < MOST_WORDS:
            self.found.update(_ACCENTED_WORD(block))

    def codec(self) -> str:
        """Windows-1252, unless more words are impossible in it than in Mac Roman."""
        wrong = {codec: sum(_impossible(word, codec) for word in self.found) for codec in OLD}
        return MAC if wrong[WINDOWS] > wrong[MAC] else WINDOWS


def _impossible(word: bytes, codec: str) -> bool:
    text = word.decode(codec, errors="replace")
    around = zip(f" {text}", text, f"{text[1:]} ", strict=False)
    return any(
        not sign.isascii() and _out_of_place(before, sign, after, named=text[0].isupper())
        for before, sign, after in around
    )


def _out_of_place(before: str, sign: str, after: str, *, named: bool) -> bool:
    """Whether a sign cannot stand between these two: `JosŽ`, `OíBrien`, `MU„OZ`, or a dash inside what is written like a name."""
    inside = before.isalpha() and after.isalpha()
    if sign == _APOSTROPHE:
        return False  # O’Brien, Ta’quan, and the guardian of James’
    if sign == _OPENING:
        return before.islower()
    if sign in _DASHES:
        return inside and named and after.islower()
    if sign in _RARE or sign == "\ufffd":
        return before.isalpha() or after.isalpha()
    if not sign.isalpha():
        return inside
    if sign.isupper():
        return before.islower()
    return before.isupper() and after.isupper()
