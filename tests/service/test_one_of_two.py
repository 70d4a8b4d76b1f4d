"""Two households that were merged have an enrollment each in one year: one ends, the home goes on with the other and is counted once."""

import datetime as dt
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access.scope import in_scope
from connectivity.casework.merged import absorbed_ids
from connectivity.households.page import household_page
from connectivity.register import (
    Account,
    AuditEvent,
    CodeEvent,
    Enrollment,
    EnrollmentEvent,
    Household,
    HouseholdMerge,
    MembershipCode,
    ProgramYear,
    Role,
)
from connectivity.rules.service_stages import Stage
from connectivity.rules.service_states import EndReason, Status
from connectivity.service.enrollments import Step, StepRefused
from connectivity.service.one_of_two import Ends, end_one, two_of
from connectivity.service.progress.funnel import funnel
from tests import factories
from tests.households.conftest import TODAY, SignedIn, errors_of
from tests.households.test_merge import dumped, merged, undone, writing

DAY = dt.timedelta(days=1)


@pytest.fixture
def year(session: Session) -> ProgramYear:
    """It goes on today."""
    return factories.program_year(
        session, starts_on=TODAY - dt.timedelta(days=60), ends_on=TODAY + dt.timedelta(days=300)
    )


def with_code(session: Session, household: Household, status: str, code: str) -> Enrollment:
    provider = factories.provider(session)
    given = factories.membership_code(
        session, code=code, state="redeemed" if status == "active" else "issued", household_id=household.id,
        program_year_id=factories.program_year(session).id, issued_on=TODAY - 9 * DAY,
    )  # fmt: skip
    return factories.enrollment(
        session, household, status, on=TODAY - 9 * DAY, program_year_id=given.program_year_id,
        membership_code_id=given.id, provider_id=provider.id, plan_id=provider.plans[0].id,
    )  # fmt: skip


@pytest.fixture
def home(session: Session, staff: Account, year: ProgramYear) -> tuple[Household, Household]:
    """The kept household and the folded one, both with an issued code."""
    kept, folded = factories.household(session), factories.household(session)
    with_code(session, kept, "code_issued", "CCKEPT0001")
    with_code(session, folded, "code_issued", "CCFOLD0001")
    merged(session, staff, kept, folded)
    return kept, folded


def end(
    session: Session, staff: Account, home: tuple[Household, Household], ends: Ends, reason: str = "duplicate"
) -> None:
    kept, folded = home
    year_id = kept.enrollments[0].program_year_id
    with writing(session):
        two = two_of(session, kept, year_id, folded.reference)
        assert two is not None
        taken = Step(status=Status.ENDED, happened_on=TODAY, reason=EndReason(reason))
        end_one(session, account=staff, household=kept, two=two, ends=ends, taken=taken, today=TODAY)


def standing(session: Session) -> dict[str, tuple[str, str, int]]:
    """Code -> how its enrollment and itself stand, and whose both are."""
    rows = session.execute(
        select(MembershipCode, Enrollment).join(Enrollment, Enrollment.membership_code_id == MembershipCode.id)
    )
    found = {}
    for code, enrollment in rows:
        assert code.household_id == enrollment.household_id
        found[code.code] = (enrollment.status, code.state, enrollment.household_id)
    return found


def go_on(session: Session, folded: Household) -> None:
    """The provider says that the folded household is online."""
    (enrollment,) = session.scalars(select(Enrollment).where(Enrollment.household_id == folded.id))
    enrollment.status, enrollment.status_on = "active", TODAY
    enrollment.events.append(EnrollmentEvent(status="active", happened_on=TODAY))
    assert enrollment.membership_code is not None
    enrollment.membership_code.state = "redeemed"
    session.commit()


def active(session: Session, account: Account, year: ProgramYear) -> int:
    """Homes at “active” in the funnel."""
    seen = funnel(session, year_id=year.id, where=[in_scope(Household, account)], as_of=TODAY)
    return seen.stages[Stage.ACTIVE].standing


def test_the_page_says_first_that_two_go_on_and_offers_to_end_either(
    session: Session, signed_in: SignedIn, home: tuple[Household, Household]
) -> None:
    kept, folded = home
    page = signed_in(Role.STAFF).get(f"/households/{kept.reference}").text
    section = page.partition('id="enrollment"')[2].partition("</section>")[0]
    words = f"{folded.reference} was merged into this household and has an enrollment of its own in 2026-27:"
    assert words in section
    assert section.index(words) < section.index("<strong>2026-27</strong>")
    assert "CC-FOLD-0001" in section
    (stands_out,) = re.findall(r'btn-primary" href="([^"]+)"', section.replace("btn-outline-primary", ""))
    assert stands_out.endswith(f"/two/{folded.reference}?ends=theirs")
    assert "Nothing to do" not in section
    assert "Decide first which of the two enrollments goes on" in section


