"""One thing done to many households: each one's version rises and each gets its own line in the audit trail, in a few statements."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, slices, table_of, write
from connectivity.database import now
from connectivity.register import Account, AuditEvent, Household
from connectivity.service.codes.ledger import instant

Changes = Mapping[str, Sequence[Any]]  # field -> [before, after], as JSON holds them


def hold_all(session: Session, household_ids: Select[int]) -> None:
    """Holds the households that the query names until the transaction ends, in the order of their ids."""
    fetch(
        session,
        select(Household.id).where(Household.id.in_(household_ids)).order_by(Household.id).with_for_update(),
    )


def record_all(session: Session, *, account: Account | None, action: str, changes: Mapping[int, Changes]) -> None:
    """Writes down what changed at each household (id -> changes). Hold them before. `account` None: the program itself."""
    ids = sorted(changes)
    if not ids:
        return
    versions = _raise_versions(session, ids)
    count = len(ids)
    columns: dict[str, Sequence[Any]] = {
        "at": [instant(session)] * count,
        "account_id": [account.id if account else None] * count,
        "action": [action] * count,
        "subject": ["household"] * count,
        "subject_id": ids,
        "changes": [json.dumps({**changes[one], "version": [versions[one], versions[one] + 1]}) for one in ids],
    }
    write(session, table_of(AuditEvent), columns)


def _raise_versions(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """Returns the versions before."""
    versions = dict[int, int]()
    moment = now()
    for some in slices(ids):
        versions |= dict(fetch(session, select(Household.id, Household.version).where(Household.id.in_(some))))
        session.execute(
            update(Household)
            .where(Household.id.in_(some))
            .values(version=Household.version + 1, updated_at=moment)
            .execution_options(synchronize_session=False)
        )
    return versions
