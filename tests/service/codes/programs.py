"""A program to give codes in: households that wait, a pool, and a look at what the books say."""

import datetime as dt
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.register import BatchSource, CodeEvent, Enrollment, MembershipCode, Plan, ProgramYear
from connectivity.rules.calendar import city_today
from connectivity.service.codes import batches
from connectivity.service.codes.waiting import Wanted
from tests import factories

TODAY = city_today()


def year(session: Session) -> ProgramYear:
    """The program year that today lies in."""
    return factories.program_year(
        session, starts_on=TODAY - dt.timedelta(days=100), ends_on=TODAY + dt.timedelta(days=200)
    )


def plan(session: Session, provider: str = "Comcast", **given: object) -> Plan:
    return factories.provider(session, provider, **given).plans[0]


def pool(session: Session, *codes: str, provider: str = "Comcast", **given: object) -> None:
    """Free codes of a batch of their own."""
    batches.add(
        session,
        account=None,
        provider=factories.provider(session, provider),
        year=year(session),
        codes=list(codes),
        source=BatchSource.GENERATED,
        on=TODAY,
        **given,
    )


def waiting(session: Session, status: str = "eligible", **given: object) -> Enrollment:
    """A household that waits for a code."""
    of_enrollment = {name: given.pop(name) for name in ("on", "service_type") if name in given}
    of_enrollment.setdefault("on", TODAY - dt.timedelta(days=20))
    year(session)
    return factories.enrollment(session, factories.household(session, **given), status, **of_enrollment)


def wanted(session: Session, **given: object) -> Wanted:
    return Wanted(year_id=year(session).id, **given)


def states(session: Session) -> dict[str, int]:
    """State -> how many codes."""
    session.rollback()
    rows = session.execute(select(MembershipCode.state, func.count()).group_by(MembershipCode.state))
    return dict(rows.all())


def moves(session: Session, code: str) -> list[tuple[str | None, str]]:
    """Every move of a code."""
    rows = session.execute(
        select(CodeEvent.before, CodeEvent.state)
        .join(MembershipCode, MembershipCode.id == CodeEvent.code_id)
        .where(MembershipCode.code == code)
        .order_by(CodeEvent.id)
    )
    return [(before, after) for before, after in rows]


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
