"""A print run: begun with the letters that were chosen, printed by the worker, its file kept a few days and then deleted."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session, joinedload

from connectivity.access.audit import record
from connectivity.access.scope import in_scope
from connectivity.bulk import fetch, slices, table_of, write
from connectivity.database import now, transaction
from connectivity.register import (
    Account,
    CodeBatch,
    Household,
    Letter,
    LetterRun,
    LetterState,
    MembershipCode,
    Provider,
    Residence,
    Role,
)
from connectivity.service.letters import files
from connectivity.service.letters.chosen import HOME, Addressed, Wanted, address, choose, not_eligible, waits_to_be_used
from connectivity.service.letters.typeset import LetterTo

MOST_LETTERS = 5_000  # to set them takes 1.8 GB of memory, and no office prints more in one go
KEPT = dt.timedelta(days=7)
UNFINISHED = (LetterState.QUEUED, LetterState.PRINTING)


class RunRefused(ValueError):
    """No letters are made. The message is for the person."""


class Changed(RunRefused):
    """Others were at work since the counts were shown."""


def start(session: Session, *, account: Account, wanted: Wanted, on: dt.date, seen: int | None = None) -> LetterRun:
    """A run with a letter for each household chosen. `seen`: how many a page promised. Raises RunRefused."""
    if session.get_bind().dialect.name == "postgresql":  # two at once would each print the same letters
        session.execute(text("LOCK TABLE letter_run IN SHARE ROW EXCLUSIVE MODE"))
    found = choose(session, account=account, wanted=wanted, on=on)
    count = len(found.letters)
    if seen is not None and seen != count:
        raise Changed(
            f"Meanwhile the number of letters changed: {count:,} now. Look at the counts again; none was made."
        )
    if not count:
        raise RunRefused("There is no letter to make here. Choose other households, or give out codes first.")
    if count > MOST_LETTERS:
        raise RunRefused(
            f"These are {count:,} letters, and one file takes {MOST_LETTERS:,} at most. Choose an area, a school or a language."
        )
    run = LetterRun(
        program_year_id=wanted.year_id,
        community_area=wanted.area,
        school_id=wanted.school_id,
        language=wanted.language,
        in_english=wanted.in_english,
        again=wanted.again,
        letters=count,
        left_out=found.left_out,
        account_id=account.id,
    )
    session.add(run)
    session.flush()
    _hold(session, found.letters)
    columns: dict[str, Sequence[Any]] = {
        "run_id": [run.id] * count,
        "code_id": [one.code_id for one in found.letters],
        "household_id": [one.household_id for one in found.letters],
        "language": [one.language for one in found.letters],
    }
    write(session, table_of(Letter), columns)
    _record(session, account, "letters.started", run)
    return run


def _hold(session: Session, letters: Sequence[Addressed]) -> None:
    """Households, then codes, each in the order of ids, as whoever lets go of held codes: neither waits for the other in a ring."""
    for noun, ids in (
        (Household, {one.household_id for one in letters}),
        (MembershipCode, {one.code_id for one in letters}),
    ):
        for some in slices(sorted(ids)):
            held = select(noun.id).where(noun.id.in_(some)).order_by(noun.id)
            fetch(session, held.with_for_update(of=noun, key_share=True))


def newest(session: Session, account: Account, *, limit: int) -> Sequence[LetterRun]:
    """The runs an account may know of, the newest first."""
    whole = select(LetterRun).options(
        joinedload(LetterRun.program_year), joinedload(LetterRun.area), joinedload(LetterRun.school), joinedload(LetterRun.account)
    )  # fmt: skip
    if account.role == Role.PARTNER:
        whole = whole.where(LetterRun.account_id == account.id)
    return session.scalars(whole.order_by(LetterRun.id.desc()).limit(limit)).all()


def visible(session: Session, account: Account, run_id: int, *, today: dt.date) -> LetterRun | None:
    """The run, if the account may see it: the office all, a partner its own, as long as every household of it is still in its scope."""
    run = session.get(LetterRun, run_id)
    if run is None or account.role != Role.PARTNER:
        return run
    outside = (
        select(Letter.code_id)
        .join(Household, Household.id == Letter.household_id)
        .where(Letter.run_id == run_id, ~in_scope(Household, account, today=today))
    )
    return run if run.account_id == account.id and session.scalar(outside.limit(1)) is None else None


def begin(session: Session, run_id: int) -> bool:
    """The worker takes the run up; False if it was printed or stopped meanwhile."""
    with transaction(session):
        run = session.get_one(LetterRun, run_id, with_for_update=True)
        if run.state not in UNFINISHED:
            return False
        run.state = LetterState.PRINTING
        return True


def letters_of(session: Session, run_id: int, *, on: dt.date) -> list[tuple[int, LetterTo]]:
    """(code, letter) of every code of the run that still waits to be used, by ZIP code and street, as a post office sorts."""
    day = func.coalesce(MembershipCode.expires_on, CodeBatch.expires_on)
    rows: Sequence[Any] = session.execute(
        select(MembershipCode.id, Letter.language, MembershipCode.code, Provider.name, day, *HOME)
        .join(Letter, Letter.code_id == MembershipCode.id)
        .join(CodeBatch, CodeBatch.id == MembershipCode.batch_id)
        .join(Provider, Provider.id == MembershipCode.provider_id)
        .join(Household, Household.id == MembershipCode.household_id)
        .join(Residence, Residence.household_id == Household.id)
        .where(
            Letter.run_id == run_id,
            Letter.household_id == Household.id,
            waits_to_be_used(),
            ~not_eligible(on),
            Residence.ends_on.is_(None),
            Household.merged_into_id.is_(None),
            func.coalesce(day, on) >= on,
        )
        .order_by(Residence.zip, Residence.line, Residence.unit, MembershipCode.id)
    ).all()
    found = []
    for code_id, language, code, provider, use_by, *home in rows:
        lines = address(home)
        if lines is not None:
            letter = LetterTo(language=language, address=lines, code=code, provider=provider, use_by=use_by)
            found.append((code_id, letter))
    return found


def finish(session: Session, run_id: int, *, codes: Sequence[int], sha256: str) -> None:
    """The file lies ready. Letters whose code was used, moved or revoked since the run began are not in it, nor in the run any more."""
    with transaction(session):
        run = session.get_one(LetterRun, run_id, with_for_update=True)
        dropped = set(session.scalars(select(Letter.code_id).where(Letter.run_id == run_id))) - set(codes)
        for some in slices(sorted(dropped)):
            session.execute(delete(Letter).where(Letter.run_id == run_id, Letter.code_id.in_(some)))
        run.state, run.letters, run.sha256, run.finished_at = LetterState.READY, len(codes), sha256, now()


def fail(session: Session, run_id: int) -> None:
    """The run made no file: its letters count as not made."""
    with transaction(session):
        run = session.get_one(LetterRun, run_id, with_for_update=True)
        if run.state in UNFINISHED:
            run.state, run.finished_at = LetterState.FAILED, now()


def forget(session: Session, *, account: Account, run: LetterRun, folder: Path) -> None:
    """Deletes the file before its time. What was printed stays written down."""
    files.discard(folder, run.id)
    if run.state == LetterState.READY:
        run.state = LetterState.GONE
        _record(session, account, "letters.file_deleted", run)


def forget_old(session: Session, *, folder: Path, at: dt.datetime) -> int:
    """Deletes files older than KEPT, and any file whose run is not ready. Returns how many runs lost theirs."""
    old = session.scalars(
        select(LetterRun).where(LetterRun.state == LetterState.READY, LetterRun.finished_at < at - KEPT)
    ).all()
    for run in old:
        run.state = LetterState.GONE
    session.flush()
    wanted = select(LetterRun.id).where(LetterRun.state.in_((LetterState.READY, LetterState.PRINTING)))
    files.keep_only(folder, set(session.scalars(wanted)))
    return len(old)


def _record(session: Session, account: Account, action: str, run: LetterRun) -> None:
    changes = {"letters": [None, run.letters]}
    record(session, account=account, action=action, subject="letter_run", subject_id=run.id, changes=changes)
