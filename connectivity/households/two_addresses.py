"""Where a roster has one student, beside where the household lives: part by part, and whether it is only a slip in the street's name."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.geography.address import Address, AddressNotRead, parse, parse_parts
from connectivity.households.side_by_side import Mark
from connectivity.reference import store
from connectivity.register import HouseholdQuestion, QuestionKind, Residence
from connectivity.rules.same_home import same_home

LONG_NAME = 8  # letters from which on a street's name may hold two slips


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of both addresses. `name`: number, street, unit or zip."""

    name: str
    roster: str
    household: str
    mark: Mark


@dataclass(frozen=True, kw_only=True)
class TwoAddresses:
    """`unread`: why the roster's address cannot be laid beside the household's, which then has no parts."""

    roster: str
    household: str  # empty: the household has no address
    parts: tuple[Part, ...] = ()
    spelling_of: str = ""  # the household's house number and street, where the roster's look like a slip of it
    agree: bool = False
    unread: str = ""


def two_addresses(session: Session, questions: Sequence[HouseholdQuestion]) -> dict[int, TwoAddresses]:
    """Question id -> both addresses, for each question about a student who may have left."""
    asked = [one for one in questions if one.kind == QuestionKind.LEFT_HOME and one.address]
    homes = {
        home.household_id: home
        for home in session.scalars(
            select(Residence).where(
                Residence.household_id.in_([one.household_id for one in asked]), Residence.ends_on.is_(None)
            )
        )
    }
    streets = {street for street, _ in store.address_grid(session).lines} if asked else set()
    return {one.id: _beside(one.address, homes.get(one.household_id), streets) for one in asked}


def _beside(said: str, home: Residence | None, streets: Collection[str]) -> TwoAddresses:
    lives = ", ".join(part for part in (home.line, home.unit, home.zip) if part) if home else ""
    try:
        there = parse(said)
    except AddressNotRead as unread:
        return TwoAddresses(roster=said, household=lives, unread=unread.reason)
    here = _read(home)
    if here is None:
        return TwoAddresses(roster=said, household=lives)
    parts = _parts(there, here)
    return TwoAddresses(
        roster=said,
        household=lives,
        parts=parts,
        spelling_of=here.line if _slip(there, here, parts, streets) else "",
        agree=all(part.mark is not Mark.DIFFERENT for part in parts),
    )


def _read(home: Residence | None) -> Address | None:
    try:
        return parse_parts(home.line, home.unit, zip_code=home.zip) if home else None
    except AddressNotRead:  # a home that a roster gave as a post office box
        return None


def _parts(there: Address, here: Address) -> tuple[Part, ...]:
    """What one of the two leaves out contradicts nothing: `WILSON` and `W WILSON AVE` are one street."""
    return (
        _part("number", _number(there), _number(here), agree=_number(there) == _number(here)),
        _part(
            "street",
            _street(there),
            _street(here),
            agree=same_home((f"1 {_street(there)}", ""), (f"1 {_street(here)}", "")),
        ),
        _part("unit", there.unit, here.unit, agree=same_home(("", there.unit), ("", here.unit))),
        _part("zip", there.zip, here.zip, agree=there.zip[:5] == here.zip[:5]),
    )


def _part(name: str, roster: str, household: str, *, agree: bool) -> Part:
    mark = Mark.SAME if agree else Mark.DIFFERENT
    if not roster or not household:
        mark = Mark.UNKNOWN if roster or household else Mark.NONE
    return Part(name=name, roster=roster, household=household, mark=mark)


def _number(address: Address) -> str:
    return f"{address.number}{address.number_suffix}"


def _street(address: Address) -> str:
    return " ".join(word for word in (address.direction, address.street, address.kind) if word)


def _slip(there: Address, here: Address, parts: Sequence[Part], streets: Collection[str]) -> bool:
    """The street alone differs, by a slip or two of the pen, and the two are not both streets that the city has."""
    if [part.name for part in parts if part.mark is Mark.DIFFERENT] != ["street"]:
        return False
    if {there.street, here.street} <= set(streets) or not _agree(there.direction, here.direction):
        return False
    if _alike(there.street, here.street):
        return _agree(there.kind, here.kind)
    # The slip may sit in the kind, which is then read as a part of the name: FULTON BVLD.
    return not (there.kind and here.kind) and _alike(_name(there), _name(here))


def _agree(one: str, other: str) -> bool:
    return not one or not other or one == other


def _name(address: Address) -> str:
    return f"{address.street} {address.kind}".strip()


def _alike(one: str, other: str) -> bool:
    """63RD and 64TH are two streets, however alike they look."""
    if any(letter.isdigit() for letter in one + other):
        return False
    most = 2 if min(len(one), len(other)) >= LONG_NAME else 1
    return DamerauLevenshtein.distance(one, other, score_cutoff=most) <= most
