"""The same file back with its status: what each word does, and that a row which cannot be right is refused with what was expected."""

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.register import (
    AuditEvent,
    Enrollment,
    EnrollmentEvent,
    FileState,
    Household,
    ProviderAccount,
    ProviderFile,
    ProviderName,
    ProviderProfile,
    ProviderWord,
    RowFate,
    ServiceAddress,
)
from connectivity.rules.provider_words import PROBLEMS, STEP_OF, Said
from connectivity.service.provider_files import apply as applying
from connectivity.service.provider_files import files
from tests import factories
from tests.service.provider_files.files_back import (
    ISSUED,
    TODAY,
    Row,
    apply,
    checked,
    claim,
    counts,
    csv_bytes,
    record,
    row,
    send_back,
    silent,
    staged,
    stands,
    written,
)

ACTIVE_DAY = dt.date(2026, 10, 2)


def refused(session: Session, folder: Path, rows: list[Row]) -> list[tuple[str, str]]:
    """(what is wrong, what was expected) of each row; nothing else may come of the file."""
    file = checked(session, folder, csv_bytes(rows))
    assert counts(file) == (0, 0, 0, len(rows))
    return [(one.message, one.expected) for one in staged(session, file, RowFate.REFUSED)]


@pytest.mark.parametrize(
    ("said", "before", "code_after"),
    [
        ("in progress", "code_issued", "issued"),
        ("kit shipped", "ordered", "issued"),
        ("installed", "kit_shipped", "issued"),
        ("Active", "code_issued", "redeemed"),
        ("suspended", "active", "redeemed"),
        ("cancelled", "ordered", "revoked"),
        ("ended", "active", "expired"),
    ],
)
def test_a_step_moves_the_enrollment_its_code_and_the_trail(
    session: Session, tmp_path: Path, said: str, before: str, code_after: str
) -> None:
    one = record(session, status=before)
    version = one.household.version
    file = send_back(session, tmp_path, [row(one, said, status_date="2026-10-02")])
    assert counts(file) == (1, 0, 0, 0)
    step = STEP_OF[Said(said.lower().replace(" ", "_"))]
    assert stands(session, one) == (step.value, ACTIVE_DAY, code_after)
    event = session.scalars(select(EnrollmentEvent).where(EnrollmentEvent.enrollment_id == one.id)).all()[-1]
    assert (event.status, event.happened_on, event.said_by) == (step.value, ACTIVE_DAY, "provider")
    assert event.reason == {"cancelled": "cancelled", "ended": "other"}.get(said)
    assert session.get_one(Household, one.household_id, populate_existing=True).version == version + 1
    trail = session.scalars(select(AuditEvent).where(AuditEvent.action == "enrollment.stepped")).one()
    assert trail.changes["status"] == [before, step.value]
    assert trail.changes["provider_file"] == [None, file.id]
    assert trail.changes["version"] == [version, version + 1]


def test_why_service_ended_is_read_from_the_provider_s_words(session: Session, tmp_path: Path) -> None:
    moved, unknown = record(session, status="active"), record(session, status="active")
    rows = [
        row(moved, "ended", disconnect_date="10/2/2026", disconnect_reason="Moved out"),
        row(unknown, "ended", disconnect_date="10/2/2026", disconnect_reason="customer rude"),
    ]
    send_back(session, tmp_path, rows)
    ended = select(EnrollmentEvent.reason, EnrollmentEvent.note).where(EnrollmentEvent.status == "ended")
    found = session.execute(ended.order_by(EnrollmentEvent.enrollment_id)).all()
    assert [tuple(one) for one in found] == [("moved", "Moved out"), ("other", "customer rude")]
    assert stands(session, moved)[1] == ACTIVE_DAY


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_problem_is_kept_as_the_provider_s_word_and_moves_nothing(
    session: Session, tmp_path: Path, problem: Said
) -> None:
    one = record(session, status="ordered")
    file = send_back(session, tmp_path, [row(one, problem.value.replace("_", " "), status_date="2026-10-02")])
    assert counts(file) == (1, 0, 0, 0)
    assert stands(session, one) == ("ordered", ISSUED, "issued")
    word = session.scalars(select(ProviderWord)).one()
    assert (word.enrollment_id, word.word, word.said_on) == (one.id, problem.value, ACTIVE_DAY)


