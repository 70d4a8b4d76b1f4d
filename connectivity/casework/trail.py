"""Loads a household for a change, one editor at a time, and writes each change to its version and to the audit trail."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, false, select
from sqlalchemy.orm import Session

from connectivity.access import audit
from connectivity.access.scope import in_scope
from connectivity.database import now
from connectivity.register import Account, Household


def visible(session: Session, account: Account, reference: str) -> Household | None:
    """The household, if there is one of this reference in the account's scope."""
    return session.scalar(sought(account, reference))


def for_change(session: Session, account: Account, reference: str) -> Household | None:
    """As `visible`, and held until the transaction ends: a second editor waits and then sees what the first has done."""
    return session.scalar(
        sought(account, reference).with_for_update(of=Household).execution_options(populate_existing=True)
    )


def both_for_change(
    session: Session, account: Account, reference: str, other: str
) -> tuple[Household | None, Household | None]:
    """As `for_change`, two at once, always held in the same order: two people with the same pair wait and do not lock each other out."""
    wanted = [one for one in (reference, other) if one.isalnum()]
    rows = session.scalars(
        select(Household)
        .where(Household.reference.in_(wanted), in_scope(Household, account))
        .order_by(Household.id)
        .with_for_update(of=Household)
        .execution_options(populate_existing=True)
    )
    found = {one.reference: one for one in rows}
    return found.get(reference), found.get(other)


def hold(session: Session, *ids: int) -> None:
    """Holds these households until the transaction ends, whatever has become of them, and reads them anew."""
    session.scalars(
        select(Household)
        .where(Household.id.in_(ids))
        .order_by(Household.id)
        .with_for_update(of=Household)
        .execution_options(populate_existing=True)
    ).all()


def sought(account: Account, reference: str) -> Select[Household]:
    """The query for a household by its reference, inside the account's scope."""
    # What comes in an address may hold anything, NUL included, which PostgreSQL does not take.
    named = Household.reference == reference if reference.isalnum() else false()
    return select(Household).where(named, in_scope(Household, account))


def record_change(
    session: Session, *, account: Account, action: str, household: Household, changes: Mapping[str, list[Any]]
) -> None:
    """Raises the household's version (a change of any of its parts is a change of the household) and adds the audit event.

    The event carries the version, so that a later editor can be told what happened since the form was opened.
    """
    before = household.version
    household.updated_at = now()
    session.flush()
    audit.record(
        session,
        account=account,
        action=action,
        subject="household",
        subject_id=household.id,
        changes={**changes, "version": [before, household.version]},
    )


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Field -> [before, after] for each field that differs."""
    return {
        field: [before.get(field), value]
        for field, value in after.items()
        if (before.get(field) or "") != (value or "")
    }
