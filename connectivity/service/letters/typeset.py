"""Sets letters as one tagged PDF (PDF/UA-1), or one letter as a picture. Pure: people and program come in, bytes go out."""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

import segno
import typst
from babel.dates import format_date

from connectivity.rules.membership_codes import shown
from connectivity.service.letters.settable import CODE_FONT, FONT
from connectivity.service.letters.words import WORDS

TEMPLATE = Path(__file__).parents[3] / "templates" / "service" / "letters" / "letter.typ"
STANDARD: Literal["ua-1"] = "ua-1"
QUIET = 4  # modules of white around a QR code, as its standard asks
SET_HERE = 200  # letters; more are set in a process of their own, which gives its memory back (0.4 MB a page) and may be killed alone
MASK = 2  # of the eight patterns a reader takes alike; to weigh them all takes five times as long
LARGE, SMALL = 26, 15  # points; a provider's code may have twenty signs

Told = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class LetterTo:
    """One letter. `address`: name and lines, composed. `use_by`: the code's last day, None if it has none."""

    language: str
    address: Sequence[str]
    code: str
    provider: str
    use_by: dt.date | None


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who writes, and what is the same in every letter."""

    program: str
    help: str
    year: str
    demo: bool


@dataclass(frozen=True)
class _Same:
    language: str
    provider: str
    use_by: dt.date | None


def pdf(letters: Sequence[LetterTo], sender: Sender, *, made_at: dt.datetime, told: Told = lambda _done: None) -> bytes:
    """One page a letter, in this order. `told` hears how many are ready to be set.

    Raises typst.TypstError rather than leaving a sign out: its message quotes the text, so it belongs in no log.
    """
    data = _data(letters, sender, told)
    if len(letters) <= SET_HERE:
        return _set(data, made_at)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as beside:
        return beside.submit(_set, data, made_at).result()


def _set(data: str, made_at: dt.datetime) -> bytes:
    return _bytes(
        typst.compile(
            TEMPLATE.read_bytes(),
            ignore_system_fonts=True,
            sys_inputs={"data": data},
            format="pdf",
            pdf_standards=[STANDARD],
            timestamp=made_at.replace(microsecond=0),
        )
    )


def picture(letter: LetterTo, sender: Sender) -> bytes:
    """One letter as PNG, to look at."""
    data = _data([letter], sender, lambda _done: None)
    made = typst.compile(
        TEMPLATE.read_bytes(), ignore_system_fonts=True, sys_inputs={"data": data}, format="png", ppi=96.0
    )
    return _bytes(made)


def _bytes(made: Any) -> bytes:
    if not isinstance(made, bytes):
        raise TypeError("typst gave several files, or none")
    return made


def _data(letters: Sequence[LetterTo], sender: Sender, told: Told) -> str:
    """What the template reads. Sentences that many letters share are written once."""
    numbers: dict[_Same, int] = {}
    rows = []
    for done, one in enumerate(letters, start=1):
        same = _Same(one.language, one.provider, one.use_by)
        rows.append(_row(one, numbers.setdefault(same, len(numbers))))
        if done % 100 == 0 or done == len(letters):
            told(done)
    return json.dumps(
        {
            "title": f"{sender.program}: {sender.year}",
            "program": sender.program,
            "lang": letters[0].language if letters else "en",
            "font": FONT,
            "code_font": CODE_FONT,
            "texts": [_text(same, sender) for same in numbers],
            "letters": rows,
        }
    )


def _row(one: LetterTo, text: int) -> dict[str, Any]:
    code = shown(one.code)
    return {
        "text": text,
        "address": list(one.address),
        "code": code,
        "code_size": LARGE if len(code) <= 12 else SMALL,
        "qr": _square(code),
        "alt": WORDS[one.language].qr_alt.format(code=code),
    }


def _text(same: _Same, sender: Sender) -> dict[str, Any]:
    words = WORDS[same.language]
    day = format_date(same.use_by, "long", same.language) if same.use_by else ""
    given = {"program": sender.program, "provider": same.provider, "year": sender.year, "day": day, "help": sender.help}
    texts: dict[str, Any] = {
        name: value.format(**given)
        for name, value in asdict(words).items()
        if isinstance(value, str) and name != "qr_alt"
    }
    texts["steps"] = [step.format(**given) for step in words.steps]
    texts["use_by"] = texts["use_by"] if day else ""
    texts["demo"] = texts["demo"] if sender.demo else ""
    return {**texts, "lang": same.language, "help": sender.help}


def _square(code: str) -> dict[str, Any]:
    """A QR code of the code alone. No web address: one with a code in it would stay in histories, and teach families to trust links."""
    rows = segno.make(code, error="m", micro=False, mask=MASK).matrix
    path = "".join(f"M{x + QUIET} {y + QUIET}h{wide}v1h-{wide}z" for x, y, wide in _bars(rows))
    return {"size": len(rows) + 2 * QUIET, "path": path}


def _bars(rows: Sequence[Sequence[int]]) -> Iterator[tuple[int, int, int]]:
    """(x, y, width) of each run of dark modules."""
    for y, row in enumerate(rows):
        x = 0
        for dark, run in groupby(row):
            wide = len(list(run))
            if dark:
                yield x, y, wide
            x += wide
