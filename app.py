"""Builds the application, and serves it when run. The only file that knows everyone."""

import os
from contextlib import nullcontext
from typing import Any

import click
from flask import Flask, Response, request
from flask.cli import with_appcontext
from flask.helpers import get_debug_flag
from flask_babel import Babel, get_locale
from flask_bootstrap import Bootstrap5
from flask_compress import Compress
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from connectivity import error_pages, formats, jobs, schema
from connectivity.access import cli as access_cli
from connectivity.access import gate, request_log, sign_in, uploads
from connectivity.access import routes as access_routes
from connectivity.access.command_answers import AnsweredGroup
from connectivity.access.request_session import db
from connectivity.database import make_sessions, prepare_engine
from connectivity.demo import cli as demo_cli
from connectivity.equity import cli as equity_cli
from connectivity.equity import routes as equity_routes
from connectivity.households import routes as household_routes
from connectivity.reference import cli as reference_cli
from connectivity.rosters import cli as roster_cli
from connectivity.rosters import jobs as roster_jobs
from connectivity.rosters import routes as roster_routes
from connectivity.school_exports import routes as school_routes
from connectivity.service import cli as program_cli
from connectivity.service import jobs as service_jobs
from connectivity.service import routes as service_routes
from connectivity.settings import DEBUGGER, HOLDS, ROOT, Settings, SettingsRefused

LANGUAGES = ("en",)
SESSION_HOURS = 10
FORM_HOURS = 8

CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # data: for Bootstrap's own arrows and ticks
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def create_app(settings: Settings | None = None) -> Flask:
    """The application for one set of settings (default: the environment's). Raises SettingsRefused with every reason."""
    settings = settings or Settings.from_environment(os.environ)
    if settings.production and _debugger_asked():
        raise SettingsRefused([f"Start production without --debug or --debugger: {DEBUGGER}"])
    app = Flask(__name__, static_folder="connectivity/static", instance_path=str(settings.instance_folder))
    app.url_map.converters["int"] = DatabaseInteger
    app.config.from_mapping(_flask_config(settings))
    _connect_database(app)
    tokens = _harden(app, settings)
    queue = jobs.install(app, settings.queue_url)
    roster_jobs.install(queue)
    service_jobs.install(queue)
    request_log.install(app, json=settings.production)
    sign_in.install(app)
    gate.close_unmarked(app)
    error_pages.install(app)
    formats.register(app)
    Bootstrap5(app)
    Babel(app, locale_selector=lambda: request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0])
    for blueprint in (
        access_routes.blueprint,
        household_routes.blueprint,
        equity_routes.blueprint,
        school_routes.blueprint,
        roster_routes.blueprint,
        service_routes.blueprint,
    ):
        app.register_blueprint(blueprint)
    uploads.install(app, tokens)
    for group in (
        database_commands,
        reference_cli.commands,
        access_cli.commands,
        program_cli.commands,
        equity_cli.commands,
        demo_cli.commands,
        jobs.commands,
        roster_cli.commands,
    ):
        app.cli.add_command(AnsweredGroup(group, app))
    app.context_processor(lambda: {"settings": settings, "get_locale": get_locale})
    return app


def _debugger_asked() -> bool:
    """Whether FLASK_DEBUG or an option of `flask run` asks for the debugger, which `debug` of the settings cannot forbid."""
    command = click.get_current_context(silent=True)
    return get_debug_flag() or bool(command and (command.params.get("debugger") or command.params.get("debug")))


class DatabaseInteger(IntegerConverter):
    """A number in an address that the database's integers can hold; a larger one is no page."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:  # noqa: A002 - the library's own name
        super().__init__(map, *args, **{"max": 2**31 - 1, **kwargs})


def _flask_config(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECURITY_PASSWORD_SALT": settings.password_salt,
        "SQLALCHEMY_ENGINES": {"default": {"url": settings.database_url, "pool_pre_ping": True}},
        "DATA_FOLDER": settings.data_folder,
        "DEMO": settings.demo,
        "PROGRAM_NAME": settings.program_name,
        "HELP_CONTACT": settings.help_contact,
        "DEBUG": settings.debug,
        "PRODUCTION": settings.production,
        "MAX_CONTENT_LENGTH": settings.upload_limit_mb * uploads.MEGABYTE,
        "ROSTER_LIMIT_MB": settings.roster_limit_mb,
        "FACTOR_KEYS": settings.factor_keys,
        **{name: getattr(settings, name.lower()) for name in HOLDS},
        "BOOTSTRAP_SERVE_LOCAL": True,
        "BABEL_DEFAULT_LOCALE": LANGUAGES[0],
        "BABEL_TRANSLATION_DIRECTORIES": "connectivity/translations",
        "COMPRESS_MIMETYPES": ["text/html", "text/css", "text/javascript", "application/json", "application/geo+json"],
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
        "PERMANENT_SESSION_LIFETIME": SESSION_HOURS * 3600,
        "SESSION_COOKIE_NAME": "__Host-session" if settings.production else "session",
        "WTF_CSRF_TIME_LIMIT": FORM_HOURS * 3600,
    }


def _connect_database(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        app.extensions["connectivity.sessions"] = make_sessions(prepare_engine(db.engine))


def _harden(app: Flask, settings: Settings) -> CSRFProtect:
    tokens = CSRFProtect(app)
    Compress(app)
    app.after_request(_close_its_file)  # runs before Flask-Compress, which was registered first
    Talisman(
        app,
        force_https=settings.production,
        session_cookie_secure=settings.production,
        session_cookie_samesite="Lax",
        strict_transport_security=settings.production,
        content_security_policy=CONTENT_SECURITY_POLICY,
        content_security_policy_nonce_in=["script-src", "style-src"],
        referrer_policy="same-origin",
        x_xss_protection=False,
    )
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies)  # type: ignore[method-assign]
    return tokens


def _close_its_file(response: Response) -> Response:
    """Flask-Compress reads the file of a static answer and forgets to close it."""
    close = getattr(response.response, "close", None)
    if response.direct_passthrough and close:
        response.call_on_close(close)
    return response


@click.group("database")
def database_commands() -> None:
    """The database and its migrations."""


@database_commands.command("upgrade")
@with_appcontext
def upgrade_database() -> None:
    """Bring the database to the newest migration. Safe to run again."""
    before = schema.stands_at(db.engine)
    schema.upgrade(db.engine)
    click.echo(
        f"Database at {schema.newest()}" + ("." if before == schema.newest() else f", was at {before or 'nothing'}.")
    )


def main() -> None:
    """Serves on this machine alone; a server is started with gunicorn (README)."""
    port = os.environ.get("PORT") or "8000"
    if not (port.isdecimal() and 0 < int(port) < 2**16):
        raise SystemExit(f"Connectivity cannot start: PORT must be a number from 1 to 65535, not {port!r}.")
    app = create_app()
    click.echo(f"Connectivity is at http://127.0.0.1:{port} (end it with Ctrl-C).")
    # With the debugger the server runs in a child that is started again after each change: that one has the worker.
    serves = not app.debug or os.environ.get("WERKZEUG_RUN_MAIN") == "true"
    with jobs.worker_beside(ROOT / "app.py") if serves else nullcontext():
        # Said here, or Flask would take it from FLASK_DEBUG.
        app.run(host="127.0.0.1", port=int(port), threaded=True, debug=app.debug)


if __name__ == "__main__":
    main()
