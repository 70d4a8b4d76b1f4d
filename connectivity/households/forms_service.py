"""Forms of the household's connection: a dated answer, the start of an enrollment, and its steps."""

import datetime as dt
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from connectivity.households.fields import ChoiceField, DayField, strip
from connectivity.households.forms_household import Versioned, refuse_before, refuse_future
from connectivity.households.labels import choices, label
from connectivity.register import Plan, ProgramYear, Student
from connectivity.rules import connectivity_codes as codes
from connectivity.rules.service_states import Status

Code = TypeVar("Code", bound=StrEnum)
PROGRAM_BEGAN = dt.date(2020, 1, 1)  # the year; the first families were asked before service began in June
TYPES: dict[str, type[StrEnum]] = {
    "access": codes.Access,
    "barrier": codes.Barrier,
    "access_type": codes.AccessType,
    "performance": codes.Performance,
    "device": codes.Device,
    "device_access": codes.DeviceAccess,
    "device_provider": codes.DeviceProvider,
}


def _question(label: Any, words: type[StrEnum], shown: dict[str, Any] | None = None) -> ChoiceField:
    offered = [(word.value, (shown or {}).get(word.value, codes.edfi_label(word.value))) for word in words]
    return ChoiceField(label, [("", _l("Not asked")), *offered])


class ResponseForm(Versioned):
    """Who answered and when, then the seven questions."""

    observed_on = DayField(_l("Day the family answered"), required=_l("Enter the day the family answered."))
    respondent = ChoiceField(_l("Who answered"), choices=choices("respondent"))
    mode = ChoiceField(_l("How"), choices=choices("mode"))
    language = ChoiceField(_l("In which language"), choices=choices("language"))
    access = _question(
        _l("Internet access in residence"),
        codes.Access,
        {"Unknown": _l("Unknown (asked, but they do not know)"), "Declined": _l("Declined (asked, but would not say)")},
    )
    barrier = _question(_l("Barrier to internet access in residence"), codes.Barrier)
    access_type = _question(_l("Internet access type in residence"), codes.AccessType)
    performance = _question(_l("Internet performance in residence"), codes.Performance)
    student = ChoiceField(_l("Whose learning device"), [("", _l("Nobody in particular"))])
    device = _question(_l("Primary learning device away from school"), codes.Device)
    device_access = _question(_l("Primary learning device access"), codes.DeviceAccess)
    device_provider = _question(_l("Primary learning device provider"), codes.DeviceProvider)

    def offer_students(self, students: Iterable[Student]) -> None:
        """Fills the list of students."""
        self.student.offer((str(student.id), student.first_name) for student in students)

    def validate_observed_on(self, field: Any) -> None:
        """Not in the future, and not before there was a program."""
        refuse_future(field)
        refuse_before(field, PROGRAM_BEGAN, _l("The program began in June 2020."))

    @property
    def answers(self) -> codes.Answers:
        """What was answered. An answer outside the vocabulary counts as none; the form itself refuses it."""
        typed: dict[str, Any] = {name: _code(TYPES[name], self[name].data) for name in TYPES}
        return codes.Answers(**typed)


def _code(words: type[Code], text: str | None) -> Code | None:
    return words(text) if text in set(words) else None


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
    plan = ChoiceField(_l("Provider and plan"), [("", _l("Choose"))])
    code = StringField(
        _l("Membership code"), filters=[strip], validators=[Length(max=40, message=_l("Enter at most 40 letters."))]
    )
    reason = ChoiceField(_l("Why it ended"), choices=[("", _l("Choose")), *choices("reason")])
    note = TextAreaField(
        _l("Note"), filters=[strip], validators=[Length(max=500, message=_l("Enter at most 500 letters."))]
    )

    def offer(self, may_follow: Sequence[Status], plans: Iterable[Plan]) -> None:
        """Fills the lists: the steps that may follow, and the plans grouped by provider."""
        self.status.offer((status.value, label(status.value, "status")) for status in may_follow)
        for plan in plans:
            words = f"{plan.provider.name}: {plan.name} ({label(plan.service_type, 'service_type')})"
            self.plan.offer([(str(plan.id), words)], group=plan.provider.name)
