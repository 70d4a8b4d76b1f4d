"""The books of codes, shown and checked: what came in is free, held, issued, redeemed or void, and each code's moves lead to where it stands."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import Session

from connectivity.bulk import fetch
from connectivity.register import Account, CodeBatch, CodeCheck, CodeEvent, MembershipCode, ProgramYear, Provider
from connectivity.rules.service_states import VOID_CODE, CodeState

NAMED = 20  # ids of each kind of fault that a check keeps
COLUMNS = ("free", "held", "issued", "redeemed", "void")


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Codes that came in, and where they stand."""

    imported: int = 0
    free: int = 0
    held: int = 0
    issued: int = 0
    redeemed: int = 0
    void: int = 0

    @property
    def off_by(self) -> int:
        """Codes in the books beyond those that came in; negative: lacking. 0: balances."""
        return self.free + self.held + self.issued + self.redeemed + self.void - self.imported

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(**{name: getattr(self, name) + getattr(other, name) for name in ("imported", *COLUMNS)})


@dataclass(frozen=True, kw_only=True)
class BatchBooks:
    """One batch in the books."""

    batch: CodeBatch
    figures: Figures


@dataclass(frozen=True, kw_only=True)
class ProviderBooks:
    """One provider and program year: its batches, and what they come to."""

    provider: str
    year: ProgramYear
    batches: Sequence[BatchBooks]

    @property
    def figures(self) -> Figures:
        """The sum of the batches."""
        return sum((one.figures for one in self.batches), Figures())

    @property
    def off(self) -> list[BatchBooks]:
        """The batches that do not balance."""
        return [one for one in self.batches if one.figures.off_by]


def books(session: Session) -> list[ProviderBooks]:
    """Every provider and year that has codes, the newest year first."""
    counted = _counts(session)
    rows = session.execute(
        select(CodeBatch, Provider.name, ProgramYear)
        .join(Provider, Provider.id == CodeBatch.provider_id)
        .join(ProgramYear, ProgramYear.id == CodeBatch.program_year_id)
        .order_by(ProgramYear.starts_on.desc(), Provider.name, CodeBatch.id)
    )
    found: dict[tuple[str, ProgramYear], list[BatchBooks]] = {}
    for batch, provider, year in rows:
        figures = counted.get(batch.id, Figures(imported=batch.imported))
        found.setdefault((provider, year), []).append(BatchBooks(batch=batch, figures=figures))
    return [ProviderBooks(provider=name, year=year, batches=of) for (name, year), of in found.items()]


def is_earlier(one: ProviderBooks, today: dt.date, begins: ProgramYear | None) -> bool:
    """Whether nobody needs to see these books first: they balance, and their year is over and not the one that forms begin with."""
    return one.year.ends_on < today and one.year is not begins and not one.off


def _counts(session: Session) -> dict[int, Figures]:
    """In one statement, so that codes given out meanwhile are not counted half."""

    def at(*states: CodeState) -> ColumnElement[int]:
        return func.sum(case((MembershipCode.state.in_(states), 1), else_=0))

    rows = fetch(
        session,
        select(
            CodeBatch.id,
            CodeBatch.imported,
            *(at(one) for one in (CodeState.FREE, CodeState.HELD, CodeState.ISSUED, CodeState.REDEEMED)),
            at(*VOID_CODE),
        )
        .outerjoin(MembershipCode, MembershipCode.batch_id == CodeBatch.id)
        .group_by(CodeBatch.id, CodeBatch.imported),
    )
    return {
        one: Figures(imported=imported, **dict(zip(COLUMNS, map(int, counts), strict=True)))
        for one, imported, *counts in rows
    }


def last_check(session: Session) -> CodeCheck | None:
    """The newest look at the books."""
    return session.scalar(select(CodeCheck).order_by(CodeCheck.id.desc()).limit(1))


def check(session: Session, *, account: Account | None) -> CodeCheck:
    """Looks at every batch and every move, and keeps what was found."""
    counted = _counts(session)
    faults = {
        "batches": [one for one, figures in sorted(counted.items()) if figures.off_by],
        **{kind: [row[0] for row in fetch(session, statement)] for kind, statement in _faults().items()},
    }
    total = sum(counted.values(), Figures())
    amount = sum(map(len, faults.values()))
    made = CodeCheck(
        imported=total.imported,
        **{name: getattr(total, name) for name in COLUMNS},
        faults=amount,
        balanced=total.off_by == 0 and not amount,
        found={kind: ids[:NAMED] for kind, ids in faults.items() if ids},
        account_id=account.id if account else None,
    )
    session.add(made)
    session.flush()
    return made


def _faults() -> dict[str, Select[int]]:
    """Kind of fault -> the codes that have it."""
    moves = _moves()
    breaks = or_(
        moves.c.before != moves.c.previous,
        moves.c.before.is_(None) & moves.c.previous.is_not(None),
        moves.c.before.is_not(None) & moves.c.previous.is_(None),
    )
    is_last = moves.c.following.is_(None)
    return {
        "broken_moves": select(moves.c.code_id).where(breaks).distinct().order_by(moves.c.code_id),
        "wrong_state": select(MembershipCode.id)
        .join(moves, and_(moves.c.code_id == MembershipCode.id, is_last))
        .where(moves.c.state != MembershipCode.state)
        .order_by(MembershipCode.id),
        "without_moves": select(MembershipCode.id)
        .outerjoin(CodeEvent, CodeEvent.code_id == MembershipCode.id)
        .where(CodeEvent.id.is_(None))
        .order_by(MembershipCode.id),
        "wrong_batch": select(MembershipCode.id)
        .join(CodeBatch, CodeBatch.id == MembershipCode.batch_id)
        .where(
            or_(
                CodeBatch.provider_id != MembershipCode.provider_id,
                CodeBatch.program_year_id != MembershipCode.program_year_id,
            )
        )
        .order_by(MembershipCode.id),
    }


def _moves() -> Subquery:
    """Each move beside the one before and the one after it."""
    return select(
        CodeEvent.code_id,
        CodeEvent.before,
        CodeEvent.state,
        func.lag(CodeEvent.state).over(partition_by=CodeEvent.code_id, order_by=CodeEvent.id).label("previous"),
        func.lead(CodeEvent.id).over(partition_by=CodeEvent.code_id, order_by=CodeEvent.id).label("following"),
    ).subquery()
