"""What-if: other rules on a map and in a table, for the office, from the homes as they stand; nothing is stored."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.access.factors import FactorsClosed, seal
from connectivity.reference import store
from connectivity.register import (
    Account,
    AuditEvent,
    Determination,
    EligibilityPolicy,
    EligibilityRun,
    ProgramYear,
    Role,
    StudentFactors,
)
from connectivity.rules.eligibility import Factor, Mode, Policy
from connectivity.rules.eligibility_what_if import Shift
from connectivity.service.eligibility.drawing import draw
from connectivity.service.eligibility.what_if import NothingOpened, look
from tests import factories
from tests.conftest import PolicedClient
from tests.households.at_once import words
from tests.service.eligibility.conftest import (
    ENGLEWOOD,
    KEY,
    LINCOLN_PARK,
    TODAY,
    VINTAGE,
    applied,
    policy_of,
)

SignedIn = Callable[..., PolicedClient]
PAGE = "/service/eligibility/what-if"
MEALS = Policy(Mode.WEIGHTS, {Factor.MEALS: 60}, threshold=60)


def rules(year: ProgramYear, **given: str) -> dict[str, str]:
    """100 points of the hardship index, threshold 50, unless told otherwise."""
    form = {"mode": "weights", "weight_hardship_index": "100", "threshold": "50", "vintage": VINTAGE}
    return {**form, "program_year": str(year.id), **given}


def row(page: str, area: str) -> list[str]:
    """The cells of an area's row of the table."""
    found = re.search(rf'<tr><th scope="row">{area}</th>(.*?)</tr>', page, re.DOTALL)
    assert found
    return re.findall(r"<td[^>]*>([^<]*)</td>", found[1])


def town(session: Session, year: ProgramYear) -> None:
    """Englewood (index 94): two homes, one connected. Lincoln Park (index 2): three eligible, two of them connected."""
    for area, statuses in ((ENGLEWOOD, ("active", None)), (LINCOLN_PARK, ("active", "active", "contacted"))):
        for status in statuses:
            home = factories.household(session, area=area)
            if status:
                factories.enrollment(session, home, status, program_year_id=year.id)
    session.commit()


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMIN, Role.ELIGIBILITY])
def test_eligible_households_and_reach_move_between_areas_as_counted_by_hand(
    session: Session, year: ProgramYear, signed_in: SignedIn, role: Role
) -> None:
    town(session, year)
    before = session.scalar(select(func.count()).select_from(AuditEvent))
    session.rollback()
    shown = signed_in(role).send(PAGE, rules(year))
    assert "Do not publish" in words(shown)
    # eligible now, then, change; connected now, then; reach now, then
    assert row(shown.text, "Englewood") == ["1", "2", "+1", "1", "1", "100%", "50%"]
    assert row(shown.text, "Lincoln Park") == ["3", "0", "-3", "2", "0", "67%", "–"]
    assert row(shown.text, "Whole city") == ["4", "2", "-2", "3", "1", "75%", "50%"]
    assert shown.text.count('class="shift-much_more"') == 2  # Englewood, and the legend
    assert shown.text.count('class="shift-much_less"') == 2  # Lincoln Park, and the legend
    session.rollback()
    for noun in (Determination, EligibilityRun):
        assert session.scalar(select(func.count()).select_from(noun)) == 0
    assert session.scalar(select(func.count()).select_from(EligibilityPolicy)) == 1  # the district's
    assert session.scalar(select(func.count()).select_from(AuditEvent)) == before


def test_with_fewer_places_the_highest_scores_come_first_and_a_tie_is_a_persons(
    session: Session, year: ProgramYear, signed_in: SignedIn
) -> None:
    town(session, year)
    client = signed_in(Role.STAFF)
    # Threshold 1: the two of Englewood score 94, the three of Lincoln Park 2. Three places: one is left for three homes.
    shown = client.send(PAGE, rules(year, threshold="1", places="3"))
    assert "2 of 3 places are given, to the highest scores first. 3 more households have the next score" in words(shown)
    assert row(shown.text, "Lincoln Park")[:2] == ["3", "0"]
    all_fit = client.send(PAGE, rules(year, threshold="1", places="5"))
    assert "5 of 5 places are given" in words(all_fit)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"threshold": "99"}, "The weights add up to 98 points at most"),
        ({"places": "many"}, "This is not a number of places."),
        ({"places": "-3"}, "This is not a number of places."),
        ({"mode": "district", "places": "5"}, "Places go to the highest scores."),
        ({"weight_hardship_index": "much"}, "A weight is a whole number of points"),
        ({"program_year": "999"}, "Choose one from the list."),
    ],
)
def test_what_cannot_be_tried_is_told_at_its_field(
    session: Session, year: ProgramYear, signed_in: SignedIn, given: dict[str, str], said: str
) -> None:
    session.commit()
    answer = signed_in(Role.STAFF).send(PAGE, rules(year, **given))
    assert (answer.status_code, said in words(answer)) == (422, True)


