"""Forms of leaving: one household, its staying after all, and the yearly run for graduates."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from connectivity.casework.fields import ChoiceField, DayField, filled, strip
from connectivity.casework.labels import choices
from connectivity.register import ProgramYear
from connectivity.rules.service_states import END_REASON_LABEL, EndReason, SaidBy
from connectivity.service.progress.leaving import REASONS, Leaving

_LONGEST_NOTE = Length(max=500, message=_l("Enter at most 500 letters."))


class LeavingForm(FlaskForm):
    """Why and when a household leaves."""

    reason = ChoiceField(
        _l("Why"),
        [("", _l("Choose")), *((one.value, _l(END_REASON_LABEL[one])) for one in REASONS)],
        validators=[DataRequired(_l("Choose why the household leaves."))],
    )
    left_on = DayField(_l("Day of leaving"), required=_l("Enter the day the household leaves or left."))
    until_year_end = BooleanField(_l("Service goes on to the end of the program year"))
    said_by = ChoiceField(_l("Who said so"), choices("said_by")[:-1], default=SaidBy.FAMILY.value)
    note = TextAreaField(_l("Note"), filters=[strip], validators=[_LONGEST_NOTE])

    def leaving(self) -> Leaving:
        """What was entered. Call after `validate`."""
        return Leaving(
            reason=EndReason(self.reason.data),
            left_on=filled(self.left_on.data),
            until_year_end=bool(self.until_year_end.data),
            said_by=SaidBy(self.said_by.data),
            note=self.note.data or "",
        )


class StayForm(FlaskForm):
    """It stays after all."""

    note = TextAreaField(
        _l("Why it stays"),
        filters=[strip],
        validators=[DataRequired(_l("Enter why the household stays, in a few words.")), _LONGEST_NOTE],
    )


class GraduatesForm(FlaskForm):
    """The run for a year's graduates. `seen`: how many households the preview showed."""

    year = ChoiceField(_l("Program year"))
    graduated_on = DayField(_l("Day of graduation"), required=_l("Enter the day of graduation."))
    seen = HiddenField()
    end_tonight = BooleanField(_l("Yes, end their service tonight"))

    def offer(self, years: list[ProgramYear]) -> None:
        """Fills the list of program years."""
        self.year.offer((str(year.id), year.label) for year in years)
