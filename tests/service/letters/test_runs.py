"""Who gets a letter, in which language, within whose scope; what a run keeps, and for how long."""

import datetime as dt
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from connectivity.database import make_sessions, now, transaction
from connectivity.register import Account, AuditEvent, Enrollment, Letter, LetterRun, MembershipCode, Role
from connectivity.service.letters import files, printing, runs
from connectivity.service.letters.chosen import Chosen, Wanted, choose
from connectivity.service.letters.typeset import Sender
from tests import factories
from tests.households.conftest import A_SCHOOL
from tests.service.codes import programs
from tests.service.codes.programs import TODAY
from tests.service.letters.homes import home
from tests.service.letters.pdf import read

SENDER = Sender(program="Chicago Connected", help="773-417-1060", year="", demo=False)
SILENT = lambda *_: None  # noqa: E731


def chosen(session: Session, account: Account, **given: Any) -> Chosen:
    session.flush()
    wanted = Wanted(year_id=programs.year(session).id, **given)
    return choose(session, account=account, wanted=wanted, on=TODAY)


def references(session: Session, found: Chosen) -> set[str]:
    codes = select(MembershipCode.code).where(MembershipCode.id.in_([one.code_id for one in found.letters]))
    return set(session.scalars(codes))


def start(session: Session, account: Account, **given: Any) -> int:
    """A run, committed; its id."""
    session.flush()
    wanted = Wanted(year_id=programs.year(session).id, **given)
    run_id = runs.start(session, account=account, wanted=wanted, on=TODAY).id
    session.commit()
    return run_id


def printed(session: Session, run_id: int, folder: Path) -> list[str]:
    """Prints the run; the text of each page."""
    printing.print_run(session, run_id, folder=folder, sender=SENDER, on=TODAY, report=SILENT)
    session.rollback()
    return read(files.path_of(folder, run_id).read_bytes()).pages


def test_a_letter_goes_to_whoever_holds_a_code_that_nobody_used_yet(session: Session, staff: Account) -> None:
    for number, state in enumerate(("held", "issued", "redeemed", "expired", "revoked"), start=1):
        home(session, f"CC0000000{number}", state)
    home(session, "CC00000007", expires_on=TODAY - dt.timedelta(days=1))
    home(session, "CC00000008", expires_on=TODAY)
    merged = home(session, "CC00000009")
    merged.merged_into_id = factories.household(session).id
    found = chosen(session, staff)
    assert references(session, found) == {"CC00000001", "CC00000002", "CC00000008"}
    assert found.held == 1


def test_area_school_and_language_narrow_and_a_partner_writes_to_its_own_areas_alone(
    session: Session, staff: Account, partner: Account
) -> None:
    home(session, "CC0000000A", area=3, language="pl")
    home(session, "CC0000000B", area=3, language="es", students=[{"school_id": A_SCHOOL}])
    home(session, "CC0000000C", area=4, language="es")
    assert references(session, chosen(session, staff)) == {"CC0000000A", "CC0000000B", "CC0000000C"}
    assert references(session, chosen(session, staff, area=4)) == {"CC0000000C"}
    assert references(session, chosen(session, staff, school_id=A_SCHOOL)) == {"CC0000000B"}
    assert references(session, chosen(session, staff, language="es")) == {"CC0000000B", "CC0000000C"}
    assert references(session, chosen(session, partner)) == {"CC0000000A", "CC0000000B"}
    assert references(session, chosen(session, partner, area=4)) == set()


def test_languages_names_and_missing_addresses_are_told_and_not_mangled(session: Session, staff: Account) -> None:
    for number, language in enumerate(("ar", "ar", "cmn", "ur", "en"), start=1):
        home(session, f"CC0000000{number}", language=language)
    unset = home(session, "CC0000000A", guardian_last_name="محمد")
    nowhere = home(session, "CC0000000B")
    nowhere.residences[0].ends_on = TODAY
    found = chosen(session, staff)
    assert references(session, found) == {"CC00000005"}
    assert dict(found.languages) == {"ar": 2, "cmn": 1, "ur": 1}
    assert (found.names, found.homeless) == ([unset.reference], [nowhere.reference])
    assert found.left_out == {"ar": 2, "cmn": 1, "ur": 1, "": 2}
    english = chosen(session, staff, in_english=True)
    assert english.by_language == [("en", 5)]
    assert english.left_out == {"": 2}


