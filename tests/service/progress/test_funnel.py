"""The funnel: a small one counted by hand, and larger ones against a second computation with pandas on the raw rows."""

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import Account, Enrollment, EnrollmentEvent, Household, Role, School
from connectivity.rules.service_stages import Stage
from connectivity.rules.service_states import Status, may_follow
from connectivity.service.progress.funnel import Funnel, funnel
from connectivity.service.progress.narrowing import Narrowing, conditions
from tests import factories
from tests.conftest import PolicedClient

SignedIn = Callable[..., PolicedClient]
AS_OF = dt.date(2026, 11, 23)
# Which stage each step shows, written out by hand.
SHOWS = {
    "eligible": 0, "contacted": 1, "code_issued": 2, "ordered": 3, "kit_shipped": 3, "installed": 3, "active": 4, "suspended": 4,
}  # fmt: skip
STANDS = SHOWS | {"suspended": 5, "ended": 6}


def walked(session: Session, steps: list[tuple[str, str | dt.date]], **home: Any) -> Enrollment:
    """An enrollment with these steps: (status, day)."""
    days = [dt.date.fromisoformat(day) if isinstance(day, str) else day for _, day in steps]
    household = factories.household(session, **home)
    made = Enrollment(
        household_id=household.id,
        program_year_id=factories.program_year(session).id,
        status=steps[-1][0],
        status_on=days[-1],
    )
    made.events = [
        EnrollmentEvent(status=status, happened_on=day, reason="other" if status == "ended" else None)
        for (status, _), day in zip(steps, days, strict=True)
    ]
    session.add(made)
    session.flush()
    return made


def counted(session: Session, account: Account, *, as_of: dt.date = AS_OF, **narrowed: str) -> Funnel:
    where = conditions(account, Narrowing(**narrowed), today=as_of)
    return funnel(session, year_id=factories.program_year(session).id, where=where, as_of=as_of)


def test_a_small_one_counted_by_hand(session: Session, staff: Account) -> None:
    walked(session, [("eligible", "2026-09-01")])
    walked(session, [("eligible", "2026-09-01"), ("contacted", "2026-09-11"), ("code_issued", "2026-10-01")])
    walked(  # skips “contacted” and “ordered”: 5 days to the code, 15 from there online
        session, [("eligible", "2026-09-25"), ("code_issued", "2026-09-30"), ("active", "2026-10-15")]
    )
    walked(
        session,
        [
            ("eligible", "2026-09-01"),
            ("contacted", "2026-09-05"),
            ("code_issued", "2026-09-10"),
            ("kit_shipped", "2026-10-20"),
            ("active", "2026-11-09"),
            ("suspended", "2026-11-20"),
        ],
    )
    walked(session, [("eligible", "2026-10-05"), ("contacted", "2026-10-06"), ("ended", "2026-11-02")])
    found = counted(session, staff)
    assert [one.reached for one in found.stages] == [5, 4, 3, 2, 2]
    assert [one.standing for one in found.stages] == [1, 0, 1, 0, 1]
    assert [one.share for one in found.stages] == [1.0, 0.8, 0.6, 0.4, 0.4]
    assert (found.households, found.suspended, found.ended) == (5, 1, 1)
    september, october, november = found.months
    assert [one.starts_on for one in found.months] == [dt.date(2026, 9, 1), dt.date(2026, 10, 1), dt.date(2026, 11, 1)]
    # September: four eligible; told: the 2nd on the 11th, the 3rd with its code on the 30th, the 4th on the 5th.
    assert september.new == september.reached == (4, 3, 2, 0, 0)
    assert september.standing == (1, 1, 2, 0, 0)
    assert october.new == (1, 1, 1, 2, 1)
    assert october.reached == (5, 4, 3, 2, 1)
    assert october.standing == (1, 1, 1, 1, 1)
    assert november.new == (0, 0, 0, 0, 1)
    assert (november.suspended, november.ended) == (1, 1)
    spans = {(one.first, one.then): (one.median, one.households) for one in found.spans}
    assert spans == {
        (Stage.ELIGIBLE, Stage.CONTACTED): (4, 3),  # 10, 4, 1
        (Stage.CONTACTED, Stage.CODE_ISSUED): (12.5, 2),  # 20, 5
        (Stage.CODE_ISSUED, Stage.ORDERED): (40, 1),
        (Stage.ORDERED, Stage.ACTIVE): (20, 1),
        (Stage.CODE_ISSUED, Stage.ACTIVE): (37.5, 2),  # 15, 60
        (Stage.ELIGIBLE, Stage.ACTIVE): (44.5, 2),  # 20, 69
    }


