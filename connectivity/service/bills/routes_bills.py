"""Pages: providers' bills, what does not agree with our homes, what is decided, and the files that go back."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask import abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from connectivity.access import gate, uploads
from connectivity.access.disclosures import open_disclosure
from connectivity.access.logged_file import LoggedFile, Rows, attachment
from connectivity.access.request_session import db
from connectivity.database import transaction
from connectivity.formats import count
from connectivity.jobs import jobs_of
from connectivity.register import Bill, BillState, Decision, Provider
from connectivity.rules.billing import BUCKET_LABEL, Bucket
from connectivity.rules.calendar import city_today
from connectivity.rules.money import dollars
from connectivity.service.bills import decisions, receive
from connectivity.service.bills.forms_bills import AsideForm, BillForm, DecideForm
from connectivity.service.bills.jobs import RECONCILE
from connectivity.service.bills.missing import newest_of_month
from connectivity.service.blueprint import blueprint

BASIS = "Service provider under contract, for payment (34 CFR 99.31(a)(1)(i)(B)); the provider's own bill, back"
NEWEST = 50
WORKING = (BillState.QUEUED, BillState.READING)

blueprint.app_template_filter("dollars")(dollars)


@blueprint.get("/service/bills")
@gate.open_to(gate.OFFICE)
def bills() -> ResponseReturnValue:
    """Every bill, the newest first, and the form for the next."""
    form = _form()
    form.month.data = f"{city_today():%Y-%m}"
    return _bills_page(form)


def _form() -> BillForm:
    form = BillForm()
    providers = db.session.scalars(select(Provider).order_by(Provider.name))
    form.provider.offer((str(one.id), one.name) for one in providers)
    return form


def _bills_page(form: BillForm) -> str:
    newest = select(Bill).options(joinedload(Bill.provider), joinedload(Bill.submitter)).order_by(Bill.id.desc())
    return render_template(
        "service/bills/index.html",
        form=form,
        provided=db.session.scalar(select(Provider.id).limit(1)) is not None,
        bills=db.session.scalars(newest.limit(NEWEST)).all(),
    )


@blueprint.post("/service/bills")
@gate.open_to(gate.OFFICE, files=True)
def hand_in_bill() -> ResponseReturnValue:
    """Takes a bill and leaves the reading to the worker. The same file again finds the first."""
    form = _form()
    if not form.validate():
        return _bills_page(form), 422
    received = uploads.receive(form.file.data, uploads.folder_of(current_app))
    try:
        bill_id, first = _submit(form, received)
    except receive.BillRefused as refused:
        uploads.discard(received.path)
        form.month.errors = [str(refused)]
        return _bills_page(form), 422
    except BaseException:
        uploads.discard(received.path)
        raise
    if first:
        jobs_of(current_app).enqueue(RECONCILE, bill_id)
    else:
        uploads.discard(received.path)
        flash(_("This file was handed in before: this is its bill. Nothing was changed."), "info")
    return redirect(url_for("service.bill", bill_id=bill_id))


def _submit(form: BillForm, received: uploads.Received) -> tuple[int, bool]:
    month = form.first_day
    assert month is not None  # noqa: S101 - the form has seen to it
    file = receive.HandedIn(
        file_name=received.name,
        file_bytes=received.bytes,
        file_sha256=received.sha256,
        stored_as=received.path.name,
    )
    with transaction(db.session) as session:
        provider = session.get_one(Provider, int(form.provider.data))
        bill, first = receive.submit(
            session, account=gate.account(), provider=provider, month=month, file=file, today=city_today()
        )
        return bill.id, first


def _found(bill_id: int) -> Bill:
    bill = db.session.get(Bill, bill_id, options=[joinedload(Bill.provider), joinedload(Bill.submitter)])
    if bill is None:
        abort(404)
    return bill


@blueprint.get("/service/bills/<int:bill_id>")
@gate.open_to(gate.OFFICE)
def bill(bill_id: int) -> ResponseReturnValue:
    """One bill: how far it is, then its buckets with what they cost."""
    return _bill_page(_found(bill_id), AsideForm(formdata=None))


def _bill_page(bill: Bill, aside: AsideForm) -> str:
    return render_template(
        "service/bills/show.html",
        bill=bill,
        said=_said(bill),
        working=bill.state in WORKING,
        buckets=BUCKET_LABEL,
        decided=decisions.decided(db.session, bill),
        newest=newest_of_month(db.session, bill.provider_id, bill.month)
        if bill.state == BillState.RECONCILED
        else None,
        aside=aside,
    )


@blueprint.get("/service/bills/<int:bill_id>/progress")
@gate.open_to(gate.OFFICE)
def bill_progress(bill_id: int) -> ResponseReturnValue:
    """How far the work has come, for the script of the page."""
    return jsonify(_said(_found(bill_id)))


def _said(bill: Bill) -> dict[str, Any]:
    jobs = jobs_of(current_app)
    said = jobs.progress(RECONCILE, bill.id) if bill.state in WORKING else None
    stage, done, total = (said.stage, said.done, said.total) if said else ("", 0, 0)
    words = f"{stage}: {count(done)} / {count(total)}" if total else stage
    runs = bill.state not in WORKING or jobs.worker_runs()
    none = _("No worker is running. Ask whoever runs the server to start it: flask jobs run")
    return {
        "state": bill.state,
        "stage": stage,
        "done": done,
        "total": total,
        "worker": runs,
        "words": words if runs else none,
    }


@blueprint.post("/service/bills/<int:bill_id>/aside")
@gate.open_to(gate.OFFICE)
def put_bill_aside(bill_id: int) -> ResponseReturnValue:
    """As if the bill had never come."""
    form = AsideForm()
    if not form.validate():
        return _bill_page(_found(bill_id), form), 422
    stored = _found(bill_id).stored_as
    try:
        with transaction(db.session) as session:
            bill = session.get_one(Bill, bill_id)
            receive.discard(session, account=gate.account(), bill=bill, reason=form.reason.data or "")
    except receive.BillRefused as refused:
        form.reason.errors = [str(refused)]
        return _bill_page(_found(bill_id), form), 422
    if stored:
        uploads.discard(uploads.folder_of(current_app) / stored)
    flash(_("The bill is put aside."), "success")
    return redirect(url_for("service.bills"))


@blueprint.route("/service/bills/<int:bill_id>/<bucket>", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def bill_bucket(bill_id: int, bucket: str) -> ResponseReturnValue:
    """One bucket's findings, a page at a time, and what is decided about them."""
    bill = _found(bill_id)
    if bucket not in set(Bucket) or bill.state != BillState.RECONCILED:
        abort(404)
    form, which = DecideForm(), Bucket(bucket)
    if request.method == "GET":
        form.decision.data = Decision.DISPUTE.value if which is not Bucket.NOT_BILLED else Decision.OURS.value
        return _bucket_page(bill, which, form)
    if not form.validate():
        return _bucket_page(bill, which, form), 422
    try:
        with transaction(db.session) as session:
            done = decisions.decide(
                session,
                account=gate.account(),
                bill=session.get_one(Bill, bill_id, with_for_update=True),
                bucket=which,
                chosen=None if form.everything.data else _chosen(request.form.getlist("finding")),
                decision=Decision(form.decision.data) if form.decision.data else None,
                note=form.note.data or "",
            )
    except decisions.DecisionRefused as refused:
        form.decision.errors = [str(refused)]
        return _bucket_page(_found(bill_id), which, form), 422
    flash(ngettext("%(num)s line is decided.", "%(num)s lines are decided.", done), "success")
    return redirect(url_for("service.bill_bucket", bill_id=bill_id, bucket=bucket, after=request.args.get("after")))