def test_a_step_that_stands_already_settles_a_problem_without_a_second_step(session: Session, tmp_path: Path) -> None:
    one = record(session, status="ordered")
    send_back(session, tmp_path, [row(one, "name mismatch", status_date="2026-10-02")])
    file = send_back(session, tmp_path, [row(one, "in progress", status_date="2026-10-05")])
    assert counts(file) == (1, 0, 0, 0)
    assert (file.counts["steps"], file.counts["problems"], file.counts["settled"]) == (0, 0, 1)
    assert stands(session, one) == ("ordered", ISSUED, "issued")
    assert session.scalars(select(ProviderWord.word).order_by(ProviderWord.id)).all() == [
        "name_mismatch",
        "in_progress",
    ]


def test_the_same_file_again_however_it_is_saved_writes_nothing_to_the_register(
    session: Session, tmp_path: Path
) -> None:
    ours = [record(session, status=status) for status in ("code_issued", "ordered", "active", "ordered")]
    said = ("active", "kit shipped", "ended", "could not reach family")
    rows = [
        row(one, word, account_last4="0042", status_date="2026-10-02") for one, word in zip(ours, said, strict=True)
    ]
    first = send_back(session, tmp_path, rows)
    assert counts(first) == (4, 0, 0, 0)
    before = written(session)
    assert checked(session, tmp_path, csv_bytes(rows)).id == first.id  # the same bytes
    again = checked(session, tmp_path, csv_bytes(rows, encoding="utf-16"))
    assert counts(again) == (0, 4, 0, 0)
    assert staged(session, again, RowFate.UPDATED) == []
    assert written(session) == before


def test_the_account_s_last_digits_are_kept_with_their_zeros(session: Session, tmp_path: Path) -> None:
    one = record(session, status="active")
    file = send_back(session, tmp_path, [row(one, "active", account_last4="42")])
    assert counts(file) == (1, 0, 0, 0)
    assert (file.counts["steps"], file.counts["accounts"]) == (0, 1)
    assert session.scalars(select(ProviderAccount.last4)).one() == "0042"
    assert session.scalars(select(ProviderWord)).all() == []
    assert session.scalars(select(AuditEvent.action).where(AuditEvent.subject == "household")).all() == [
        "provider.reported"
    ]


def test_a_code_nobody_issued_is_refused_with_the_code_we_expect(session: Session, tmp_path: Path) -> None:
    one = record(session, code="CC4F7K9QX2")
    found = refused(session, tmp_path, [row(one, "active", membership_code="CC-9999-9999")])
    assert found == [
        ("Nobody issued the code CC-9999-9999: it is not among Comcast’s codes.", "code CC-4F7K-9QX2"),
    ]


def test_a_code_of_another_household_and_one_still_in_the_pool_are_refused(session: Session, tmp_path: Path) -> None:
    one, other = record(session, code="CC00000001"), record(session, code="CC00000002")
    factories.membership_code(session, code="CC00000003")
    for code, wrong in (
        ("CC00000002", "The code CC-0000-0002 belongs to another record."),
        ("CC00000003", "The code CC-0000-0003 has not been given to any family."),
        ("", "The membership_code is empty."),
        ("???", "“???” is no membership code."),
    ):
        found = refused(session, tmp_path, [row(one, "active", membership_code=code)])
        assert found == [(wrong, "code CC-0000-0001")]
    assert stands(session, other)[0] == "code_issued"


def test_another_provider_s_record_is_refused_and_nothing_of_it_is_told(session: Session, tmp_path: Path) -> None:
    mine = record(session)
    foreign = record(session, name="Kowalski", provider=factories.provider(session, "Astound"), code="CC00000009")
    rows = [row(mine, "active"), row(foreign, "active", account_holder_last_name="X")]
    file = checked(session, tmp_path, csv_bytes(rows))
    assert counts(file) == (1, 0, 0, 1)
    [wrong] = staged(session, file, RowFate.REFUSED)
    assert wrong.message == (
        f"We have no record E{foreign.id} with Comcast in 2026-27. Check that this is the file of this provider and "
        "program year. The code CC-0000-0009 is not one of Comcast’s codes."
    )
    assert wrong.expected == ""