def test_the_one_that_is_less_far_is_offered_first_to_end(
    session: Session, staff: Account, home: tuple[Household, Household]
) -> None:
    kept, folded = home
    for further in (False, True):
        page = household_page(session, staff, kept.reference, TODAY)
        assert page is not None
        assert [(one.theirs.household_id, one.theirs_is_further) for one in page.two_go_on] == [(folded.id, further)]
        assert [one.stands_out for one in page.standings] == [False]
        session.rollback()
        go_on(session, folded)


def test_ending_the_folded_ones_revokes_its_code_and_leaves_the_other(
    session: Session, staff: Account, home: tuple[Household, Household]
) -> None:
    kept, folded = home
    end(session, staff, home, Ends.THEIRS)
    assert standing(session) == {
        "CCKEPT0001": ("code_issued", "issued", kept.id),
        "CCFOLD0001": ("ended", "revoked", folded.id),
    }
    page = household_page(session, staff, kept.reference, TODAY)
    assert page is not None
    assert page.two_go_on == ()
    assert "Help the family order service" in page.standings[0].next_step
    assert [one.state for one in session.scalars(select(CodeEvent).order_by(CodeEvent.id))][-1] == "revoked"


def test_the_home_that_goes_on_with_the_folded_ones_is_counted_once_as_what_it_is(
    session: Session, staff: Account, year: ProgramYear, home: tuple[Household, Household]
) -> None:
    kept, folded = home
    go_on(session, folded)
    assert active(session, staff, year) == 0
    end(session, staff, home, Ends.OWN)
    assert standing(session) == {
        "CCKEPT0001": ("ended", "revoked", folded.id),
        "CCFOLD0001": ("active", "redeemed", kept.id),
    }
    assert active(session, staff, year) == 1
    page = household_page(session, staff, kept.reference, TODAY)
    assert page is not None
    assert [one.next_step for one in page.standings] == ["Nothing to do: the home is connected"]
    assert page.two_go_on == ()
    assert [one.kind for one in page.history if one.kind == "enrollment.changed_places"]
    assert session.scalars(select(Household.reference).where(Household.reference.startswith("waiting"))).all() == []


def test_a_redeemed_code_expires_with_its_enrollment(
    session: Session, staff: Account, home: tuple[Household, Household]
) -> None:
    go_on(session, home[1])
    end(session, staff, home, Ends.THEIRS, "cancelled")
    assert standing(session)["CCFOLD0001"] == ("ended", "expired", home[1].id)


def test_where_the_households_own_has_ended_already_the_other_takes_its_place(
    session: Session, staff: Account, home: tuple[Household, Household]
) -> None:
    kept, folded = home
    own = kept.enrollments[0]
    own.status = "ended"
    session.execute(
        MembershipCode.__table__.update().where(MembershipCode.code == "CCKEPT0001").values(state="expired")
    )  # type: ignore[attr-defined]
    end(session, staff, home, Ends.OWN)
    assert standing(session) == {
        "CCKEPT0001": ("ended", "expired", folded.id),
        "CCFOLD0001": ("code_issued", "issued", kept.id),
    }


def test_an_undo_puts_both_back_where_they_were(session: Session, staff: Account, year: ProgramYear) -> None:
    """Every row is as it was, but for the step “ended” and the code that died with it."""
    kept, folded = factories.household(session), factories.household(session)
    with_code(session, kept, "code_issued", "CCKEPT0001")
    with_code(session, folded, "code_issued", "CCFOLD0001")
    made = merged(session, staff, kept, folded)
    before = dumped(session)
    end(session, staff, (kept, folded), Ends.OWN)
    undone(session, staff, made)
    assert standing(session) == {
        "CCKEPT0001": ("ended", "revoked", kept.id),
        "CCFOLD0001": ("code_issued", "issued", folded.id),
    }
    after = dumped(session)
    for name in ("household_phone", "residence", "connectivity_response", "determination", "service_address"):
        assert after[name] == before[name]
    assert len(after["household"]) == len(before["household"])
    assert len(after["enrollment_event"]) == len(before["enrollment_event"]) + 1


