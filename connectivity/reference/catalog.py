"""The published indicators: what each measures, from which columns, of which years, and who says so.

"No internet of any kind" and "no broadband subscription" are two measures: some homes are online without a subscription of their
own. All count households or people by where they live, not students.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from connectivity.reference.files import ACS_2020, ACS_2022, BY_NAME, HARDSHIP_CITY, HARDSHIP_GCI


@dataclass(frozen=True, slots=True)
class Source:
    """One indicator of one vintage. A share sums `counted` (minus `without`) over `of`; an index is the column `value` as published."""

    key: str
    vintage: str
    file: str
    title: str
    definition: str
    unit: str
    numerator: str | None = None
    denominator: str | None = None
    counted: str = ""
    without: str = ""
    of: str = ""
    value: str = ""

    @property
    def publisher(self) -> str:
        return BY_NAME[self.file].publisher


def _households(
    key: str, title: str, definition: str, numerator: str, counted: str, without: str = ""
) -> dict[str, str]:
    return {
        "key": key,
        "title": title,
        "definition": definition,
        "unit": "households",
        "numerator": numerator,
        "denominator": "Households",
        "counted": counted,
        "without": without,
        "of": "households",
    }


def _people(
    key: str, title: str, definition: str, numerator: str, counted: str, of: str = "population"
) -> dict[str, str]:
    return {
        "key": key,
        "title": title,
        "definition": definition,
        "unit": "people",
        "numerator": numerator,
        "denominator": "People of 5 and over" if of == "pop_5_plus" else "People",
        "counted": counted,
        "of": of,
    }


_SHARES = (
    _households(
        "no_internet",
        "No internet of any kind",
        "Households without internet at home of any kind, paid or not.",
        "Households without internet of any kind",
        "hh_no_internet",
    ),
    _households(
        "no_broadband",
        "No broadband subscription",
        "Households without a broadband subscription of any type; a cellular data plan counts as broadband.",
        "Households without a broadband subscription",
        "households",
        without="hh_broadband",
    ),
    _households(
        "no_computer",
        "No computer",
        "Households without a desktop, laptop, tablet, smartphone or other computer.",
        "Households without a computer",
        "hh_no_computer",
    ),
    _households(
        "smartphone_only",
        "Smartphone only",
        "Households whose only computer is a smartphone.",
        "Households with a smartphone and no other computer",
        "hh_smartphone_only",
    ),
    _people(
        "limited_english_5_plus",
        "Limited English",
        "People of 5 and over who speak English less than “very well”.",
        "People of 5 and over who speak English less than “very well”",
        "pop_5_plus_limited_english",
        of="pop_5_plus",
    ),
    _people(
        "spanish_5_plus",
        "Spanish at home",
        "People of 5 and over who speak Spanish at home.",
        "People of 5 and over who speak Spanish at home",
        "pop_5_plus_spanish",
        of="pop_5_plus",
    ),
    _people(
        "age_5_19",
        "Ages 5 to 19",
        "People aged 5 to 19: the published band nearest to school age. Students of colleges aged 18 and 19 are among them.",
        "People aged 5 to 19",
        "age_5_19",
    ),
    _people(
        "hispanic",
        "Hispanic or Latino",
        "People who are Hispanic or Latino, of any race.",
        "Hispanic people",
        "hispanic",
    ),
    _people("black", "Black", "People who are Black and not Hispanic.", "Black people, not Hispanic", "black_nh"),
    _people("white", "White", "People who are white and not Hispanic.", "White people, not Hispanic", "white_nh"),
    _people("asian", "Asian", "People who are Asian and not Hispanic.", "Asian people, not Hispanic", "asian_nh"),
)


def _all() -> Iterator[Source]:
    for file, vintage in ((ACS_2022, "2018-2022"), (ACS_2020, "2016-2020")):
        for share in _SHARES:
            yield Source(vintage=vintage, file=file, **share)
    yield Source(
        key="hardship",
        vintage="2013-2017",
        file=HARDSHIP_GCI,
        title="Economic hardship",
        definition="Average of six conditions (unemployment, schooling, dependency, crowded housing, poverty, income per person) on"
        " a scale from 0, least, to 100, most.",
        unit="index",
        value="hardship_2013_2017",
    )
    yield Source(
        key="hardship",
        vintage="2008-2012",
        file=HARDSHIP_CITY,
        title="Economic hardship",
        definition="The City's index of the same six conditions, from 1, least, to 98, most; not comparable with later indexes.",
        unit="index",
        value="hardship_index",
    )


SOURCES = tuple(_all())
