"""Form fields that answer bad input in the household's own words: names, phones, days, coordinates."""

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, Field, FloatField, Form, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from connectivity.casework.program_years import to_begin_with
from connectivity.register import ProgramYear
from connectivity.rules.calendar import city_today
from connectivity.tabular.phones import HasExtension, NotAPhone, read_phone

LONGEST_NAME = 80
JOINERS = "\u200c\u200d"  # zero width non-joiner and joiner
Value = TypeVar("Value")


def strip(text: str | None) -> str | None:
    """Without blanks at the ends, doubled ones inside, and signs that nobody can see (PostgreSQL refuses NUL)."""
    return " ".join("".join(sign for sign in word if sign.isprintable()) for word in text.split()) if text else text


def strip_name(text: str | None) -> str | None:
    """As `strip`, but the joiners inside words stay: Persian and other names are written with them."""
    if not text:
        return text
    words = ("".join(sign for sign in word if sign.isprintable() or sign in JOINERS) for word in text.split())
    return " ".join(bare for word in words if (bare := word.strip(JOINERS)))


def add_error(field: Any, message: str) -> None:
    """Puts a problem that the database found at the field it belongs to."""
    field.errors = [*field.errors, message]


def is_name(_form: Form, field: Field) -> None:
    """Validator: a name has a letter, and no digits or marks that a keyboard slip leaves."""
    text = field.data or ""
    if not any(letter.isalpha() for letter in text) or any(
        letter in '0123456789<>@#$%^*_=+{}[]|\\"' for letter in text
    ):
        raise ValidationError(
            _("This does not look like a name. Enter letters; spaces, hyphens and apostrophes are fine.")
        )


def name_field(label: Any, required: str) -> StringField:
    """A person's name."""
    return StringField(
        label,
        filters=[strip_name],
        validators=[DataRequired(required), Length(max=LONGEST_NAME, message=_l("Enter at most 80 letters.")), is_name],
    )


class PhoneField(StringField):
    """A US phone as people write it. `e164` is its stored form, None while there is none."""

    e164: str | None = None

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, filters=[strip], **more)

    def pre_validate(self, form: Any) -> None:
        """Reads the number."""
        self.e164 = None
        if not self.data:
            return
        try:
            self.e164 = read_phone(self.data)
        except HasExtension:
            raise ValidationError(
                _("Leave out the extension: enter the ten digits alone, such as (773) 555-0123.")
            ) from None
        except NotAPhone:
            raise ValidationError(
                _(
                    "This is not a phone number we can call. Enter ten digits with the area code, such as (773) 555-0123."
                )
            ) from None


class ChoiceField(SelectField):
    """One of a list of (value, words)."""

    def __init__(self, label: Any, choices: Iterable[tuple[str, Any]] = (), **more: Any) -> None:
        choices = list(choices)
        # A list that was not sent (its question did not apply) counts as the empty choice.
        if choices and choices[0][0] == "":
            more.setdefault("default", "")
        super().__init__(
            label, choices=_options(choices), **{"invalid_choice_message": _l("Choose one from the list."), **more}
        )

    def offer(self, choices: Iterable[tuple[str, Any]], group: str | None = None) -> None:
        """Adds to the list, under the heading `group` if there is one."""
        self.choices = [*(self.choices or []), *_options(choices, group)]


class YearField(ChoiceField):
    """A program year. On a form that is opened, not sent, the one is chosen that forms begin with."""

    def offer_years(self, years: Sequence[ProgramYear]) -> None:
        """Fills the list."""
        self.offer((str(one.id), one.label) for one in years)
        begins = to_begin_with(years, city_today())
        if self.raw_data is None and begins is not None:
            self.data = str(begins.id)


def _options(choices: Iterable[tuple[str, Any]], group: str | None = None) -> Any:
    return [SelectChoice(value, words, optgroup=group) for value, words in choices]


class DayField(DateField):
    """A calendar day, from a date picker or typed as 9/30/2026."""

    def __init__(self, label: Any, *, required: Any = None, **more: Any) -> None:
        validators: list[Any] = [InputRequired(required)] if required else [Optional()]
        super().__init__(label, format=["%Y-%m-%d", "%m/%d/%Y"], validators=validators, **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError(_("This is not a date. Enter month, day and year, such as 09/30/2026.")) from None


class DegreesField(FloatField):
    """A longitude or, with `limit` 90, a latitude in degrees; may stay empty."""

    def __init__(self, label: Any, *, limit: int = 180, **more: Any) -> None:
        super().__init__(label, **more)
        self.limit = limit

    def process_formdata(self, valuelist: list[str]) -> None:
        if not any(text.strip() for text in valuelist):
            self.data = None
            return
        wrong = _("This is not a number of degrees. Enter it like -87.6589 for longitude or 41.9654 for latitude.")
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError(wrong) from None
        if self.data is not None and not math.isfinite(self.data):
            self.data = None
            raise ValueError(wrong)
        if self.data is not None and abs(self.data) > self.limit:
            self.data = None
            raise ValueError(
                _("Degrees here go from -%(limit)s to %(limit)s. In Chicago longitude is about -87.7, latitude about 41.9.",
                  limit=self.limit)
            )  # fmt: skip


def is_email(_form: Form, field: Field) -> None:
    """Validator: an address mail could reach, judged by its form alone; nothing is looked up."""
    try:
        field.data = validate_email(field.data, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValidationError(
            _("This is not an e-mail address. Enter it like name@example.org, or leave it empty.")
        ) from None


def filled(value: Value | None) -> Value:
    """The value of a required field, once its form is valid."""
    if value is None:
        raise ValueError("a required field is empty")
    return value


def age_on(born: dt.date, day: dt.date) -> int:
    """Full years of age."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
