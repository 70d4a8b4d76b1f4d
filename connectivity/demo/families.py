"""Who lives in each home: the guardian, the children with their grades and birth dates, phones and e-mail."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from connectivity.demo.communities import COMMUNITIES
from connectivity.demo.names import NAMES, Names
from connectivity.register.student import GRADES
from connectivity.rules.names import words

Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]

CHILDREN = np.array(
    [0.6, 0.27, 0.1, 0.03]
)  # 1 to 4 students: 1.56 a household, as the program published (1.50 to 1.67)
YEARS_APART = np.array([0.03, 0.27, 0.34, 0.22, 0.14])  # school years between siblings; 0 is twins
WOMEN_ANSWER = 0.82
OTHER_SURNAME = 0.14  # siblings of one home who bear another surname
AREA_CODES = ("773", "312", "872", "224", "708")
AREA_CODE_SHARES = np.array([0.58, 0.16, 0.12, 0.05, 0.09])
FICTITIOUS = 100  # 555-0100 to 555-0199 are kept for fiction in every area code, so numbers repeat
MAIL_HOSTS = ("example.org", "example.com", "example.net")  # RFC 2606: nobody's
WITH_MAIL = 0.66
DISTRICT_IDS = 100_000_000  # eight digits
YEAR_DAYS = 365


@dataclass(frozen=True)
class Guardians:
    """One a household, columns of equal length. `surnames`: those the family bears, to be borne by the children."""

    first: list[str]
    last: list[str]
    email: list[str | None]
    surnames: list[tuple[str, ...]]


@dataclass(frozen=True)
class Children:
    """One row a student, ordered by household (index), eldest first. `grade`: index of GRADES."""

    household: Ints
    first: list[str]
    last: list[str]
    grade: Ints
    birth_date: Days
    district_id: list[str]


def guardians(rng: np.random.Generator, communities: Ints) -> Guardians:
    """A guardian for each household of the given communities (index of COMMUNITIES)."""
    count = len(communities)
    woman = (rng.random(count) < WOMEN_ANSWER).tolist()
    draws = rng.random((count, 4)).tolist()
    host = rng.integers(len(MAIL_HOSTS), size=count).tolist()
    made = Guardians([], [], [], [])
    for community, hers, (one, two, three, four), where in zip(communities.tolist(), woman, draws, host, strict=True):
        names = NAMES[COMMUNITIES[community]]
        first = _pick(names.women if hers else names.men, one)
        surnames = _surnames(names, two, three)
        last = " ".join(names.surname_of_woman(name) if hers else name for name in surnames)
        made.first.append(first)
        made.last.append(last)
        made.surnames.append(surnames)
        made.email.append(
            f"{'.'.join(words(f'{first} {surnames[0]}'))}{int(four * 997)}@{MAIL_HOSTS[where]}"
            if four < WITH_MAIL
            else None
        )
    return made


def _pick(names: tuple[str, ...], draw: float) -> str:
    # The exponent makes the first names of a list common (5 in 100) and the last ones rare.
    return names[int(draw**1.4 * len(names))]


def _surnames(names: Names, one: float, two: float) -> tuple[str, ...]:
    first = _pick(names.surnames, one)
    if two >= names.two_surnames:
        return (first,)
    second = _pick(names.surnames, two / names.two_surnames)
    return (first, second) if second != first else (first,)


def phones(rng: np.random.Generator, households: int) -> tuple[Ints, Ints, list[str]]:
    """One to three fictitious numbers a household, none twice in one home: (household index, position from 1, E.164)."""
    count = 1 + (rng.random(households) < 0.5).astype(np.int64) + (rng.random(households) < 0.15)
    owner = np.repeat(np.arange(households), count)
    position = _position(owner)
    code = rng.choice(len(AREA_CODES), size=households, p=AREA_CODE_SHARES)
    line = rng.integers(FICTITIOUS, size=households)
    # A fixed step apart, so that a home's second and third number differ from its first.
    numbers = (line[owner] + 37 * (position - 1)) % FICTITIOUS
    codes = np.array(AREA_CODES)[code[owner]].tolist()
    return owner, position, [f"+1{area}55501{number:02d}" for area, number in zip(codes, numbers.tolist(), strict=True)]


def _position(owner: Ints) -> Ints:
    """1, 2, ... within each run of equal owners."""
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    return np.arange(len(owner)) - np.repeat(starts, np.diff(np.r_[starts, len(owner)])) + 1


def children(rng: np.random.Generator, communities: Ints, parents: Guardians, *, fall: int) -> Children:
    """One to four students a household, each in a grade that fits the birth date in the school year that begins in `fall`."""
    count = 1 + rng.choice(len(CHILDREN), size=len(communities), p=CHILDREN)
    household = np.repeat(np.arange(len(communities)), count)
    position = _position(household)
    grade = _grades(rng, count, household, position)
    birth_date = _birth_dates(rng, household, grade, fall=fall)
    first, last = _names(rng, communities, parents, household)
    return Children(household, first, last, grade, birth_date, _district_ids(rng, len(household)))


def _grades(rng: np.random.Generator, count: Ints, household: Ints, position: Ints) -> Ints:
    """The eldest anywhere the younger ones still fit below, each next child some school years behind."""
    behind = np.where(position == 1, 0, rng.choice(len(YEARS_APART), size=len(household), p=YEARS_APART))
    total = np.add.reduceat(behind, np.r_[0, np.cumsum(count)[:-1]])
    eldest = total + (rng.random(len(count)) * (len(GRADES) - total)).astype(np.int64)
    before = np.cumsum(behind)
    base = before[np.r_[0, np.cumsum(count)[:-1]]]
    grades: Ints = eldest[household] - (before - base[household])
    return grades


def _birth_dates(rng: np.random.Generator, household: Ints, grade: Ints, *, fall: int) -> Days:
    """Kindergarten takes the children who are five by September 1; each later grade those a year older."""
    offset = rng.integers(YEAR_DAYS, size=len(grade))
    sibling = np.r_[False, household[1:] == household[:-1]]
    apart = np.r_[0, grade[:-1] - grade[1:]]
    for index in np.flatnonzero(sibling & (apart <= 1)).tolist():
        # Twins share the day; siblings one grade apart are at least nine months apart.
        offset[index] = offset[index - 1] if apart[index] == 0 else max(offset[index], offset[index - 1] - 85)
    years = (fall - 1970 - 5 - grade).astype("datetime64[Y]")  # grade index: PK 0, K 1
    window = years.astype("datetime64[M]") + np.timedelta64(8, "M")
    dates: Days = window.astype("datetime64[D]") + 1 + offset.astype("timedelta64[D]")
    return dates


def _names(
    rng: np.random.Generator, communities: Ints, parents: Guardians, household: Ints
) -> tuple[list[str], list[str]]:
    girl = (rng.random(len(household)) < 0.49).tolist()
    draws = rng.random((len(household), 2)).tolist()
    firsts: list[str] = []
    lasts: list[str] = []
    taken: set[str] = set()
    home = -1
    for owner, hers, (one, two) in zip(household.tolist(), girl, draws, strict=True):
        if owner != home:
            home, taken = owner, set()
        names = NAMES[COMMUNITIES[int(communities[owner])]]
        first = _untaken(names.girls if hers else names.boys, one, taken)
        taken.add(first)
        surnames = (_pick(names.surnames, two / OTHER_SURNAME),) if two < OTHER_SURNAME else parents.surnames[owner]
        firsts.append(first)
        lasts.append(" ".join(names.surname_of_woman(name) if hers else name for name in surnames))
    return firsts, lasts


def _untaken(names: tuple[str, ...], draw: float, taken: set[str]) -> str:
    """The drawn name, or the next in the list that no sibling bears."""
    at = names.index(_pick(names, draw))
    while names[at] in taken:
        at = (at + 1) % len(names)
    return names[at]


def _district_ids(rng: np.random.Generator, count: int) -> list[str]:
    """Distinct eight-digit ids as text; about one in twelve begins with 0."""
    drawn = np.zeros(0, dtype=np.int64)
    while len(drawn) < count:
        low = rng.integers(100_000, DISTRICT_IDS // 10, size=count // 12 + 16)
        high = rng.integers(DISTRICT_IDS * 4 // 10, DISTRICT_IDS * 6 // 10, size=count + 16)
        drawn = np.unique(np.r_[drawn, low, high])
    return [f"{number:08d}" for number in rng.permutation(drawn)[:count].tolist()]
