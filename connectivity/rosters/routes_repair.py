"""Pages: rows that need somebody: repaired, left out, decided, or sent back corrected in one file."""

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from connectivity.access import gate, uploads
from connectivity.access.request_session import db
from connectivity.database import transaction
from connectivity.register import ImportState, RosterImport, RosterRow
from connectivity.rosters import identities, repairs
from connectivity.rosters.blueprint import blueprint
from connectivity.rosters.earlier_repairs import earlier_repairs, use_earlier_repairs
from connectivity.rosters.fixed_rows import take_fixed
from connectivity.rosters.forms import FixedForm, repair_form
from connectivity.rosters.imports import RosterRefused, locked
from connectivity.rosters.lines import problems_of
from connectivity.rosters.repairs import DECISIONS
from connectivity.rosters.routes_roster import found
from connectivity.rosters.routes_rows import asked, rows_page
from connectivity.rosters.row_groups import Group
from connectivity.tabular.column_profiles import COLUMN
from connectivity.tabular.problems import FileRefused

STRANGERS_SHOWN = 10


@blueprint.post("/<int:roster_id>/rows/<int:number>/decide")
@gate.open_to(gate.OFFICE)
def decide(roster_id: int, number: int) -> ResponseReturnValue:
    """Whether an ambiguous row is the registered student or another child."""
    decision = request.form.get("decision", "")
    if decision not in DECISIONS:
        abort(400)
    found(db.session, roster_id)
    try:
        with transaction(db.session) as session:
            roster = locked(session, roster_id)
            row = session.get(RosterRow, (roster_id, number)) or abort(404)
            repairs.decide(session, account=gate.account(), roster=roster, row=row, decision=decision)
    except RosterRefused as refused:
        flash(str(refused), "error")
    else:
        flash(_("Row %(number)s is decided. Check the plan again when you are done.", number=number), "success")
    return redirect(url_for("rosters.rows", roster_id=roster_id, group=Group.AMBIGUOUS.value))


@blueprint.route("/<int:roster_id>/rows/<int:number>/repair", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def repair(roster_id: int, number: int) -> ResponseReturnValue:
    """The cells of one row as the file wrote them, with what is wrong at each."""
    roster, row = _rejected(roster_id, number)
    cells = repairs.cells_of(roster, row)
    form = repair_form(repairs.columns_of(roster), cells)
    if form.is_submitted() and cells is not None and form.validate():
        return _save(roster_id, number, form.cells())
    status = 422 if form.errors else 200
    others = form.show(problems_of(db.session, roster, [number]).get(number, [])) if status == 200 else []
    formats = {name: COLUMN[name].format for name in repairs.columns_of(roster)}
    hints = {name: "" if how == "text" else how for name, how in formats.items()}
    return (
        render_template(
            "rosters/repair.html", roster=roster, row=row, form=form, cells=cells, others=others, hints=hints
        ),
        status,
    )


def _rejected(roster_id: int, number: int) -> tuple[RosterImport, RosterRow]:
    roster = found(db.session, roster_id)
    row = repairs.rejected(db.session, roster, number)
    if row is None or roster.state not in (ImportState.PLANNED, ImportState.HELD):
        abort(404)
    return roster, row


def _save(roster_id: int, number: int, cells: dict[str, str]) -> ResponseReturnValue:
    try:
        with transaction(db.session) as session:
            roster = locked(session, roster_id)
            if repairs.rejected(session, roster, number) is None:
                raise RosterRefused(_("This row needs no repair any more."))
            done = repairs.repair(session, account=gate.account(), roster=roster, cells={number: cells})
            waiting = identities.pending(session, roster)
    except RosterRefused as refused:
        flash(str(refused), "error")
        return redirect(url_for("rosters.show", roster_id=roster_id))
    if done.wrong:
        flash(_("Row %(number)s is saved, but something is still wrong.", number=number), "error")
        return redirect(url_for("rosters.repair", roster_id=roster_id, number=number))
    flash(
        _(
            "Row %(number)s is repaired. Check the plan again when you are done (%(waiting)s repaired or decided).",
            number=number,
            waiting=waiting,
        ),
        "success",
    )
    return redirect(url_for("rosters.rows", roster_id=roster_id, group=Group.REJECTED.value))


@blueprint.post("/<int:roster_id>/rows/<int:number>/leave-out")
@gate.open_to(gate.OFFICE)
def leave_out(roster_id: int, number: int) -> ResponseReturnValue:
    """The row stays out of the plan."""
    _rejected(roster_id, number)

    try:
        with transaction(db.session) as session:
            roster = locked(session, roster_id)
            row = session.get_one(RosterRow, (roster_id, number))
            repairs.leave_out(session, account=gate.account(), roster=roster, rows=[row])
    except RosterRefused as refused:
        flash(str(refused), "error")
    else:
        flash(_("Row %(number)s is left out.", number=number), "success")
    return redirect(url_for("rosters.rows", roster_id=roster_id, group=Group.REJECTED.value))


@blueprint.post("/<int:roster_id>/fixed")
@gate.open_to(gate.OFFICE, files=True)
def fixed(roster_id: int) -> ResponseReturnValue:
    """The file of rejected rows comes back corrected."""
    asked(roster_id, Group.REJECTED.value)
    form = FixedForm()
    if not form.validate():
        return rows_page(roster_id, Group.REJECTED.value, form), 422
    received = uploads.receive(form.file.data, uploads.folder_of(current_app))
    try:
        with transaction(db.session) as session:
            done = take_fixed(
                session,
                account=gate.account(),
                roster=locked(session, roster_id),
                path=received.path,
                file_name=received.name,
            )
    except (RosterRefused, FileRefused) as refused:
        form.file.errors = [str(refused)]
        return rows_page(roster_id, Group.REJECTED.value, form), 422
    finally:
        uploads.discard(received.path)
    _tell(done)
    return redirect(url_for("rosters.rows", roster_id=roster_id, group=Group.REJECTED.value))


@blueprint.context_processor
def offers() -> dict[str, Any]:
    """What the page of a plan asks when it shows rows that cannot be taken in."""
    return {"earlier_repairs": lambda roster: earlier_repairs(db.session, roster)}


@blueprint.post("/<int:roster_id>/earlier-repairs")
@gate.open_to(gate.OFFICE)
def use_earlier(roster_id: int) -> ResponseReturnValue:
    """Rows that were repaired or left out when the same file was handed in before are so again."""
    found(db.session, roster_id)
    try:
        with transaction(db.session) as session:
            done = use_earlier_repairs(session, account=gate.account(), roster=locked(session, roster_id))
    except RosterRefused as refused:
        flash(str(refused), "error")
    else:
        _tell(done)
    return redirect(url_for("rosters.show", roster_id=roster_id))


def _tell(done: repairs.Reread) -> None:
    good, wrong = len(done.good), len(done.wrong)
    if done.left_out:
        left = len(done.left_out)
        flash(ngettext("%(num)s row is left out again.", "%(num)s rows are left out again.", left), "success")
    if good or wrong or not done.left_out:
        flash(
            _(
                "Good now: %(good)s. Still wrong: %(wrong)s. Check the plan again when you are done.",
                good=good,
                wrong=wrong,
            ),
            "success" if good else "error",
        )
    if done.strangers:
        named = "; ".join(done.strangers[:STRANGERS_SHOWN])
        flash(_("These are not rows that wait for a repair, so they were left aside: %(rows)s.", rows=named), "error")