def test_a_run_of_nobody_or_of_too_many_is_refused_in_words(
    session: Session, staff: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(runs.RunRefused, match="no letter to make"):
        start(session, staff)
    session.rollback()
    home(session, "CC00000001", language="ar")
    with pytest.raises(runs.RunRefused, match="no letter to make"):
        start(session, staff)
    home(session, "CC00000002")
    home(session, "CC00000003")
    monkeypatch.setattr(runs, "MOST_LETTERS", 1)
    with pytest.raises(runs.RunRefused, match="2 letters, and one file takes 1 at most"):
        start(session, staff)


def test_a_run_prints_one_page_a_household_in_the_order_of_the_post(
    session: Session, staff: Account, tmp_path: Path
) -> None:
    home(session, "CC4F7K9QX2", language="pl", line="200 N ZEBRA ST")
    home(session, "CC00000002", language="es", line="100 N APPLE ST")
    home(session, "CC00000003", language="ar", line="150 N MANGO ST")
    run_id = start(session, staff)
    pages = printed(session, run_id, tmp_path)
    assert ["Estimada familia:" in pages[0], "Szanowni Państwo," in pages[1]] == [True, True]
    assert "CC-4F7K-9QX2" in pages[1]
    assert "100 N APPLE ST\nCHICAGO, IL 60640" in pages[0]
    assert len(pages) == 2
    run = session.get_one(LetterRun, run_id)
    file = files.path_of(tmp_path, run_id)
    assert (run.state, run.letters, run.left_out) == ("ready", 2, {"ar": 1})
    assert run.sha256 is not None
    assert len(run.sha256) == 64
    assert file.name == f"{run_id}.pdf"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    trail = session.scalars(select(AuditEvent).where(AuditEvent.subject == "letter_run")).all()
    assert [(one.action, one.changes) for one in trail] == [("letters.started", {"letters": [None, 2]})]


def test_a_second_run_leaves_out_whose_letter_was_made_unless_told_otherwise(
    session: Session, staff: Account, tmp_path: Path
) -> None:
    home(session, "CC00000001")
    run_id = start(session, staff)
    home(session, "CC00000002")
    found = chosen(session, staff)
    assert (references(session, found), found.before) == ({"CC00000002"}, 1)
    assert references(session, chosen(session, staff, again=True)) == {"CC00000001", "CC00000002"}
    session.commit()
    runs.fail(session, run_id)  # its letters count as not made
    assert references(session, chosen(session, staff)) == {"CC00000001", "CC00000002"}


def test_a_code_that_was_used_between_button_and_printer_gets_no_letter(
    session: Session, staff: Account, tmp_path: Path
) -> None:
    home(session, "CC00000001")
    home(session, "CC00000002")
    run_id = start(session, staff)
    used = session.scalars(select(MembershipCode).where(MembershipCode.code == "CC00000002")).one()
    used.state = "redeemed"
    session.commit()
    [page] = printed(session, run_id, tmp_path)
    assert "CC-0000-0001" in page
    assert session.get_one(LetterRun, run_id).letters == 1
    assert session.scalars(select(Letter.code_id)).all() != [used.id]


def test_a_run_whose_codes_were_all_used_makes_no_file(session: Session, staff: Account, tmp_path: Path) -> None:
    home(session, "CC00000001")
    run_id = start(session, staff)
    session.scalars(select(MembershipCode)).one().state = "revoked"
    session.commit()
    printing.print_run(session, run_id, folder=tmp_path, sender=SENDER, on=TODAY, report=SILENT)
    assert session.get_one(LetterRun, run_id).state == "failed"
    assert list(tmp_path.iterdir()) == []


def test_printing_twice_changes_nothing(session: Session, staff: Account, tmp_path: Path) -> None:
    home(session, "CC00000001")
    run_id = start(session, staff)
    printed(session, run_id, tmp_path)
    first = session.get_one(LetterRun, run_id).finished_at
    printed(session, run_id, tmp_path)
    assert session.get_one(LetterRun, run_id, populate_existing=True).finished_at == first


def test_two_at_once_make_one_letter_for_each_household(session: Session, engine: Engine, staff: Account) -> None:
    for number in range(1, 6):
        home(session, f"CC0000000{number}")
    year_id, account_id = programs.year(session).id, staff.id
    session.commit()
    gate, outcomes = threading.Barrier(2), []

    def press() -> None:
        with make_sessions(engine)() as own:
            account = own.get_one(Account, account_id)
            gate.wait()
            try:
                with transaction(own):
                    runs.start(own, account=account, wanted=Wanted(year_id=year_id), on=TODAY)
                    outcomes.append("made")
            except runs.RunRefused:
                outcomes.append("refused")

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "refused"]
    assert len(session.scalars(select(Letter.code_id)).all()) == 5


