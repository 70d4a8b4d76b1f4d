"""Writes the policy, its applied run with what it found of every household, the determinations, and what people decided after it."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from connectivity.bulk import noon, noon_texts, table_of, write
from connectivity.demo import assessment, days
from connectivity.demo.assessment import POLICY, RUN, Found
from connectivity.demo.households import Program
from connectivity.formats import day
from connectivity.register import (
    Appeal,
    Determination,
    EligibilityOutcome,
    EligibilityPolicy,
    EligibilityRun,
    EligibilityWeight,
    Role,
    RunState,
    Source,
)

Hands = Mapping[
    str, int
]  # role -> the account (id) that does its work in the demo; empty where there are no demo accounts


def write_run(session: Session, program: Program, *, hands: Hands) -> int:
    """The policy and its run, applied. Returns the rows written."""
    moment, office = noon(days.plain(program.assessed.run_on)), hands.get(Role.ELIGIBILITY)
    policy = EligibilityPolicy(
        name=assessment.NAME,
        version=1,
        mode=POLICY.mode.value,
        threshold=POLICY.threshold,
        hardship_vintage=assessment.VINTAGE,
        note=assessment.NOTE,
        created_by=office,
        created_at=moment,
        weights=[EligibilityWeight(factor=one.value, weight=of, alone=False) for one, of in POLICY.weights.items()],
    )
    session.add(policy)
    session.flush()
    run = EligibilityRun(
        id=RUN,
        program_year_id=program.years[-1].id,
        policy_id=policy.id,
        state=RunState.APPLIED.value,
        counts=program.assessed.counts,
        by_area=program.assessed.by_area,
        started_by=office,
        started_at=moment,
        planned_at=moment,
        applied_by=office,
        applied_at=moment,
    )
    session.add(run)
    session.flush()
    return 2 + len(policy.weights) + _write_determinations(session, program, policy.id, office)


def _of_homes(program: Program, value: Callable[[Found], Any]) -> Any:
    """What is true of all homes of an area, for each household."""
    found = program.assessed.found
    table = np.empty(max(found) + 1, dtype=object)
    for area, one in found.items():
        table[area] = value(one)
    return table[program.assessed.area]


def write_outcomes(session: Session, program: Program) -> int:
    """What the run found of every household. Returns the rows written."""
    assessed, count = program.assessed, len(program.assessed.area)
    return write(
        session,
        table_of(EligibilityOutcome),
        {
            "run_id": [RUN] * count,
            "household_id": range(1, count + 1),
            "change": assessed.change.tolist(),
            "eligible": _of_homes(program, lambda found: found.assessment.eligible).tolist(),
            "score": _of_homes(program, lambda found: found.assessment.score).tolist(),
            "explanation": _of_homes(program, lambda found: found.words).tolist(),
            "community_area": [area or None for area in assessed.area.tolist()],
            "written": (~assessed.undecided).tolist(),
        },
    )


def _write_determinations(session: Session, program: Program, policy_id: int, office: int | None) -> int:
    """The run's own, of everybody it could decide about."""
    assessed = program.assessed
    decided = np.flatnonzero(~assessed.undecided)
    households, count = decided.tolist(), len(decided)
    ended = {one.household: one.decided_on.isoformat() for one in program.by_hand.overrides}
    ended |= {one.household: one.decided_on.isoformat() for one in program.by_hand.granted if one.decided_on}
    return write(
        session,
        table_of(Determination),
        {
            "id": range(1, count + 1),
            "household_id": (decided + 1).tolist(),
            "program_year_id": [program.years[-1].id] * count,
            "eligible": _of_homes(program, lambda found: found.assessment.eligible)[decided].tolist(),
            "source": [Source.POLICY.value] * count,
            "policy_id": [policy_id] * count,
            "run_id": [RUN] * count,
            "score": _of_homes(program, lambda found: found.assessment.score)[decided].tolist(),
            "threshold": [POLICY.threshold] * count,
            "explanation": _of_homes(program, lambda found: found.words)[decided].tolist(),
            "reason": [""] * count,
            "decided_on": [str(assessed.run_on)] * count,
            "ended_on": [ended.get(one) for one in households],
            "account_id": [office] * count,
            "recorded_at": noon_texts(session, np.full(count, assessed.run_on)),
        },
    )


def write_by_hand(session: Session, program: Program, *, hands: Hands) -> int:
    """Overrides, and appeals with what was decided. Returns the rows written."""
    office, first = hands.get(Role.ELIGIBILITY), int((~program.assessed.undecided).sum()) + 1
    made = [*_overridden(program), *_granted(program)]
    common = {"program_year_id": program.years[-1].id, "eligible": True, "account_id": office}
    if made:
        rows = [
            {"id": number, **common, **one, "recorded_at": noon(one["decided_on"])}
            for number, one in enumerate(made, start=first)
        ]
        session.execute(insert(Determination), rows)
    appeals = [
        {
            "household_id": one.household + 1,
            "program_year_id": program.years[-1].id,
            "opened_on": one.opened_on,
            "ground": one.ground,
            "state": one.state.value,
            "decided_on": one.decided_on,
            "reason": one.reason,
            "opened_by": hands.get(Role.STAFF),
            "decided_by": office if one.decided_on else None,
            "recorded_at": noon(one.opened_on),
        }
        for one in program.by_hand.appeals
    ]
    if appeals:
        session.execute(insert(Appeal), appeals)
    return len(made) + len(appeals)


def _overridden(program: Program) -> list[dict[str, Any]]:
    """In the words of the page where it is done."""
    return [
        {
            "household_id": one.household + 1,
            "source": Source.OVERRIDE.value,
            "explanation": f"Eligible: decided by the program for this household, until {day(one.expires_on)}.",
            "reason": one.reason,
            "decided_on": one.decided_on,
            "expires_on": one.expires_on,
        }
        for one in (*program.by_hand.overrides, *program.by_hand.expired)
    ]


def _granted(program: Program) -> list[dict[str, Any]]:
    decided: list[tuple[int, dt.date, str]] = [
        (one.household, one.decided_on, one.reason) for one in program.by_hand.granted if one.decided_on
    ]
    return [
        {
            "household_id": household + 1,
            "source": Source.APPEAL.value,
            "explanation": f"Eligible: the family’s appeal was granted on {day(on)}.",
            "reason": reason,
            "decided_on": on,
            "expires_on": None,
        }
        for household, on, reason in decided
    ]
