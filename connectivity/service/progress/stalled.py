"""Who is stalled: households of one program year that wait longer than they should, the longest first."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, case, func, or_, select, text, tuple_, union_all
from sqlalchemy.orm import Session

from connectivity.register import (
    CodeBatch,
    Enrollment,
    Household,
    HouseholdPhone,
    MembershipCode,
    Plan,
    Provider,
    Residence,
)
from connectivity.rules.service_states import VOID_CODE, CodeState, Status

AFTER_CODE, AFTER_KIT = 21, 10  # days, unless somebody chooses others
EXPIRES_WITHIN = dt.timedelta(days=30)
ROWS_A_QUERY = 2000
# In the words of the index ix_enrollment_stalled: SQLite uses a partial index only where it reads the same condition.
_MAY_STALL = text("enrollment.status IN ('code_issued', 'ordered', 'kit_shipped', 'installed', 'suspended')")
_HAS_OWN_DAY = text("membership_code.expires_on IS NOT NULL")  # likewise, of ix_membership_code_own_day
_ON_THE_WAY = (Status.KIT_SHIPPED, Status.INSTALLED)


class Kind(StrEnum):
    """What a household is stalled at. The first that fits names a row's next action; a row may fit several."""

    DEAD = "dead"  # code issued, and the code cannot be used any more
    EXPIRING = "expiring"  # code issued, and the code can be used for at most 30 more days
    CODE = "code"  # code issued, not activated
    ORDER = "order"  # ordered, nothing heard since
    KIT = "kit"  # kit shipped or installed, not online
    SUSPENDED = "suspended"


@dataclass(frozen=True, kw_only=True)
class Question:
    """Whom to list: `where` is the account's scope and what it narrowed to, over Enrollment and Household."""

    year_id: int | None  # None: no program year has begun
    where: Sequence[ColumnElement[bool]]
    today: dt.date
    after_code: int = AFTER_CODE
    after_kit: int = AFTER_KIT
    kind: Kind | None = None  # None: all


Key = tuple[dt.date, int]  # the day of the last step, the enrollment


@dataclass(frozen=True, kw_only=True)
class Line:
    """One stalled household."""

    enrollment_id: int
    reference: str
    guardian: str
    language: str
    phone: str | None  # E.164
    area: int | None
    status: Status
    since: dt.date
    days: int  # waiting
    kind: Kind
    expires_on: dt.date | None  # of the code, if the row is about that
    service_type: str | None
    plan_id: int | None

    @property
    def key(self) -> Key:
        """Where the next page begins."""
        return self.since, self.enrollment_id


def lines(session: Session, asked: Question, *, after: Key | None, size: int) -> list[Line]:
    """Up to `size` lines that follow `after` (None: from the beginning)."""
    return [_line(row, asked) for row in session.execute(_page(asked, after, size))]


def every_line(session: Session, asked: Question) -> Iterator[Line]:
    """All of them, a portion at a time."""
    after: Key | None = None
    while found := lines(session, asked, after=after, size=ROWS_A_QUERY):
        yield from found
        after = found[-1].key


def counts(session: Session, asked: Question) -> tuple[dict[Kind, int], int]:
    """Households of each kind, and of any kind: one that fits two kinds counts once there. The chosen kind does not narrow this."""
    each = {kind: _is(kind, asked) for kind in Kind}
    row = session.execute(
        _among(select(*(func.count().filter(one) for one in each.values()), func.count()), asked).where(
            or_(*each.values())
        )
    ).one()
    return dict(zip(Kind, row[:-1], strict=True)), row[-1]


def plan_names(session: Session) -> dict[int, str]:
    """Plan -> `Comcast, Sponsored service 50/6`."""
    plans = session.execute(select(Plan.id, Provider.name, Plan.name).join(Provider, Provider.id == Plan.provider_id))
    return {plan_id: f"{provider}, {plan}" for plan_id, provider, plan in plans}


def _page(asked: Question, after: Key | None, size: int) -> Select[*tuple[Any, ...]]:
    phone = (
        select(HouseholdPhone.number)
        .where(HouseholdPhone.household_id == Household.id, HouseholdPhone.position == 1)
        .scalar_subquery()
    )
    area = (
        select(Residence.community_area)
        .where(Residence.household_id == Household.id, Residence.ends_on.is_(None))
        .scalar_subquery()
    )
    kinds = (asked.kind,) if asked.kind else tuple(Kind)
    found = _among(
        select(
            Enrollment.id,
            Enrollment.status,
            Enrollment.status_on,
            Enrollment.service_type,
            Enrollment.plan_id,
            Household.reference,
            Household.guardian_first_name,
            Household.guardian_last_name,
            Household.language,
            phone.label("phone"),
            area.label("area"),
            case((_is(Kind.DEAD, asked), True), else_=False).label("dead"),
            case((_is(Kind.EXPIRING, asked), _last_day_of_use())).label("expires_on"),
        ),
        asked,
    ).where(or_(*(_is(kind, asked) for kind in kinds)))
    order = (Enrollment.status_on, Enrollment.id)
    if after is not None:
        found = found.where(tuple_(*order) > tuple_(*after))
    return found.order_by(*order).limit(size)


