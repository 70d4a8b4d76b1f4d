"""The five stages of the funnel, and which step of an enrollment belongs to which. Pure.

A household may skip a stage: a renewed one goes from eligible to its code, another is online before anybody reported the order. Whoever
reached a stage has passed all before it: it counts as having reached a skipped stage on the day of the next one that was recorded.
"""

from enum import IntEnum

from connectivity.rules.service_states import Status


class Stage(IntEnum):
    """In their order. The number is the stage's place in every row of figures."""

    ELIGIBLE = 0
    CONTACTED = 1
    CODE_ISSUED = 2
    ORDERED = 3
    ACTIVE = 4

    @property
    def status(self) -> Status:
        """The step that gives the stage its name."""
        return Status(self.name.lower())


# The stage that a step reaches. `ended` reaches none: it takes nothing away from what was reached before.
STAGE_OF: dict[Status, Stage] = {
    Status.ELIGIBLE: Stage.ELIGIBLE,
    Status.CONTACTED: Stage.CONTACTED,
    Status.CODE_ISSUED: Stage.CODE_ISSUED,
    Status.ORDERED: Stage.ORDERED,
    Status.KIT_SHIPPED: Stage.ORDERED,
    Status.INSTALLED: Stage.ORDERED,
    Status.ACTIVE: Stage.ACTIVE,
    Status.SUSPENDED: Stage.ACTIVE,
}


def at_or_beyond(stage: Stage) -> tuple[str, ...]:
    """The steps of which any shows that the stage was reached."""
    return tuple(status.value for status, reached in STAGE_OF.items() if reached >= stage)
