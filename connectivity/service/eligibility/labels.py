"""The words people read for policies, runs and determinations."""

from typing import Any

from flask_babel import lazy_gettext as _l

from connectivity.register import AppealState, Change, RunState, Source
from connectivity.rules.eligibility import Factor, Mode
from connectivity.rules.eligibility_words import FACTOR_LABEL

FACTORS: dict[Factor, Any] = {one: _l(words) for one, words in FACTOR_LABEL.items()}
MODES: dict[str, Any] = {
    Mode.DISTRICT: _l("The district: its own yes or no is taken as given"),
    Mode.WEIGHTS: _l("The program: factors with weights"),
}
STATES: dict[str, Any] = {
    RunState.QUEUED: _l("Waiting for its turn"),
    RunState.ASSESSING: _l("Preview being made"),
    RunState.PLANNED: _l("Preview ready"),
    RunState.APPLYING: _l("Being applied"),
    RunState.APPLIED: _l("Applied"),
    RunState.DISCARDED: _l("Put aside"),
}
CHANGES: dict[str, Any] = {
    Change.GAINS: _l("Become eligible"),
    Change.LOSES: _l("Lose eligibility"),
    Change.STAYS_ELIGIBLE: _l("Stay eligible"),
    Change.STAYS_OUT: _l("Stay not eligible"),
    Change.UNDECIDED: _l("Cannot be decided yet"),
    Change.HELD: _l("Decided by a person"),
}
# What each line means for a household, beside the figure.
MEANINGS: dict[str, Any] = {
    Change.GAINS: _l("They start at “eligible” in this year, unless they are in it already."),
    Change.LOSES: _l("The determination says so. Their service goes on until a person ends it."),
    Change.STAYS_ELIGIBLE: _l("Nothing changes for the family."),
    Change.STAYS_OUT: _l("Nothing changes for the family."),
    Change.UNDECIDED: _l("Something that would decide is not known. Nothing is written for them."),
    Change.HELD: _l("An override or a granted appeal is in force. This run leaves it alone."),
}
SOURCES: dict[str, Any] = {
    Source.POLICY: _l("the program’s policy"),
    Source.DISTRICT: _l("the district"),
    Source.OVERRIDE: _l("an override"),
    Source.APPEAL: _l("an appeal"),
}
APPEALS: dict[str, Any] = {
    AppealState.OPEN: _l("Open"),
    AppealState.GRANTED: _l("Granted"),
    AppealState.DENIED: _l("Denied"),
}
