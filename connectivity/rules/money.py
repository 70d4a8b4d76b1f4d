"""Dollars as bills write them, in cents. Never a float: cents are whole."""

import re

_MONEY = re.compile(r"(\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d{1,2})(0*))?").fullmatch


def cents(text: str) -> int:
    """`$1,234.5` -> 123450; `(9.95)`, `-9.95` and `9.95-` -> -995; empty -> 0. Raises ValueError with words for the person."""
    bare = text.strip().replace("$", "").replace("−", "-").replace(" ", "")
    if not text.strip():
        return 0
    negative = bare.startswith("-") or bare.endswith("-") or (bare.startswith("(") and bare.endswith(")"))
    found = _MONEY(bare.strip("-()"))
    if found is None or not (found[1] or found[2]):
        raise ValueError(f"“{text[:40]}” is not an amount in dollars. Write it like 9.95.")
    amount = int(found[1].replace(",", "") or 0) * 100 + int((found[2] or "0").ljust(2, "0"))
    return -amount if negative else amount


def dollars(amount: int) -> str:
    """995 -> `$9.95`, -123450 -> `-$1,234.50`."""
    whole, rest = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}${whole:,}.{rest:02d}"
