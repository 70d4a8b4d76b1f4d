"""Made-up families for the matching benchmark: who lives together is known, what the records say of it is noisy.

The levels below were set before the rules were first run against them, from what school offices report of their own contact data,
and are not to be tuned to the rules. The rules were improved on the town of seed 11; what is published is seed 7. Rates are per student's record unless they say "of families".
"""

import random
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from connectivity.rules.household_matching import Records

CHILDREN = {1: 45, 2: 33, 3: 15, 4: 5, 5: 2}  # percent of families
TWO_PARENTS, TWO_SURNAMES, HAS_EMAIL, NO_ADDRESS = 0.60, 0.30, 0.60, 0.005  # of families
TWINS, HALF_SIBLINGS, SPLIT_CUSTODY = 0.03, 0.08, 0.01  # of families with two children or more
DOUBLED_UP, DOUBLED_UP_SURNAME, DOUBLED_UP_PHONE = (
    0.03,
    0.25,
    0.15,
)  # of families; then of those: relatives' surname, one phone
RELATIVE_IN_FLATS = 0.10  # of families in a two- or three-flat: the neighbors' surname
UNIT_NEVER_GIVEN = {"house": 1.0, "flats": 0.35, "tower": 0.08, "development": 0.50}  # of families
BUILDINGS = {"house": 45, "flats": 30, "tower": 22, "development": 3}  # percent of families
OTHER_PARENT, OTHER_PARENT_SAME_PHONES = 0.025, 0.80
GUARDIAN_TYPO, GUARDIAN_INITIAL, GUARDIAN_BLANK, ONE_OF_TWO_SURNAMES = 0.025, 0.04, 0.01, 0.15
PHONE_NONE, PHONE_TYPO, PHONE_FILLER, PHONE_OF_AGENCY, SECOND_PHONE = 0.04, 0.015, 0.01, 0.005, 0.60
EMAIL_BLANK, EMAIL_FILLER = 0.20, 0.01
STREET_TYPO, KIND_MISSING, DIRECTION_MISSING, ZIP_BLANK, ZIP_WRONG, STALE_ADDRESS = (
    0.01,
    0.02,
    0.003,
    0.01,
    0.005,
    0.004,
)
UNIT_SPELLED, UNIT_BLANK, UNIT_TYPO = 0.05, 0.03, 0.005
MOVED_SINCE_REGISTERED = 0.08  # of registered families
# What no rule can know, of families with two children or more: one child's record names a grandparent with another surname and phone;
# one child's record agrees with the others in nothing; two families under one roof give one guardian and one phone.
KIN_CARE, ALL_DIFFERENT, ONE_NAME_FOR_TWO = 0.003, 0.002, 0.001

COMMON = (
    "Garcia Rodriguez Martinez Hernandez Lopez Gonzalez Perez Sanchez Ramirez Torres Johnson Williams Smith Brown Jones Davis Jackson "
    "Thomas Harris Robinson Flores Rivera Gomez Diaz Cruz Morales Reyes Ortiz Gutierrez Chavez Nguyen Chen Wang Patel Khan Ali Kowalski"
)
FIRST = (
    "Maria Jose Ana Juan Luis Rosa Carmen Carlos Jesus Guadalupe Latoya Keisha James Michael Jennifer Jessica Ashley Tiffany Anthony "
    "Fatima Mohammed Wei Ling Anna Piotr Agnieszka Destiny Jasmine Elena Sofia Daniel David Angel Noah Amir Zoe Kamil Luz Alma Irma"
)
SYLLABLES = "ba be bo ca ce co da de do fa fe ga go ha ho ja jo ka ko la le lo ma me mo na ne no pa pe ra re ro sa se so ta te to va vi za"


@dataclass
class Home:
    number: int
    direction: str
    street: str
    kind: str
    unit: str
    zip: str

    def line(self, *, direction: str | None = None, street: str | None = None, kind: str | None = None) -> str:
        given = (
            self.direction if direction is None else direction,
            self.street if street is None else street,
            self.kind if kind is None else kind,
        )
        return " ".join(part for part in (str(self.number), *given) if part)


@dataclass
class Family:
    home: Home
    parents: list[str]
    surnames: list[str]  # one for each child
    first_names: list[str]
    births: list[str]
    phones: list[str]
    other_phones: list[str]
    email: str
    address_known: bool = True


