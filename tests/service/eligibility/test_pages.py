"""The pages of eligibility: policies without code, a run with its preview, a household's determinations, and who reads which reason."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.access.factors import open_sealed, seal
from connectivity.register import (
    Account,
    Appeal,
    AuditEvent,
    Determination,
    Disclosure,
    EligibilityPolicy,
    EligibilityRun,
    Household,
    ProgramYear,
    Role,
    RunState,
    StudentFactors,
)
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
    in_force,
    policy_of,
    start,
)

SignedIn = Callable[..., PolicedClient]
PAGE = "/service/eligibility"
RULES = {"mode": "weights", "weight_hardship_index": "100", "threshold": "60", "vintage": VINTAGE}
LUNCH = {"weights": {"hardship_index": "50", "frl": "24"}, "threshold": "60"}


@pytest.fixture
def client(office: Account, year: ProgramYear, signed_in: SignedIn) -> PolicedClient:
    return signed_in(office)


def test_a_policy_is_drafted_changed_and_frozen_by_the_run_that_used_it(
    client: PolicedClient, session: Session, office: Account, year: ProgramYear
) -> None:
    added = client.send(f"{PAGE}/policies/new", {"name": "Hardship", **RULES}, follow_redirects=True)
    assert "Hardship, version 1" in words(added)
    assert "draft, no run has used it yet" in words(added)
    policy = session.scalars(select(EligibilityPolicy).where(EligibilityPolicy.name == "Hardship")).one()
    edit = f"{PAGE}/policies/{policy.id}/edit"
    stood = client.get(edit).text.partition('name="stood"')[2].partition('value="')[2].partition('"')[0]
    changed = client.send(edit, {**RULES, "threshold": "55", "stood": stood}, follow_redirects=True)
    assert "Saved as version 1" in words(changed)
    assert "from a score of 55 points on" in words(changed)
    stale = client.send(edit, {**RULES, "stood": stood})
    assert (stale.status_code, "Somebody else changed this policy" in words(stale)) == (422, True)
    session.refresh(policy)
    applied(session, office, year, policy)
    frozen = client.get(edit)
    assert "Version 1 is frozen" in words(frozen)
    stood = frozen.text.partition('name="stood"')[2].partition('value="')[2].partition('"')[0]
    assert "Hardship, version 2" in words(client.send(edit, {**RULES, "stood": stood}, follow_redirects=True))
    assert "frozen, a run has used it" in words(client.get(f"{PAGE}/policies/{policy.id}"))
    assert [one.threshold for one in session.scalars(
        select(EligibilityPolicy).where(EligibilityPolicy.name == "Hardship").order_by(EligibilityPolicy.version)
    )] == [55, 60]  # fmt: skip


def test_weights_that_cannot_reach_their_threshold_are_refused_at_the_field_with_every_other_problem(
    client: PolicedClient, session: Session
) -> None:
    # The highest index of these years is 98 (Riverdale): 50 points earn 49 at most.
    answer = client.send(
        f"{PAGE}/policies/new", {**RULES, "name": "", "weight_hardship_index": "50", "threshold": "60"}
    )
    assert answer.status_code == 422
    assert "Enter a name for the policy." in words(answer)
    at_field = answer.text.partition('id="threshold-error"')[2].partition("</div>")[0]
    assert "The weights add up to 49 points at most (the highest hardship index is 98)" in at_field
    assert "Lower the threshold, or raise a weight." in at_field
    assert session.scalar(select(func.count()).select_from(EligibilityPolicy)) == 1


def test_sensitive_factors_are_not_even_offered_where_none_are_held(client: PolicedClient, app: Flask) -> None:
    page = client.get(f"{PAGE}/policies/new").text
    assert "can be weighed only where the program holds them sealed" in page
    assert 'name="weight_medicaid"' not in page
    answer = client.send(f"{PAGE}/policies/new", {**RULES, "name": "Meals", "weight_medicaid": "60"})
    assert (answer.status_code, "holds no sensitive factors" in words(answer)) == (422, True)


def test_a_run_is_started_previewed_downloaded_and_applied_by_its_pages(
    client: PolicedClient, session: Session, office: Account, year: ProgramYear
) -> None:
    gains = factories.household(session, area=ENGLEWOOD, guardian_last_name="Okafor")
    loses = factories.household(session, area=LINCOLN_PARK)
    factories.enrollment(session, loses, "active")
    policy = policy_of(session, office)
    started = client.send(
        f"{PAGE}/runs", {"program_year": str(year.id), "policy": str(policy.id)}, page=PAGE, follow_redirects=True
    )
    assert "Preview ready" in words(started)  # a test's queue works at once
    run = session.scalars(select(EligibilityRun)).one()
    session.commit()
    page = f"{PAGE}/runs/{run.id}"
    shown = client.get(page)
    assert "Do not publish" in words(shown)
    assert client.get(f"{page}/progress").json["state"] == "planned"
    group = client.get(f"{page}/gains")
    assert ("Okafor" in words(group), loses.reference in words(group)) == (True, False)
    file = client.send(f"{page}/loses/households.csv", page=page)
    assert list(csv.reader(io.StringIO(file.data.decode("utf-8-sig")))) == [
        ["household", "community_area", "what_changes", "explanation"],
        [loses.reference, "Lincoln Park", "Lose eligibility",
         "Not eligible: hardship index of Lincoln Park 2 (2 points); score 2, threshold 50."],
    ]  # fmt: skip
    logged = session.scalars(select(Disclosure)).one()
    assert (logged.account_id, logged.row_count, logged.scope["run"]) == (office.id, 1, run.id)
    session.rollback()
    assert "1 enrollment was started" in words(client.send(f"{page}/apply", page=page, follow_redirects=True))
    again = client.send(f"{page}/apply", page=PAGE, follow_redirects=True)
    assert "applied already. Nothing was changed" in words(again)
    found = words(client.get(f"/households/{gains.reference}/eligibility"))
    assert "Eligible: hardship index of Englewood 94 (94 points); score 94, threshold 50." in found


def test_a_preview_that_is_put_aside_is_gone_and_says_so(
    client: PolicedClient, session: Session, office: Account, year: ProgramYear
) -> None:
    factories.household(session, area=ENGLEWOOD)
    run = start(session, office, year, policy_of(session, office))
    session.commit()
    page = f"{PAGE}/runs/{run.id}"
    assert "was put aside" in words(client.send(f"{page}/aside", page=page, follow_redirects=True))
    assert client.get(f"{page}/gains").status_code == 404
    assert client.send(f"{page}/apply", page=PAGE, follow_redirects=True).status_code == 200
    session.refresh(run)
    assert run.state == RunState.DISCARDED


def test_only_the_eligibility_role_reads_which_factor_decided_and_each_view_is_written_down(
    session: Session, app: Flask, office: Account, year: ProgramYear, signed_in: SignedIn
) -> None:
    home = factories.household(session, area=ENGLEWOOD)
    organization = factories.organization(session, areas=[ENGLEWOOD])
    app.config["FACTOR_KEYS"] = (KEY,)
    with app.app_context():  # left before the first page: a request inside of it would share who is signed in
        sealed = seal({"frl": "Free"})
        session.add(StudentFactors(student_id=home.students[0].id, program_year_id=year.id, sealed=sealed))
        run = applied(session, office, year, policy_of(session, office, "Lunch", **LUNCH))
    secret = "free or reduced-price lunch (24 points); score 71, threshold 60"  # 50 * 94 / 100 = 47, and 24
    public = (
        "Eligible under the program’s policy. Hardship index of Englewood 94. The rest is with the eligibility office."
    )
    pages = (f"/households/{home.reference}/eligibility", f"{PAGE}/runs/{run.id}/gains")
    for role in (Role.ELIGIBILITY, Role.ADMIN, Role.STAFF, Role.PARTNER):
        client = signed_in(role, **({"organization_id": organization.id} if role == Role.PARTNER else {}))
        for path in pages[: 1 if role == Role.PARTNER else 2]:
            text = words(client.get(path))
            assert (secret in text) == (role == Role.ELIGIBILITY), (role, path)
            assert (public in text) == (role != Role.ELIGIBILITY), (role, path)
        everything = client.get(pages[0]).text + client.get(f"/households/{home.reference}").text
        assert ("24 points" in everything) == (role == Role.ELIGIBILITY)
    file = signed_in(Role.ELIGIBILITY).send(f"{PAGE}/runs/{run.id}/gains/households.csv", page=pages[1])
    assert (public in file.data.decode(), "lunch" in file.data.decode()) == (True, False)
    session.expire_all()
    views = session.scalars(select(AuditEvent).where(AuditEvent.action == "explanations.opened")).all()
    assert {one.subject for one in views} == {"eligibility_of_household", "eligibility_run"}
    assert all("lunch" not in str(one.changes) for one in views)
    determined = in_force(session, home, year)
    assert determined is not None
    assert determined.score is None
    other = factories.account(session, Role.STAFF)
    with app.app_context(), pytest.raises(PermissionError):
        open_sealed(session, account=other, tokens=[determined.sealed], subject="x", subject_id=None)


def test_an_override_needs_its_reason_and_a_last_day_that_is_to_come(
    client: PolicedClient, session: Session, year: ProgramYear
) -> None:
    home = factories.household(session, area=LINCOLN_PARK)
    session.commit()
    path = f"/households/{home.reference}/eligibility/override"
    sent = {"program_year": str(year.id), "eligible": "yes", "reason": "Fire in the building", "expires_on": ""}
    for left_out, said in (
        ({"reason": "  "}, "Enter the reason: why does the program decide otherwise?"),
        ({"expires_on": ""}, "Enter the last day on which this decision stands against a run."),
        ({"expires_on": (TODAY - dt.timedelta(days=1)).isoformat()}, "is in the past. Enter today or a later day."),
        ({"eligible": ""}, "Choose the outcome."),
        ({"program_year": "999"}, "Choose one from the list."),
    ):
        answer = client.send(path, {**sent, "expires_on": TODAY.isoformat(), **left_out})
        assert (answer.status_code, said in words(answer)) == (422, True), said
    assert session.scalar(select(func.count()).select_from(Determination)) == 0
    session.rollback()
    done = client.send(path, {**sent, "expires_on": TODAY.isoformat()}, follow_redirects=True)
    assert "Eligible: decided by the program for this household" in words(done)
    assert "Reason: Fire in the building" in words(done)
    session.rollback()
    made = in_force(session, home, year)
    assert made is not None
    assert (made.source, made.expires_on) == ("override", TODAY)


def test_an_appeal_is_taken_down_by_staff_and_decided_by_the_eligibility_office(
    session: Session, office: Account, year: ProgramYear, signed_in: SignedIn
) -> None:
    home = factories.household(session, area=LINCOLN_PARK)
    staff, other = signed_in(Role.STAFF), signed_in(Role.ADMIN)
    page = f"/households/{home.reference}/eligibility"
    sent = {"program_year": str(year.id), "opened_on": TODAY.isoformat(), "ground": "We lost our home"}
    done = staff.send(f"{page}/appeals", sent, follow_redirects=True)
    assert "The family says: We lost our home" in words(done)  # whoever wrote it reads it
    assert "We lost our home" not in words(other.get(page))
    assert "is open already. Decide that one first." in words(staff.send(f"{page}/appeals", sent))
    assert home.reference in words(other.get(PAGE))
    appeal = session.scalars(select(Appeal)).one()
    path = f"{page}/appeals/{appeal.id}"
    session.rollback()
    assert staff.get(path).status_code == 403
    client = signed_in(office)
    early = (TODAY - dt.timedelta(days=1)).isoformat()
    refused = client.send(path, {"outcome": "granted", "reason": "", "decided_on": early})
    assert (refused.status_code, "Enter the reason of the decision." in words(refused)) == (422, True)
    early_too = client.send(path, {"outcome": "granted", "reason": "Shelter", "decided_on": early})
    assert "The decision cannot be earlier." in words(early_too)
    granted = client.send(
        path, {"outcome": "granted", "reason": "Shelter", "decided_on": TODAY.isoformat()}, follow_redirects=True
    )
    assert "the family’s appeal was granted" in words(granted)
    again = client.send(path, {"outcome": "denied", "reason": "No", "decided_on": TODAY.isoformat()})
    assert "This appeal was granted on" in words(again)
    assert "Shelter" not in words(staff.get(page))
    session.rollback()
    made = in_force(session, home, year)
    assert made is not None
    assert (made.source, made.eligible) == ("appeal", True)


def test_a_partner_reads_its_own_households_and_decides_nothing(
    session: Session, year: ProgramYear, signed_in: SignedIn
) -> None:
    own, foreign = factories.household(session, area=ENGLEWOOD), factories.household(session, area=LINCOLN_PARK)
    organization = factories.organization(session, areas=[ENGLEWOOD])
    partner = signed_in(Role.PARTNER, organization_id=organization.id)
    page = f"/households/{own.reference}/eligibility"
    assert f'href="{page}"' in partner.get(f"/households/{own.reference}").text
    shown = partner.get(page).text
    assert ("Record an appeal" in shown, "Decide otherwise" in shown) == (False, False)
    assert partner.get(f"/households/{foreign.reference}/eligibility").status_code == 404
    for path in (PAGE, f"{PAGE}/what-if", f"{page}/appeals", f"{page}/override"):
        assert partner.get(path).status_code == 403


def test_a_household_without_a_determination_says_what_that_means(client: PolicedClient, session: Session) -> None:
    home: Household = factories.household(session)
    session.commit()
    assert "No determination yet." in words(client.get(f"/households/{home.reference}/eligibility"))


def test_names_that_differ_in_case_alone_are_one_name_and_unseen_signs_are_refused(
    client: PolicedClient, session: Session
) -> None:
    def sent(name: str) -> Any:
        return client.send(f"{PAGE}/policies/new", {**RULES, "name": name})

    assert sent("W").status_code == 302
    for name in ("w", " W "):
        assert "There is a policy named “W” already." in words(sent(name))
    assert sent("Ärzte").status_code == 302
    assert "There is a policy named “Ärzte” already." in words(sent("ÄRZTE"))
    for name in ("a\x00b", "a\x07b", "a\u200bb"):
        assert "signs that nobody can see" in words(sent(name))
    session.rollback()
    assert session.scalar(select(func.count()).select_from(EligibilityPolicy)) == 3  # with the district's
