"""Who is referred to a hotspot: homes where every wired provider that was asked said no, and nobody else."""

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.register import Account, Household, ProgramYear, Residence, Role, ServiceAddress
from connectivity.service.serviceability import ask as asking
from connectivity.service.serviceability import corrected, no_wire
from connectivity.service.serviceability.home import home_of
from connectivity.service.serviceability.no_wire import NextStep
from tests import factories
from tests.service.serviceability.answers_back import EVERY_OTHERWISE, TODAY, ask, home, rows, taken

NO = {"match_result": "exact", "serviceable": "no"}
LATER = dt.date(2026, 10, 5)


@pytest.fixture
def account(session: Session) -> Account:
    return factories.account(session, Role.STAFF)


@pytest.fixture
def year(session: Session) -> ProgramYear:
    return factories.program_year(session)


def waiting(
    session: Session, *, status: str | None = "contacted", line: str = "5 N CLARK ST", **given: object
) -> Household:
    """A household in the program year that has no connection yet."""
    made = home(session, line)
    if status:
        factories.enrollment(session, made, status, **given)
    return made


def say(session: Session, folder: Path, provider: str = "Comcast", **answer: str) -> None:
    """The provider is asked about every address and says the same of each."""
    taken(session, folder, rows(session, ask(session, provider), **(answer or NO)), provider=provider)


def listed(session: Session, account: Account, year: ProgramYear | None) -> list[no_wire.Line]:
    """The list; its length is what the count says."""
    session.rollback()
    session.expire_all()
    found = no_wire.lines(session, account, year, today=TODAY, after=0, size=100)
    assert no_wire.count_lines(session, account, year, today=TODAY) == len(found)
    return found


def names(session: Session, account: Account, year: ProgramYear | None) -> list[str]:
    return [one.reference for one in listed(session, account, year)]


def test_a_home_is_referred_when_every_provider_that_was_asked_said_no(
    session: Session, tmp_path: Path, account: Account, year: ProgramYear
) -> None:
    one = waiting(session)
    ask(session, "Astound", EVERY_OTHERWISE)
    say(session, tmp_path)
    assert names(session, account, year) == []  # Astound has not answered
    assert not home_of(session, one).no_wire
    say(session, tmp_path, "Astound")
    (line,) = listed(session, account, year)
    assert (line.reference, line.address) == (one.reference, "5 N CLARK ST, Chicago, IL 60640")
    assert [name for name, _day in line.said_no] == ["Astound", "Comcast"]
    assert (line.next_step, line.not_asked) == (NextStep.ISSUE, [])
    assert home_of(session, one).no_wire


@pytest.mark.parametrize(
    "answer",
    [
        {"match_result": "exact", "serviceable": "unknown"},
        {"match_result": "exact", "serviceable": ""},
        {"match_result": "exact", "serviceable": "yes"},
        {"match_result": "not found", "serviceable": "no"},
        {"match_result": "ambiguous", "serviceable": "no"},
        {"match_result": "corrected", "serviceable": "no", "corrected_address": "7 N CLARK ST"},
        {"match_result": "", "serviceable": ""},
    ],
)
def test_what_is_unknown_refers_nobody(
    session: Session, tmp_path: Path, account: Account, year: ProgramYear, answer: dict[str, str]
) -> None:
    one = waiting(session)
    say(session, tmp_path, **answer)
    assert names(session, account, year) == []
    say(session, tmp_path, "Astound")
    assert names(session, account, year) == []
    assert not home_of(session, one).no_wire


def test_nobody_was_asked_is_no_referral(session: Session, account: Account, year: ProgramYear) -> None:
    one = waiting(session)
    session.commit()
    assert names(session, account, year) == []
    assert not home_of(session, one).no_wire


@pytest.mark.parametrize("same", [True, False])
def test_a_corrected_no_refers_only_when_it_is_the_same_place(
    session: Session, tmp_path: Path, account: Account, year: ProgramYear, same: bool
) -> None:
    one = waiting(session)
    say(session, tmp_path, match_result="corrected", serviceable="no", corrected_address="5 N CLARKE ST")
    (waits,) = corrected.waiting(session, after=0, size=9)
    with transaction(session):
        corrected.decide(session, account=account, same={waits.id: same})
    assert names(session, account, year) == ([one.reference] if same else [])
    assert home_of(session, one).no_wire is same


