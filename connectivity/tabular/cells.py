"""One cell as its column means it: text as a person wrote it -> text as the database keeps it, None for empty, or a Trouble.

Every reader takes a cell and gives its value or raises Trouble; `read_column` applies one to a whole column.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

from connectivity.tabular.column_profiles import fold_heading
from connectivity.tabular.phones import HasExtension, NotAPhone, read_phone
from connectivity.tabular.trouble import Trouble, left_out
from connectivity.tabular.value_words import GRADE_WORDS, LANGUAGE_WORDS, YES_NO_WORDS
from connectivity.tabular.write import unguard

Reader = Callable[[str], str | None]
LONGEST_NAME = 100
SAMPLE = 500
LONGEST_TEXT = 200
_PLAIN = re.compile(r"[A-Za-z0-9#(][!-~]*(?: [!-~]+)*").fullmatch
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z'.-]*(?: [A-Za-z'.-]+)*").fullmatch
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))
_DAMAGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]")
_SPREADSHEET_ERRORS = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
)
_AS_TEXT = re.compile(r'="([^"]*)"').fullmatch  # the trick to keep zeros in a CSV
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+]?\d+").fullmatch
_US_PHONE = re.compile(r"\s*(?:\+?1[\s.-]*)?\(?([0-9]{3})\)?[\s.-]*([0-9]{3})[\s.-]*([0-9]{4})\s*").fullmatch
_EMAIL = re.compile(r"[^\s@<>(),;:\"\[\]\\]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}").fullmatch
_ZIP = re.compile(r"([0-9]{5})(?:[- ]?[0-9]{4})?").fullmatch
_PROGRAM_YEAR = re.compile(r"(20[0-9]{2})\s*[-–/]\s*(?:20)?([0-9]{2})").fullmatch


def read_column(cells: Sequence[str], reader: Reader) -> tuple[list[str | None], dict[int, Trouble]]:
    """(values, position -> what is wrong there). Where cells repeat, equal ones are read once."""
    sample = cells[:SAMPLE]
    if 2 * len(set(sample)) > len(sample):
        return _read_each(cells, reader)
    read = _Read(reader)
    values = [read[cell] for cell in cells]
    troubles = read.troubles
    return values, {at: troubles[cell] for at, cell in enumerate(cells) if cell in troubles} if troubles else {}


def _read_each(cells: Sequence[str], reader: Reader) -> tuple[list[str | None], dict[int, Trouble]]:
    values: list[str | None] = []
    troubles = {}
    for at, cell in enumerate(cells):
        try:
            if not (cell.isascii() and cell.isprintable()) or cell[:1] == "#":
                _refuse_damage(cell)
            values.append(reader(cell))
        except Trouble as trouble:
            troubles[at] = trouble
            values.append(None)
    return values, troubles


class _Read(dict[str, str | None]):
    """Cell -> value, found once."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader
        self.troubles: dict[str, Trouble] = {}

    def __missing__(self, cell: str) -> str | None:
        (self[cell],), troubles = _read_each((cell,), self.reader)
        if troubles:
            self.troubles[cell] = troubles[0]
        return self[cell]


def _refuse_damage(cell: str) -> None:
    if found := _DAMAGE.search(cell):
        _damaged(found[0])
    if cell.strip() in _SPREADSHEET_ERRORS:
        raise Trouble(
            f"The spreadsheet shows an error here ({cell.strip()}).", "Correct the formula, or type the value."
        )


def _damaged(sign: str) -> None:
    if sign == "\ufffd":
        raise Trouble(
            "A letter was lost here: an earlier program could not read it.", "Type the value again, with its accents."
        )
    raise Trouble("The cell holds a sign that nobody can see (a control character).", "Type the value again.")


def tidy(cell: str) -> str:
    """Without a formula guard, blanks at the ends and doubled, and signs nobody can see; accents in one form (NFC)."""
    if _PLAIN(cell):
        return cell
    text = unguard(cell)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_UNSEEN))
    return " ".join(text.split())


def text(cell: str) -> str | None:
    """Any words. A formula is refused."""
    if len(cell) <= LONGEST_TEXT and _PLAIN(cell):
        return cell
    words = tidy(cell)
    if words[:1] in ("=", "+", "@"):
        raise Trouble("This is a formula, not a text.", "Type the value itself.")
    if len(words) > LONGEST_TEXT:
        raise Trouble(f"This is longer than {LONGEST_TEXT} letters.", "Check that no other cells slipped in here.")
    return words or None


