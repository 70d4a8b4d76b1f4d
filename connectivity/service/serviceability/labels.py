"""The words people read about serviceability: states of a file, answers, next steps."""

from typing import Any

from flask_babel import lazy_gettext as _l

from connectivity.register import AnswerFate, AnswersState
from connectivity.rules.serviceability_words import EXISTING_LABEL, MATCH_LABEL, SERVICEABLE_LABEL
from connectivity.service.serviceability.ask import Homes, Which
from connectivity.service.serviceability.no_wire import NextStep

STATES: dict[str, Any] = {
    AnswersState.QUEUED: _l("Waiting to be read"),
    AnswersState.READING: _l("Being read"),
    AnswersState.COLUMNS: _l("Needs you: columns"),
    AnswersState.TAKEN: _l("Taken in"),
    AnswersState.REFUSED: _l("Not taken in"),
}
FATES: dict[str, Any] = {AnswerFate.IGNORED: _l("Ignored rows"), AnswerFate.REFUSED: _l("Refused rows")}
MATCH: dict[str, Any] = {one.value: _l(words) for one, words in MATCH_LABEL.items()}
SERVICEABLE: dict[str, Any] = {one.value: _l(words) for one, words in SERVICEABLE_LABEL.items()}
EXISTING: dict[str, Any] = {one.value: _l(words) for one, words in EXISTING_LABEL.items()}
HOMES: dict[str, Any] = {
    Homes.WAITING: _l("Homes in the program that are not connected yet"),
    Homes.EVERY: _l("Every home we know"),
}
WHICH: dict[str, Any] = {
    Which.UNANSWERED: _l("Without a yes or no of this provider"),
    Which.OLD: _l("Without one, or with one that is older"),
    Which.EVERY: _l("All of them"),
}
NEXT_STEP: dict[NextStep, Any] = {
    NextStep.ENROLL: _l("Check that the family is eligible, and start its enrollment; then offer a hotspot"),
    NextStep.ISSUE: _l("Offer a hotspot, and give the family the code of a hotspot plan"),
    NextStep.END: _l("Offer a hotspot. End the connection by wire as “could not be installed”, then begin anew"),
    NextStep.BEGIN_ANEW: _l("Offer a hotspot, and begin the enrollment anew"),
}
BUTTON: dict[NextStep, Any] = {
    NextStep.ENROLL: _l("Start the enrollment"),
    NextStep.ISSUE: _l("Record the code of a hotspot"),
    NextStep.END: _l("End the connection by wire"),
    NextStep.BEGIN_ANEW: _l("Begin anew"),
}
