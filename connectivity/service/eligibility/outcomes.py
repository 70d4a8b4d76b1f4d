"""Whom a run would touch: a group of its households a page at a time, and as the rows of a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access.scope import in_scope
from connectivity.register import (
    Account,
    Change,
    CommunityArea,
    EligibilityOutcome,
    EligibilityRun,
    Household,
    RunState,
)

# A run that was put aside has no households any more.
SHOWN = (RunState.PLANNED, RunState.APPLYING, RunState.APPLIED)
HEADER = ("household", "community_area", "what_changes", "explanation")
ROWS_AT_ONCE = 2000


@dataclass(frozen=True, kw_only=True)
class Line:
    """One household of a group. `sealed`: a token with the words for the eligibility office."""

    household_id: int
    reference: str
    guardian: str
    area: str
    explanation: str
    sealed: bytes | None


@dataclass(frozen=True, kw_only=True)
class AreaRow:
    """One area of a preview: households. `number` 0: homes that are not placed."""

    number: int
    name: str
    before: int  # eligible, of those the run decides about
    gains: int
    loses: int
    undecided: int
    held: int  # decided by a person

    @property
    def after(self) -> int:
        return self.before + self.gains - self.loses


def by_area(run: EligibilityRun, names: Mapping[int, str]) -> list[AreaRow]:
    """The areas of a preview by name, homes that are not placed last."""
    rows = [
        AreaRow(
            number=int(number),
            name=names[int(number)],
            before=found.get(Change.STAYS_ELIGIBLE, 0) + found.get(Change.LOSES, 0),
            gains=found.get(Change.GAINS, 0),
            loses=found.get(Change.LOSES, 0),
            undecided=found.get(Change.UNDECIDED, 0),
            held=found.get(Change.HELD, 0),
        )
        for number, found in run.by_area.items()
    ]
    return sorted(rows, key=lambda row: (row.number == 0, row.name))


def lines(
    session: Session, account: Account, run: EligibilityRun, change: Change, *, after: int, size: int
) -> list[Line]:
    """Households of a group in the account's scope, behind `after` (an id), at most `size`."""
    return [
        Line(
            household_id=household,
            reference=reference,
            guardian=f"{first} {last}",
            area=area or "",
            explanation=explanation,
            sealed=sealed,
        )
        for household, reference, first, last, area, explanation, sealed in session.execute(
            _of_group(account, run.id, change, after).limit(size)
        )
    ]


def file_rows(session: Session, account: Account, run_id: int, change: Change, words: str) -> Iterator[Sequence[Any]]:
    """The rows of HEADER: no name, no address, and the words that everybody may read. Constant memory."""
    after = 0
    while rows := session.execute(_of_group(account, run_id, change, after).limit(ROWS_AT_ONCE)).all():
        for _household, reference, _first, _last, area, explanation, _sealed in rows:
            yield reference, area or "", words, explanation
        after = rows[-1][0]


def _of_group(account: Account, run_id: int, change: Change, after: int) -> Any:
    return (
        select(
            EligibilityOutcome.household_id,
            Household.reference,
            Household.guardian_first_name,
            Household.guardian_last_name,
            CommunityArea.name,
            EligibilityOutcome.explanation,
            EligibilityOutcome.sealed,
        )
        .join(Household, Household.id == EligibilityOutcome.household_id)
        .outerjoin(CommunityArea, CommunityArea.number == EligibilityOutcome.community_area)
        .where(
            EligibilityOutcome.run_id == run_id,
            EligibilityOutcome.change == change,
            EligibilityOutcome.household_id > after,
            in_scope(Household, account),
        )
        .order_by(EligibilityOutcome.household_id)
    )
