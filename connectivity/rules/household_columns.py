"""Columns of text as whole numbers: one a record, or several, so that a million of them can be sorted and compared at once."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from zlib import crc32

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Coded:
    """One column: a number for each record (-1: nothing known), what each number stands for, and a mark of that for sorting."""

    of: NDArray[np.int32]
    texts: list[str]

    @cached_property
    def marks(self) -> NDArray[np.int64]:
        """A checksum of each record's text: sorts alike however the records are ordered."""
        return np.array([*map(crc32, map(str.encode, self.texts)), 0], np.int64)[self.of]


@dataclass(frozen=True)
class Bags:
    """Several numbers for each record: record `owner[k]` holds `values[k]`, sorted by owner; `starts` has n + 1 entries."""

    owner: NDArray[np.int64]
    values: NDArray[np.int64]
    starts: NDArray[np.int64]

    def shared(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many values the records of each pair have in common."""
        counts = self.starts[left + 1] - self.starts[left]
        pair = np.repeat(np.arange(len(left)), counts)
        within = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
        wanted = right[pair] * self._span + self.values[self.starts[left][pair] + within]
        at = np.searchsorted(self._sorted, wanted)
        found = self._sorted[np.minimum(at, len(self._sorted) - 1)] == wanted if len(self._sorted) else at < 0
        return np.bincount(pair[found], minlength=len(left))

    @cached_property
    def _span(self) -> int:
        return int(self.values.max(initial=0)) + 1

    @cached_property
    def _sorted(self) -> NDArray[np.int64]:
        return distinct(self.owner * self._span + self.values)


def code(column: Iterable[str], key: Callable[[str], str] | None = None) -> Coded:
    """Numbers each distinct text, or what `key` makes of it, in order of appearance; an empty one is -1."""
    seen = defaultdict[str, int](count().__next__)
    of = np.fromiter(map(seen.__getitem__, column), np.int32)
    if key is not None:
        keyed = code(map(key, list(seen)))
        return Coded(keyed.of[of] if len(of) else of, keyed.texts)
    if "" in seen:
        of[of == seen[""]] = -1
    return Coded(of, list(seen))


def distinct(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """The values in order, each once. (numpy's unique hashes first, which takes ten times as long where few values repeat.)"""
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def bags(rows: Sequence[Sequence[str]], parts: Callable[[str], Iterable[str]] | None = None) -> Bags:
    """Several texts for each record, each of which may stand for several parts."""
    owner, coded = owners(rows), code(chain.from_iterable(rows))
    if parts is None:
        return bagged(owner[coded.of >= 0], coded.of[coded.of >= 0], len(rows))
    seen: dict[str, int] = {}
    parted = [[seen.setdefault(part, len(seen)) for part in parts(text)] for text in coded.texts]
    widths = np.array([*map(len, parted), 0], np.int64)
    first, flat = np.cumsum(widths) - widths, np.fromiter(chain.from_iterable(parted), np.int64)
    counts = widths[coded.of]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return bagged(np.repeat(owner, counts), flat[np.repeat(first[coded.of], counts) + within], len(rows))


def owners(rows: Sequence[Sequence[str]]) -> NDArray[np.int64]:
    """The record of each text."""
    return np.repeat(np.arange(len(rows)), np.fromiter(map(len, rows), np.int64, len(rows)))


def bagged(owner: NDArray[np.int64], values: NDArray[np.integer], records: int) -> Bags:
    return Bags(owner, values.astype(np.int64), np.searchsorted(owner, np.arange(records + 1)))


def mark(*columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """One checksum of several columns, the same for the same content wherever the record stands."""
    mixed = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        mixed = (mixed ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return mixed.view(np.int64)
