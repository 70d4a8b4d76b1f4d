"""The history says what the rows hold; names keep their joiners; errors are in our words and short."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.casework.fields import strip, strip_name
from connectivity.register import Household, Role
from connectivity.rules.membership_codes import shown
from tests import factories
from tests.households.conftest import TODAY, SignedIn, errors_of
from tests.households.test_register import Filled


def history_of(text: str) -> str:
    return text.partition('<ol class="history">')[2].partition("</ol>")[0]


@pytest.mark.parametrize("audited", [True, False])
def test_the_history_names_the_code_its_provider_and_plan(session: Session, signed_in: SignedIn, audited: bool) -> None:
    household = factories.household(session)
    client = signed_in(Role.STAFF)
    path = f"/households/{household.reference}"
    if audited:
        enrollment = factories.enrollment(session, household, "contacted")
        code = factories.membership_code(session)
        plan = factories.provider(session).plans[0]
        session.commit()
        step = {"status": "code_issued", "happened_on": TODAY.isoformat(), "plan": str(plan.id)}
        assert client.send(f"{path}/enrollments/{enrollment.program_year_id}", step).status_code == 302
    else:
        provider = factories.provider(session)
        code = factories.membership_code(session, state="issued", household_id=household.id, issued_on=factories.DAY)
        factories.enrollment(
            session, household, "code_issued", provider_id=provider.id, plan_id=provider.plans[0].id,
            membership_code_id=code.id,
        )  # fmt: skip
        session.commit()
    listed = history_of(client.get(path).text)
    assert f"<code>{shown(code.code)}</code>" in listed
    assert "Comcast, Internet Essentials" in listed


def test_the_history_says_who_answered_how_and_what_was_first_written(session: Session, signed_in: SignedIn) -> None:
    household = factories.household(session)
    client = signed_in(Role.STAFF)
    path = f"/households/{household.reference}"
    answered = {
        "observed_on": TODAY.isoformat(), "respondent": "student", "mode": "in_person", "language": "pl",
        "device": "Tablet", "student": str(household.students[0].id),
    }  # fmt: skip
    assert client.send(f"{path}/responses", answered).status_code == 302
    listed = history_of(client.get(path).text)
    assert "Student, In person, Polish; learning device of Luz" in " ".join(listed.split())
    assert "1135 West Wilson Avenue, Chicago, IL 60640" in listed


def test_names_keep_joiners_and_lose_overrides() -> None:
    assert strip_name("علی\u200cرضا ") == "علی\u200cرضا"
    assert strip_name("\u200cRo\u202esa\u200d") == "Rosa"
    assert strip("00\u200c12") == "0012"


def test_a_persian_name_is_stored_with_its_joiner(session: Session, signed_in: SignedIn, filled: Filled) -> None:
    assert signed_in(Role.STAFF).send("/households/new", filled(guardian_first_name="علی\u200cرضا")).status_code == 302
    assert session.scalars(select(Household.guardian_first_name)).one() == "علی\u200cرضا"


def test_errors_are_in_our_words_and_repeat_little(session: Session, signed_in: SignedIn, filled: Filled) -> None:
    client = signed_in(Role.STAFF)
    for changes, field, words in (
        ({"phone_1": "773 555 0123 ext 4"}, "phone_1", "Leave out the extension"),
        ({"unit": "x" * 41}, "unit", "Enter at most 40 letters."),
        ({"line": "x" * 121}, "line", "Enter at most 120 letters."),
        ({"zip": "6" * 11}, "zip", "Enter at most 10 digits"),
        ({"city": "x" * 61}, "city", "Enter at most 60 letters."),
    ):
        said = errors_of(client.send("/households/new", filled(**changes)).text)[field]
        assert words in said
        assert "Field cannot" not in said
    long = errors_of(client.send("/households/new", filled(line="1135 W Wilson Ave, " + "Z" * 100)).text)
    assert "Z" * 61 not in " ".join(long.values())
    assert long
