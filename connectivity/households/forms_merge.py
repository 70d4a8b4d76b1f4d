"""Forms about which people are one household: merge, undo, split, and the answers to the questions of the queue."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from connectivity.casework.fields import ChoiceField, DayField, strip
from connectivity.casework.labels import choices
from connectivity.households.forms_household import (
    EARLIEST_HOME,
    AddressFields,
    ContactFields,
    Versioned,
    refuse_before,
    refuse_future,
)
from connectivity.register import QuestionKind, Student

LONGEST_REASON = 500


def reason_field(label: Any) -> TextAreaField:
    """How a person knows, kept with the decision."""
    return TextAreaField(
        label,
        filters=[strip],
        validators=[
            DataRequired(_l("Say how you know, so that others can trust it.")),
            Length(max=LONGEST_REASON, message=_l("Enter at most 500 letters.")),
        ],
    )


class OtherForm(FlaskForm):
    """The other household of a merge, by its reference. Asks only, so it needs no token."""

    class Meta:
        csrf = False

    other = StringField(
        _l("Reference of the other household"),
        filters=[strip, lambda text: text.upper() if text else text],
        validators=[DataRequired(_l("Enter the other household’s reference, such as H7K2M9Q4."))],
    )


class MergeForm(Versioned):
    """The confirmation: both households as they stood when it was opened."""

    other_version = HiddenField()
    reason = reason_field(_l("How do you know that they are one household?"))


class UndoForm(Versioned):
    """Why the merge was wrong."""

    reason = reason_field(_l("How do you know that they are two households?"))


class AnswerForm(FlaskForm):
    """Why two households are two, or why a student stays: one of the usual reasons, and a note."""

    why = ChoiceField(
        _l("How do you know?"), [("", _l("Choose"))], validators=[DataRequired(_l("Choose how you know."))]
    )
    note = TextAreaField(
        _l("Note"), filters=[strip], validators=[Length(max=LONGEST_REASON, message=_l("Enter at most 500 letters."))]
    )

    def offer_reasons(self, kind: str) -> None:
        """Fills the list for this kind of question."""
        self.why.offer(choices("separate" if kind == QuestionKind.SAME_HOUSEHOLD else "stays"))

    def validate_note(self, field: Any) -> None:
        """Another reason has to be told."""
        if self.why.data == "other" and not field.data:
            raise ValidationError(_("Say how you know, so that others can trust it."))


class SplitForm(Versioned, ContactFields, AddressFields):
    """Who leaves, for where, and who answers for the new household."""

    SAME, ELSEWHERE = "same", "elsewhere"

    students = SelectMultipleField(_l("Students who leave"), coerce=str)
    where = ChoiceField(
        _l("Where the new household lives"),
        [(ELSEWHERE, _l("At another address")), (SAME, _l("At the same address: a separate household in one home"))],
    )
    reason = reason_field(_l("How do you know that they are two households?"))

    def offer_students(self, students: Iterable[Student]) -> None:
        """Fills the list of students."""
        self.students.choices = [(str(one.id), f"{one.first_name} {one.last_name}") for one in students]

    def validate(self, extra_validators: Any = None) -> bool:
        """At the same address no other is asked for."""
        if self.where.data == self.SAME:
            for field in (self.line, self.unit, self.city, self.state, self.zip, self.lon, self.lat):
                field.validators, field.process_errors = (), []
                field.data = None
        return bool(super().validate(extra_validators))


class ServiceAddressForm(Versioned, AddressFields):
    """Where the connection goes instead of the home, since when and why."""

    on = DayField(_l("Since"), required=_l("Enter the day since when the connection goes there."))
    reason = reason_field(_l("Why does the connection not go to the home?"))

    def validate_on(self, field: Any) -> None:
        """Not in the future, and of living memory."""
        refuse_future(field)
        refuse_before(field, EARLIEST_HOME)


class EndServiceAddressForm(Versioned):
    """Since when the connection goes to the home again."""

    on = DayField(_l("Since"), required=_l("Enter the day since when the connection goes to the home again."))

    def validate_on(self, field: Any) -> None:
        """Not in the future."""
        refuse_future(field)