@pytest.mark.parametrize("other", ["Astound", "2025-26"])
def test_a_whole_file_of_another_provider_or_year_is_refused_once_and_says_what_it_is(
    session: Session, tmp_path: Path, other: str
) -> None:
    factories.provider(session)
    factories.program_year(session)
    given: dict[str, object] = {"provider": factories.provider(session, "Astound")}
    if other == "2025-26":
        days = {"starts_on": dt.date(2025, 7, 1), "ends_on": dt.date(2026, 6, 30)}
        given = {"program_year_id": factories.program_year(session, label=other, **days).id}
    file = checked(session, tmp_path, csv_bytes([row(record(session, **given), "active") for _ in range(3)]))
    chosen = "Comcast" if other == "Astound" else "2026-27"
    assert file.state == FileState.REFUSED
    assert file.refusal == (f"These are codes of {other}, not of {chosen}. Hand the file in again and choose {other}.")
    assert staged(session, file, RowFate.REFUSED) == []


def test_a_wrong_name_or_address_is_refused_and_says_what_was_expected(session: Session, tmp_path: Path) -> None:
    one = record(session, name="Muñoz")
    rows = [row(one, "active", account_holder_last_name="Smith", service_address="1135 W Wilson Ave, Chicago 60613")]
    assert refused(session, tmp_path, rows) == [
        (
            "The last name is not the one we have. The address is not the one we have.",
            "last name Muñoz; address 1135 W WILSON AVE, Chicago, IL 60640",
        )
    ]
    [(wrong, _)] = refused(session, tmp_path, [row(one, "active", service_address="1137 W Wilson Ave")])
    assert wrong == "The address is not the one we have."
    [(wrong, _)] = refused(session, tmp_path, [row(one, "active", service_address="", account_holder_last_name="")])
    assert wrong == "The last name is empty. The address is empty."
    [(wrong, _)] = refused(session, tmp_path, [row(one, "active", service_address="PO Box 12")])
    assert wrong.startswith("The address cannot be read")


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("MUNOZ", "1135 West Wilson Avenue, Chicago, Illinois 60640"),
        ("muñoz", "1135 w. wilson ave"),
        ("Muñoz", "1135 W Wilson Ave Apt 2, Chicago, IL"),
    ],
)
def test_other_writings_of_the_name_and_address_are_taken(
    session: Session, tmp_path: Path, name: str, address: str
) -> None:
    one = record(session, name="Muñoz")
    rows = [row(one, "active", account_holder_last_name=name, service_address=address)]
    assert counts(checked(session, tmp_path, csv_bytes(rows))) == (1, 0, 0, 0)


def test_the_address_expected_is_the_one_the_connection_goes_to(session: Session, tmp_path: Path) -> None:
    one = record(session)
    session.add(
        ServiceAddress(
            household_id=one.household_id,
            original="777 W Wilson Ave",
            line="777 W WILSON AVE",
            unit="APT 3",
            city="Chicago",
            state="IL",
            zip="60640",
            reason="With the grandmother",
            starts_on=ISSUED,
        )
    )
    [(wrong, expected)] = refused(session, tmp_path, [row(one, "active")])
    assert wrong == "The address is not the one we have."
    assert expected == "address 777 W WILSON AVE APT 3, Chicago, IL 60640"


def test_a_row_that_knows_a_record_id_alone_is_told_nothing(session: Session, tmp_path: Path) -> None:
    one = record(session, name="Muñoz", code="CC4F7K9QX2")
    guessed = row(one, "active", membership_code="", account_holder_last_name="Smith", service_address="1 N State St")
    assert refused(session, tmp_path, [guessed]) == [("The membership_code is empty.", "")]
    # The family's name or address shows that the row is about it: then the code was only mistyped.
    for known in ({"account_holder_last_name": "MUNOZ"}, {"service_address": "1135 West Wilson"}):
        [(_, expected)] = refused(session, tmp_path, [{**guessed, **known}])
        assert expected == "code CC-4F7K-9QX2"


