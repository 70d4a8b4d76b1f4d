"""The words people read for a returned file: its states, and what a provider may say."""

from typing import Any

from flask_babel import lazy_gettext as _l

from connectivity.register import FileState
from connectivity.rules.provider_words import NEXT_STEP_OF_PROBLEM, SAID_LABEL

STATES: dict[str, Any] = {
    FileState.QUEUED: _l("Waiting to be read"),
    FileState.CHECKING: _l("Being checked"),
    FileState.COLUMNS: _l("Needs you: which column is which"),
    FileState.PLANNED: _l("Summary ready"),
    FileState.APPLYING: _l("Being applied"),
    FileState.APPLIED: _l("Applied"),
    FileState.REFUSED: _l("Not taken in"),
    FileState.DISCARDED: _l("Put aside"),
}
SAID: dict[str, Any] = {one.value: _l(words) for one, words in SAID_LABEL.items()}
NEXT_STEPS: dict[str, Any] = {one.value: _l(words) for one, words in NEXT_STEP_OF_PROBLEM.items()}
