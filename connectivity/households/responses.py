"""Records a dated answer about the home's connection. Answers are added, never overwritten."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.casework.trail import record_change
from connectivity.households.edit import current_residence
from connectivity.register import Account, ConnectivityResponse, Household
from connectivity.rules.connectivity_codes import Answers, RespondentRole, ResponseMode

INSTRUMENT = "Ed-Fi 6 / CEDS 12"


@dataclass(frozen=True, kw_only=True)
class Interview:
    """Who answered, how, in which language, on which day."""

    observed_on: dt.date
    respondent: RespondentRole
    mode: ResponseMode
    language: str
    student_id: int | None = None  # whose learning device


class AlreadyRecorded(Exception):
    """The very same answers stand there for that day: sent twice, or entered by two people."""


class ResponseRefused(ValueError):
    """The answers cannot stand. `problems`: field -> a sentence for the person; "" for the whole."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__()


def response_problems(answers: Answers, observed_on: dt.date, today: dt.date) -> dict[str, str]:
    """Every problem at once, by field."""
    found = answers.problems()
    if answers.empty:
        found["access"] = "No question is answered. Answer at least one, or leave without saving."
    if observed_on > today:
        found["observed_on"] = "This date is in the future. Enter the day the family answered."
    return found


def record_response(
    session: Session,
    *,
    account: Account,
    household: Household,
    answers: Answers,
    interview: Interview,
    today: dt.date,
) -> ConnectivityResponse:
    """Raises ResponseRefused or AlreadyRecorded."""
    problems = response_problems(answers, interview.observed_on, today)
    if problems:
        raise ResponseRefused(problems)
    given = {**vars(interview), **vars(answers)}
    if session.scalar(
        select(ConnectivityResponse.id)
        .where(ConnectivityResponse.household_id == household.id)
        .where(*(getattr(ConnectivityResponse, field).is_not_distinct_from(value) for field, value in given.items()))
        .limit(1)
    ):
        raise AlreadyRecorded
    residence = current_residence(session, household)
    response = ConnectivityResponse(
        household_id=household.id,
        residence_id=residence.id if residence else None,
        instrument=INSTRUMENT,
        recorded_by=account.id,
        **given,
    )
    session.add(response)
    session.flush()
    record_change(
        session,
        account=account,
        action="response.recorded",
        household=household,
        changes={"response": [None, response.id]},
    )
    return response
