"""Opaque marks drawn from the seed: household references and membership codes. A real register draws them from the system's own source."""

import numpy as np
from numpy.typing import NDArray

from connectivity.rules.membership_codes import ALPHABET

Ints = NDArray[np.int64]

LETTERS = 8
BITS = 5  # a letter of the alphabet


def marks(rng: np.random.Generator, count: int) -> list[str]:
    """Distinct marks of eight letters and digits."""
    drawn = np.zeros(0, dtype=np.int64)
    while len(drawn) < count:
        drawn = np.unique(np.r_[drawn, rng.integers(1 << (LETTERS * BITS), size=count + 8)])
    return _spelled(rng.permutation(drawn)[:count])


def _spelled(numbers: Ints) -> list[str]:
    shifts = np.arange(LETTERS - 1, -1, -1) * BITS
    letters = np.array(list(ALPHABET))[(numbers[:, None] >> shifts) & (len(ALPHABET) - 1)]
    return ["".join(row) for row in letters.tolist()]
