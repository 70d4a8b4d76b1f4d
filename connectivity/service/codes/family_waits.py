"""How long somebody waits after wrong tries at the families' look-up: nothing for the first few, then twice as long each time."""

import hashlib
import math
from typing import Protocol

FREE_TRIES = 3  # a slip of the pen costs nothing
LONGEST_SECONDS = 15 * 60  # longer would let a stranger keep a family out of its own look-up
FORGOTTEN_AFTER = 24 * 3600  # seconds


class Storage(Protocol):
    """What is needed of the limiter's storage."""

    def incr(self, key: str, expiry: int, amount: int = 1) -> int: ...
    def get(self, key: str) -> int: ...
    def get_expiry(self, key: str) -> float: ...


def sealed(word: str, secret: str) -> str:
    """A key that tells nobody the student ID it stands for."""
    return hashlib.blake2b(word.encode(), key=secret.encode()[:64], digest_size=16).hexdigest()


def seconds_after(wrong: int) -> int:
    """The wait after so many wrong tries within a day."""
    return 0 if wrong <= FREE_TRIES else int(min(LONGEST_SECONDS, 2 ** min(wrong - FREE_TRIES, 20)))


def count_wrong(storage: Storage, key: str) -> None:
    """One more wrong try for a sealed student ID."""
    wrong = storage.incr(f"family-wrong/{key}", FORGOTTEN_AFTER)
    if seconds := seconds_after(wrong):
        storage.incr(f"family-wait/{key}/{wrong}", seconds)


def must_wait(storage: Storage, key: str, *, now: float) -> int:
    """Seconds until the next try for a sealed student ID is taken; 0: at once."""
    wrong = storage.get(f"family-wrong/{key}")
    if not wrong or not storage.get(f"family-wait/{key}/{wrong}"):
        return 0
    return max(0, math.ceil(storage.get_expiry(f"family-wait/{key}/{wrong}") - now))
