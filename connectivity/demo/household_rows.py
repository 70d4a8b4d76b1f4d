"""Writes the demo's households, homes, students and answers."""

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from connectivity.bulk import day_texts, noon_texts, table_of, write
from connectivity.demo.addresses import Homes
from connectivity.demo.households import Program
from connectivity.register import ConnectivityResponse, Household, HouseholdPhone, Residence, Student
from connectivity.register.student import GRADES
from connectivity.rules.names import sort_name

Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]

INSTRUMENT = "Ed-Fi 6 / CEDS 12"  # as the response form writes it
TODAY_UNKNOWN = np.datetime64("NaT")


def write_households(session: Session, program: Program) -> int:
    """Households and their phones. The id is the index plus one. Returns the rows written."""
    updated = program.since.copy()
    enrollments = program.enrollments
    np.maximum.at(updated, enrollments.household, enrollments.status_on)
    count = len(program.reference)
    households = write(
        session,
        table_of(Household),
        {
            "id": range(1, count + 1),
            "reference": program.reference,
            "guardian_first_name": program.guardians.first,
            "guardian_last_name": program.guardians.last,
            "language": program.language,
            "email": program.guardians.email,
            "created_at": noon_texts(session, program.since),
            "updated_at": noon_texts(session, updated),
            "version": [1] * count,
        },
    )
    owner, position, numbers = program.phones
    phones = {"household_id": (owner + 1).tolist(), "position": position.tolist(), "number": numbers}
    return households + write(session, table_of(HouseholdPhone), phones)


def write_homes(session: Session, program: Program) -> int:
    """Homes of before and of now, a household's in the order it lived there. Returns the rows written."""
    homes, moves = program.homes, program.moves
    count = len(program.reference)
    household = np.r_[np.arange(count), moves.household]
    starts = np.r_[program.since, program.since[moves.household]]
    starts[moves.household] = moves.day
    ends = np.r_[np.full(count, TODAY_UNKNOWN), moves.day]
    order = np.lexsort((starts, household))
    return write(
        session,
        table_of(Residence),
        {
            "id": range(1, len(order) + 1),
            "household_id": (household[order] + 1).tolist(),
            **_placed(homes, moves.homes, order),
            "starts_on": day_texts(starts[order]),
            "ends_on": day_texts(ends[order]),
            "recorded_at": noon_texts(session, starts[order]),
        },
    )


def _placed(now: Homes, before: Homes, order: Ints) -> dict[str, list[object]]:
    addresses, placements = [*now.address, *before.address], [*now.placement, *before.placement]
    originals = [*now.original, *before.original]
    rows = order.tolist()
    columns: dict[str, list[object]] = {"original": [originals[row] for row in rows]}
    for name in ("line", "unit", "city", "state", "zip"):
        columns[name] = [getattr(addresses[row], name) for row in rows]
    columns["community_area"] = [placements[row].area for row in rows]
    columns["method"] = [placements[row].method.value for row in rows]
    columns["certainty"] = [placements[row].certainty.value for row in rows]
    for name in ("edge_feet", "lon", "lat", "reason"):
        columns[name] = [getattr(placements[row], name) for row in rows]
    return columns


def write_students(session: Session, program: Program) -> int:
    """Students, by household and eldest first. Returns the rows written."""
    children = program.children
    return write(
        session,
        table_of(Student),
        {
            "id": range(1, len(children.first) + 1),
            "household_id": (children.household + 1).tolist(),
            "district_id": children.district_id,
            "first_name": children.first,
            "last_name": children.last,
            "sort_name": list(map(sort_name, children.last, children.first)),
            "birth_date": day_texts(children.birth_date),
            "grade": [GRADES[grade] for grade in children.grade.tolist()],
            "school_id": program.school,
            "created_at": noon_texts(session, program.since[children.household]),
        },
    )


def write_answers(session: Session, program: Program) -> int:
    """Connectivity responses: the home they lived in that day, the eldest student where a device was named. Returns the rows written."""
    responses, count = program.responses, len(program.responses.household)
    eldest = np.searchsorted(program.children.household, responses.household) + 1
    device = responses.codes["device"]
    return write(
        session,
        table_of(ConnectivityResponse),
        {
            "id": range(1, count + 1),
            "household_id": (responses.household + 1).tolist(),
            "residence_id": _homes_then(program, responses.household, responses.observed_on).tolist(),
            "student_id": [student if named else None for student, named in zip(eldest.tolist(), device, strict=True)],
            "observed_on": day_texts(responses.observed_on),
            "language": [program.language[index] for index in responses.household.tolist()],
            "instrument": [INSTRUMENT] * count,
            **responses.codes,
            "recorded_at": noon_texts(session, responses.observed_on),
        },
    )


def _homes_then(program: Program, household: Ints, day: Days) -> Ints:
    """The residence (id) of each household on a day. Ids run by household, the home of before first."""
    moved_on = np.full(len(program.reference), TODAY_UNKNOWN, dtype="datetime64[D]")
    moved_on[program.moves.household] = program.moves.day
    moved = ~np.isnat(moved_on)
    current = np.arange(1, len(moved) + 1) + np.cumsum(moved)
    found: Ints = current[household] - (moved[household] & (day < moved_on[household]))
    return found
