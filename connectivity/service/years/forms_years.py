"""Forms of a program year: the year itself, its extension, a target."""

from contextlib import suppress

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from connectivity.casework.fields import ChoiceField, DayField, filled, strip
from connectivity.casework.labels import choices
from connectivity.register import Counted, ProgramTarget, ProgramYear, Unit
from connectivity.service.years.targets import Wanted
from connectivity.service.years.years import Values


class YearForm(FlaskForm):
    """A program year as it is added or changed."""

    label = StringField(
        _l("Name of the year"),
        filters=[strip],
        validators=[
            DataRequired(_l("Enter a name, such as 2026-27.")),
            Length(max=20, message=_l("Enter at most 20 letters.")),
        ],
    )
    starts_on = DayField(_l("First day"), required=_l("Enter the first day of the year."))
    ends_on = DayField(_l("Last day"), required=_l("Enter the last day of the year."))
    funding = StringField(
        _l("Funding source"),
        filters=[strip],
        validators=[
            DataRequired(_l("Enter who pays for this year.")),
            Length(max=200, message=_l("Enter at most 200 letters.")),
        ],
    )
    open_to_new = BooleanField(_l("Open to new households"))
    overlap_meant = BooleanField(_l("It runs beside another year on purpose, such as under a second funder"))

    def values(self) -> Values:
        """What was entered. Call after `validate`."""
        return Values(
            label=filled(self.label.data),
            starts_on=filled(self.starts_on.data),
            ends_on=filled(self.ends_on.data),
            funding=filled(self.funding.data),
            open_to_new=bool(self.open_to_new.data),
            overlap_meant=bool(self.overlap_meant.data),
        )

    def fill(self, year: ProgramYear) -> None:
        """Opens the form with what stands."""
        for name in ("label", "starts_on", "ends_on", "funding", "open_to_new"):
            self[name].data = getattr(year, name)


class ExtendForm(FlaskForm):
    """The new end of a year. `stood`: the end that the form was opened with."""

    stood = HiddenField()
    ends_on = DayField(_l("New last day"), required=_l("Enter the new last day of the year."))
    reason = TextAreaField(
        _l("Reason"),
        filters=[strip],
        validators=[
            DataRequired(_l("Enter the reason: who decided it, and when.")),
            Length(max=500, message=_l("Enter at most 500 letters.")),
        ],
    )
    codes_too = BooleanField(
        _l("Codes that could be used until the old last day can be used until the new one: the providers agreed")
    )


class TakeBackForm(FlaskForm):
    """An extension is taken back."""

    reason = TextAreaField(
        _l("Reason"),
        filters=[strip],
        validators=[
            DataRequired(_l("Enter why the extension is taken back.")),
            Length(max=500, message=_l("Enter at most 500 letters.")),
        ],
    )


class WholeNumberField(IntegerField):
    """A whole number. What is none stays empty, so that the range says what to enter, in one sentence."""

    def process_formdata(self, valuelist: list[str]) -> None:
        with suppress(ValueError):
            super().process_formdata(valuelist)


class TargetForm(FlaskForm):
    """A target, with where its number comes from."""

    number = WholeNumberField(
        _l("How many"),
        validators=[
            InputRequired(_l("Enter a whole number, such as 60000.")),
            NumberRange(min=1, max=10_000_000, message=_l("Enter a whole number from 1 to 10,000,000.")),
        ],
    )
    unit = ChoiceField(_l("Of what"), choices("unit"), default=Unit.HOUSEHOLDS.value)
    counted = ChoiceField(_l("What is counted"), choices("counted"), default=Counted.CONNECTED.value)
    due_on = DayField(_l("By when"), required=_l("Enter the day by which it should be reached."))
    basis = StringField(
        _l("Basis: what the number was taken from"),
        filters=[strip],
        validators=[
            DataRequired(_l("Enter what the number was taken from, such as: children in homes without broadband.")),
            Length(max=300, message=_l("Enter at most 300 letters.")),
        ],
    )
    vintage = StringField(
        _l("Vintage: the source and years of that basis"),
        filters=[strip],
        validators=[
            DataRequired(_l("Enter the source and its years, such as: ACS 2018, 5-year.")),
            Length(max=100, message=_l("Enter at most 100 letters.")),
        ],
    )

    def wanted(self) -> Wanted:
        """What was entered. Call after `validate`."""
        return Wanted(
            number=filled(self.number.data),
            unit=Unit(self.unit.data),
            counted=Counted(self.counted.data),
            due_on=filled(self.due_on.data),
            basis=filled(self.basis.data),
            vintage=filled(self.vintage.data),
        )

    def fill(self, target: ProgramTarget) -> None:
        """Opens the form with what stands."""
        for name in ("number", "unit", "counted", "due_on", "basis", "vintage"):
            self[name].data = getattr(target, name)
