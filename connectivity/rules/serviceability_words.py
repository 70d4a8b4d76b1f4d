"""What a provider may say of an address: how it found it, whether its wire reaches it, whether it serves it already.

Blank and unknown stay unknown. A word that nobody foresaw is not guessed: its row is refused with the words that may be written.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from connectivity.rules.service_states import N_


class MatchResult(StrEnum):
    """How the provider found the address in its own list."""

    EXACT = "exact"
    CORRECTED = "corrected"
    AMBIGUOUS = "ambiguous"
    NOT_FOUND = "not_found"


class Serviceable(StrEnum):
    """Whether the provider can serve the address by wire. Unknown is not no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class ExistingService(StrEnum):
    """Whether the address has the provider's service already."""

    YES = "yes"
    NO = "no"
    NOT_DISCLOSED = "not_disclosed"


FOUND = (MatchResult.EXACT, MatchResult.CORRECTED)  # only of an address that was found can it be known what reaches it

MATCH_LABEL: Mapping[MatchResult, str] = {
    MatchResult.EXACT: N_("Exact"),
    MatchResult.CORRECTED: N_("Corrected"),
    MatchResult.AMBIGUOUS: N_("Ambiguous"),
    MatchResult.NOT_FOUND: N_("Not found"),
}
SERVICEABLE_LABEL: Mapping[Serviceable, str] = {
    Serviceable.YES: N_("Yes"),
    Serviceable.NO: N_("No"),
    Serviceable.UNKNOWN: N_("Not known"),
}
EXISTING_LABEL: Mapping[ExistingService, str] = {
    ExistingService.YES: N_("Yes"),
    ExistingService.NO: N_("No"),
    ExistingService.NOT_DISCLOSED: N_("Not said"),
}

_YES = ("yes", "y", "true", "t", "1")
_NO = ("no", "n", "false", "f", "0")
_UNKNOWN = (
    "unknown",
    "unk",
    "u",
    "?",
    "-",
    "n/a",
    "na",
    "tbd",
    "pending",
    "not known",
    "not sure",
    "cannot say",
    "maybe",
)

_MATCH: dict[str, MatchResult] = {
    **dict.fromkeys(("exact", "exact match", "matched", "match", "found"), MatchResult.EXACT),
    **dict.fromkeys(("corrected", "corrected match", "normalized", "changed"), MatchResult.CORRECTED),
    **dict.fromkeys(("ambiguous", "multiple", "multiple matches", "more than one"), MatchResult.AMBIGUOUS),
    **dict.fromkeys(("not found", "no match", "none", "not matched", "unmatched", "notfound"), MatchResult.NOT_FOUND),
}
_SERVICEABLE: dict[str, Serviceable] = {
    **dict.fromkeys(
        (*_YES, "serviceable", "available", "on net", "in footprint", "service available"), Serviceable.YES
    ),
    **dict.fromkeys(
        (*_NO, "not serviceable", "unserviceable", "non serviceable", "not available", "unavailable", "off net",
         "out of footprint", "no service", "no service available"),
        Serviceable.NO,
    ),
    # Somebody has to look, or to dig, first: that is neither yes nor no.
    **dict.fromkeys(
        (*_UNKNOWN, "survey required", "site survey", "site survey required", "construction required", "near net"),
        Serviceable.UNKNOWN,
    ),
}  # fmt: skip
_EXISTING: dict[str, ExistingService] = {
    **dict.fromkeys((*_YES, "active", "customer", "existing customer"), ExistingService.YES),
    **dict.fromkeys((*_NO, "none", "not a customer", "no service"), ExistingService.NO),
    **dict.fromkeys((*_UNKNOWN, "not disclosed", "not shared", "confidential"), ExistingService.NOT_DISCLOSED),
}
_SPACES = re.compile(r"[\s_‐–—]+|(?<=\w)-(?=\w)")
_SPEED = re.compile(
    r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]+)? ?(g|gbps|gb/s|gbit/s|gig|m|mbps|mb/s|mbit/s)?"
).fullmatch
MOST_MBPS = 100_000


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text.casefold()).strip(" .*'\"")


@lru_cache(maxsize=1024)
def read_match(text: str) -> MatchResult | None:
    """`Exact match`, `NOT_FOUND`. None for blank and for no word of ours."""
    return _MATCH.get(_plain(text))


@lru_cache(maxsize=1024)
def read_serviceable(text: str) -> Serviceable | None:
    """`Y`, `on-net`, `Not serviceable`; blank is unknown. None for no word of ours."""
    plain = _plain(text)
    return _SERVICEABLE.get(plain) if plain else Serviceable.UNKNOWN


@lru_cache(maxsize=1024)
def read_existing(text: str) -> ExistingService | None:
    """`Y`, `none`; blank is not disclosed. None for no word of ours."""
    plain = _plain(text)
    return _EXISTING.get(plain) if plain else ExistingService.NOT_DISCLOSED


@lru_cache(maxsize=1024)
def read_speed(text: str) -> int | None:
    """Mbps, to the nearest: `1,200`, `50 Mbps`, `1.2 Gbps`. Raises ValueError for what is no speed; blank is None."""
    plain = text.strip().casefold()
    if not plain or plain in _UNKNOWN:
        return None
    found = _SPEED(plain)
    if found is None:
        raise ValueError("no speed")
    times = 1000 if (found[3] or "m").startswith("g") else 1
    speed = round(float(found[1].replace(",", "") + (found[2] or "")) * times)
    if speed > MOST_MBPS:
        raise ValueError("no speed")
    return speed


def allowed(words: type[StrEnum]) -> str:
    """The words that may be written, for a message."""
    return ", ".join(one.value.replace("_", " ") for one in words)
