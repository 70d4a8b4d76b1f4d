"""The pages and commands of the code books: what stands there, a file handed in, codes made, the check, the night."""

import datetime as dt
import io
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectivity.register import CodeBatch, CodeCheck, MembershipCode, Role
from connectivity.service.codes import books, expire
from connectivity.service.codes.books import Figures
from tests import factories
from tests.households.conftest import SignedIn, errors_of
from tests.service.codes import programs
from tests.service.codes.programs import TODAY, file, moves, states


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["program", *words])


def test_the_figures_of_a_batch_are_what_was_planted(session: Session) -> None:
    """Eight codes came in: 2 free, 1 held, 1 issued, 2 redeemed, 1 expired and 1 revoked; void is the last two together."""
    for state in ("free", "free", "held", "issued", "redeemed", "redeemed", "expired", "revoked"):
        home = None if state in ("free", "expired", "revoked") else factories.household(session).id
        factories.membership_code(session, state=state, household_id=home)
    programs.pool(session, "AB123456", provider="Astound")
    by_provider = {one.provider: one for one in books.books(session)}
    comcast = by_provider["Comcast"]
    assert comcast.figures == Figures(imported=8, free=2, held=1, issued=1, redeemed=2, void=2)
    assert (comcast.figures.off_by, comcast.off) == (0, [])
    assert by_provider["Astound"].figures == Figures(imported=1, free=1)


def test_the_page_says_which_batch_is_off_and_by_how_many(session: Session, signed_in: SignedIn) -> None:
    programs.pool(session, "AB123456", "AB123457")
    programs.pool(session, "AB123458")
    client = signed_in(Role.STAFF)
    assert "✓ balances" in client.get("/service/codes").text
    first = session.scalars(select(CodeBatch).order_by(CodeBatch.id)).first()
    assert first is not None
    first.imported = 5
    session.commit()
    page = client.get("/service/codes").text
    assert "does not balance: 3 missing" in page
    assert f"look at batch {first.id}" in page
    told = client.send("/service/codes/check", {}, page="/service/codes", follow_redirects=True).text
    assert "the books do not balance" in told
    assert f"figures do not add up:</span> {first.id}" in told or f"do not add up: {first.id}" in told
    session.rollback()
    kept = session.scalars(select(CodeCheck)).one()
    assert (kept.balanced, kept.imported, kept.free, kept.faults) == (False, 6, 3, 1)
    assert kept.account_id is not None


def test_a_file_is_handed_in_on_the_page_and_again_adds_nothing(session: Session, signed_in: SignedIn) -> None:
    provider, year = factories.provider(session), programs.year(session)
    client = signed_in(Role.STAFF)
    asked = {"provider": str(provider.id), "year": str(year.id)}

    def hand_in(content: bytes) -> str:
        data = {**asked, "file": (io.BytesIO(content), "codes.csv")}
        return client.send("/service/codes/add", data, content_type="multipart/form-data", follow_redirects=True).text

    assert "Comcast: new codes 2, known already 0" in hand_in(b"Code\nAB123456\nAB123457\n")
    assert "Nothing was added: the books of Comcast hold every code of this file already (2)." in hand_in(
        b"Code\nAB123456\nAB123457\n"
    )
    bad = hand_in(b"Code\nAB123458\nAB1\n")
    assert "Nothing was added" in errors_of(bad)["file"]
    assert '<th scope="row" class="num">3</th><td><code>AB1</code></td>' in bad
    assert "cannot be read" in errors_of(hand_in(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4))["file"]
    assert "Choose the provider" in errors_of(client.send("/service/codes/add", asked).text)["file"]
    assert states(session) == {"free": 2}


def test_codes_are_made_on_the_page(session: Session, signed_in: SignedIn) -> None:
    provider, year = factories.provider(session), programs.year(session)
    client = signed_in(Role.STAFF)
    asked = {"provider": str(provider.id), "year": str(year.id)}
    done = client.send("/service/codes/make", {**asked, "count": "25"}, follow_redirects=True).text
    assert "Codes made for Comcast: 25." in done
    assert states(session) == {"free": 25}
    for wrong in ("", "0", "200001", "ten"):
        assert set(errors_of(client.send("/service/codes/make", {**asked, "count": wrong}).text)) == {"count"}


def test_commands_make_check_and_expire(app: Flask, session: Session, tmp_path: Path) -> None:
    factories.provider(session)
    year = programs.year(session)
    session.commit()
    assert "Codes made: 12." in run(app, "make-codes", "Comcast", year.label, "12").output
    path = file(tmp_path, "more.csv", "AB123456\nAB123457\n")
    add = ("add-codes", "Comcast", year.label, str(path), "--expires")
    yesterday = TODAY - dt.timedelta(days=1)
    for day, why in ((yesterday, "This day has passed"), (TODAY.replace(year=TODAY.year + 6), "five years ahead")):
        refused = run(app, *add, day.isoformat())
        assert (refused.exit_code, why in refused.output) == (2, True)
    assert "Codes added: 2, known already: 0." in run(app, *add, TODAY.isoformat()).output
    session.execute(update(CodeBatch).where(CodeBatch.source == "file").values(expires_on=yesterday))
    session.commit()
    even = run(app, "check-codes")
    assert (even.exit_code, even.output) == (
        0,
        "14 codes came in: 14 free, 0 held, 0 issued, 0 redeemed, 0 void.\nThe books balance.\n",
    )
    assert "Codes expired: 2," in run(app, "expire-codes").output
    session.execute(update(MembershipCode).where(MembershipCode.code == "AB123456").values(state="revoked"))
    session.commit()
    off = run(app, "check-codes")
    assert off.exit_code == 1
    assert "do not balance. wrong state: " in off.output
    assert session.scalars(select(CodeCheck.balanced).order_by(CodeCheck.id)).all() == [True, False]
    assert "There is no provider Nobody" in run(app, "make-codes", "Nobody", year.label, "1").output


