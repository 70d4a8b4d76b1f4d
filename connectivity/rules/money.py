"""Dollars as bills write them, in cents. Never a float: cents are whole."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

LARGEST = 100_000_000  # $1,000,000: more on one line is a slip of the pen, and cents lie in a 32-bit column
CENT = Decimal("0.01")
DIGITS = Context(prec=15, rounding=ROUND_HALF_UP)  # of a number, those that a spreadsheet shows
_MONEY = re.compile(r"(\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d{1,2})(0*))?").fullmatch


@lru_cache(maxsize=1 << 12)  # a bill says the same few amounts over and over
def cents(text: str) -> int:
    """`$1,234.5` -> 123450; `(9.95)`, `-9.95` and `9.95-` -> -995; empty -> 0. Raises ValueError with words for the person,
    for anything over a million dollars too.
    """
    bare = text.strip().replace("$", "").replace("−", "-").replace(" ", "")
    if not text.strip():
        return 0
    negative = bare.startswith("-") or bare.endswith("-") or (bare.startswith("(") and bare.endswith(")"))
    found = _MONEY(bare.strip("-()"))
    if found is None or not (found[1] or found[2]):
        raise ValueError(f"“{text[:40]}” is not an amount in dollars. Write it like 9.95.")
    whole = found[1].replace(",", "").lstrip("0")
    amount = int(whole[:12] or 0) * 100 + int((found[2] or "0").ljust(2, "0"))
    if len(whole) > 12 or amount > LARGEST:
        raise ValueError(f"“{text[:40]}” is more than $1,000,000. Check the amount and write it like 9.95.")
    return -amount if negative else amount


def as_shown(number: str) -> str:
    """A number as a workbook stores it -> as its sheet shows it in dollars, half a cent up: `9.950000000000001` -> `9.95`, `0.795` -> `0.80`."""
    digits = shown_digits(number)
    return f"{digits.quantize(CENT, ROUND_HALF_UP):f}" if digits.is_finite() and abs(digits) <= LARGEST else number


def has_fraction(number: str) -> bool:
    """Whether a stored number holds a fraction of a cent, beyond the noise of its last digits."""
    digits = shown_digits(number)
    return digits != digits.quantize(CENT, ROUND_HALF_UP)


def shown_digits(number: str) -> Decimal:
    """The number without the noise behind its fifteenth digit."""
    return DIGITS.create_decimal(number)


def dollars(amount: int) -> str:
    """995 -> `$9.95`, -123450 -> `-$1,234.50`."""
    whole, rest = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}${whole:,}.{rest:02d}"
