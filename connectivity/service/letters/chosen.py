"""Who gets a letter: households whose code is given or held and waits to be used; and who cannot get one, with the reason."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Executable, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from connectivity.access.scope import in_scope
from connectivity.bulk import fetch
from connectivity.casework.determinations import found_not_eligible
from connectivity.register import (
    Account,
    Enrollment,
    Household,
    Letter,
    LetterRun,
    LetterState,
    MembershipCode,
    Residence,
)
from connectivity.rules.service_states import CodeState, Status
from connectivity.service.codes import ledger
from connectivity.service.codes.waiting import BEFORE_A_CODE, narrowed_by
from connectivity.service.letters.settable import LANGUAGES, composed, settable

NOT_ELIGIBLE = "not_eligible"  # how a run keeps that reason; no language has this code
HOME = (
    Household.guardian_first_name,
    Household.guardian_last_name,
    Residence.line,
    Residence.unit,
    Residence.city,
    Residence.state,
    Residence.zip,
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which households. None or "" narrows nothing."""

    year_id: int
    area: int | None = None
    school_id: str | None = None
    language: str = ""
    in_english: bool = False  # families whose language has no letter get the English one
    again: bool = False  # those too whose letter was made before


@dataclass(frozen=True)
class Addressed:
    """A letter to be made."""

    code_id: int
    household_id: int
    language: str


@dataclass(kw_only=True)
class Chosen:
    """The letters of a choice, and whom it passes over and why."""

    letters: list[Addressed] = field(default_factory=list)
    held: int = 0  # of the letters: codes that are not issued yet
    before: int = 0  # whose letter was made before
    not_eligible: int = 0  # found not eligible since the code was given or held
    languages: Counter[str] = field(default_factory=Counter)  # no letter in this language -> households
    names: list[str] = field(default_factory=list)  # references of households whose name or address we cannot set
    homeless: list[str] = field(default_factory=list)  # references of households without an address

    @property
    def by_language(self) -> list[tuple[str, int]]:
        """Language of the letter -> letters, the most first."""
        return Counter(one.language for one in self.letters).most_common()

    @property
    def left_out(self) -> dict[str, int]:
        """As a run keeps it: language -> households, "" for names and addresses, NOT_ELIGIBLE."""
        others = {"": len(self.names) + len(self.homeless), NOT_ELIGIBLE: self.not_eligible}
        return dict(self.languages) | {reason: number for reason, number in others.items() if number}


def choose(session: Session, *, account: Account, wanted: Wanted, on: dt.date) -> Chosen:
    """Looks at every household that fits and that the account may see; writes nothing."""
    found = Chosen()
    for code_id, household_id, reference, language, state, before, out, *home in fetch(
        session, _candidates(account, wanted, on)
    ):
        if out:
            found.not_eligible += 1
        elif before and not wanted.again:
            found.before += 1
        elif language not in LANGUAGES and not wanted.in_english:
            found.languages[language] += 1
        elif not home[2]:
            found.homeless.append(reference)
        elif address(home) is None:
            found.names.append(reference)
        else:
            found.held += state == CodeState.HELD
            found.letters.append(Addressed(code_id, household_id, language if language in LANGUAGES else LANGUAGES[0]))
    return found


def _candidates(account: Account, wanted: Wanted, on: dt.date) -> Executable:
    written_to = aliased(Household)  # this household, or one that is part of it now
    before = exists().where(
        Letter.code_id == MembershipCode.id,
        LetterRun.id == Letter.run_id,
        LetterRun.state != LetterState.FAILED,
        written_to.id == Letter.household_id,
        or_(written_to.id == MembershipCode.household_id, written_to.merged_into_id.is_not(None)),
    )
    narrowed = narrowed_by(area=wanted.area, school_id=wanted.school_id, language=wanted.language)
    return (
        select(
            MembershipCode.id,
            Household.id,
            Household.reference,
            Household.language,
            MembershipCode.state,
            before,
            not_eligible(on),
            *HOME,
        )
        .join(Household, Household.id == MembershipCode.household_id)
        .outerjoin(Residence, and_(Residence.household_id == Household.id, Residence.ends_on.is_(None)))
        .where(
            MembershipCode.program_year_id == wanted.year_id,
            waits_to_be_used(),
            ledger.usable_on(on),
            in_scope(Household, account, today=on),
            *narrowed,
        )
        .order_by(Household.id)
    )


def waits_to_be_used() -> ColumnElement[bool]:
    """A WHERE condition over MembershipCode: issued and not ordered with yet, or held for a household before its code; never an ended one's."""
    given = and_(MembershipCode.state == CodeState.ISSUED, Enrollment.status == Status.CODE_ISSUED)
    held = and_(MembershipCode.state == CodeState.HELD, Enrollment.status.in_(BEFORE_A_CODE))
    return exists().where(
        Enrollment.household_id == MembershipCode.household_id,
        Enrollment.program_year_id == MembershipCode.program_year_id,
        or_(given, held),
    )


def not_eligible(on: dt.date) -> ColumnElement[bool]:
    """A WHERE condition over MembershipCode: its household was found not eligible for its year."""
    return found_not_eligible(MembershipCode.household_id, MembershipCode.program_year_id, on=on)


def address(home: Sequence[str]) -> list[str] | None:
    """The lines over a letter, from the columns of HOME; None if a sign of them cannot be set."""
    first, last, line, unit, city, state, zip_code = home
    lines = [composed(f"{first} {last}"), composed(f"{line} {unit}"), composed(f"{city.upper()}, {state} {zip_code}")]
    return lines if all(map(settable, lines)) else None
