"""From a returned file to its summary: every row read, judged and staged. Nothing in the register changes."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.bulk import table_of, widen_cache, write
from connectivity.database import now, transaction
from connectivity.jobs import Report
from connectivity.register import FileState, ProgramYear, Provider, ProviderFile, ProviderFileRow, ProviderName
from connectivity.rules.names import fold
from connectivity.rules.provider_words import PROBLEMS, STEP_OF
from connectivity.service.provider_files import files
from connectivity.service.provider_files.columns import COLUMNS
from connectivity.service.provider_files.identity import Frame, Key, foreign_records, keys, unknown_codes
from connectivity.service.provider_files.judge import Told, judge
from connectivity.service.provider_files.ours import Booked, Ours, booked_codes, households_of, records
from connectivity.service.provider_files.reading import ColumnsUnknown, Sheet, Unreadable, read

TO_CHECK = (FileState.QUEUED, FileState.CHECKING, FileState.APPLYING)
UNCHANGED = "unchanged"
NEARLY_NONE = 0.05  # of the rows: below, the file is asked whether it is another provider's


def check(session: Session, file_id: int, path: Path, *, report: Report, note: str = "") -> FileState:
    """Makes the summary. Returns where the file came to: PLANNED, COLUMNS or REFUSED. Begins anew whenever it is called.

    `note`: said on the file's page, when the summary had to be made again.
    """
    with transaction(session):
        file = files.locked(session, file_id)
        if file.state not in TO_CHECK:
            return FileState(file.state)
        file.state = FileState.CHECKING
        own, file_name = files.profile_of(session, file.provider_id), file.file_name
    report("Reading the file", 0, 0)
    try:
        sheet = read(path, file_name=file_name, columns=COLUMNS, own=own)
    except ColumnsUnknown as unknown:
        return _ask_for_columns(session, file_id, unknown)
    except Unreadable as unreadable:
        with transaction(session):
            files.refuse(session, file=files.locked(session, file_id), why=str(unreadable))
        path.unlink(missing_ok=True)
        return FileState.REFUSED
    report("Comparing with our records", 0, len(sheet.lines))
    with transaction(session):
        widen_cache(session)
        file = files.locked(session, file_id)
        _plan(session, file, sheet, note)
        state, needed = FileState(file.state), file.counts.get("updated", 0) > 0
    if not needed:  # nothing to apply, so nothing that could have to be read again
        path.unlink(missing_ok=True)
    return state


def _ask_for_columns(session: Session, file_id: int, unknown: ColumnsUnknown) -> FileState:
    with transaction(session):
        file = files.locked(session, file_id)
        file.state, file.read_as, file.refusal = FileState.COLUMNS, unknown.read_as, str(unknown)
    return FileState.COLUMNS


def _plan(session: Session, file: ProviderFile, sheet: Sheet, note: str) -> None:
    named = keys(sheet.places, sheet.lines)
    ours = records(session, provider_id=file.provider_id, program_year_id=file.program_year_id)
    booked = booked_codes(session, sorted(unknown_codes(ours, named)))
    if wrong := _of_others(session, file, ours, named, booked):
        files.refuse(session, file=file, why=wrong)
        return
    foreign = households_of(session, sorted(foreign_records(ours, named)), program_year_id=file.program_year_id)
    told = judge(_frame(session, file, sheet, ours, booked, foreign), sheet.lines, named)
    files.empty(session, file.id)
    _stage(session, file.id, [one for one in told if one.fate is not None])
    file.counts = counted(told)
    file.read_as = sheet.read_as
    file.state, file.checked_at, file.refusal = FileState.PLANNED, now(), note


def _of_others(
    session: Session, file: ProviderFile, ours: Mapping[int, Ours], named: Sequence[Key], booked: Mapping[str, Booked]
) -> str:
    """Why a file of another provider or program year is not taken: somebody chose the wrong one on the page. "" if it is ours."""
    fit = sum((known := ours.get(record or 0)) is not None and known.code == code for record, code in named)
    of = Counter((found.provider_id, found.program_year_id) for _, code in named if (found := booked.get(code or "")))
    most = of.most_common(1)
    if not most or fit >= len(named) * NEARLY_NONE or most[0][1] * 2 <= len(named):
        return ""
    other, year = session.get_one(Provider, most[0][0][0]), session.get_one(ProgramYear, most[0][0][1])
    names = ((other.name, file.provider.name), (year.label, file.program_year.label))
    differ = [(theirs, chosen) for theirs, chosen in names if theirs != chosen]
    if not differ:
        return ""
    theirs, chosen = zip(*differ, strict=True)
    return (
        f"These are codes of {' of '.join(theirs)}, not of {' of '.join(chosen)}. "
        f"Hand the file in again and choose {' and '.join(theirs)}."
    )


def _frame(
    session: Session,
    file: ProviderFile,
    sheet: Sheet,
    ours: Mapping[int, Ours],
    booked: Mapping[str, Booked],
    foreign: Mapping[int, int],
) -> Frame:
    mine = file.provider_id
    earlier = session.scalars(select(ProviderName.name).where(ProviderName.provider_id == file.provider_id))
    year = file.program_year
    return Frame(
        places=sheet.places,
        ours=ours,
        codes={code: one for code, one in booked.items() if one.provider_id == mine},
        households=foreign,
        of_others=frozenset(code for code, one in booked.items() if one.provider_id != mine),
        provider=file.provider.name,
        program_year_id=file.program_year_id,
        names=frozenset(map(fold, [file.provider.name, *earlier])),
        year_label=year.label,
        starts_on=year.starts_on,
        ends_on=year.ends_on,
        received_on=file.received_on,
    )


def counted(told: Sequence[Told]) -> dict[str, int]:
    """The figures of the summary: rows, each fate, and of the updated ones those that take a step, report a problem, settle one, or bring an account alone."""
    fates = Counter(one.fate.value if one.fate else UNCHANGED for one in told)
    return {
        "rows": len(told),
        **{name: fates[name] for name in ("updated", UNCHANGED, "ignored", "refused")},
        "steps": sum(one.step is not None for one in told),
        "problems": sum(one.word in PROBLEMS for one in told),
        "settled": sum(one.word in STEP_OF and one.step is None for one in told),
        "accounts": sum(one.fate is not None and one.word is None and one.account_last4 is not None for one in told),
        **{f"step_{step}": count for step, count in sorted(Counter(one.step for one in told if one.step).items())},
    }


def _stage(session: Session, file_id: int, told: Sequence[Told]) -> None:
    if not told:
        return
    columns: dict[str, Sequence[Any]] = {
        "provider_file_id": [file_id] * len(told),
        "number": [one.line.number for one in told],
        "fate": [one.fate.value if one.fate else None for one in told],
        "cells": [None if one.fate == "updated" else json.dumps(one.line.cells, ensure_ascii=False) for one in told],
        "message": [one.message for one in told],
        "expected": [one.expected for one in told],
        "enrollment_id": [one.ours.enrollment_id if one.ours else one.about for one in told],
        "word": [one.word.value if one.word else None for one in told],
        "step": [one.step.value if one.step else None for one in told],
        "happened_on": [one.happened_on.isoformat() if one.happened_on else None for one in told],
        "updated_on": [one.updated_on.isoformat() if one.updated_on else None for one in told],
        "reason": [one.reason.value if one.reason else None for one in told],
        "note": [one.note for one in told],
        "account_last4": [one.account_last4 for one in told],
        "before_status": [one.ours.status.value if one.ours else None for one in told],
        "before_on": [one.ours.status_on.isoformat() if one.ours else None for one in told],
        "household_version": [one.ours.household_version if one.ours else None for one in told],
    }
    write(session, table_of(ProviderFileRow), columns)
