"""Rows of this very file that people repaired or left out when it was handed in before: found again, and done again if somebody says so."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from connectivity.bulk import slices
from connectivity.register import Account, Outcome, RosterImport, RosterRow
from connectivity.rosters.imports import RosterRefused
from connectivity.rosters.left_out import LEFT_OUT
from connectivity.rosters.repairs import Reread, columns_of, leave_out, refuse_unless_open, repair
from connectivity.rosters.rows_of import of_import


@dataclass(frozen=True)
class EarlierRepairs:
    """Rows that are rejected here: number -> the earlier import of the file in which people said last what becomes of it."""

    repaired: Mapping[int, int]
    left_out: Mapping[int, int]


def earlier_repairs(session: Session, roster: RosterImport) -> EarlierRepairs | None:
    """Of every earlier import of the file, whatever became of it; of each row the newest word. None: there is nothing to use."""
    earlier = session.scalars(
        select(RosterImport)
        .where(RosterImport.file_sha256 == roster.file_sha256, RosterImport.id < roster.id)
        .order_by(RosterImport.id.desc())
    )
    heard = set[int]()
    repaired, left_out = dict[int, int](), dict[int, int]()
    for one in earlier:
        # Cells that were read under other columns would come back with gaps.
        same_columns = columns_of(one) == columns_of(roster)
        for number, decision, now, then in session.execute(_words(roster, one, repairs=same_columns)):
            if number in heard:
                continue
            heard.add(number)
            if decision == LEFT_OUT:
                left_out[number] = one.id
            elif now != then:  # else it was used already, and is still wrong
                repaired[number] = one.id
    return EarlierRepairs(repaired, left_out) if repaired or left_out else None


def _words(
    roster: RosterImport, earlier: RosterImport, *, repairs: bool
) -> Select[int, str | None, str | None, str | None]:
    """Of rows that are rejected here: what people decided there, and the fingerprints here and there.

    A row whose cells were kept there although it was good had been repaired.
    """
    then = aliased(RosterRow)
    repaired = and_(then.cells.is_not(None), then.outcome != Outcome.REJECTED)
    left_out = then.decision == LEFT_OUT
    return (
        select(RosterRow.number, then.decision, RosterRow.fingerprint, then.fingerprint)
        .join(then, (then.import_id == earlier.id) & (then.number == RosterRow.number))
        .where(
            of_import(roster.id, Outcome.REJECTED),
            RosterRow.decision.is_distinct_from(LEFT_OUT),
            or_(left_out, repaired) if repairs else left_out,
        )
        .order_by(RosterRow.number)
    )


def use_earlier_repairs(session: Session, *, account: Account, roster: RosterImport) -> Reread:
    """Repairs the rows again as they were repaired then, with the same checks, and leaves out again what was left out. Raises RosterRefused."""
    refuse_unless_open(roster)
    found = earlier_repairs(session, roster)
    if found is None:
        raise RosterRefused("These repairs are in the plan already, or there are none.")
    cells = _cells(session, found.repaired)
    done = repair(session, account=account, roster=roster, cells=cells) if cells else Reread()
    for some in slices(sorted(found.left_out)):
        rows = session.scalars(select(RosterRow).where(of_import(roster.id), RosterRow.number.in_(some))).all()
        leave_out(session, account=account, roster=roster, rows=rows)
    done.left_out = sorted(found.left_out)
    return done


def _cells(session: Session, repaired: Mapping[int, int]) -> dict[int, dict[str, str]]:
    """The cells of the rows as they were repaired."""
    numbers: dict[int, list[int]] = defaultdict(list)
    for number, import_id in repaired.items():
        numbers[import_id].append(number)
    found: dict[int, dict[str, str]] = {}
    for import_id, those in numbers.items():
        for some in slices(those):
            rows = select(RosterRow.number, RosterRow.cells).where(of_import(import_id), RosterRow.number.in_(some))
            found |= {number: written or {} for number, written in session.execute(rows)}
    return found