def test_three_in_one_each_enrollment_goes_home_as_the_merges_are_undone(
    session: Session, staff: Account, year: ProgramYear
) -> None:
    """Anna and Xenia are merged into Cora; Xenia’s goes on, then Anna’s. Undone in reverse order, each has its own again."""
    cora, anna, xenia = (factories.household(session) for _ in range(3))
    for one, code in ((cora, "CCCORA0001"), (anna, "CCANNA0001"), (xenia, "CCXENI0001")):
        with_code(session, one, "code_issued", code)
    first, second = merged(session, staff, cora, anna), merged(session, staff, cora, xenia)
    end(session, staff, (cora, xenia), Ends.OWN)
    end(session, staff, (cora, anna), Ends.OWN)
    assert {code: one[2] for code, one in standing(session).items()} == {
        "CCANNA0001": cora.id,
        "CCXENI0001": anna.id,
        "CCCORA0001": xenia.id,
    }
    undone(session, staff, second)
    assert standing(session)["CCXENI0001"][2] == xenia.id
    undone(session, staff, first)
    assert {code: one[2] for code, one in standing(session).items()} == {
        "CCANNA0001": anna.id,
        "CCXENI0001": xenia.id,
        "CCCORA0001": cora.id,
    }


def test_one_merged_through_another_goes_home_too(session: Session, staff: Account, year: ProgramYear) -> None:
    cora, bea, anna = (factories.household(session) for _ in range(3))
    for one, code in ((cora, "CCCORA0001"), (bea, "CCBEAA0001"), (anna, "CCANNA0001")):
        with_code(session, one, "code_issued", code)
    first, second = merged(session, staff, bea, anna), merged(session, staff, cora, bea)
    assert set(absorbed_ids(session, cora.id)) == {bea.id, anna.id}
    end(session, staff, (cora, anna), Ends.OWN)
    assert standing(session)["CCANNA0001"][2] == cora.id
    undone(session, staff, second)
    assert {code: one[2] for code, one in standing(session).items()} == {
        "CCANNA0001": anna.id,
        "CCBEAA0001": bea.id,
        "CCCORA0001": cora.id,
    }
    undone(session, staff, first)


def test_a_refused_step_changes_no_places(
    session: Session, staff: Account, home: tuple[Household, Household], year: ProgramYear
) -> None:
    kept, folded = home
    two = two_of(session, kept, year.id, folded.reference)
    assert two is not None
    taken = Step(status=Status.ENDED, happened_on=TODAY - 20 * DAY, reason=EndReason.DUPLICATE)
    with pytest.raises(StepRefused) as refused:
        end_one(session, account=staff, household=kept, two=two, ends=Ends.OWN, taken=taken, today=TODAY)
    assert set(refused.value.problems) == {"happened_on"}
    session.rollback()
    assert [one.moved.get("changed_places") for one in session.scalars(select(HouseholdMerge))] == [None]


def test_the_pages_end_one_and_say_so(
    session: Session, signed_in: SignedIn, home: tuple[Household, Household], year: ProgramYear
) -> None:
    kept, folded = home
    client, path = signed_in(Role.STAFF), f"/households/{kept.reference}/enrollments/{year.id}/two"
    page = client.get(f"{path}/{folded.reference}?ends=own").text
    assert "CC-FOLD-0001" in page
    chosen = re.findall(r'<option selected value="(\w+)"', page)
    assert chosen == ["own", "staff", "duplicate"]
    sent = {
        "stood": "code_issued code_issued", "ends": "own", "happened_on": TODAY.isoformat(), "said_by": "staff",
        "reason": "duplicate",
    }  # fmt: skip
    early = {**sent, "happened_on": (TODAY - 20 * DAY).isoformat()}
    assert set(errors_of(client.send(f"{path}/{folded.reference}", early).text)) == {"happened_on"}
    assert set(errors_of(client.send(f"{path}/{folded.reference}", {**sent, "ends": ""}).text)) == {"ends"}
    moved_on = client.send(f"{path}/{folded.reference}", {**sent, "stood": "eligible code_issued"})
    assert "moved on while you were looking" in errors_of(moved_on.text)["ends"]
    done = client.send(f"{path}/{folded.reference}", sent, follow_redirects=True)
    assert "one enrollment goes on for this home" in done.text
    assert "Help the family order service with their code" in done.text
    again = client.get(f"{path}/{folded.reference}")
    assert (again.status_code, again.headers["Location"]) == (302, f"/households/{kept.reference}")
    session.rollback()
    stranger = factories.household(session)
    factories.enrollment(session, stranger, program_year_id=year.id)
    session.commit()
    assert client.get(f"{path}/{stranger.reference}").status_code == 302
    session.rollback()
    actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == kept.id)).all()
    assert actions == ["household.merged", "enrollment.stepped", "enrollment.changed_places"]
