"""Rows of this very file that people repaired when it was handed in before: found again, and used again if somebody says so."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from connectivity.bulk import slices
from connectivity.register import Account, Outcome, RosterImport, RosterRow
from connectivity.rosters.identities import LEFT_OUT
from connectivity.rosters.imports import RosterRefused
from connectivity.rosters.repairs import Reread, columns_of, refuse_unless_open, repair
from connectivity.rosters.rows_of import of_import


@dataclass(frozen=True)
class EarlierRepairs:
    """`roster`: the earlier import of the file. `numbers`: the rows that were repaired there and are rejected here."""

    roster: RosterImport
    numbers: Sequence[int]


def earlier_repairs(session: Session, roster: RosterImport) -> EarlierRepairs | None:
    """Those of the newest earlier import, whatever became of it, that read the same columns. None: there are none to use."""
    earlier = session.scalars(
        select(RosterImport)
        .where(RosterImport.file_sha256 == roster.file_sha256, RosterImport.id < roster.id)
        .order_by(RosterImport.id.desc())
    )
    for one in earlier:
        # Cells that were read under other columns would come back with gaps.
        if columns_of(one) == columns_of(roster) and (numbers := _repaired(session, roster, one)):
            return EarlierRepairs(one, numbers)
    return None


def _repaired(session: Session, roster: RosterImport, earlier: RosterImport) -> Sequence[int]:
    """Rejected rows whose cells were kept there, and good, and are others here: only a repair makes that of one and the same file."""
    then = aliased(RosterRow)
    return session.scalars(
        select(RosterRow.number)
        .join(then, (then.import_id == earlier.id) & (then.number == RosterRow.number))
        .where(
            of_import(roster.id, Outcome.REJECTED),
            or_(RosterRow.decision.is_(None), RosterRow.decision != LEFT_OUT),
            then.cells.is_not(None),
            then.outcome != Outcome.REJECTED,
            or_(RosterRow.fingerprint.is_(None), RosterRow.fingerprint != then.fingerprint),
        )
        .order_by(RosterRow.number)
    ).all()


def use_earlier_repairs(session: Session, *, account: Account, roster: RosterImport) -> Reread:
    """Repairs the rows again as they were repaired then, with the same checks. Raises RosterRefused."""
    refuse_unless_open(roster)
    found = earlier_repairs(session, roster)
    if found is None:
        raise RosterRefused("These repairs are in the plan already, or there are none.")
    cells: dict[int, dict[str, str]] = {}
    for some in slices(found.numbers):
        rows = select(RosterRow.number, RosterRow.cells).where(of_import(found.roster.id), RosterRow.number.in_(some))
        cells |= {number: written or {} for number, written in session.execute(rows)}
    return repair(session, account=account, roster=roster, cells=cells)
