"""Pages: the connection goes to another address than the home, or to the home again."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework.fields import add_error, filled
from connectivity.casework.pages import Unsaved, editable, saved, shown
from connectivity.database import transaction
from connectivity.households.blueprint import blueprint
from connectivity.households.forms_household import Versioned
from connectivity.households.forms_merge import EndServiceAddressForm, ServiceAddressForm
from connectivity.households.routes_edit import home_of
from connectivity.households.service_address import (
    ServiceAddressRefused,
    current_service_address,
    end_service_address,
    record_service_address,
)
from connectivity.register import Household
from connectivity.rules.calendar import city_today


@blueprint.route("/<reference>/service-address", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def service_address(reference: str) -> ResponseReturnValue:
    """Records or changes where the connection goes instead of the home."""
    form = ServiceAddressForm()
    if request.method == "GET":
        form.version.data, form.on.data = str(shown(reference).version), city_today()
        return _page("service_address", form, reference)
    valid = form.validate()
    try:
        with transaction(db.session) as session:
            household = editable(session, reference)
            _hold_to_version(form, household, valid=valid)
            record_service_address(
                session,
                account=gate.account(),
                household=household,
                home=home_of(session, form, None),
                reason=form.reason.data or "",
                on=filled(form.on.data),
            )
    except ServiceAddressRefused as refused:
        add_error(form[refused.field], str(refused))
        return _page("service_address", form, reference), 422
    except Unsaved:
        return _page("service_address", form, reference), 422
    return saved(reference, _("The service address is recorded. The home stays what the map counts."))


@blueprint.route("/<reference>/service-address/end", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def end_service(reference: str) -> ResponseReturnValue:
    """The connection goes to the home again."""
    form = EndServiceAddressForm()
    if current_service_address(db.session, shown(reference)) is None:
        return redirect(url_for("households.show", reference=reference))
    if request.method == "GET":
        form.version.data, form.on.data = str(shown(reference).version), city_today()
        return _page("service_end", form, reference)
    valid = form.validate()
    try:
        with transaction(db.session) as session:
            household = editable(session, reference)
            _hold_to_version(form, household, valid=valid)
            end_service_address(session, account=gate.account(), household=household, on=filled(form.on.data))
    except ServiceAddressRefused as refused:
        add_error(form[refused.field], str(refused))
        return _page("service_end", form, reference), 422
    except Unsaved:
        return _page("service_end", form, reference), 422
    return saved(reference, _("The connection goes to the home again."))


def _hold_to_version(form: Versioned, household: Household, *, valid: bool) -> None:
    if not valid:
        raise Unsaved
    if form.opened_with != household.version:
        words = _("Somebody changed this household while you were working. Look at what stands now, and save again.")
        raise ServiceAddressRefused("on", str(words))


def _page(template: str, form: Versioned, reference: str) -> str:
    household = shown(reference)
    current = current_service_address(db.session, household)
    if template == "service_end" and current is None:
        abort(404)
    form.version.data = str(household.version)
    return render_template(f"households/{template}.html", form=form, household=household, current=current)
