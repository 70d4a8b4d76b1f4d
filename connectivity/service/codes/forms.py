"""Forms of the code ledger: a list of codes, codes to make, whom to give codes, a code to ask about, a code to replace."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from connectivity.casework.fields import ChoiceField, DayField, YearField, strip
from connectivity.casework.labels import LANGUAGES, label
from connectivity.formats import day
from connectivity.register import Plan, ProgramYear, Provider
from connectivity.rules.calendar import city_today
from connectivity.rules.membership_codes import last_day_problem
from connectivity.service.codes.batches import MOST_GENERATED
from connectivity.service.codes.waiting import BEFORE_A_CODE

ALL = ("", _l("All"))
LONGEST_CODE = 60


class WholeNumberField(IntegerField):
    """What is no whole number is told by the field's own sentence, not by the form library's as well."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Leaves the value empty, for the validators to find."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None


class BatchForm(FlaskForm):
    """Whose codes, for which year."""

    provider = ChoiceField(_l("Provider"))
    year = YearField(_l("Program year"))
    expires_on = DayField(_l("Last day they can be used"))
    over: Mapping[str, dt.date] = {}  # id of a year that is over -> its last day

    def offer(self, providers: Iterable[Provider], years: Sequence[ProgramYear]) -> None:
        """Fills the lists."""
        self.over = {str(one.id): one.ends_on for one in years if one.ends_on < city_today()}
        self.provider.offer((str(one.id), one.name) for one in providers)
        self.year.offer_years(years)

    def validate_year(self, field: ChoiceField) -> None:
        """Refuses a year that is over."""
        if ended := self.over.get(field.data):
            raise ValidationError(
                _("This program year was over on %(day)s: nobody can use a code for it any more. Choose another.", day=day(ended))
            )  # fmt: skip

    def validate_expires_on(self, field: DayField) -> None:
        """Refuses a day that has passed, and one too far off to be meant."""
        problem = last_day_problem(field.data, today=city_today()) if field.data else None
        if problem:
            raise ValidationError(" ".join(problem))


class AddForm(BatchForm):
    """A provider's file of codes."""

    file = FileField(_l("The file"), validators=[FileRequired(_l("Choose the provider’s file first."))])


class MakeForm(BatchForm):
    """Codes made here."""

    count = WholeNumberField(
        _l("How many codes"),
        validators=[
            InputRequired(_l("Enter how many codes to make, such as 500.")),
            NumberRange(1, MOST_GENERATED, _l("Enter a number from 1 to 200,000.")),
        ],
    )


class ChooseForm(FlaskForm):
    """Which households, and the plan their codes are for. Sent in the address: it names no person."""

    class Meta:
        csrf = False

    year = YearField(_l("Program year"))
    plan = ChoiceField(
        _l("Provider and plan"),
        invalid_choice_message=_l(
            "Choose one from the list. Plans that are not sold in this program year are not in it."
        ),
    )
    status = ChoiceField(_l("Status"), [("", _l("Eligible or contacted"))])
    path_known = ChoiceField(
        _l("Way of connecting"),
        [("", _l("Fits the plan, or not known yet")), ("yes", _l("Known to be the plan’s"))],
    )
    area = ChoiceField(_l("Community area"), [ALL])
    school = ChoiceField(_l("School"), [ALL])
    language = ChoiceField(_l("Language"), [ALL])

    def offer(self, years: Sequence[ProgramYear], plans: Iterable[Plan]) -> None:
        """Fills the lists of years and plans."""
        self.year.offer_years(years)
        for plan in plans:
            words = f"{plan.provider.name}: {plan.name} ({label(plan.service_type, 'service_type')})"
            self.plan.offer([(str(plan.id), words)], group=plan.provider.name)

    def offer_narrowing(self, areas: Sequence[Any], schools: Sequence[Any]) -> None:
        """Fills the lists that narrow: rows of (key, name)."""
        self.status.offer((one.value, label(one.value, "status")) for one in BEFORE_A_CODE)
        self.area.offer((str(number), name) for number, name in areas)
        self.school.offer(tuple(row) for row in schools)
        self.language.offer(LANGUAGES.items())


class GiveForm(FlaskForm):
    """Does what the preview showed. `seen`: how many households it showed; `in_letters`: how many held codes that a release kills."""

    seen = HiddenField()
    in_letters = HiddenField()
    as_many = HiddenField()


class WhyForm(FlaskForm):
    """A code that somebody has trouble with."""

    code = StringField(
        _l("Membership code"),
        filters=[strip],
        validators=[
            DataRequired(_l("Enter the code as it stands in the letter.")),
            Length(max=LONGEST_CODE, message=_l("A code is not that long. Enter the code alone.")),
        ],
    )


class ReplaceForm(FlaskForm):
    """Another code for one that is lost or dead."""

    reason = StringField(
        _l("Why"),
        filters=[strip],
        validators=[
            DataRequired(_l("Write why, such as “the letter never came”.")),
            Length(max=200, message=_l("Enter at most 200 letters.")),
        ],
    )
    code = StringField(
        _l("New code"), filters=[strip], validators=[Length(max=40, message=_l("Enter at most 40 letters."))]
    )
    sure = BooleanField(
        _l("The old code will never work again. The family is told to use the new one."),
        validators=[DataRequired(_l("Tick this box to say that the family will be told."))],
    )