def test_the_night_expires_what_is_due_but_no_code_that_service_runs_on(app: Flask, session: Session) -> None:
    yesterday = TODAY - dt.timedelta(days=1)
    programs.pool(session, *(f"CC0000000{number}" for number in range(5)), expires_on=yesterday)
    homes = [factories.household(session).id for _ in range(3)]
    for code, state, home in (
        ("CC00000001", "held", homes[0]),
        ("CC00000002", "issued", homes[1]),
        ("CC00000003", "redeemed", homes[2]),
    ):
        change = update(MembershipCode).where(MembershipCode.code == code)
        session.execute(change.values(state=state, household_id=home))
    session.execute(update(MembershipCode).where(MembershipCode.code == "CC00000004").values(expires_on=TODAY))
    session.commit()
    night = run(app, "nightly")
    assert "Codes expired: 3; redeemed ones past theirs, still in service and left alone: 1." in night.output
    assert states(session) == {"expired": 3, "free": 1, "redeemed": 1}
    # The states were set by hand here, so the check of the same night finds the moves that are missing.
    assert night.exit_code == 1
    assert "do not balance" in night.output
    assert moves(session, "CC00000000")[-1] == ("free", "expired")
    assert "Codes expired: 1, redeemed ones left in service: 0." in run(app, "expire-codes", "--redeemed").output


def test_a_quiet_night_ends_well(app: Flask, session: Session) -> None:
    programs.pool(session, "CC00000001")
    session.commit()
    night = run(app, "nightly")
    assert (night.exit_code, "The books of codes balance. Codes in them: 1." in night.output) == (0, True)


def test_a_step_of_the_night_that_fails_is_told_of_and_the_others_run(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("of a person's value")

    from connectivity.service import nightly
    from connectivity.service.codes import cli

    monkeypatch.setattr(cli, "STEPS", (broken, nightly.check_codes))
    night = run(app, "nightly")
    assert night.exit_code == 1
    assert "broken failed: ValueError." in night.output
    assert "person" not in night.output
    assert "The books of codes balance" in night.output


def test_the_night_leaves_codes_that_service_was_ordered_with(session: Session) -> None:
    yesterday = TODAY - dt.timedelta(days=1)
    for status in ("code_issued", "ordered", "kit_shipped", "installed"):
        home = factories.household(session)
        code = factories.membership_code(session, state="issued", household_id=home.id, expires_on=yesterday)
        factories.enrollment(session, home, status, membership_code_id=code.id)
    session.commit()
    assert expire.expire_due(session, account=None, today=TODAY, redeemed_too=True).count == 1
    session.commit()
    assert states(session) == {"expired": 1, "issued": 3}


@pytest.mark.parametrize("page", ["/service/codes/add", "/service/codes/make"])
def test_a_last_day_or_a_year_that_cannot_be_meant_is_refused_at_its_field(
    session: Session, signed_in: SignedIn, page: str
) -> None:
    provider, year = factories.provider(session), programs.year(session)
    over = factories.program_year(
        session, label="before", starts_on=TODAY - dt.timedelta(days=500), ends_on=TODAY - dt.timedelta(days=1)
    )
    client = signed_in(Role.STAFF)
    far = TODAY.replace(year=TODAY.year + 5) + dt.timedelta(days=1)

    def told(**given: object) -> dict[str, str]:
        asked = {"provider": provider.id, "year": year.id, "count": 5, **given}
        data: dict[str, object] = {name: str(value) for name, value in asked.items()}
        if page.endswith("make"):
            return dict(errors_of(client.send(page, data).text))
        data["file"] = (io.BytesIO(b"AB123456\n"), "codes.csv")
        return dict(errors_of(client.send(page, data, content_type="multipart/form-data").text))

    assert "This day has passed" in told(expires_on=TODAY - dt.timedelta(days=1))["expires_on"]
    assert "more than five years ahead" in told(expires_on=far)["expires_on"]
    assert "This program year was over" in told(year=over.id)["year"]
    assert states(session) == {}
    assert told(expires_on=far - dt.timedelta(days=1)) == {}
    assert sum(states(session).values()) in (1, 5)


def test_what_is_no_number_is_answered_in_one_sentence_of_ours(session: Session, signed_in: SignedIn) -> None:
    provider, year = factories.provider(session), programs.year(session)
    page = signed_in(Role.STAFF).send(
        "/service/codes/make", {"provider": str(provider.id), "year": str(year.id), "count": "ten"}
    )
    assert "Enter a number from 1 to 200,000." in page.text
    assert "Not a valid integer" not in page.text


def test_nothing_done_is_not_told_as_a_success(session: Session, signed_in: SignedIn) -> None:
    plan, year = programs.plan(session), programs.year(session)
    client = signed_in(Role.STAFF)
    choice = f"plan={plan.id}&year={year.id}"
    released = client.send(
        f"/service/codes/give/release?{choice}", {}, page="/service/codes", follow_redirects=True
    ).text
    assert "Nothing was released" in released
    assert "0 held codes" not in released
    checked = client.send("/service/codes/check", {}, page="/service/codes", follow_redirects=True).text
    assert "there was nothing to check" in checked
    assert "0 codes" not in checked


@pytest.mark.parametrize("page", ["/service/codes", "/service/codes/give", "/service/letters"])
def test_each_page_leads_back_to_the_program(signed_in: SignedIn, page: str) -> None:
    assert '<a href="/service/">← Program</a>' in signed_in(Role.STAFF).get(page).text