def _among(statement: Select[*tuple[Any, ...]], asked: Question) -> Select[*tuple[Any, ...]]:
    return (
        statement.select_from(Enrollment)
        .join(Household, Household.id == Enrollment.household_id)
        .where(Enrollment.program_year_id == asked.year_id, _MAY_STALL, *asked.where)
    )


def _is(kind: Kind, asked: Question) -> ColumnElement[bool]:
    def waits(days: int, *statuses: Status) -> ColumnElement[bool]:
        return and_(Enrollment.status.in_(statuses), Enrollment.status_on <= asked.today - dt.timedelta(days=days))

    at_code = Enrollment.status == Status.CODE_ISSUED
    match kind:
        case Kind.DEAD:
            return and_(at_code, Enrollment.membership_code_id.in_(_dead_codes(asked)))
        case Kind.EXPIRING:
            last = asked.today + EXPIRES_WITHIN
            return and_(at_code, Enrollment.membership_code_id.in_(_unused_codes(asked, asked.today, last)))
        case Kind.CODE:
            return waits(asked.after_code, Status.CODE_ISSUED)
        case Kind.ORDER:
            return waits(asked.after_kit, Status.ORDERED)
        case Kind.KIT:
            return waits(asked.after_kit, *_ON_THE_WAY)
        case Kind.SUSPENDED:
            return Enrollment.status == Status.SUSPENDED


def _dead_codes(asked: Question) -> CompoundSelect[int]:
    """Expired and revoked ones, and those whose last day has passed since the last night."""
    batches = select(CodeBatch.id).where(CodeBatch.program_year_id == asked.year_id)
    void = select(MembershipCode.id).where(MembershipCode.batch_id.in_(batches), MembershipCode.state.in_(VOID_CODE))
    return union_all(void, *_unused(asked, dt.date.min, asked.today - dt.timedelta(days=1)))


def _unused_codes(asked: Question, first: dt.date, last: dt.date) -> CompoundSelect[int]:
    return union_all(*_unused(asked, first, last))


def _unused(asked: Question, first: dt.date, last: dt.date) -> tuple[Select[int], Select[int]]:
    """By their own last day, else by their batch's. Only codes that were not used yet: a used one has done its work.

    Two sets that an index tells each: joining every stalled row with its code would take as long as all the rest of the page.
    """
    unused = MembershipCode.state == CodeState.ISSUED
    batches = select(CodeBatch.id).where(
        CodeBatch.program_year_id == asked.year_id, CodeBatch.expires_on.between(first, last)
    )
    return (
        select(MembershipCode.id).where(
            unused,
            MembershipCode.program_year_id == asked.year_id,
            MembershipCode.expires_on.between(first, last),
            _HAS_OWN_DAY,
        ),
        select(MembershipCode.id).where(
            unused, MembershipCode.batch_id.in_(batches), MembershipCode.expires_on.is_(None)
        ),
    )


def _last_day_of_use() -> ColumnElement[dt.date]:
    """Of the row's code."""
    return (
        select(func.coalesce(MembershipCode.expires_on, CodeBatch.expires_on))
        .join(CodeBatch, CodeBatch.id == MembershipCode.batch_id)
        .where(MembershipCode.id == Enrollment.membership_code_id)
        .scalar_subquery()
    )


def _line(row: Any, asked: Question) -> Line:
    status = Status(row.status)
    return Line(
        enrollment_id=row.id,
        reference=row.reference,
        guardian=f"{row.guardian_first_name} {row.guardian_last_name}",
        language=row.language,
        phone=row.phone,
        area=row.area,
        status=status,
        since=row.status_on,
        days=(asked.today - row.status_on).days,
        kind=Kind.DEAD if row.dead else Kind.EXPIRING if row.expires_on is not None else _KIND_OF[status],
        expires_on=row.expires_on,
        service_type=row.service_type,
        plan_id=row.plan_id,
    )


_KIND_OF = {
    Status.CODE_ISSUED: Kind.CODE,
    Status.ORDERED: Kind.ORDER,
    Status.KIT_SHIPPED: Kind.KIT,
    Status.INSTALLED: Kind.KIT,
    Status.SUSPENDED: Kind.SUSPENDED,
}
