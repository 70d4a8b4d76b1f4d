"""The need map for everybody, the program's map for the council, each area's page, and the same numbers as files."""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import distribution
from pathlib import Path

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.database import transaction
from connectivity.equity import area_file, catalog, choropleth, figures, locator, releases
from connectivity.equity.choropleth import Geometry
from connectivity.equity.measures import Kind, Measure
from connectivity.reference import store
from connectivity.reference.files import DRAWING
from connectivity.register import Account
from connectivity.rules.calendar import city_today

blueprint = Blueprint("equity", __name__)

LEAFLET = distribution("XStatic-Leaflet")  # importing the package would need pkg_resources
LEAFLET_FOLDER = Path(str(LEAFLET.locate_file("xstatic/pkg/leaflet/data")))
LEAFLET_VERSION = LEAFLET.version
YEAR_SECONDS = 31_536_000


@blueprint.get("/")
@gate.open_to(gate.ANYONE)
def need_map() -> ResponseReturnValue:
    """The first page: need from public figures, and the way in."""
    return _map_page(council=False)


@blueprint.get("/equity")
@gate.open_to(gate.COUNCIL)
def program_map() -> ResponseReturnValue:
    """Reach and need, from the latest release and public figures."""
    return _map_page(council=True)


@blueprint.get("/areas/<int:number>")
@gate.open_to(gate.ANYONE)
def need_area(number: int) -> ResponseReturnValue:
    """One area's public figures."""
    return _area_page(number, council=False)


@blueprint.get("/equity/areas/<int:number>")
@gate.open_to(gate.COUNCIL)
def area(number: int) -> ResponseReturnValue:
    """One area's public figures and the program's."""
    return _area_page(number, council=True)


@blueprint.get("/areas.csv")
@gate.open_to(gate.ANYONE)
def need_csv() -> ResponseReturnValue:
    """The public map's numbers as a file."""
    return _csv(council=False)


@blueprint.get("/equity/areas.csv")
@gate.open_to(gate.COUNCIL)
def table_csv() -> ResponseReturnValue:
    """The council map's numbers as a file."""
    return _csv(council=True)


@blueprint.post("/equity/compute")
@gate.open_to(gate.OFFICE)
def compute() -> ResponseReturnValue:
    """Counts anew as of today; after the last program year has ended, as of its last day."""
    account_id = gate.account().id
    try:
        with transaction(db.session) as session:
            program_year = releases.program_year_on(session, as_of=city_today())
            day = releases.last_countable_day(program_year)
            account = session.get_one(Account, account_id)
            releases.compute(session, program_year=program_year, as_of=day, account=account)
        flash(_("Counted. The map shows the new numbers."), "success")
    except releases.ReleaseRefused as refused:
        flash(str(refused), "error")
    measure = request.form.get("measure", "")
    return redirect(url_for("equity.program_map", measure=measure if measure in catalog.BY_KEY else None))


@blueprint.get("/assets/leaflet/<any('leaflet.js', 'leaflet.css'):filename>")
@gate.open_to(gate.ANYONE)
def leaflet(filename: str) -> Response:
    """Leaflet from its wheel. The version stands in the address, so a browser may keep it for a year."""
    # Not send_file: its answer is a stream, which Flask-Compress reads and never closes.
    answer = Response(_leaflet_file(filename), mimetype="text/javascript" if filename.endswith(".js") else "text/css")
    answer.cache_control.public = True
    answer.cache_control.max_age = YEAR_SECONDS
    answer.add_etag()
    return answer


@lru_cache(maxsize=2)
def _leaflet_file(filename: str) -> bytes:
    return (LEAFLET_FOLDER / filename).read_bytes()


@dataclass(frozen=True)
class View:
    """What a map and its table depend on, whole: two requests with equal views get the same bytes."""

    council: bool
    measure: Measure
    by_name: bool
    descending: bool | None
    language: str
    release: tuple[int, str, dt.datetime] | None
    reference: tuple[tuple[str, str], ...]  # files and their checksums


@dataclass(frozen=True)
class Drawn:
    """A map with legend, caption and table, and the script that draws it."""

    html: Markup
    script: str


