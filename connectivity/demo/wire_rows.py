"""Writes what was asked about addresses, the files of answers that came back, and the answers."""

import hashlib
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from connectivity.bulk import day_texts, noon, noon_texts, table_of, write
from connectivity.demo import days
from connectivity.demo.eligibility_rows import Hands
from connectivity.demo.households import Program
from connectivity.demo.program import PROVIDERS
from connectivity.demo.wires import HEADINGS, Asked
from connectivity.register import (
    AnswersState,
    Role,
    ServiceabilityAnswer,
    ServiceabilityBatch,
    ServiceabilityFile,
    ServiceabilityRequest,
)

# As the form of the product chooses: homes that wait, without an answer yet.
CHOSEN = {"homes": "waiting", "which": "unanswered", "area": None, "days": 180}


def write_asked(session: Session, program: Program, *, hands: Hands) -> int:
    """A batch for each provider, with its requests. Returns the rows written."""
    staff, year = hands.get(Role.STAFF), program.years[-1]
    batches = [
        {
            "id": number,
            "reference": one.reference,
            "provider_id": one.provider,
            "asked_on": days.plain(one.asked_on),
            "chosen": CHOSEN | {"program_year": year.label},
            "addresses": len(one.keys),
            "made_by": staff,
            "made_at": noon(days.plain(one.asked_on)),
        }
        for number, one in enumerate(program.asked, start=1)
        if one.keys
    ]
    if not batches:
        return 0
    session.execute(insert(ServiceabilityBatch), batches)
    return len(batches) + sum(_write_requests(session, one, at) for at, one in enumerate(program.asked))


def _first_request(asked: Asked, at: int) -> int:
    """The id of a batch's first request: all are about the same addresses."""
    return 1 + at * len(asked.keys)


def _write_requests(session: Session, asked: Asked, at: int) -> int:
    first, count = _first_request(asked, at), len(asked.keys)
    names = ("line", "unit", "zip", "city", "state")
    return write(
        session,
        table_of(ServiceabilityRequest),
        {
            "id": range(first, first + count),
            "reference": asked.request,
            "batch_id": [at + 1] * count,
            **dict(zip(names, zip(*asked.keys, strict=True), strict=True)),
        },
    )


def write_answers(session: Session, program: Program, *, hands: Hands) -> int:
    """A file for each provider, taken in, with its answers. Returns the rows written."""
    files = [_file(one, hands.get(Role.STAFF), at + 1) for at, one in enumerate(program.asked) if one.keys]
    if not files:
        return 0
    session.execute(insert(ServiceabilityFile), files)
    total, staff = 0, hands.get(Role.STAFF)
    for at, one in enumerate(program.asked):
        total += _write_answers(session, one, at, first=total + 1, staff=staff)
    return len(files) + total


def _file(asked: Asked, staff: int | None, number: int) -> dict[str, Any]:
    content, moment = asked.file(), noon(days.plain(asked.received_on))
    headings = list(HEADINGS)
    return {
        "id": number,
        "provider_id": asked.provider,
        "received_on": days.plain(asked.received_on),
        "file_name": f"{dict(PROVIDERS)[asked.provider].lower()}_answers.csv",
        "file_bytes": len(content),
        "file_sha256": hashlib.sha256(content).hexdigest(),
        "stored_as": "",  # taken in: the file itself is gone
        "state": AnswersState.TAKEN.value,
        "read_as": {
            "kind": "text",
            "encoding": "UTF-8",
            "separator": ",",
            "sheet": "",
            "headings": headings,
            "columns": dict(zip(headings, headings, strict=True)),
            "aside": [],
        },
        "counts": asked.counts,
        "submitted_by": staff,
        "submitted_at": moment,
        "taken_at": moment,
    }


def _write_answers(session: Session, asked: Asked, at: int, *, first: int, staff: int | None) -> int:
    said, count = asked.answers, len(asked.answers.request)
    keys = [asked.keys[one] for one in said.request.tolist()]
    received, decided = (
        noon_texts(session, asked.received_on.reshape(1))[0],
        noon_texts(session, asked.decided_on.reshape(1))[0],
    )
    looked_at = [one is not None for one in said.accepted]
    return write(
        session,
        table_of(ServiceabilityAnswer),
        {
            "id": range(first, first + count),
            "provider_id": [asked.provider] * count,
            "line": [key[0] for key in keys],
            "unit": [key[1] for key in keys],
            "zip": [key[2] for key in keys],
            "request_id": (said.request + _first_request(asked, at)).tolist(),
            "file_id": [at + 1] * count,
            "match_result": said.match,
            "found_address": said.found_address,
            "accepted": said.accepted,
            "decided_by": [staff if one else None for one in looked_at],
            "decided_at": [decided if one else None for one in looked_at],
            "serviceable": said.serviceable,
            "existing_service": said.existing,
            "technology": said.technology,
            "max_down_mbps": said.mbps,
            "checked_on": day_texts(said.checked_on),
            "note": said.note,
            "stands": [True] * count,
            "recorded_at": [received] * count,
        },
    )
