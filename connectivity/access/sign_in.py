"""Sign-in by Flask-Security: its settings, its forms in our words, and a trace of each sign-in."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import structlog
from flask import Flask, Response, current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_security import (
    ChangePasswordForm,
    FSQLALiteUserDatastore,
    LoginForm,
    PasswordUtil,
    Security,
    current_user,
    password_changed,
    user_authenticated,
    user_failed_authn,
    verify_password,
)

from connectivity.access import accounts, demo_accounts, gate, passwords, session_rules
from connectivity.access.audit import record
from connectivity.access.request_session import db
from connectivity.database import now, transaction
from connectivity.register import Account
from connectivity.register.account import RoleName

log = structlog.get_logger("connectivity.sign_in")

limiter = Limiter(get_remote_address, default_limits=[], headers_enabled=True)

CONFIG: dict[str, Any] = {
    "RATELIMIT_STORAGE_URI": "memory://",
    # A cookie is sent when it changes, not with every answer: a slow picture must not bring back the cookie from before a sign-out.
    "SESSION_REFRESH_EACH_REQUEST": False,
    "SECURITY_LOGIN_URL": "/sign-in",
    "SECURITY_LOGOUT_URL": "/sign-out",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_CHANGEABLE": True,
    "SECURITY_CHANGE_URL": "/password",
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_VERIFY_URL": "/verify",
    "SECURITY_POST_LOGIN_VIEW": "/start",
    "SECURITY_POST_LOGOUT_VIEW": "/?signed-out=1",
    "SECURITY_POST_CHANGE_VIEW": "/start",
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_LENGTH_MIN": passwords.SHORTEST,
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_JOIN_USER_ROLES": False,
    "SECURITY_DEFAULT_REMEMBER_ME": False,
    "SECURITY_USE_VERIFY_PASSWORD_CACHE": False,
    "SECURITY_LOGIN_USER_TEMPLATE": "access/sign_in.html",
    "SECURITY_CHANGE_PASSWORD_TEMPLATE": "access/change_password.html",
    "SECURITY_VERIFY_TEMPLATE": "access/verify.html",
    "SECURITY_MSG_UNAUTHENTICATED": ("Sign in to open this page.", "info"),
    "SECURITY_MSG_GENERIC_AUTHN_FAILED": (
        "We do not know this e-mail and password together. Check both and try again.",
        "error",
    ),
    "SECURITY_MSG_INVALID_PASSWORD": ("This is not your present password. Check it and try again.", "error"),
    "SECURITY_MSG_PASSWORD_NOT_PROVIDED": ("Enter your password.", "error"),
    "SECURITY_MSG_RETYPE_PASSWORD_MISMATCH": ("The two new passwords differ. Enter the same one twice.", "error"),
    "SECURITY_MSG_PASSWORD_IS_THE_SAME": ("This is the password you have now. Choose a new one.", "error"),
    "SECURITY_MSG_REAUTHENTICATION_SUCCESSFUL": ("Thank you. You may go on.", "success"),
    "SECURITY_MSG_PASSWORD_CHANGE": ("Your password is changed.", "success"),
}


class Passwords(PasswordUtil):
    """Our own rules in place of the library's."""

    def validate(self, password: str, is_register: bool, **given: Any) -> tuple[list[str] | None, str]:  # noqa: FBT001
        plain = self.normalize(password)
        user = given.get("user")
        return passwords.problems(plain, email=user.email if user else "") or None, plain


security = Security(password_util_cls=Passwords)


class SignInForm(LoginForm):
    """The library's form, closed to demo accounts outside demo mode and without “remember me”."""

    remember = None  # type: ignore[assignment]  # how WTForms leaves an inherited field out

    def validate(self, **given: Any) -> bool:
        if not super().validate(**given):
            return False
        if cast(Account, self.user).demo and not current_app.config["DEMO"]:
            self.email.errors = ["demo account"]  # the view puts the one generic message in its place
            return False
        return True


class NewPasswordForm(ChangePasswordForm):
    """The library's form, with every problem said at once."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.password.flags.required = True

    def validate(self, **given: Any) -> bool:
        if super().validate(**given):
            return True
        # The library stops at its first problem.
        if not self.password.errors and not verify_password(self._plain(self.password), gate.account().password or ""):
            name = "INVALID_PASSWORD" if self._plain(self.password) else "PASSWORD_NOT_PROVIDED"
            self.password.errors = [CONFIG[f"SECURITY_MSG_{name}"][0]]
        if not self.new_password.errors:
            self.new_password.errors = passwords.problems(self._plain(self.new_password), email=gate.account().email)
        return False

    @staticmethod
    def _plain(field: Any) -> str:
        return security.password_util.normalize(field.data or "")


def install(app: Flask) -> None:
    """Sets up sign-in, its limits and its trace."""
    app.config.update(CONFIG)
    datastore = FSQLALiteUserDatastore(db, Account, RoleName)
    security.init_app(app, datastore, login_form=SignInForm, change_password_form=NewPasswordForm)
    # The library would also take a token from a header or an address, which no page of ours hands out.
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    app.after_request(_no_wait_after_success)  # runs after the limiter's own, which is registered later
    limiter.init_app(app)
    # Per address, not per account: a stranger must not be able to lock a colleague out.
    app.view_functions["security.login"] = cast(
        Any, limiter.limit("20 per minute; 200 per hour", methods=["POST"])(app.view_functions["security.login"])
    )
    session_rules.install(app)
    app.view_functions["security.logout"] = _everywhere(cast(Any, app.view_functions["security.logout"]))
    security.login_context_processor(_demo_accounts)
    user_authenticated.connect(_signed_in, app)
    user_failed_authn.connect(_failed, app)
    password_changed.connect(_password_changed, app)


def _no_wait_after_success(response: Response) -> Response:
    """The limiter asks every caller to wait, also one that it let through."""
    if response.status_code < 400:
        response.headers.pop("Retry-After", None)
    return response


def _demo_accounts() -> dict[str, Any]:
    """For the sign-in page alone: an error page must not ask the database."""
    if not current_app.config["DEMO"]:
        return {}
    return {"demo_accounts": demo_accounts.demo_accounts(db.session), "demo_password": demo_accounts.DEMO_PASSWORD}


def _everywhere(sign_out: Callable[[], Any]) -> Callable[[], Any]:
    """A sign-out that ends every session of the account: a copy of this one's cookie must open nothing."""

    @wraps(sign_out)
    def signed_out() -> Any:
        if current_user.is_authenticated:
            account_id = gate.account().id
            with transaction(db.session) as session:
                accounts.sign_out(session, session.get_one(Account, account_id))
        return sign_out()

    return signed_out


def _signed_in(_app: Flask, user: Account, authn_via: list[str] | None = None, **_more: Any) -> None:
    session_rules.begin()
    if authn_via == ["change"]:  # a new password signs the person in again, inside a transaction that is still open
        return
    account_id = user.id
    with transaction(db.session) as session:
        account = session.get_one(Account, account_id)
        account.signed_in_at = now()
        record(session, account=account, action="account.signed_in", subject="account", subject_id=account.id)


def _password_changed(_app: Flask, user: Account, **_more: Any) -> None:
    record(db.session, account=user, action="account.password_changed", subject="account", subject_id=user.id)


def _failed(_app: Flask, user: Account, **_more: Any) -> None:
    log.info("sign_in_failed", account=user.id)
