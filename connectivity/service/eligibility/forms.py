"""Forms of eligibility: the rules of a policy, a run, an override, an appeal, a what-if."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from connectivity.casework.fields import ChoiceField, DayField, add_error, strip
from connectivity.register import EligibilityPolicy, ProgramYear
from connectivity.rules.eligibility import Factor, Mode, Policy, TypedPolicy
from connectivity.service.eligibility.by_hand import LONGEST
from connectivity.service.eligibility.labels import FACTORS, MODES
from connectivity.service.eligibility.policies import LONGEST_NOTE, TypedVersion, rules_of

PLAIN_FIELDS = ("name", "note", "mode", "threshold", "alone_from", "vintage")
OUTCOMES = (("", _l("Choose")), ("yes", _l("Eligible")), ("no", _l("Not eligible")))
APPEAL_OUTCOMES = (
    ("", _l("Choose")),
    ("granted", _l("Granted: the household is eligible")),
    ("denied", _l("Denied: the determination stands")),
)


def _blanks(text: str | None) -> str | None:
    """Without blanks at the ends and doubled ones inside."""
    return " ".join(text.split()) if text else text


class Needed:
    """Marks a field as needed; `policies` says so in words, together with everything else."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, _form: object, _field: object) -> None:
        """Nothing to say here."""


class RulesForm(FlaskForm):
    """The rules of a policy as somebody types them; the fields of the factors are added below. `read_policy` judges them."""

    mode = ChoiceField(_l("Who decides"), list(MODES.items()), default=Mode.WEIGHTS.value)
    threshold = StringField(_l("Threshold: eligible from this score on"), filters=[strip])
    alone_from = StringField(_l("Index from which an area is enough by itself"), filters=[strip])
    vintage = ChoiceField(_l("Hardship index of the years"))

    sensitive = False  # whether factors that are sealed may be weighed with this form

    def offer(self, vintages: Sequence[str], *, sensitive: bool) -> None:
        """Fills the list of published hardship indexes, the newest first."""
        self.sensitive = sensitive
        self.vintage.offer((one, one) for one in vintages)

    def rows(self) -> list[tuple[Factor, Any, Any]]:
        """(factor, its weight, whether it is enough by itself) for the table of the form."""
        return [
            (one, self[f"weight_{one}"], self[f"alone_{one}"])
            for one in Factor
            if self.sensitive or one is Factor.HARDSHIP
        ]

    def typed(self) -> TypedPolicy:
        """What was typed, as texts."""
        return TypedPolicy(
            mode=self.mode.data or "",
            weights={one.value: self[f"weight_{one}"].data or "" for one in Factor},
            alone=[one.value for one in Factor if self[f"alone_{one}"].data],
            alone_from=self.alone_from.data or "",
            threshold=self.threshold.data or "",
        )

    def fill_rules(self, rules: Policy, vintage: str | None) -> None:
        """Opens the form with a policy's rules."""
        self.mode.data = rules.mode.value
        for one in Factor:
            self[f"weight_{one}"].data = _text(rules.weights.get(one))
            self[f"alone_{one}"].data = one in rules.alone
        self.alone_from.data, self.threshold.data = _text(rules.alone_from), _text(rules.threshold)
        if vintage:
            self.vintage.data = vintage

    def refuse(self, problems: Mapping[str, str]) -> None:
        """Each problem at its field; those of no one field, or of one that is not offered, above the form."""
        offered = {one for row in self.rows() for one in (row[1].name, row[2].name)} | set(PLAIN_FIELDS)
        fields = {name: words for name, words in problems.items() if name in self._fields and name in offered}
        for name, words in fields.items():
            add_error(self[name], words)
        self.form_errors.extend(words for name, words in problems.items() if name not in fields)


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


for _one in Factor:
    setattr(RulesForm, f"weight_{_one}", StringField(_l("Points: %(factor)s", factor=FACTORS[_one]), filters=[strip]))
    setattr(RulesForm, f"alone_{_one}", BooleanField(_l("Enough by itself: %(factor)s", factor=FACTORS[_one])))


class PolicyForm(RulesForm):
    """A policy as it is added or changed. `stood`: what the form was opened with."""

    stood = HiddenField()
    # `policies` refuses signs that nobody can see, so they are not taken out here.
    name = StringField(_l("Name of the policy"), filters=[_blanks], validators=[Needed()])
    note = TextAreaField(
        _l("Note: who decided this policy, and when"),
        filters=[strip],
        validators=[Length(max=LONGEST_NOTE, message=_l("Enter at most 500 letters."))],
    )

    def version(self) -> TypedVersion:
        """What was typed."""
        return TypedVersion(
            name=self.name.data or "",
            policy=self.typed(),
            vintage=self.vintage.data or "",
            note=self.note.data or "",
        )

    def fill(self, policy: EligibilityPolicy, stood: str) -> None:
        """Opens the form with what stands."""
        self.fill_rules(rules_of(policy), policy.hardship_vintage)
        self.name.data, self.note.data, self.stood.data = policy.name, policy.note, stood


class YearsForm(FlaskForm):
    """A form about one program year."""

    program_year = ChoiceField(_l("Program year"))

    def offer_years(self, years: Iterable[ProgramYear]) -> None:
        """Fills the list."""
        self.program_year.offer((str(one.id), one.label) for one in years)


class RunForm(YearsForm):
    """A preview to ask for."""

    policy = ChoiceField(_l("Policy"))

    def offer_policies(self, policies: Iterable[EligibilityPolicy]) -> None:
        """Fills the list, each policy at its newest version."""
        self.policy.offer(
            (str(one.id), _("%(name)s, version %(version)s", name=one.name, version=one.version)) for one in policies
        )


class WhatIfForm(RulesForm, YearsForm):
    """Other rules, or fewer places, to look at."""

    places = StringField(_l("Number of places"), filters=[strip])

    @property
    def wanted_places(self) -> int | None:
        """The number; None for none. Raises ValueError with words for the person."""
        text = (self.places.data or "").replace(",", "")
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            raise ValueError(_("This is not a number of places. Enter a whole number, such as 60000."))
        return int(text)


def _reason(label: Any, required: Any) -> TextAreaField:
    too_long = _l("Enter at most %(most)s letters.", most=f"{LONGEST:,}")
    return TextAreaField(label, validators=[InputRequired(required), Length(max=LONGEST, message=too_long)])


class OverrideForm(YearsForm):
    """A person decides otherwise than the run."""

    eligible = ChoiceField(_l("This household is"), OUTCOMES, validators=[InputRequired(_l("Choose the outcome."))])
    reason = _reason(_l("Reason"), _l("Enter the reason: why does the program decide otherwise?"))
    expires_on = DayField(
        _l("Stands until"), required=_l("Enter the last day on which this decision stands against a run.")
    )


class AppealForm(YearsForm):
    """A family appeals."""

    opened_on = DayField(_l("Day of the appeal"), required=_l("Enter the day the family appealed."))
    ground = _reason(_l("What the family says"), _l("Enter what the family says."))


class DecideForm(FlaskForm):
    """How an appeal is decided."""

    outcome = ChoiceField(
        _l("The appeal is"), APPEAL_OUTCOMES, validators=[InputRequired(_l("Choose how it is decided."))]
    )
    reason = _reason(_l("Reason"), _l("Enter the reason of the decision."))
    decided_on = DayField(_l("Day of the decision"), required=_l("Enter the day of the decision."))
