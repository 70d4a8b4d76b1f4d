"""Writes the demo's enrollments, their steps, and the words households are found by."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from connectivity.bulk import day_texts, noon_texts, table_of, write
from connectivity.demo import paths
from connectivity.demo.assessment import RUN
from connectivity.demo.households import Program
from connectivity.demo.program import PLANS
from connectivity.register import Enrollment, EnrollmentEvent, SearchTerm
from connectivity.rules.names import household_terms
from connectivity.rules.service_states import EndReason, SaidBy, Status

Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]

_STATUS_WORDS = np.array([status.value for status in paths.STATUSES], dtype=object)
_SAID_BY = np.array([paths.SAID_BY.get(status, SaidBy.STAFF).value for status in paths.STATUSES], dtype=object)
_SERVICE_TYPES = {plan.id: plan.service_type.value for plan in PLANS}
ONE_IN_LEAVES = 40
_ACTIVE = paths.STATUSES.index(Status.ACTIVE)
_ELIGIBLE = paths.STATUSES.index(Status.ELIGIBLE)
_CONTACTED, _ENDED = paths.STATUSES.index(Status.CONTACTED), paths.STATUSES.index(Status.ENDED)


def write_enrollments(session: Session, program: Program) -> int:
    """Enrollments as they stand at their last step. Returns the rows written."""
    enrollments, service = program.enrollments, program.service
    leaving = _leaving(program)
    until = [program.years[year].ends_on.isoformat() for year in enrollments.year.tolist()]
    return write(
        session,
        table_of(Enrollment),
        {
            "id": range(1, len(enrollments.household) + 1),
            "household_id": (enrollments.household + 1).tolist(),
            "program_year_id": (enrollments.year + 1).tolist(),
            "status": _STATUS_WORDS[enrollments.status].tolist(),
            "status_on": day_texts(enrollments.status_on),
            "provider_id": _or_none(service.provider),
            "plan_id": _or_none(service.plan),
            "membership_code_id": _or_none(service.code),
            "service_type": [_SERVICE_TYPES.get(plan) for plan in service.plan.tolist()],
            "leaving_reason": [EndReason.LEFT_DISTRICT.value if one else None for one in leaving],
            "service_until": [day if one else None for one, day in zip(leaving, until, strict=True)],
            "until_year_end": leaving,
            "created_at": noon_texts(session, enrollments.days[:, 0]),
        },
    )


def _leaving(program: Program) -> list[bool]:
    """Some of those connected in the year that runs: it is known that they leave when it ends."""
    enrollments = program.enrollments
    connected = np.flatnonzero((enrollments.year == len(program.years) - 1) & (enrollments.status == _ACTIVE))
    found = np.zeros(len(enrollments.year), dtype=bool)
    found[connected[::ONE_IN_LEAVES]] = True
    leaves: list[bool] = found.tolist()
    return leaves


def _or_none(ids: Ints) -> list[int | None]:
    return [number or None for number in ids.tolist()]


def write_events(session: Session, program: Program, *, rng: np.random.Generator) -> int:
    """Every step of every enrollment, in order. Returns the rows written."""
    steps, days = program.enrollments.steps, program.enrollments.days
    row, column = np.nonzero(steps != paths.NONE)
    status, happened_on = steps[row, column], days[row, column]
    before = np.r_[paths.NONE, status[:-1]]
    why = np.array([reason.value for reason in paths.REASONS], dtype=object)[paths.reasons(rng, before, happened_on)]
    why[np.isin(row, program.not_eligible)] = EndReason.NOT_ELIGIBLE.value
    why[status != _ENDED] = None
    begun = (status == _ELIGIBLE) & np.isin(row, _begun(program))
    return write(
        session,
        table_of(EnrollmentEvent),
        {
            "id": range(1, len(row) + 1),
            "enrollment_id": (row + 1).tolist(),
            "status": _STATUS_WORDS[status].tolist(),
            "happened_on": day_texts(happened_on),
            "reason": why.tolist(),
            "said_by": np.where(begun, SaidBy.PROGRAM.value, _SAID_BY[status]).tolist(),
            "note": np.where(begun, f"Eligibility run {RUN}", _notes(rng, status, why)).tolist(),
            "recorded_at": noon_texts(session, happened_on),
        },
    )


def _begun(program: Program) -> Ints:
    """Enrollments (index) that the year's run of the eligibility policy began."""
    enrollments = program.enrollments
    of_year = enrollments.year == len(program.years) - 1
    begun: Ints = np.flatnonzero(of_year & program.assessed.begun[enrollments.household])
    return begun


def _notes(rng: np.random.Generator, status: Ints, why: NDArray[np.object_]) -> NDArray[np.object_]:
    """How a family was reached; why it opted out."""
    contact, opted_out = (
        np.array(texts, dtype=object)[rng.integers(len(texts), size=len(status))]
        for texts in (paths.CONTACT_NOTES, paths.OPT_OUT_NOTES)
    )
    notes: NDArray[np.object_] = np.select([status == _CONTACTED, why == "opted_out"], [contact, opted_out], "")
    return notes


def write_search_terms(session: Session, program: Program) -> int:
    """The words each household is found by, in the order of the table's key. Returns the rows written."""
    children, codes = program.children, program.service.codes
    count = len(program.reference)
    students = _runs(children.household, count)
    phones = _runs(program.phones[0], count)
    given = np.flatnonzero(codes.household >= 0)
    by_household = given[np.argsort(codes.household[given], kind="stable")]
    code_runs = _runs(codes.household[by_household], count)
    code_rows = by_household.tolist()
    terms: list[tuple[str, int]] = []
    for index in range(count):
        pupils, lines, own = students[index], phones[index], code_runs[index]
        address = program.homes.address[index]
        found = household_terms(
            reference=program.reference[index],
            guardian_names=[f"{program.guardians.first[index]} {program.guardians.last[index]}"],
            student_names=[f"{children.first[pupil]} {children.last[pupil]}" for pupil in pupils],
            district_ids=[children.district_id[pupil] for pupil in pupils],
            phones=[program.phones[2][line] for line in lines],
            addresses=[address.line, address.unit, address.zip],
            codes=[codes.code[code_rows[at]] for at in own],
        )
        terms += [(term, index + 1) for term in found]
    terms.sort()
    return write(
        session, table_of(SearchTerm), {"term": [term for term, _ in terms], "household_id": [id_ for _, id_ in terms]}
    )


def _runs(owner: Ints, count: int) -> list[range]:
    """For each owner 0..count-1 the rows it holds; `owner` is in order."""
    edges = np.searchsorted(owner, np.arange(count + 1)).tolist()
    return [range(first, end) for first, end in pairwise(edges)]
