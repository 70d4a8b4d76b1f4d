"""A home, its placement and the forms opened before somebody else changed it."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.households.homes import TypedAddress, read_home
from connectivity.register import AuditEvent, ConnectivityResponse, Household, Residence, Role
from tests import factories
from tests.conftest import PolicedClient
from tests.households.conftest import TODAY, SignedIn, errors_of

NEW = {"line": "4802 S Pulaski Rd", "city": "Chicago", "state": "IL", "zip": "60632", "moved_on": "2026-02-03"}
SAME = {"line": "1135 W Wilson Ave", "city": "Chicago", "state": "IL", "zip": "60640"}
SPOT = {"lon": "-87.6589", "lat": "41.9654", "note": "by phone"}


def hidden(html: str, name: str) -> str:
    return html.partition(f'name="{name}"')[2].partition('value="')[2].partition('"')[0]


def opened(client: PolicedClient, path: str, *names: str) -> dict[str, str]:
    html = client.get(path).text
    return {name: hidden(html, name) for name in names or ("version",)}


def home(session: Session, household: Household) -> Residence:
    session.rollback()
    session.expire_all()
    return session.scalars(
        select(Residence).where(Residence.household_id == household.id, Residence.ends_on.is_(None))
    ).one()


def placed_by_hand(session: Session, **more: Any) -> Household:
    household = factories.household(session)
    for column, value in ({"community_area": 25, "method": "hand", "lon": None, "lat": None} | more).items():
        setattr(household.residences[0], column, value)
    session.commit()
    return household


@pytest.mark.parametrize("meanwhile", ["move", "address"])
def test_a_spot_chosen_for_the_former_home_is_not_put_on_the_new_one(
    session: Session, signed_in: SignedIn, meanwhile: str
) -> None:
    household = factories.household(session)
    path = f"/households/{household.reference}"
    slow, quick = signed_in(Role.STAFF), signed_in(Role.STAFF, name="Ana Quick")
    mine = SPOT | opened(slow, f"{path}/place", "version", "residence")
    assert mine["residence"] == str(household.residences[0].id)
    moved = quick.send(f"{path}/{meanwhile}", NEW | opened(quick, f"{path}/{meanwhile}"))
    assert moved.status_code == 302
    there = home(session, household).community_area
    told = slow.send(f"{path}/place", mine)
    assert told.status_code == 409
    assert "4802 S PULASKI RD" in told.text
    assert "Ana Quick changed this household" in told.text
    assert 'value="-87.6589"' in told.text
    assert home(session, household).community_area == there
    again = SPOT | {name: hidden(told.text, name) for name in ("version", "residence")}
    assert slow.send(f"{path}/place", again).status_code == 302
    assert home(session, household).community_area == 3


def test_a_move_away_and_back_is_another_home(session: Session, signed_in: SignedIn) -> None:
    household = factories.household(session)
    path = f"/households/{household.reference}"
    slow, quick = signed_in(Role.STAFF), signed_in(Role.STAFF)
    mine = SPOT | opened(slow, f"{path}/place", "version", "residence")
    for move in (NEW, SAME | {"moved_on": "2026-03-04"}):
        assert quick.send(f"{path}/move", move | opened(quick, f"{path}/move")).status_code == 302
    assert slow.send(f"{path}/place", mine).status_code == 409
    assert home(session, household).method != "hand"


def test_a_place_saved_twice_is_written_once(session: Session, signed_in: SignedIn) -> None:
    household = factories.household(session, area=None)
    path = f"/households/{household.reference}/place"
    client = signed_in(Role.STAFF)
    mine = SPOT | opened(client, path, "version", "residence")
    assert [client.send(path, mine).status_code for _ in range(2)] == [302, 302]
    session.rollback()
    assert session.scalar(select(func.count()).select_from(AuditEvent)) == 1


def test_a_mended_unit_keeps_the_placement_by_hand(session: Session, signed_in: SignedIn) -> None:
    household = placed_by_hand(session)
    path = f"/households/{household.reference}/address"
    client = signed_in(Role.STAFF)
    assert client.send(path, SAME | {"unit": "2B"} | opened(client, path)).status_code == 302
    kept = home(session, household)
    assert (kept.unit, kept.community_area, kept.method, kept.certainty) == ("APT 2B", 25, "hand", "sure")


def test_given_coordinates_survive_a_mended_unit_of_an_address_the_grid_refuses(
    session: Session, signed_in: SignedIn
) -> None:
    household = placed_by_hand(session, line="9900 N WESTERN AVE", method="coordinates", zip="60645")
    path = f"/households/{household.reference}/address"
    client = signed_in(Role.STAFF)
    form = SAME | {"line": "9900 N Western Ave", "zip": "60645", "unit": "2"}
    assert client.send(path, form | opened(client, path)).status_code == 302
    assert (home(session, household).method, home(session, household).unit) == ("coordinates", "APT 2")


@pytest.mark.parametrize(
    ("method", "words"), [("hand", "had been placed by hand"), ("coordinates", "coordinates given earlier")]
)
def test_another_line_is_placed_anew_and_the_page_says_what_no_longer_applies(
    session: Session, signed_in: SignedIn, method: str, words: str
) -> None:
    household = placed_by_hand(session, method=method)
    path = f"/households/{household.reference}"
    client = signed_in(Role.STAFF)
    client.send(f"{path}/address", NEW | opened(client, f"{path}/address"))
    assert home(session, household).method == "grid"
    assert words in client.get(path).text


def test_a_placement_made_while_the_address_was_corrected_is_not_overwritten_in_silence(
    session: Session, signed_in: SignedIn
) -> None:
    household = factories.household(session)
    path = f"/households/{household.reference}"
    slow, quick = signed_in(Role.STAFF), signed_in(Role.STAFF)
    version = opened(slow, f"{path}/address")
    placing = {"area": "25", "note": "school"} | opened(quick, f"{path}/place", "version", "residence")
    assert quick.send(f"{path}/place", placing).status_code == 302
    told = slow.send(f"{path}/address", NEW | version)
    assert told.status_code == 409
    assert "Austin" in told.text
    assert home(session, household).community_area == 25
    assert slow.send(f"{path}/address", NEW | {"version": hidden(told.text, "version")}).status_code == 302
    assert home(session, household).method == "grid"


@pytest.mark.parametrize("day", ["0026-11-22", "1850-01-01", "1919-12-31"])
def test_a_mistyped_year_is_told_at_its_field(session: Session, signed_in: SignedIn, day: str) -> None:
    household = factories.household(session)
    client = signed_in(Role.STAFF)
    path = f"/households/{household.reference}"
    move = client.send(f"{path}/move", NEW | {"moved_on": day} | opened(client, f"{path}/move"))
    assert "too early. Check the year" in errors_of(move.text)["moved_on"]
    new = client.send("/households/new", SAME | {"starts_on": day})
    assert "too early. Check the year" in errors_of(new.text)["starts_on"]
    answered = {"observed_on": day, "respondent": "guardian", "mode": "phone", "language": "es", "access": "No"}
    for on in (day, "2019-12-31"):
        refused = client.send(f"{path}/responses", answered | {"observed_on": on})
        assert "began in June 2020" in errors_of(refused.text)["observed_on"]


def test_the_same_move_twice_is_refused_in_words(session: Session, signed_in: SignedIn) -> None:
    household = factories.household(session)
    path = f"/households/{household.reference}/move"
    first, second = signed_in(Role.STAFF), signed_in(Role.STAFF)
    forms = [NEW | opened(client, path) for client in (first, second)]
    assert first.send(path, forms[0]).status_code == 302
    refused = second.send(path, forms[1] | {"moved_on": "2026-02-05"})
    assert refused.status_code == 422
    assert "The household lives there already since Feb 3, 2026" in errors_of(refused.text)["line"]
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Residence)) == 2


def test_identical_answers_are_recorded_once(session: Session, signed_in: SignedIn) -> None:
    household = factories.household(session)
    path = f"/households/{household.reference}"
    client = signed_in(Role.STAFF)
    day = (TODAY - dt.timedelta(days=3)).isoformat()
    answered = {"observed_on": day, "respondent": "guardian", "mode": "phone", "language": "es", "access": "No"}
    for form in (answered, answered, answered | {"mode": "paper"}, answered | {"device": "Tablet"}):
        assert client.send(f"{path}/responses", form | opened(client, f"{path}/responses")).status_code == 302
        if form is answered:
            text = client.get(path).text
    assert "These answers are recorded already" in text
    session.rollback()
    assert session.scalar(select(func.count()).select_from(ConnectivityResponse)) == 3


def test_coordinates_far_from_their_own_address_are_not_used_and_said(session: Session) -> None:
    address = {"line": "1135 W Wilson Ave", "zip": ""}
    near = read_home(session, TypedAddress(**address, lon=-87.6589, lat=41.9654)).placement
    assert (near.certainty, near.reason) == ("sure", "")
    far = read_home(session, TypedAddress(**address, lon=-87.7298, lat=41.8056)).placement
    assert (far.area, far.method, far.certainty) == (3, "grid", "near_edge")
    assert "The given coordinates lie 11.6 miles from this address" in far.reason
