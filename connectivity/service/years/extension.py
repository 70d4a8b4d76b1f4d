"""Moves the end of a program year on, and with it every last day of service that is the year's own. May be taken back before it is used."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from connectivity.access.audit import record
from connectivity.bulk import fetch
from connectivity.database import now
from connectivity.register import (
    Account,
    Bill,
    CodeBatch,
    Enrollment,
    EnrollmentEvent,
    MembershipCode,
    ProgramYear,
    YearExtension,
)
from connectivity.rules.calendar import city_today
from connectivity.rules.service_states import CodeState, Status
from connectivity.service.bills.again import follow_end
from connectivity.service.bills.missing import of_month
from connectivity.service.bills.snapshots import ended_with
from connectivity.service.progress.recorded import hold_all, record_all
from connectivity.service.years.years import last_day, overlapping, runs

LONGEST = dt.timedelta(days=3 * 366)  # a slip of the pen (2072 for 2027) must not stand
_UNUSED = (CodeState.FREE, CodeState.HELD, CodeState.ISSUED)


class ExtensionRefused(ValueError):
    """The end cannot move to this day, or back. `problems`: field -> a sentence for the person."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__()


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What an extension would touch. Units: enrollments, codes, months of a provider, bills."""

    ended_on: dt.date
    ends_on: dt.date
    open_enrollments: int  # have not ended: they go on
    moved_days: int  # of these, service was to end with the year
    own_days: int  # of these, leave on a day of their own, which stays
    ended: int  # have ended, and stay so
    unused_codes: int  # could be used until the old last day
    snapshots: int  # written down after the old end: their homes are corrected
    bills: int  # held against these: what nobody has decided is judged again
    overlaps: tuple[str, ...]  # other years it would run beside, in words


def preview(session: Session, year: ProgramYear, ends_on: dt.date) -> Preview:
    """Counts; writes nothing. Raises ExtensionRefused."""
    _refuse(year, ends_on)
    moving = func.count().filter(_moves(year))
    own = func.count().filter(and_(_open(), Enrollment.service_until.is_not(None), ~_moves(year)))
    goes_on, moved, own_days, ended = session.execute(
        select(func.count().filter(_open()), moving, own, func.count().filter(Enrollment.status == Status.ENDED)).where(
            Enrollment.program_year_id == year.id
        )
    ).one()
    behind = session.execute(ended_with(_with_year(year), year.ends_on)).all()
    others = overlapping(session, starts_on=year.starts_on, ends_on=ends_on, besides=year.id)
    return Preview(
        ended_on=year.ends_on,
        ends_on=ends_on,
        open_enrollments=goes_on,
        moved_days=moved,
        own_days=own_days,
        ended=ended,
        unused_codes=_unused_codes(session, _batches(session, year)),
        snapshots=len(behind),
        bills=sum(_bills(session, provider_id, month) for provider_id, month in behind),
        overlaps=tuple(map(runs, others)),
    )


def extend(
    session: Session,
    *,
    account: Account,
    year: ProgramYear,
    stood: dt.date,
    ends_on: dt.date,
    reason: str,
    codes_too: bool = False,
) -> YearExtension:
    """Moves the end of the year. `stood`: the end that the person saw. Raises ExtensionRefused.

    `codes_too`: batches of codes that could be used until the old last day can be used until the new one. A code that
    the provider's list gave a day of its own keeps it.

    Holds the households first and the year after them, as whoever records that a household leaves at the year's end does.
    """
    _hold(session, year)
    if year.ends_on != stood:
        raise ExtensionRefused(
            {"ends_on": f"Somebody else moved the end to {_day(year.ends_on)} just now. Look again."}
        )
    seen = preview(session, year, ends_on)
    batches = _batches(session, year) if codes_too else []
    extension = YearExtension(
        program_year_id=year.id,
        ended_on=year.ends_on,
        ends_on=ends_on,
        reason=reason,
        open_enrollments=seen.open_enrollments,
        moved_days=seen.moved_days,
        moved_codes=seen.unused_codes if codes_too else 0,
        code_batches=batches,
        account_id=account.id,
    )
    session.add(extension)
    _move(session, account, year, to=ends_on, batches=batches, why=reason, action="program_year.extended")
    return extension


def take_back(session: Session, *, account: Account, extension: YearExtension, reason: str) -> None:
    """Moves everything that the extension moved back to where it stood. Raises ExtensionRefused (field `reason`).

    Only the last one, and only while nothing was recorded that it alone made possible.
    """
    year = extension.program_year
    _hold(session, year)
    session.refresh(extension)
    if extension.taken_back_at is not None or year.ends_on != extension.ends_on:
        raise ExtensionRefused(
            {"reason": f"{year.label} ends on {_day(year.ends_on)} now: somebody changed it since. Look again."}
        )
    if used := _steps_since(session, extension):
        raise ExtensionRefused(
            {
                "reason": f"Steps on days after {_day(extension.ended_on)} that were recorded since this extension: {used:,}. "
                "It is in use and cannot be taken back."
            }
        )
    extension.taken_back_at, extension.taken_back_by, extension.taken_back_reason = now(), account.id, reason
    _move(
        session,
        account,
        year,
        to=extension.ended_on,
        batches=extension.code_batches,
        why=reason,
        action="program_year.extension_taken_back",
    )


def extensions_of(session: Session, *year_ids: int) -> Sequence[YearExtension]:
    """Every extension of these years, the newest first."""
    return session.scalars(
        select(YearExtension)
        .options(joinedload(YearExtension.account), joinedload(YearExtension.taker_back))
        .where(YearExtension.program_year_id.in_(year_ids))
        .order_by(YearExtension.id.desc())
    ).all()


def _hold(session: Session, year: ProgramYear) -> None:
    hold_all(session, select(Enrollment.household_id).where(_moves(year)))
    session.refresh(year, with_for_update=True)


def _move(
    session: Session,
    account: Account,
    year: ProgramYear,
    *,
    to: dt.date,
    batches: Sequence[int],
    why: str,
    action: str,
) -> None:
    """Moves the year's end, last days of service and last days of codes, and writes each down; bills follow."""
    stood = year.ends_on
    _move_days(session, account, year, to, why)
    if batches:
        session.execute(
            update(CodeBatch)
            .where(CodeBatch.id.in_(batches), CodeBatch.expires_on == stood)
            .values(expires_on=to)
            .execution_options(synchronize_session=False)
        )
    year.ends_on = to
    session.flush()
    follow_end(session, year=year, stood=stood, to=to)
    session.expire_all()
    record(
        session,
        account=account,
        action=action,
        subject="program_year",
        subject_id=year.id,
        changes={"ends_on": [stood.isoformat(), to.isoformat()], "reason": [None, why]},
    )


