"""What the list of the stalled and the funnel are narrowed by: the same fields for a page (in its address) and a download (in its body)."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from wtforms import Form, IntegerField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import Select

from connectivity.casework.fields import ChoiceField
from connectivity.casework.labels import LANGUAGES
from connectivity.register import ProgramYear
from connectivity.service.progress.labels import KIND, SERVICE_TYPE
from connectivity.service.progress.narrowing import Narrowing, Offered
from connectivity.service.progress.stalled import AFTER_CODE, AFTER_KIT

_NOT_A_CHOICE = _l("This is not one of the choices. Choose one from the list.")
_DAYS = NumberRange(min=0, max=999, message=_l("Enter a number of days from 0 to 999."))


class _Days(IntegerField):
    """A number of days; empty stands for the usual one."""

    def __init__(self, label: Any, *, usual: int, **more: Any) -> None:
        super().__init__(label, default=usual, validators=[Optional(), _DAYS], **more)
        self.usual = usual

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError(_DAYS.message) from None

    @property
    def days(self) -> int:
        return self.usual if self.data is None else self.data


class _ManyOptions(Select):
    """A list of hundreds, written plainly: the library's way takes a third of the page's time for the schools alone."""

    @classmethod
    def render_option(cls, choice: Any, **_more: Any) -> Markup:  # type: ignore[override]  # newer than its stubs
        chosen = " selected" if choice.selected else ""
        return Markup(f'<option{chosen} value="{escape(choice.value)}">{escape(choice.label)}</option>')  # noqa: S704


class NarrowingForm(Form):
    """Which program year, and whom of it."""

    year = ChoiceField(_l("Program year"), invalid_choice_message=_NOT_A_CHOICE)
    area = ChoiceField(_l("Community area"), [("", _l("All areas"))], invalid_choice_message=_NOT_A_CHOICE)
    school = ChoiceField(
        _l("School"), [("", _l("All schools"))], invalid_choice_message=_NOT_A_CHOICE, widget=_ManyOptions()
    )
    organization = ChoiceField(
        _l("Partner organization"), [("", _l("Any or none"))], invalid_choice_message=_NOT_A_CHOICE
    )

    def offer(self, offered: Offered, years: Sequence[ProgramYear], current: ProgramYear | None) -> None:
        """Fills the lists; the current year is chosen unless the request says otherwise."""
        self.year.offer((str(year.id), year.label) for year in years)
        if not self.year.data or self.year.data == "None":
            self.year.data = str(current.id) if current else ""
        self.year.validate_choice = bool(years)
        self.area.offer(offered.areas.items())
        self.school.offer(offered.schools.items())
        self.organization.offer(offered.organizations.items())

    def narrowing(self) -> Narrowing:
        """What was chosen. Call after `validate`."""
        return Narrowing(area=self.area.data, school=self.school.data, organization=self.organization.data)


class StalledForm(NarrowingForm):
    """As above, with what a list of the stalled is asked for besides."""

    kind = ChoiceField(
        _l("Stalled at"),
        [("", _l("Everything")), *((kind.value, words) for kind, words in KIND.items())],
        invalid_choice_message=_NOT_A_CHOICE,
    )
    language = ChoiceField(
        _l("Language"), [("", _l("Any language")), *LANGUAGES.items()], invalid_choice_message=_NOT_A_CHOICE
    )
    service_type = ChoiceField(
        _l("Connection"), [("", _l("Any connection")), *SERVICE_TYPE.items()], invalid_choice_message=_NOT_A_CHOICE
    )
    code_days = _Days(_l("Days after a code"), usual=AFTER_CODE)
    kit_days = _Days(_l("Days after an order or a kit"), usual=AFTER_KIT)

    def narrowing(self) -> Narrowing:
        return Narrowing(
            area=self.area.data,
            school=self.school.data,
            organization=self.organization.data,
            language=self.language.data,
            service_type=self.service_type.data,
        )
