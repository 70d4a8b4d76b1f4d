"""The pages: choose, count, make, download once logged, delete; and what nobody may see."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.jobs import jobs_of
from connectivity.register import Account, Disclosure, LetterRun, Role
from connectivity.service.letters import files, jobs, runs
from connectivity.service.letters.chosen import Wanted
from tests.conftest import PolicedClient
from tests.households.conftest import SignedIn
from tests.service.codes import programs
from tests.service.letters.homes import home
from tests.service.letters.pdf import read


def make(client: PolicedClient, session: Session, more: str = "", seen: int = 1) -> str:
    """Makes letters as a person would; the address of their run."""
    choice = f"year={programs.year(session).id}{more}"
    session.commit()
    answer = client.send(
        f"/service/letters/make?{choice}", {"seen": str(seen)}, page=f"/service/letters/choose?{choice}"
    )
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def test_letters_are_counted_made_and_fetched_and_the_download_is_logged(
    session: Session, signed_in: SignedIn, app: Flask
) -> None:
    home(session, "CC4F7K9QX2", language="pl")
    for number, language in enumerate(("ar", "ar", "ur"), start=1):
        home(session, f"CC0000000{number}", language=language)
    unset = home(session, "CC00000009", guardian_first_name="陳")
    client = signed_in(Role.STAFF)
    page = client.get(f"/service/letters/choose?year={programs.year(session).id}").text
    assert "Make 1 letter<" in page
    assert 'Arabic</th><td class="num">2' in page
    assert 'Urdu</th><td class="num">1' in page
    assert "English letter" in page
    assert f"/households/{unset.reference}" in page
    run = make(client, session)
    page = client.get(run).text
    assert "Download 1 letter (PDF)" in page
    assert "Left out: Arabic" in page
    answer = client.send(f"{run}/letters.pdf", page=run)
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "CC-4F7K-9QX2" in read(answer.data).pages[0]
    session.rollback()
    made = session.scalars(select(LetterRun)).one()
    [logged] = session.scalars(select(Disclosure)).all()
    assert (logged.kind, logged.row_count, logged.sha256) == ("letters_pdf", 1, made.sha256)
    assert logged.scope == {"role": "staff", "letter_run": made.id}
    assert logged.finished_at is not None
    name = answer.headers["Content-Disposition"]
    assert name == f"attachment; filename=connectivity_letters_run{made.id}_d{logged.id}.pdf"
    listed = client.get("/service/letters").text
    assert f'{run}"' in listed
    assert "ready" in listed


def test_a_language_alone_that_we_cannot_set_is_refused_and_english_is_offered(
    session: Session, signed_in: SignedIn
) -> None:
    home(session, "CC00000001", language="ar")
    client = signed_in(Role.STAFF)
    year = programs.year(session).id
    session.commit()
    page = client.get(f"/service/letters/choose?year={year}&language=ar").text
    assert "There is no letter to make here." in page
    assert "have these families called in their language" in page
    path = f"/service/letters/make?year={year}&language=ar"
    refused = client.send(path, {"seen": "0"}, page="/service/letters/choose")
    assert refused.status_code == 422
    assert "There is no letter to make here. Choose other households" in refused.text
    assert session.scalars(select(LetterRun.id)).all() == []
    assert "/service/letters/" in make(client, session, "&language=ar&in_english=y")


def test_what_changed_since_the_count_is_told_and_nothing_is_made(session: Session, signed_in: SignedIn) -> None:
    home(session, "CC00000001")
    client = signed_in(Role.STAFF)
    year = programs.year(session).id
    home(session, "CC00000002")
    session.commit()
    answer = client.send(
        f"/service/letters/make?year={year}", {"seen": "1"}, page=f"/service/letters/choose?year={year}"
    )
    assert answer.status_code == 409
    assert "2 now" in answer.text
    assert session.scalars(select(LetterRun.id)).all() == []


@pytest.mark.parametrize("choice", ["year=999", "year=x&area=1", "year={year}&area=99", "year={year}&language=xx", ""])
def test_a_choice_that_cannot_be_is_answered_in_the_form(session: Session, signed_in: SignedIn, choice: str) -> None:
    choice = choice.format(year=programs.year(session).id)
    client = signed_in(Role.STAFF)
    assert client.get(f"/service/letters/choose?{choice}").status_code == 200
    for seen in ("1", "", "-1", "²", "9" * 40):
        path = f"/service/letters/make?{choice}"
        assert client.send(path, {"seen": seen}, page="/service/letters/choose").status_code == 422


def test_a_deleted_file_is_told_of_and_no_disclosure_is_opened(
    session: Session, signed_in: SignedIn, app: Flask
) -> None:
    home(session, "CC00000001")
    client = signed_in(Role.STAFF)
    run = make(client, session)
    page = client.send(f"{run}/forget", page=run, follow_redirects=True).text
    assert "The file was deleted" in page
    assert list(jobs.folder(app).iterdir()) == []
    answer = client.post(f"{run}/letters.pdf", data={"csrf_token": client.token("/service/letters/choose")})
    assert answer.status_code == 302
    assert session.scalars(select(Disclosure.id)).all() == []
    token = client.token("/service/letters/choose")
    assert client.post(f"{run}/forget", data={"csrf_token": token}).status_code == 404


def test_a_partner_gets_the_letters_of_its_areas_and_no_run_of_others(
    session: Session, signed_in: SignedIn, partner: Account
) -> None:
    inside = home(session, "CC0000000A", area=3)
    home(session, "CC0000000B", area=4)
    office, theirs = signed_in(Role.STAFF), signed_in(partner)
    whole = make(office, session, seen=2)
    own = make(theirs, session, "&again=y", seen=1)
    pages = read(theirs.send(f"{own}/letters.pdf", page=own).data).pages
    assert len(pages) == 1
    assert inside.guardian_last_name in pages[0]
    token = theirs.token("/service/letters/choose")
    for path in (whole, f"{whole}/progress"):
        assert theirs.get(path).status_code == 404
    for path in (f"{whole}/letters.pdf", f"{whole}/forget"):
        assert theirs.post(path, data={"csrf_token": token}).status_code == 404
    assert f'{whole}"' not in theirs.get("/service/letters").text
    assert "/households/" not in theirs.get(f"/service/letters/choose?year={programs.year(session).id}&area=4").text


def test_samples_show_each_language_and_no_real_family(session: Session, signed_in: SignedIn) -> None:
    made = home(session, "CC00000001")
    client = signed_in(Role.STAFF)
    for language, greeting in (("en", "Dear family,"), ("es", "Estimada familia:"), ("pl", "Szanowni Państwo,")):
        [page] = read(client.get(f"/service/letters/sample/{language}.pdf").data).pages
        assert greeting in page
        assert "Maria Example" in page
        assert made.guardian_last_name not in page
        assert client.get(f"/service/letters/sample/{language}.png").data.startswith(b"\x89PNG")
    assert client.get("/service/letters/sample/ar.pdf").status_code == 404


def test_a_fault_while_printing_leaves_no_file_and_no_value_in_the_log(
    session: Session,
    signed_in: SignedIn,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = home(session, "CC4F7K9QX2")
    client = signed_in(Role.STAFF)
    monkeypatch.setattr(files, "keep", lambda *_: (_ for _ in ()).throw(OSError("the disk is full")))
    run = make(client, session)
    page = client.get(run).text
    assert "No file was made" in page
    log = capsys.readouterr().out
    assert "job_failed" in log
    assert "4F7K" not in log
    assert made.guardian_last_name not in log
    session.rollback()
    assert session.scalars(select(LetterRun.state)).all() == ["failed"]


def test_a_run_that_a_killed_worker_left_begins_again(session: Session, app: Flask, staff: Account) -> None:
    home(session, "CC00000001")
    session.flush()
    run = runs.start(session, account=staff, wanted=Wanted(year_id=programs.year(session).id), on=programs.TODAY)
    run.state = "printing"
    session.commit()
    jobs._recover(jobs_of(app), app)
    session.expire_all()
    assert run.state == "ready"
