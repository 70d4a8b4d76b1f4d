"""Where the roster has a student beside where the household lives: what differs, and what is only spelled differently."""

import pytest
from sqlalchemy.orm import Session

from connectivity.households.two_addresses import TwoAddresses, two_addresses
from connectivity.register import Residence, Role
from tests import factories
from tests.households.conftest import SignedIn
from tests.households.test_merge import asked
from tests.households.test_questions import left, page_of


def beside(session: Session, roster: str, line: str, unit: str = "", zip_code: str = "60624") -> TwoAddresses:
    household = factories.household(session)
    home = household.residences[0]
    home.line, home.unit, home.zip = line, unit, zip_code
    session.flush()
    question = left(session, household, address=roster)
    return two_addresses(session, [question])[question.id]


def marks(two: TwoAddresses) -> dict[str, str]:
    return {part.name: part.mark.value for part in two.parts}


@pytest.mark.parametrize(
    ("roster", "line"),
    [
        ("330 S PULASIK RD", "330 S PULASKI RD"),
        ("330 PULASKY RD", "330 S PULASKI RD"),
        ("4007 W FULTON BVLD", "4007 W FULTON BLVD"),
        ("3408 W WASHNIGTNO BLVD", "3408 W WASHINGTON BLVD"),  # two slips in a long name
        ("330 S PULASKI RD", "330 S PULASIK RD"),  # the register's is the wrong one
    ],
)
def test_a_slip_in_the_street_is_told_as_a_spelling(session: Session, roster: str, line: str) -> None:
    two = beside(session, f"{roster}, Chicago, IL 60624", line)
    assert two.spelling_of == line
    assert marks(two) == {"number": "same", "street": "different", "unit": "none", "zip": "same"}
    assert not two.agree


@pytest.mark.parametrize(
    ("roster", "line"),
    [
        ("700 W RACE AVE", "700 W RICE AVE"),  # the city has both
        ("754 E 61ST ST", "754 E 62ND ST"),
        ("754 E 61ST ST", "754 E 61ST PL"),
        ("330 N PULASIK RD", "330 S PULASKI RD"),
        ("332 S PULASIK RD", "330 S PULASKI RD"),
        ("330 S PULASIK RD APT 2", "330 S PULASKI RD"),
        ("1400 W WILSON AVE", "330 S PULASKI RD"),
        ("330 S PLUSKAI RD", "330 S PULASKI RD"),  # more than one slip in a short name
    ],
)
def test_another_street_house_or_unit_is_no_spelling(session: Session, roster: str, line: str) -> None:
    assert beside(session, f"{roster}, Chicago, IL 60624", line, unit="APT 3").spelling_of == ""


def test_what_one_of_the_two_leaves_out_contradicts_nothing(session: Session) -> None:
    two = beside(session, "1135 WILSON, # 2, Chicago", "1135 W WILSON AVE", "APT 2")
    assert marks(two) == {"number": "same", "street": "same", "unit": "same", "zip": "unknown"}
    assert two.agree


def test_what_cannot_be_read_as_an_address_is_shown_as_it_is_with_the_reason(session: Session) -> None:
    two = beside(session, "PO Box 7600, Chicago, IL 60617", "330 S PULASKI RD", "APT 2")
    assert (two.roster, two.household) == ("PO Box 7600, Chicago, IL 60617", "330 S PULASKI RD, APT 2, 60624")
    assert (two.parts, two.spelling_of) == ((), "")
    assert two.unread.startswith("A post office box cannot be connected.")
    assert beside(session, "330 S PULASKI RD", "PO BOX 12").parts == ()


def test_only_questions_about_one_student_have_two_addresses(session: Session) -> None:
    homeless = factories.household(session)
    session.delete(session.get_one(Residence, homeless.residences[0].id))
    session.flush()
    pair, bare = asked(session, factories.household(session), factories.household(session)), left(session, homeless)
    found = two_addresses(session, [pair, bare])
    assert found == {bare.id: TwoAddresses(roster="1400 W WILSON AVE", household="")}


def test_the_page_lays_both_addresses_side_by_side(session: Session, signed_in: SignedIn) -> None:
    household = factories.household(session, students=[{"first_name": "Ivo"}, {"first_name": "Leo"}])
    question, client = (
        left(session, household, address="1135 W WILSNO AVE, APT 2, Chicago, IL 60640"),
        signed_in(Role.STAFF),
    )
    text = " ".join(page_of(client, question).split())
    assert "The roster has Ivo at 1135 W WILSNO AVE, APT 2, Chicago, IL 60640. The household lives at" in text
    assert "looks like a spelling of the household’s, 1135 W WILSON AVE" in text
    rows = [row.partition("</tr>")[0] for row in text.partition("Both addresses side by side")[2].split("<tr>")[2:6]]
    compared = [row.rpartition('<td class="d-none d-md-table-cell">')[2].removesuffix("</td>") for row in rows]
    assert compared == ["= Same", "≠ Differs", "Not known for one", "= Same"]
    for words in ("The student stays", "Split off to the roster’s address", "You can take it back"):
        assert words in text, words
    listed = " ".join(client.get("/households/questions").text.split())
    assert (
        "The roster: 1135 W WILSNO AVE, APT 2, Chicago, IL 60640<br>The household: 1135 W WILSON AVE, 60640" in listed
    )
    assert "Looks like a spelling of it" in listed