def _map_page(*, council: bool) -> ResponseReturnValue:
    measure = _chosen(council=council)
    if measure is None:
        return _unknown_measure(council=council)
    view = View(
        council=council,
        measure=measure,
        by_name=request.args.get("sort") == "area",
        descending={"asc": False, "desc": True}.get(request.args.get("order", "")),
        language=str(get_locale()),
        release=releases.latest_version(db.session) if measure.kind is Kind.PROGRAM else None,
        reference=figures.reference_version(db.session),
    )
    ready = view.reference and (view.release or measure.kind is Kind.NEED)
    return render_template(
        "equity/map.html", **_common(council=council), measure=measure, drawn=_drawn(view) if ready else None
    )


@lru_cache(maxsize=96)
def _drawn(view: View) -> Drawn:
    """Kept in this process by all it depends on. A release or a load that comes between key and reading is drawn at the next request."""
    release = releases.latest(db.session) if view.release else None
    shown = figures.measured(db.session, [view.measure], release)[0]
    places = tuple(area.place for area in shown.areas)
    parts = choropleth.rendered(_geometry(), tuple(sorted(choropleth.fills(shown).items())), places)
    html = render_template(
        "equity/drawn.html",
        **_common(council=view.council),
        figures=shown,
        measure=view.measure,
        release=release,
        rows=shown.ranked(by_name=view.by_name, descending=view.descending),
        by_name=view.by_name,
        descending=view.descending,
        map=parts,
    )
    return Drawn(html=Markup(html), script=parts.script)  # noqa: S704 - our own template, escaped as it was rendered


def _geometry() -> Geometry:
    # The checksum first: if a load comes between, newer borders are kept under the older name and drawn again at the next request.
    version = dict(figures.reference_version(db.session)).get(DRAWING, "")
    return Geometry(version=version, geojson=store.drawing_geojson(db.session))


def _area_page(number: int, *, council: bool) -> ResponseReturnValue:
    release = releases.latest(db.session) if council else None
    measures = [one for one in _offered(council=council) if one.kind is Kind.NEED or release]
    shown = figures.measured(db.session, measures, release)
    place = next((area.place for area in shown[0].areas if area.place.number == number), None)
    if place is None:
        abort(404)
    return render_template(
        "equity/area.html",
        **_common(council=council),
        place=place,
        program=[one for one in shown if one.measure.kind is Kind.PROGRAM],
        need=[one for one in shown if one.measure.kind is Kind.NEED],
        release=release,
        locator=locator.locate(_geometry()),
    )


def _csv(*, council: bool) -> ResponseReturnValue:
    measure = _chosen(council=council)
    if measure is None:
        return _unknown_measure(council=council)
    release = releases.latest(db.session) if measure.kind is Kind.PROGRAM else None
    shown = figures.measured(db.session, [measure], release)[0]
    made_up = current_app.config["DEMO"] and measure.kind is Kind.PROGRAM
    text = area_file.written(shown, source_note=_("demo: made-up households") if made_up else "")
    day = (release.as_of.isoformat() if release else measure.vintage) or "no-release"
    name = f"{'demo-' if made_up else ''}{(measure.indicator or measure.key).replace('_', '-')}-{day}.csv"
    return Response(
        text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _offered(*, council: bool) -> tuple[Measure, ...]:
    return catalog.ALL if council else catalog.NEED


def _chosen(*, council: bool) -> Measure | None:
    key = request.args.get("measure")
    if not key:
        return catalog.FIRST_PROGRAM if council else catalog.FIRST_NEED
    found = catalog.BY_KEY.get(key)
    return found if found in _offered(council=council) else None


def _unknown_measure(*, council: bool) -> ResponseReturnValue:
    asked = request.args.get("measure", "")
    page = render_template(
        "equity/unknown_measure.html", **_common(council=council), asked=asked, for_council=asked in catalog.BY_KEY
    )
    return page, 404


def _common(*, council: bool) -> dict[str, object]:
    now = [one for one in catalog.NEED if one not in catalog.EARLIER]
    groups = [(_("Need: public figures"), now), (_("Need: earlier figures"), list(catalog.EARLIER))]
    if council:
        groups.insert(0, (_("The program"), list(catalog.PROGRAM)))
    return {
        "council": council,
        "groups": groups,
        "map_page": "equity.program_map" if council else "equity.need_map",
        "area_page": "equity.area" if council else "equity.need_area",
        "csv_page": "equity.table_csv" if council else "equity.need_csv",
        "leaflet_version": LEAFLET_VERSION,
        "hatch": choropleth.HATCH,
        "no_data_fill": choropleth.NO_DATA_FILL,
    }
