"""From a returned file to our answers: every row read and judged, the new ones added in one transaction, the others kept with their reason."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from connectivity.access import audit
from connectivity.bulk import slices, table_of, widen_cache, write
from connectivity.database import now, transaction
from connectivity.jobs import Report
from connectivity.register import (
    Account,
    AnswersState,
    Provider,
    ProviderName,
    ServiceabilityAnswer,
    ServiceabilityBatch,
    ServiceabilityFile,
    ServiceabilityRequest,
    ServiceabilityRow,
)
from connectivity.rules.names import fold
from connectivity.rules.serviceability_words import MatchResult
from connectivity.service.codes import ledger
from connectivity.service.provider_files.reading import ColumnsUnknown, Line, Sheet, Unreadable, read
from connectivity.service.serviceability import files
from connectivity.service.serviceability.columns import COLUMNS
from connectivity.service.serviceability.judge import Answer, Became, Frame, Standing, Told, judge, read_request
from connectivity.service.serviceability.spelling import Asked, Key
from connectivity.service.serviceability.standing import address_of, same_address


def take(session: Session, file_id: int, path: Path, *, report: Report) -> AnswersState:
    """Takes a file that was handed in. Returns where it came to. A second call, even at once, does nothing."""
    with transaction(session):
        file = files.locked(session, file_id)
        if file.state not in files.WORKING:
            return AnswersState(file.state)
        file.state = AnswersState.READING
        own, file_name = files.own_headings(session, file), file.file_name
    report("Reading the file", 0, 0)
    try:
        sheet = read(path, file_name=file_name, columns=COLUMNS, own=own)
    except ColumnsUnknown as unknown:
        return _stopped(session, file_id, AnswersState.COLUMNS, str(unknown), unknown.read_as)
    except Unreadable as unreadable:
        state = _stopped(session, file_id, AnswersState.REFUSED, str(unreadable), {})
        path.unlink(missing_ok=True)
        return state
    report("Comparing with our questions", 0, len(sheet.lines))
    with transaction(session):
        widen_cache(session)
        file = files.locked(session, file_id)
        if file.state == AnswersState.READING:
            _take(session, file, sheet)
        state = AnswersState(file.state)
    path.unlink(missing_ok=True)
    return state


def _stopped(session: Session, file_id: int, state: AnswersState, why: str, read_as: dict[str, object]) -> AnswersState:
    with transaction(session):
        file = files.locked(session, file_id)
        if file.state != AnswersState.READING:  # another worker was quicker
            return AnswersState(file.state)
        file.read_as = read_as
        if state is AnswersState.REFUSED:
            files.refuse(session, file=file, why=why)
        else:
            file.state, file.refusal = state, why
    return state


def _take(session: Session, file: ServiceabilityFile, sheet: Sheet) -> None:
    keep_others_out(session, file.provider_id)
    told = judge(_frame(session, file, sheet), sheet.lines)
    _add(session, file, [one for one in told if one.became is Became.TAKEN])
    _keep(session, file.id, [one for one in told if one.became in (Became.IGNORED, Became.REFUSED)])
    file.counts, file.read_as = counted(told), sheet.read_as
    file.state, file.taken_at, file.refusal = AnswersState.TAKEN, now(), ""
    audit.record(
        session,
        account=session.get(Account, file.submitted_by) if file.submitted_by else None,
        action="serviceability.taken",
        subject="serviceability_file",
        subject_id=file.id,
        changes={name: [None, number] for name, number in file.counts.items()},
    )


def keep_others_out(session: Session, provider_id: int) -> None:
    """One file or decision of a provider at a time. SQLite has one writer; on PostgreSQL enrollments with the provider go on."""
    session.execute(select(Provider.id).where(Provider.id == provider_id).with_for_update(key_share=True))


def _frame(session: Session, file: ServiceabilityFile, sheet: Sheet) -> Frame:
    asked = _asked(session, _references(sheet))
    of = {one.id: one.key for one in asked.values() if one.provider_id == file.provider_id}
    standing, said = _held(session, of, file.provider_id)
    earlier = session.scalars(select(ProviderName.name).where(ProviderName.provider_id == file.provider_id))
    return Frame(
        places=sheet.places,
        asked=asked,
        standing=standing,
        said=said,
        provider_id=file.provider_id,
        provider=file.provider.name,
        names=frozenset(map(fold, [file.provider.name, *earlier])),
        received_on=file.received_on,
    )


def _references(sheet: Sheet) -> list[str]:
    at = sheet.places["request_id"]
    lines: Sequence[Line] = sheet.lines
    return sorted({read_request(line.cells[at]) for line in lines if not line.fault})


def _asked(session: Session, references: Sequence[str]) -> dict[str, Asked]:
    """Request id -> what we asked, of whichever provider."""
    request, batch, found = ServiceabilityRequest, ServiceabilityBatch, dict[str, Asked]()
    statement = (
        select(request.reference, request.id, batch.reference, batch.asked_on, batch.provider_id)
        .add_columns(request.line, request.unit, request.city, request.state, request.zip)
        .join(batch, batch.id == request.batch_id)
    )
    names = ("id", "batch", "asked_on", "provider_id", "line", "unit", "city", "state", "zip")
    for some in slices(references):
        for reference, *values in session.execute(statement.where(request.reference.in_(some))):
            found[reference] = Asked(**dict(zip(names, values, strict=True)))
    return found


def _held(
    session: Session, requests: Mapping[int, Key], provider_id: int
) -> tuple[dict[Key, Standing], dict[int, Standing]]:
    """(address -> the answer of this provider that stands, request -> its own newest answer), of these requests."""
    answer, standing, said = ServiceabilityAnswer, dict[Key, Standing](), dict[int, Standing]()
    for some in slices(list(requests)):
        # Two requests may be about one address.
        asked = (
            select(*address_of(ServiceabilityRequest)).where(ServiceabilityRequest.id.in_(some)).distinct().subquery()
        )
        columns = (asked.c.line, asked.c.unit, asked.c.zip)
        statement = _answers(answer.line, answer.unit, answer.zip).join(asked, same_address(answer, columns))
        for row in session.execute(statement.where(answer.provider_id == provider_id, answer.stands)):
            line, unit, zip_code, request_id, *cells = row
            standing[line, unit, zip_code] = said[request_id] = _read(cells)
    # Where the newest answer to a question does not stand, a later question about the address has been answered.
    others = [one for one in requests if one not in said and requests[one] in standing]
    for some in slices(others):
        for request_id, *cells in session.execute(_answers().where(answer.request_id.in_(some)).order_by(answer.id)):
            said[request_id] = _read(cells)
    return standing, said


def _answers(*keys: Any) -> Select[Any]:
    answer = ServiceabilityAnswer
    return (
        select(
            *keys,
            answer.request_id,
            answer.id,
            answer.accepted,
            answer.decided_by,
            answer.decided_at,
            ServiceabilityBatch.asked_on,
        )
        .add_columns(answer.match_result, answer.found_address, answer.serviceable, answer.existing_service)
        .add_columns(answer.technology, answer.max_down_mbps, answer.checked_on, answer.note)
        .join(ServiceabilityRequest, ServiceabilityRequest.id == answer.request_id)
        .join(ServiceabilityBatch, ServiceabilityBatch.id == ServiceabilityRequest.batch_id)
    )


def _read(cells: Sequence[Any]) -> Standing:
    one, accepted, decided_by, decided_at, asked_on, match, address, serviceable, existing, *rest = cells
    technology, speed, checked_on, note = rest
    answer = Answer(
        match_result=match,  # the database holds these three to their words
        found_address=address,
        serviceable=serviceable,
        existing_service=existing,
        technology=technology,
        max_down_mbps=speed,
        checked_on=checked_on,
        note=note,
    )
    return Standing(
        answer=answer,
        on=checked_on,
        asked_on=asked_on,
        id=one,
        accepted=accepted,
        decided_by=decided_by,
        decided_at=decided_at,
    )


def _add(session: Session, file: ServiceabilityFile, taken: Sequence[Told]) -> None:
    """The last answer about each address stands; what stood before stands no longer."""
    if not taken:
        return
    before = [one.before.id for one in taken if one.before and one.before.id]
    for some in slices(before):
        session.execute(
            update(ServiceabilityAnswer)
            .where(ServiceabilityAnswer.id.in_(some))
            .values(stands=False)
            .execution_options(synchronize_session=False)
        )
    last = {one.asked.key: at for at, one in enumerate(taken) if one.asked}
    rows = [_row(session, one, stands=last[one.asked.key] == at) for at, one in enumerate(taken) if one.asked]
    columns: dict[str, Sequence[Any]] = {name: [row[name] for row in rows] for name in rows[0]}
    columns |= {"provider_id": [file.provider_id] * len(rows), "file_id": [file.id] * len(rows)}
    columns["recorded_at"] = [ledger.instant(session)] * len(rows)
    write(session, table_of(ServiceabilityAnswer), columns)


def _row(session: Session, one: Told, *, stands: bool) -> dict[str, Any]:
    assert one.asked and one.answer and one.decided  # noqa: S101, PT018 - a row that is taken has all three
    answer, decided = one.answer, one.decided
    return {
        "line": one.asked.line,
        "unit": one.asked.unit,
        "zip": one.asked.zip,
        "request_id": one.asked.id,
        "match_result": str(answer.match_result),
        "found_address": answer.found_address,
        "accepted": decided.accepted,
        "decided_by": decided.decided_by,
        "decided_at": _instant(session, decided.decided_at),
        "serviceable": str(answer.serviceable),
        "existing_service": str(answer.existing_service),
        "technology": answer.technology,
        "max_down_mbps": answer.max_down_mbps,
        "checked_on": str(answer.checked_on),
        "note": answer.note,
        "stands": stands,
    }


def _instant(session: Session, moment: dt.datetime | None) -> str | None:
    """As the database stores it in bulk: SQLite without its offset."""
    if moment is None:
        return None
    utc = moment.astimezone(dt.UTC)
    return utc.isoformat() if session.get_bind().dialect.name == "postgresql" else f"{utc:%Y-%m-%d %H:%M:%S.%f}"


def _keep(session: Session, file_id: int, left: Sequence[Told]) -> None:
    """Rows that were not taken, with their own cells."""
    session.execute(
        delete(ServiceabilityRow)
        .where(ServiceabilityRow.file_id == file_id)
        .execution_options(synchronize_session=False)
    )
    if not left:
        return
    columns: dict[str, Sequence[Any]] = {
        "file_id": [file_id] * len(left),
        "number": [one.line.number for one in left],
        "fate": [one.became.value for one in left],
        "message": [one.message for one in left],
        "expected": [one.expected for one in left],
        "cells": [json.dumps(one.line.cells) for one in left],
    }
    write(session, table_of(ServiceabilityRow), columns)


def counted(told: Sequence[Told]) -> dict[str, int]:
    """The figures of the summary: rows, each fate; of the taken ones yes, no, unknown as they may be acted on, and corrections that wait."""
    fates = Counter(one.became.value for one in told)
    said = Counter(_acted_on(one) for one in told if one.became is Became.TAKEN)
    return {
        "rows": len(told),
        **{one.value: fates[one.value] for one in Became},
        **{name: said[name] for name in ("yes", "no", "unknown", "corrected")},
        "kept_unknown": sum(one.kept_unknown for one in told),
    }


def _acted_on(one: Told) -> str:
    assert one.answer and one.decided  # noqa: S101, PT018 - a row that is taken has both
    if one.answer.match_result is MatchResult.CORRECTED and not one.decided.accepted:
        return "corrected" if one.decided.accepted is None else "unknown"
    return str(one.answer.serviceable)