@dataclass
class Written:
    """Records as they come, and the family each is of."""

    rows: list[tuple[str, str, str, str, list[str], str, list[str], list[str], list[str]]] = field(default_factory=list)
    household: list[int] = field(default_factory=list)
    family: list[int] = field(default_factory=list)
    unknowable: set[int] = field(default_factory=set)  # positions of records that no rule can place

    def add(
        self,
        family: int,
        household: int,
        row: tuple[str, str, str, str, list[str], str, list[str], list[str], list[str]],
    ) -> None:
        self.rows.append(row)
        self.household.append(household)
        self.family.append(family)

    def records(self) -> Records:
        line, unit, zips, guardian, phones, email, surnames, _first, births = zip(*self.rows, strict=True)
        return Records(np.array(self.household), line, unit, zips, guardian, phones, email, surnames, births)

    def truth(self) -> NDArray[np.int64]:
        return np.array(self.family)


class Town:
    """Draws families and writes their records; the same seed draws the same town."""

    def __init__(self, families: int, seed: int = 7) -> None:
        self.drawn = random.Random(seed)
        self.surnames = COMMON.split() + sorted({self._made_up(2, 4) for _ in range(12000)})
        self.surname_weights = list(accumulate(1 / (rank + 8) for rank in range(len(self.surnames))))
        self.first_names = FIRST.split() + sorted({self._made_up(2, 3) for _ in range(600)})
        self.first_weights = list(accumulate(1 / (rank + 12) for rank in range(len(self.first_names))))
        self.streets = [
            (self._made_up(2, 4).upper(), self.drawn.choice(("AVE", "ST", "BLVD", "DR"))) for _ in range(500)
        ]
        self.streets += [(f"{one}TH", kind) for one in range(24, 100) for kind in ("ST", "PL")]
        self.agencies = [self._phone() for _ in range(40)]
        self.families: list[Family] = []
        self.unknowable_families: set[int] = set()
        while len(self.families) < families:
            self._building()
        del self.families[families:]
        self.drawn.shuffle(self.families)

    def happens(self, rate: float) -> bool:
        return self.drawn.random() < rate

    def _made_up(self, least: int, most: int) -> str:
        syllables = self.drawn.choices(SYLLABLES.split(), k=self.drawn.randint(least, most))
        return ("".join(syllables) + self.drawn.choice(("", "n", "s", "r", "z"))).capitalize()

    def _phone(self) -> str:
        return f"+1{self.drawn.choice((312, 773, 872))}{self.drawn.randint(2000000, 9899999)}"

    def _surname(self) -> str:
        return self.drawn.choices(self.surnames, cum_weights=self.surname_weights)[0]

    def _first(self) -> str:
        return self.drawn.choices(self.first_names, cum_weights=self.first_weights)[0]

    def _building(self) -> None:
        kind = self.drawn.choices(
            list(BUILDINGS),
            [
                share / {"house": 1, "flats": 2.5, "tower": 70, "development": 300}[name]
                for name, share in BUILDINGS.items()
            ],
        )[0]
        homes = {
            "house": 1,
            "flats": self.drawn.randint(2, 3),
            "tower": self.drawn.randint(20, 120),
            "development": self.drawn.randint(150, 450),
        }[kind]
        street, street_kind = self.drawn.choice(self.streets)
        at = (self.drawn.randint(1, 9999), self.drawn.choice("NSEW"), street, street_kind)
        zip_code = f"606{self.drawn.randint(1, 60):02d}"
        floor_word = self.drawn.choice(("FL", "APT"))
        surname = ""
        for one in range(homes):
            unit = (
                ""
                if kind == "house"
                else f"{floor_word} {one + 1}"
                if kind == "flats"
                else f"APT {one // 6 + 1}{'ABCDEF'[one % 6]}"
            )
            home = Home(*at, "" if self.happens(UNIT_NEVER_GIVEN[kind]) else unit, zip_code)
            given = surname if kind == "flats" and one and self.happens(RELATIVE_IN_FLATS) else ""
            family = self._family(home, given)
            surname = family.surnames[0].split(" ")[0]
            self.families.append(family)
            if self.happens(DOUBLED_UP):
                guest = self._family(home, surname if self.happens(DOUBLED_UP_SURNAME) else "")
                if self.happens(DOUBLED_UP_PHONE):
                    guest.phones = [*family.phones[:1], *guest.phones[:2]]
                if self.happens(ONE_NAME_FOR_TWO / DOUBLED_UP):
                    guest.parents, guest.phones, guest.email = family.parents, family.phones, family.email
                self.families.append(guest)

    def _family(self, home: Home, surname: str) -> Family:
        father, mother = surname or self._surname(), self._surname()
        children = self.drawn.choices(list(CHILDREN), list(CHILDREN.values()))[0]
        two = self.happens(TWO_SURNAMES)
        surnames = [f"{father} {mother}" if two else father] * children
        births = [
            f"{self.drawn.randint(2008, 2021)}-{self.drawn.randint(1, 12):02d}-{self.drawn.randint(1, 28):02d}"
            for _ in surnames
        ]
        if children > 1 and self.happens(HALF_SIBLINGS):
            surnames[-1] = f"{self._surname()} {mother}" if two else self._surname()
        elif children > 1 and self.happens(TWINS):
            births[1] = births[0]
        parents = [f"{self._first()} {mother}", f"{self._first()} {father}"]
        self.drawn.shuffle(parents)
        email = (
            f"{parents[0].replace(' ', '.').lower()}{self.drawn.randint(1, 9999)}@example.org"
            if self.happens(HAS_EMAIL)
            else ""
        )
        phones = [self._phone() for _ in range(self.drawn.randint(1, 3))]
        return Family(
            home,
            parents if self.happens(TWO_PARENTS) else parents[:1],
            surnames,
            [self._first() for _ in surnames],
            births,
            phones,
            [self._phone()],
            email,
            not self.happens(NO_ADDRESS),
        )

    def typo(self, text: str) -> str:
        """One letter dropped, doubled, changed, or two neighbors swapped, anywhere."""
        at = self.drawn.randrange(max(1, len(text) - 1))
        swapped = text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
        changed = text[:at] + self.drawn.choice("aeiounrst") + text[at + 1 :]
        return self.drawn.choice(
            (swapped, changed, text[:at] + text[at + 1 :], text[:at] + text[at : at + 1] + text[at:])
        )

    def _guardian(self, name: str) -> str:
        if self.happens(GUARDIAN_BLANK):
            return ""
        if self.happens(GUARDIAN_INITIAL):
            name = name.replace(" ", f" {self.drawn.choice('ABCDEJLMR')} ", 1)
        return self.typo(name) if self.happens(GUARDIAN_TYPO) else name

    def _phones(self, phones: list[str]) -> list[str]:
        if self.happens(PHONE_NONE):
            return []
        if self.happens(PHONE_FILLER):
            return ["+10000000000"]
        first = phones[0]
        if self.happens(PHONE_TYPO):
            at = self.drawn.randint(5, 10)
            digit = str(self.drawn.randint(0, 9))
            first = self.drawn.choice(
                (first[:at] + first[at + 1] + first[at] + first[at + 2 :], first[:at] + digit + first[at + 1 :])
            )
        listed = [first, *(one for one in phones[1:] if self.happens(SECOND_PHONE))]
        return [*listed[:2], self.drawn.choice(self.agencies)] if self.happens(PHONE_OF_AGENCY) else listed

    def _email(self, email: str) -> str:
        return "none@none.com" if self.happens(EMAIL_FILLER) else "" if self.happens(EMAIL_BLANK) else email

    def _unit(self, unit: str) -> str:
        if not unit or self.happens(UNIT_BLANK):
            return ""
        if self.happens(UNIT_TYPO):
            return f"{unit[:-1]}{self.drawn.choice('ABCDEF1234')}"
        if self.happens(UNIT_SPELLED):
            word, name = unit.split()
            return self.drawn.choice(
                (f"UNIT {name}", name, f"STE {name}", f"{word} {name[:-1]}-{name[-1]}", f"FL {name}")
            )
        return unit

    def _address(self, home: Home) -> tuple[str, str, str]:
        line = home.line(
            direction="" if self.happens(DIRECTION_MISSING) else None,
            street=self.typo(home.street).upper() if self.happens(STREET_TYPO) else None,
            kind="" if self.happens(KIND_MISSING) else None,
        )
        zip_code = (
            ""
            if self.happens(ZIP_BLANK)
            else f"606{self.drawn.randint(1, 60):02d}"
            if self.happens(ZIP_WRONG)
            else home.zip
        )
        return line, self._unit(home.unit), zip_code

    def elsewhere(self) -> Home:
        return Home(
            self.drawn.randint(1, 9999), self.drawn.choice("NSEW"), *self.drawn.choice(self.streets), "", "60699"
        )

    def student(
        self, family: Family, child: int, home: Home
    ) -> tuple[str, str, str, str, list[str], str, list[str], list[str], list[str]]:
        """One child's record of a family that lives at `home`, with what goes wrong when forms are filled in."""
        guardian, phones = family.parents[0], family.phones
        if len(family.parents) > 1 and self.happens(OTHER_PARENT):
            guardian = family.parents[1]
            phones = phones if self.happens(OTHER_PARENT_SAME_PHONES) else family.other_phones
        at = (
            self._address(self.elsewhere() if self.happens(STALE_ADDRESS) else home)
            if family.address_known
            else ("", "", "")
        )
        surname = family.surnames[child]
        surname = surname.split(" ")[0] if self.happens(ONE_OF_TWO_SURNAMES) else surname
        return (
            *at,
            self._guardian(guardian),
            self._phones(phones),
            self._email(family.email),
            [surname],
            [family.first_names[child]],
            [family.births[child]],
        )

    def stranger(
        self, family: Family, child: int, home: Home
    ) -> tuple[str, str, str, str, list[str], str, list[str], list[str], list[str]]:
        at = (home.line(), home.unit, home.zip)
        return (
            *at,
            f"{self._first()} {self._surname()}",
            [self._phone()],
            "",
            [self._surname()],
            [family.first_names[child]],
            [family.births[child]],
        )

    def write_students(self, number: int, into: Written) -> None:
        """Every child of the family. A child of split custody lives with the other parent: a household of its own."""
        family = self.families[number]
        last = len(family.surnames) - 1
        kin, different = last and self.happens(KIN_CARE), last and self.happens(ALL_DIFFERENT)
        custody = last and len(family.parents) > 1 and self.happens(SPLIT_CUSTODY)
        for child in range(last + 1):
            if child == last and (kin or different):
                into.unknowable.add(len(into.rows))
                into.add(number, -1, self.stranger(family, child, family.home if kin else self.elsewhere()))
            elif child == last and custody:
                row = self.student(family, child, self.elsewhere())
                phones = family.phones[:1] if self.happens(0.5) else family.other_phones
                into.add(number + len(self.families), -1, (*row[:3], family.parents[1], phones, "", *row[6:]))
            else:
                into.add(number, -1, self.student(family, child, family.home))

    def write_household(self, number: int, into: Written) -> None:
        """The family as the register has had it since last year, maybe at its old address."""
        family = self.families[number]
        row = self.student(family, 0, self.elsewhere() if self.happens(MOVED_SINCE_REGISTERED) else family.home)
        into.add(number, number, (*row[:6], list(dict.fromkeys(family.surnames)), family.first_names, family.births))


def students_only(families: int, seed: int = 7) -> Written:
    """Every student of so many families, in no order."""
    town, written = Town(families, seed), Written()
    for number in range(families):
        town.write_students(number, written)
    return shuffled(written, town.drawn)


def with_register(students: int, seed: int = 7) -> Written:
    """A file of so many students and a register of two thirds as many households: three quarters of the file's families are in it."""
    town, written = Town(round(students * 0.82), seed), Written()
    number = 0
    while len(written.rows) < students:
        town.write_students(number, written)
        number += 1
    del written.rows[students:], written.household[students:], written.family[students:]
    for household in range(number // 4, number // 4 + students * 2 // 3):
        town.write_household(household, written)
    return shuffled(written, town.drawn)


def shuffled(written: Written, drawn: random.Random) -> Written:
    order = list(range(len(written.rows)))
    drawn.shuffle(order)
    return Written(
        [written.rows[one] for one in order],
        [written.household[one] for one in order],
        [written.family[one] for one in order],
        {place for place, one in enumerate(order) if one in written.unknowable},
    )
