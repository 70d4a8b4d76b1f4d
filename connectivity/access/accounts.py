"""Opens, changes and closes accounts. Every refusal names its field, and all come at once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from connectivity.access import passwords
from connectivity.access.audit import record
from connectivity.register import Account, CommunityArea, Organization, OrganizationArea, Role, School
from connectivity.rules.calendar import city_today

LONGEST_NAME = 100


class AccountRefused(ValueError):
    """Field -> what is wrong and what to do, in the person's words."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What an account shall be. `schools` and `areas` as people type them; `organization` is an id."""

    email: str
    name: str
    role: str
    schools: Sequence[str] = ()
    areas: Sequence[str] = ()
    organization: int | None = None
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class _Checked:
    email: str
    name: str
    role: str
    schools: list[School]
    areas: list[CommunityArea]
    organization_id: int | None
    active: bool


def all_accounts(session: Session) -> Sequence[Account]:
    """Every account with its scope: those that may sign in first, by role and name."""
    scopes = (selectinload(Account.schools), selectinload(Account.areas), selectinload(Account.organization))
    order = (Account.active.desc(), Account.role, Account.name, Account.id)
    return session.scalars(select(Account).options(*scopes).order_by(*order)).all()


def account_with(session: Session, email: str) -> Account:
    """The account with this e-mail. Raises AccountRefused."""
    found = session.scalar(select(Account).where(func.lower(Account.email) == email.strip().lower()))
    if found is None:
        raise AccountRefused({"email": f"No account has the e-mail {email}. See them all with: flask account list"})
    return found


def create_account(session: Session, wanted: Wanted, *, by: Account | None, password: str) -> Account:
    """A new account. Needs the app's context (the password's hash). Raises AccountRefused."""
    checked, found = _check(session, wanted, besides=None)
    if weak := passwords.problems(password, email=wanted.email):
        found["password"] = " ".join(weak)
    if found or checked is None:
        raise AccountRefused(found)
    account = Account(password=hash_password(password), fs_uniquifier=new_uniquifier(), **vars(checked))
    session.add(account)
    session.flush()
    _record(session, by, "account.created", account, {name: [None, now] for name, now in facts(account).items()})
    return account


def change_account(session: Session, account: Account, wanted: Wanted, *, by: Account | None) -> dict[str, list[Any]]:
    """Makes the account what is wanted; returns field -> [before, after]. A change of rights ends its sessions. Raises AccountRefused."""
    before = facts(account)
    checked, found = _check(session, wanted, besides=account)
    if checked is not None and not (checked.active and checked.role == Role.ADMIN):
        found |= _last_admin(session, account)
    if found or checked is None:
        raise AccountRefused(found)
    for name, value in vars(checked).items():
        setattr(account, name, value)
    session.flush()
    changes = {name: [before[name], after] for name, after in facts(account).items() if before[name] != after}
    if changes:
        _record(session, by, "account.changed", account, changes)
    if changes.keys() & {"role", "schools", "areas", "organization", "active"}:
        end_sessions(session, account, by=by)
    return changes


def deactivate(session: Session, account: Account, *, by: Account | None) -> None:
    """The account can no longer sign in, at once. Raises AccountRefused for the last administrator."""
    if found := _last_admin(session, account):
        raise AccountRefused({"email": found["role"]})
    account.active = False
    _record(session, by, "account.deactivated", account, {"active": [True, False]})
    end_sessions(session, account, by=by)


def set_password(session: Session, account: Account, *, by: Account | None, password: str) -> None:
    """Replaces the password and ends every session. Raises AccountRefused for a weak one."""
    if weak := passwords.problems(password, email=account.email):
        raise AccountRefused({"password": " ".join(weak)})
    account.password = hash_password(password)
    _record(session, by, "account.password_set", account, {})
    end_sessions(session, account, by=by)


def end_sessions(session: Session, account: Account, *, by: Account | None) -> None:
    """Signs the account out everywhere."""
    account.fs_uniquifier = new_uniquifier()
    _record(session, by, "account.sessions_ended", account, {})
    session.flush()


def sign_out(session: Session, account: Account) -> None:
    """The account's own sign-out, on every device."""
    account.fs_uniquifier = new_uniquifier()
    _record(session, account, "account.signed_out", account, {})
    session.flush()


def new_uniquifier() -> str:
    """What a session of an account carries instead of its id."""
    return secrets.token_hex(32)


def facts(account: Account) -> dict[str, Any]:
    """What the audit trail keeps of an account: ids and plain values."""
    return {
        "email": account.email,
        "name": account.name,
        "role": account.role,
        "schools": sorted(one.id for one in account.schools),
        "areas": sorted(one.number for one in account.areas),
        "organization": account.organization_id,
        "active": account.active,
    }


