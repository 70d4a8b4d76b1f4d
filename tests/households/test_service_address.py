"""The connection may go elsewhere; the home stays what the map counts."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.equity.counts import count
from connectivity.households.history import history
from connectivity.households.service_address import (
    ServiceAddressRefused,
    current_service_address,
    end_service_address,
    record_service_address,
)
from connectivity.register import Account, Household, Role, ServiceAddress
from tests import factories
from tests.households.conftest import TODAY, SignedIn, errors_of, home_at
from tests.households.test_merge import writing

EARLIER = TODAY - dt.timedelta(days=30)
AUNT = "1400 W Wilson Ave"


def recorded(session: Session, staff: Account, household: Household, line: str, on: dt.date) -> ServiceAddress:
    with writing(session):
        return record_service_address(
            session, account=staff, household=household, home=home_at(session, line), reason="the aunt has room", on=on
        )


def test_a_service_address_is_recorded_changed_and_ended_with_its_history(session: Session, staff: Account) -> None:
    household = factories.household(session)
    recorded(session, staff, household, AUNT, EARLIER)
    now = current_service_address(session, household)
    assert now is not None
    assert (now.line, now.reason, now.recorded_by) == ("1400 W WILSON AVE", "the aunt has room", staff.id)
    recorded(session, staff, household, "1500 W Wilson Ave", TODAY)
    with writing(session):
        end_service_address(session, account=staff, household=household, on=TODAY)
    assert current_service_address(session, household) is None
    rows = session.scalars(select(ServiceAddress).order_by(ServiceAddress.id)).all()
    assert [(one.starts_on, one.ends_on) for one in rows] == [(EARLIER, TODAY), (TODAY, TODAY)]
    kinds = [one.kind for one in history(session, household) if one.kind.startswith("service")]
    assert sorted(kinds) == ["service_address", "service_address", "service_address.ended"]


def test_the_home_and_the_map_stay_as_they_are(session: Session, staff: Account) -> None:
    household = factories.household(session, area=25)
    factories.enrollment(session, household, "active")
    recorded(session, staff, household, AUNT, TODAY)
    areas = count(session, program_year=factories.program_year(session), as_of=TODAY).areas
    assert {area: found.active for area, found in areas.items()} == {25: 1}
    assert [home.line for home in household.residences] == ["1135 W WILSON AVE"]


def test_the_home_itself_the_same_again_and_a_day_before_are_refused(session: Session, staff: Account) -> None:
    household = factories.household(session)
    with pytest.raises(ServiceAddressRefused, match="This is the home"):
        recorded(session, staff, household, "1135 W Wilson Ave", TODAY)
    recorded(session, staff, household, AUNT, TODAY)
    with pytest.raises(ServiceAddressRefused, match="goes there already"):
        recorded(session, staff, household, AUNT, TODAY)
    with pytest.raises(ServiceAddressRefused, match="Enter a later day"):
        recorded(session, staff, household, "1500 W Wilson Ave", EARLIER)
    with pytest.raises(ServiceAddressRefused, match="Enter a later day"), writing(session):
        end_service_address(session, account=staff, household=household, on=EARLIER)


def test_the_pages_record_show_and_end_it(session: Session, signed_in: SignedIn) -> None:
    household = factories.household(session)
    client, shown = signed_in(Role.STAFF), f"/households/{household.reference}"
    path = f"{shown}/service-address"

    def version(page: str) -> str:
        return client.get(page).text.partition('name="version"')[2].partition('value="')[2].partition('"')[0]

    typed = {
        "version": version(path), "line": AUNT, "city": "Chicago", "state": "IL", "on": TODAY.isoformat(), "reason": "aunt",
    }  # fmt: skip
    assert set(errors_of(client.send(path, typed | {"line": "", "on": "", "reason": ""}).text)) == {
        "line",
        "on",
        "reason",
    }
    assert "outside Chicago" in client.send(path, typed | {"zip": "90210"}).text
    assert "changed this household" in client.send(path, typed | {"version": "0"}).text
    assert client.send(path, typed).status_code == 302
    page = client.get(shown).text
    assert "The connection goes to another address" in page
    assert "1400 W WILSON AVE" in page
    ending = {"version": version(f"{path}/end"), "on": TODAY.isoformat()}
    assert client.send(f"{path}/end", ending).status_code == 302
    assert "The connection went to 1400 W WILSON AVE" in client.get(shown).text
    assert client.get(f"{path}/end").status_code == 302
