"""What providers said of the demo's addresses: the product would ask about the same homes and take the same file in the same way."""

import csv
import datetime as dt
import hashlib
import io
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.demo.wires import HEADINGS
from connectivity.register import (
    Account,
    AnswersState,
    Enrollment,
    EnrollmentEvent,
    Plan,
    ProgramYear,
    Provider,
    Residence,
    Role,
    ServiceabilityAnswer,
    ServiceabilityBatch,
    ServiceabilityFile,
    ServiceabilityRequest,
)
from connectivity.rules.service_states import Status
from connectivity.rules.serviceability_words import MatchResult, Serviceable
from connectivity.service.serviceability import ask, corrected, files, no_wire, take
from tests.demo.programs import TODAY, make

Key = tuple[str, str, str]
STAFF = Account(role=Role.STAFF.value)
CONNECTING = (Status.ORDERED, Status.KIT_SHIPPED, Status.INSTALLED, Status.ACTIVE, Status.SUSPENDED)
SAID = (
    "line", "unit", "zip", "provider_id", "request_id", "match_result", "found_address", "serviceable", "existing_service",
    "technology", "max_down_mbps", "checked_on", "note", "stands",
)  # fmt: skip


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody listens."""


def _year(session: Session) -> ProgramYear:
    return session.scalars(select(ProgramYear).where(ProgramYear.open_to_new)).one()


def _homes(session: Session) -> dict[int, Key]:
    """Household -> where it lives now."""
    home = select(Residence.household_id, Residence.line, Residence.unit, Residence.zip)
    return {
        one: (line, unit, zip_code[:5])
        for one, line, unit, zip_code in session.execute(home.where(Residence.ends_on.is_(None)))
    }


def _status_on(session: Session, day: dt.date) -> dict[int, str]:
    """Household -> where it stood in the year that runs at the end of the day."""
    steps = (
        select(Enrollment.household_id, EnrollmentEvent.status)
        .join(EnrollmentEvent, EnrollmentEvent.enrollment_id == Enrollment.id)
        .where(Enrollment.program_year_id == _year(session).id, EnrollmentEvent.happened_on <= day)
        .order_by(EnrollmentEvent.id)
    )
    return dict(session.execute(steps).all())


def _said(session: Session) -> list[tuple[object, ...]]:
    columns = [getattr(ServiceabilityAnswer, name) for name in SAID]
    return sorted((tuple(row) for row in session.execute(select(*columns))), key=repr)


def test_every_provider_of_a_wire_was_asked_about_each_address_that_waited_once(demo: Session):
    batches = demo.scalars(select(ServiceabilityBatch)).all()
    wired = demo.scalars(select(Plan.provider_id).where(Plan.service_type == "wired")).all()
    assert sorted(batch.provider_id for batch in batches) == sorted(set(wired))
    homes = _homes(demo)
    for batch in batches:
        requests = demo.scalars(select(ServiceabilityRequest).where(ServiceabilityRequest.batch_id == batch.id)).all()
        asked = [(one.line, one.unit, one.zip) for one in requests]
        stood = _status_on(demo, batch.asked_on)
        waited = {homes[one] for one, status in stood.items() if status not in (Status.ACTIVE, Status.ENDED)}
        assert sorted(asked) == sorted(waited)
        assert batch.addresses == len(requests)
        assert batch.chosen["program_year"] == _year(demo).label


def test_the_figures_of_each_file_are_those_of_its_answers(demo: Session):
    answered = {batch.provider_id: number for batch, number in ask.every_batch(demo, most=9)}
    for file in files.listed(demo):
        answers = demo.scalars(select(ServiceabilityAnswer).where(ServiceabilityAnswer.file_id == file.id)).all()
        asked = select(ServiceabilityBatch.addresses).where(ServiceabilityBatch.provider_id == file.provider_id)
        assert file.state == AnswersState.TAKEN
        assert file.counts["taken"] == len(answers) == answered[file.provider_id]
        assert file.counts["rows"] == demo.scalars(asked).one() == len(answers) + file.counts["blank"]
        # When the file was taken in, nobody had looked at a correction.
        said = Counter("corrected" if one.match_result == MatchResult.CORRECTED else one.serviceable for one in answers)
        assert {name: file.counts[name] for name in ("yes", "no", "unknown", "corrected")} == said


def test_the_product_takes_the_same_file_in_the_same_way(session: Session, tmp_path: Path):
    make(session)
    told = {file.provider_id: (file.file_sha256, file.file_bytes, file.counts) for file in files.listed(session)}
    returned, said = {provider: _returned(session, provider) for provider in told}, _said(session)
    for provider, content in returned.items():
        assert (hashlib.sha256(content).hexdigest(), len(content)) == told[provider][:2]
    on = {file.provider_id: file.received_on for file in files.listed(session)}
    session.execute(delete(ServiceabilityAnswer))
    session.execute(delete(ServiceabilityFile))
    session.commit()
    for provider, content in returned.items():
        path = tmp_path / str(provider)
        path.write_bytes(content)
        given = files.HandedIn(
            file_name="answers.csv", file_bytes=len(content), file_sha256=told[provider][0], stored_as=path.name
        )
        with transaction(session):
            of = session.get_one(Provider, provider)
            file, _ = files.submit(session, account=None, provider=of, given=given, on=on[provider])
        assert take.take(session, file.id, path, report=_silent) == AnswersState.TAKEN
        session.refresh(file)
        assert file.counts == told[provider][2]
    assert _said(session) == said


def _returned(session: Session, provider: int) -> bytes:
    """A provider's file as it must have been."""
    answers = {
        one.request_id: one
        for one in session.scalars(select(ServiceabilityAnswer).where(ServiceabilityAnswer.provider_id == provider))
    }
    batch = session.scalars(select(ServiceabilityBatch).where(ServiceabilityBatch.provider_id == provider)).one()
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(HEADINGS)
    for request in session.scalars(
        select(ServiceabilityRequest)
        .where(ServiceabilityRequest.batch_id == batch.id)
        .order_by(ServiceabilityRequest.id)
    ):
        one = answers.get(request.id)
        cells = [""] * 8 if one is None else [
            one.match_result, one.found_address, one.serviceable, one.existing_service, one.technology, one.max_down_mbps,
            one.checked_on, one.note,
        ]  # fmt: skip
        rows.writerow([batch.reference, request.reference, *cells])
    return out.getvalue().encode()


