"""Forms of the roster's way: hand in, say which column is which, apply, approve, take back, repair."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, Length

from connectivity.casework.fields import strip
from connectivity.register import Covers, RosterImport
from connectivity.rosters.lines import Problem
from connectivity.tabular.column_profiles import COLUMN, COLUMNS, REQUIRED_OF_A_TABLE, SENSITIVE, fold_heading

LONGEST_CELL, LONGEST_REASON, LONGEST_NAME = 500, 500, 80


def _reason(label: Any, missing: Any) -> TextAreaField:
    return TextAreaField(
        label,
        filters=[strip],
        validators=[
            DataRequired(missing),
            Length(max=LONGEST_REASON, message=_l("Enter at most 500 letters.")),
        ],
    )


class ChoiceField(SelectField):
    """One of a list of (value, words)."""

    def __init__(self, label: Any, choices: Iterable[tuple[str, Any]] = (), **given: Any) -> None:
        super().__init__(label, **{"invalid_choice_message": _l("Choose one from the list."), **given})
        self.offer(choices)

    def offer(self, choices: Iterable[tuple[str, Any]]) -> None:
        """Fills the list."""
        self.choices = [SelectChoice(value, words) for value, words in choices]


class UploadForm(FlaskForm):
    """A roster to hand in."""

    file = FileField(_l("The file"), validators=[FileRequired(_l("Choose the file first."))])
    year = ChoiceField(_l("Program year"))
    covers = ChoiceField(
        _l("What the file holds"),
        [
            ("", _l("Choose")),
            (Covers.WHOLE.value, _l("The whole roster: a student who is not in it has left")),
            (Covers.PART.value, _l("Only a part: corrections or additions")),
        ],
        validators=[DataRequired(_l("Say whether this is the whole roster or a part of it."))],
    )
    again = BooleanField(_l("Take it in again, although it was applied before"))


class SourceForm(FlaskForm):
    """What people call a source."""

    name = StringField(
        _l("Name for this source"),
        filters=[strip],
        validators=[
            DataRequired(_l("Give this source a name, such as “Aspen export”. Its files are then read by themselves.")),
            Length(max=LONGEST_NAME, message=_l("Enter at most 80 letters.")),
        ],
    )


class ColumnsForm(SourceForm):
    """Which column of ours each heading of the file stands for. Its lists are made by `columns_form`."""

    headings: Sequence[str] = ()
    nearest: Mapping[str, str] = {}

    def lists(self) -> dict[int, Any]:
        """The lists by the place of their heading."""
        return {at: self[f"c{at}"] for at in range(len(self.headings)) if f"c{at}" in self}

    def mapping(self) -> dict[str, str]:
        """Heading -> our column, "" for one that is left out."""
        return {self.headings[at]: field.data for at, field in self.lists().items()}

    def validate(self, extra_validators: Any = None) -> bool:
        """All that is wrong at once: two headings for one column, a heading that stands twice, a needed column that nobody gives."""
        good = bool(super().validate(extra_validators))
        given = Counter(field.data for field in self.lists().values() if field.data)
        alike = Counter(fold_heading(heading) for heading in self.headings)
        for at, field in self.lists().items():
            if given[field.data] > 1:
                field.errors = [
                    *field.errors,
                    _("Two headings are given to %(column)s. Choose one of them.", column=COLUMN[field.data].title),
                ]
            elif field.data and alike[fold_heading(self.headings[at])] > 1:
                field.errors = [*field.errors, _("This heading stands in the file twice. Rename one there.")]
        missing = self._missing(set(given))
        self.form_errors.extend(missing)
        return good and not missing and not any(field.errors for field in self.lists().values())

    def _missing(self, given: set[str]) -> list[str]:
        names = [name for name in REQUIRED_OF_A_TABLE if name not in given]
        return [
            _("No heading is given to %(column)s, which every student needs.", column=COLUMN[name].title)
            + (
                " " + _("Nearest: “%(heading)s”.", heading=near)
                if (near := self.nearest.get(COLUMN[name].title))
                else ""
            )
            for name in names
        ]


def columns_form(roster: RosterImport, *, factors: bool) -> ColumnsForm:
    """A list for each heading, the guess chosen. Sensitive columns are offered only where the program holds `factors`."""
    headings, guesses = roster.read_as["headings"], roster.read_as["guesses"]
    choices = [("", _("Leave out"))] + [
        (one.name, f"{one.title} *" if one.name in REQUIRED_OF_A_TABLE else one.title)
        for one in COLUMNS
        if factors or not one.sensitive
    ]
    lists = {
        f"c{at}": ChoiceField(heading, choices, default=guesses.get(heading, ""))
        for at, heading in enumerate(headings)
        if heading and (factors or guesses.get(heading) not in SENSITIVE)
    }
    more = {"headings": headings, "nearest": dict(roster.read_as["missing"])}
    made: ColumnsForm = type("MadeColumnsForm", (ColumnsForm,), {**more, **lists})()
    return made


class PlanForm(FlaskForm):
    """Something done to a plan as it was when the page was opened."""

    plan = HiddenField()


class ApplyForm(PlanForm):
    """The last look before the register changes."""

    sure = BooleanField(
        _l("I have looked at these figures, and they are right."),
        validators=[DataRequired(_l("Look at the figures above and tick this box first."))],
    )


class ApproveForm(PlanForm):
    """A second person lets a large change go on."""

    reason = _reason(_l("Why is so large a change right?"), _l("Say why so large a change is right."))


class UndoForm(FlaskForm):
    """Why a whole roster is taken back."""

    reason = _reason(_l("Why is it taken back?"), _l("Say why the roster is taken back."))


class FixedForm(FlaskForm):
    """Rejected rows that were corrected in a file."""

    file = FileField(_l("File with the corrected rows"), validators=[FileRequired(_l("Choose the file first."))])


class RepairForm(FlaskForm):
    """The cells of one row. Its fields are made by `repair_form`."""

    def cells(self) -> dict[str, str]:
        """Our column -> as written."""
        return {field.name: field.data or "" for field in self if field.name in COLUMN}

    def show(self, problems: Sequence[Problem]) -> list[Problem]:
        """Puts each problem at its field; returns those that belong to none."""
        others = []
        for one in problems:
            if one.column in self and one.stops:
                self[one.column].errors = [*self[one.column].errors, f"{one.message} {one.advice}"]
            else:
                others.append(one)
        return others


class _Needed:
    """Marks a field as one that must be filled; the reading itself says what is wrong when it is not."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Refuses nothing."""


def repair_form(columns: Mapping[str, str], cells: Mapping[str, str] | None) -> RepairForm:
    """A field for each column of the file, under the file's own heading."""
    too_long = Length(max=LONGEST_CELL, message=_("Enter at most 500 letters."))
    fields = {
        name: StringField(
            heading,
            default=(cells or {}).get(name, ""),
            validators=[too_long, *([_Needed()] if COLUMN[name].required else [])],
        )
        for name, heading in columns.items()
    }
    made: RepairForm = type("MadeRepairForm", (RepairForm,), fields)()
    return made
