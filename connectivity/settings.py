"""Every setting, read once from the environment and checked at start. `app.py` and `migrations/env.py` read it; others receive values."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
MODES = ("demo", "development", "production")
SHORTEST_SECRET = 32


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
    upload_limit_mb: int = 16

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

        mode = text("MODE", "production")
        if mode not in MODES:
            reasons.append(f"CONNECTIVITY_MODE must be one of {', '.join(MODES)}, not {mode!r}.")
        instance = Path(text("INSTANCE_FOLDER", str(cls.instance_folder)))
        made = cls(
            mode=mode,
            database_url=text("DATABASE_URL", f"sqlite:///{instance / f'{mode}.sqlite'}"),
            secret_key=text("SECRET_KEY") or _local_secret(mode, instance, "secret_key"),
            password_salt=text("PASSWORD_SALT") or _local_secret(mode, instance, "password_salt"),
            program_name=text("PROGRAM_NAME", cls.program_name),
            help_contact=text("HELP_CONTACT", cls.help_contact),
            instance_folder=instance,
            data_folder=Path(text("DATA_FOLDER", str(cls.data_folder))),
            proxies=number("PROXIES", cls.proxies),
            debug=text("DEBUG") in ("1", "true", "yes"),
            upload_limit_mb=number("UPLOAD_LIMIT_MB", cls.upload_limit_mb),
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
        if self.production and self.debug:
            reasons.append(
                "CONNECTIVITY_DEBUG must be off in production: the debugger runs code for whoever opens a page."
            )
        return reasons


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
