"""Which records are worth laying side by side, and what is seen when they are. Near-linear in the number of records."""

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from connectivity.rules.household_columns import Coded, distinct
from connectivity.rules.household_evidence import Evidence
from connectivity.rules.household_keys import Keys

# Records of one block are sorted by a second key and each is compared with so many after it: all of them in most blocks,
# the likeliest in a tower. So a block of any size costs its length times this.
REACH = 12
SURELY_ALIKE = 0.94  # Jaro-Winkler, for a name with two slips

Index = NDArray[np.int64]
Pairs = tuple[Index, Index]


def candidates(keys: Keys) -> Pairs:
    """Pairs of records, each once, that share a home, a phone, an email, or a guardian or last name at an address.

    Where many homes give no unit, the home alone brings no pair: there a guardian, a last name, a phone or an email must.
    """
    guardian, mark = keys.guardian.marks, keys.mark
    unit = np.where(keys.crowded & (keys.unit_core.of < 0), -1, keys.unit_core.of + 1)
    number = np.append(keys.street.number, np.int32(-1))[keys.line.of]
    calls, named = keys.phones.owner, keys.surnames.owner
    records = len(mark)
    blocks = [
        neighbors(together(keys.core, unit), guardian, mark),
        neighbors(together(keys.guardian.of, keys.core), keys.unit.marks, mark),
        neighbors(together(keys.guardian.of, number), keys.line.marks, mark),
        neighbors(keys.email.astype(np.int64), guardian, mark),
        neighbors(keys.phones.values, guardian[calls], mark[calls], calls, records),
        neighbors(together(keys.core[named], keys.surnames.values), guardian[named], mark[named], named, records),
    ]
    packed = distinct(np.concatenate(blocks))
    return packed // records, packed % records


def together(one: NDArray[np.integer], other: NDArray[np.integer]) -> Index:
    """One number for two; -1 where either is unknown."""
    span = int(other.max(initial=0)) + 1
    return np.where((one < 0) | (other < 0), -1, one.astype(np.int64) * span + other)


def neighbors(block: Index, then: Index, mark: Index, owner: Index | None = None, records: int | None = None) -> Index:
    """Pairs `smaller * records + larger` of entries of one block that stand within REACH of each other, sorted by `then`, then `mark`."""
    records = len(block) if records is None else records
    held = np.flatnonzero(block >= 0)
    order = held[np.lexsort((mark[held], then[held], block[held]))]
    block, owner = block[order], order if owner is None else owner[order]
    found = []
    for step in range(1, REACH + 1):
        at = np.flatnonzero(block[step:] == block[:-step])
        if not len(at):
            break
        one, other = owner[at], owner[at + step]
        found.append((np.minimum(one, other) * records + np.maximum(one, other))[one != other])
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def compare(keys: Keys, left: Index, right: Index) -> NDArray[np.int32]:
    """The evidence of each pair."""
    seen = np.zeros(len(left), np.int32)

    def see(evidence: Evidence, where: NDArray[np.bool_]) -> None:
        seen[where] |= np.int32(evidence)

    same, near, other = addresses(keys, left, right)
    see(Evidence.ADDRESS, same)
    see(Evidence.ADDRESS_NEAR, near)
    see(Evidence.OTHER_ADDRESS, other)
    place = same | near
    one, two = keys.unit_core.of[left], keys.unit_core.of[right]
    alike, both = place & (one == two) & (one >= 0), (one >= 0) & (two >= 0)
    written_alike = keys.unit.of[left] == keys.unit.of[right]
    see(Evidence.UNIT, alike & written_alike)
    see(Evidence.UNIT_NEAR, alike & ~written_alike)
    see(Evidence.OTHER_UNIT, place & both & (one != two))
    see(Evidence.ONE_UNIT, place & ((one >= 0) != (two >= 0)))
    see(Evidence.CROWDED, place & ~both & (keys.crowded[left] | keys.crowded[right]))

    one, two = keys.guardian.of[left], keys.guardian.of[right]
    known = (one >= 0) & (two >= 0)
    alike = names_alike(keys.guardian, one, two)
    see(Evidence.GUARDIAN, known & (one == two))
    see(Evidence.GUARDIAN_NEAR, alike)
    see(Evidence.COMMON_NAME, known & (one == two) & keys.common_name[left])
    see(Evidence.OTHER_GUARDIAN, known & (one != two) & ~alike)

    phone = keys.phones.shared(left, right) > 0
    see(Evidence.PHONE, phone)
    see(Evidence.PHONE_NEAR, phones_alike(keys, left, right, np.flatnonzero(place & ~phone)))
    see(Evidence.EMAIL, (keys.email[left] >= 0) & (keys.email[left] == keys.email[right]))
    shared = keys.surnames.shared(left, right)
    see(Evidence.SURNAME, shared > 0)
    see(Evidence.BOTH_SURNAMES, shared > 1)
    see(Evidence.BIRTH_DATE, keys.births.shared(left, right) > 0)
    return seen