def _move_days(session: Session, account: Account, year: ProgramYear, to: dt.date, why: str) -> None:
    touched = fetch(session, select(Enrollment.household_id).where(_moves(year)))
    change: dict[str, list[str | None]] = {
        "program_year": [None, year.label],
        "service_until": [year.ends_on.isoformat(), to.isoformat()],
        "note": [None, why],
    }
    session.execute(
        update(Enrollment).where(_moves(year)).values(service_until=to).execution_options(synchronize_session=False)
    )
    record_all(
        session,
        account=account,
        action="enrollment.extended",
        changes=dict.fromkeys((one for (one,) in touched), change),
    )


def _batches(session: Session, year: ProgramYear) -> list[int]:
    """Batches of the year's codes that can be used until its last day."""
    which = (CodeBatch.program_year_id == year.id, CodeBatch.expires_on == year.ends_on)
    return list(session.scalars(select(CodeBatch.id).where(*which).order_by(CodeBatch.id)))


def _unused_codes(session: Session, batches: Sequence[int]) -> int:
    which = (
        MembershipCode.batch_id.in_(batches),
        MembershipCode.state.in_(_UNUSED),
        MembershipCode.expires_on.is_(None),
    )
    return session.scalar(select(func.count()).select_from(MembershipCode).where(*which)) or 0


def _steps_since(session: Session, extension: YearExtension) -> int:
    """Steps recorded since the extension on days after the old end."""
    found = (
        select(func.count())
        .select_from(EnrollmentEvent)
        .join(Enrollment, Enrollment.id == EnrollmentEvent.enrollment_id)
        .where(
            Enrollment.program_year_id == extension.program_year_id,
            EnrollmentEvent.happened_on > extension.ended_on,
            EnrollmentEvent.recorded_at > extension.recorded_at,
        )
    )
    return session.scalar(found) or 0


def _open() -> ColumnElement[bool]:
    return Enrollment.status != Status.ENDED


def _with_year(year: ProgramYear) -> ColumnElement[bool]:
    """Enrollments whose service lasts as long as the year, whether or not they are to leave then."""
    return and_(Enrollment.program_year_id == year.id, or_(Enrollment.service_until.is_(None), _moves(year)))


def _bills(session: Session, provider_id: int, month: dt.date) -> int:
    return session.scalar(select(func.count()).select_from(Bill).where(of_month(provider_id, month))) or 0


def _moves(year: ProgramYear) -> ColumnElement[bool]:
    """Open enrollments whose last day of service is the year's own."""
    return and_(
        Enrollment.program_year_id == year.id,
        Enrollment.until_year_end,
        Enrollment.service_until == year.ends_on,
        _open(),
    )


def _refuse(year: ProgramYear, ends_on: dt.date) -> None:
    stands = _day(year.ends_on)
    if ends_on <= year.ends_on:
        raise ExtensionRefused(
            {"ends_on": f"{year.label} runs until {stands} already. An extension ends later: enter a day after it."}
        )
    if ends_on - year.ends_on > LONGEST:
        raise ExtensionRefused(
            {"ends_on": f"This is more than three years after {stands}. Check the year of the date you entered."}
        )
    if ends_on > (latest := last_day(city_today())):
        raise ExtensionRefused({"ends_on": f"No program year ends after {_day(latest)}. Check the year of the date."})


def _day(day: dt.date) -> str:
    return f"{day:%b} {day.day}, {day.year}"
