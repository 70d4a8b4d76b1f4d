"""Forms of an enrollment: its start and its steps, and which of two goes on."""

from collections.abc import Iterable, Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from connectivity.casework.fields import ChoiceField, DayField, strip
from connectivity.casework.labels import choices, label
from connectivity.register import Plan, ProgramYear, Student
from connectivity.rules.service_states import EndReason, SaidBy, Status


class StartForm(FlaskForm):
    """The first step: found eligible in a program year."""

    program_year = ChoiceField(_l("Program year"))
    happened_on = DayField(_l("Eligible since"), required=_l("Enter the day the household was found eligible."))

    def offer_years(self, years: Sequence[ProgramYear]) -> None:
        """Fills the list of program years."""
        self.program_year.offer((str(year.id), year.label) for year in years)


class StepForm(FlaskForm):
    """One step of an enrollment. Plan and code belong to “code issued”, the reason to “ended”."""

    stood = HiddenField()  # the status the form was opened with
    status = ChoiceField(_l("What happened"), validators=[DataRequired(_l("Choose what happened."))])
    happened_on = DayField(_l("When"), required=_l("Enter the day it happened."))
    said_by = ChoiceField(
        _l("Who said so"), choices("said_by")[:-1], default=SaidBy.STAFF.value
    )  # a rule of the program speaks for itself
    plan = ChoiceField(_l("Provider and plan"), [("", _l("Choose"))])
    code = StringField(
        _l("Membership code"), filters=[strip], validators=[Length(max=40, message=_l("Enter at most 40 letters."))]
    )
    holder = ChoiceField(_l("Who holds the smartphone"), [("", _l("Nobody: it is no smartphone"))])
    reason = ChoiceField(_l("Why it ended"), choices=[("", _l("Choose")), *choices("reason")])
    note = TextAreaField(
        _l("Note"), filters=[strip], validators=[Length(max=500, message=_l("Enter at most 500 letters."))]
    )

    def offer(self, may_follow: Sequence[Status], plans: Iterable[Plan], students: Iterable[Student]) -> None:
        """Fills the lists: the steps that may follow, the plans grouped by provider, the household's students."""
        self.holder.offer((str(one.id), f"{one.first_name} {one.last_name}") for one in students)
        self.status.offer((status.value, label(status.value, "status")) for status in may_follow)
        for plan in plans:
            words = f"{plan.provider.name}: {plan.name} ({label(plan.service_type, 'service_type')})"
            self.plan.offer([(str(plan.id), words)], group=plan.provider.name)


class OneOfTwoForm(FlaskForm):
    """Which of two enrollments of one home and year ends."""

    stood = HiddenField()  # the statuses the form was opened with
    ends = ChoiceField(_l("What happens"), validators=[DataRequired(_l("Choose which one ends."))])
    happened_on = DayField(_l("Last day of the one that ends"), required=_l("Enter the day it ended."))
    said_by = ChoiceField(_l("Who said so"), choices("said_by")[:-1], default=SaidBy.STAFF.value)
    reason = ChoiceField(_l("Why it ended"), choices=choices("reason"), default=EndReason.DUPLICATE.value)
    note = TextAreaField(
        _l("Note"), filters=[strip], validators=[Length(max=500, message=_l("Enter at most 500 letters."))]
    )
