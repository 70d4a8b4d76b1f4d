"""What a person reads when a page cannot answer: what happened, that nothing was half-written, and what to do next."""

import structlog
from flask import Flask, abort, current_app, g, render_template, request, session
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from connectivity import schema
from connectivity.access.demo_accounts import holds_demo_data
from connectivity.access.request_session import db
from connectivity.access.uploads import takes_files

log = structlog.get_logger("connectivity.error")

DEMO_DATA = (
    "Connectivity cannot start: this database holds demo data, with accounts whose password everybody may know.\n"
    "  - Point CONNECTIVITY_DATABASE_URL at the program's own database, or start with CONNECTIVITY_MODE=demo."
)
PAGES = (400, 403, 404, 405, 409, 413, 429, 500, 503)


def install(app: Flask) -> None:
    """Registers a page for each error, and refuses to work on a database that is behind its migrations or holds demo data."""
    refuse_demo_data(app)
    app.register_error_handler(CSRFError, _form_expired)
    app.register_error_handler(401, _form_expired)  # the gate, for a form sent by nobody
    for kind in (OperationalError, InterfaceError, DatabaseError):
        app.register_error_handler(kind, _database_down)
    app.register_error_handler(StaleDataError, _changed_meanwhile)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
    app.before_request(_refuse_unfit_database)
    app.before_request(_refuse_strange_bodies)


def _page(name: str, status: int) -> tuple[str, int]:
    if "_login_user" not in g:
        # Otherwise drawing the page would load the account, and fail a second time where the database is the fault.
        g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]
    return render_template(f"errors/{name}.html"), status


def _form_expired(error: HTTPException) -> tuple[str, int]:
    """An expired form or session: what was typed is given back, to be sent again once the person is signed in."""
    signed_out = "_user_id" not in session and request.endpoint != "security.login"
    page = render_template("errors/form_expired.html", signed_out=signed_out, typed=_typed())
    return page, error.code or 400


def _typed() -> list[tuple[str, str]]:
    """The fields of a form that one of our own pages sent, passwords aside. Another site's form is never offered for sending again."""
    if request.headers.get("Origin") != request.host_url.rstrip("/"):
        return []
    if takes_files(current_app, request.endpoint):
        return []  # its body may not be read yet, and a browser cannot be given its file back
    secret = ("csrf_token", "password")
    return [(name, value) for name, value in request.form.items(multi=True) if not any(word in name for word in secret)]


def _http_error(error: HTTPException) -> tuple[str, int] | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    return _page(str(status if status in PAGES else 400), status)


def _changed_meanwhile(_error: StaleDataError) -> tuple[str, int]:
    return _page("409", 409)


def _database_down(error: DBAPIError) -> tuple[str, int]:
    if not isinstance(error, OperationalError | InterfaceError) and type(error) is not DatabaseError:
        return _unexpected(error)  # a broken constraint or statement: the database answers, we are wrong
    # The driver's message may quote values of the statement: the log gets its kind alone.
    log.error("database", kind=type(error.orig).__name__)
    return _page("database_down", 503)


def _unexpected(error: Exception) -> tuple[str, int]:
    log.error("unexpected", kind=type(error).__name__, page=request.endpoint, at=_where(error))
    if current_app.testing or current_app.debug:
        raise error
    return _page("500", 500)


def _where(error: Exception) -> str:
    """File and line where it was raised: enough to find it, without the values that a traceback may carry."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""


def _refuse_strange_bodies() -> None:
    """Every page takes a form's text fields and nothing else: the form library would read JSON and files as if they were typed.

    Pages that are opened for files look for themselves (`uploads.admit`).
    """
    if takes_files(current_app, request.endpoint):
        return
    if request.method == "POST" and (request.is_json or request.files):
        abort(415)


def _refuse_unfit_database() -> tuple[str, int] | None:
    checked = current_app.extensions.setdefault("connectivity.database_fit", False)
    if checked or request.endpoint in ("static", "bootstrap.static"):
        return None
    if schema.stands_at(db.engine) != schema.newest():
        return _page("database_behind", 503)
    if not current_app.config["DEMO"] and holds_demo_data(db.session):
        log.error("demo_data", words=DEMO_DATA)
        return _page("demo_data", 503)
    current_app.extensions["connectivity.database_fit"] = True
    return None


class DemoDataRefused(SystemExit):
    """Ends a production start, in words instead of a traceback."""


def refuse_demo_data(app: Flask) -> None:
    """At a production start: raises DemoDataRefused if the database holds demo data. A database that cannot be asked is left to the pages."""
    if not app.config["PRODUCTION"]:
        return
    with app.app_context():
        try:
            if schema.stands_at(db.engine) == schema.newest() and holds_demo_data(db.session):
                raise DemoDataRefused(DEMO_DATA)
        except DBAPIError:
            return
        finally:
            db.session.close()
            db.engine.dispose()  # a server forks after this: no connection may be shared between its processes
