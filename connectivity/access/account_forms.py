"""The form of an account. What it says against an entry comes from `accounts`, which knows the register."""

import re
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, SelectField, StringField

from connectivity.access.accounts import Wanted
from connectivity.register import Account, Organization, Role

ROLE_WORDS = {
    Role.ADMIN: _("Administrator: everything, and the accounts"),
    Role.STAFF: _("Program staff: all households"),
    Role.ELIGIBILITY: _(
        "Eligibility: policies, runs, overrides and appeals; households to read; sealed sensitive factors"
    ),
    Role.PARTNER: _("Partner organization: households in its areas"),
    Role.SCHOOL: _("School: its own students"),
    Role.COUNCIL: _("Digital equity council: the maps, no person"),
}


class Needed:
    """Marks a field as needed; `accounts` says so in words, together with everything else."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Passes."""


class AccountForm(FlaskForm):
    name = StringField(_("Name"), [Needed()], render_kw={"autocomplete": "off"})
    email = EmailField(_("E-mail"), [Needed()], render_kw={"autocomplete": "off"})
    role = SelectField(_("Role"), [Needed()], default="staff", validate_choice=False)
    schools = StringField(_("Schools"))
    areas = StringField(_("Community areas"))
    organization = SelectField(_("Organization"), validate_choice=False)
    active = BooleanField(_("May sign in"), default=True)

    def offer(self, organizations: list[Organization]) -> None:
        """Fills the lists to choose from."""
        self.role.choices = [(role.value, words) for role, words in ROLE_WORDS.items()]
        self.organization.choices = [("", _("None")), *((str(one.id), one.name) for one in organizations)]

    def show(self, account: Account) -> None:
        """Fills the fields from an account."""
        self.name.data, self.email.data, self.role.data = account.name, account.email, account.role
        self.schools.data = ", ".join(one.id for one in account.schools)
        self.areas.data = ", ".join(str(one.number) for one in account.areas)
        self.organization.data = str(account.organization_id or "")
        self.active.data = account.active

    def wanted(self) -> Wanted:
        """What was typed."""
        organization = self.organization.data or ""
        return Wanted(
            email=self.email.data or "",
            name=self.name.data or "",
            role=self.role.data or "",
            schools=split(self.schools.data or ""),
            areas=split(self.areas.data or ""),
            organization=_id(organization) if organization else None,
            active=self.active.data,
        )

    def refuse(self, problems: dict[str, str]) -> None:
        """Puts each problem at its field."""
        for name, words in problems.items():
            field: Any = self._fields.get(name)
            if field is None:
                self.form_errors.append(words)
            else:
                field.errors = [*field.errors, words]


def _id(text: str) -> int:
    """The number of a choice; -1, which nobody has, for anything that is no number a database holds."""
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def split(text: str) -> list[str]:
    """`610212, 610355` -> its parts, however people separate them."""
    return [part for part in re.split(r"[\s,;]+", text) if part]
