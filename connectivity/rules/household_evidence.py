"""What two records have in common and what sets them apart, how much it weighs, and whether it makes them one household."""

from collections.abc import Mapping
from enum import IntFlag, StrEnum

import numpy as np
from numpy.typing import NDArray


class Evidence(IntFlag):
    """Seen when two records are laid side by side; the last six speak against one household."""

    ADDRESS = 1
    ADDRESS_NEAR = 2
    UNIT = 4
    UNIT_NEAR = 8
    GUARDIAN = 16
    GUARDIAN_NEAR = 32
    PHONE = 64
    PHONE_NEAR = 128
    EMAIL = 256
    SURNAME = 512
    BOTH_SURNAMES = 1024
    BIRTH_DATE = 2048
    ONE_UNIT = 4096
    CROWDED = 8192
    OTHER_UNIT = 16384
    OTHER_ADDRESS = 32768
    OTHER_GUARDIAN = 65536
    COMMON_NAME = 131072


class Sureness(StrEnum):
    """A sure link is made; a doubtful one is shown to people."""

    SURE = "sure"
    DOUBTFUL = "doubtful"


WORDS: Mapping[Evidence, str] = {
    Evidence.ADDRESS: "same address",
    Evidence.ADDRESS_NEAR: "nearly the same address",
    Evidence.UNIT: "same unit",
    Evidence.UNIT_NEAR: "same unit, written differently",
    Evidence.GUARDIAN: "same guardian",
    Evidence.GUARDIAN_NEAR: "nearly the same guardian's name",
    Evidence.PHONE: "same phone",
    Evidence.PHONE_NEAR: "phones differ by one digit",
    Evidence.EMAIL: "same email",
    Evidence.SURNAME: "students share a last name",
    Evidence.BOTH_SURNAMES: "students share both last names",
    Evidence.BIRTH_DATE: "students born on the same day",
    Evidence.ONE_UNIT: "only one gives a unit",
    Evidence.CROWDED: "many homes at this address",
    Evidence.OTHER_UNIT: "the units differ",
    Evidence.OTHER_ADDRESS: "the addresses differ",
    Evidence.OTHER_GUARDIAN: "the guardians' names differ",
    Evidence.COMMON_NAME: "the guardian's name is common",
}

# Points for one household: only their order matters. It decides between two households that a student is sure of.
WEIGHTS: Mapping[Evidence, int] = {
    Evidence.ADDRESS: 3,
    Evidence.ADDRESS_NEAR: 1,
    Evidence.UNIT: 2,
    Evidence.UNIT_NEAR: 1,
    Evidence.GUARDIAN: 4,
    Evidence.GUARDIAN_NEAR: 3,
    Evidence.PHONE: 4,
    Evidence.PHONE_NEAR: 2,
    Evidence.EMAIL: 4,
    Evidence.SURNAME: 2,
    Evidence.BOTH_SURNAMES: 1,
    Evidence.BIRTH_DATE: 1,
    Evidence.ONE_UNIT: -1,
    Evidence.CROWDED: -1,
    Evidence.OTHER_UNIT: -2,
    Evidence.OTHER_ADDRESS: -3,
    Evidence.OTHER_GUARDIAN: -2,
    Evidence.COMMON_NAME: -1,
}


def words(evidence: int) -> list[str]:
    """The evidence in plain words, what speaks for one household first: `["same address and unit", "same phone"]`."""
    seen = [one for one in WORDS if one & evidence]
    if Evidence.ADDRESS in seen and Evidence.UNIT in seen:
        return ["same address and unit", *(WORDS[one] for one in seen if one not in Evidence.ADDRESS | Evidence.UNIT)]
    return [WORDS[one] for one in seen if one is not Evidence.SURNAME or Evidence.BOTH_SURNAMES not in seen]


def strength(evidence: NDArray[np.int32]) -> NDArray[np.int32]:
    """The points of each pair."""
    points = np.zeros(len(evidence), np.int32)
    for one, weight in WEIGHTS.items():
        points += np.where(evidence & one, np.int32(weight), np.int32(0))
    return points


def sureness(evidence: NDArray[np.int32]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pairs are surely one household, and which are doubtful; the rest are two households.

    A sure pair never lives at two addresses. At one home a second thing must agree: the guardian, or a phone or email together with a
    name. Where the home itself is uncertain (a unit missing or another one, a street misspelled, many homes behind one door) two things
    must agree. Relatives under one roof (same unit, a shared last name, other guardian, other phone) are for people to decide.
    """
    has = {one: (evidence & one) != 0 for one in Evidence}
    guardian, near, other = has[Evidence.GUARDIAN], has[Evidence.GUARDIAN_NEAR], has[Evidence.OTHER_GUARDIAN]
    phone, email = has[Evidence.PHONE] | has[Evidence.PHONE_NEAR], has[Evidence.EMAIL]
    contact, surname, crowded = phone | email, has[Evidence.SURNAME], has[Evidence.CROWDED]
    unit, other_unit = has[Evidence.UNIT] | has[Evidence.UNIT_NEAR], has[Evidence.OTHER_UNIT]
    building = has[Evidence.ADDRESS] | has[Evidence.ADDRESS_NEAR]
    place, door = building & ~other_unit, building & (unit | ~(has[Evidence.ONE_UNIT] | crowded | other_unit))
    home, unknown = has[Evidence.ADDRESS] & door, ~(building | has[Evidence.OTHER_ADDRESS])

    family = surname & (has[Evidence.BIRTH_DATE] | has[Evidence.BOTH_SURNAMES] | (unit & ~other) | near)
    sure = home & (guardian | family | (contact & (near | ~other)) | (phone & email))
    sure |= (door & contact & surname) | (
        place & guardian & (contact | (surname & ~(crowded & has[Evidence.COMMON_NAME])))
    )
    sure |= place & surname & ((contact & ~other) | (phone & email))
    sure |= (building | unknown) & guardian & contact & (surname | ~other_unit)

    person = guardian | near | surname
    doubtful = home & (near | surname | contact)
    doubtful |= place & (guardian | (near & surname) | contact)
    doubtful |= other_unit & (guardian | contact)
    doubtful |= (has[Evidence.OTHER_ADDRESS] | unknown) & ((contact & person) | (phone & email))
    return sure, doubtful & ~sure


def contradicts(evidence: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Pairs that no third record may bring into one household: two homes, or two guardians with no name, phone or email in common.

    Two units are two homes unless the guardian and a phone or email are the same.
    """
    contact = (evidence & (Evidence.PHONE | Evidence.PHONE_NEAR | Evidence.EMAIL)) != 0
    one_person = contact & ((evidence & Evidence.GUARDIAN) != 0)
    two_homes = ((evidence & Evidence.OTHER_ADDRESS) != 0) | (((evidence & Evidence.OTHER_UNIT) != 0) & ~one_person)
    strangers = ((evidence & Evidence.OTHER_GUARDIAN) != 0) & ~contact & ((evidence & Evidence.SURNAME) == 0)
    return np.asarray(two_homes | strangers)
