"""Forms: ask a provider about addresses, hand in its answers, say which column is which."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from connectivity.casework.fields import ChoiceField
from connectivity.register import CommunityArea, Provider
from connectivity.service.serviceability.ask import Choice, Homes, Which
from connectivity.service.serviceability.columns import COLUMNS, column_problems
from connectivity.service.serviceability.labels import HOMES, WHICH

USUAL_DAYS = 180
_DAYS = _l("Enter a number of days from 1 to 3,650.")


class _Days(IntegerField):
    def process_formdata(self, valuelist: list[str]) -> None:
        """Says in our words what is no number."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError(_DAYS) from None


class AskForm(FlaskForm):
    """Which addresses, and whom to ask."""

    provider = ChoiceField(_l("Provider"), id="ask-provider")
    homes = ChoiceField(_l("Whose addresses"), HOMES.items(), default=Homes.WAITING.value)
    which = ChoiceField(_l("Which of them"), WHICH.items(), default=Which.UNANSWERED.value)
    days = _Days(
        _l("Older than how many days"), default=USUAL_DAYS, validators=[Optional(), NumberRange(1, 3650, message=_DAYS)]
    )
    area = ChoiceField(_l("Community area"), [("", _l("All areas"))])

    def offer(self, providers: Iterable[Provider], areas: Iterable[CommunityArea]) -> None:
        """Fills the lists."""
        self.provider.offer((str(one.id), one.name) for one in providers)
        self.area.offer((str(one.number), one.name) for one in areas)

    def choice(self) -> Choice:
        """What was chosen. Call after `validate`."""
        return Choice(
            homes=Homes(self.homes.data),
            which=Which(self.which.data),
            area=int(self.area.data) if self.area.data else None,
            days=self.days.data or USUAL_DAYS,
        )


class AnswersForm(FlaskForm):
    """The same file, back."""

    provider = ChoiceField(_l("Provider"), id="answers-provider")
    file = FileField(_l("The file"), validators=[FileRequired(_l("Choose the file first."))])

    def offer(self, providers: Iterable[Provider]) -> None:
        """Fills the list."""
        self.provider.offer((str(one.id), one.name) for one in providers)


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
        problems = column_problems(self.mapping())
        self.form_errors.extend(problems)
        return good and not problems


def columns_form(read_as: Mapping[str, Any]) -> ColumnsForm:
    """A list for each heading, the guess chosen. A star marks what every row needs."""
    choices = [("", _("Leave out"))] + [(one.name, f"{one.name} *" if one.required else one.name) for one in COLUMNS]
    headings = read_as["headings"]
    guesses = {nearest: name for name, nearest in read_as["missing"] if nearest} | read_as["guesses"]
    lists = {
        f"c{at}": ChoiceField(heading, choices, default=guesses.get(heading, ""))
        for at, heading in enumerate(headings)
        if heading
    }
    made: ColumnsForm = type("MadeColumnsForm", (ColumnsForm,), {"headings": headings, **lists})()
    return made
