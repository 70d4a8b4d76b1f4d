"""What holds a family back, as far as the program's own record says it: how far it was brought, why it ended, what somebody noted."""

from sqlalchemy import ColumnElement, and_, case, func, or_

from connectivity.equity.measured.base import OTHER, UNKNOWN, Brake
from connectivity.register import EnrollmentEvent
from connectivity.rules.service_states import EndReason, Status

# With service, or with service on its way. Suspended: it took part, and its line is there.
TAKING_PART = (Status.ORDERED, Status.KIT_SHIPPED, Status.INSTALLED, Status.ACTIVE, Status.SUSPENDED)
# Words of a note, in small letters, that leave no doubt. What fits none stays unknown: nothing is guessed.
NOTED: dict[str, tuple[str, ...]] = {
    Brake.TRUST.value: (
        "fears a bill",
        "fear of a bill",
        "afraid of a bill",
        "bill later",
        "not believe",
        "not trust",
        "distrust",
        "mistrust",
        "too good to be true",
    ),
    Brake.OFFER.value: ("not understand", "unclear", "not clear", "confused", "confusing"),
    OTHER: ("has service already", "already has service", "has internet already", "already has internet"),
}
# Ends at which a note may say why: the others say it themselves.
MAY_BE_NOTED = (EndReason.OPTED_OUT, EndReason.CANCELLED, EndReason.OTHER)
# Left the program's reach: a reason that is known and none of the four.
LEFT = (
    EndReason.GRADUATED,
    EndReason.CITY_COLLEGES,
    EndReason.LEFT_DISTRICT,
    EndReason.MOVED,
    EndReason.NOT_ELIGIBLE,
)


def brake() -> ColumnElement[str]:
    """What the step (EnrollmentEvent) that a household stands at says of the brake; NULL for a household that takes part."""
    step = EnrollmentEvent
    return case(
        (step.status.in_(TAKING_PART), None),
        (step.status == Status.ELIGIBLE, Brake.AWARENESS.value),
        (step.reason == EndReason.NOT_INSTALLED, Brake.LIMITS.value),
        (step.reason.in_(LEFT), OTHER),
        *((_noted(words), found) for found, words in NOTED.items()),
        else_=UNKNOWN,
    )


def _noted(words: tuple[str, ...]) -> ColumnElement[bool]:
    note = func.lower(EnrollmentEvent.note)
    return and_(
        EnrollmentEvent.reason.in_(MAY_BE_NOTED),
        or_(*(note.contains(one, autoescape=True) for one in words)),
    )
