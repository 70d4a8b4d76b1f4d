"""Pages: one roster on its way: progress, columns, plan, approval, receipt."""

from collections.abc import Callable
from typing import Any

from flask import abort, current_app, flash, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from connectivity.access import gate, uploads
from connectivity.access.factors import holds_factors
from connectivity.access.request_session import db
from connectivity.database import transaction
from connectivity.formats import count
from connectivity.jobs import jobs_of
from connectivity.register import ImportState, RosterImport
from connectivity.rosters import apply as applying
from connectivity.rosters import imports, pages, repairs
from connectivity.rosters import undo as undoing
from connectivity.rosters.blueprint import blueprint
from connectivity.rosters.forms import ApplyForm, ApproveForm, ColumnsForm, UndoForm, columns_form
from connectivity.rosters.imports import RosterRefused
from connectivity.rosters.jobs import APPLY, COMPARE, READ, TASK_OF, UNDO
from connectivity.rosters.labels import FIGURES
from connectivity.rosters.own_profiles import NameTaken, name_columns
from connectivity.rosters.row_groups import Group

GROUPS_OF_A_PLAN_ALONE = (Group.NEWLY_ELIGIBLE,)  # once applied, they are enrolled


@blueprint.get("/<int:roster_id>")
@gate.open_to(gate.OFFICE)
def show(roster_id: int) -> ResponseReturnValue:
    """Progress, plan or receipt, as the roster stands."""
    return _page(roster_id)


def found(session: Session, roster_id: int) -> RosterImport:
    """The roster, or a 404."""
    return session.get(RosterImport, roster_id) or abort(404)


def _page(roster_id: int, **forms: Any) -> str:
    roster = found(db.session, roster_id)
    shown = pages.shown(db.session, roster)
    given: dict[str, Any] = {"apply_form": ApplyForm, "approve_form": ApproveForm, "undo_form": UndoForm}
    made = {name: forms.get(name) or kind(formdata=None) for name, kind in given.items()}
    if shown.plan:
        for name in ("apply_form", "approve_form"):
            made[name].plan.data = shown.plan
    return render_template(
        "rosters/show.html",
        shown=shown,
        roster=roster,
        figures=FIGURES,
        linked=_linked(roster),
        may_approve=pages.may_approve(roster, gate.account()),
        said=_progress(roster) if shown.working else None,
        **made,
    )


def _linked(roster: RosterImport) -> set[str]:
    """The figures that lead to their group."""
    planned = roster.state in (ImportState.PLANNED, ImportState.HELD)
    return {group.value for group in Group if planned or group not in GROUPS_OF_A_PLAN_ALONE}


@blueprint.get("/<int:roster_id>/progress")
@gate.open_to(gate.OFFICE)
def progress(roster_id: int) -> ResponseReturnValue:
    """How far the work has come, for the script of the page: counts and stages, nobody's values."""
    return jsonify(_progress(found(db.session, roster_id)))


def _progress(roster: RosterImport) -> dict[str, Any]:
    state, jobs = ImportState(roster.state), jobs_of(current_app)
    said = jobs.progress(TASK_OF[state], roster.id) if state in TASK_OF else None
    stage, done, total = (said.stage, said.done, said.total) if said else ("", 0, 0)
    runs = state not in TASK_OF or jobs.worker_runs()
    return {
        "state": state.value,
        "stage": stage,
        "done": done,
        "total": total,
        "worker": runs,
        "words": _words(stage, done, total) if runs else _no_worker(),
    }


def _words(stage: str, done: int, total: int) -> str:
    if total:
        return str(_("%(stage)s: %(done)s of %(total)s", stage=stage, done=count(done), total=count(total)))
    return f"{stage}: {count(done)}" if done else stage


def _no_worker() -> str:
    return str(_("No worker is running. Ask whoever runs the server to start it: flask jobs run"))


