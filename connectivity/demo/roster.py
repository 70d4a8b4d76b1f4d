"""The district's next roster for the demo program: every registered student, with what is new, changed and wrong planted and counted."""

import datetime as dt
import random
import unicodedata
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.demo.create import CREATED, DemoRefused
from connectivity.demo.roster_events import CHANGES, NEW, Event
from connectivity.demo.roster_problems import PROBLEMS
from connectivity.demo.roster_rows import Edition, Row, headings, registered, written
from connectivity.demo.roster_town import Town
from connectivity.register import AuditEvent, Household, ProgramYear
from connectivity.register.student import GRADES
from connectivity.tabular.write import Profile, write_csv

NEW_A_HUNDRED = 2  # new students for each hundred registered households, unless told otherwise
UNLIKE_WINDOWS = {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ʼ": "'"}  # letters without a plain one inside


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the roster shall be. `changes`: percent of the families to which something happened."""

    seed: int = 1
    changes: float = 5
    problems: int = 20
    new: int | None = None
    next_season: bool = False
    aspen: bool = False
    factors: bool = False
    windows: bool = False


@dataclass
class Written:
    """The rows of the file, what was planted (name -> how often), and what no family fitted."""

    program_year: str = ""
    rows: int = 0
    planted: Counter[str] = field(default_factory=Counter)
    not_planted: int = 0


def write_roster(session: Session, path: Path, wanted: Wanted) -> Written:
    """Writes the file; the same demo and the same wishes make the same bytes, on any database. Raises DemoRefused without a demo."""
    edition, fall = _edition(session, next_season=wanted.next_season)
    town = Town.read(session, seed=wanted.seed, fall=fall)
    done = Written(edition.program_year)
    families = registered(session, edition)
    if wanted.next_season:
        families = (_promoted(family, town, done) for family in families)
    cells = (
        written(row, aspen=wanted.aspen, factors=wanted.factors)
        for rows in _planted(families, town, _drawn(session, wanted), done)
        for row in rows
    )
    first = headings(aspen=wanted.aspen, factors=wanted.factors)
    with path.open("wb") as file:
        for chunk in write_csv(first, cells, profile=Profile.MACHINE):
            file.write(as_windows(chunk) if wanted.windows else chunk)
    return done


def _edition(session: Session, *, next_season: bool) -> tuple[Edition, int]:
    created = session.scalar(select(AuditEvent).where(AuditEvent.action == CREATED).limit(1))
    year = session.scalar(select(ProgramYear).order_by(ProgramYear.starts_on.desc()).limit(1))
    if created is None or year is None:
        raise DemoRefused("There is no demo program in this database. Make one first: flask demo create.")
    fall = year.ends_on.year - 1
    if next_season:
        return Edition(f"{fall + 1}-{(fall + 2) % 100:02}", dt.date(fall + 1, 8, 15)), fall + 1
    return Edition(year.label, dt.date.fromisoformat(created.changes["today"][1])), fall


def _drawn(session: Session, wanted: Wanted) -> list[tuple[int, Event]]:
    """At which family (by its place in the roster) each event falls due."""
    draws = random.Random(f"events {wanted.seed}")  # noqa: S311 - the demo is reproducible by its seed
    households = session.scalar(select(func.count()).select_from(Household)) or 0
    new = households * NEW_A_HUNDRED // 100 if wanted.new is None else wanted.new
    events = [
        *draws.choices(list(CHANGES), list(CHANGES.values()), k=round(households * wanted.changes / 100)),
        *_newcomers(new),
        *(PROBLEMS[at % len(PROBLEMS)] for at in range(wanted.problems)),
    ]
    places = sorted(draws.sample(range(households), min(len(events), households)))
    draws.shuffle(events)
    return [*zip(places, events, strict=False), *((households, one) for one in events[len(places) :])]


def _newcomers(students: int) -> Iterator[Event]:
    at = 0
    while students:
        event = NEW[at % len(NEW)]
        at += 1
        if event.students <= students:
            students -= event.students
            yield event


def _planted(
    families: Iterable[list[Row]], town: Town, drawn: list[tuple[int, Event]], done: Written
) -> Iterator[list[Row]]:
    """Each family, with at most one event; one that does not fit a family waits for the next that it fits."""
    due, waiting = deque(drawn), list[Event]()
    for place, family in enumerate(families):
        while due and due[0][0] <= place:
            waiting.append(due.popleft()[1])
        if family:
            town.remember(family[0])
        event = next((one for one in waiting if family and one.fits(family)), None)
        if event:
            waiting.remove(event)
            event.plant(town, family)
            done.planted[event.name] += 1
        done.rows += len(family)
        yield family
    done.not_planted = len(waiting) + len(due)


def _promoted(family: list[Row], town: Town, done: Written) -> list[Row]:
    """A grade up; who was in the last is not in the roster any more, and who outgrew the school goes to another."""
    staying = [row for row in family if row["grade"] != GRADES[-1]]
    for row in staying:
        row["grade"] = GRADES[GRADES.index(row["grade"]) + 1]
        if not town.teaches(row):
            row["cps_school_id"] = town.another_school(row)
            done.planted["students whose school does not have their new grade"] += 1
    done.planted["students a grade up"] += len(staying)
    done.planted["students who graduated"] += len(family) - len(staying)
    return staying


class _Nearest(dict[int, str]):
    """Letter -> itself where Windows-1252 has it, else the plain letter, else a question mark."""

    def __missing__(self, sign: int) -> str:
        letter = chr(sign)
        plain = UNLIKE_WINDOWS.get(letter) or unicodedata.normalize("NFKD", letter)[0]
        self[sign] = next((one for one in (letter, plain) if one.encode("cp1252", "ignore")), "?")
        return self[sign]


_NEAREST = _Nearest()


def as_windows(chunk: bytes) -> bytes:
    """UTF-8 to Windows-1252, as an older Excel saves it: what it has no letter for loses its accent."""
    return chunk.decode().translate(_NEAREST).encode("cp1252")
