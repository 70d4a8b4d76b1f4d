"""Pages: a group of a plan as a table and as a file."""

from flask import Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from connectivity.access import gate
from connectivity.access.disclosures import open_disclosure
from connectivity.access.request_session import db
from connectivity.database import transaction
from connectivity.register import ImportState, RosterImport
from connectivity.rosters import identities, pages
from connectivity.rosters.blueprint import blueprint
from connectivity.rosters.downloads import BASIS, KIND, GroupFile, header
from connectivity.rosters.forms import FixedForm
from connectivity.rosters.labels import FIELDS, GROUPS, MEANINGS
from connectivity.rosters.lines import NOTHING, Key, school_names
from connectivity.rosters.routes_roster import found
from connectivity.rosters.row_groups import Group, lines_of, total
from connectivity.rules.calendar import city_today

LINES_A_PAGE = 50


@blueprint.get("/<int:roster_id>/rows/<group>")
@gate.open_to(gate.OFFICE)
def rows(roster_id: int, group: str) -> ResponseReturnValue:
    """One group, a page at a time."""
    return rows_page(roster_id, group, FixedForm(formdata=None))


def rows_page(roster_id: int, name: str, form: FixedForm) -> str:
    """The page of a group, with the form for rows that come back corrected."""
    roster, group = asked(roster_id, name)
    after = _after()
    lines = lines_of(db.session, roster, group, after=after, size=LINES_A_PAGE + 1)
    shown = lines[:LINES_A_PAGE]
    is_open = roster.state in (ImportState.PLANNED, ImportState.HELD)
    return render_template(
        "rosters/rows.html",
        roster=roster,
        group=group.value,
        heading=GROUPS[group],
        meaning=MEANINGS[group],
        lines=shown,
        total=total(db.session, roster, group),
        sides=pages.sides(db.session, roster, shown) if group == Group.AMBIGUOUS else {},
        schools=school_names(db.session),
        first=after == NOTHING,
        following="{}-{}".format(*shown[-1].key) if len(lines) > LINES_A_PAGE else "",
        open=is_open,
        pending=identities.pending(db.session, roster) if is_open else 0,
        form=form,
    )


def asked(roster_id: int, name: str) -> tuple[RosterImport, Group]:
    """The roster and the group, or a 404: there is no group before there is a plan."""
    roster = found(db.session, roster_id)
    if name not in set(Group) or roster.state not in pages.AFTER_A_PLAN:
        abort(404)
    return roster, Group(name)


def _after() -> Key:
    """Where the page before ended; from the beginning for anything we did not write."""
    parts = request.args.get("after", "").split("-")
    if len(parts) == 2 and all(part.isdecimal() and len(part) < 10 for part in parts):
        return int(parts[0]), int(parts[1])
    return NOTHING


@blueprint.post("/<int:roster_id>/rows/<group>.csv")
@gate.open_to(gate.OFFICE)
def download(roster_id: int, group: str) -> ResponseReturnValue:
    """The same group as a file."""
    roster, wanted = asked(roster_id, group)
    titles = header(roster, wanted)
    with transaction(db.session) as session:
        disclosure = open_disclosure(
            session,
            account=gate.account(),
            kind=KIND,
            basis=BASIS,
            scope={"roster": roster_id, "group": wanted.value, "schools": [], "filters": {}},
            columns=titles,
        )
        disclosure_id = disclosure.id
    file = GroupFile(
        sessions=current_app.extensions["connectivity.sessions"],
        roster_id=roster_id,
        group=wanted,
        titles={name: str(words) for name, words in FIELDS.items()},
        disclosure_id=disclosure_id,
    )
    return _attachment(file, _file_name(roster_id, wanted, disclosure_id))


def _attachment(file: GroupFile, name: str) -> Response:
    response = Response(iter(file), content_type="text/csv; charset=utf-8; header=present")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.call_on_close(file.close)
    return response


def _file_name(roster_id: int, group: Group, disclosure_id: int) -> str:
    demo = "_demo" if current_app.config["DEMO"] else ""
    return f"connectivity_roster{roster_id}_{group}_{city_today():%Y%m%d}_d{disclosure_id}{demo}.csv"
