"""Everything about the demo's people in memory: columns by household (index from 0), made in one order from one seed."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from connectivity.demo import (
    answers,
    assessment,
    by_hand,
    communities,
    days,
    families,
    figures,
    funnel,
    schooling,
    service,
    wires,
)
from connectivity.demo.addresses import Homes, homes
from connectivity.demo.communities import AreaFigures
from connectivity.demo.marks import marks
from connectivity.demo.paths import STATUSES
from connectivity.demo.program import T_MOBILE, Year
from connectivity.demo.streets import Stretches
from connectivity.geography.address_grid import AddressGrid
from connectivity.geography.boundaries import Boundaries
from connectivity.geography.placement import ZipAreas
from connectivity.register import School
from connectivity.rules.service_states import Status

Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]

MOVED = 0.05  # share of households known for a while that have moved since
KNOWN_FOR_DAYS = 200
LANGUAGE_LEARNERS_JOIN = (
    1.12  # English learners joined more often (UChicago Consortium, 2021); the size is the demo's assumption
)


@dataclass(frozen=True)
class Place:
    """What placing needs, read once from the reference data."""

    figures: Mapping[int, AreaFigures]
    stretches: Stretches
    boundaries: Boundaries
    grid: AddressGrid
    zip_areas: ZipAreas
    schools: list[School]


@dataclass(frozen=True)
class Moves:
    """Homes of before, in the order of `household` (index); left on `day`."""

    household: Ints
    day: Days
    homes: Homes


@dataclass(frozen=True)
class Program:
    """The whole demo program."""

    years: list[Year]
    reference: list[str]
    language: list[str]
    guardians: families.Guardians
    phones: tuple[Ints, Ints, list[str]]
    homes: Homes
    moves: Moves
    since: Days  # the day each household became known to the program
    children: families.Children
    school: list[str]
    enrollments: funnel.Enrollments
    assessed: assessment.Assessed
    by_hand: by_hand.ByHand
    not_eligible: Ints  # enrollments (index) that ended for it
    service: service.Service
    asked: list[wires.Asked]
    responses: answers.Responses


def imagine(*, households: int, seed: int, today: np.datetime64, years: list[Year], place: Place) -> Program:
    """The program of a seed: the same whenever seed, today, number of households and reference data are the same."""
    # One stream a subject: what one of them draws does not shift the others.
    *first, of_hands, of_wires = np.random.Generator(np.random.PCG64(seed)).spawn(14)
    streams = iter(first)
    run_on = days.back(today, assessment.RUN_DAYS_AGO, since=years[-1].starts_on)
    weights = figures.eligible_weights(place.figures)
    areas = figures.home_areas(next(streams), weights, households)
    community = communities.choose(next(streams), communities.shares(place.figures), areas)
    language = communities.languages(next(streams), place.figures, areas, community)
    parents = families.guardians(next(streams), community)
    children = families.children(next(streams), community, parents, fall=years[-1].fall)
    willing = funnel.trust(next(streams), len(weights) - 1, figures.quiet(weights))
    enrollments = funnel.enroll(
        next(streams),
        years,
        eldest_grade=children.grade[np.r_[True, children.household[1:] != children.household[:-1]]],
        willing=willing[areas] * np.where(language == communities.LANGUAGES.index("en"), 1.0, LANGUAGE_LEARNERS_JOIN),
        run_on=run_on,
        today=today,
    )
    since = _first_days(enrollments, households)
    of_codes = next(streams)
    lived, moves = _live(next(streams), areas, since, today, place)
    placed = np.array([placement.area or 0 for placement in lived.placement])
    assessed = assessment.assess_all(enrollments, placed, run_on=run_on, hardship=_hardship(place), names=_names(place))
    decided = by_hand.decide(of_hands, assessed, enrollments, year_ends=years[-1].ends_on, today=today)
    # Before codes are given: who is found not eligible gets none, and loses the one there was.
    ended = assessment.end_not_eligible(enrollments, assessed, saved=decided.saved, today=today)
    given = service.give_codes(of_codes, enrollments, service.providers(of_codes, areas), current_year=len(years) - 1)
    return Program(
        years=years,
        reference=marks(next(streams), households),
        language=[communities.LANGUAGES[index] for index in language.tolist()],
        guardians=parents,
        phones=families.phones(next(streams), households),
        homes=lived,
        moves=moves,
        since=since,
        children=children,
        school=schooling.schools_attended(
            stream := next(streams),
            place.schools,
            household=children.household,
            grade=children.grade,
            x=lived.x,
            y=lived.y,
        ),
        enrollments=enrollments,
        assessed=assessed,
        by_hand=decided,
        not_eligible=ended,
        service=given,
        asked=wires.ask_all(of_wires, lived, placed, enrollments, given, year=years[-1], today=today),
        responses=_answers(stream, areas, since, today, enrollments, given, place),
    )


def _hardship(place: Place) -> dict[int, int]:
    """The hardship index by area, in tenths as the rules read it."""
    return {number: round(area.hardship * 1000) for number, area in place.figures.items()}


def _names(place: Place) -> dict[int, str]:
    return dict(zip(place.boundaries.numbers.tolist(), place.boundaries.names, strict=True))


def _first_days(enrollments: funnel.Enrollments, households: int) -> Days:
    first = np.full(households, np.iinfo(np.int64).max)
    np.minimum.at(first, enrollments.household, enrollments.days[:, 0].astype(np.int64))
    return first.astype("datetime64[D]")


def _live(
    rng: np.random.Generator, areas: Ints, since: Days, today: np.datetime64, place: Place
) -> tuple[Homes, Moves]:
    """Where everybody lives now, and where some lived before (drawn from the same areas in another order)."""
    known_for = (today - since).astype(np.int64)
    moved = np.flatnonzero((rng.random(len(areas)) < MOVED) & (known_for > KNOWN_FOR_DAYS))
    everywhere = np.r_[areas, rng.permutation(areas[moved])]
    made = homes(
        rng,
        everywhere,
        stretches=place.stretches,
        boundaries=place.boundaries,
        grid=place.grid,
        zip_areas=place.zip_areas,
    )
    after = (30 + rng.random(len(moved)) * (known_for[moved] - 60)).astype("timedelta64[D]")
    return made.part(0, len(areas)), Moves(moved, since[moved] + after, made.part(len(areas), len(everywhere)))


def _answers(
    rng: np.random.Generator,
    areas: Ints,
    since: Days,
    today: np.datetime64,
    enrollments: funnel.Enrollments,
    given: service.Service,
    place: Place,
) -> answers.Responses:
    now_active = (enrollments.status == STATUSES.index(Status.ACTIVE)) & (enrollments.year == enrollments.year.max())
    online = np.zeros(len(areas), dtype=bool)
    online[enrollments.household[now_active]] = True
    hotspot = np.zeros(len(areas), dtype=bool)
    hotspot[enrollments.household[given.provider == T_MOBILE]] = True
    without = np.zeros(max(place.figures) + 1)
    for number, area in place.figures.items():
        without[number] = area.no_broadband
    return answers.respond(rng, since=since, today=today, online=online, hotspot=hotspot, without=without[areas])
