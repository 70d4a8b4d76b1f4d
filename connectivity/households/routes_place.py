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
from connectivity.households.homes import placement_of
from connectivity.households.routes_edit import (
    ADDRESS_FIELDS,
    PLACEMENT_FIELDS,
    Unsaved,
    editable,
    named_areas,
    raise_conflicts,
    saved,
    shown,
)
from connectivity.households.small_map import draw
from connectivity.households.stale import Conflict, changes_since, overtaken
from connectivity.households.street_lines import street_lines
from connectivity.reference import store
from connectivity.register import CommunityArea, Household, Residence

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
        form.version.data, form.residence.data = str(household.version), str(home.id)
        form.lon.data, form.lat.data = home.lon, home.lat
        return _page(form, reference, [])
    valid = form.validate()
    try:
        with transaction(db.session) as session:
            household = editable(session, reference)
            if not valid:
                raise Unsaved
            home = current_residence(session, household)
            placement = _placement(session, form)
            if _refuse_stale(session, household, home, form, placement):
                return saved(reference, _("The home is placed."))
            placing.place(
                session, account=gate.account(), household=household, placement=placement, note=form.note.data or ""
            )
    except placing.PlaceRefused as refused:
        add_error(form.lon, str(refused))
        return _page(form, reference, []), 422
    except Unsaved as unsaved:
        return _page(form, reference, unsaved.conflicts), 409 if unsaved.conflicts else 422
    return saved(reference, _("The home is placed."))


def _refuse_stale(
    session: Session, household: Household, home: Residence | None, form: PlaceForm, placement: Placement
) -> bool:
    """Raises Unsaved if the home, its address or its placement is another than when the form was opened.

    True: the same spot was saved meanwhile (the button pressed twice), and nothing is left to write.
    """
    current = address_values(home)
    recorded = {field: field for field in (*ADDRESS_FIELDS, *PLACEMENT_FIELDS)}
    found = overtaken(changes_since(session, household, form.opened_with, recorded), current)
    opened = session.get(Residence, form.opened_home) if form.opened_home else None
    if opened is not None and opened.household_id == household.id and home is not None and opened.id != home.id:
        found.append(
            Conflict(
                field="starts_on", yours=opened.starts_on.isoformat(), current=home.starts_on.isoformat(),
                by="", at=home.recorded_at, taken=False, in_form=False,
            )
        )  # fmt: skip
    elif found and home is not None and placement == placement_of(home):
        return not any(one.field in ADDRESS_FIELDS for one in found)
    if any(one.field in ("line", "area") for one in found):  # then the numbers of the point tell nobody more
        found = [one for one in found if one.field not in ("lon", "lat")]
    form.residence.data = str(home.id) if home else ""
    raise_conflicts(form, household, named_areas(session, found))
    return False


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
