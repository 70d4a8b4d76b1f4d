"""Forms of the household itself: guardian and contacts, address, students, and all of them together."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError

from connectivity.casework.fields import (
    ChoiceField,
    DayField,
    DegreesField,
    PhoneField,
    age_on,
    is_email,
    name_field,
    strip,
)
from connectivity.casework.labels import LANGUAGES, label
from connectivity.households.homes import TypedAddress
from connectivity.households.register import Contact
from connectivity.register.student import GRADES
from connectivity.rules.calendar import city_today

EARLIEST_HOME = dt.date(1920, 1, 1)  # an earlier day is a mistyped year
YOUNGEST, OLDEST = 2, 22  # school age, in years: preschool to the end of special education
MOST_STUDENTS = 15
GRADE_CHOICES = [("", _l("Choose")), *((grade, grade) for grade in GRADES)]


class ContactFields(Form):
    """The guardian and how to reach the family."""

    guardian_first_name = name_field(_l("First name"), _l("Enter the guardian’s first name."))
    guardian_last_name = name_field(_l("Last name"), _l("Enter the guardian’s last name."))
    language = ChoiceField(
        _l("Language the family is addressed in"),
        choices=[("", _l("Choose")), *LANGUAGES.items()],
        validators=[DataRequired(_l("Choose the language the family wants to be addressed in."))],
    )
    phone_1 = PhoneField(_l("Phone to call first"))
    phone_2 = PhoneField(_l("Second phone"))
    phone_3 = PhoneField(_l("Third phone"))
    email = StringField(_l("E-mail"), filters=[strip], validators=[Optional(), is_email])

    def offer_language(self, code: str) -> None:
        """Keeps a language that came from elsewhere (a roster) and is not in the list."""
        if code not in LANGUAGES:
            self.language.offer([(code, label(code, "language"))])

    @property
    def phones(self) -> tuple[str, ...]:
        """The phones in E.164, in order, without gaps."""
        return tuple(field.e164 for field in (self.phone_1, self.phone_2, self.phone_3) if field.e164)

    def validate_phone_2(self, field: Any) -> None:
        """The same number twice helps nobody."""
        self._refuse_repeat(field, self.phone_1)

    def validate_phone_3(self, field: Any) -> None:
        """The same number twice helps nobody."""
        self._refuse_repeat(field, self.phone_1, self.phone_2)

    def _refuse_repeat(self, field: Any, *before: Any) -> None:
        if field.e164 and any(field.e164 == other.e164 for other in before):
            raise ValidationError(_("This number is already above. Enter another one, or leave this empty."))

    @property
    def contact(self) -> Contact:
        """What was typed, once it is valid."""
        return Contact(
            guardian_first_name=self.guardian_first_name.data or "",
            guardian_last_name=self.guardian_last_name.data or "",
            language=self.language.data,
            email=self.email.data or None,
            phones=self.phones,
        )


class AddressFields(Form):
    """Where the family lives."""

    line = StringField(
        _l("Street address"),
        filters=[strip],
        validators=[
            DataRequired(_l("Enter the street address, such as 1135 W Wilson Ave.")),
            Length(max=120, message=_l("Enter at most 120 letters.")),
        ],
    )
    unit = StringField(
        _l("Apartment or unit"), filters=[strip], validators=[Length(max=40, message=_l("Enter at most 40 letters."))]
    )
    city = StringField(
        _l("City"),
        filters=[strip],
        default="Chicago",
        validators=[DataRequired(_l("Enter the city.")), Length(max=60, message=_l("Enter at most 60 letters."))],
    )
    state = StringField(
        _l("State"),
        filters=[strip],
        default="IL",
        validators=[DataRequired(_l("Enter the state.")), Length(max=60, message=_l("Enter at most 60 letters."))],
    )
    zip = StringField(
        _l("ZIP code"),
        filters=[strip],
        validators=[Length(max=10, message=_l("Enter at most 10 digits: 60640 or 60640-1234."))],
    )
    lon = DegreesField(_l("Longitude"))
    lat = DegreesField(_l("Latitude"), limit=90)

    def validate_lon(self, field: Any) -> None:
        """Both coordinates or neither, and a place that can be."""
        refuse_no_place(field, self.lat)
        if field.data is None and self.lat.data is not None:
            raise ValidationError(_("Enter the longitude too, or clear the latitude."))

    def validate_lat(self, field: Any) -> None:
        """Both coordinates or neither."""
        if field.data is None and self.lon.data is not None:
            raise ValidationError(_("Enter the latitude too, or clear the longitude."))

    @property
    def typed(self) -> TypedAddress:
        """What was typed."""
        return TypedAddress(
            line=self.line.data or "",
            unit=self.unit.data or "",
            city=self.city.data or "",
            state=self.state.data or "",
            zip=self.zip.data or "",
            lon=self.lon.data,
            lat=self.lat.data,
        )


class StudentFields(Form):
    """One student. The ID is text: its leading zeros count."""

    district_id = StringField(
        _l("Student ID"),
        filters=[strip],
        validators=[
            DataRequired(_l("Enter the district’s student ID.")),
            Regexp(r"^[0-9]{6,10}$", message=_l("A student ID has 6 to 10 digits and nothing else.")),
        ],
    )
    first_name = name_field(_l("First name"), _l("Enter the student’s first name."))
    last_name = name_field(_l("Last name"), _l("Enter the student’s last name."))
    birth_date = DayField(_l("Birth date"), required=_l("Enter the birth date."))
    grade = ChoiceField(_l("Grade"), choices=GRADE_CHOICES, validators=[DataRequired(_l("Choose the grade."))])
    school = StringField(
        _l("School"), filters=[strip], validators=[DataRequired(_l("Enter the school’s name or six-digit id."))]
    )

    def validate_birth_date(self, field: Any) -> None:
        """Not in the future, and of school age."""
        today = city_today()
        if field.data and field.data > today:
            raise ValidationError(_("This birth date is in the future. Check the year."))
        if field.data and not YOUNGEST <= age_on(field.data, today) <= OLDEST:
            raise ValidationError(
                _(
                    "This makes the student %(age)s years old. Students are %(youngest)s to %(oldest)s: check the year.",
                    age=age_on(field.data, today),
                    youngest=YOUNGEST,
                    oldest=OLDEST,
                )
            )


class RegisterForm(FlaskForm, ContactFields, AddressFields):
    """A whole household at once."""

    starts_on = DayField(_l("Living there since"))
    students = FieldList(FormField(StudentFields), min_entries=1)
    separate = BooleanField(_l("I have checked: this is a separate household"))

    def validate_students(self, field: Any) -> None:
        """At least one student, not too many, no ID twice."""
        if len(field.entries) > MOST_STUDENTS:
            raise ValidationError(
                _("At most %(most)s students fit here. Save, then add the others.", most=MOST_STUDENTS)
            )

    def repeated_ids(self) -> list[Any]:
        """The ID fields whose ID another student above already has."""
        seen: set[str | None] = set()
        repeated = []
        for entry in self.students:
            field = entry.form.district_id
            if field.data in seen:
                repeated.append(field)
            seen.add(field.data)
        return repeated

    def validate_starts_on(self, field: Any) -> None:
        """Not in the future, and of living memory."""
        refuse_future(field)
        refuse_before(field, EARLIEST_HOME)


def refuse_future(field: Any) -> None:
    """Raises ValidationError for a day after today."""
    if field.data and field.data > city_today():
        raise ValidationError(_("This date is in the future. Enter today or an earlier day."))


def refuse_before(field: Any, earliest: dt.date, because: Any = "") -> None:
    """Raises ValidationError for a day before `earliest`: a mistyped year."""
    if field.data and field.data < earliest:
        words = _("The year %(year)s is too early. Check the year.", year=field.data.year)
        raise ValidationError(f"{words} {because}".rstrip())


def refuse_no_place(lon: Any, lat: Any) -> None:
    """Raises ValidationError for coordinates that are swapped, or 0, 0."""
    if lon.data is None or lat.data is None:
        return
    if lon.data == 0 and lat.data == 0:
        raise ValidationError(_("0, 0 is not a place in Chicago: leave both empty if you do not know them."))
    if 41 <= lon.data <= 43 and -89 <= lat.data <= -86:
        raise ValidationError(_("These look swapped: longitude is about -87.7, latitude about 41.9."))


class Versioned(FlaskForm):
    """A form that remembers which version of the household it was opened with."""

    version = HiddenField()

    @property
    def opened_with(self) -> int:
        """The version; 0 where it is missing or no number, which counts as stale."""
        return _number(self.version)


def _number(field: Any) -> int:
    text = str(field.data or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class ContactForm(Versioned, ContactFields):
    """Guardian and contacts of a registered household."""


class StudentForm(Versioned, StudentFields):
    """One student of a registered household."""


class CorrectAddressForm(Versioned, AddressFields):
    """The present address, written right."""


class MoveForm(Versioned, AddressFields):
    """A new address, from a day on."""

    moved_on = DayField(_l("Day of the move"), required=_l("Enter the day the family moved."))

    def validate_moved_on(self, field: Any) -> None:
        """Not in the future, and of living memory."""
        refuse_future(field)
        refuse_before(field, EARLIEST_HOME)


class PlaceForm(Versioned):
    """A spot on the map, or the area alone."""

    residence = HiddenField()  # the home the form was opened for
    lon = DegreesField(_l("Longitude"))
    lat = DegreesField(_l("Latitude"), limit=90)
    area = ChoiceField(_l("Or the community area, if you know it but not the spot"), [("", _l("Choose"))])
    note = TextAreaField(
        _l("How do you know?"),
        filters=[strip],
        validators=[
            DataRequired(_l("Say how you know, so that others can trust it.")),
            Length(max=300, message=_l("Enter at most 300 letters.")),
        ],
    )

    def validate_lon(self, field: Any) -> None:
        """Both coordinates, or an area."""
        refuse_no_place(field, self.lat)
        if (field.data is None) != (self.lat.data is None):
            raise ValidationError(_("Enter both longitude and latitude, or neither."))
        if field.data is None and not self.area.data and not field.errors and not self.lat.errors:
            raise ValidationError(_("Choose a spot on the map, enter its coordinates, or choose the community area."))

    @property
    def opened_home(self) -> int:
        """Id of the residence; 0 where it is missing."""
        return _number(self.residence)
