"""What a provider may say of a record: the steps it reports, and the problems that it reports instead of a step."""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from connectivity.rules.service_states import N_, EndReason, Status


class Said(StrEnum):
    """The provider's word about one record."""

    IN_PROGRESS = "in_progress"
    KIT_SHIPPED = "kit_shipped"
    INSTALLED = "installed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    ENDED = "ended"
    CODE_NOT_FOUND = "code_not_found"
    CODE_ALREADY_USED = "code_already_used"
    NAME_MISMATCH = "name_mismatch"
    ADDRESS_MISMATCH = "address_mismatch"
    NOT_SERVICEABLE = "address_not_serviceable"
    NOT_REACHED = "could_not_reach_family"
    MUST_BE_CONVERTED = "existing_account_must_be_converted"
    DUPLICATE = "duplicate"
    OTHER = "other"


# A step of the enrollment. Every other word is a problem: it is kept and shown to staff, and the enrollment stays where it is.
STEP_OF: Mapping[Said, Status] = {
    Said.IN_PROGRESS: Status.ORDERED,
    Said.KIT_SHIPPED: Status.KIT_SHIPPED,
    Said.INSTALLED: Status.INSTALLED,
    Said.ACTIVE: Status.ACTIVE,
    Said.SUSPENDED: Status.SUSPENDED,
    Said.CANCELLED: Status.ENDED,
    Said.ENDED: Status.ENDED,
}
PROBLEMS = tuple(one for one in Said if one not in STEP_OF)
# The word that says again where an enrollment stands; “code issued” is our own step, so no word says it.
WORD_OF: Mapping[Status, Said] = {
    Status.ORDERED: Said.IN_PROGRESS,
    Status.KIT_SHIPPED: Said.KIT_SHIPPED,
    Status.INSTALLED: Said.INSTALLED,
    Status.ACTIVE: Said.ACTIVE,
    Status.SUSPENDED: Said.SUSPENDED,
    Status.ENDED: Said.ENDED,
}

SAID_LABEL: dict[Said, str] = {
    Said.IN_PROGRESS: N_("In progress"),
    Said.KIT_SHIPPED: N_("Kit shipped"),
    Said.INSTALLED: N_("Installed"),
    Said.ACTIVE: N_("Active"),
    Said.SUSPENDED: N_("Suspended"),
    Said.CANCELLED: N_("Cancelled"),
    Said.ENDED: N_("Ended"),
    Said.CODE_NOT_FOUND: N_("Code not found"),
    Said.CODE_ALREADY_USED: N_("Code already used"),
    Said.NAME_MISMATCH: N_("Name mismatch"),
    Said.ADDRESS_MISMATCH: N_("Address mismatch"),
    Said.NOT_SERVICEABLE: N_("Address not serviceable"),
    Said.NOT_REACHED: N_("Could not reach family"),
    Said.MUST_BE_CONVERTED: N_("Existing account must be converted"),
    Said.DUPLICATE: N_("Duplicate"),
    Said.OTHER: N_("Other"),
}
# What staff do about a problem.
NEXT_STEP_OF_PROBLEM: dict[Said, str] = {
    Said.CODE_NOT_FOUND: N_("Check with the provider whether its list of codes is complete"),
    Said.CODE_ALREADY_USED: N_("Ask the provider which account used the code, and give the family a new one"),
    Said.NAME_MISMATCH: N_("Ask the family in whose name the account is, and correct the guardian if needed"),
    Said.ADDRESS_MISMATCH: N_("Ask the family where the connection goes, and correct the address"),
    Said.NOT_SERVICEABLE: N_("Offer the family a hotspot"),
    Said.NOT_REACHED: N_("Call the family and check its phone numbers"),
    Said.MUST_BE_CONVERTED: N_("Help the family move its present account to the program"),
    Said.DUPLICATE: N_("Check whether two records are one household"),
    Said.OTHER: N_("Ask the provider what is wrong"),
}

_SIGNS = re.compile(r"[^a-z]+")
_ALSO: dict[str, Said] = {
    "ordered": Said.IN_PROGRESS,
    "order placed": Said.IN_PROGRESS,
    "shipped": Said.KIT_SHIPPED,
    "activated": Said.ACTIVE,
    "canceled": Said.CANCELLED,
    "disconnected": Said.ENDED,
    "not serviceable": Said.NOT_SERVICEABLE,
    "could not reach the family": Said.NOT_REACHED,
}
_WORDS: dict[str, Said] = {one.value.replace("_", " "): one for one in Said} | _ALSO
_REASONS: dict[str, EndReason] = {one.value.replace("_", " "): one for one in EndReason} | {
    "canceled": EndReason.CANCELLED,
    "moved away": EndReason.MOVED,
    "moved out": EndReason.MOVED,
    "could not be installed": EndReason.NOT_INSTALLED,
    "customer request": EndReason.OPTED_OUT,
    "no longer wanted": EndReason.OPTED_OUT,
}


@lru_cache(maxsize=1024)
def read_said(text: str) -> Said | None:
    """`In Progress`, `in_progress`, `ordered` -> in progress. None for blank and for what is no word of ours."""
    return _WORDS.get(_SIGNS.sub(" ", text.casefold()).strip())


@lru_cache(maxsize=1024)
def read_reason(said: Said, text: str) -> EndReason | None:
    """Why service ended, by the provider's own words; None for a word that ends nothing."""
    if STEP_OF.get(said) is not Status.ENDED:
        return None
    known = _REASONS.get(_SIGNS.sub(" ", text.casefold()).strip())
    return known or (EndReason.CANCELLED if said is Said.CANCELLED else EndReason.OTHER)


def allowed_words() -> str:
    """Every word a provider may write, for a message."""
    return ", ".join(one.value.replace("_", " ") for one in Said)
