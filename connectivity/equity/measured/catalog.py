"""The tuple of all base tables, with their definitions in plain words. Pure."""

from dataclasses import replace

from connectivity.equity.measured.base import BaseTable, By, Time, Unit


def _area(key: str, within: str, definition: str, time: Time = Time.CUMULATIVE, adds_up_to: str = "") -> BaseTable:
    return BaseTable(
        key=key,
        unit=Unit.HOUSEHOLDS,
        by=By.AREA,
        time=time,
        within=within,
        definition=definition,
        adds_up_to=adds_up_to,
    )


def _path(kind: str, words: str) -> BaseTable:
    definition = f"Active households {words}."
    return _area(f"active_{kind}", "active", definition, Time.CURRENT, adds_up_to="active")


def _students(key: str, within: str, definition: str, time: Time) -> BaseTable:
    return BaseTable(key=key, unit=Unit.STUDENTS, by=By.AREA, time=time, within=within, definition=definition)


def _city(
    key: str, by: By, within: str, definition: str, *, time: Time, adds_up_to: str = "", unit: Unit = Unit.HOUSEHOLDS
) -> BaseTable:
    return BaseTable(key=key, unit=unit, by=by, time=time, within=within, definition=definition, adds_up_to=adds_up_to)


_REACH = (
    _area(
        "eligible",
        "",
        "Households found eligible in the program year by the as-of date, however it went on; records ended as duplicates are left out.",
    ),
    _area("contacted", "eligible", "Eligible households that were told of the program, or came further, by the as-of date."),
    _area("code_issued", "contacted", "Eligible households that were given a membership code, or came further, by the as-of date."),
    _area("ordered", "code_issued", "Eligible households that ordered service, or came further, by the as-of date."),
    _area("ever_active", "ordered", "Eligible households that had active service in the program year at any time by the as-of date."),
    _area("active", "ever_active", "Eligible households whose service was active at the end of the as-of date.", Time.CURRENT),
    _path("wired", "connected by wire"),
    _path("hotspot", "connected by a hotspot"),
    _path("smartphone", "connected by a student's smartphone"),
    _path("unknown", "of which the register does not say how they were connected on that day"),
)  # fmt: skip

_RETENTION = (
    _area("started_90", "ever_active", "Households first active in the program year at least 90 days before the as-of date."),
    _area("kept_90", "started_90", "Of those, households with active service at the end of the 90th day after."),
    _area("started_365", "", "Households first active in any program year at least 365 days before the as-of date, eligible now or not."),
    _area("kept_365", "started_365", "Of those, households with active service, in any program year, at the end of the 365th day after."),
)  # fmt: skip

_ANSWERS = (
    _area("responded", "eligible", "Eligible households that answered about their connection in the 12 months to the as-of date.", Time.CURRENT),
    _area("access_known", "responded", "Of those, households whose newest answer about this home says yes or no to internet at home.", Time.CURRENT),
    _area("access_yes", "access_known", "Of those, households that said yes to internet at home.", Time.CURRENT),
    _area("adequate", "access_yes", "Of those, households whose internet carries schoolwork without interruption.", Time.CURRENT),
)  # fmt: skip

_STUDENTS = (
    _students("eligible_students", "", "Students of the eligible households, as the register has them.", Time.CUMULATIVE),
    _students("active_students", "eligible_students", "Students of the active households, as the register has them.", Time.CURRENT),
)  # fmt: skip

_CITY = (
    _city(
        "eligible_by_language", By.LANGUAGE, "eligible", "Eligible households by the language they are addressed in.",
        time=Time.CUMULATIVE, adds_up_to="eligible",
    ),
    _city(
        "active_by_language", By.LANGUAGE, "eligible_by_language", "Active households by the language they are addressed in.",
        time=Time.CURRENT, adds_up_to="active",
    ),
    _city(
        "eligible_students_by_grade", By.GRADE_BAND, "eligible_students", "Students of the eligible households by grade.",
        time=Time.CUMULATIVE, adds_up_to="eligible_students", unit=Unit.STUDENTS,
    ),
    _city(
        "active_students_by_grade", By.GRADE_BAND, "eligible_students_by_grade", "Students of the active households by grade.",
        time=Time.CURRENT, adds_up_to="active_students", unit=Unit.STUDENTS,
    ),
    _city(
        "unconnected_by_barrier", By.BARRIER, "access_known",
        "Households that said no to internet at home (those with a known answer less those that said yes), by what stands in the way.",
        time=Time.CURRENT,
    ),
    _city(
        "not_taking_part_by_brake", By.BRAKE, "eligible",
        "Eligible households with no service, none on its way and none suspended, by what the program's own record says holds them back.",
        time=Time.CURRENT,
    ),
    _city(
        "ever_active_by_days", By.DAYS, "ever_active",
        "Households ever active in the program year by the days from their first code to active service.",
        time=Time.CUMULATIVE, adds_up_to="ever_active",
    ),
)  # fmt: skip


def _with_steps(tables: tuple[BaseTable, ...]) -> tuple[BaseTable, ...]:
    """Each with every table it can never exceed: the one it is part of, the one it makes up, and theirs."""
    found: dict[str, tuple[str, ...]] = {}
    for one in tables:
        near = [key for key in (one.within, one.adds_up_to) if key]
        found[one.key] = tuple(dict.fromkeys([*near, *(far for key in near for far in found[key])]))
    return tuple(replace(one, steps=found[one.key]) for one in tables)


BASE = _with_steps((*_REACH, *_RETENTION, *_ANSWERS, *_STUDENTS, *_CITY))
BY_KEY = {one.key: one for one in BASE}
