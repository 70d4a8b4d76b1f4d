"""What to do when somebody else changed the household while a form was open: say who and what, keep everything typed."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import Account, AuditEvent, Household


@dataclass(kw_only=True)
class Change:
    """One field as others have changed it since the form was opened."""

    base: Any  # what the form was opened with
    by: str  # empty: not recorded
    at: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A field that both changed, or (`taken`) that only the other one changed."""

    field: str
    yours: Any
    current: Any
    by: str
    at: dt.datetime | None
    taken: bool
    in_form: bool = True  # False: the form has no such field; `yours` is what stood when it was opened


def changes_since(session: Session, household: Household, version: int, fields: Mapping[str, str]) -> dict[str, Change]:
    """Form field -> the change others made to it after `version`. `fields` maps a form's fields to their names in the audit trail."""
    events = session.execute(
        select(AuditEvent, Account.name)
        .outerjoin(Account, Account.id == AuditEvent.account_id)
        .where(AuditEvent.subject == "household", AuditEvent.subject_id == household.id)
        .order_by(AuditEvent.id)
    ).all()
    found: dict[str, Change] = {}
    for event, name in events:
        if int(event.changes.get("version", [0, 0])[1]) <= version:
            continue
        for field, recorded in fields.items():
            if recorded in event.changes:
                base = found[field].base if field in found else event.changes[recorded][0]
                found[field] = Change(base=base, by=name or "", at=event.at)
    return found


def compare(changed: Mapping[str, Change], typed: Mapping[str, Any], current: Mapping[str, Any]) -> list[Conflict]:
    """Only fields where what was typed is not what now stands. A field the editor left as it was opened takes the new value."""
    return [
        Conflict(
            field=field,
            yours=typed.get(field),
            current=current.get(field),
            by=change.by,
            at=change.at,
            taken=_same(typed.get(field), change.base),
        )
        for field, change in changed.items()
        if field in typed and not _same(typed[field], current.get(field))
    ]


def overtaken(
    changed: Mapping[str, Change], current: Mapping[str, Any], wanted: Mapping[str, Any] | None = None
) -> list[Conflict]:
    """What others changed beside the form's own fields. `wanted`: what saving would write; where it already stands, no conflict."""
    return [
        Conflict(
            field=field,
            yours=change.base,
            current=current.get(field),
            by=change.by,
            at=change.at,
            taken=False,
            in_form=False,
        )
        for field, change in changed.items()
        if not _same(change.base, current.get(field))
        and (wanted is None or not _same(wanted.get(field), current.get(field)))
    ]


def _same(one: Any, other: Any) -> bool:
    return str(one or "") == str(other or "")