def test_nobody_learns_where_a_family_went_after_its_service_ended(session: Session, tmp_path: Path) -> None:
    one = record(session, name="Muñoz", status="ended")
    for wrong in (
        {"account_holder_last_name": "Smith", "service_address": "1 N State St"},
        {"membership_code": "CC-9999-9999"},
    ):
        [(message, expected)] = refused(session, tmp_path, [row(one, "active", **wrong)])
        assert expected == ""
        assert "WILSON" not in message
    [(message, _)] = refused(session, tmp_path, [row(one, "active")])
    assert message == "Service of this record ended on Sep 1, 2026. Ask us before you serve this family again."


def test_an_update_dated_in_the_future_would_make_every_later_file_older_and_is_refused(
    session: Session, tmp_path: Path
) -> None:
    one = record(session)
    rows = [row(one, "active", status_date="2026-10-02", last_updated="2027-10-03")]
    assert refused(session, tmp_path, rows) == [("last_updated: This date is in the future.", "")]


def test_an_older_file_does_not_bring_an_older_account_back(session: Session, tmp_path: Path) -> None:
    one = record(session, status="active")
    send_back(session, tmp_path, [row(one, "active", account_last4="1111", last_updated="2026-10-01")])
    send_back(session, tmp_path, [row(one, "active", account_last4="2222", last_updated="2026-10-05")])
    old = send_back(session, tmp_path, [row(one, "Active", account_last4="1111", last_updated="2026-10-01")])
    assert counts(old) == (0, 0, 1, 0)
    assert [line.message for line in staged(session, old, RowFate.IGNORED)] == [
        "Older than ours: the account has been known since Oct 5, 2026, and this row is of Oct 1, 2026."
    ]
    assert session.scalars(select(ProviderAccount.last4)).one() == "2222"


def test_a_problem_that_a_person_settled_by_a_step_is_news_when_it_is_said_again(
    session: Session, tmp_path: Path
) -> None:
    one = record(session, status="code_issued")
    said = row(one, "could not reach family", status_date="2026-10-02")
    assert counts(send_back(session, tmp_path, [said])) == (1, 0, 0, 0)
    again = send_back(session, tmp_path, [{**said, "status": "Could not reach the family"}])
    assert counts(again) == (0, 1, 0, 0)
    with transaction(session):
        found = session.get_one(Enrollment, one.id, populate_existing=True)
        found.status, found.status_on = "ordered", dt.date(2026, 10, 4)
    assert counts(send_back(session, tmp_path, [{**said, "status": "COULD NOT REACH FAMILY"}])) == (0, 0, 1, 0)
    assert counts(send_back(session, tmp_path, [{**said, "status_date": "2026-10-06"}])) == (1, 0, 0, 0)


def test_a_blank_or_unknown_status_is_refused_with_the_words_allowed(session: Session, tmp_path: Path) -> None:
    one = record(session)
    for status, wrong in (("", "The status is empty."), ("done", "“done” is no status we know.")):
        [(message, _)] = refused(session, tmp_path, [row(one, status)])
        assert message.startswith(f"{wrong} Write one of: in progress, kit shipped, installed, active, suspended,")
        assert "existing account must be converted" in message


def test_a_status_that_goes_backwards_is_refused(session: Session, tmp_path: Path) -> None:
    one = record(session, status="active")
    [(wrong, _)] = refused(session, tmp_path, [row(one, "in progress", status_date="2026-10-02")])
    assert wrong == "With us this record is “active” since Sep 1, 2026. After “active” can come: suspended, ended."


def test_a_day_in_the_future_or_none_at_all_is_refused(session: Session, tmp_path: Path) -> None:
    one = record(session)
    [(wrong, _)] = refused(session, tmp_path, [row(one, "active", status_date="2026-10-16")])
    assert wrong == "status_date: This date is in the future. Enter the day it happened."
    [(wrong, _)] = refused(session, tmp_path, [row(one, "active", status_date="soon")])
    assert wrong.startswith("status_date: This is not a date we can read.")
    [(wrong, _)] = refused(session, tmp_path, [row(one, "other", status_date="2026-10-16")])
    assert wrong == "status_date: This date is in the future."


