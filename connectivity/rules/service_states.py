"""The way of one enrollment from eligible to online, as a written state machine with a date at each step."""

import calendar
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
    KIT_SHIPPED = "kit_shipped"
    INSTALLED = "installed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class EndReason(StrEnum):
    """Why service or participation ended, or will end."""

    GRADUATED = "graduated"
    CITY_COLLEGES = "city_colleges"
    LEFT_DISTRICT = "left_district"
    MOVED = "moved"
    OPTED_OUT = "opted_out"
    NOT_ELIGIBLE = "not_eligible"
    NOT_INSTALLED = "not_installed"
    CANCELLED = "cancelled"
    DUPLICATE = "duplicate"
    OTHER = "other"


class SaidBy(StrEnum):
    """Whose word a step is."""

    STAFF = "staff"
    FAMILY = "family"
    PARTNER = "partner"
    PROVIDER = "provider"
    DISTRICT = "district"
    PROGRAM = "program"  # a rule of the program itself, on its day


class ServiceType(StrEnum):
    """How the connection reaches the home, or the person."""

    WIRED = "wired"
    HOTSPOT = "hotspot"
    SMARTPHONE = "smartphone"


class CodeState(StrEnum):
    """Where a membership code stands."""

    FREE = "free"  # in the pool
    HELD = "held"
    ISSUED = "issued"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    REVOKED = "revoked"


# Free codes are held for a household or issued to it; what is issued is redeemed by its first use. Expired and revoked are ends.
CODE_NEXT: dict[CodeState, tuple[CodeState, ...]] = {
    CodeState.FREE: (CodeState.HELD, CodeState.ISSUED, CodeState.EXPIRED, CodeState.REVOKED),
    CodeState.HELD: (CodeState.FREE, CodeState.ISSUED, CodeState.EXPIRED, CodeState.REVOKED),
    CodeState.ISSUED: (CodeState.REDEEMED, CodeState.EXPIRED, CodeState.REVOKED),
    CodeState.REDEEMED: (CodeState.EXPIRED, CodeState.REVOKED),
    CodeState.EXPIRED: (CodeState.ISSUED,),  # to the same household again, if it was never redeemed
    CodeState.REVOKED: (CodeState.ISSUED,),  # to the same household again, if it was never redeemed
}
LIVE_CODE = (CodeState.HELD, CodeState.ISSUED, CodeState.REDEEMED)
VOID_CODE = (CodeState.EXPIRED, CodeState.REVOKED)
# Service is on its way: the provider took the code when it was ordered, though nobody has said yet that the family is online.
CODE_DID_ITS_WORK = (Status.ORDERED, Status.KIT_SHIPPED, Status.INSTALLED)

NEXT: dict[Status, tuple[Status, ...]] = {
    Status.ELIGIBLE: (Status.CONTACTED, Status.CODE_ISSUED, Status.ENDED),
    Status.CONTACTED: (Status.CODE_ISSUED, Status.ENDED),
    Status.CODE_ISSUED: (Status.ORDERED, Status.KIT_SHIPPED, Status.INSTALLED, Status.ACTIVE, Status.ENDED),
    Status.ORDERED: (Status.KIT_SHIPPED, Status.INSTALLED, Status.ACTIVE, Status.ENDED),
    Status.KIT_SHIPPED: (Status.INSTALLED, Status.ACTIVE, Status.ENDED),
    Status.INSTALLED: (Status.ACTIVE, Status.ENDED),
    Status.ACTIVE: (Status.SUSPENDED, Status.ENDED),
    Status.SUSPENDED: (Status.ACTIVE, Status.ENDED),
    Status.ENDED: (Status.ELIGIBLE,),
}
# A hotspot or a phone is handed over, not installed.
NOT_ON_PATH: dict[ServiceType, tuple[Status, ...]] = {
    ServiceType.WIRED: (),
    ServiceType.HOTSPOT: (Status.INSTALLED,),
    ServiceType.SMARTPHONE: (Status.INSTALLED,),
}
# Months of service that follow the day of leaving: three for graduates, up to three years for those who go on to City Colleges
# (the City's announcement of 22 June 2021). Every other reason ends service on its day.
MONTHS_AFTER_LEAVING: dict[EndReason, int] = {EndReason.GRADUATED: 3, EndReason.CITY_COLLEGES: 36}


LABEL: dict[Status, str] = {
    Status.ELIGIBLE: N_("Eligible"),
    Status.CONTACTED: N_("Contacted"),
    Status.CODE_ISSUED: N_("Code issued"),
    Status.ORDERED: N_("Service ordered"),
    Status.KIT_SHIPPED: N_("Kit shipped"),
    Status.INSTALLED: N_("Installed"),
    Status.ACTIVE: N_("Active"),
    Status.SUSPENDED: N_("Suspended"),
    Status.ENDED: N_("Ended"),
}

