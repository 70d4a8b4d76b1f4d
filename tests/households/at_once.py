"""Several people at once: each act starts at one moment in a thread of its own, and afterwards the register is held to be whole."""

import pkgutil
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from connectivity.register import Enrollment, Household, HouseholdMerge, MembershipCode, Student
from tests.conftest import PolicedClient

Act = Callable[[], str]
PATIENCE = 120  # seconds, for a slow machine: nothing here waits for time to pass
SENT_ON = 302
TOLD = (SENT_ON, 404, 409, 422)  # an answer that says what happened, and no fault of ours
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')


def at_once(*acts: Act) -> list[str]:
    """What each of them was told."""
    gate = Barrier(len(acts))

    def run(act: Act) -> str:
        gate.wait(PATIENCE)
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [one.result(PATIENCE) for one in [threads.submit(run, act) for act in acts]]


def sent(client: PolicedClient, path: str, *, page: str | None = None, **fields: object) -> Act:
    """A form as it was opened just now, with `fields` filled in; to be sent when its time comes."""
    html = client.get(page or path).text
    hidden = {_value(tag, "name"): _value(tag, "value") for tag in _HIDDEN.findall(html.partition("<main")[2])}

    def act() -> str:
        answer = client.post(path, data={**hidden, **fields})
        assert answer.status_code in TOLD, (answer.status_code, words(answer))
        return _flashed(client) if answer.status_code == SENT_ON else words(answer)

    return act


def _flashed(client: PolicedClient) -> str:
    """What the next page would begin with."""
    with client.session_transaction() as cookie:
        return " ".join(str(message) for _, message in cookie.pop("_flashes", []))


def _value(tag: str, name: str) -> str:
    return unescape(tag.partition(f' {name}="')[2].partition('"')[0])


def words(answer: TestResponse) -> str:
    """The words of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2].partition(">")[2])).split())


def among(told: Sequence[str], **allowed: Sequence[str]) -> str:
    """The name of the one allowed outcome: for each act the words that it must have been told."""
    found = [
        name
        for name, said in allowed.items()
        if all(re.search(one, page) for one, page in zip(said, told, strict=True))
    ]
    assert len(found) == 1, (found, told)
    return found[0]


@dataclass(frozen=True)
class Census:
    """What no merge, split, undo or edit may lose or double: students by ID, enrollments, codes that were given."""

    students: tuple[str, ...]
    enrollments: tuple[int, ...]
    codes: tuple[str, ...]


def census(session: Session) -> Census:
    """Counts anew, as the database has it."""
    session.rollback()
    codes = select(MembershipCode.code).where(MembershipCode.household_id.is_not(None)).order_by(MembershipCode.code)
    return Census(
        students=tuple(session.scalars(select(Student.district_id).order_by(Student.district_id))),
        enrollments=tuple(session.scalars(select(Enrollment.id).order_by(Enrollment.id))),
        codes=tuple(session.scalars(codes)),
    )


def hold_whole(session: Session) -> None:
    """Every student in a household that stands; every folded one by one merge that stands; a code where its enrollment is."""
    session.rollback()
    session.expire_all()
    in_a_folded_one = select(Student.id).join(Household).where(Household.merged_into_id.is_not(None))
    assert session.scalars(in_a_folded_one).all() == []
    folded = session.execute(
        select(Household.id, Household.merged_into_id).where(Household.merged_into_id.is_not(None))
    ).all()
    standing = session.execute(
        select(HouseholdMerge.folded_id, HouseholdMerge.kept_id).where(HouseholdMerge.undone_at.is_(None))
    ).all()
    assert sorted(map(tuple, folded)) == sorted(map(tuple, standing))
    elsewhere = select(Enrollment.id).join(MembershipCode).where(MembershipCode.household_id != Enrollment.household_id)
    assert session.scalars(elsewhere).all() == []


def meeting(engine: Engine, monkeypatch: pytest.MonkeyPatch, place: str, first: Act, second: Act) -> list[str]:
    """What each was told where `second` comes while `first` stands before its call of the function at `place`.

    `first` goes on when `second` waits for what it holds, or has ended.
    """
    function, arrived, ended = pkgutil.resolve_name(place), Event(), Event()

    def called(*args: Any, **kwargs: Any) -> Any:
        if not arrived.is_set():
            arrived.set()
            while not ended.wait(0.01) and not waits(engine):
                pass
        return function(*args, **kwargs)

    def stays() -> str:
        try:
            return first()
        finally:
            arrived.set()

    def comes() -> str:
        arrived.wait(PATIENCE)
        try:
            return second()
        finally:
            ended.set()

    with monkeypatch.context() as patched:
        patched.setattr(place.replace(":", "."), called)
        return at_once(stays, comes)


def waits(engine: Engine) -> bool:
    """Whether somebody waits for a lock. SQLite's writers queue at the beginning, before they hold anything."""
    if engine.dialect.name != "postgresql":
        return True
    with engine.connect() as connection:
        return bool(connection.scalar(select(func.count()).select_from(text("pg_locks")).where(text("NOT granted"))))