def name(cell: str) -> str | None:
    """A person's name, capitals as they are."""
    if len(cell) <= LONGEST_NAME and _PLAIN_NAME(cell):
        return cell
    words = text(cell)
    if words is None:
        return None
    if len(words) > LONGEST_NAME:
        raise Trouble(f"A name is at most {LONGEST_NAME} letters long.", "Check that no other cells slipped in here.")
    if not any(sign.isalpha() for sign in words):
        raise Trouble("This does not look like a name: it has no letters.", "Check that the columns did not shift.")
    return words


def _digits(cell: str) -> str:
    """An ID without what people and spreadsheets put around it to keep its zeros."""
    bare = cell.strip()
    if kept := _AS_TEXT(bare):
        bare = kept[1]
    bare = bare.lstrip("'").strip()
    return bare[:-2] if bare.endswith(".0") and bare[:-2].isdigit() else bare


def _identifier(cell: str, *, what: str, length: int) -> str | None:
    bare = cell if len(cell) == length else _digits(cell)
    digits = bare.isascii() and bare.isdigit()
    if digits and len(bare) == length:
        return bare
    if not bare:
        return None
    if _SCIENTIFIC(bare):
        raise Trouble(
            "A spreadsheet damaged this ID: it rounded it to a scientific number.",
            f"Export the roster again with the {what} column formatted as text. The digits cannot be brought back from this file.",
        )
    count = f"{len(bare)} digit{'' if len(bare) == 1 else 's'}"
    if digits and len(bare) < length:
        raise Trouble(
            f"This has {count}; a {what} has {length}. A spreadsheet has probably taken its leading zeros away.",
            f"Export the roster again with the {what} column formatted as text, or type the whole ID.",
        )
    start = f"This has {count}; a" if digits else "This is not an ID: a"
    raise Trouble(f"{start} {what} has exactly {length} digits.", f"Look the {what} up and type it.")


def student_id(cell: str) -> str | None:
    """Eight digits. One that a spreadsheet damaged is never guessed."""
    return _identifier(cell, what="student ID", length=8)


def school_id(cell: str) -> str | None:
    """Six digits."""
    return _identifier(cell, what="school ID", length=6)


@lru_cache(maxsize=1 << 16)
def _exchange_is_known(area_and_exchange: str) -> bool:
    """Whether US numbers may begin so; the four digits behind make no difference."""
    try:
        read_phone(area_and_exchange + "0123")
    except NotAPhone:
        return False
    return True


def phone(cell: str) -> str | None:
    """E.164."""
    if us := _US_PHONE(cell):
        area, exchange, last = us.groups()
        if _exchange_is_known(area + exchange):
            return f"+1{area}{exchange}{last}"
    elif not (bare := tidy(cell)):
        return None
    else:
        try:
            return read_phone(bare)
        except HasExtension:
            raise left_out(
                "This phone number has an extension, which we cannot keep.",
                "Give a number that can be dialed directly.",
            ) from None
        except NotAPhone:
            pass
    raise left_out(
        "This is not a phone number that can be dialed.", "Give one number of ten digits, such as (773) 555-0123."
    )


def email(cell: str) -> str | None:
    """By its shape only."""
    bare = cell.strip()
    if not bare:
        return None
    if len(bare) > 254 or not _EMAIL(bare) or ".." in bare:
        raise left_out("This is not an e-mail address.", "Give one address, such as name@example.org.")
    return bare


def grade(cell: str) -> str | None:
    """PK, K, 1 to 12."""
    return _word(cell, GRADE_WORDS, "This is not a grade we know.", "Write PK, K, or 1 to 12.")


def yes_no(cell: str) -> str | None:
    """yes or no."""
    return _word(cell, YES_NO_WORDS, "This is neither yes nor no.", "Write yes or no.")


def _word(cell: str, words: dict[str, str], message: str, advice: str) -> str | None:
    folded = fold_heading(cell)
    if folded in words:
        return words[folded]
    if not cell.strip():
        return None
    raise Trouble(message, advice)


def language(cell: str) -> str | None:
    """An ISO 639 code."""
    code = LANGUAGE_WORDS.get(fold_heading(cell))
    if code is None and cell.strip():
        raise left_out(
            "We do not know this language.",
            "Write its English name or its ISO 639 code; for Chinese, say Mandarin or Cantonese.",
        )
    return code


def zip_code(cell: str) -> str | None:
    """The five digits."""
    bare = _digits(cell)
    if found := _ZIP(bare):
        return found[1]
    if not bare:
        return None
    raise left_out("A ZIP code has five digits.", "Look the ZIP code up and type it.")


def program_year(cell: str) -> str | None:
    """`2026-2027` -> `2026-27`."""
    words = tidy(cell)
    if found := _PROGRAM_YEAR(words):
        return f"{found[1]}-{found[2]}"
    if not words:
        return None
    raise Trouble("This is not a program year.", "Write it as 2026-27.")
