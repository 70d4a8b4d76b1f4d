"""The filters as a form: the same fields for the page (in its address) and for the download (in its body)."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, Form, SelectField, ValidationError

from connectivity.register.student import GRADES
from connectivity.school_exports.filters import NOT_IN_PROGRAM, Filters
from connectivity.school_exports.student_file import STATUS_WORDS


class KnownChoice(SelectField):
    """A list to choose from that answers an unknown value in words. Nothing chosen: empty text."""

    def __init__(self, label: Any, **given: Any) -> None:
        super().__init__(label, default="", **given)
        self.type = "SelectField"  # how the templates know what to draw

    def pre_validate(self, form: Any) -> None:
        if self.data not in {value for value, *_rest in self.iter_choices()}:
            raise ValidationError(_("This is not one of the choices. Choose one from the list."))


class FilterForm(Form):
    school = KnownChoice(_("School"))
    status = KnownChoice(_("Program status"))
    grade = KnownChoice(_("Grade"))
    language = KnownChoice(_("Contact language"))
    needs = BooleanField(_("Only students who need a next step"))

    def offer(self, *, schools: dict[str, str], languages: dict[str, str], every_school: bool) -> None:
        """Fills the lists to choose from. `every_school`: whether all schools may stand in one list."""
        words = {status or NOT_IN_PROGRAM: text for status, text in STATUS_WORDS.items()}
        self.school.choices = [("", _("All schools") if every_school else _("Choose a school")), *schools.items()]
        self.status.choices = [("", _("Any status")), *words.items()]
        self.grade.choices = [("", _("Any grade")), *((grade, grade) for grade in GRADES)]
        self.language.choices = [("", _("Any language")), *languages.items()]

    def filters(self) -> Filters:
        """The chosen filters. Call after `validate`."""
        return Filters(
            school=self.school.data,
            status=self.status.data,
            grade=self.grade.data,
            language=self.language.data,
            needs="1" if self.needs.data else "",
        )
