"""Pages: merge two households, undo a merge, split a household."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework.fields import add_error
from connectivity.casework.merged import retired, stands_for, take_turns
from connectivity.casework.pages import gone, saved, shown
from connectivity.casework.trail import both_for_change, for_change, visible
from connectivity.database import transaction
from connectivity.households.blueprint import blueprint
from connectivity.households.forms_merge import MergeForm, OtherForm, UndoForm
from connectivity.households.merge import MergeRefused, choose, merge, what_moves
from connectivity.households.merge_undo import UndoRefused, refuse_undo, stays, undo_merge
from connectivity.households.questions import next_open
from connectivity.households.side_by_side import side_by_side
from connectivity.register import Household, HouseholdMerge
from connectivity.rules.calendar import city_today


class _NotYet(Exception):
    """The form goes back to the person: with its problems, or because a household changed while the page was open."""

    def __init__(self, *, changed: bool = False) -> None:
        self.changed = changed


@blueprint.get("/<reference>/merge")
@gate.open_to(gate.OFFICE)
def merge_with(reference: str) -> ResponseReturnValue:
    """Asks for the other household."""
    household = shown(reference)
    form = OtherForm(formdata=request.args)
    if "other" in request.args and form.validate() and _other_found(household, form):
        return redirect(url_for("households.merge_two", reference=reference, other=form.other.data))
    return render_template("households/merge_with.html", form=form, household=household)


def _other_found(household: Household, form: OtherForm) -> bool:
    typed = form.other.data or ""
    away = retired(db.session, typed)
    if typed == household.reference:
        add_error(form.other, _("This is the same household. Enter the reference of the other one."))
    elif away is not None:
        into = stands_for(db.session, away.folded).reference
        add_error(form.other, _("%(one)s was merged into %(into)s already.", one=typed, into=into))
    elif visible(db.session, gate.account(), typed) is None:
        add_error(form.other, _("There is no household %(reference)s. Check the reference.", reference=typed[:20]))
    return not form.other.errors


@blueprint.route("/<reference>/merge/<other>", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def merge_two(reference: str, other: str) -> ResponseReturnValue:
    """Both side by side, which is kept and why, what moves: then the merge."""
    form = MergeForm()
    if request.method == "GET":
        return _merge_page(form, reference, other)
    try:
        with transaction(db.session) as session:
            take_turns(session)
            one, two = _both(session, reference, other)
            _hold_to_versions(form, (form.version.data, form.other_version.data), (one, two))
            made = merge(session, account=gate.account(), household=one, other=two, reason=form.reason.data or "")
            kept, said = made.kept.reference, _merged(made)
    except MergeRefused as refused:
        flash(str(refused), "info")
        return redirect(url_for("households.show", reference=reference))
    except _NotYet as not_yet:
        return _merge_page(form, reference, other, changed=not_yet.changed), 409 if not_yet.changed else 422
    if asked() is not None:
        flash(said, "success")
        return next_question()
    return saved(kept, said)


def _merged(made: HouseholdMerge) -> Any:
    return _("%(folded)s is merged into %(kept)s.", folded=made.folded.reference, kept=made.kept.reference)


def asked() -> int | None:
    """Id of the question that led to this page."""
    number = request.args.get("question", "")
    return int(number) if number.isdecimal() and len(number) < 10 else None


def next_question() -> ResponseReturnValue:
    """On to the next question; to the queue's own page when none is left."""
    following = next_open(db.session)
    if following is None:
        return redirect(url_for("households.questions"))
    return redirect(url_for("households.question", question_id=following))


def _both(session: Session, reference: str, other: str) -> tuple[Household, Household]:
    one, two = both_for_change(session, gate.account(), reference, other)
    if one is None or two is None:
        gone(session, reference if one is None else other)
    return one, two


def _hold_to_versions(form: Any, opened: tuple[str | None, ...], households: tuple[Household, ...]) -> None:
    if not form.validate():
        raise _NotYet
    if opened != tuple(str(one.version) for one in households):
        raise _NotYet(changed=True)


def _merge_page(form: MergeForm, reference: str, other: str, *, changed: bool = False) -> str:
    one, two = shown(reference), shown(other)
    if one is two:
        abort(404)
    form.version.data, form.other_version.data = str(one.version), str(two.version)
    choice = choose(db.session, one, two, city_today())
    return render_template(
        "households/merge.html",
        form=form,
        household=one,
        choice=choice,
        moving=what_moves(db.session, choice.kept, choice.folded),
        sides=side_by_side(db.session, choice.kept, choice.folded),
        changed=changed,
        asked=asked(),
    )


@blueprint.route("/merges/<int:merge_id>/undo", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def undo(merge_id: int) -> ResponseReturnValue:
    """What goes back and what stays: then the undo."""
    form = UndoForm()
    reference = _merge_in_sight(merge_id).kept.reference
    if request.method == "GET":
        return _undo_page(form, merge_id)
    try:
        with transaction(db.session) as session:
            take_turns(session)
            kept = for_change(session, gate.account(), reference)
            done = session.get_one(HouseholdMerge, merge_id)
            refuse_undo(session, done)
            if kept is None:
                gone(session, reference)
            _hold_to_versions(form, (form.version.data,), (kept,))
            undone = undo_merge(session, account=gate.account(), merge=done, reason=form.reason.data or "")
            folded, stayed = undone.household.reference, undone.stayed
    except UndoRefused as refused:
        flash(str(refused), "info")
        return redirect(url_for("households.show", reference=reference))
    except _NotYet as not_yet:
        return _undo_page(form, merge_id, changed=not_yet.changed), 409 if not_yet.changed else 422
    for sentence in stayed:
        flash(sentence, "info")
    return saved(folded, _("The merge is undone. %(reference)s is a household of its own again.", reference=folded))


def _merge_in_sight(merge_id: int) -> HouseholdMerge:
    """404 where the account may not see the household that stands for both."""
    found = db.session.get(HouseholdMerge, merge_id)
    if found is None or visible(db.session, gate.account(), stands_for(db.session, found.kept).reference) is None:
        abort(404)
    return found


def _undo_page(form: UndoForm, merge_id: int, *, changed: bool = False) -> str:
    done, refused = _merge_in_sight(merge_id), ""
    try:
        refuse_undo(db.session, done)
    except UndoRefused as why:
        refused = str(why)
    form.version.data = str(done.kept.version)
    return render_template(
        "households/undo.html",
        form=form,
        merge=done,
        household=stands_for(db.session, done.kept),
        refused=refused,
        staying=list(stays(db.session, done)),
        changed=changed,
    )
