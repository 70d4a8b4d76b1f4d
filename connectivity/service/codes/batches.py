"""Takes codes into the books, a batch at a time: a provider's list, or codes made here. All of a list, or nothing."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from connectivity.access.audit import record
from connectivity.bulk import fetch, slices, table_of, write
from connectivity.register import Account, BatchSource, CodeBatch, MembershipCode, ProgramYear, Provider
from connectivity.rules.membership_codes import generate_many, shown
from connectivity.rules.service_states import CodeState
from connectivity.service.codes import ledger

MOST_GENERATED = 200_000


@dataclass(frozen=True, kw_only=True)
class Added:
    """What a list of codes brought: its batch (None: nothing was new), how many were new, how many were in the books already."""

    batch_id: int | None
    new: int
    known: int


class KnownElsewhere(ValueError):
    """Codes of the list belong to another provider or program year. `told`: code -> what to say of it."""

    def __init__(self, told: Mapping[str, str]) -> None:
        self.told = dict(told)
        super().__init__(f"{len(told)} codes belong to another provider or program year. Nothing was added.")


class TooMany(ValueError):
    """More codes were asked for than are made at once. The message is for the person."""


def add(
    session: Session,
    *,
    account: Account | None,
    provider: Provider,
    year: ProgramYear,
    codes: Sequence[str],
    source: BatchSource,
    on: dt.date,
    file_name: str = "",
    sha256: str | None = None,
    expires_on: dt.date | None = None,
    own_days: Mapping[str, dt.date] | None = None,
) -> Added:
    """Adds the codes (normalized) that the books do not hold yet, as free ones of one batch.

    `expires_on`: the last day of all of them; `own_days`: code -> its own last day. Raises KnownElsewhere.
    """
    take_turns(session)
    codes = list(dict.fromkeys(codes))
    known = _known(session, codes)
    _refuse_elsewhere(session, known, provider, year)
    new = [code for code in codes if code not in known]
    if not new:
        return Added(batch_id=None, new=0, known=len(known))
    batch = CodeBatch(
        provider_id=provider.id,
        program_year_id=year.id,
        source=source,
        file_name=file_name,
        sha256=sha256,
        imported=len(new),
        received_on=on,
        expires_on=expires_on,
        account_id=account.id if account else None,
    )
    session.add(batch)
    session.flush()
    _write_codes(session, batch, new, own_days or {})
    ids = fetch(session, select(MembershipCode.id).where(MembershipCode.batch_id == batch.id))
    rows: list[tuple[int, str | None, int | None]] = [(one, None, None) for (one,) in ids]
    ledger.write_events(session, account=account, rows=rows, after=CodeState.FREE, on=on)
    record(
        session,
        account=account,
        action="codes.added",
        subject="code_batch",
        subject_id=batch.id,
        changes={"count": [0, len(new)]},
    )
    return Added(batch_id=batch.id, new=len(new), known=len(known))


def generate(
    session: Session,
    *,
    account: Account | None,
    provider: Provider,
    year: ProgramYear,
    count: int,
    on: dt.date,
    expires_on: dt.date | None = None,
) -> Added:
    """Makes so many new codes of ours; one that the books hold already, by a rare chance, is made anew. Raises TooMany."""
    if count > MOST_GENERATED:
        raise TooMany(f"At most {MOST_GENERATED:,} codes are made at once. Make them in several batches.")
    take_turns(session)
    codes = generate_many(count)
    while collided := _known(session, codes):
        fresh = (code for code in generate_many(count) if code not in collided)
        codes = list(dict.fromkeys([*(code for code in codes if code not in collided), *fresh]))[:count]
    return add(
        session,
        account=account,
        provider=provider,
        year=year,
        codes=codes,
        source=BatchSource.GENERATED,
        on=on,
        expires_on=expires_on,
    )


def take_turns(session: Session) -> None:
    """Whoever adds a list waits for the one before, and then sees its codes. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE code_batch IN SHARE ROW EXCLUSIVE MODE"))


def _known(session: Session, codes: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Those of the codes that the books hold already, whatever their state -> (provider, program year)."""
    found: dict[str, tuple[int, int]] = {}
    columns = (MembershipCode.code, MembershipCode.provider_id, MembershipCode.program_year_id)
    for some in slices(codes):
        rows = fetch(session, select(*columns).where(MembershipCode.code.in_(some)))
        found |= {code: (provider, year) for code, provider, year in rows}
    return found


def _refuse_elsewhere(
    session: Session, known: Mapping[str, tuple[int, int]], provider: Provider, year: ProgramYear
) -> None:
    elsewhere = {code: of for code, of in known.items() if of != (provider.id, year.id)}
    if not elsewhere:
        return
    providers = {one.id: one.name for one in session.execute(select(Provider.id, Provider.name))}
    years = {one.id: one.label for one in session.execute(select(ProgramYear.id, ProgramYear.label))}
    raise KnownElsewhere(
        {
            code: f"{shown(code)} is in the books as a code of {providers[owner]} for {years[of]}. "
            f"Check that this is the list of {provider.name} for {year.label}, or take the row out."
            for code, (owner, of) in elsewhere.items()
        }
    )


def _write_codes(session: Session, batch: CodeBatch, codes: Sequence[str], own_days: Mapping[str, dt.date]) -> None:
    count = len(codes)
    days = [own_days.get(code) for code in codes]
    write(
        session,
        table_of(MembershipCode),
        {
            "code": codes,
            "provider_id": [batch.provider_id] * count,
            "program_year_id": [batch.program_year_id] * count,
            "batch_id": [batch.id] * count,
            "state": [CodeState.FREE.value] * count,
            "expires_on": [day.isoformat() if day else None for day in days],
            "created_at": [ledger.instant(session)] * count,
        },
    )
