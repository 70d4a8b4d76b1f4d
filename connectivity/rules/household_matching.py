"""Students become households by evidence: sure links are made, doubtful ones are shown to people, who decide.

A chain of sure links makes one household unless two of its records contradict each other; then the strongest links are made first, and
links that would bring a contradiction together are left for people.
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from connectivity.rules.household_evidence import Evidence, contradicts, strength, sureness
from connectivity.rules.household_keys import Keys, Records, read
from connectivity.rules.household_pairs import Index, candidates, compare

__all__ = ["Doubt", "Matching", "Records", "match"]

# A home of more records, not all of one guardian at one address, is no household: all its links are doubtful.
MOST_RECORDS = 40


@dataclass(frozen=True)
class Doubt:
    """Two homes that may be one, by the strongest evidence between any two of their records."""

    one: int
    other: int
    evidence: Evidence


@dataclass(frozen=True)
class Matching:
    """`home` of each record: a registered household's id, or -1, -2 ... for a new household; the same number is the same household.

    `evidence` of each student: the strongest sure link to another record of the same home, 0 for a student alone.
    """

    home: NDArray[np.int64]
    evidence: NDArray[np.int32]
    doubtful: list[Doubt]


@dataclass(frozen=True)
class Links:
    """Pairs of records with what is seen and how much it weighs."""

    left: Index
    right: Index
    evidence: NDArray[np.int32]
    strength: NDArray[np.int32]

    def only(self, where: NDArray[np.bool_] | Index) -> "Links":
        return Links(self.left[where], self.right[where], self.evidence[where], self.strength[where])


def match(records: Records, *, apart: Collection[tuple[int, int]] = ()) -> Matching:
    """Finds the home of every record. `apart`: pairs of registered households that people decided are two; no doubt is raised of them.

    Registered households are never joined. A student who is surely of two goes to the one with more evidence; where they weigh the
    same, to neither, and both are doubtful.
    """
    keys = read(records)
    left, right = candidates(keys)
    evidence = compare(keys, left, right)
    links = Links(left, right, evidence, strength(evidence))
    sure, doubtful = sureness(evidence)
    made = links.only(sure)
    home = numbered(keys.household, resolved(keys, made))
    return Matching(home, _reasons(keys.household, made, home), _doubts(links.only(sure | doubtful), home, apart))


def components(count: int, left: Index, right: Index) -> Index:
    """For each of `count` records the smallest record it is linked to, directly or through others."""
    label = np.arange(count)
    while len(left):
        smaller = np.minimum(label[left], label[right])
        np.minimum.at(label, label[left], smaller)
        np.minimum.at(label, label[right], smaller)
        while (label[label] != label).any():
            label = label[label]
        open_ = label[left] != label[right]
        left, right = left[open_], right[open_]
    return label


def resolved(keys: Keys, links: Links) -> Index:
    """For each record the first record of its home: linked records share it, but never two registered households nor a contradiction."""
    households, everyone = keys.household, np.arange(len(keys.mark))
    label = components(len(everyone), links.left, links.right)
    size, registered = (
        np.bincount(label, minlength=len(label)),
        np.bincount(label[households >= 0], minlength=len(label)),
    )
    unlike = np.zeros(len(label), np.bool_)
    for column in (keys.line.of, keys.unit_core.of, keys.guardian.of):
        unlike |= column != column[label]
    varied = np.bincount(label[unlike], minlength=len(label)) > 0
    suspect = (registered > 1) | (varied & (size > 2))
    too_many = suspect & (size > MOST_RECORDS)
    label = np.where(too_many[label], everyone, label)
    left, right = all_pairs(label, np.flatnonzero(suspect[label]))
    clash = contradicts(compare(keys, left, right)) | ((households[left] >= 0) & (households[right] >= 0))
    torn = np.zeros(len(label), np.bool_)
    torn[label[left[clash]]] = True
    inside = links.only(torn[label[links.left]] & (label[links.left] == label[links.right]))
    label = np.where(torn[label], everyone, label)
    for first, members in strongest_first(inside, households, left[clash], right[clash]):
        label[members] = first
    return label


def all_pairs(label: Index, members: Index) -> tuple[Index, Index]:
    """Every pair of the given records that share a label."""
    order = members[np.argsort(label[members], kind="stable")]
    left, right = [order[:0]], [order[:0]]
    for step in range(1, MOST_RECORDS):
        at = np.flatnonzero(label[order[step:]] == label[order[:-step]])
        if not len(at):
            break
        left.append(order[at])
        right.append(order[at + step])
    return np.concatenate(left), np.concatenate(right)


def strongest_first(links: Links, households: Index, left: Index, right: Index) -> list[tuple[int, list[int]]]:
    """Homes of the linked records that hold no pair (left, right): links are made in the order of their strength.

    Links of one strength are made together or, where they would bring such a pair together, not at all: so the order of the records
    decides nothing. Of one strength, links between students come before links to a registered household.
    """
    foes: dict[int, set[int]] = {}
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        foes.setdefault(one, set()).add(other)
        foes.setdefault(other, set()).add(one)
    registered = (households[links.left] >= 0) | (households[links.right] >= 0)
    order = np.lexsort((registered, -links.strength))
    steps = zip(
        -links.strength[order], registered[order], links.left[order].tolist(), links.right[order].tolist(), strict=True
    )
    home: dict[int, list[int]] = {}
    for _, step in groupby(steps, key=lambda link: (link[0], link[1])):
        for members in _joined([(one, other) for *_, one, other in step], home):
            together = set(members)
            if all(together.isdisjoint(foes.get(one, ())) for one in members):
                home.update(dict.fromkeys(members, members))
    return [(min(members), members) for one, members in home.items() if one == members[0]]


def _joined(links: list[tuple[int, int]], home: dict[int, list[int]]) -> list[list[int]]:
    """The members of the homes that these links would make of the homes there are."""
    group: dict[int, list[int]] = {}
    for one, other in links:
        for record in (one, other):
            if record not in group:
                group.update(dict.fromkeys(home.get(record, [record]), home.get(record, [record])))
        if group[one] is not group[other]:
            members = [*group[one], *group[other]]
            group.update(dict.fromkeys(members, members))
    return [members for record, members in group.items() if record == members[0]]


def numbered(households: Index, label: Index) -> Index:
    """The registered household of each home, or -1, -2 ... in the order in which the new ones appear."""
    home = np.full(len(label), -1, np.int64)
    registered = np.flatnonzero(households >= 0)
    home[label[registered]] = households[registered]
    home = home[label]
    new = np.flatnonzero(home < 0)
    home[new] = -1 - np.unique(label[new], return_inverse=True)[1]
    return home


def _reasons(households: Index, made: Links, home: Index) -> NDArray[np.int32]:
    """For each student the evidence of the strongest link inside the home."""
    inside = made.only(home[made.left] == home[made.right])
    inside = inside.only(np.lexsort((inside.evidence, inside.strength)))
    reasons = np.zeros(len(home), np.int32)
    reasons[np.stack((inside.left, inside.right), axis=1).ravel()] = np.repeat(inside.evidence, 2)
    return np.where(households >= 0, np.int32(0), reasons)


def _doubts(links: Links, home: Index, apart: Collection[tuple[int, int]]) -> list[Doubt]:
    """One doubt for each pair of homes, strongest first."""
    between = links.only(home[links.left] != home[links.right])
    first = np.minimum(home[between.left], home[between.right])
    second = np.maximum(home[between.left], home[between.right])
    order = np.lexsort((between.evidence, between.strength, second, first))
    first, second, between = first[order], second[order], between.only(order)
    last = np.flatnonzero(np.append((first[1:] != first[:-1]) | (second[1:] != second[:-1]), True))[: len(first)]
    last = last[np.argsort(-between.strength[last], kind="stable")]
    decided = {(min(pair), max(pair)) for pair in apart}
    found = zip(first[last].tolist(), second[last].tolist(), between.evidence[last].tolist(), strict=True)
    return [Doubt(one, other, Evidence(seen)) for one, other, seen in found if (one, other) not in decided]
