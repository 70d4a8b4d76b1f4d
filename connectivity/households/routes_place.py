"""Page: place a home by hand, on a map or by its coordinates or area."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.database import transaction
from connectivity.geography.placement import Placement
from connectivity.households import place as placing
from connectivity.households.blueprint import blueprint
from connectivity.households.edit import address_values, current_residence
from connectivity.households.fields import add_error, filled
from connectivity.households.forms_household import PlaceForm
from connectivity.households.routes_edit import Unsaved, editable, raise_conflicts, saved, shown
from connectivity.households.small_map import draw
from connectivity.households.stale import Conflict, changes_since, compare
from connectivity.households.street_lines import street_lines
from connectivity.reference import store
from connectivity.register import CommunityArea

MAP_WIDTH = 640.0


@blueprint.route("/<reference>/place", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def place(reference: str) -> ResponseReturnValue:
    """A spot chosen on the map, typed coordinates, or the community area alone."""
    form = PlaceForm()
    form.area.offer(_areas())
    if request.method == "GET":
        household = shown(reference)
        home = current_residence(db.session, household)
        if home is None:
            return redirect(url_for("households.move", reference=reference))
        form.version.data = str(household.version)
        form.lon.data, form.lat.data = home.lon, home.lat
        return _page(form, reference, [])
    valid = form.validate()
    try:
        with transaction(db.session) as session:
            household = editable(session, reference)
            if not valid:
                raise Unsaved
            current = address_values(current_residence(session, household))
            changed = changes_since(session, household, form.opened_with, {"area": "area"})
            placement = _placement(session, form)
            typed = {"area": placement.area}
            raise_conflicts(form, household, [one for one in compare(changed, typed, current) if not one.taken])
            placing.place(
                session, account=gate.account(), household=household, placement=placement, note=form.note.data or ""
            )
    except placing.PlaceRefused as refused:
        add_error(form.lon, str(refused))
        return _page(form, reference, []), 422
    except Unsaved as unsaved:
        return _page(form, reference, unsaved.conflicts), 409 if unsaved.conflicts else 422
    return saved(reference, _("The home is placed."))


def _placement(session: Session, form: PlaceForm) -> Placement:
    area = int(form.area.data) if form.area.data else None
    if form.lon.data is None and area is not None:
        return placing.area_by_hand(area)
    placement = placing.point_by_hand(session, filled(form.lon.data), filled(form.lat.data))
    if area is not None and area != placement.area:
        name = session.get_one(CommunityArea, placement.area).name
        add_error(form.area, _("The point lies in %(name)s. Choose %(name)s, or clear the coordinates.", name=name))
        raise Unsaved
    return placement


def _areas() -> list[tuple[str, str]]:
    areas = db.session.scalars(select(CommunityArea).order_by(CommunityArea.name))
    return [(str(area.number), f"{area.name} ({area.number})") for area in areas]


def _page(form: PlaceForm, reference: str, conflicts: list[Conflict]) -> str:
    household = shown(reference)
    home = current_residence(db.session, household)
    city = draw(store.drawing_geojson(db.session), area=None, lon=form.lon.data, lat=form.lat.data, width=MAP_WIDTH)
    return render_template(
        "households/place.html",
        form=form,
        household=household,
        home=home,
        map=city,
        streets=street_lines(store.address_grid(db.session), store.boundaries(db.session)),
        conflicts=conflicts,
        by=", ".join(sorted({conflict.by for conflict in conflicts if conflict.by})),
    )
