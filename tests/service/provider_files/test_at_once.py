"""The same file twice at one moment: handed in it is one file, applied it is applied once; and a person meets a file."""

import datetime as dt
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from connectivity.database import make_sessions, transaction
from connectivity.register import (
    Account,
    CodeEvent,
    Enrollment,
    EnrollmentEvent,
    FileState,
    Household,
    ProviderFile,
    ProviderWord,
    Role,
)
from connectivity.rules.service_states import Status
from connectivity.service.enrollments import Step, StepRefused, step
from connectivity.service.provider_files import apply as applying
from tests import factories
from tests.households.at_once import Act, at_once
from tests.service.provider_files.files_back import (
    ISSUED,
    TODAY,
    checked,
    claim,
    counts,
    csv_bytes,
    hand_in,
    record,
    row,
    silent,
    stands,
    written,
)


def applies(engine: Engine, file_id: int, path: Path) -> Act:
    """A worker's own session."""

    def act() -> str:
        with make_sessions(engine)() as own:
            return applying.apply(own, file_id, path, report=silent).value

    return act


def told_once(session: Session, count: int) -> None:
    """One step, one word and one move of the code of each record, whoever was first."""
    session.rollback()
    steps = select(func.count()).select_from(EnrollmentEvent).where(EnrollmentEvent.said_by == "provider")
    assert session.scalar(steps) == count
    assert session.scalar(select(func.count()).select_from(ProviderWord)) == count
    assert session.scalar(select(func.count()).select_from(CodeEvent).where(CodeEvent.state == "redeemed")) == count


def test_the_same_file_handed_in_twice_at_once_is_one_file(engine: Engine, session: Session, tmp_path: Path) -> None:
    content = csv_bytes([row(record(session), "active")])
    session.commit()

    def hands_in() -> str:
        with make_sessions(engine)() as own:
            return str(hand_in(own, tmp_path, content)[0])

    assert len(set(at_once(hands_in, hands_in))) == 1
    assert session.scalar(select(func.count()).select_from(ProviderFile)) == 1


def test_one_file_applied_twice_at_once_is_applied_once(engine: Engine, session: Session, tmp_path: Path) -> None:
    ours = [record(session) for _ in range(5)]
    file = checked(session, tmp_path, csv_bytes([row(one, "active") for one in ours]))
    claim(session, file)
    act = applies(engine, file.id, tmp_path / file.stored_as)
    assert at_once(act, act) == ["applied", "applied"]
    told_once(session, 5)


def test_two_savings_of_one_file_applied_at_once_write_once(engine: Engine, session: Session, tmp_path: Path) -> None:
    ours = [record(session) for _ in range(5)]
    rows = [row(one, "active") for one in ours]
    two = [checked(session, tmp_path, csv_bytes(rows, encoding=encoding)) for encoding in ("utf-8", "utf-16")]
    assert [counts(one) for one in two] == [(5, 0, 0, 0)] * 2
    for one in two:
        claim(session, one)
    told = at_once(*(applies(engine, one.id, tmp_path / one.stored_as) for one in two))
    assert sorted(told) == ["applied", "planned"]
    told_once(session, 5)
    session.expire_all()
    late = session.scalars(select(ProviderFile).where(ProviderFile.state == FileState.PLANNED)).one()
    assert counts(late) == (0, 5, 0, 0)


def test_a_person_who_takes_a_step_meanwhile_is_not_overwritten(
    engine: Engine, session: Session, tmp_path: Path
) -> None:
    one = record(session)
    file = checked(session, tmp_path, csv_bytes([row(one, "kit shipped", status_date="2026-10-02")]))
    claim(session, file)
    reference = one.household_id

    def person() -> str:
        with make_sessions(engine)() as own, transaction(own):
            own.scalars(
                select(Household).where(Household.id == reference).with_for_update()
            ).one().email = "a@example.org"
            found = own.get_one(Enrollment, one.id, populate_existing=True)
            came = found.status
            if came == "code_issued":
                found.status, found.status_on = "active", TODAY
            return came

    told = at_once(person, applies(engine, file.id, tmp_path / file.stored_as))
    # Whoever came first: the file applied and the person saw its step, or the person's step stands and the file is looked at anew.
    assert told in (["kit_shipped", "applied"], ["code_issued", "planned"])
    assert stands(session, one)[0] == ("kit_shipped" if told[1] == "applied" else "active")


def redeems(engine: Engine, enrollment: Enrollment, by: Account, on: dt.date) -> Act:
    """A person at the household's page records that the home is connected."""
    enrollment_id, household_id = enrollment.id, enrollment.household_id

    def act() -> str:
        with make_sessions(engine)() as own:
            try:
                with transaction(own):
                    held = select(Household).where(Household.id == household_id).with_for_update()
                    household = own.scalars(held).one()
                    step(
                        own,
                        account=own.get_one(Account, by.id),
                        household=household,
                        enrollment=own.get_one(Enrollment, enrollment_id, populate_existing=True),
                        taken=Step(status=Status.ACTIVE, happened_on=on),
                        today=TODAY,
                    )
            except StepRefused as refused:
                return " ".join(refused.problems.values())
            return "taken"

    return act


def test_a_code_that_a_person_and_a_file_redeem_at_once_is_redeemed_once(
    engine: Engine, session: Session, tmp_path: Path
) -> None:
    one, ana = record(session), factories.account(session, Role.STAFF)
    file = checked(session, tmp_path, csv_bytes([row(one, "active", status_date="2026-10-02")]))
    claim(session, file)
    person = redeems(engine, one, ana, dt.date(2026, 10, 2))
    told = at_once(person, applies(engine, file.id, tmp_path / file.stored_as))
    assert told in (
        ["taken", "planned"],
        ["After “active” can come: suspended, ended.", "applied"],
    )
    assert stands(session, one) == ("active", dt.date(2026, 10, 2), "redeemed")
    assert session.scalar(select(func.count()).select_from(CodeEvent).where(CodeEvent.state == "redeemed")) == 1
    assert (
        session.scalar(select(func.count()).select_from(EnrollmentEvent).where(EnrollmentEvent.status == "active")) == 1
    )


def test_one_code_in_two_rows_is_redeemed_for_its_own_household_alone(session: Session, tmp_path: Path) -> None:
    one, other = record(session, code="CC00000001"), record(session, code="CC00000002")
    rows = [row(one, "active"), row(other, "active", membership_code="CC-0000-0001")]
    file = checked(session, tmp_path, csv_bytes(rows))
    assert counts(file) == (1, 0, 0, 1)
    claim(session, file)
    applying.apply(session, file.id, tmp_path / file.stored_as, report=silent)
    assert stands(session, one)[2] == "redeemed"
    assert stands(session, other) == ("code_issued", ISSUED, "issued")


def test_the_second_of_two_applied_at_once_writes_no_row_of_the_register(
    engine: Engine, session: Session, tmp_path: Path
) -> None:
    ours = [record(session) for _ in range(3)]
    rows = [row(one, "active", account_last4="1234") for one in ours]
    first, late = (checked(session, tmp_path, csv_bytes(rows, encoding=code)) for code in ("utf-8", "utf-16"))
    claim(session, first)
    claim(session, late)
    applying.apply(session, first.id, tmp_path / first.stored_as, report=silent)
    before = written(session)
    again = (applies(engine, one.id, tmp_path / one.stored_as) for one in (first, late))
    assert at_once(*again) == ["applied", "planned"]
    assert written(session) == before
