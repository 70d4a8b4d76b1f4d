"""Codes come into the books once: a list twice, a list twice at once, a list of another provider; codes made here never collide."""

import datetime as dt
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from connectivity.database import make_sessions, transaction
from connectivity.register import BatchSource, CodeBatch, MembershipCode, ProgramYear, Provider
from connectivity.service.codes import batches
from connectivity.service.codes.code_file import read_code_file
from connectivity.service.codes.take_in import File, LinesRefused, take_in
from tests import factories
from tests.service.codes import programs
from tests.service.codes.programs import TODAY, file, moves


def take(session: Session, path: Path, **given: object) -> batches.Added:
    values = {
        "provider": factories.provider(session),
        "year": programs.year(session),
        "expires_on": None,
        **given,
    }
    read = read_code_file(path, today=TODAY)
    handed = File(path=path, name=path.name, sha256="0" * 64)
    return take_in(session, account=None, read=read, file=handed, on=TODAY, **values)


def test_a_list_comes_in_as_one_batch_with_each_codes_first_move(session: Session, tmp_path: Path) -> None:
    later = TODAY + dt.timedelta(days=30)
    path = file(tmp_path, "codes.csv", f"Code,Expires\nAB123456,\nAB123457,{later}\n")
    end = TODAY + dt.timedelta(days=90)
    added = take(session, path, expires_on=end)
    assert (added.new, added.known) == (2, 0)
    batch = session.get_one(CodeBatch, added.batch_id)
    assert (batch.imported, batch.file_name, batch.source, batch.expires_on) == (2, "codes.csv", "file", end)
    own = session.execute(select(MembershipCode.code, MembershipCode.state, MembershipCode.expires_on))
    assert sorted(map(tuple, own)) == [("AB123456", "free", None), ("AB123457", "free", later)]
    assert moves(session, "AB123456") == [(None, "free")]


def test_the_same_list_twice_adds_nothing_and_a_longer_one_only_what_is_new(session: Session, tmp_path: Path) -> None:
    path = file(tmp_path, "codes.txt", "AB123456\nAB123457\n")
    take(session, path)
    again = take(session, path)
    assert (again.batch_id, again.new, again.known) == (None, 0, 2)
    more = file(tmp_path, "more.txt", "AB123456\nAB123457\nAB123458\n")
    read = read_code_file(more, today=TODAY)
    handed = File(path=more, name="more.txt", sha256="1" * 64)
    added = take_in(
        session, account=None, provider=factories.provider(session), year=programs.year(session), read=read, file=handed, on=TODAY
    )  # fmt: skip
    assert (added.new, added.known) == (1, 2)


def test_one_bad_line_leaves_nothing_half_written(session: Session, tmp_path: Path) -> None:
    with pytest.raises(LinesRefused) as refused:
        take(session, file(tmp_path, "codes.txt", "AB123456\n?\n"))
    assert [one.number for one in refused.value.bad] == [2]
    assert session.scalar(select(func.count()).select_from(MembershipCode)) == 0


def test_codes_of_another_provider_or_year_are_told_by_their_row(session: Session, tmp_path: Path) -> None:
    earlier = factories.program_year(
        session, label="2025-26", starts_on=dt.date(2025, 7, 1), ends_on=dt.date(2026, 6, 30)
    )
    take(session, file(tmp_path, "a.txt", "AB123457\n"), provider=factories.provider(session, "Astound"))
    take(session, file(tmp_path, "b.txt", "AB123458\n"), year=earlier)
    with pytest.raises(LinesRefused) as refused:
        take(session, file(tmp_path, "codes.txt", "AB123456\nAB123457\nAB123458\n"))
    assert [(one.number, one.value) for one in refused.value.bad] == [(2, "AB123457"), (3, "AB123458")]
    assert "a code of Astound for 2026-27" in refused.value.bad[0].message
    assert "a code of Comcast for 2025-26" in refused.value.bad[1].message
    assert session.scalar(select(MembershipCode.id).where(MembershipCode.code == "AB123456")) is None


def test_the_same_list_twice_at_once_is_added_once(session: Session, engine: Engine, tmp_path: Path) -> None:
    path = file(tmp_path, "codes.txt", "".join(f"AB{number:06d}\n" for number in range(2000)))
    ids = (factories.provider(session).id, programs.year(session).id)
    session.commit()
    gate, outcomes = Barrier(4), []

    def once() -> None:
        with make_sessions(engine)() as own:
            gate.wait()
            with transaction(own):
                added = take(own, path, provider=own.get_one(Provider, ids[0]), year=own.get_one(ProgramYear, ids[1]))
                outcomes.append((added.new, added.known))

    threads = [Thread(target=once) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [(0, 2000), (0, 2000), (0, 2000), (2000, 0)]
    session.rollback()
    assert session.scalar(select(func.count()).select_from(MembershipCode)) == 2000
    assert session.scalars(select(CodeBatch.imported)).all() == [2000]


def test_codes_made_here_are_new_ones_even_when_chance_repeats_one(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.membership_code(session, code="CC00000001")
    drawn = iter(["CC00000001", "CC00000002", "CC00000003", "CC00000003", "CC00000004"])
    monkeypatch.setattr("connectivity.rules.membership_codes.generate", lambda: next(drawn))
    made = batches.generate(
        session, account=None, provider=factories.provider(session), year=programs.year(session), count=2, on=TODAY
    )
    assert made.new == 2
    fresh = session.scalars(select(MembershipCode.code).where(MembershipCode.batch_id == made.batch_id)).all()
    assert sorted(fresh) == ["CC00000002", "CC00000003"]


def test_too_many_codes_at_once_are_refused(session: Session) -> None:
    with pytest.raises(batches.TooMany, match="several batches"):
        batches.generate(
            session,
            account=None,
            provider=factories.provider(session),
            year=programs.year(session),
            count=batches.MOST_GENERATED + 1,
            on=TODAY,
        )


def test_a_list_of_known_codes_keeps_the_source_it_came_from(session: Session) -> None:
    programs.pool(session, "AB123456")
    assert session.scalars(select(CodeBatch.source)).all() == [BatchSource.GENERATED]