def test_a_void_code_is_not_made_live_by_a_file(session: Session, tmp_path: Path) -> None:
    one = record(session, code="CC4F7K9QX2")
    assert one.membership_code
    one.membership_code.state = "expired"
    [(wrong, _)] = refused(session, tmp_path, [row(one, "active")])
    assert wrong == "The code CC-4F7K-9QX2 is expired with us. Ask us before you serve this family with it."


def test_a_last_month_file_is_ignored_and_says_so(session: Session, tmp_path: Path) -> None:
    by_its_day, by_its_export, older_word = (record(session, status="active", on=ACTIVE_DAY) for _ in range(3))
    send_back(session, tmp_path, [row(older_word, "suspended", status_date="2026-10-05", last_updated="2026-10-06")])
    rows = [
        row(by_its_day, "in progress", status_date="2026-09-10"),
        row(by_its_export, "in progress", last_updated="2026-09-15"),
        row(older_word, "active", status_date="2026-10-07", last_updated="2026-10-01"),
    ]
    file = checked(session, tmp_path, csv_bytes(rows))
    assert counts(file) == (0, 0, 3, 0)
    assert [one.message for one in staged(session, file, RowFate.IGNORED)] == [
        "Older than ours: “active” since Oct 2, 2026, and this row speaks of Sep 10, 2026.",
        "Older than ours: “active” since Oct 2, 2026, and this row speaks of Sep 15, 2026.",
        "Older than your last word: that row was last updated on Oct 6, 2026, this one on Oct 1, 2026.",
    ]


def test_a_row_without_any_day_is_of_the_day_the_file_came(session: Session, tmp_path: Path) -> None:
    one = record(session)
    send_back(session, tmp_path, [row(one, "active")])
    assert stands(session, one) == ("active", TODAY, "redeemed")


def test_the_day_of_an_undated_step_is_that_of_receipt_and_not_that_of_last_updated(
    session: Session, tmp_path: Path
) -> None:
    one = record(session)
    send_back(session, tmp_path, [row(one, "active", last_updated="2026-10-01")])
    assert stands(session, one) == ("active", TODAY, "redeemed")
    # A later update than that is not older, though it comes before the day of receipt.
    newer = send_back(session, tmp_path, [row(one, "suspended", last_updated="2026-10-03")])
    assert counts(newer) == (1, 0, 0, 0)


def test_a_record_that_stands_twice_is_told(session: Session, tmp_path: Path) -> None:
    alike, different = record(session), record(session)
    rows = [row(alike, "active"), row(alike, "active"), row(different, "active"), row(different, "in progress")]
    file = checked(session, tmp_path, csv_bytes(rows))
    assert counts(file) == (1, 0, 1, 2)
    assert [one.message for one in staged(session, file, RowFate.IGNORED)] == [
        "The same record, with the same cells, stands in row 2."
    ]
    assert [one.message for one in staged(session, file, RowFate.REFUSED)] == [
        "This record stands in the file more than once, and its rows differ: 4, 5. Leave one."
    ] * 2


@pytest.mark.parametrize("record_id", ["", "E99999", "17-B"])
def test_a_record_nobody_knows_is_refused(session: Session, tmp_path: Path, record_id: str) -> None:
    one = record(session)
    [(wrong, expected)] = refused(session, tmp_path, [row(one, "active", record_id=record_id)])
    assert "record" in wrong
    assert expected == ""


def test_every_name_the_provider_had_is_its_name_and_another_is_not(session: Session, tmp_path: Path) -> None:
    astound = factories.provider(session, "Astound")
    session.add_all(
        ProviderName(provider_id=astound.id, name=name, starts_on=since)
        for name, since in (("RCN", dt.date(2020, 6, 25)), ("Astound", dt.date(2022, 1, 12)))
    )
    one, other = record(session, provider=astound), record(session, provider=astound)
    file = checked(
        session, tmp_path, csv_bytes([row(one, "active", isp="rcn"), row(other, "active")]), provider="Astound"
    )
    assert counts(file) == (1, 0, 0, 1)
    [wrong] = staged(session, file, RowFate.REFUSED)
    assert (wrong.message, wrong.expected) == ("The row names the provider “Comcast”.", "isp Astound")


