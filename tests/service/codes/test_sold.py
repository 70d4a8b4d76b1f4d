"""Codes in bulk are given for plans that are on sale alone: in the list, and again at the button."""

import datetime as dt
import re

import pytest
from sqlalchemy.orm import Session

from connectivity.register import Account, Role
from connectivity.service.codes import give
from tests.households.conftest import SignedIn, errors_of
from tests.service.codes import programs
from tests.service.codes.programs import TODAY, states, waiting, wanted

LAST_YEAR = TODAY - dt.timedelta(days=101)  # the day before the program year


def offered(page: str) -> list[str]:
    """Ids of the plans in the list, in its order."""
    shown = page[page.index('name="plan"') :]
    return re.findall(r'<option[^>]*value="(\d+)"', shown[: shown.index("</select>")])


def test_the_list_offers_what_is_sold_in_the_year_of_providers_with_the_program(
    session: Session, signed_in: SignedIn
) -> None:
    year = programs.year(session)
    programs.plan(session, "Astound", ends_on=LAST_YEAR)
    programs.plan(session, "Bright", ends_on=TODAY - dt.timedelta(days=1))
    programs.plan(session, "Clear", starts_on=year.ends_on + dt.timedelta(days=1))
    gone = programs.plan(session, "Dial")
    gone.provider.active = False
    good, last = programs.plan(session, "Zeta"), programs.plan(session, "Zoom", ends_on=TODAY)
    session.commit()
    page = signed_in(Role.STAFF).get("/service/codes/give").text
    assert offered(page) == [str(good.id), str(last.id)]


def test_a_plan_taken_off_sale_since_the_count_is_refused_at_the_button(
    session: Session, signed_in: SignedIn, staff: Account
) -> None:
    programs.pool(session, "CC00000001")
    waiting(session)
    plan, year = programs.plan(session), programs.year(session)
    client = signed_in(Role.STAFF)
    path = f"/service/codes/give?year={year.id}&plan={plan.id}"
    assert "Issue 1 code<" in client.get(path).text
    plan.ends_on = TODAY - dt.timedelta(days=1)
    session.commit()
    answer = client.send(path.replace("give?", "give/issue?"), {"seen": "1"}, page="/service/codes/why")
    assert answer.status_code == 422
    assert "Plans that are not sold" in answer.text
    for verb in (give.issue_to_all, give.hold_for_all, give.issue_held):
        with pytest.raises(give.NotSold, match="is not sold in 2026-27 any more"):
            verb(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY)
    assert states(session) == {"free": 1}


def test_codes_held_of_a_plan_off_sale_can_still_be_released(session: Session, signed_in: SignedIn) -> None:
    programs.pool(session, "CC00000001")
    waiting(session)
    waiting(session)
    plan, year = programs.plan(session), programs.year(session)
    client = signed_in(Role.STAFF)
    path = f"/service/codes/give?year={year.id}&plan={plan.id}"
    client.send(path.replace("give?", "give/hold?"), {"seen": "2", "as_many": "yes"}, page=path)
    plan.ends_on = TODAY - dt.timedelta(days=1)
    session.commit()
    page = client.get(path).text
    assert "This plan is not sold in 2026-27 any more" in page
    assert "Issue the held codes" not in page
    release = path.replace("give?", "give/release?")
    assert "Held codes that are free again: 1." in client.send(release, {}, page=path, follow_redirects=True).text
    assert states(session) == {"free": 1}


def test_the_step_by_hand_offers_what_was_still_sold_and_refuses_what_was_not_on_its_day(
    session: Session, signed_in: SignedIn, staff: Account
) -> None:
    programs.pool(session, "CC00000001")
    enrollment = waiting(session, on=TODAY - dt.timedelta(days=20))
    programs.plan(session, "Bright", ends_on=TODAY - dt.timedelta(days=21))
    ended = programs.plan(session, "Clear", ends_on=TODAY - dt.timedelta(days=3))
    good = programs.plan(session)
    session.commit()
    page = f"/households/{enrollment.household.reference}/enrollments/{enrollment.program_year_id}"
    client = signed_in(Role.STAFF)
    assert set(offered(client.get(page).text)) == {str(good.id), str(ended.id)}
    step = {"status": "code_issued", "plan": str(ended.id), "happened_on": TODAY.isoformat(), "stood": "eligible"}
    assert "was taken off sale on" in errors_of(client.send(page, step).text)["plan"]
    assert states(session) == {"free": 1}
    before = {**step, "happened_on": (TODAY - dt.timedelta(days=3)).isoformat(), "code": "AB123456"}
    assert client.send(page, before).status_code == 302
    assert states(session) == {"free": 1, "issued": 1}
