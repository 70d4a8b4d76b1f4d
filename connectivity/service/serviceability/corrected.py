"""Addresses that a provider corrected: a person says whether its address is the same place as ours. Until then the answer is unknown."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.access import audit
from connectivity.database import now
from connectivity.register import Account, Provider, ServiceabilityAnswer, ServiceabilityRequest
from connectivity.service.serviceability.spelling import full_address
from connectivity.service.serviceability.standing import waits
from connectivity.service.serviceability.take import keep_others_out


class DecisionRefused(ValueError):
    """The correction cannot be decided now. The message is for the person."""


@dataclass(frozen=True, kw_only=True)
class Correction:
    """One that waits. `theirs` "": the provider did not say which address it found."""

    id: int
    provider: str
    ours: str
    theirs: str
    serviceable: str
    checked_on: dt.date
    note: str


def waiting(session: Session, *, after: int, size: int) -> Sequence[Correction]:
    """The next corrections by id."""
    answer, request = ServiceabilityAnswer, ServiceabilityRequest
    rows = session.execute(
        select(answer, Provider.name, request.city, request.state)
        .join(Provider, Provider.id == answer.provider_id)
        .join(request, request.id == answer.request_id)
        .where(waits(), answer.id > after)
        .order_by(answer.id)
        .limit(size)
    )
    return [_correction(*row) for row in rows]


def _correction(one: ServiceabilityAnswer, provider: str, city: str, state: str) -> Correction:
    return Correction(
        id=one.id,
        provider=provider,
        ours=full_address(one.line, one.unit, city, state, one.zip),
        theirs=one.found_address,
        serviceable=one.serviceable,
        checked_on=one.checked_on,
        note=one.note,
    )


def count_waiting(session: Session) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(ServiceabilityAnswer).where(waits())) or 0


def decide(session: Session, *, account: Account, same: Mapping[int, bool]) -> int:
    """Says of each answer whether it is about the same place. Returns how many were decided: passed over is what does not wait any more."""
    providers = select(ServiceabilityAnswer.provider_id).where(ServiceabilityAnswer.id.in_(same)).distinct()
    for provider_id in session.scalars(providers.order_by(ServiceabilityAnswer.provider_id)).all():
        keep_others_out(session, provider_id)
    found = session.scalars(
        select(ServiceabilityAnswer)
        .where(ServiceabilityAnswer.id.in_(same), waits())
        .execution_options(populate_existing=True)
    ).all()
    for answer in found:
        answer.accepted, answer.decided_by, answer.decided_at = same[answer.id], account.id, now()
        _trace(session, account, answer.id, before=None, after=same[answer.id])
    session.flush()
    return len(found)


def decided_lately(session: Session, *, most: int) -> list[tuple[Correction, bool, str]]:
    """(correction, whether it is the same place, who said so), the newest decision first; only of answers that still stand."""
    answer, request = ServiceabilityAnswer, ServiceabilityRequest
    rows = session.execute(
        select(answer, Provider.name, request.city, request.state, Account.name)
        .join(Provider, Provider.id == answer.provider_id)
        .join(request, request.id == answer.request_id)
        .join(Account, Account.id == answer.decided_by)
        .where(answer.stands, answer.accepted.is_not(None))
        .order_by(answer.decided_at.desc(), answer.id.desc())
        .limit(most)
    )
    return [
        (_correction(one, provider, city, state), bool(one.accepted), who) for one, provider, city, state, who in rows
    ]


def reopen(session: Session, *, account: Account, answer_id: int) -> None:
    """Takes a decision back: the correction waits again. Raises DecisionRefused."""
    answer = session.get(ServiceabilityAnswer, answer_id)
    if answer is None:
        raise DecisionRefused("There is no such answer.")
    keep_others_out(session, answer.provider_id)
    session.refresh(answer)
    if answer.accepted is None or not answer.stands:
        raise DecisionRefused("This decision does not stand any more. Nothing was changed now.")
    _trace(session, account, answer_id, before=answer.accepted, after=None)
    answer.accepted = answer.decided_by = answer.decided_at = None
    session.flush()


def _trace(session: Session, account: Account, answer_id: int, *, before: bool | None, after: bool | None) -> None:
    audit.record(
        session,
        account=account,
        action="serviceability.decided",
        subject="serviceability_answer",
        subject_id=answer_id,
        changes={"same_place": [before, after]},
    )