@blueprint.route("/<int:roster_id>/columns", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def columns(roster_id: int) -> ResponseReturnValue:
    """Which column is which: said once, kept for the next file of this source."""
    roster = found(db.session, roster_id)
    if roster.state != ImportState.COLUMNS:
        return redirect(url_for("rosters.show", roster_id=roster_id))
    form = columns_form(roster, factors=holds_factors(current_app))
    if form.is_submitted() and form.validate():
        try:
            with transaction(db.session) as session:
                roster = imports.locked(session, roster_id)
                name_columns(
                    session,
                    account=gate.account(),
                    roster=roster,
                    name=form.name.data or "",
                    headings=form.mapping(),
                )
        except NameTaken as taken:
            form.name.errors = [str(taken)]
        except RosterRefused as refused:
            flash(str(refused), "info")
            return redirect(url_for("rosters.show", roster_id=roster_id))
        else:
            jobs_of(current_app).enqueue(READ, roster_id)
            return redirect(url_for("rosters.show", roster_id=roster_id))
    return _columns_page(roster_id, form), 422 if form.errors else 200


def _columns_page(roster_id: int, form: ColumnsForm) -> str:
    return render_template("rosters/columns.html", roster=found(db.session, roster_id), form=form)


Step = Callable[[Session, RosterImport], None]


def take_step(roster_id: int, step: Step, *, then: str = "") -> ResponseReturnValue:
    """One step in one transaction, then perhaps a task of the queue; a refusal is shown on the roster's page."""
    found(db.session, roster_id)
    try:
        with transaction(db.session) as session:
            step(session, imports.locked(session, roster_id))
    except applying.Overtaken as overtaken:
        _set_aside(roster_id)
        flash(str(overtaken), "error")
    except RosterRefused as refused:
        flash(str(refused), "error")
    else:
        if then:
            jobs_of(current_app).enqueue(then, roster_id)
    return redirect(url_for("rosters.show", roster_id=roster_id))


def _set_aside(roster_id: int) -> None:
    """A plan that another roster overtook stands in the way of handing the file in again."""
    with transaction(db.session) as session:
        imports.discard(session, account=gate.account(), roster=imports.locked(session, roster_id))


def _refuse_another_plan(roster: RosterImport, plan: str | None) -> None:
    if roster.compared_at is None or roster.compared_at.isoformat() != plan:
        raise RosterRefused(str(_("The plan was made anew since you opened this page. Look at it once more.")))


@blueprint.post("/<int:roster_id>/apply")
@gate.open_to(gate.OFFICE)
def apply_plan(roster_id: int) -> ResponseReturnValue:
    """The register changes as the plan says."""
    form = ApplyForm()
    if not form.validate():
        return _page(roster_id, apply_form=form), 422

    def step(session: Session, roster: RosterImport) -> None:
        applying.claim(session, account=gate.account(), roster=roster)
        _refuse_another_plan(roster, form.plan.data)
        roster.refusal = ""

    return take_step(roster_id, step, then=APPLY)


@blueprint.post("/<int:roster_id>/approve")
@gate.open_to(gate.OFFICE)
def approve(roster_id: int) -> ResponseReturnValue:
    """A second person lets a large change go on."""
    form = ApproveForm()
    if not form.validate():
        return _page(roster_id, approve_form=form), 422

    def step(session: Session, roster: RosterImport) -> None:
        _refuse_another_plan(roster, form.plan.data)
        imports.approve(session, account=gate.account(), roster=roster, reason=form.reason.data or "")
        flash(_("The plan is approved. It can be applied now."), "success")

    return take_step(roster_id, step)


@blueprint.post("/<int:roster_id>/check-again")
@gate.open_to(gate.OFFICE)
def check_again(roster_id: int) -> ResponseReturnValue:
    """The plan is made anew, repairs and decisions included."""

    def step(session: Session, roster: RosterImport) -> None:
        repairs.check_again(session, account=gate.account(), roster=roster)

    return take_step(roster_id, step, then=COMPARE)


@blueprint.post("/<int:roster_id>/discard")
@gate.open_to(gate.OFFICE)
def discard(roster_id: int) -> ResponseReturnValue:
    """Puts a roster aside that was not applied."""

    def step(session: Session, roster: RosterImport) -> None:
        imports.discard(session, account=gate.account(), roster=roster)
        flash(_("The roster is put aside. The register was not changed."), "success")

    answer = take_step(roster_id, step)
    roster = found(db.session, roster_id)
    if roster.state == ImportState.DISCARDED and roster.stored_as:
        uploads.discard(uploads.folder_of(current_app) / roster.stored_as)
    return answer


@blueprint.post("/<int:roster_id>/undo")
@gate.open_to(gate.OFFICE)
def undo(roster_id: int) -> ResponseReturnValue:
    """Takes a whole roster back."""
    form = UndoForm()
    if not form.validate():
        return _page(roster_id, undo_form=form), 422

    def step(session: Session, roster: RosterImport) -> None:
        undoing.claim(session, account=gate.account(), roster=roster, reason=form.reason.data or "")
        roster.refusal = ""

    return take_step(roster_id, step, then=UNDO)