def _chosen(boxes: Sequence[str]) -> dict[int, dt.datetime | None]:
    """The ticked findings, each with the moment of its decision that the page showed: `17@2026-11-23T18:50:31+00:00`, `17@`."""
    found: dict[int, dt.datetime | None] = {}
    for box in boxes:
        number, _, moment = box.partition("@")
        if number.isascii() and number.isdecimal() and len(number) < 10:
            try:
                found[int(number)] = dt.datetime.fromisoformat(moment) if moment else None
            except ValueError:
                continue
    return found


def _bucket_page(bill: Bill, bucket: Bucket, form: DecideForm) -> str:
    after = min(max(request.args.get("after", 0, type=int), 0), 2**31 - 1)
    found = decisions.items(db.session, bill, bucket, after=after, size=decisions.LINES_A_PAGE + 1)
    shown = found[: decisions.LINES_A_PAGE]
    return render_template(
        "service/bills/bucket.html",
        bill=bill,
        bucket=bucket.value,
        heading=BUCKET_LABEL[bucket],
        items=shown,
        following=shown[-1].finding.id if len(found) > len(shown) else None,
        first=after == 0,
        form=form,
    )


@blueprint.post("/service/bills/<int:bill_id>/letter.csv")
@gate.open_to(gate.OFFICE)
def bill_letter(bill_id: int) -> ResponseReturnValue:
    """The disputed lines, for the provider."""
    bill = _found(bill_id)
    return _file(
        bill, "bill_letter_csv", decisions.LETTER_HEADER, lambda session: decisions.letter_rows(session, bill_id)
    )


@blueprint.post("/service/bills/<int:bill_id>/refused.csv")
@gate.open_to(gate.OFFICE)
def bill_refused(bill_id: int) -> ResponseReturnValue:
    """The lines that could not be read, to be corrected and sent again."""
    bill = _found(bill_id)
    headings = [str(one) for one in bill.read_as.get("headings", [])]
    return _file(
        bill,
        "bill_refused_csv",
        (*headings, *decisions.REFUSED_HEADER_END),
        lambda session: decisions.refused_rows(session, bill_id, len(headings)),
    )


def _file(bill: Bill, kind: str, header: tuple[str, ...], rows: Rows) -> ResponseReturnValue:
    if bill.state != BillState.RECONCILED:
        abort(404)
    name, month = bill.provider.name.lower().replace(" ", "_"), bill.month
    with transaction(db.session) as session:
        disclosure_id = open_disclosure(
            session,
            account=gate.account(),
            kind=kind,
            basis=BASIS,
            scope={"bill": bill.id, "provider": bill.provider_id},
            columns=header,
        ).id
    file = LoggedFile(current_app.extensions["connectivity.sessions"], disclosure_id, header, rows)
    demo = "_demo" if current_app.config["DEMO"] else ""
    ascii_name = "".join(sign for sign in name if sign.isascii() and (sign.isalnum() or sign == "_"))
    return attachment(
        file, f"connectivity_{kind.removesuffix('_csv')}_{ascii_name}_{month:%Y%m}_d{disclosure_id}{demo}.csv"
    )
