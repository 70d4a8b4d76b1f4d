"""A provider's answers come back: what each word means, and that what cannot be right is refused with what was expected."""

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.register import AnswersState, AuditEvent, ProviderName, Role, ServiceabilityBatch, ServiceabilityFile
from connectivity.service.serviceability import corrected, files, take
from connectivity.service.serviceability.columns import HEADER
from tests import factories
from tests.service.serviceability.answers_back import (
    EVERY_OTHERWISE,
    TODAY,
    Row,
    answers,
    ask,
    csv_bytes,
    hand_in,
    home,
    left,
    rows,
    silent,
    take_back,
    taken,
)

EXACT = {"match_result": "exact", "serviceable": "yes", "existing_service": "no", "checked_on": "2026-10-01"}
CHECKED = dt.date(2026, 10, 1)


@pytest.fixture
def batch(session: Session) -> ServiceabilityBatch:
    home(session, unit="APT 2")
    return ask(session)


@pytest.fixture
def row(session: Session, batch: ServiceabilityBatch) -> Row:
    return rows(session, batch, **EXACT)[0]


def refusal(session: Session, folder: Path, row: Row) -> tuple[str, str]:
    """(what is wrong, what was expected) of the one row; nothing else may come of the file."""
    file = taken(session, folder, [row])
    assert file.counts["refused"] == 1
    assert answers(session) == []
    ((_fate, message, expected),) = left(session, file)
    return message, expected


def said(session: Session) -> list[tuple[str, str, str]]:
    """(how found, reaches, has service) of the answers that stand."""
    return [(one.match_result, one.serviceable, one.existing_service) for one in answers(session) if one.stands]


def test_an_answer_is_kept_with_its_address_its_day_and_who_said_so(session: Session, tmp_path: Path, row: Row) -> None:
    more = {"technology": "fiber", "max_down_mbps": "1 Gbps", "note": "drop in the alley"}
    file = taken(session, tmp_path, [row | more])
    (one,) = answers(session)
    assert (one.line, one.unit, one.zip) == ("1135 W WILSON AVE", "APT 2", "60640")
    assert (one.provider.name, one.file_id, one.checked_on) == ("Comcast", file.id, CHECKED)
    assert (one.technology, one.max_down_mbps, one.note) == ("fiber", 1000, "drop in the alley")
    assert said(session) == [("exact", "yes", "no")]
    assert file.counts == {
        "rows": 1, "taken": 1, "unchanged": 0, "blank": 0, "ignored": 0, "refused": 0,
        "yes": 1, "no": 0, "unknown": 0, "corrected": 0, "kept_unknown": 0,
    }  # fmt: skip


@pytest.mark.parametrize("word", ["", "unknown", "?", "TBD", "Site survey required", "n/a"])
def test_blank_and_unknown_stay_unknown_and_are_never_no(session: Session, tmp_path: Path, row: Row, word: str) -> None:
    taken(session, tmp_path, [row | {"serviceable": word}])
    assert said(session) == [("exact", "unknown", "no")]


@pytest.mark.parametrize("found", ["ambiguous", "Not Found", "no match", "multiple"])
@pytest.mark.parametrize("word", ["no", "yes"])
def test_of_an_address_that_was_not_found_nothing_is_known(
    session: Session, tmp_path: Path, row: Row, found: str, word: str
) -> None:
    file = taken(session, tmp_path, [row | {"match_result": found, "serviceable": word}])
    assert [one[1:] for one in said(session)] == [("unknown", "not_disclosed")]
    assert (file.counts["unknown"], file.counts["kept_unknown"]) == (1, 1)


def test_a_row_left_empty_is_no_answer(session: Session, tmp_path: Path, batch: ServiceabilityBatch) -> None:
    file = taken(session, tmp_path, rows(session, batch))
    assert file.counts["blank"] == 1
    assert answers(session) == []