def test_sensitive_factors_are_tried_from_a_run_that_opened_them_and_by_the_eligibility_role_alone(
    session: Session, app: Flask, office: Account, year: ProgramYear, signed_in: SignedIn
) -> None:
    given = {"year": year, "policy": MEALS, "vintage": VINTAGE, "places": None, "today": TODAY}
    has, has_not = factories.household(session, area=LINCOLN_PARK), factories.household(session, area=ENGLEWOOD)
    app.config["FACTOR_KEYS"] = (KEY,)
    with app.app_context():
        with pytest.raises(NothingOpened, match="2026-27 has none"):
            look(session, account=office, **given)
        for home, word in ((has, "Free"), (has_not, "N")):
            sealed = seal({"frl": word})
            session.add(StudentFactors(student_id=home.students[0].id, program_year_id=year.id, sealed=sealed))
        # With lunch alone: Lincoln Park's home gains. The run weighs something else, and opens all factors.
        applied(session, office, year, policy_of(session, office, "Medicaid", weights={"medicaid": "9"}, threshold="9"))
        moves = look(session, account=office, **given).moves
        assert [(one.area, one.eligible_after) for one in moves.areas] == [(LINCOLN_PARK, 1), (ENGLEWOOD, 0)]
        admin = factories.account(session, Role.ADMIN)
        with pytest.raises(FactorsClosed):
            look(session, account=admin, **given)
        session.commit()
    form = rules(year, weight_hardship_index="", weight_frl="60", threshold="60")
    staff = signed_in(Role.STAFF)
    assert 'name="weight_frl"' not in staff.get(PAGE).text
    assert staff.send(PAGE, form).status_code == 422
    shown = signed_in(office).send(PAGE, form)
    assert "From the counts of run 1" in words(shown)
    assert row(shown.text, "Lincoln Park")[:2] == ["0", "1"]
    session.rollback()
    views = session.scalars(select(AuditEvent).where(AuditEvent.action == "explanations.opened")).all()
    assert [one.account_id for one in views][-1] == office.id


def test_the_map_shows_every_area_once_with_a_sign_beside_its_color(session: Session) -> None:
    drawn = draw(store.drawing_geojson(session), {ENGLEWOOD: Shift.MUCH_LESS, LINCOLN_PARK: Shift.MORE})
    assert sorted(one.number for one in drawn.shapes) == list(range(1, 78))
    marks = {one.number: (one.shade, one.mark) for one in drawn.shapes if one.mark}
    assert marks == {ENGLEWOOD: ("much_less", "−−"), LINCOLN_PARK: ("more", "+")}
    assert all(0 <= one.middle[0] <= drawn.width and 0 <= one.middle[1] <= drawn.height for one in drawn.shapes)
    assert {one.shade for one in drawn.shapes if one.number not in marks} == {"nobody"}


def test_whoever_cannot_be_decided_stands_beside_and_is_not_counted_as_losing(
    session: Session, year: ProgramYear, signed_in: SignedIn
) -> None:
    town(session, year)
    nowhere = factories.household(session, area=None)  # eligible and connected, and no area whose index could be read
    factories.enrollment(session, nowhere, "active", program_year_id=year.id)
    session.commit()
    shown = signed_in(Role.STAFF).send(PAGE, rules(year))
    # eligible now, then, undecided, change; connected now, then; reach now, then
    assert row(shown.text, "Not placed") == ["1", "0", "1", "0", "1", "0", "100%", "–"]
    assert row(shown.text, "Whole city")[:4] == ["5", "2", "1", "-2"]
    said = words(shown)
    assert "Of the households that can be decided, eligible: 2 instead of 4." in said
    assert "Of them connected: 1 instead of 3." in said
    assert "Cannot be decided yet: 1. Something that would decide is not known. Of them eligible now: 1." in said


def test_the_eligibility_office_is_told_that_nothing_is_held_and_not_that_it_alone_may(
    session: Session, year: ProgramYear, signed_in: SignedIn
) -> None:
    session.commit()
    office, staff = words(signed_in(Role.ELIGIBILITY).get(PAGE)), words(signed_in(Role.STAFF).get(PAGE))
    assert ("can try them here" in office, "This program holds none." in office) == (False, True)
    assert "the eligibility office alone can try them here" in staff
