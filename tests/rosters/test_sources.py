"""The sources whose columns staff named: listed, renamed, deleted."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import Account, AuditEvent, RosterProfile
from tests.conftest import PolicedClient
from tests.rosters.conftest import plain


@pytest.fixture
def source(session: Session, account: Account) -> RosterProfile:
    made = RosterProfile(name="Aspen export", headings={"born": "birth_date", "Locker": ""}, made_by=account.id)
    session.add(made)
    session.commit()
    return made


def test_without_a_source_the_page_says_when_there_will_be_one(staff: PolicedClient) -> None:
    assert "None yet. When you hand in a file whose headings are not known" in plain(staff.get("/rosters/sources").text)


def test_each_source_is_listed_with_who_made_it_and_what_was_said(staff: PolicedClient, source: RosterProfile) -> None:
    words = plain(staff.get("/rosters/sources").text)
    assert "Aspen export 1 " in words
    assert "Ana First" in words
    words = plain(staff.get(f"/rosters/sources/{source.id}").text)
    assert "born Birth date" in words
    assert "Locker Left out" in words
    assert staff.get("/rosters/sources/99").status_code == 404


def test_a_source_is_renamed_to_a_name_that_is_free(
    session: Session, staff: PolicedClient, source: RosterProfile
) -> None:
    session.add(RosterProfile(name="Clever export", headings={"a": "grade"}))
    session.commit()
    path = f"/rosters/sources/{source.id}"
    taken = staff.send(path, {"name": "Clever export"})
    assert (taken.status_code, "Another source has this name." in plain(taken.text)) == (422, True)
    assert staff.send(path, {"name": ""}).status_code == 422
    page = staff.send(path, {"name": "Aspen\x00 2026"}, follow_redirects=True)
    assert "The source is renamed." in plain(page.text)
    session.expire_all()
    assert session.get_one(RosterProfile, source.id).name == "Aspen 2026"


def test_a_deleted_source_is_asked_about_again_and_leaves_a_trace(
    session: Session, staff: PolicedClient, source: RosterProfile
) -> None:
    source_id = source.id
    path = f"/rosters/sources/{source_id}"
    page = staff.send(f"{path}/forget", page=path, follow_redirects=True)
    assert "“Aspen export” is deleted." in plain(page.text)
    session.expire_all()
    assert session.scalars(select(RosterProfile)).all() == []
    trace = session.scalars(select(AuditEvent).where(AuditEvent.action == "roster_source.deleted")).one()
    assert (trace.subject_id, trace.changes) == (source_id, {"name": ["Aspen export", None]})