def test_a_renamed_column_names_the_nearest_heading_and_is_then_known(session: Session, tmp_path: Path) -> None:
    one = record(session)
    renamed = {("Statuss" if name == "status" else name): cell for name, cell in row(one, "active").items()}
    header = tuple(renamed)
    file = checked(session, tmp_path, csv_bytes([renamed], header))
    assert file.state == FileState.COLUMNS
    assert file.refusal == "The column status is missing. Nearest heading in the file: “Statuss”."
    mapping = {name: "status" if name == "Statuss" else name for name in header}
    with transaction(session):
        files.name_columns(session, account=None, file=files.locked(session, file.id), headings=mapping)
    again = checked(session, tmp_path, csv_bytes([renamed], header))
    assert again.id == file.id
    assert counts(again) == (1, 0, 0, 0)
    assert session.scalars(select(ProviderProfile.headings)).one()["Statuss"] == "status"
    later = {**renamed, "Statuss": "in progress"}  # the provider's next file is read by itself
    assert checked(session, tmp_path, csv_bytes([later], header)).state == FileState.PLANNED


def test_missing_columns_are_all_named_at_once(session: Session, tmp_path: Path) -> None:
    one = record(session)
    file = checked(session, tmp_path, csv_bytes([row(one, "active")], ("record_id", "status", "plan")))
    assert file.state == FileState.COLUMNS
    assert [name for name, _ in file.read_as["missing"]] == [
        "membership_code", "account_holder_last_name", "service_address",
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_another_encoding_is_read(session: Session, tmp_path: Path, encoding: str) -> None:
    one = record(session, name="Muñoz")
    file = checked(session, tmp_path, csv_bytes([row(one, "active")], encoding=encoding))
    assert counts(file) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7 and so on", "is a PDF"),
        (b"record_id,membership_code,status\r\n", "no rows under them"),
        (b'record_id,status\r\nE1,"act', "cut off"),
        (b"E1,CC00000001,7\r\nE2,CC00000002,8\r\n", "There is no heading row"),
    ],
)
def test_a_file_that_is_none_is_refused_in_words_for_a_provider_s_file(
    session: Session, tmp_path: Path, content: bytes, words: str
) -> None:
    record(session)
    file = checked(session, tmp_path, content)
    assert file.state == FileState.REFUSED
    assert words in file.refusal
    assert "student" not in file.refusal.lower()
    assert "roster" not in file.refusal.lower()


def test_a_row_with_a_cell_too_many_is_refused_and_the_others_are_taken(session: Session, tmp_path: Path) -> None:
    one, other = record(session), record(session)
    good = csv_bytes([row(one, "active"), row(other, "active")]).decode().splitlines()
    file = checked(session, tmp_path, "\r\n".join([*good[:2], good[2] + ",x", ""]).encode())
    assert counts(file) == (1, 0, 0, 1)
    [wrong] = staged(session, file, RowFate.REFUSED)
    assert wrong.message.startswith("This row has 19 cells, but there are 18 headings.")


def test_a_file_is_looked_at_anew_if_a_record_changed_since(session: Session, tmp_path: Path) -> None:
    one = record(session)
    file = checked(session, tmp_path, csv_bytes([row(one, "active", status_date="2026-10-02")]))
    claim(session, file)
    with transaction(session):
        found = session.get_one(Enrollment, one.id)
        found.status, found.status_on = "active", TODAY
    state = applying.apply(session, file.id, tmp_path / file.stored_as, report=silent)
    again = session.get_one(ProviderFile, file.id, populate_existing=True)
    assert state == FileState.PLANNED
    assert again.refusal.startswith("Some of these records changed since the summary was made")
    assert counts(again) == (0, 1, 0, 0)
    assert session.scalar(select(func.count()).select_from(ProviderWord)) == 0


def test_a_summary_that_was_made_anew_must_be_looked_at_again(session: Session, tmp_path: Path) -> None:
    file = checked(session, tmp_path, csv_bytes([row(record(session), "active")]))
    with pytest.raises(files.FileStepRefused, match="made anew"), transaction(session):
        files.claim(session, account=None, file=files.locked(session, file.id), looked_at="2026-01-01")
    assert apply(session, tmp_path, file) == FileState.APPLIED
    with pytest.raises(files.FileStepRefused, match="applied already"):
        claim(session, file)
    assert not (tmp_path / file.stored_as).exists()