def test_a_file_is_deleted_after_a_week_and_what_was_made_stays_written_down(
    session: Session, staff: Account, tmp_path: Path
) -> None:
    home(session, "CC00000001")
    old = start(session, staff)
    printed(session, old, tmp_path)
    home(session, "CC00000002")
    new = start(session, staff)
    printed(session, new, tmp_path)
    (tmp_path / "99.part").write_bytes(b"left by a dead worker")
    with transaction(session):
        session.get_one(LetterRun, old).finished_at = now() - runs.KEPT - dt.timedelta(minutes=1)
        session.flush()
        assert runs.forget_old(session, folder=tmp_path, at=now()) == 1
    assert [path.name for path in tmp_path.iterdir()] == [f"{new}.pdf"]
    assert [session.get_one(LetterRun, one).state for one in (old, new)] == ["gone", "ready"]
    assert len(session.scalars(select(Letter.code_id)).all()) == 2


def test_a_partner_sees_its_own_run_while_every_household_is_in_its_scope(
    session: Session, staff: Account, partner: Account
) -> None:
    made = home(session, "CC00000001", area=3)
    run_id = start(session, partner)
    other = factories.account(session, Role.PARTNER, organization_id=partner.organization_id)
    assert runs.visible(session, partner, run_id, today=TODAY) is not None
    assert runs.visible(session, staff, run_id, today=TODAY) is not None
    assert runs.visible(session, other, run_id, today=TODAY) is None
    assert [run.id for run in runs.newest(session, other, limit=9)] == []
    made.residences[0].community_area = 4
    session.flush()
    assert runs.visible(session, partner, run_id, today=TODAY) is None
    assert runs.visible(session, staff, run_id, today=TODAY) is not None


@pytest.mark.parametrize(
    ("state", "status", "written"),
    [
        ("issued", "code_issued", True),
        ("held", "eligible", True),
        ("held", "contacted", True),
        ("issued", "ordered", False),
        ("issued", "kit_shipped", False),
        ("issued", "installed", False),
        ("issued", "ended", False),
        ("held", "ended", False),
    ],
)
def test_a_letter_goes_only_where_the_code_still_waits_to_be_used(
    session: Session, staff: Account, state: str, status: str, *, written: bool
) -> None:
    home(session, "CC00000001", state, status=status)
    assert len(chosen(session, staff).letters) == written


def test_a_household_that_ordered_between_button_and_printer_gets_no_letter(session: Session, staff: Account) -> None:
    home(session, "CC00000001")
    run_id = start(session, staff)
    assert len(runs.letters_of(session, run_id, on=TODAY)) == 1
    session.scalars(select(Enrollment)).one().status = "ordered"
    session.flush()
    assert runs.letters_of(session, run_id, on=TODAY) == []
