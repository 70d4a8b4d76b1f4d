"""Rows that people left out on purpose: which they are, who left them out, and the figures that keep them apart from open problems."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from connectivity.register import Account, AuditEvent, Outcome, RosterImport, RosterProblem, RosterRow
from connectivity.rosters.rows_of import of_import

LEFT_OUT = "left_out"  # the decision of a person about a row, which stays rejected
ACTION = "roster.row_left_out"  # as the audit trail names it, an event for each row


def is_left_out(row: Any = RosterRow) -> ColumnElement[bool]:
    """A WHERE condition: rows that a person left out."""
    return and_(row.outcome == Outcome.REJECTED, row.decision == LEFT_OUT)


def stops_a_row(roster: RosterImport) -> ColumnElement[bool]:
    """A WHERE condition: problems because of which a row cannot be taken in, and about which nobody has decided."""
    decided = exists().where(
        RosterRow.import_id == RosterProblem.import_id, RosterRow.number == RosterProblem.number, is_left_out()
    )
    return and_(RosterProblem.import_id == roster.id, RosterProblem.stops, ~decided)


def not_taken_in(session: Session, roster: RosterImport) -> dict[str, int]:
    """The figures of a plan that people change before it is applied. A row that was repaired counts until it is checked again."""
    out = of_import(roster.id, Outcome.REJECTED, Outcome.WAITING)
    by_decision = select(RosterRow.decision, func.count()).where(out).group_by(RosterRow.decision)
    found: dict[str | None, int] = dict(session.execute(by_decision).all())
    left_out = found.pop(LEFT_OUT, 0)
    problems = select(func.count()).select_from(RosterProblem).where(stops_a_row(roster))
    return {
        "rejected": sum(found.values()),
        "left_out": left_out,
        "problems": session.scalar(problems) or 0,
    }


def who_left_out(session: Session, roster: RosterImport, numbers: Sequence[int]) -> dict[int, str]:
    """Row number -> the name of whoever left it out last."""
    events = session.execute(
        select(AuditEvent.changes, Account.name)
        .join(Account, Account.id == AuditEvent.account_id)
        .where(AuditEvent.subject == "roster_import", AuditEvent.subject_id == roster.id, AuditEvent.action == ACTION)
        .order_by(AuditEvent.id)
    )
    named = {changes["row"][1]: name for changes, name in events}
    return {number: named[number] for number in numbers if number in named}
