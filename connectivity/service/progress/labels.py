"""The words of the stalled list and of the funnel."""

from typing import Any

from flask_babel import lazy_gettext as _l

from connectivity.rules.service_stages import Stage
from connectivity.rules.service_states import LABEL, NEXT_STEP, ServiceType, Status
from connectivity.service.progress.narrowing import UNKNOWN_PATH
from connectivity.service.progress.stalled import Kind

KIND: dict[Kind, Any] = {
    Kind.DEAD: _l("Code expired or revoked"),
    Kind.EXPIRING: _l("Code about to expire"),
    Kind.CODE: _l("Code issued, not activated"),
    Kind.ORDER: _l("Ordered, nothing since"),
    Kind.KIT: _l("Kit sent or installed, not online"),
    Kind.SUSPENDED: _l("Suspended"),
}
SERVICE_TYPE: dict[str, Any] = {
    ServiceType.WIRED.value: _l("Wired"),
    ServiceType.HOTSPOT.value: _l("Hotspot"),
    ServiceType.SMARTPHONE.value: _l("Smartphone"),
    UNKNOWN_PATH: _l("Not known yet"),
}
STAGE: dict[Stage, Any] = {stage: _l(LABEL[stage.status]) for stage in Stage}

_OF_CODE = {
    Kind.DEAD: _l("Give the family another code: theirs cannot be used any more"),
    Kind.EXPIRING: _l("Help the family order before the code expires, or ask the provider for a new code"),
}
_STEPS = {status: _l(words) for status, words in NEXT_STEP.items()}


def next_action(kind: Kind, status: Status) -> Any:
    """What somebody should do now, in plain words."""
    return _OF_CODE.get(kind, _STEPS[status])
