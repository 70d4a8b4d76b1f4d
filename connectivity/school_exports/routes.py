"""The pages of a school: its students, their file, and the receipts of the files taken away."""

import datetime as dt
from dataclasses import dataclass

from flask import Blueprint, Response, abort, current_app, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from connectivity.access import gate
from connectivity.access.disclosures import disclosures_of, open_disclosure
from connectivity.access.request_session import db
from connectivity.access.scope import in_scope
from connectivity.access.sign_in import limiter
from connectivity.database import transaction
from connectivity.register import Account, Role, School, Student
from connectivity.rules.calendar import city_today
from connectivity.school_exports.download import BASIS, Download
from connectivity.school_exports.filters import NOT_IN_PROGRAM, Filters
from connectivity.school_exports.forms import FilterForm
from connectivity.school_exports.labels import what_was_taken
from connectivity.school_exports.student_file import (
    NEXT_STEPS,
    OFFICE_COLUMNS,
    SCHOOL_COLUMNS,
    STATUS_WORDS,
    surroundings,
)
from connectivity.school_exports.students import (
    Listing,
    count_by_status,
    count_students,
    current_program_year,
    languages_in,
    page_of_students,
    student_in,
    visible_schools,
)

blueprint = Blueprint("school_exports", __name__, url_prefix="/school")

READERS = gate.OFFICE | {Role.SCHOOL}
ROWS_A_PAGE = 100
RECEIPTS_A_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a request asks for, once its filters are read. `listing` is None while something stands against it."""

    form: FilterForm
    filters: Filters
    schools: dict[str, str]
    year_label: str
    listing: Listing | None


@blueprint.get("/students")
@gate.open_to(READERS)
def students() -> ResponseReturnValue:
    """The account's students, a page at a time."""
    asked = _asked(db.session, gate.account(), request.args)
    return _students_page(asked), 400 if asked.form.errors else 200


@blueprint.post("/students.csv")
@gate.open_to(READERS)
@limiter.limit("60 per hour", key_func=lambda: str(gate.account().id))
def students_csv() -> ResponseReturnValue:
    """The same students as a file."""
    asked = _asked(db.session, gate.account(), request.form)
    if asked.listing is None:
        return _students_page(asked), 400
    with transaction(db.session) as session:
        account = gate.account()
        office = account.role != Role.SCHOOL
        disclosure_id = open_disclosure(
            session,
            account=account,
            kind="students_csv",
            basis=BASIS,
            scope={
                "schools": [asked.filters.school] if asked.filters.school else [one.id for one in account.schools],
                "filters": asked.filters.chosen(),
                "program_year": asked.year_label,
            },
            columns=OFFICE_COLUMNS if office else SCHOOL_COLUMNS,
        ).id
    download = Download(
        sessions=current_app.extensions["connectivity.sessions"],
        listing=asked.listing,
        year_label=asked.year_label,
        today=_today(),
        office=office,
        disclosure_id=disclosure_id,
    )
    only_school = asked.filters.school or (next(iter(asked.schools)) if len(asked.schools) == 1 else "all")
    return _attachment(download, _file_name(only_school, disclosure_id))


@blueprint.get("/downloads")
@gate.open_to(READERS)
def downloads() -> ResponseReturnValue:
    """Receipts of the account's own files."""
    return render_template(
        "school_exports/downloads.html",
        downloads=disclosures_of(db.session, gate.account(), newest=RECEIPTS_A_PAGE),
        limit=RECEIPTS_A_PAGE,
        status_words={status or NOT_IN_PROGRAM: words for status, words in STATUS_WORDS.items()},
        languages=get_locale().languages,
        what_was_taken=what_was_taken,
    )


def _asked(session: Session, account: Account, values: MultiDict[str, str]) -> Asked:
    """Reads the filters. 404 for a school that the account may not see."""
    schools = {one.id: one.name for one in visible_schools(session, in_scope(School, account))}
    if values.get("school") and values["school"] not in schools:
        abort(404)
    visible = in_scope(Student, account)
    year = current_program_year(session, _today())
    form = FilterForm(values)
    names = get_locale().languages
    languages = {code: names.get(code, code) for code in languages_in(session, visible)}
    # Staff work with one school at a time; the whole district's file is the administrator's.
    every_school = account.role != Role.STAFF
    form.offer(
        schools=schools,
        languages=dict(sorted(languages.items(), key=lambda one: one[1])),
        every_school=every_school,
    )
    chosen = form.filters() if form.validate() else Filters()
    answerable = not form.errors and (every_school or chosen.school)
    listing = Listing(visible=visible, filters=chosen, year_id=year.id if year else None)
    return Asked(
        form=form,
        filters=chosen,
        schools=schools,
        year_label=year.label if year else "",
        listing=listing if answerable else None,
    )


def _students_page(asked: Asked) -> str:
    if asked.listing is None:
        return render_template("school_exports/students.html", asked=asked, today=_today())
    session, listing = db.session, asked.listing
    after = _after(listing)
    rows = page_of_students(session, listing, after=after, size=ROWS_A_PAGE)
    total = count_students(session, listing)
    first = count_students(session, listing, up_to=after) + 1 if after else 1
    last = first + len(rows) - 1
    return render_template(
        "school_exports/students.html",
        asked=asked,
        today=_today(),
        rows=rows,
        around=surroundings(session, today=_today(), year_label=asked.year_label, locale=str(get_locale())),
        counts=count_by_status(session, listing),
        total=total,
        first=first,
        last=last,
        next_after=rows[-1].id if last < total else None,
        status_words=STATUS_WORDS,
        next_steps=NEXT_STEPS,
        columns=SCHOOL_COLUMNS if gate.account().role == Role.SCHOOL else OFFICE_COLUMNS,
    )


def _after(listing: Listing) -> Student | None:
    """The last student of the page before, by internal id: a name must not stand in an address."""
    token = request.args.get("after", "")
    if not token:
        return None
    found = student_in(db.session, listing, int(token)) if token.isdecimal() and len(token) < 10 else None
    if found is None:
        flash(_("The list has changed meanwhile. Here is its beginning."), "info")
    return found


def _attachment(download: Download, name: str) -> Response:
    response = Response(iter(download), mimetype="text/csv")
    response.headers["Content-Type"] = "text/csv; charset=utf-8; header=present"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Row-Count"] = str(download.row_count)
    response.call_on_close(download.close)
    return response


def _file_name(scope: str, disclosure_id: int) -> str:
    demo = "_demo" if current_app.config["DEMO"] else ""
    return f"connectivity_students_{scope}_{_today():%Y%m%d}_d{disclosure_id}{demo}.csv"


def _today() -> dt.date:
    return city_today()