def test_a_newer_unknown_takes_a_home_off_the_list(
    session: Session, tmp_path: Path, account: Account, year: ProgramYear
) -> None:
    waiting(session)
    batch = ask(session)
    taken(session, tmp_path, rows(session, batch, **NO, checked_on="2026-09-20"))
    assert len(names(session, account, year)) == 1
    taken(session, tmp_path, rows(session, batch, match_result="exact", checked_on="2026-10-01"))
    assert names(session, account, year) == []


def test_a_list_that_was_taken_back_holds_nobody_from_a_hotspot(
    session: Session, tmp_path: Path, account: Account, year: ProgramYear
) -> None:
    one = waiting(session)
    say(session, tmp_path)
    mistaken = ask(session, "Astound").id
    assert names(session, account, year) == []
    session.rollback()
    with transaction(session):
        asking.withdraw(session, account=account, batch_id=mistaken)
    assert names(session, account, year) == [one.reference]


def test_asking_again_takes_nothing_back(session: Session, tmp_path: Path, account: Account, year: ProgramYear) -> None:
    waiting(session)
    say(session, tmp_path)
    ask(session, on=LATER)
    assert len(names(session, account, year)) == 1


def test_a_provider_that_left_or_sells_no_wire_holds_nobody_back(
    session: Session, tmp_path: Path, account: Account, year: ProgramYear
) -> None:
    one = waiting(session)
    say(session, tmp_path)
    ask(session, "Astound")
    assert names(session, account, year) == []
    factories.provider(session, "Astound").active = False
    session.commit()
    assert names(session, account, year) == [one.reference]
    assert home_of(session, one).no_wire


def test_a_provider_that_was_not_asked_is_named(
    session: Session, tmp_path: Path, account: Account, year: ProgramYear
) -> None:
    one = waiting(session)
    factories.provider(session, "Astound")
    factories.provider(session, "T-Mobile", service_type="hotspot")
    say(session, tmp_path)
    (line,) = listed(session, account, year)
    assert line.not_asked == ["Astound"]
    assert home_of(session, one).not_asked == ["Astound"]


def test_an_answer_belongs_to_the_address_and_not_to_the_household(
    session: Session, tmp_path: Path, account: Account, year: ProgramYear
) -> None:
    leaves = waiting(session)
    say(session, tmp_path)
    lives = session.scalars(select(Residence).where(Residence.household_id == leaves.id)).one()
    lives.ends_on = LATER
    session.flush()
    new = factories.residence(leaves.id, 3)
    new.line, new.starts_on = "9 E 63RD ST", LATER
    session.add(new)
    comes = waiting(session)  # into the flat that the other one left
    session.commit()
    assert names(session, account, year) == [comes.reference]
    assert [one.answer for one in home_of(session, leaves).providers] == [None]
    assert home_of(session, comes).no_wire


def test_the_service_address_counts_where_there_is_one(
    session: Session, tmp_path: Path, account: Account, year: ProgramYear
) -> None:
    here, there = waiting(session), waiting(session, line="7 N CLARK ST")
    say(session, tmp_path)
    address = {"original": "", "unit": "", "city": "Chicago", "state": "IL", "zip": "60640", "reason": "at his aunt's"}
    session.add(ServiceAddress(household_id=here.id, line="9 E 63RD ST", starts_on=LATER, **address))
    session.commit()
    assert names(session, account, year) == [there.reference]
    found = home_of(session, here)
    assert found.elsewhere
    assert found.address is not None
    assert found.address.line == "9 E 63RD ST"