END_REASON_LABEL: dict[EndReason, str] = {
    EndReason.GRADUATED: N_("The last student graduated"),
    EndReason.CITY_COLLEGES: N_("The graduate goes on to City Colleges"),
    EndReason.LEFT_DISTRICT: N_("Left the district"),
    EndReason.MOVED: N_("Moved away"),
    EndReason.OPTED_OUT: N_("The family does not want it"),
    EndReason.NOT_ELIGIBLE: N_("No longer eligible"),
    EndReason.NOT_INSTALLED: N_("Could not be installed"),
    EndReason.CANCELLED: N_("The order or the service was cancelled"),
    EndReason.DUPLICATE: N_("Entered twice"),
    EndReason.OTHER: N_("Another reason"),
}

SAID_BY_LABEL: dict[SaidBy, str] = {
    SaidBy.STAFF: N_("Program staff"),
    SaidBy.FAMILY: N_("The family"),
    SaidBy.PARTNER: N_("A partner organization"),
    SaidBy.PROVIDER: N_("The provider"),
    SaidBy.DISTRICT: N_("The district"),
    SaidBy.PROGRAM: N_("A rule of the program"),
}

CODE_LABEL: dict[CodeState, str] = {
    CodeState.FREE: N_("Free"),
    CodeState.HELD: N_("Held for a household"),
    CodeState.ISSUED: N_("Issued"),
    CodeState.REDEEMED: N_("Redeemed"),
    CodeState.EXPIRED: N_("Expired"),
    CodeState.REVOKED: N_("Revoked"),
}

NEXT_STEP: dict[Status, str] = {
    Status.ELIGIBLE: N_("Tell the family they are eligible"),
    Status.CONTACTED: N_("Give the family their membership code"),
    Status.CODE_ISSUED: N_("Help the family order service with their code"),
    Status.ORDERED: N_("Check that the equipment came and works"),
    Status.KIT_SHIPPED: N_("Ask the family whether the kit came, and help them set it up"),
    Status.INSTALLED: N_("Check with the family that the connection works"),
    Status.ACTIVE: N_("Nothing to do: the home is connected"),
    Status.SUSPENDED: N_("Ask the family and the provider why service stopped"),
    Status.ENDED: N_("Nothing to do: the enrollment has ended"),
}


# A family may be found eligible a year before its program year begins; graduates keep service three months after it ends.
EARLIEST_BEFORE, LATEST_AFTER = dt.timedelta(days=366), dt.timedelta(days=92)


def may_follow(status: Status, service_type: ServiceType | None) -> tuple[Status, ...]:
    """The steps that may come after `status` on the path of `service_type` (None: nobody knows the path yet)."""
    left_out = NOT_ON_PATH[service_type] if service_type else ()
    return tuple(one for one in NEXT[status] if one not in left_out)


def service_until(reason: EndReason, on: dt.date) -> dt.date:
    """The last day of service for a household that leaves for `reason` on a day. The last day of a shorter month stands for a missing one."""
    years, month = divmod(on.month - 1 + MONTHS_AFTER_LEAVING.get(reason, 0), 12)
    year = on.year + years
    if year > dt.MAXYEAR:
        return dt.date.max
    return dt.date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))


def _moved(day: dt.date, by: dt.timedelta) -> dt.date:
    """The day so much later or earlier; at the edges of the calendar its first or last day."""
    try:
        return day + by
    except OverflowError:
        return dt.date.max if by > dt.timedelta() else dt.date.min


def outside_year(
    on: dt.date, *, label: str, starts_on: dt.date, ends_on: dt.date, service_until: dt.date | None = None
) -> str | None:
    """Why a step cannot have happened on this day in that program year; None when it can. `service_until`: by the exit rules."""
    first = _moved(starts_on, -EARLIEST_BEFORE)
    last = max(_moved(ends_on, LATEST_AFTER), service_until or ends_on)
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
    service_type: ServiceType | None = None,
) -> dict[str, str]:
    """Field (`status`, `happened_on`, `reason`) -> what stands against this step. Empty when it may be taken."""
    found: dict[str, str] = {}
    if before is None:
        if after is not Status.ELIGIBLE:
            found["status"] = "An enrollment begins as “eligible”."
    elif after not in (steps := may_follow(before, service_type)):
        allowed = ", ".join(status.replace("_", " ") for status in steps)
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