def _check(session: Session, wanted: Wanted, *, besides: Account | None) -> tuple[_Checked | None, dict[str, str]]:
    found: dict[str, str] = {}
    email = _email(session, wanted.email, besides, found)
    _name(wanted.name, found)
    if wanted.role not in list(Role):
        found["role"] = f"Choose one of the roles: {', '.join(Role)}."
    schools = _schools(session, wanted, found)
    areas = _areas(session, wanted, found)
    _organization(session, wanted, found)
    if not found:
        _narrowed(session, wanted, areas, found)
    if found:
        return None, found
    checked = _Checked(
        email=email,
        name=wanted.name.strip(),
        role=wanted.role,
        schools=schools,
        areas=areas,
        organization_id=wanted.organization,
        active=wanted.active,
    )
    return checked, found


def _name(text: str, found: dict[str, str]) -> None:
    if not text.strip():
        found["name"] = "Enter the person's name."
    elif len(text.strip()) > LONGEST_NAME:
        found["name"] = f"Use at most {LONGEST_NAME} characters for the name."
    elif not text.strip().isprintable():
        found["name"] = "The name holds a character that cannot be read. Type it again by hand."


def _email(session: Session, text: str, besides: Account | None, found: dict[str, str]) -> str:
    try:
        email = validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        found["email"] = "This is not an e-mail address. It looks like name@example.org."
        return ""
    same = select(Account.id).where(func.lower(Account.email) == email)
    if besides is not None:
        same = same.where(Account.id != besides.id)
    if session.scalar(same):
        found["email"] = "An account with this e-mail exists already. Open that account, or use another e-mail."
    return email


def _schools(session: Session, wanted: Wanted, found: dict[str, str]) -> list[School]:
    asked = list(dict.fromkeys(wanted.schools))
    ids = [one for one in asked if one.isascii() and one.isdecimal() and len(one) == 6]
    schools = list(session.scalars(select(School).where(School.id.in_(ids)).order_by(School.id)))
    if missing := sorted(set(asked) - {one.id for one in schools}):
        found["schools"] = f"No school has the id {_shown(missing)}. School ids have six digits, like 610212."
    elif wanted.role == Role.SCHOOL and not asked:
        found["schools"] = (
            "Enter the id of at least one school: a school account sees the students of its schools only."
        )
    elif wanted.role in list(Role) and wanted.role != Role.SCHOOL and asked:
        found["schools"] = "Schools belong to a school account. Clear them, or choose the role “school”."
    return schools


def _areas(session: Session, wanted: Wanted, found: dict[str, str]) -> list[CommunityArea]:
    asked = list(dict.fromkeys(wanted.areas))
    numbers = [int(one) for one in asked if one.isdecimal() and len(one) < 3]
    areas = list(session.scalars(select(CommunityArea).where(CommunityArea.number.in_(numbers))))
    known = {str(one.number) for one in areas}
    if missing := [one for one in asked if one not in known]:
        found["areas"] = f"No community area has the number {_shown(missing)}. They are numbered 1 to 77."
    elif wanted.role in list(Role) and wanted.role != Role.PARTNER and asked:
        found["areas"] = "Community areas belong to a partner account. Clear them, or choose the role “partner”."
    return areas


def _shown(words: list[str]) -> str:
    """What was typed, kept short and readable."""
    first = ["".join(sign if sign.isprintable() else "?" for sign in word[:20]) for word in words[:10]]
    return ", ".join(first) + (f" and {len(words) - len(first)} more" if len(words) > len(first) else "")


def _narrowed(session: Session, wanted: Wanted, areas: list[CommunityArea], found: dict[str, str]) -> None:
    assigned = session.scalars(
        select(OrganizationArea.community_area).where(
            OrganizationArea.organization_id == wanted.organization,
            or_(OrganizationArea.ends_on.is_(None), OrganizationArea.ends_on >= city_today()),
        )
    ).all()
    if outside := sorted(one.number for one in areas if one.number not in assigned):
        known = ", ".join(str(number) for number in sorted(set(assigned))) or "none"
        found["areas"] = (
            f"The organization is not assigned to {', '.join(map(str, outside))}: this account would see nothing there. "
            f"Its areas: {known}."
        )


def _organization(session: Session, wanted: Wanted, found: dict[str, str]) -> None:
    if wanted.organization is not None and session.get(Organization, wanted.organization) is None:
        found["organization"] = "This organization is not in the list. Choose one from it."
    elif wanted.role == Role.PARTNER and wanted.organization is None:
        found["organization"] = "Choose the organization: a partner account sees the areas assigned to it."
    elif wanted.role in list(Role) and wanted.role != Role.PARTNER and wanted.organization is not None:
        found["organization"] = "An organization belongs to a partner account. Clear it, or choose the role “partner”."


def _last_admin(session: Session, account: Account) -> dict[str, str]:
    # FOR UPDATE: two administrators who close each other's account at the same moment must not both succeed.
    admins = session.scalars(
        select(Account.id).where(Account.role == Role.ADMIN, Account.active.is_(True)).with_for_update()
    ).all()
    if list(admins) != [account.id]:
        return {}
    return {"role": "This is the last administrator. Make another account an administrator first."}


def _record(session: Session, by: Account | None, action: str, account: Account, changes: dict[str, list[Any]]) -> None:
    record(session, account=by, action=action, subject="account", subject_id=account.id, changes=changes)
