"""A household on a page of staff: shown or held for a change, 404 outside the account's scope, and back to it when something is saved."""

from collections.abc import Sequence
from typing import Any, NoReturn

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework.merged import retired, stands_for
from connectivity.casework.trail import for_change, visible
from connectivity.formats import day
from connectivity.register import Household


class Unsaved(Exception):
    """The form goes back to the person, with its problems or with what others changed."""

    def __init__(self, conflicts: Sequence[Any] = ()) -> None:
        self.conflicts = list(conflicts)


def editable(session: Session, reference: str) -> Household:
    """The household, held for this change. 404 outside the account's scope."""
    household = for_change(session, gate.account(), reference)
    if household is None:
        gone(session, reference)
    return household


def shown(reference: str) -> Household:
    """The household, to look at. 404 outside the account's scope."""
    household = visible(db.session, gate.account(), reference)
    if household is None:
        gone(db.session, reference)
    return household


def gone(session: Session, reference: str) -> NoReturn:
    """Leads from a household that was merged to the one it is part of, and says so. 404 outside the account's scope."""
    merge = retired(session, reference)
    kept = visible(session, gate.account(), stands_for(session, merge.folded).reference) if merge else None
    if merge is None or kept is None:
        abort(404)
    said = _("%(reference)s was merged into this household on %(day)s.", reference=reference, day=day(merge.merged_at))
    flash(said if request.method == "GET" else f"{said} {_('Nothing was saved.')}", "info")
    abort(redirect(url_for("households.show", reference=kept.reference)))


def saved(reference: str, message: str) -> ResponseReturnValue:
    """Back to the household, saying what was done."""
    flash(message, "success")
    return redirect(url_for("households.show", reference=reference))
