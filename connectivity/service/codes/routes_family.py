"""Page, open to anyone: a family's own look-up. What it tells and what it does not is decided in `family`."""

import datetime as dt
import re
import time

import structlog
from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.access.sign_in import limiter
from connectivity.database import transaction
from connectivity.rules.calendar import city_today
from connectivity.service.blueprint import blueprint
from connectivity.service.codes import family_waits
from connectivity.service.codes.family import Answer, ask
from connectivity.service.codes.family_words import WORDS, Words

log = structlog.get_logger("connectivity.family")

# Many families share one address: a library, a school's own network. Few share a student ID. The day's limit for an address never bites
# where it is open to people ten hours at the hour's limit; it stops who tries one birth date on ID after ID all night.
BY_ADDRESS = "30 per hour; 300 per day"
BY_STUDENT = "10 per hour; 20 per day"
_ID = re.compile(r"[0-9A-Za-z]{1,20}").fullmatch
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})").fullmatch


class FamilyForm(FlaskForm):
    """Two fields of plain text; their labels are in the page's own language."""

    student_id = StringField()
    birth_date = StringField()

    @property
    def wanted(self) -> str:
        """The student ID without blanks and dashes."""
        return re.sub(r"[\s-]", "", self.student_id.data or "")

    @property
    def born(self) -> dt.date | None:
        """The birth date; None if it is no date."""
        text = (self.birth_date.data or "").strip()
        slashes = _SLASHES(text)
        try:
            if slashes:
                return dt.date(int(slashes[3]), int(slashes[1]), int(slashes[2]))
            return dt.date.fromisoformat(text)
        except ValueError:
            return None


def _student() -> str:
    """The student ID of a try, sealed: neither the limiter nor its storage holds it."""
    typed = re.sub(r"[\s-]", "", request.form.get("student_id", ""))[:40].upper()
    return "student " + family_waits.sealed(typed, str(current_app.config["SECRET_KEY"]))


# The last one is the page's address in links.
@blueprint.route("/mi-codigo", methods=["GET", "POST"])
@blueprint.route("/my-code", methods=["GET", "POST"])
@gate.open_to(gate.ANYONE)
@limiter.limit(BY_ADDRESS, methods=["POST"])
@limiter.limit(BY_STUDENT, methods=["POST"], key_func=_student)
def family_lookup() -> ResponseReturnValue:
    """Whether a home is eligible, and its code. One answer for everything that does not match."""
    form, words = FamilyForm(), WORDS["es" if request.path == "/mi-codigo" else "en"]
    if request.method == "GET":
        return _page(form, words)
    errors = _errors(form, words)
    if errors or form.born is None or not form.validate():
        return _page(form, words, errors=errors, status=422)
    seconds = family_waits.must_wait(limiter.storage, _student(), now=time.time())
    if seconds:
        return _page(form, words, wait=seconds, status=429)
    with transaction(db.session) as session:
        answer = ask(session, student_id=form.wanted, born=form.born, today=city_today())
    log.info("family_asked", matched=answer is not None)
    if answer is None:
        family_waits.count_wrong(limiter.storage, _student())
    return _page(form, words, answer=answer, asked=True)


def _errors(form: FamilyForm, words: Words) -> dict[str, str]:
    """What is wrong with the form by itself: nobody is looked for before."""
    errors = {}
    if not _ID(form.wanted):
        errors["student_id"] = words.bad_id
    if form.born is None:
        errors["birth_date"] = words.bad_date
    return errors


def _page(
    form: FamilyForm,
    words: Words,
    *,
    errors: dict[str, str] | None = None,
    answer: Answer | None = None,
    asked: bool = False,
    wait: int = 0,
    status: int = 200,
) -> ResponseReturnValue:
    page = render_template(
        "service/codes/family.html", form=form, words=words, errors=errors or {}, answer=answer, asked=asked, wait=wait
    )
    return page, status, {"Cache-Control": "no-store"}
