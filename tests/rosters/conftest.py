"""What the page tests of this room begin with: two people of the office, and a roster handed in through the page."""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from connectivity.register import Account, Role, RosterImport
from tests import factories
from tests.conftest import PolicedClient
from tests.rosters.districts import csv_bytes, row, schools


@pytest.fixture
def account(session: Session) -> Account:
    return factories.account(session, Role.STAFF, email="first@example.org", name="Ana First")


@pytest.fixture
def staff(account: Account, signed_in: Callable[..., PolicedClient]) -> PolicedClient:
    return signed_in(account)


@pytest.fixture
def second(session: Session, signed_in: Callable[..., PolicedClient]) -> PolicedClient:
    """Another person of the office."""
    return signed_in(factories.account(session, Role.ADMIN, email="second@example.org", name="Ben Second"))


Upload = Callable[..., TestResponse]


@pytest.fixture
def upload(app: Flask, session: Session, staff: PolicedClient) -> Upload:
    """Hands rows (or bytes) in through the form; the work is done before the answer."""
    year = factories.program_year(session)
    session.commit()

    def send(content: bytes | Sequence[Mapping[str, str]], **given: Any) -> TestResponse:
        data = content if isinstance(content, bytes) else csv_bytes(content)
        client = given.pop("client", staff)
        form = {"year": str(year.id), "covers": "whole", "file": (io.BytesIO(data), given.pop("name", "roster.csv"))}
        return client.send("/rosters", {**form, **given}, follow_redirects=True)

    return send


def newest(session: Session) -> RosterImport:
    """The roster handed in last, as the database has it now."""
    session.rollback()
    return session.scalars(
        select(RosterImport).order_by(RosterImport.id.desc()).limit(1), execution_options={"populate_existing": True}
    ).one()


def plain(html: str) -> str:
    """The words of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.partition("<main")[2].partition(">")[2])).split())


def compared(roster: RosterImport) -> str:
    """Names the plan, as its page does."""
    assert roster.compared_at is not None
    return roster.compared_at.isoformat()


def apply_newest(session: Session, client: PolicedClient) -> TestResponse:
    """Ticks the box and applies the newest plan."""
    roster = newest(session)
    path = f"/rosters/{roster.id}"
    return client.send(f"{path}/apply", {"sure": "y", "plan": compared(roster)}, page=path, follow_redirects=True)


def before(session: Session) -> list[dict[str, str]]:
    """A first roster: the Muñoz sisters, Jan Nowak, and Tom Reyes."""
    return [
        row(session),
        row(session, cps_student_id="60000002", student_first_name="Ana", birth_date="2013-05-02"),
        row(session, cps_student_id="60000003", **NOWAK),
        row(session, cps_student_id="60000007", **REYES),
    ]


NOWAK = {
    "student_last_name": "Nowak",
    "student_first_name": "Jan",
    "guardian_name": "Ola Nowak",
    "guardian_phone": "312-555-0101",
    "guardian_email": "ola@example.org",
    "address_line1": "4520 N Sheridan Rd",
    "unit": "",
}
REYES = {
    "student_last_name": "Reyes",
    "student_first_name": "Tom",
    "guardian_name": "Eva Reyes",
    "guardian_phone": "312-555-0102",
    "guardian_email": "eva@example.org",
    "address_line1": "4600 N Magnolia Ave",
    "unit": "1",
}
OKAFOR = {
    "student_last_name": "Okafor",
    "student_first_name": "Ada",
    "guardian_name": "Ife Okafor",
    "guardian_phone": "312-555-0103",
    "guardian_email": "ife@example.org",
    "address_line1": "PO Box 12",
    "unit": "",
}


def after(session: Session) -> list[dict[str, str]]:
    """The next roster, with one of everything.

    Rows: 2 Luz in another grade and school; 3 Ana as before; 4 Mia, new in their home; 5 and 6 the Okafor twins, new, of a post office
    box; 7 Jan Nowak under another ID; 8 Tom Reyes at another address; 9 an ID that cannot be; 10 Tom again, with another phone.
    """
    other_school = schools(session)[1]
    return [
        row(session, grade="6", cps_school_id=other_school),
        row(session, cps_student_id="60000002", student_first_name="Ana", birth_date="2013-05-02"),
        row(session, cps_student_id="60000004", student_first_name="Mia", birth_date="2018-05-02"),
        row(session, cps_student_id="60000005", **OKAFOR),
        row(session, cps_student_id="60000006", **{**OKAFOR, "student_first_name": "Obi"}),
        row(session, cps_student_id="61111111", **NOWAK),
        row(session, cps_student_id="60000007", **{**REYES, "address_line1": "1139 W Wilson Ave"}),
        row(session, cps_student_id="12", **{**OKAFOR, "student_first_name": "Uju", "address_line1": "=1+1"}),
        row(
            session,
            cps_student_id="60000007",
            **{**REYES, "address_line1": "1139 W Wilson Ave", "guardian_phone": "312-555-0104"},
        ),
    ]


@pytest.fixture
def planned(session: Session, upload: Upload, staff: PolicedClient) -> RosterImport:
    """The next roster's plan, after the first roster was applied."""
    upload(before(session))
    apply_newest(session, staff)
    upload(after(session), name="october.csv")
    return newest(session)
