"""Every setting, read once from the environment and checked at start. `app.py` and `migrations/env.py` read it; others receive values."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

DEBUGGER = "the debugger runs code for whoever opens a page."
ROOT = Path(__file__).resolve().parent.parent
MODES = ("demo", "development", "production")
SHORTEST_SECRET = 32
HOLDS = ("HOLD_VANISHED_PERCENT", "HOLD_ADDRESSES_PERCENT", "HOLD_SCHOOLS_PERCENT")
SWITCH = {**dict.fromkeys(("1", "true", "yes", "on"), True), **dict.fromkeys(("0", "false", "no", "off"), False)}


class SettingsRefused(SystemExit):
    """The environment cannot be started from: ends the program with every reason, without a traceback."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("Connectivity cannot start:\n" + "\n".join(f"  - {reason}" for reason in reasons))
        self.reasons = reasons


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The program's settings. README lists each variable; a test holds the list and this class together."""

    mode: str = "production"
    database_url: str = ""
    secret_key: str = field(default="", repr=False)
    password_salt: str = field(default="", repr=False)
    program_name: str = "Chicago Connected"
    help_contact: str = "Program help desk, 773-417-1060"
    instance_folder: Path = ROOT / "instance"
    data_folder: Path = ROOT / "data"
    proxies: int = 0  # how many reverse proxies stand in front and may set X-Forwarded-*
    debug: bool = False
    flask_debug: bool = False  # FLASK_DEBUG, which `flask --debug` sets as well: Flask obeys it whatever `debug` says
    upload_limit_mb: int = 16
    roster_limit_mb: int = 512
    queue_url: str = field(default="", repr=False)
    factor_keys: tuple[str, ...] = field(default=(), repr=False)  # the first seals, all open
    hold_vanished_percent: int = 10
    hold_addresses_percent: int = 15
    hold_schools_percent: int = 25

    @property
    def demo(self) -> bool:
        return self.mode == "demo"

    @property
    def production(self) -> bool:
        return self.mode == "production"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Reads `CONNECTIVITY_*`. Raises SettingsRefused with every reason at once."""
        reasons: list[str] = []
        known = {
            "CONNECTIVITY_" + name
            for name in [
                "MODE",
                "DATABASE_URL",
                "SECRET_KEY",
                "PASSWORD_SALT",
                "PROGRAM_NAME",
                "HELP_CONTACT",
                "INSTANCE_FOLDER",
                "DATA_FOLDER",
                "PROXIES",
                "DEBUG",
                "UPLOAD_LIMIT_MB",
                "ROSTER_LIMIT_MB",
                "QUEUE_URL",
                "FACTOR_KEYS",
                *HOLDS,
            ]
        }
        reasons += [
            f"{name} is not a setting. Known: {', '.join(sorted(known))}."
            for name in sorted(environment)
            if name.startswith("CONNECTIVITY_") and not name.startswith("CONNECTIVITY_TEST_") and name not in known
        ]

        def text(name: str, default: str = "") -> str:
            return environment.get(f"CONNECTIVITY_{name}", "").strip() or default

        def number(name: str, default: int) -> int:
            value = text(name)
            if not value:
                return default
            if not value.isdecimal():
                reasons.append(f"CONNECTIVITY_{name} must be a whole number, not {value!r}.")
                return default
            return int(value)

        def switch(name: str, *, default: bool) -> bool:
            value = text(name)
            if value and value.lower() not in SWITCH:
                reasons.append(f"CONNECTIVITY_{name} must be one of {', '.join(SWITCH)}, not {value!r}.")
            return SWITCH.get(value.lower(), default)

        mode = text("MODE", "production")
        if mode not in MODES:
            reasons.append(f"CONNECTIVITY_MODE must be one of {', '.join(MODES)}, not {mode!r}.")
        instance = Path(text("INSTANCE_FOLDER", str(cls.instance_folder)))
        secrets_kept = {name: text(name.upper()) for name in ("secret_key", "password_salt")}
        try:
            secrets_kept = {name: value or _local_secret(mode, instance, name) for name, value in secrets_kept.items()}
        except OSError as error:
            raise SettingsRefused(
                [*reasons, f"CONNECTIVITY_INSTANCE_FOLDER {instance} cannot be written: {error.strerror}."]
            ) from error
        made = cls(
            mode=mode,
            database_url=text("DATABASE_URL", f"sqlite:///{instance / f'{mode}.sqlite'}"),
            secret_key=secrets_kept["secret_key"],
            password_salt=secrets_kept["password_salt"],
            program_name=text("PROGRAM_NAME", cls.program_name),
            help_contact=text("HELP_CONTACT", cls.help_contact),
            instance_folder=instance,
            data_folder=Path(text("DATA_FOLDER", str(cls.data_folder))),
            proxies=number("PROXIES", cls.proxies),
            debug=switch("DEBUG", default=cls.debug),
            # Flask's own reading: every word but these three turns it on, "off" included.
            flask_debug=environment.get("FLASK_DEBUG", "").lower() not in ("", "0", "false", "no"),
            upload_limit_mb=number("UPLOAD_LIMIT_MB", cls.upload_limit_mb),
            roster_limit_mb=number("ROSTER_LIMIT_MB", cls.roster_limit_mb),
            queue_url=text("QUEUE_URL"),
            factor_keys=tuple(key.strip() for key in text("FACTOR_KEYS").split(",") if key.strip()),
            **{name.lower(): number(name, getattr(cls, name.lower())) for name in HOLDS},
        )
        reasons += made.problems()
        if reasons:
            raise SettingsRefused(reasons)
        return made

    def problems(self) -> list[str]:
        """What stands against starting with these settings, in the operator's words."""
        reasons = []
        try:
            backend = make_url(self.database_url).get_backend_name()
            if backend not in ("sqlite", "postgresql"):
                reasons.append(
                    f"CONNECTIVITY_DATABASE_URL must be sqlite:///FILE or postgresql+psycopg://..., not {backend}."
                )
        except ArgumentError:
            reasons.append(
                "CONNECTIVITY_DATABASE_URL is no database address. Example: postgresql+psycopg://user@host/connectivity"
            )
        for name, value in (("SECRET_KEY", self.secret_key), ("PASSWORD_SALT", self.password_salt)):
            if len(value) < SHORTEST_SECRET or len(set(value)) < 10:
                reasons.append(
                    f"CONNECTIVITY_{name} must be at least {SHORTEST_SECRET} random characters in production. "
                    "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
                )
        if self.secret_key and self.secret_key == self.password_salt:
            reasons.append("CONNECTIVITY_SECRET_KEY and CONNECTIVITY_PASSWORD_SALT must differ. Make one for each.")
        if self.upload_limit_mb < 1:
            reasons.append("CONNECTIVITY_UPLOAD_LIMIT_MB must be at least 1: with 0 no form could be sent.")
        reasons += self._roster_problems()
        for name, on in (("CONNECTIVITY_DEBUG", self.debug), ("FLASK_DEBUG (flask --debug)", self.flask_debug)):
            if self.production and on:
                reasons.append(f"{name} must be off in production: {DEBUGGER}")
        return reasons

    def _roster_problems(self) -> list[str]:
        reasons = []
        if self.roster_limit_mb < 1:
            reasons.append("CONNECTIVITY_ROSTER_LIMIT_MB must be at least 1: with 0 no roster could be sent.")
        reasons += [
            f"CONNECTIVITY_{name} must be a share from 0 to 100 percent, not {getattr(self, name.lower())}."
            for name in HOLDS
            if getattr(self, name.lower()) > 100
        ]
        if self.queue_url and not self.queue_url.startswith(("redis://", "rediss://")):
            reasons.append(
                "CONNECTIVITY_QUEUE_URL must be redis://HOST:PORT/NUMBER, or empty for a file in the instance folder."
            )
        elif self.queue_url and find_spec("redis") is None:
            reasons.append(
                "CONNECTIVITY_QUEUE_URL names a Redis server, whose client is not installed. Run: pip install redis"
            )
        if unfit := [str(place) for place, key in enumerate(self.factor_keys, start=1) if not _is_key(key)]:
            reasons.append(
                f"CONNECTIVITY_FACTOR_KEYS: key {', '.join(unfit)} is no key. Make one with: "
                "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
            )
        return reasons


def _is_key(text: str) -> bool:
    """Whether this is a Fernet key: 32 random bytes in base64."""
    try:
        Fernet(text)
    except ValueError:
        return False
    return True


def _local_secret(mode: str, instance: Path, name: str) -> str:
    """Outside production a secret is made once and kept beside the database, so that no default secret exists anywhere."""
    if mode == "production":
        return ""
    file = instance / name
    if not file.exists():
        instance.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48))
    return file.read_text().strip()