def test_most_addresses_were_found_as_they_are_and_every_other_answer_occurs(demo: Session):
    found = Counter(demo.execute(select(ServiceabilityAnswer.match_result, ServiceabilityAnswer.serviceable)).all())
    assert {match for match, _ in found} == set(MatchResult)
    assert (
        sum(number for (match, _), number in found.items() if match == MatchResult.EXACT) / sum(found.values()) > 0.85
    )
    assert (MatchResult.EXACT, Serviceable.UNKNOWN) in found
    comcast = select(ServiceabilityAnswer.serviceable).join(Provider).where(Provider.name == "Comcast")
    says = Counter(demo.scalars(comcast))
    assert says[Serviceable.YES] > 0.8 * sum(says.values())
    assert says[Serviceable.NO] > 0


def test_no_provider_denies_an_address_where_it_serves_or_connects_a_home(demo: Session):
    homes = _homes(demo)
    own = {
        (provider, homes[household])
        for household, provider in demo.execute(
            select(Enrollment.household_id, Enrollment.provider_id).where(
                Enrollment.program_year_id == _year(demo).id, Enrollment.status.in_(CONNECTING)
            )
        )
    }
    answered = {
        ((one.provider_id, (one.line, one.unit, one.zip)), one.serviceable)
        for one in demo.scalars(select(ServiceabilityAnswer))
    }
    of_own = {said for key, said in answered if key in own}
    assert of_own == {Serviceable.YES}


def test_some_corrections_wait_and_some_are_decided(demo: Session):
    waiting = corrected.waiting(demo, after=0, size=1000)
    assert len(waiting) == corrected.count_waiting(demo) > 0
    assert all(one.theirs and one.theirs != one.ours for one in waiting)
    decided = select(ServiceabilityAnswer.accepted).where(ServiceabilityAnswer.accepted.is_not(None))
    assert set(demo.scalars(decided)) == {True, False}
    assert demo.scalar(select(func.min(ServiceabilityAnswer.decided_at))).date() >= demo.scalar(
        select(func.max(ServiceabilityFile.received_on))
    )


def test_homes_that_no_wire_reaches_are_listed_because_both_providers_said_no(demo: Session):
    year = _year(demo)
    lines = no_wire.lines(demo, STAFF, year, today=TODAY, after=0, size=1000)
    assert len(lines) == no_wire.count_lines(demo, STAFF, year, today=TODAY) > 0
    for line in lines:
        assert [name for name, _ in line.said_no] == ["Astound", "Comcast"]
        assert line.not_asked == []
    assert no_wire.NextStep.ISSUE in {line.next_step for line in lines}


@pytest.mark.parametrize(("households", "today"), [(1, TODAY), (2, dt.date(2026, 7, 1))])
def test_a_program_of_hardly_anybody_is_made_too(session: Session, households: int, today: dt.date):
    make(session, households=households, today=today)
    for batch in session.scalars(select(ServiceabilityBatch)):
        assert 1 <= batch.addresses <= households
        assert batch.asked_on <= today
