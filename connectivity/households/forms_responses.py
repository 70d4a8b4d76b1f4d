"""The form of a dated answer about the home's connection."""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l

from connectivity.casework.fields import ChoiceField, DayField
from connectivity.casework.labels import choices
from connectivity.households.forms_household import Versioned, refuse_before, refuse_future
from connectivity.register import Student
from connectivity.rules import connectivity_codes as codes

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
