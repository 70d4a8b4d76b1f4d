"""A family's own look-up: an answer to those who know both ID and birth date, one and the same to everybody else, and slower with each guess."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from connectivity.access.sign_in import limiter
from connectivity.register import AuditEvent, Household, ProgramYear, Role
from connectivity.service.codes import family_waits
from connectivity.service.codes.family import Answer, Standing, ask
from tests import factories
from tests.conftest import PolicedClient
from tests.households.conftest import SignedIn, errors_of
from tests.service.codes import programs
from tests.service.codes.programs import TODAY

BORN = dt.date(2015, 3, 14)


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    yield
    if limiter._storage is not None:
        limiter.reset()


def home(session: Session, status: str | None = None, state: str | None = None, **given: Any) -> Household:
    """A household whose student has ID 50123456 and was born on BORN."""
    year = programs.year(session)
    made = factories.household(session, students=[{"district_id": "50123456", "birth_date": BORN}], language="es")
    if status is None:
        return made
    code = None
    if state:
        code = factories.membership_code(
            session, code="CC4F7K9QX2", state=state, household_id=made.id, issued_on=TODAY, **given
        )
    provider = factories.provider(session)
    factories.enrollment(
        session,
        made,
        status,
        program_year_id=year.id,
        membership_code_id=code.id if code else None,
        provider_id=provider.id if code else None,
    )
    return made


def told(session: Session, student_id: str = "50123456", born: dt.date = BORN) -> Answer | None:
    session.flush()
    return ask(session, student_id=student_id, born=born, today=TODAY)


def post(client: PolicedClient, student_id: str = "50123456", born: str = "3/14/2015", page: str = "/my-code") -> Any:
    return client.send(page, {"student_id": student_id, "birth_date": born})


@pytest.mark.parametrize(
    ("status", "state", "standing"),
    [
        (None, None, Standing.NOT_LISTED),
        ("eligible", None, Standing.CODE_TO_COME),
        ("contacted", None, Standing.CODE_TO_COME),
        ("code_issued", "issued", Standing.CODE_READY),
        ("code_issued", "expired", Standing.CODE_DEAD),
        ("code_issued", "revoked", Standing.CODE_DEAD),
        ("ordered", "issued", Standing.ON_ITS_WAY),
        ("active", "redeemed", Standing.CONNECTED),
        ("suspended", "redeemed", Standing.SUSPENDED),
        ("ended", "expired", Standing.ENDED),
    ],
)
def test_both_together_tell_where_the_home_stands_and_the_code_only_while_it_waits(
    session: Session, status: str | None, state: str | None, standing: Standing
) -> None:
    home(session, status, state)
    answer = told(session)
    assert answer is not None
    assert (answer.standing, answer.year) == (standing, "2026-27")
    assert answer.code == ("CC-4F7K-9QX2" if standing is Standing.CODE_READY else "")


def test_a_code_past_its_day_is_dead_before_the_night_says_so(session: Session) -> None:
    home(session, "code_issued", "issued", expires_on=TODAY - dt.timedelta(days=1))
    answer = told(session)
    assert answer is not None
    assert (answer.standing, answer.code) == (Standing.CODE_DEAD, "")


def test_a_code_that_is_held_is_not_told(session: Session) -> None:
    made = home(session, "eligible")
    factories.membership_code(session, code="CC4F7K9QX2", state="held", household_id=made.id)
    answer = told(session)
    assert answer is not None
    assert (answer.standing, answer.code) == (Standing.CODE_TO_COME, "")


def test_one_of_the_two_alone_tells_nothing(session: Session) -> None:
    made = home(session, "active", "redeemed")
    assert told(session, "50123457") is None
    assert told(session, born=dt.date(2015, 3, 15)) is None
    made.merged_into_id = factories.household(session).id
    assert told(session) is None


def test_whoever_does_not_match_gets_the_same_answer_letter_for_letter(
    session: Session, visitor: PolicedClient
) -> None:
    home(session, "active", "redeemed")
    session.commit()

    def bare(answer: Any) -> str:
        page = re.sub(r'(name="csrf_token"[^>]*value=")[^"]*', r"\1", answer.text)
        return re.sub(r'(id="(?:student_id|birth_date)"[^>]*value=")[^"]*', r"\1", page)

    for _ in range(2):  # the first two answers of any session bring its cookie, whatever is asked
        visitor.get("/my-code")
    known, unknown, both = post(visitor, born="3/15/2015"), post(visitor, "50999999"), post(visitor)
    assert (known.status_code, unknown.status_code, both.status_code) == (200, 200, 200)
    assert bare(known) == bare(unknown)
    assert bare(known) != bare(both)
    assert len(known.data) == len(unknown.data)
    headers = [{name for name, _ in one.headers} for one in (known, unknown, both)]
    assert headers[0] == headers[1] == headers[2]
    assert known.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in known.headers or "Set-Cookie" in unknown.headers


def test_the_same_statements_run_whoever_asks(session: Session) -> None:
    home(session, "active", "redeemed")
    session.commit()
    seen: list[str] = []
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_: seen.append(statement))
    runs = []
    for student_id, born in (("50123456", dt.date(2015, 3, 15)), ("50999999", BORN)):
        session.rollback()
        seen.clear()
        assert told(session, student_id, born) is None
        runs.append(list(seen))
    assert runs[0] == runs[1]
    assert len([one for one in runs[0] if one.startswith("SELECT")]) == 3


def test_the_pages_say_it_in_english_and_in_spanish_and_show_no_name(session: Session, visitor: PolicedClient) -> None:
    made = home(session, "code_issued", "issued")
    session.commit()
    english, spanish = post(visitor).text, post(visitor, page="/mi-codigo").text
    assert "your code is ready" in english
    assert "su código está listo" in spanish
    assert 'lang="es"' in spanish
    for page in (english, spanish):
        assert "CC-4F7K-9QX2" in page
        assert "Comcast" in page
        assert made.guardian_last_name not in page
        assert made.reference not in page
        assert "WILSON" not in page


def test_a_form_that_cannot_be_is_answered_before_anybody_is_looked_for(
    session: Session, visitor: PolicedClient
) -> None:
    home(session, "active", "redeemed")
    session.commit()
    answer = post(visitor, "", "14.3.2015")
    assert answer.status_code == 422
    assert set(errors_of(answer.text)) == {"student_id", "birth_date"}
    assert set(errors_of(post(visitor, "50' OR 1=1", "02/30/2015").text)) == {"student_id", "birth_date"}
    assert session.scalars(select(AuditEvent.id)).all() == []


def test_a_match_is_in_the_trail_and_no_value_in_log_or_address(
    session: Session, visitor: PolicedClient, capsys: pytest.CaptureFixture[str]
) -> None:
    made = home(session, "active", "redeemed")
    session.commit()
    answer = post(visitor)
    post(visitor, "50999999")
    session.rollback()
    looks = session.scalars(select(AuditEvent)).all()
    assert [(one.action, one.subject_id, one.account_id, one.changes) for one in looks] == [
        ("code.family_asked", made.id, None, {})
    ]
    log = capsys.readouterr().out
    assert "family_asked" in log
    assert "50123456" not in log
    assert "2015" not in log
    assert answer.request.query_string == b""


def test_the_household_s_history_tells_of_a_look_up_in_plain_words(session: Session, signed_in: SignedIn) -> None:
    made = home(session, "active", "redeemed")
    told(session)
    session.commit()
    page = signed_in(Role.STAFF).get(f"/households/{made.reference}").text
    assert "looked the home up on the families’ page" in page
    assert "family_asked" not in page


def test_each_wrong_try_makes_the_next_wait_longer() -> None:
    assert [family_waits.seconds_after(wrong) for wrong in (0, 1, 3, 4, 5, 8, 12, 13, 99)] == [
        0, 0, 0, 2, 4, 32, 512, 900, 900,
    ]  # fmt: skip


def test_after_three_wrong_tries_the_next_waits_whether_the_id_exists_or_not(
    session: Session, visitor: PolicedClient, app: Flask
) -> None:
    home(session, "active", "redeemed")
    session.commit()
    for student_id in ("50999999", "50123456"):
        limiter.reset()
        tries = [post(visitor, student_id, "3/15/2015") for _ in range(5)]
        assert [one.status_code for one in tries] == [200, 200, 200, 200, 429]
        assert re.search(r"Please wait [12] seconds", tries[-1].text)
    # Even the right birth date waits: else a guesser would see the difference.
    assert post(visitor).status_code == 429


def test_one_familys_wrong_tries_do_not_make_the_next_at_the_same_address_wait(
    session: Session, visitor: PolicedClient, app: Flask
) -> None:
    home(session, "active", "redeemed")
    session.commit()
    for _ in range(5):
        post(visitor, "50999999")
    assert post(visitor, "50999999").status_code == 429
    assert post(visitor).status_code == 200


def test_a_student_id_is_tried_ten_times_an_hour_from_wherever(app: Flask, session: Session) -> None:
    home(session, "active", "redeemed")
    session.commit()
    app.test_client_class = PolicedClient
    found = []
    for number in range(12):
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
        found.append(post(client).status_code)  # right each time: the limit counts those too
    assert found == [200] * 10 + [429] * 2


def test_without_any_program_year_nobody_is_listed(session: Session) -> None:
    factories.household(session, students=[{"district_id": "50123456", "birth_date": BORN}])
    assert session.scalars(select(ProgramYear)).all() == []
    answer = told(session)
    assert answer is not None
    assert (answer.standing, answer.year) == (Standing.NOT_LISTED, "")
