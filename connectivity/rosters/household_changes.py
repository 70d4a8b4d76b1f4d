"""What rows would change of their households: guardian, contacts, phones, and where the household lives."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from connectivity.bulk import fetch, slices
from connectivity.register import ChangeState, Household, HouseholdPhone, Outcome, Residence, RosterRow, Student
from connectivity.rosters.differences import ROW, Change, Differences, LeftHome, Said, Standing, household_values, texts
from connectivity.rosters.rows_of import of_import
from connectivity.rules.same_home import same_home

CONTACT_FIELDS = ("guardian", "email", "language")
MOST_PHONES = 3
_HOME_FIELDS = frozenset({"line", "unit", "address"})


def of_households(
    session: Session,
    import_id: int,
    said: Mapping[int, list[Said]],
    edited: set[tuple[int, str]],
    found: Differences,
) -> None:
    """Adds to `found` what the rows (by household) would change there."""
    standing = _standing(session, import_id)
    stirred = {one for one, rows in said.items() if any(_news(row, standing[one]) for row in rows)}
    silent = _said_by_unchanged_rows(session, import_id, stirred)
    for one in sorted(stirred):
        house, rows, still = standing[one], said[one], silent.get(one, [])
        found.changes += _of_contact(one, house, rows, still, edited)
        found.changes += _of_phones(one, house, rows, edited)
        _of_address(one, house, rows, still, edited, found)


def _news(row: Said, house: Standing) -> bool:
    """Whether the row says of the household something that neither the register nor the last roster says."""
    now, base = row.now, row.base
    if any(now[name] not in ("", house.values[name]) and not _repeats(row, name) for name in CONTACT_FIELDS):
        return True
    if now["phones"] and (base is None or base["phones"] != now["phones"]):
        return True
    return bool(now["line"]) and not _lives(now, house) and not (base is not None and _same_home(now, base))


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
            housed=line is not None,
        )
        for one, first, last, email, language, line, unit, zip_code in rows
    }


def _said_by_unchanged_rows(
    session: Session, import_id: int, households: Iterable[int]
) -> dict[int, list[dict[str, str]]]:
    """What the rows that say nothing new still say of the households."""
    before, chosen = aliased(RosterRow), sorted(households)
    found: dict[int, list[dict[str, str]]] = defaultdict(list)
    for portion in slices(chosen):
        statement = (
            select(Student.household_id, *(getattr(before, name) for name in ROW))
            .join(before, (before.student_id == Student.id) & before.current)
            .join(RosterRow, (RosterRow.import_id == import_id) & (RosterRow.district_id == before.district_id))
            .where(
                Student.household_id.in_(portion),
                RosterRow.outcome == Outcome.UNCHANGED,
            )
        )
        for household, *cells in fetch(session, statement):
            found[household].append(household_values(texts(cells)))
    return found


def _of_contact(
    household: int,
    house: Standing,
    rows: Sequence[Said],
    still: Sequence[Mapping[str, str]],
    edited: set[tuple[int, str]],
) -> Iterator[Change]:
    for name in CONTACT_FIELDS:
        before = house.values[name]
        if any(row.now[name] == before for row in rows) or any(said[name] == before for said in still):
            continue  # somebody in the roster still stands by it
        new = [row for row in rows if row.now[name] and not _repeats(row, name)]
        if new:
            yield _contact_change(household, name, before, new[0], edited)


def _contact_change(household: int, name: str, before: str, row: Said, edited: set[tuple[int, str]]) -> Change:
    fields = ("guardian_first_name", "guardian_last_name") if name == "guardian" else (name,)
    agreed = row.base is not None and row.base[name] == before
    kept = not agreed and any((household, one) in edited for one in fields)
    state = ChangeState.KEPT if kept else ChangeState.PLANNED
    return Change(row.number, "household", household, name, before or None, row.now[name], state)


def _of_phones(household: int, house: Standing, rows: Sequence[Said], edited: set[tuple[int, str]]) -> Iterator[Change]:
    """New numbers come first, as the ones to call; what was known stays behind them, up to three."""
    new = [
        number
        for row in rows
        for number in row.now["phones"].split()
        if number not in house.phones and not (row.base is not None and number in row.base["phones"].split())
    ]
    if new:
        after = list(dict.fromkeys([*new, *house.phones]))[:MOST_PHONES]
        kept = any((household, f"phone_{position}") in edited for position in range(1, MOST_PHONES + 1))
        number = next(row.number for row in rows if new[0] in row.now["phones"].split())
        state = ChangeState.KEPT if kept else ChangeState.PLANNED
        yield Change(number, "household", household, "phones", " ".join(house.phones), " ".join(after), state)


def _lives(said: Mapping[str, str], house: Standing) -> bool:
    return same_home((said["line"], said["unit"]), (house.line, house.unit))


def _same_home(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return same_home((one["line"], one["unit"]), (other["line"], other["unit"]))


def _of_address(
    household: int,
    house: Standing,
    rows: Sequence[Said],
    still: Sequence[Mapping[str, str]],
    edited: set[tuple[int, str]],
    found: Differences,
) -> None:
    """The household moves when everybody in it is said to live at one other home, whichever roster said so first."""
    away = [
        row
        for row in rows
        if row.now["line"]
        and not _lives(row.now, house)
        and not (row.base is not None and _same_home(row.now, row.base))
    ]
    if not away:
        return
    first = away[0]
    everybody = [said for said in (*(row.now for row in rows), *still) if said["line"]]
    if all(_same_home(said, first.now) for said in everybody):
        agreed = first.base is not None and _lives(first.base, house)
        kept = not agreed and bool(_HOME_FIELDS & {name for one, name in edited if one == household})
        state = ChangeState.KEPT if kept else ChangeState.PLANNED
        before, after = f"{house.line} {house.unit}".strip(), f"{first.now['line']} {first.now['unit']}".strip()
        found.changes.append(Change(first.number, "household", household, "address", before or None, after, state))
        if not kept:
            found.moves[household] = first.number
        return
    found.left += [LeftHome(household, row.number, row.now["original"] or row.now["line"]) for row in away]
