"""The same answers twice at one moment: handed in they are one file, taken they are taken once."""

from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from connectivity.database import make_sessions, transaction
from connectivity.register import Account, Role, ServiceabilityAnswer, ServiceabilityFile
from connectivity.service.serviceability import corrected, take
from tests import factories
from tests.households.at_once import Act, at_once
from tests.service.serviceability.answers_back import Row, ask, csv_bytes, hand_in, home, rows, silent

HOMES = 5


def answered(session: Session) -> list[Row]:
    for number in range(1, HOMES + 1):
        home(session, f"{number} N CLARK ST")
    return rows(session, ask(session), match_result="exact", serviceable="no", checked_on="2026-10-01")


def takes(engine: Engine, file_id: int, path: Path) -> Act:
    """A worker's own session."""

    def act() -> str:
        with make_sessions(engine)() as own:
            return take.take(own, file_id, path, report=silent).value

    return act


def told_once(session: Session) -> None:
    """One answer about each address, whoever was first."""
    session.rollback()
    answer = ServiceabilityAnswer
    assert session.scalar(select(func.count()).select_from(answer)) == HOMES
    assert session.scalar(select(func.count()).select_from(answer).where(answer.stands)) == HOMES


def test_the_same_file_handed_in_twice_at_once_is_one_file(engine: Engine, session: Session, tmp_path: Path) -> None:
    content = csv_bytes(answered(session))
    session.commit()

    def hands_in() -> str:
        with make_sessions(engine)() as own:
            return str(hand_in(own, tmp_path, content)[0])

    assert len(set(at_once(hands_in, hands_in))) == 1
    assert session.scalar(select(func.count()).select_from(ServiceabilityFile)) == 1


def test_one_file_taken_twice_at_once_is_taken_once(engine: Engine, session: Session, tmp_path: Path) -> None:
    file_id, path = hand_in(session, tmp_path, csv_bytes(answered(session)))
    kept = path.with_suffix(".copy")
    kept.write_bytes(path.read_bytes())  # whoever ends first removes its file
    assert set(at_once(takes(engine, file_id, path), takes(engine, file_id, kept))) <= {"taken", "reading"}
    told_once(session)
    assert session.get_one(ServiceabilityFile, file_id, populate_existing=True).counts["taken"] == HOMES


def test_two_savings_of_one_file_taken_at_once_write_once(engine: Engine, session: Session, tmp_path: Path) -> None:
    found = answered(session)
    two = [hand_in(session, tmp_path, csv_bytes(found, encoding=encoding)) for encoding in ("utf-8", "utf-16")]
    assert at_once(*(takes(engine, *one) for one in two)) == ["taken", "taken"]
    told_once(session)
    session.expire_all()
    counts = [file.counts for file in session.scalars(select(ServiceabilityFile))]
    assert sorted((one["taken"], one["unchanged"]) for one in counts) == [(0, HOMES), (HOMES, 0)]


def test_two_people_who_decide_at_once_decide_once(engine: Engine, session: Session, tmp_path: Path) -> None:
    theirs = {"match_result": "corrected", "corrected_address": "9 E CLARK ST"}
    file_id, path = hand_in(session, tmp_path, csv_bytes([row | theirs for row in answered(session)]))
    take.take(session, file_id, path, report=silent)
    people = [factories.account(session, Role.STAFF).id for _ in range(2)]
    waiting = [one.id for one in corrected.waiting(session, after=0, size=HOMES)]
    session.commit()

    def decides(account_id: int, *, same: bool) -> Act:
        def act() -> str:
            with make_sessions(engine)() as own, transaction(own):
                account = own.get_one(Account, account_id)
                return str(corrected.decide(own, account=account, same=dict.fromkeys(waiting, same)))

        return act

    told = at_once(decides(people[0], same=True), decides(people[1], same=False))
    assert sorted(told) == ["0", str(HOMES)]
    session.expire_all()
    first = people[0 if told[0] != "0" else 1]
    assert set(session.scalars(select(ServiceabilityAnswer.decided_by))) == {first}


def test_a_decision_that_meets_a_newer_file_never_speaks_of_the_newer_answer(
    engine: Engine, session: Session, tmp_path: Path
) -> None:
    found = answered(session)
    theirs = {"match_result": "corrected", "corrected_address": "9 E CLARK ST"}
    take.take(session, *hand_in(session, tmp_path, csv_bytes([row | theirs for row in found])), report=silent)
    newer = hand_in(session, tmp_path, csv_bytes([row | {"checked_on": "2026-10-09"} for row in found]))
    account_id = factories.account(session, Role.STAFF).id
    waiting = [one.id for one in corrected.waiting(session, after=0, size=HOMES)]
    session.commit()

    def decides() -> str:
        with make_sessions(engine)() as own, transaction(own):
            account = own.get_one(Account, account_id)
            return str(corrected.decide(own, account=account, same=dict.fromkeys(waiting, True)))

    decided, taken = at_once(decides, takes(engine, *newer))
    assert decided in ("0", str(HOMES))
    assert taken == "taken"
    session.expire_all()
    standing = select(ServiceabilityAnswer).where(ServiceabilityAnswer.stands)
    assert {(one.match_result, one.accepted) for one in session.scalars(standing)} == {("exact", None)}
