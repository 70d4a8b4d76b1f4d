"""How long a sign-in lasts, and that nothing of it stays behind in the browser."""

import time

from flask import Flask, Response, current_app, flash, request, session
from flask_babel import gettext as _
from flask_security import logout_user

BEGAN = "began"


def install(app: Flask) -> None:
    """Holds sessions to their lifetime and pages of signed-in people out of caches."""
    app.before_request(_end_old_session)
    app.before_request(_say_signed_out)
    app.after_request(_keep_out_of_caches)


def begin() -> None:
    """Marks the moment of sign-in. The lifetime counts from here, however busy the person is."""
    session.permanent = True
    session[BEGAN] = int(time.time())


def _end_old_session() -> None:
    if _static() or "_user_id" not in session:
        return
    if BEGAN not in session:
        begin()
    elif time.time() - session[BEGAN] > current_app.permanent_session_lifetime.total_seconds():
        logout_user()
        session.clear()
        hours = round(current_app.permanent_session_lifetime.total_seconds() / 3600)
        flash(_("You were signed out after %(hours)s hours. Sign in again to go on.", hours=hours), "info")


def _say_signed_out() -> None:
    # By the address: a sign-out leaves no cookie behind that could carry the words.
    if request.endpoint == "equity.need_map" and request.args.get("signed-out") and "_user_id" not in session:
        flash(_("You are signed out on every device."), "success")


def _keep_out_of_caches(response: Response) -> Response:
    if _static():
        return response
    if "_user_id" in session and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if request.endpoint == "security.logout" and request.method == "POST" and response.status_code != 400:
        session.clear()  # the library leaves a few marks, and a permanent session with them
        # Not "cache": pages are never cached, and some browsers take many seconds to empty a large one.
        response.headers["Clear-Site-Data"] = '"storage"'
    return response


def _static() -> bool:
    return request.endpoint in (None, "static", "bootstrap.static", "security.static")
