"""The queue of homes that nothing could place, and after them of those placed with a doubt: listed by the page, walked one by one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from connectivity.access.scope import in_scope
from connectivity.geography.placement import Certainty
from connectivity.register import Account, CommunityArea, Household, Residence

PAGE = 50
QUEUES = (Certainty.UNPLACED, Certainty.NEAR_EDGE)  # in the order they are worked
_POSITION = re.compile(r"(unplaced|near_edge)-(\d{1,9})")


@dataclass(frozen=True, kw_only=True)
class Position:
    """A place in the queue, which stays one after the home there is placed."""

    certainty: Certainty
    household_id: int

    def __str__(self) -> str:
        return f"{self.certainty}-{self.household_id}"


@dataclass(frozen=True, kw_only=True)
class UnsureHome:
    """One home of the queue."""

    position: Position
    reference: str
    guardian: str
    address: str
    area: str  # empty: not placed
    reason: str


def read_position(text: str) -> Position | None:
    """`unplaced-123`; None for anything else."""
    found = _POSITION.fullmatch(text)
    return Position(certainty=Certainty(found[1]), household_id=int(found[2])) if found else None


def count(session: Session, account: Account) -> dict[Certainty, int]:
    """How many homes each part of the queue holds, of those the account may see."""
    return {
        one: session.scalar(
            select(func.count()).select_from(Residence).join(Household, _LIVES).where(*_in(one, account))
        )
        or 0
        for one in QUEUES
    }


def homes(session: Session, account: Account, *, after: Position | None, most: int = PAGE) -> list[UnsureHome]:
    """Up to `most` homes that follow `after` (None: from the beginning): the unplaced ones, then those with a doubt; the oldest first."""
    found: list[UnsureHome] = []
    for one in QUEUES[QUEUES.index(after.certainty) if after else 0 :]:
        last = after.household_id if after and after.certainty is one else 0
        if left := most - len(found):
            found += _listed(session.execute(_rows(one, account, last).limit(left)).all(), one)
    return found


def next_home(session: Session, account: Account, after: Position) -> UnsureHome | None:
    """The home to place after that one."""
    return next(iter(homes(session, account, after=after, most=1)), None)


_LIVES = and_(Residence.household_id == Household.id, Residence.ends_on.is_(None))


def _in(certainty: Certainty, account: Account) -> tuple[ColumnElement[bool], ...]:
    # No area is what "unplaced" means, and what the index ix_residence_current_area knows.
    unsure = (
        Residence.community_area.is_(None) if certainty is Certainty.UNPLACED else Residence.certainty == str(certainty)
    )
    return unsure, Household.merged_into_id.is_(None), in_scope(Household, account)


def _rows(certainty: Certainty, account: Account, last: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Household.id,
            Household.reference,
            Household.guardian_first_name,
            Household.guardian_last_name,
            Residence.line,
            Residence.unit,
            Residence.zip,
            Residence.reason,
            CommunityArea.name.label("area"),
        )
        .select_from(Residence)
        .join(Household, _LIVES)
        .outerjoin(CommunityArea, CommunityArea.number == Residence.community_area)
        .where(*_in(certainty, account), Residence.household_id > last)
        .order_by(Residence.household_id)
    )


def _listed(rows: Sequence[Any], certainty: Certainty) -> list[UnsureHome]:
    return [
        UnsureHome(
            position=Position(certainty=certainty, household_id=row.id),
            reference=row.reference,
            guardian=f"{row.guardian_first_name} {row.guardian_last_name}",
            address=" ".join(part for part in (row.line, row.unit, row.zip) if part),
            area=row.area or "",
            reason=row.reason,
        )
        for row in rows
    ]
