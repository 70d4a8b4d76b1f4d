"""Pages: the queue of household questions, and one question with both households side by side."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework import labels
from connectivity.casework.merged import stands_for
from connectivity.casework.trail import record_change
from connectivity.database import transaction
from connectivity.households import questions as asking
from connectivity.households.blueprint import blueprint
from connectivity.households.forms_merge import AnswerForm
from connectivity.households.routes_merge import next_question
from connectivity.households.side_by_side import one_side, side_by_side
from connectivity.households.two_addresses import two_addresses
from connectivity.register import HouseholdQuestion, QuestionKind, QuestionState
from connectivity.rules.household_evidence import words

SHOWN = {"open", "decided"}


@blueprint.get("/questions")
@gate.open_to(gate.OFFICE)
def questions() -> ResponseReturnValue:
    """What people have to decide, the strongest evidence first."""
    shown = request.args.get("show", "open")
    if shown not in SHOWN:
        abort(404)
    after = request.args.get("after", "")
    page = asking.queue(
        db.session, decided=shown == "decided", after=int(after) if after.isdecimal() and len(after) < 10 else None
    )
    beside = two_addresses(db.session, page.questions) if shown == "open" else {}
    return render_template("households/questions.html", page=page, shown=shown, words=words, addresses=beside)


def _found(session: Session, question_id: int, *, hold: bool = False) -> HouseholdQuestion:
    question = asking.held(session, question_id) if hold else session.get(HouseholdQuestion, question_id)
    if question is None:
        abort(404)
    return question


@blueprint.route("/questions/<int:question_id>", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def question(question_id: int) -> ResponseReturnValue:
    """One household or two? Has this student left? A decision leads on to the next question."""
    form = AnswerForm()
    form.offer_reasons(_found(db.session, question_id).kind)
    if request.method == "GET":
        return _page(form, question_id)
    if not form.validate():
        return _page(form, question_id), 422
    try:
        with transaction(db.session) as session:
            _answer(session, form, question_id)
    except asking.QuestionRefused as refused:
        flash(str(refused), "info")
        return redirect(url_for("households.question", question_id=question_id))
    flash(_("Your decision is kept. You find it under “Decided”, if you want to take it back."), "success")
    return next_question()


def _answer(session: Session, form: AnswerForm, question_id: int) -> None:
    asked = _found(session, question_id, hold=True)
    pair = asked.kind == QuestionKind.SAME_HOUSEHOLD
    usual = str(labels.label(form.why.data, "separate" if pair else "stays"))
    reason = f"{usual}: {form.note.data}" if form.note.data else usual
    state = QuestionState.SEPARATE if pair else QuestionState.SAME
    asking.answer(session, account=gate.account(), question=asked, state=state, reason=reason)
    _record(session, asked, "question.decided", reason)


def _record(session: Session, asked: HouseholdQuestion, action: str, reason: str) -> None:
    """In the history of each household the question is about."""
    for household, other in ((asked.household, asked.other), (asked.other, asked.household)):
        if household is not None:
            about = other.reference if other else (asked.student.first_name if asked.student else "")
            changes: dict[str, list[object]] = {"kept_separate" if other else "stays": [None, about]}
            if action == "question.reopened":
                changes = {name: [about, None] for name in changes}
            if reason:
                changes["note"] = [None, reason]
            record_change(session, account=gate.account(), action=action, household=household, changes=changes)


@blueprint.post("/questions/<int:question_id>/again")
@gate.open_to(gate.OFFICE)
def decide_again(question_id: int) -> ResponseReturnValue:
    """Takes a decision back, so that it is made anew."""
    try:
        with transaction(db.session) as session:
            asked = _found(session, question_id, hold=True)
            asking.reopen(session, question=asked)
            _record(session, asked, "question.reopened", "")
    except asking.QuestionRefused as refused:
        flash(str(refused), "info")
    return redirect(url_for("households.question", question_id=question_id))


def _page(form: AnswerForm, question_id: int) -> str:
    asked = _found(db.session, question_id)
    one = stands_for(db.session, asked.household)
    other = stands_for(db.session, asked.other) if asked.other else None
    pair = other is not None and one is not other
    return render_template(
        "households/question.html",
        form=form,
        question=asked,
        household=one,
        sides=side_by_side(db.session, one, other) if pair and other else None,
        side=None if pair else one_side(db.session, one),
        two=two_addresses(db.session, [asked]).get(asked.id),
        evidence=asking.for_and_against(asked.evidence),
        decided=asking.decided_words(db.session, asked),
        following=asking.next_open(db.session, question_id),
        merge=asking.merge_of(db.session, asked) if asked.state == QuestionState.OPEN else None,
    )
