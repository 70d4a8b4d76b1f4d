"""Names of providers, and speed and price of plans, by day: nothing overlaps, and what was before stays."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import PlanVersion, ProviderName
from connectivity.service.provider_files.providers import ProviderRefused, Terms, add_version, price_on, rename
from tests import factories

JANUARY, TODAY = dt.date(2022, 1, 12), dt.date(2026, 10, 15)


def test_a_provider_has_the_name_of_the_day(session: Session) -> None:
    rcn = factories.provider(session, "RCN")
    rename(session, account=None, provider=rcn, name="Astound", starts_on=JANUARY, today=TODAY)
    assert rcn.name == "Astound"
    assert [rcn.name_on(day) for day in (dt.date(2019, 1, 1), dt.date(2022, 1, 11), JANUARY, TODAY)] == [
        "RCN", "RCN", "Astound", "Astound",
    ]  # fmt: skip
    names = session.execute(select(ProviderName.name, ProviderName.starts_on).order_by(ProviderName.starts_on)).all()
    assert [tuple(one) for one in names] == [("RCN", dt.date(2020, 6, 25)), ("Astound", JANUARY)]


def test_a_name_that_begins_later_is_not_yet_the_name(session: Session) -> None:
    rcn = factories.provider(session, "RCN")
    rename(session, account=None, provider=rcn, name="Astound", starts_on=dt.date(2027, 1, 1), today=TODAY)
    assert rcn.name == "RCN"
    assert rcn.name_on(dt.date(2027, 1, 1)) == "Astound"


def test_two_names_never_begin_on_one_day_and_no_two_providers_share_one(session: Session) -> None:
    rcn = factories.provider(session, "RCN")
    factories.provider(session, "Comcast")
    with pytest.raises(ProviderRefused, match="Another provider has or had this name"):
        rename(session, account=None, provider=rcn, name="COMCAST", starts_on=JANUARY, today=TODAY)
    with pytest.raises(ProviderRefused, match="That is its name already"):
        rename(session, account=None, provider=rcn, name="rcn", starts_on=JANUARY, today=TODAY)
    rename(session, account=None, provider=rcn, name="Astound", starts_on=JANUARY, today=TODAY)
    with pytest.raises(ProviderRefused, match="Another name begins on this day"):
        rename(session, account=None, provider=rcn, name="Wow", starts_on=JANUARY, today=TODAY)


def test_a_plan_s_price_and_speed_are_those_of_the_day(session: Session) -> None:
    plan = factories.provider(session).plans[0]  # 50/10 Mbps since Jun 25, 2020, price unknown
    add_version(session, account=None, plan=plan, terms=_terms(dt.date(2023, 7, 1), 75, 1500))
    add_version(session, account=None, plan=plan, terms=_terms(dt.date(2021, 3, 1), 60, 995))  # told later
    assert [price_on(plan, day) for day in (dt.date(2020, 7, 1), dt.date(2021, 3, 1), dt.date(2023, 6, 30), TODAY)] == [
        None, 995, 995, 1500,
    ]  # fmt: skip
    assert plan.down_mbps == 75
    first = plan.version_on(dt.date(2020, 7, 1))
    assert first
    assert first.down_mbps == 50
    assert plan.version_on(dt.date(2020, 6, 24)) is None


def test_a_version_lies_within_the_plan_and_never_twice_on_one_day(session: Session) -> None:
    plan = factories.provider(session).plans[0]
    plan.ends_on = dt.date(2026, 6, 30)
    with pytest.raises(ProviderRefused, match="sold from Jun 25, 2020 on"):
        add_version(session, account=None, plan=plan, terms=_terms(dt.date(2020, 6, 24), 50, 1))
    with pytest.raises(ProviderRefused, match="until Jun 30, 2026 only"):
        add_version(session, account=None, plan=plan, terms=_terms(dt.date(2026, 7, 1), 50, 1))
    add_version(session, account=None, plan=plan, terms=_terms(dt.date(2020, 6, 25), 50, 1))
    assert len(session.scalars(select(PlanVersion)).all()) == 1
    with pytest.raises(ProviderRefused, match="Another version begins on this day"):
        add_version(session, account=None, plan=plan, terms=_terms(dt.date(2020, 6, 25), 50, 2))


def _terms(day: dt.date, down: int, cents: int) -> Terms:
    return Terms(starts_on=day, down_mbps=down, up_mbps=10, monthly_cents=cents)