def addresses(keys: Keys, left: Index, right: Index) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pairs have the same address, nearly the same, and another one; none of them where an address is unknown.

    Nearly: the house number agrees and the street has another kind, no direction on one side, another ZIP code, or, in the same ZIP
    code, one slip. 63RD ST, 63RD PL and 64TH ST are so near: two things must agree besides (`sureness`).
    """
    one, two, street = keys.line.of[left], keys.line.of[right], keys.street
    known, zips_agree = (one >= 0) & (two >= 0), _equal_or_missing(keys.zip.of[left], keys.zip.of[right])
    same = known & (one == two) & zips_agree
    near = known & (one == two) & ~zips_agree
    maybe = np.flatnonzero(known & (one != two))
    maybe = maybe[(street.number[one[maybe]] == street.number[two[maybe]]) & (street.number[one[maybe]] >= 0)]
    maybe = maybe[_equal_or_missing(street.direction[one[maybe]], street.direction[two[maybe]])]
    name, other_name = street.name[one[maybe]], street.name[two[maybe]]
    slip = zips_agree[maybe] & _one_slip(street.names, name, other_name)
    near[maybe] = (name >= 0) & (other_name >= 0) & ((name == other_name) | slip)
    return same, near, known & ~same & ~near


def names_alike(names: Coded, one: NDArray[np.int32], two: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which differing names are one name with a slip or two, or one of them without its second last name or middle name."""
    at = np.flatnonzero((one >= 0) & (two >= 0) & (one != two))
    pairs, back = np.unique(one[at].astype(np.int64) * len(names.texts) + two[at], return_inverse=True)
    a, b = pairs // max(1, len(names.texts)), pairs % max(1, len(names.texts))
    first, second = [names.texts[i] for i in a.tolist()], [names.texts[i] for i in b.tolist()]
    slips = process.cpdist(first, second, scorer=DamerauLevenshtein.distance, score_cutoff=2, dtype=np.uint8)
    likeness = process.cpdist(first, second, scorer=JaroWinkler.similarity, score_cutoff=SURELY_ALIKE, dtype=np.float32)
    parts = np.array([_is_part(*pair) for pair in zip(first, second, strict=True)], np.bool_)
    alike = np.zeros(len(one), np.bool_)
    alike[at] = ((slips <= 1) | ((slips == 2) & (likeness > 0)) | parts)[back]
    return alike


def phones_alike(keys: Keys, left: Index, right: Index, at: Index) -> NDArray[np.bool_]:
    """Which of the pairs at the places `at` have phones that differ by one digit or by two neighbors swapped."""
    alike = np.zeros(len(left), np.bool_)
    bags = keys.phones
    for mine in range(3):
        for theirs in range(3):
            one, two = bags.starts[left[at]] + mine, bags.starts[right[at]] + theirs
            both = np.flatnonzero((one < bags.starts[left[at] + 1]) & (two < bags.starts[right[at] + 1]))
            a, b = keys.phone_digits[bags.values[one[both]]], keys.phone_digits[bags.values[two[both]]]
            differ = a != b
            count = differ.sum(axis=1)
            swapped = ((a[:, :-1] == b[:, 1:]) & (a[:, 1:] == b[:, :-1]) & differ[:, :-1] & differ[:, 1:]).any(axis=1)
            alike[at[both[(count == 1) | ((count == 2) & swapped)]]] = True
    return alike


def _equal_or_missing(one: NDArray[np.int32], two: NDArray[np.int32]) -> NDArray[np.bool_]:
    return np.asarray((one == two) | (one < 0) | (two < 0))


def _one_slip(texts: list[str], one: NDArray[np.int32], two: NDArray[np.int32]) -> NDArray[np.bool_]:
    first, second = [texts[i] for i in one.tolist()], [texts[i] for i in two.tolist()]
    slips = process.cpdist(first, second, scorer=DamerauLevenshtein.distance, score_cutoff=1, dtype=np.uint8)
    return np.asarray(slips <= 1)


def _is_part(one: str, other: str) -> bool:
    """`garcia maria` is part of `garcia lopez maria`; one word alone is part of nothing."""
    shorter, longer = sorted((one.split(), other.split()), key=len)
    return len(shorter) > 1 and set(shorter) <= set(longer)
