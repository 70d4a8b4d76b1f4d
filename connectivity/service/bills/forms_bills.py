"""Forms of a bill: hand in, decide, put aside."""

import datetime as dt
import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from connectivity.casework.fields import ChoiceField, strip

DECISIONS = (
    ("pay", _l("Pay it: the bill is right, or it is let pass")),
    ("dispute", _l("Dispute it: it goes into the file for the provider")),
    ("ours", _l("Our record was wrong, and is mended")),
    ("", _l("No decision: take an earlier one back")),
)


class BillForm(FlaskForm):
    """A bill to hand in."""

    file = FileField(_l("The provider’s bill"), validators=[FileRequired(_l("Choose the file first."))])
    provider = ChoiceField(
        _l("Provider"), [("", _l("Choose"))], validators=[DataRequired(_l("Choose whose bill this is."))]
    )
    month = StringField(
        _l("Month"), filters=[strip], validators=[DataRequired(_l("Enter the month that is billed, such as 2026-11."))]
    )

    def validate_month(self, field: Any) -> None:
        """Year and month, as a month picker sends them or as people type them."""
        if self.first_day is None:
            raise ValidationError(_("This is not a month. Enter year and month, such as 2026-11."))

    @property
    def first_day(self) -> dt.date | None:
        """The first day of the month; None for something else."""
        found = re.fullmatch(r"(20\d\d)-(\d{1,2})", self.month.data or "")
        return dt.date(int(found[1]), int(found[2]), 1) if found and 1 <= int(found[2]) <= 12 else None


class DecideForm(FlaskForm):
    """What is decided about the chosen lines, or about all that are still open."""

    decision = ChoiceField(_l("What do you decide?"), DECISIONS)
    note = StringField(
        _l("Note"), filters=[strip], validators=[Length(max=300, message=_l("Enter at most 300 letters."))]
    )
    everything = BooleanField(_l("All lines of this list that nobody has decided, also those on other pages"))


class AsideForm(FlaskForm):
    """Why a bill is put aside."""

    reason = StringField(
        _l("Why is it put aside?"), filters=[strip], validators=[DataRequired(_l("Say why the bill is put aside."))]
    )
