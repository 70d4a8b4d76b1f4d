"""Forms of the round trip: send a work file, take one back, say which column is which, name a provider, price a plan."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DecimalField, HiddenField, IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, StopValidation

from connectivity.casework.fields import ChoiceField, DayField, YearField, strip_name
from connectivity.register import ProgramYear, Provider
from connectivity.rules.calendar import city_today
from connectivity.rules.service_states import ServiceType
from connectivity.service.provider_files.columns import COLUMNS
from connectivity.service.provider_files.files import column_problems
from connectivity.service.provider_files.providers import day_problem
from connectivity.tabular.column_profiles import fold_heading
from connectivity.tabular.write import Profile

SERVICE_TYPES = (
    (ServiceType.WIRED.value, _l("By wire, into the home")),
    (ServiceType.HOTSPOT.value, _l("By a hotspot")),
    (ServiceType.SMARTPHONE.value, _l("By a smartphone, for one student")),
)
FASTEST = 10_000  # Mbps


class OfProvider(FlaskForm):
    """Whose records, of which year."""

    provider = ChoiceField(_l("Provider"))
    year = YearField(_l("Program year"))

    def offer(self, providers: Iterable[Provider], years: Sequence[ProgramYear]) -> None:
        """Fills the lists."""
        self.provider.offer((str(one.id), one.name) for one in providers)
        self.year.offer_years(years)


class WorkFileForm(OfProvider):
    """The work file to send. It stands on one page with the other form, so its fields have names of their own there."""

    provider = ChoiceField(_l("Provider"), id="work-provider")
    year = YearField(_l("Program year"), id="work-year")
    profile = ChoiceField(
        _l("For whom"),
        [
            (Profile.SPREADSHEET.value, _l("People with a spreadsheet")),
            (Profile.MACHINE.value, _l("A program that reads it")),
        ],
    )


class HandInForm(OfProvider):
    """The same file, back."""

    file = FileField(_l("The file"), validators=[FileRequired(_l("Choose the file first."))])


class ApplyForm(FlaskForm):
    """The last look before the register changes."""

    looked_at = HiddenField()
    sure = BooleanField(
        _l("I have looked at these figures, and they are right."),
        validators=[DataRequired(_l("Look at the figures above and tick this box first."))],
    )


class ColumnsForm(FlaskForm):
    """Which column of ours each heading stands for. Its lists are made by `columns_form`."""

    headings: Sequence[str] = ()

    def lists(self) -> dict[int, Any]:
        """The lists by the place of their heading."""
        return {at: self[f"c{at}"] for at in range(len(self.headings)) if f"c{at}" in self}

    def mapping(self) -> dict[str, str]:
        """Heading -> our column, "" for one that is left out."""
        return {self.headings[at]: field.data for at, field in self.lists().items()}

    def validate(self, extra_validators: Any = None) -> bool:
        """All that is wrong at once."""
        good = bool(super().validate(extra_validators))
        problems = column_problems(self.mapping()) + self._written_twice()
        self.form_errors.extend(problems)
        return good and not problems

    def _written_twice(self) -> list[str]:
        """Headings that cannot be told apart, so that none of them can be one of our columns."""
        folded = Counter(fold_heading(heading) for heading in self.headings)
        chosen = {self.headings[at] for at, field in self.lists().items() if field.data}
        return [
            _(
                "The heading “%(heading)s” stands in the file more than once. Rename or take out the column that is not meant, and hand the file in again.",
                heading=heading,
            )
            for heading in sorted(chosen)
            if folded[fold_heading(heading)] > 1
        ]


def columns_form(read_as: Mapping[str, Any]) -> ColumnsForm:
    """A list for each heading, the guess chosen. A star marks what every row needs."""
    choices = [("", _("Leave out"))] + [(one.name, f"{one.name} *" if one.required else one.name) for one in COLUMNS]
    headings, guesses = read_as["headings"], read_as["guesses"]
    lists = {
        f"c{at}": ChoiceField(heading, choices, default=guesses.get(heading, ""))
        for at, heading in enumerate(headings)
        if heading
    }
    made: ColumnsForm = type("MadeColumnsForm", (ColumnsForm,), {"headings": headings, **lists})()
    return made


class FirstDay(DayField):
    """The first day of a name, a speed or a price: one that can be meant, not a slip of the keyboard."""

    def pre_validate(self, form: Any) -> None:
        """Says at the field which days can be chosen."""
        if self.data is not None and (problem := day_problem(self.data, today=city_today())):
            raise StopValidation(problem)


def _name(label: Any) -> StringField:
    return StringField(
        label,
        filters=[strip_name],
        validators=[DataRequired(_l("Enter the name.")), Length(max=80, message=_l("Enter at most 80 letters."))],
    )


class ProviderForm(FlaskForm):
    """A provider that is new to the program."""

    name = _name(_l("Name of the provider"))


class NameForm(FlaskForm):
    """A provider's new name."""

    name = _name(_l("New name"))
    starts_on = FirstDay(_l("From which day"), required=_l("Enter the first day of the name."))


def _told_once(field: Any, words: Any) -> None:
    """Of what is no number at all the library says so, and then that it lies outside its range: in our words, and once."""
    if field.process_errors and any(text.strip() for text in field.raw_data or ()):
        field.errors = []
        raise StopValidation(words)


class SpeedField(IntegerField):
    """Whole Mbps."""

    wrong = _l("Enter a whole number of Mbps, from 1 to 10,000.")

    def pre_validate(self, form: Any) -> None:
        """Refuses what is no number."""
        _told_once(self, self.wrong)


class PriceField(DecimalField):
    """Dollars a month; may stay empty."""

    wrong = _l("Enter a price from 0 to 1,000 dollars, such as 9.95.")

    def pre_validate(self, form: Any) -> None:
        """Refuses what is no number."""
        _told_once(self, self.wrong)


def _speed(label: Any) -> SpeedField:
    in_range = NumberRange(1, FASTEST, message=SpeedField.wrong)
    return SpeedField(label, validators=[InputRequired(_l("Enter the speed in Mbps.")), in_range])


def _price() -> PriceField:
    in_range = NumberRange(0, 1000, message=PriceField.wrong)
    return PriceField(_l("Price the program pays each month, in dollars"), places=2, validators=[Optional(), in_range])


class VersionForm(FlaskForm):
    """Speed and price of a plan from a day on."""

    starts_on = FirstDay(_l("From which day"), required=_l("Enter the first day of the new speed or price."))
    down_mbps = _speed(_l("Download speed, Mbps"))
    up_mbps = _speed(_l("Upload speed, Mbps"))
    price = _price()

    def cents(self) -> int | None:
        """The price in cents; None: not known."""
        return None if self.price.data is None else int((self.price.data * 100).to_integral_value())

    def validate(self, extra_validators: Any = None) -> bool:
        """A price has whole cents."""
        good = bool(super().validate(extra_validators))
        price = self.price.data
        if price is not None and not self.price.errors and price != price.quantize(Decimal("0.01")):
            self.price.errors = [_("Enter whole cents, such as 9.95.")]
            return False
        return good


class PlanForm(VersionForm):
    """A new plan with its first speed and price. Every field anew, so that the problems stand in the order of the page."""

    name = _name(_l("Name of the plan"))
    service_type = ChoiceField(_l("How the connection comes"), SERVICE_TYPES)
    starts_on = FirstDay(_l("Sold from which day"), required=_l("Enter the first day of the plan."))
    down_mbps = _speed(_l("Download speed, Mbps"))
    up_mbps = _speed(_l("Upload speed, Mbps"))
    price = _price()
