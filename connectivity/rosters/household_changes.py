"""What rows would change of their households: guardian, contacts, phones, and where the household lives."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session, aliased

from connectivity.bulk import fetch, slices
from connectivity.geography.placement import ZipAreas
from connectivity.reference import store
from connectivity.register import (
    ChangeState,
    Covers,
    Household,
    HouseholdPhone,
    Outcome,
    Residence,
    RosterImport,
    RosterRow,
    Student,
)
from connectivity.rosters.differences import (
    ROW,
    Change,
    Differences,
    LeftHome,
    Said,
    Standing,
    Unheard,
    contact_columns,
    household_values,
    texts,
)
from connectivity.rosters.emptied import emptied
from connectivity.rosters.entered import HOME, Entered
from connectivity.rosters.rows_of import of_import
from connectivity.rules.same_home import same_home

CONTACT_FIELDS = ("guardian", "email", "language")
MOST_PHONES = 3


def of_households(
    session: Session,
    import_id: int,
    said: Mapping[int, list[Said]],
    entered: Entered,
    found: Differences,
) -> None:
    """Adds to `found` what the rows (by household) would change there."""
    standing = _standing(session, import_id)
    stirred = {one for one, rows in said.items() if any(_news(row, standing[one]) for row in rows)}
    silent, zip_areas = _still_said(session, import_id, stirred), store.zip_areas(session)
    found.unheard += [word for one, rows in said.items() for row in rows for word in emptied(row, standing[one])]
    for one in sorted(stirred):
        house, rows, still = standing[one], said[one], silent.get(one, [])
        _of_contact(one, house, rows, still, entered, found)
        found.changes += _of_phones(one, house, rows, entered)
        if not _of_address(one, house, rows, still, entered, found):
            _of_zip(one, house, rows, still, entered, zip_areas, found)


def _news(row: Said, house: Standing) -> bool:
    """Whether the row says of the household something that neither the register nor the last roster says."""
    now, base = row.now, row.base
    if any(now[name] not in ("", house.values[name]) and not _repeats(row, name) for name in CONTACT_FIELDS):
        return True
    if now["phones"] and (base is None or base["phones"] != now["phones"]):
        return True
    if not now["line"] or (base is not None and _same_home(now, base) and not _other_zip(now, base["zip"])):
        return False
    return _other_zip(now, house.zip) or not _lives(now, house)


def _repeats(row: Said, name: str) -> bool:
    return row.base is not None and row.base[name] == row.now[name]


def _standing(session: Session, import_id: int) -> dict[int, Standing]:
    households = (
        select(Student.household_id)
        .join(RosterRow, RosterRow.student_id == Student.id)
        .where(of_import(import_id, Outcome.WAITING))
    )
    phones: dict[int, list[str]] = defaultdict(list)
    listed = select(HouseholdPhone.household_id, HouseholdPhone.number).where(
        HouseholdPhone.household_id.in_(households)
    )
    for household, number in fetch(session, listed.order_by(HouseholdPhone.household_id, HouseholdPhone.position)):
        phones[household].append(number)
    rows = fetch(
        session,
        select(
            Household.id,
            Household.guardian_first_name,
            Household.guardian_last_name,
            Household.email,
            Household.language,
            Residence.line,
            Residence.unit,
            Residence.zip,
            Residence.community_area,
        )
        .outerjoin(Residence, (Residence.household_id == Household.id) & Residence.ends_on.is_(None))
        .where(Household.id.in_(households)),
    )
    return {
        one: Standing(
            {"guardian": f"{first}\t{last}".strip(), "email": email or "", "language": language},
            tuple(phones[one]),
            line or "",
            unit or "",
            zip_code or "",
            area,
            housed=line is not None,
        )
        for one, first, last, email, language, line, unit, zip_code, area in rows
    }


def _still_said(session: Session, import_id: int, households: Iterable[int]) -> dict[int, list[dict[str, str]]]:
    """What the district's last word still says of the households: by students whose row says nothing new or is not taken in, and in a
    part of the roster by those who are not in it. Who leaves, or is missing from the whole roster, has no word any more."""
    before, found = aliased(RosterRow), defaultdict[int, list[dict[str, str]]](list)
    mine = and_(RosterRow.import_id == import_id, RosterRow.district_id == before.district_id)
    speaks = exists().where(mine, RosterRow.outcome.in_((Outcome.WAITING, Outcome.LEAVING)))
    covers = session.scalar(select(RosterImport.covers).where(RosterImport.id == import_id))
    holds = ~speaks if covers == Covers.PART else and_(~speaks, exists().where(mine))
    for portion in slices(sorted(households)):
        # Students first, by themselves: in a join the database might begin with every unchanged row instead, for each portion.
        living = select(Student.id, Student.household_id).where(Student.household_id.in_(portion))
        home: dict[int, int] = dict(fetch(session, living))
        said = select(before.student_id, *(getattr(before, name) for name in ROW))
        for student, *cells in fetch(session, said.where(before.current, before.student_id.in_(home), holds)):
            found[home[student]].append(household_values(texts(cells)))
    return found


def _of_contact(
    household: int,
    house: Standing,
    rows: Sequence[Said],
    still: Sequence[Mapping[str, str]],
    entered: Entered,
    found: Differences,
) -> None:
    for name in CONTACT_FIELDS:
        before = house.values[name]
        new = [row for row in rows if row.now[name] not in ("", before) and not _repeats(row, name)]
        stands = bool(before) and any(said[name] == before for said in (*(row.now for row in rows), *still))
        if _heard(new, name, found, old_stands=stands):
            found.changes.append(_contact_change(household, name, before, new[0], entered))


def _heard(new: Sequence[Said], name: str, found: Differences, *, old_stands: bool) -> bool:
    """Whether what rows say new is taken: the first word of them, if no row of the household stands by the old one. The rest is told."""
    taken = new[0].now[name] if new and not old_stands else None
    found.unheard += [Unheard(row.number, name, row.now[name], old_stands) for row in new if row.now[name] != taken]
    return taken is not None


def _contact_change(household: int, name: str, before: str, row: Said, entered: Entered) -> Change:
    agreed = row.base is not None and row.base[name] == before
    kept = not agreed and entered.stays(household, before, *contact_columns(name))
    state = ChangeState.KEPT if kept else ChangeState.PLANNED
    return Change(row.number, "household", household, name, before or None, row.now[name], state)


def _of_phones(household: int, house: Standing, rows: Sequence[Said], entered: Entered) -> Iterator[Change]:
    """New numbers come first, as the ones to call; what was known stays behind them, up to three."""
    new = [
        number
        for row in rows
        for number in row.now["phones"].split()
        if number not in house.phones and not (row.base is not None and number in row.base["phones"].split())
    ]
    if new:
        after = list(dict.fromkeys([*new, *house.phones]))[:MOST_PHONES]
        held = " ".join(house.phones)
        kept = entered.stays(household, held, *(f"phone_{position}" for position in range(1, MOST_PHONES + 1)))
        number = next(row.number for row in rows if new[0] in row.now["phones"].split())
        state = ChangeState.KEPT if kept else ChangeState.PLANNED
        yield Change(number, "household", household, "phones", held, " ".join(after), state)


def _lives(said: Mapping[str, str], house: Standing) -> bool:
    return same_home((said["line"], said["unit"]), (house.line, house.unit))


def _same_home(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return same_home((one["line"], one["unit"]), (other["line"], other["unit"]))


def _of_address(
    household: int,
    house: Standing,
    rows: Sequence[Said],
    still: Sequence[Mapping[str, str]],
    entered: Entered,
    found: Differences,
) -> bool:
    """The household moves when everybody in it is said to live at one other home, whichever roster said so first. Returns whether they are."""
    away = [
        row
        for row in rows
        if row.now["line"]
        and not _lives(row.now, house)
        and not (row.base is not None and _same_home(row.now, row.base))
    ]
    if not away:
        return False
    first = away[0]
    everybody = [said for said in (*(row.now for row in rows), *still) if said["line"]]
    if all(_same_home(said, first.now) for said in everybody):
        agreed = first.base is not None and _lives(first.base, house)
        before, after = f"{house.line} {house.unit}".strip(), f"{first.now['line']} {first.now['unit']}".strip()
        kept = not agreed and entered.stays(household, before, *HOME)
        state = ChangeState.KEPT if kept else ChangeState.PLANNED
        found.changes.append(Change(first.number, "household", household, "address", before or None, after, state))
        if not kept:
            found.moves[household] = first.number
        return True
    found.left += [LeftHome(household, row.number, row.now["original"] or row.now["line"]) for row in away]
    return False


def _of_zip(
    household: int,
    house: Standing,
    rows: Sequence[Said],
    still: Sequence[Mapping[str, str]],
    entered: Entered,
    zip_areas: ZipAreas,
    found: Differences,
) -> None:
    """The same home under another ZIP code: its writing is corrected, and nobody has moved. One that does not reach it is told, not taken."""
    here = [row for row in rows if row.now["line"] and _lives(row.now, house)]
    other = [row for row in here if _other_zip(row.now, house.zip) and not _repeats_zip(row)]
    new = [row for row in other if house.area is None or house.area in zip_areas.get(row.now["zip"][:5], ())]
    found.unheard += [
        Unheard(row.number, "zip", row.now["zip"], True, unlikely=True) for row in other if row not in new
    ]
    said = [row.now for row in here] + [one for one in still if one["line"] and _lives(one, house)]
    stands = bool(house.zip) and any(one["zip"] and not _other_zip(one, house.zip) for one in said)
    if _heard(new, "zip", found, old_stands=stands):
        first = new[0]
        agreed = first.base is not None and _lives(first.base, house) and first.base["zip"][:5] == house.zip[:5]
        kept = not agreed and entered.stays(household, house.zip, *HOME, "zip")
        state = ChangeState.KEPT if kept else ChangeState.PLANNED
        zip_code = first.now["zip"]
        found.changes.append(Change(first.number, "household", household, "zip", house.zip or None, zip_code, state))


def _other_zip(said: Mapping[str, str], zip_code: str) -> bool:
    """Whether it names another ZIP code; the four digits that some write behind it make none."""
    return bool(said["zip"]) and said["zip"][:5] != zip_code[:5]


def _repeats_zip(row: Said) -> bool:
    base = row.base
    return base is not None and _same_home(row.now, base) and not _other_zip(row.now, base["zip"])
