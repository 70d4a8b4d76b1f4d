"""What other rules or fewer places would change, from the homes as they stand today. Nothing is stored."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access import factors
from connectivity.database import now
from connectivity.register import Account, EligibilityRun, ProgramYear
from connectivity.rules.eligibility import Mode, Policy
from connectivity.rules.eligibility_what_if import Moves, what_if
from connectivity.service.eligibility import groups
from connectivity.service.eligibility.homes import area_names, homes
from connectivity.service.eligibility.policies import hardship


class NothingOpened(LookupError):
    """No run of this year has opened sealed factors, and a what-if opens none by itself. The message is for the person."""

    def __init__(self, year: ProgramYear) -> None:
        super().__init__(
            f"A what-if with sensitive factors starts from a run that has opened them, and {year.label} has none. "
            "Start a run with a policy that weighs them, and look at its preview first."
        )


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What would move. `as_of`: when the homes were counted; `run_id`: the run whose sealed counts were used."""

    moves: Moves
    names: dict[int, str]
    as_of: dt.datetime
    run_id: int | None = None


def look(
    session: Session,
    *,
    account: Account,
    year: ProgramYear,
    policy: Policy,
    vintage: str | None,
    places: int | None,
    today: dt.date,
) -> Looked:
    """Counts what would move. Opens sealed counts for the eligibility role alone, and writes that down.

    Raises NoScores, NothingOpened, FactorsClosed, FactorsNotHeld.
    """
    names, index = area_names(session), hardship(session, vintage)
    run = _opened_run(session, year) if policy.sensitive else None
    by_district = policy.mode is Mode.DISTRICT
    kinds = (
        _sealed(session, account, run) if run else _as_they_stand(session, year, today=today, by_district=by_district)
    )
    moves = what_if(groups.as_groups(kinds, names=names, hardship=index), policy, places)
    as_of = run.planned_at if run and run.planned_at else now()
    return Looked(moves=moves, names=names, as_of=as_of, run_id=run.id if run else None)


def _opened_run(session: Session, year: ProgramYear) -> EligibilityRun:
    newest = (
        select(EligibilityRun)
        .where(EligibilityRun.program_year_id == year.id, EligibilityRun.sealed_groups.is_not(None))
        .order_by(EligibilityRun.id.desc())
        .limit(1)
    )
    run = session.scalar(newest)
    if run is None:
        raise NothingOpened(year)
    return run


def _sealed(session: Session, account: Account, run: EligibilityRun) -> Sequence[tuple[groups.Alike, int]]:
    (found,) = factors.open_sealed(
        session, account=account, tokens=[run.sealed_groups], subject="eligibility_run", subject_id=run.id
    )
    if found is None:
        raise factors.FactorsNotHeld
    return groups.from_text(found["groups"])


def _as_they_stand(
    session: Session, year: ProgramYear, *, today: dt.date, by_district: bool
) -> Sequence[tuple[groups.Alike, int]]:
    every = homes(session, year, district_decides=by_district, today=today)
    return groups.counted((one.area, one.district, 0, 0, one.now, one.active, one.held) for one in every)
