"""What our letters can be set in: three languages, and the signs that the font has and sets one after the other.

The font travels inside the typst wheel, so that every host prints the same. It has no Arabic, Chinese, Ethiopic, Devanagari, Burmese or
Korean letter; a letter in such a script is refused here, and by the PDF/UA export once more, which fails on a sign that no font has.
"""

import re
import unicodedata

LANGUAGES = ("en", "es", "pl")
FONT, CODE_FONT = "Libertinus Serif", "DejaVu Sans Mono"

# Latin with its additions, Greek and Cyrillic as far as the font has them, dashes and quotation marks. A test sets each of them.
_KNOWN = re.compile(
    "["
    " -~\u00a1-\u00ac\u00ae-\u024f"
    "\u0300-\u0304\u0306-\u030c\u0323\u0327\u0328"  # marks that have no letter of their own with them: Yoruba ẹ́
    "\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03ce\u0400-\u0477\u0490-\u04c4\u04d0-\u04f9"
    "\u1e00-\u1eff"
    "\u2010-\u2015\u2018-\u201e\u2026\u2032\u2033"
    "]*"
)


def composed(text: str) -> str:
    """The text as it is set: accents joined to their letters, one blank between words."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def settable(text: str) -> bool:
    """Whether every sign of the text (composed) can be set."""
    return _KNOWN.fullmatch(text) is not None