def test_nobody_yet_is_nothing_and_no_share(session: Session, staff: Account) -> None:
    found = counted(session, staff)
    assert (found.households, found.months) == (0, ())
    assert {one.share for one in found.stages} == {None}
    assert {one.median for one in found.spans} == {None}


def test_what_happens_after_the_day_of_the_count_is_not_in_it(session: Session, staff: Account) -> None:
    walked(session, [("eligible", "2026-09-01"), ("contacted", "2026-11-23"), ("code_issued", "2026-11-24")])
    walked(session, [("eligible", "2026-11-24")])
    found = counted(session, staff)
    assert [one.reached for one in found.stages] == [1, 1, 0, 0, 0]
    assert found.stages[Stage.CONTACTED].standing == 1


def test_an_end_takes_nothing_away_and_beginning_anew_counts_once(session: Session, staff: Account) -> None:
    walked(
        session,
        [
            ("eligible", "2026-07-01"),
            ("code_issued", "2026-07-02"),
            ("ended", "2026-08-01"),
            ("eligible", "2026-09-01"),
            ("contacted", "2026-09-02"),
        ],
    )
    found = counted(session, staff)
    assert [one.reached for one in found.stages] == [1, 1, 1, 0, 0]
    assert found.stages[Stage.CONTACTED].standing == 1
    assert [one.ended for one in found.months] == [0, 1, 0, 0, 0]
    spans = {(one.first, one.then): one.households for one in found.spans}
    assert spans[Stage.CONTACTED, Stage.CODE_ISSUED] == 0  # told after it had the code: no wait between the two


@pytest.fixture
def many(session: Session) -> None:
    """Some 120 households that walk at random through the machine, in three areas, two schools, two languages."""
    chance = random.Random(4)
    schools = session.scalars(select(School.id).order_by(School.id).limit(2)).all()
    for _ in range(120):
        day, stands = dt.date(2026, 7, 1) + dt.timedelta(days=chance.randrange(60)), Status.ELIGIBLE
        steps: list[tuple[str, str | dt.date]] = [(stands.value, day)]
        for _ in range(chance.randrange(9)):
            ways = may_follow(stands, None)
            stands = chance.choice([one for one in ways if one is not Status.ENDED] or list(ways))
            if chance.random() < 0.12:
                stands = Status.ENDED if Status.ENDED in ways else stands
            day += dt.timedelta(days=chance.choice([0, 0, 1, 3, 8, 20, 33]))
            steps.append((stands.value, day))
        walked(
            session,
            steps,
            area=chance.choice([3, 25, 30]),
            language=chance.choice(["es", "pl"]),
            students=[{"school_id": chance.choice(schools)} for _ in range(chance.choice([1, 2]))],
        )
    session.commit()


def by_pandas(session: Session, households: set[int], as_of: dt.date) -> dict[str, Any]:
    """The same figures from the raw rows, another way."""
    rows = session.execute(
        select(
            EnrollmentEvent.id,
            Enrollment.id,
            Enrollment.household_id,
            EnrollmentEvent.status,
            EnrollmentEvent.happened_on,
        ).join(Enrollment, Enrollment.id == EnrollmentEvent.enrollment_id)
    ).all()
    frame = pd.DataFrame([tuple(row) for row in rows], columns=["event", "who", "home", "status", "day"])
    frame["day"] = pd.to_datetime(frame["day"])
    frame = frame[frame["home"].isin(households) & (frame["day"] <= pd.Timestamp(as_of))].sort_values("event")
    frame["stage"] = frame["status"].map(SHOWS)
    frame["stands"] = frame["status"].map(STANDS)
    reached = {stage: frame[frame["stage"] >= stage].groupby("who")["day"].min() for stage in range(5)}
    own = {stage: frame[frame["stage"] == stage].groupby("who")["day"].min() for stage in range(5)}
    months = pd.period_range(frame["day"].min(), pd.Timestamp(as_of), freq="M")
    spans = {}
    for first, then in ((0, 1), (1, 2), (2, 3), (3, 4), (2, 4), (0, 4)):
        waited = (own[then] - own[first]).dropna().dt.days
        waited = waited[waited >= 0]
        spans[first, then] = (waited.median() if len(waited) else None, len(waited))
    standing = []
    for month in months:
        last = frame[frame["day"] <= month.end_time].groupby("who")["stands"].last()
        standing.append(tuple(int((last == which).sum()) for which in range(7)))
    return {
        "reached": [len(reached[stage]) for stage in range(5)],
        "months": [str(month) for month in months],
        "new": [
            tuple(int((reached[stage].dt.to_period("M") == month).sum()) for stage in range(5)) for month in months
        ],
        "by end": [
            tuple(int((reached[stage].dt.to_period("M") <= month).sum()) for stage in range(5)) for month in months
        ],
        "standing": standing,
        "spans": spans,
    }