def test_a_provider_s_own_words_are_understood(session: Session, tmp_path: Path, row: Row) -> None:
    own = {"match_result": "Exact match", "serviceable": "Off-Net", "existing_service": "N"}
    taken(session, tmp_path, [row | own])
    assert said(session) == [("exact", "no", "no")]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"match_result": "sort of"}, "“sort of” is no match_result we know. Write how you found the address: exact, corrected, ambiguous, not found."),
        ({"serviceable": "soon"}, "“soon” is no answer we know for serviceable. Write one of: yes, no, unknown."),
        ({"existing_service": "ex"}, "“ex” is no answer we know for existing_service. Write one of: yes, no, not disclosed."),
        ({"max_down_mbps": "fast"}, "“fast” is no speed for max_down_mbps. Write a number of Mbps, such as 100."),
        ({"max_down_mbps": "-5"}, "“-5” is no speed for max_down_mbps."),
        ({"checked_on": "10/1/26"}, "checked_on: The year has only two digits"),
        ({"checked_on": "2027-01-01"}, "checked_on is in the future."),
        ({"checked_on": "1926-10-01"}, "checked_on is more than five years before we asked, on Sep 1, 2026."),
        ({"match_result": ""}, "The match_result is empty."),
        ({"serviceable": "no", "existing_service": "yes"}, "says that this address has your service, and that it cannot be served"),
        ({"request_id": ""}, "The request_id is empty. Copy it from the file we sent."),
        ({"request_id": "Q222"}, "We asked nothing under “Q222”: it is no request_id of ours."),
        ({"batch_id": "BXYZ"}, "The batch_id “BXYZ” is not that of this request."),
        ({"isp": "Astound"}, "The row names the provider “Astound”."),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_right_is_refused_in_words(
    session: Session, tmp_path: Path, row: Row, cells: Row, told: str
) -> None:
    assert told in refusal(session, tmp_path, row | cells)[0]


def test_all_that_is_wrong_with_a_row_is_said_at_once(session: Session, tmp_path: Path, row: Row) -> None:
    wrong = {"isp": "Astound", "serviceable": "soon", "max_down_mbps": "fast"}
    message, expected = refusal(session, tmp_path, row | wrong)
    assert all(word in message for word in ("Astound", "soon", "fast"))
    assert expected == "isp Comcast"


def test_a_row_whose_address_slipped_to_another_id_is_refused_with_ours(
    session: Session, tmp_path: Path, row: Row
) -> None:
    message, expected = refusal(session, tmp_path, row | {"address_line1": "9 N CLARK ST"})
    assert "were the rows sorted apart?" in message
    assert expected == "address 1135 W WILSON AVE APT 2, Chicago, IL 60640"


def test_another_spelling_of_our_address_is_ours(session: Session, tmp_path: Path, row: Row) -> None:
    spelled = {"address_line1": "1135 West Wilson Avenue", "unit": "#2", "city": "CHICAGO", "zip": "60640-1234"}
    found = {"match_result": "corrected", "corrected_address": "1135 West Wilson Avenue, Apt. 2, Chicago 60640"}
    taken(session, tmp_path, [row | spelled | found])
    assert said(session) == [("exact", "yes", "no")]


def test_a_request_of_another_provider_is_refused(session: Session, tmp_path: Path, row: Row) -> None:
    ask(session, "Astound")
    file = taken(session, tmp_path, [row | {"isp": ""}], provider="Astound")
    assert "was not sent to Astound, but to another provider" in left(session, file)[0][1]
    assert answers(session) == []


def test_a_provider_may_go_by_a_name_it_had(session: Session, tmp_path: Path, row: Row) -> None:
    provider = factories.provider(session)
    session.add(ProviderName(provider_id=provider.id, name="AT&T Broadband", starts_on=dt.date(1999, 1, 1)))
    assert taken(session, tmp_path, [row | {"isp": "at&t broadband"}]).counts["taken"] == 1


def test_the_same_row_twice_is_taken_once_and_two_that_differ_are_refused(
    session: Session, tmp_path: Path, row: Row
) -> None:
    file = taken(session, tmp_path, [row, row])
    assert (file.counts["taken"], file.counts["ignored"]) == (1, 1)
    assert left(session, file)[0][1] == "The same request, with the same cells, stands in row 2."
    two = taken(session, tmp_path, [row, row | {"serviceable": "no"}])
    assert two.counts["refused"] == 2
    assert "its rows differ: 2, 3. Leave one." in left(session, two)[0][1]
    assert len(answers(session)) == 1


def test_an_older_answer_than_ours_is_ignored(session: Session, tmp_path: Path, row: Row) -> None:
    taken(session, tmp_path, [row])
    file = taken(session, tmp_path, [row | {"serviceable": "no", "checked_on": "2026-09-15"}])
    assert left(session, file) == [
        ("ignored", "Older than your answer of Oct 1, 2026: this row was checked on Sep 15, 2026.", "")
    ]
    assert said(session) == [("exact", "yes", "no")]


def test_a_newer_answer_stands_and_the_one_before_is_kept(session: Session, tmp_path: Path, row: Row) -> None:
    taken(session, tmp_path, [row])
    taken(session, tmp_path, [row | {"serviceable": "no", "checked_on": "2026-10-09"}])
    assert [(one.serviceable, one.stands) for one in answers(session)] == [("yes", False), ("no", True)]


