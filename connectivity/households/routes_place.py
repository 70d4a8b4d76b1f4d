"""Pages: the queue of homes to place; place one by hand, on a map or by its coordinates or area."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework.fields import add_error, filled
from connectivity.casework.pages import Unsaved, editable, saved, shown
from connectivity.database import transaction
from connectivity.geography.placement import Placement
from connectivity.households import place as placing
from connectivity.households import unplaced as queue
from connectivity.households.blueprint import blueprint
from connectivity.households.edit import address_values, current_residence
from connectivity.households.forms_household import PlaceForm
from connectivity.households.homes import placement_of
from connectivity.households.routes_edit import ADDRESS_FIELDS, PLACEMENT_FIELDS, named_areas, raise_conflicts
from connectivity.households.small_map import draw
from connectivity.households.stale import Conflict, changes_since, overtaken
from connectivity.households.street_lines import street_lines
from connectivity.reference import store
from connectivity.register import CommunityArea, Household, Residence

MAP_WIDTH = 640.0


@blueprint.get("/unplaced")
@gate.open_to(gate.CASEWORK)
def unplaced() -> str:
    """Homes that could not be placed, then those to check. `?after=` continues behind a place of the queue."""
    account, after = gate.account(), queue.read_position(request.args.get("after", ""))
    homes = queue.homes(db.session, account, after=after, most=queue.PAGE + 1)
    return render_template(
        "households/unplaced.html",
        counts={str(certainty): number for certainty, number in queue.count(db.session, account).items()},
        homes=homes[: queue.PAGE],
        more=len(homes) > queue.PAGE,
        after=after,
        may_place=account.role in gate.OFFICE,
    )


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
                return _placed(reference)
            placing.place(
                session, account=gate.account(), household=household, placement=placement, note=form.note.data or ""
            )
    except placing.PlaceRefused as refused:
        add_error(form.lon, str(refused))
        return _page(form, reference, []), 422
    except Unsaved as unsaved:
        return _page(form, reference, unsaved.conflicts), 409 if unsaved.conflicts else 422
    return _placed(reference)


def _placed(reference: str) -> ResponseReturnValue:
    """To the household; somebody who works through the queue goes on to its next home."""
    at = _queue_position()
    if at is None:
        return saved(reference, _("The home is placed."))
    if following := _following(at):
        flash(_("The home is placed. This is the next one."), "success")
        return redirect(following)
    flash(_("The home is placed. It was the last one of the list."), "success")
    return redirect(url_for("households.unplaced"))


def _queue_position() -> queue.Position | None:
    """Where in the queue this home was opened: `?queue=unplaced-123`."""
    return queue.read_position(request.args.get("queue", ""))


def _following(at: queue.Position) -> str | None:
    """The page of the next home in the queue."""
    home = queue.next_home(db.session, gate.account(), at)
    return url_for("households.place", reference=home.reference, queue=str(home.position)) if home else None


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
    at = _queue_position()
    city = draw(store.drawing_geojson(db.session), area=None, lon=form.lon.data, lat=form.lat.data, width=MAP_WIDTH)
    return render_template(
        "households/place.html",
        form=form,
        household=household,
        home=home,
        map=city,
        streets=street_lines(store.address_grid(db.session), store.boundaries(db.session)),
        conflicts=conflicts,
        in_queue=at is not None,
        following=_following(at) if at else None,
        by=", ".join(sorted({conflict.by for conflict in conflicts if conflict.by})),
    )