def ours(found: Funnel) -> dict[str, Any]:
    return {
        "reached": [one.reached for one in found.stages],
        "months": [f"{one.starts_on:%Y-%m}" for one in found.months],
        "new": [one.new for one in found.months],
        "by end": [one.reached for one in found.months],
        "standing": [(*one.standing, one.suspended, one.ended) for one in found.months],
        "spans": {(int(one.first), int(one.then)): (one.median, one.households) for one in found.spans},
    }


def test_every_figure_is_that_of_a_second_computation(session: Session, many: None, staff: Account) -> None:
    everybody = set(session.scalars(select(Household.id)))
    for as_of in (AS_OF, dt.date(2026, 8, 31), dt.date(2027, 1, 1)):
        found = counted(session, staff, as_of=as_of)
        assert ours(found) == by_pandas(session, everybody, as_of)
        assert sum(one.standing for one in found.stages) + found.suspended + found.ended == found.households


def test_an_area_a_school_a_partner_count_their_own_alone(session: Session, many: None, staff: Account) -> None:
    school = session.scalars(select(School.id).order_by(School.id).limit(1)).one()
    organization = factories.organization(session, areas=[25, 30])
    partner = factories.account(session, Role.PARTNER, organization_id=organization.id)
    session.flush()
    homes = list(session.scalars(select(Household)))

    def those(which: Callable[[Household], bool]) -> set[int]:
        return {one.id for one in homes if which(one)}

    def area(one: Household) -> int | None:
        return one.residences[0].community_area

    for account, narrowed, wanted in (
        (staff, {"area": "3"}, those(lambda one: area(one) == 3)),
        (staff, {"school": school}, those(lambda one: any(pupil.school_id == school for pupil in one.students))),
        (staff, {"organization": str(organization.id)}, those(lambda one: area(one) in (25, 30))),
        (partner, {}, those(lambda one: area(one) in (25, 30))),
        (partner, {"area": "25"}, those(lambda one: area(one) == 25)),
    ):
        assert 0 < len(wanted) < len(homes)
        assert ours(counted(session, account, **narrowed)) == by_pandas(session, wanted, AS_OF), narrowed
    assert counted(session, partner, area="3").households == 0


def test_the_page_says_whom_it_counts_and_that_it_is_not_for_publication(session: Session, signed_in: SignedIn) -> None:
    year = factories.program_year(session)
    walked(session, [("eligible", "2026-09-01"), ("contacted", "2026-09-11")], area=3)
    walked(session, [("eligible", "2026-09-01")], area=25)
    client = signed_in(Role.STAFF)
    page = client.get(f"/service/funnel?year={year.id}").text
    assert "Do not publish." in page
    assert "2 households" in page
    narrowed = client.get(f"/service/funnel?year={year.id}&area=3").text
    assert "1 household (Uptown) is in 2026-27" in " ".join(narrowed.split())
    assert client.get(f"/service/funnel?year={year.id}&area=99").status_code == 400
    own = signed_in(Role.PARTNER, organization_id=factories.organization(session, areas=[25]).id)
    assert "1 household is in 2026-27" in own.get(f"/service/funnel?year={year.id}").text
    assert own.get(f"/service/funnel?year={year.id}&area=3").status_code == 400
