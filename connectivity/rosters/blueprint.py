"""The blueprint every page of this room hangs on."""

from typing import Any

from flask import Blueprint

from connectivity.rosters.labels import FIELDS, STATES
from connectivity.rosters.lines import in_words

blueprint = Blueprint("rosters", __name__, url_prefix="/rosters")
blueprint.app_template_filter("roster_state")(STATES.__getitem__)


@blueprint.app_template_filter("roster_field")
def field_title(name: str) -> Any:
    """What people call a field of a plan."""
    return FIELDS.get(name, name)


@blueprint.app_template_filter("roster_value")
def shown_value(value: str, name: str, schools: dict[str, str]) -> str:
    """A value of a plan's field; an en dash where there is none."""
    return in_words(name, value, schools) or "–"
