"""The words people read for what is stored as a code: states, figures, groups, fields."""

from typing import Any

from flask_babel import lazy_gettext as _l

from connectivity.register import ImportState
from connectivity.rosters.row_groups import Group

STATES: dict[str, Any] = {
    ImportState.QUEUED: _l("Waiting to be read"),
    ImportState.READING: _l("Being read"),
    ImportState.COLUMNS: _l("Needs you: which column is which"),
    ImportState.COMPARING: _l("Being compared"),
    ImportState.PLANNED: _l("Plan ready"),
    ImportState.HELD: _l("Waits for a second person"),
    ImportState.APPLYING: _l("Being applied"),
    ImportState.APPLIED: _l("Applied"),
    ImportState.UNDOING: _l("Being taken back"),
    ImportState.UNDONE: _l("Taken back"),
    ImportState.REFUSED: _l("Not taken in"),
    ImportState.DISCARDED: _l("Put aside"),
}

# Every figure of a plan, in the order a person reads them. Those that are a group have its name.
FIGURES: dict[str, Any] = {
    "rows": _l("Rows in the file"),
    "new": _l("New students"),
    "new_households": _l("New households"),
    "joined_households": _l("Registered households that new students join"),
    "changed": _l("Students with changes"),
    "moved_school": _l("Students who change schools"),
    "moved_house": _l("Households that move"),
    "grades_fell": _l("Students who go back to a lower grade"),
    "renamed": _l("Students who get another name or birth date"),
    "kept": _l("Fields kept as people entered them"),
    "unchanged": _l("Students without changes"),
    "overruled": _l("Students whose news people’s word outranks"),
    "vanished": _l("Students not in this roster"),
    "leaving": _l("Students the file says are leaving"),
    "ambiguous": _l("Rows that need a decision"),
    "rejected": _l("Rows not taken in"),
    "left_out": _l("Rows left out on purpose"),
    "repeated": _l("Rows that repeat another row"),
    "newly_eligible": _l("Registered households to enroll"),
    "no_longer_eligible": _l("Students who are no longer eligible"),
    "unplaced": _l("Homes that could not be placed"),
    "questions": _l("Questions for people"),
    "warnings": _l("Warnings"),
}

GROUPS: dict[str, Any] = {
    Group.NEW: _l("New students"),
    Group.JOINED: _l("New students who join a registered household"),
    Group.CHANGED: _l("Students with changes"),
    Group.UNCHANGED: _l("Students without changes"),
    Group.VANISHED: _l("Students not in this roster"),
    Group.MOVED_SCHOOL: _l("Students who change schools"),
    Group.MOVED_HOUSE: _l("Households that move"),
    Group.AMBIGUOUS: _l("Rows that need a decision"),
    Group.REJECTED: _l("Rows not taken in"),
    Group.LEFT_OUT: _l("Rows left out on purpose"),
    Group.REPEATED: _l("Rows that repeat another row"),
    Group.KEPT: _l("Fields kept as people entered them"),
    Group.LEAVING: _l("Students the file says are leaving"),
    Group.UNPLACED: _l("Homes that could not be placed"),
    Group.WARNINGS: _l("Warnings"),
    Group.NEWLY_ELIGIBLE: _l("Registered households to enroll"),
    Group.NO_LONGER_ELIGIBLE: _l("Students who are no longer eligible"),
    Group.QUESTIONS: _l("Questions for people"),
    Group.STAYED: _l("What was not taken back"),
}

MEANINGS: dict[str, Any] = {
    Group.NEW: _l("They are not registered yet. Each comes into a household by the evidence beside the name."),
    Group.JOINED: _l("They are new, and the evidence puts them into a household that is registered."),
    Group.CHANGED: _l("They are registered, and the roster says something new of them or of their household."),
    Group.UNCHANGED: _l("Nothing of theirs changes in the register."),
    Group.VANISHED: _l("They were in the last roster and are not in this one. They are flagged, never deleted."),
    Group.MOVED_SCHOOL: _l("The roster has another school for them than the register."),
    Group.MOVED_HOUSE: _l("The roster has every student of the household at another address."),
    Group.AMBIGUOUS: _l(
        "The student ID is new, but a registered student has the same name, birth date and family. Say who it is."
    ),
    Group.REJECTED: _l("Something in the row is wrong. Repair it here, or download the rows, fix them and send them."),
    Group.LEFT_OUT: _l("Somebody of the office left these out. Nothing of them is taken in."),
    Group.REPEATED: _l("They say again what another row of the file says. Nothing is lost."),
    Group.KEPT: _l("Somebody of the office entered these. What a person entered stays, whatever the roster says."),
    Group.LEAVING: _l("The file itself says that they leave the district. They are flagged, never deleted."),
    Group.UNPLACED: _l(
        "Their place on the map is not known. They wait under “Homes to place” after the roster is applied."
    ),
    Group.WARNINGS: _l(
        "A warning stops nothing: the row is taken in, and the value beside it is left out or should be looked at. "
        "One at the row of the headings is about the whole file."
    ),
    Group.NEWLY_ELIGIBLE: _l("They are registered, and this roster says that they are eligible in its program year."),
    Group.NO_LONGER_ELIGIBLE: _l(
        "The district says no to them now, and did not before. A roster ends no enrollment: open the household and decide."
    ),
    Group.QUESTIONS: _l(
        "The evidence could not settle these. They wait under “Questions” after the roster is applied."
    ),
    Group.STAYED: _l(
        "People worked with these after the roster was applied, or other records refer to them, so they stay as they are."
    ),
}

FIELDS: dict[str, Any] = {
    "district_id": _l("Student ID"),
    "last_name": _l("Last name"),
    "first_name": _l("First name"),
    "birth_date": _l("Birth date"),
    "grade": _l("Grade"),
    "school_id": _l("School"),
    "guardian": _l("Guardian"),
    "email": _l("E-mail"),
    "language": _l("Home language"),
    "phones": _l("Phones"),
    "address": _l("Address"),
    "zip": _l("ZIP code"),
}