def test_an_answer_without_a_day_is_of_the_day_it_came(session: Session, tmp_path: Path, row: Row) -> None:
    taken(session, tmp_path, [row | {"checked_on": ""}])
    assert [one.checked_on for one in answers(session)] == [TODAY]
    later = take_back(
        session, tmp_path, csv_bytes([row | {"checked_on": ""}], encoding="utf-16"), on=dt.date(2026, 11, 1)
    )
    assert later.counts["unchanged"] == 1


def test_a_late_row_without_a_day_does_not_undo_the_answer_to_a_later_question(
    session: Session, tmp_path: Path, row: Row
) -> None:
    later = ask(session, choice=EVERY_OTHERWISE, on=dt.date(2026, 10, 5))
    taken(session, tmp_path, rows(session, later, **EXACT | {"checked_on": "2026-10-06"}))
    file = taken(session, tmp_path, [row | {"checked_on": "", "serviceable": "no"}])
    assert "We asked about this address again on Oct 5, 2026" in left(session, file)[0][1]
    assert said(session) == [("exact", "yes", "no")]


def test_two_questions_about_one_address_in_one_file_leave_the_newest_answer(
    session: Session, tmp_path: Path, row: Row
) -> None:
    (second,) = rows(
        session, ask(session, choice=EVERY_OTHERWISE), **EXACT | {"serviceable": "no", "checked_on": "2026-10-03"}
    )
    file = taken(session, tmp_path, [row, second])
    assert file.counts["taken"] == 2
    assert [(one.serviceable, one.stands) for one in answers(session)] == [("yes", False), ("no", True)]


def test_the_same_answers_saved_anew_write_nothing(session: Session, tmp_path: Path, row: Row) -> None:
    taken(session, tmp_path, [row])
    before = [one.id for one in answers(session)]
    again = take_back(session, tmp_path, csv_bytes([row], encoding="utf-16"))
    assert (again.counts["unchanged"], again.counts["taken"]) == (1, 0)
    assert [one.id for one in answers(session)] == before


def test_the_same_file_finds_the_first(session: Session, tmp_path: Path, row: Row) -> None:
    first = taken(session, tmp_path, [row])
    assert take_back(session, tmp_path, [row]).id == first.id


def test_a_correction_counts_only_once_a_person_accepted_it(session: Session, tmp_path: Path, row: Row) -> None:
    account = factories.account(session, Role.STAFF)
    theirs = "1135 W WILSON AVE UNIT 2R, Chicago, IL 60640"
    file = taken(session, tmp_path, [row | {"match_result": "corrected", "corrected_address": theirs}])
    assert file.counts["corrected"] == 1
    (waits,) = corrected.waiting(session, after=0, size=9)
    assert (waits.ours, waits.theirs) == ("1135 W WILSON AVE APT 2, Chicago, IL 60640", theirs)
    with transaction(session):
        assert corrected.decide(session, account=account, same={waits.id: True}) == 1
    assert corrected.count_waiting(session) == 0
    with transaction(session):
        assert corrected.decide(session, account=account, same={waits.id: False}) == 0
    assert answers(session)[0].accepted is True
    newer = {"match_result": "corrected", "corrected_address": theirs, "checked_on": "2026-10-12"}
    assert taken(session, tmp_path, [row | newer]).counts["yes"] == 1  # the same correction needs no second look
    last = answers(session)[-1]
    assert (last.accepted, last.decided_by) == (True, account.id)
    assert last.decided_at == answers(session)[0].decided_at
    with transaction(session):
        corrected.reopen(session, account=account, answer_id=last.id)
    assert corrected.count_waiting(session) == 1
    trail = session.scalars(select(AuditEvent.changes).where(AuditEvent.action == "serviceability.decided"))
    assert [one["same_place"] for one in trail] == [[None, True], [True, None]]


def test_an_address_column_that_was_overwritten_is_a_correction(session: Session, tmp_path: Path, row: Row) -> None:
    taken(session, tmp_path, [row | {"match_result": "corrected", "address_line1": "1137 W WILSON AVE"}])
    (waits,) = corrected.waiting(session, after=0, size=9)
    assert waits.theirs == "1137 W WILSON AVE APT 2, Chicago, IL 60640"


def test_exact_with_another_address_is_looked_at_first(session: Session, tmp_path: Path, row: Row) -> None:
    taken(session, tmp_path, [row | {"corrected_address": "1135 E WILSON AVE"}])
    assert corrected.count_waiting(session) == 1


