"""Which roles may open which page. A page that says nothing about it is closed to everybody."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, Response, abort, current_app, request
from flask_security import current_user

from connectivity.access import uploads
from connectivity.register import Account, Role

View = TypeVar("View", bound=Callable[..., Any])

ANYONE = "anyone"
SIGNED_IN = frozenset(Role)
OFFICE = frozenset({Role.ADMIN, Role.STAFF})
CASEWORK = OFFICE | {Role.PARTNER}
READING = CASEWORK | {Role.ELIGIBILITY}
COUNCIL = OFFICE | {Role.COUNCIL}
ELIGIBILITY = frozenset({Role.ELIGIBILITY})

# Pages of the libraries, with the access that they themselves hold.
LIBRARY_PAGES: dict[str, frozenset[Role] | str] = {
    "static": ANYONE,
    "bootstrap.static": ANYONE,
    "security.static": ANYONE,
    "security.login": ANYONE,
    "security.logout": ANYONE,
    "security.change_password": SIGNED_IN,
    "security.verify": SIGNED_IN,
}


def account() -> Account:
    """The account that is signed in. Call it behind a gate only."""
    return cast(Account, current_user._get_current_object())


def open_to(roles: frozenset[Role] | str, *, files: bool = False) -> Callable[[View], View]:
    """Marks a view with the roles that may open it, and holds it to them. Not signed in: to the sign-in page (a form: 401). Wrong role: 403.

    `files`: its form may carry a large file (`uploads.admit`), which is looked at only after account, role, size and token.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def gated(*args: Any, **kwargs: Any) -> Any:
            if roles != ANYONE:
                if not current_user.is_authenticated and request.method == "POST":
                    abort(401)  # a page of its own gives back what was typed
                if not current_user.is_authenticated:
                    return cast(Response, current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
                if account().role not in roles:
                    abort(403)
            if files and request.method == "POST":
                uploads.admit()
            return current_app.ensure_sync(view)(*args, **kwargs)

        gated.access = roles  # type: ignore[attr-defined]
        gated.takes_files = files  # type: ignore[attr-defined]
        return cast(View, gated)

    return decorate


def access_of(app: Flask, endpoint: str) -> frozenset[Role] | str | None:
    """Who may open an endpoint; None if nobody has said so."""
    if endpoint in LIBRARY_PAGES:
        return LIBRARY_PAGES[endpoint]
    return cast("frozenset[Role] | str | None", getattr(app.view_functions[endpoint], "access", None))


def close_unmarked(app: Flask) -> None:
    """Before every request: an endpoint without a mark does not answer, whatever it would have done."""

    @app.before_request
    def refuse_unmarked() -> None:
        if request.endpoint is not None and access_of(app, request.endpoint) is None:
            abort(404)
