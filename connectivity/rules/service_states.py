"""The way of one enrollment from eligible to online, as a written state machine with a date at each step."""

import datetime as dt
from enum import StrEnum


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Marks a text for the translators (`make messages`) where it stands; the page that shows it translates it."""
    return text


class Status(StrEnum):
    """Where a household stands in a program year."""

    ELIGIBLE = "eligible"
    CONTACTED = "contacted"
    CODE_ISSUED = "code_issued"
    ORDERED = "ordered"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class EndReason(StrEnum):
    """Why service or participation ended."""

    GRADUATED = "graduated"
    LEFT_DISTRICT = "left_district"
    MOVED = "moved"
    OPTED_OUT = "opted_out"
    NOT_INSTALLED = "not_installed"
    DUPLICATE = "duplicate"
    OTHER = "other"


class ServiceType(StrEnum):
    """How the connection reaches the home."""

    WIRED = "wired"
    HOTSPOT = "hotspot"


class CodeState(StrEnum):
    """Where a membership code stands."""

    FREE = "free"
    HELD = "held"
    ISSUED = "issued"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    REVOKED = "revoked"


NEXT: dict[Status, tuple[Status, ...]] = {
    Status.ELIGIBLE: (Status.CONTACTED, Status.CODE_ISSUED, Status.ENDED),
    Status.CONTACTED: (Status.CODE_ISSUED, Status.ENDED),
    Status.CODE_ISSUED: (Status.ORDERED, Status.ACTIVE, Status.ENDED),
    Status.ORDERED: (Status.ACTIVE, Status.ENDED),
    Status.ACTIVE: (Status.SUSPENDED, Status.ENDED),
    Status.SUSPENDED: (Status.ACTIVE, Status.ENDED),
    Status.ENDED: (Status.ELIGIBLE,),
}

LABEL: dict[Status, str] = {
    Status.ELIGIBLE: N_("Eligible"),
    Status.CONTACTED: N_("Contacted"),
    Status.CODE_ISSUED: N_("Code issued"),
    Status.ORDERED: N_("Service ordered"),
    Status.ACTIVE: N_("Active"),
    Status.SUSPENDED: N_("Suspended"),
    Status.ENDED: N_("Ended"),
}

END_REASON_LABEL: dict[EndReason, str] = {
    EndReason.GRADUATED: N_("The last student graduated"),
    EndReason.LEFT_DISTRICT: N_("Left the district"),
    EndReason.MOVED: N_("Moved away"),
    EndReason.OPTED_OUT: N_("The family does not want it"),
    EndReason.NOT_INSTALLED: N_("Could not be installed"),
    EndReason.DUPLICATE: N_("Entered twice"),
    EndReason.OTHER: N_("Another reason"),
}

NEXT_STEP: dict[Status, str] = {
    Status.ELIGIBLE: N_("Tell the family they are eligible"),
    Status.CONTACTED: N_("Give the family their membership code"),
    Status.CODE_ISSUED: N_("Help the family order service with their code"),
    Status.ORDERED: N_("Check that the equipment came and works"),
    Status.ACTIVE: N_("Nothing to do: the home is connected"),
    Status.SUSPENDED: N_("Ask the family and the provider why service stopped"),
    Status.ENDED: N_("Nothing to do: the enrollment has ended"),
}


# A family may be found eligible a year before its program year begins; graduates keep service three months after it ends.
EARLIEST_BEFORE, LATEST_AFTER = dt.timedelta(days=366), dt.timedelta(days=92)


def outside_year(on: dt.date, *, label: str, starts_on: dt.date, ends_on: dt.date) -> str | None:
    """Why a step cannot have happened on this day in that program year; None when it can."""
    first, last = starts_on - EARLIEST_BEFORE, ends_on + LATEST_AFTER
    if first <= on <= last:
        return None
    return (
        f"Steps of {label} lie between {first:%b} {first.day}, {first.year} and {last:%b} {last.day}, {last.year}. "
        "Check the date, or record the step in another program year."
    )


def step_problems(
    *,
    before: Status | None,
    after: Status,
    on: dt.date,
    last_on: dt.date | None,
    today: dt.date,
    reason: EndReason | None,
) -> dict[str, str]:
    """Field (`status`, `happened_on`, `reason`) -> what stands against this step. Empty when it may be taken."""
    found: dict[str, str] = {}
    if before is None:
        if after is not Status.ELIGIBLE:
            found["status"] = "An enrollment begins as “eligible”."
    elif after not in NEXT[before]:
        allowed = ", ".join(status.replace("_", " ") for status in NEXT[before])
        found["status"] = f"After “{before.replace('_', ' ')}” can come: {allowed}."
    if on > today:
        found["happened_on"] = "This date is in the future. Enter the day it happened."
    elif last_on and on < last_on:
        found["happened_on"] = (
            f"The step before was on {last_on:%b} {last_on.day}, {last_on.year}. This one cannot be earlier."
        )
    if after is Status.ENDED and reason is None:
        found["reason"] = "Choose why it ended."
    if after is not Status.ENDED and reason is not None:
        found["reason"] = "A reason belongs to “ended” only. Clear it."
    return found
