"""Pages: who is stalled, as a list and as a file."""

import datetime as dt
from dataclasses import dataclass

from flask import current_app, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from connectivity.access import gate
from connectivity.access.disclosures import open_disclosure
from connectivity.access.logged_file import LoggedFile, attachment
from connectivity.access.request_session import db
from connectivity.access.sign_in import limiter
from connectivity.casework.labels import LANGUAGES, label
from connectivity.database import transaction
from connectivity.register import ProgramYear
from connectivity.rules.calendar import city_today
from connectivity.rules.service_states import Status
from connectivity.service.blueprint import blueprint
from connectivity.service.progress import stalled
from connectivity.service.progress.forms_stalled import StalledForm
from connectivity.service.progress.labels import KIND, SERVICE_TYPE, next_action
from connectivity.service.progress.narrowing import conditions, offered
from connectivity.service.progress.stalled import Kind, Question
from connectivity.service.progress.stalled_file import BASIS, COLUMNS, KIND_OF_FILE, Words, rows
from connectivity.service.years.years import current_year, every_year

LINES_A_PAGE = 50


def _today() -> dt.date:
    return city_today()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a request asks for. `question` is None while something stands against it."""

    form: StalledForm
    year: ProgramYear | None
    areas: dict[str, str]
    question: Question | None

    def chosen(self) -> dict[str, str]:
        """Everything that narrows the list, by field: for links and for the download."""
        return {field.name: str(field.data) for field in self.form if field.data not in (None, "") and not field.errors}


@blueprint.get("/service/stalled")
@gate.open_to(gate.CASEWORK)
def stalled_list() -> ResponseReturnValue:
    """The longest waiting first, a page at a time."""
    asked = _asked(request.args)
    return _page(asked), 400 if asked.form.errors else 200


def _page(asked: Asked) -> str:
    if asked.question is None:
        return render_template("service/progress/stalled.html", asked=asked, today=_today())
    after = _after(request.args.get("after", ""))
    found = stalled.lines(db.session, asked.question, after=after, size=LINES_A_PAGE + 1)
    shown = found[:LINES_A_PAGE]
    counts, total = stalled.counts(db.session, asked.question)
    return render_template(
        "service/progress/stalled.html",
        asked=asked,
        today=_today(),
        lines=shown,
        counts=counts,
        total=total,
        listed=counts[asked.question.kind] if asked.question.kind else total,
        first=after is None,
        following=_token(shown[-1].key) if len(found) > LINES_A_PAGE else "",
        words=_words(asked),  # translated once, not for each row
        columns=COLUMNS,
    )


@blueprint.post("/service/stalled.csv")
@gate.open_to(gate.OFFICE)
@limiter.limit("60 per hour", key_func=lambda: str(gate.account().id))
def stalled_csv() -> ResponseReturnValue:
    """The same households as a file."""
    asked = _asked(request.form)
    if asked.question is None:
        return _page(asked), 400
    with transaction(db.session) as session:
        disclosure_id = open_disclosure(
            session,
            account=gate.account(),
            kind=KIND_OF_FILE,
            basis=BASIS,
            scope={"schools": [], "filters": asked.chosen(), "program_year": asked.year.label if asked.year else ""},
            columns=COLUMNS,
        ).id
    sessions = current_app.extensions["connectivity.sessions"]
    demo = "_demo" if current_app.config["DEMO"] else ""
    return attachment(
        LoggedFile(sessions, disclosure_id, COLUMNS, rows(asked.question, _words(asked))),
        f"connectivity_stalled_{_today():%Y%m%d}_d{disclosure_id}{demo}.csv",
    )


def _asked(values: MultiDict[str, str]) -> Asked:
    account, today, session = gate.account(), _today(), db.session
    years, form = every_year(session), StalledForm(values)
    choices = offered(session, account, today=today)
    form.offer(choices, years, current_year(session, today))
    valid = form.validate()
    year = next((one for one in years if str(one.id) == form.year.data), None)
    return Asked(
        form=form,
        year=year,
        areas=choices.areas,
        question=Question(
            year_id=year.id if year else None,
            where=conditions(account, form.narrowing(), today=today),
            today=today,
            after_code=form.code_days.days,
            after_kit=form.kit_days.days,
            kind=Kind(form.kind.data) if form.kind.data else None,
        )
        if valid
        else None,
    )


def _after(token: str) -> stalled.Key | None:
    """Where the page before ended: the day of its last step and the enrollment's own number, no personal value."""
    day, _dash, number = token.partition("-")
    if not token:
        return None
    try:
        if len(day) == 8 and number.isdecimal() and len(number) < 10:
            return dt.date(int(day[:4]), int(day[4:6]), int(day[6:])), int(number)
    except ValueError:
        pass
    flash(_("The list has changed meanwhile. Here is its beginning."), "info")
    return None


def _token(key: stalled.Key) -> str:
    since, number = key
    return f"{since:%Y%m%d}-{number}"


def _words(asked: Asked) -> Words:
    return Words(
        kinds={kind: str(words) for kind, words in KIND.items()},
        statuses={status.value: str(label(status.value, "status")) for status in Status},
        actions={(kind, status.value): str(next_action(kind, status)) for kind in Kind for status in Status},
        languages={code: str(words) for code, words in LANGUAGES.items()},
        areas={int(number): name for number, name in asked.areas.items()},
        service_types={code: str(words) for code, words in SERVICE_TYPE.items()},
        plans=stalled.plan_names(db.session),
    )