def test_a_newer_answer_takes_the_correction_from_the_list(session: Session, tmp_path: Path, row: Row) -> None:
    account = factories.account(session, Role.STAFF)
    taken(session, tmp_path, [row | {"match_result": "corrected", "corrected_address": "1135 E WILSON AVE"}])
    (waits,) = corrected.waiting(session, after=0, size=9)
    taken(session, tmp_path, [row | {"checked_on": "2026-10-11"}])
    assert corrected.count_waiting(session) == 0
    with transaction(session):
        assert corrected.decide(session, account=account, same={waits.id: True}) == 0


def test_a_renamed_column_is_told_with_the_nearest_match_and_named_once(
    session: Session, tmp_path: Path, row: Row
) -> None:
    renamed = {("Servicable?" if name == "serviceable" else name): cell for name, cell in row.items()}
    content = csv_bytes([renamed], tuple(renamed))
    file_id, path = hand_in(session, tmp_path, content)
    assert take.take(session, file_id, path, report=silent) == AnswersState.COLUMNS
    file = session.get_one(ServiceabilityFile, file_id, populate_existing=True)
    assert file.refusal == "The column serviceable is missing. Nearest heading in the file: “Servicable?”."
    names = {("Servicable?" if name == "serviceable" else name): name for name in HEADER}
    session.rollback()
    wrong = names | {"Servicable?": ""}
    with pytest.raises(files.FileStepRefused, match="No heading is given to serviceable"), transaction(session):
        files.name_columns(session, account=None, file=files.locked(session, file_id), headings=wrong)
    with transaction(session):
        files.name_columns(session, account=None, file=files.locked(session, file_id), headings=names)
    assert take.take(session, file_id, path, report=silent) == AnswersState.TAKEN
    assert said(session) == [("exact", "yes", "no")]
    again = [renamed | {"Servicable?": "no", "checked_on": "2026-10-12"}]
    assert take_back(session, tmp_path, csv_bytes(again, tuple(renamed))).counts["no"] == 1


def test_headings_as_others_write_them_are_known(session: Session, tmp_path: Path, row: Row) -> None:
    written = {
        "Request ID": row["request_id"],
        "Address Match": "exact",
        "Serviceability": "No",
        "Date checked": "10/1/2026",
    }
    taken(session, tmp_path, csv_bytes([written], tuple(written)))  # type: ignore[arg-type]
    assert said(session) == [("exact", "no", "not_disclosed")]
    assert [one.checked_on for one in answers(session)] == [CHECKED]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_file_in_another_encoding_is_read(session: Session, tmp_path: Path, row: Row, encoding: str) -> None:
    file = take_back(session, tmp_path, csv_bytes([row | {"note": "Peña’s building"}], encoding=encoding))
    assert file.state == AnswersState.TAKEN
    assert answers(session)[0].note == "Peña’s building"


@pytest.mark.parametrize(
    ("content", "told"), [(b"%PDF-1.7 and so on", "PDF"), (b"request_id,match_result\n", "no rows")]
)
def test_a_file_that_cannot_be_read_says_why(
    session: Session, tmp_path: Path, batch: ServiceabilityBatch, content: bytes, told: str
) -> None:
    file = take_back(session, tmp_path, content)
    assert file.state == AnswersState.REFUSED
    assert told in file.refusal
    assert take_back(session, tmp_path, content).id != file.id  # it may be handed in again


def test_refused_rows_can_be_corrected_and_sent_again_as_they_came(session: Session, tmp_path: Path, row: Row) -> None:
    file = taken(session, tmp_path, [row | {"serviceable": "soon"}])
    header = files.rows_header(file)
    (cells,) = files.every_row(session, file.id, files.AnswerFate.REFUSED, len(header))
    sent = dict(zip(header, map(str, cells), strict=True))
    assert sent["what_is_wrong"].startswith("“soon” is no answer")
    corrected_rows = csv_bytes([sent | {"serviceable": "yes"}], header)
    assert take_back(session, tmp_path, corrected_rows).counts["taken"] == 1


def test_a_row_with_too_many_cells_is_refused_alone(session: Session, tmp_path: Path) -> None:
    home(session, "1 N CLARK ST")
    home(session, "2 N CLARK ST")
    content = csv_bytes(rows(session, ask(session), **EXACT)).decode()
    file = take_back(session, tmp_path, content.rstrip().__add__(",and,more\r\n").encode())
    assert (file.counts["taken"], file.counts["refused"]) == (1, 1)
