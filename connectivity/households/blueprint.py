"""The blueprint every page of this room hangs on."""

from flask import Blueprint

from connectivity.casework import labels
from connectivity.rules.membership_codes import shown

blueprint = Blueprint("households", __name__, url_prefix="/households")
blueprint.app_template_filter("household_label")(labels.label)
blueprint.app_template_filter("membership_code")(shown)