@pytest.mark.parametrize(
    ("status", "service_type", "step"),
    [
        (None, None, NextStep.ENROLL),
        ("eligible", None, NextStep.ISSUE),
        ("contacted", None, NextStep.ISSUE),
        ("code_issued", "wired", NextStep.END),
        ("ordered", "wired", NextStep.END),
        ("suspended", "wired", NextStep.END),
        ("active", "wired", None),
        ("code_issued", "hotspot", None),
        ("active", "hotspot", None),
        ("ordered", "smartphone", None),
        ("ended", "wired", None),
    ],
)
def test_the_next_step_follows_from_where_the_household_stands(
    session: Session,
    tmp_path: Path,
    account: Account,
    year: ProgramYear,
    status: str | None,
    service_type: str | None,
    step: NextStep | None,
) -> None:
    waiting(session, status=status, service_type=service_type)
    say(session, tmp_path)
    assert [one.next_step for one in listed(session, account, year)] == ([step] if step else [])


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("status", ["code_issued", "ordered", "kit_shipped", "installed", "suspended"])
def test_a_connection_that_another_provider_is_installing_is_not_ended(
    session: Session, tmp_path: Path, account: Account, year: ProgramYear, status: str, asked: bool
) -> None:
    astound = factories.provider(session, "Astound")
    one = waiting(session, status=status, service_type="wired", provider_id=astound.id)
    say(session, tmp_path)
    assert names(session, account, year) == []
    assert home_of(session, one).may_install(one.enrollments[0]) == "Astound"
    if asked:
        say(session, tmp_path, "Astound")
        assert names(session, account, year) == [one.reference]
        assert home_of(session, one).may_install(one.enrollments[0]) == ""


def test_a_wire_that_could_not_be_installed_leads_to_beginning_anew(
    session: Session, tmp_path: Path, account: Account, year: ProgramYear
) -> None:
    one = waiting(session, status=None)
    enrollment = factories.enrollment(session, one, "ended", service_type="wired")
    enrollment.events[-1].reason = "not_installed"
    say(session, tmp_path)
    assert [one.next_step for one in listed(session, account, year)] == [NextStep.BEGIN_ANEW]
    year.open_to_new = False
    session.commit()
    assert listed(session, account, year) == []


def test_a_household_outside_a_closed_year_is_not_offered_what_it_cannot_get(
    session: Session, tmp_path: Path, account: Account, year: ProgramYear
) -> None:
    waiting(session, status=None)
    say(session, tmp_path)
    year.open_to_new = False
    session.commit()
    assert listed(session, account, year) == []
    assert listed(session, account, None) == []


def test_partners_see_the_homes_of_their_areas_only(session: Session, tmp_path: Path, year: ProgramYear) -> None:
    one = waiting(session)
    other = home(session, "7 N CLARK ST", area=8)
    factories.enrollment(session, other, "contacted")
    say(session, tmp_path)
    organization = factories.organization(session, areas=[3])
    partner = factories.account(session, Role.PARTNER, organization_id=organization.id)
    session.commit()
    assert names(session, partner, year) == [one.reference]
    assert names(session, factories.account(session, Role.COUNCIL), year) == []


def test_a_household_that_was_merged_is_listed_once_by_the_kept_one(
    session: Session, tmp_path: Path, account: Account, year: ProgramYear
) -> None:
    kept, folded = waiting(session), waiting(session, status=None)
    say(session, tmp_path)
    folded.merged_into_id = kept.id
    session.commit()
    assert names(session, account, year) == [kept.reference]


def test_pages_of_the_list_hold_every_home_once_and_ask_no_query_per_home(
    session: Session, tmp_path: Path, account: Account, year: ProgramYear
) -> None:
    homes = [waiting(session, line=f"{number} N CLARK ST") for number in range(1, 6)]
    say(session, tmp_path)
    asked = list[str]()
    event.listen(session.get_bind(), "before_cursor_execute", lambda *said: asked.append(said[2]))
    found, after = list[int](), 0
    while page := no_wire.lines(session, account, year, today=TODAY, after=after, size=2):
        found += [one.household_id for one in page]
        after = found[-1]
    assert found == [one.id for one in homes]
    asked.clear()
    no_wire.lines(session, account, year, today=TODAY, after=0, size=5)
    assert len([one for one in asked if one.startswith(("SELECT", "WITH"))]) <= 5
