"""The columns of a school's file and how each row is put into words. No meal, Medicaid, housing, debt, address, phone or birth date."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from babel import Locale
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from connectivity.register import CommunityArea, Organization, OrganizationArea, Plan, School
from connectivity.rules.service_states import LABEL, NEXT_STEP

SCHOOL_COLUMNS = (
    "as_of",
    "program_year",
    "cps_school_id",
    "school_name",
    "cps_student_id",
    "student_last_name",
    "student_first_name",
    "grade",
    "household_ref",
    "program_status",
    "status_date",
    "service_type",
    "next_step",
    "contact_language",
    "cbo",
)
# What the program's own office needs beside them.
OFFICE_COLUMNS = (
    *SCHOOL_COLUMNS,
    "community_area_id",
    "community_area_name",
    "provider_name",
    "plan_name",
    "down_mbps",
)

STATUS_WORDS: dict[str | None, str] = {
    **{status.value: label for status, label in LABEL.items()},
    None: "Not in the program this year",
}
NEXT_STEPS: dict[str | None, str] = {
    **{status.value: step for status, step in NEXT_STEP.items()},
    None: "Nothing to do: the program decides who is eligible",
}
SERVICE_WORDS = {"wired": "Wired", "hotspot": "Hotspot"}


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The small tables that rows point at, read once."""

    as_of: dt.date
    program_year: str
    schools: Mapping[str, str]
    areas: Mapping[int | None, str]
    organizations: Mapping[int | None, str]  # community area -> the organizations assigned to it, joined with "; "
    plans: Mapping[int | None, tuple[str, str, str, int | str]]  # service type in words, provider, plan, Mbit/s down
    languages: Mapping[str, str]


def surroundings(session: Session, *, today: dt.date, year_label: str, locale: str = "en") -> Surroundings:
    """Reads what `in_words` and the page look up."""
    plans = session.scalars(select(Plan)).all()
    return Surroundings(
        as_of=today,
        program_year=year_label,
        schools=dict(session.execute(select(School.id, School.name)).all()),
        areas=dict(session.execute(select(CommunityArea.number, CommunityArea.name)).all()),
        organizations=_organizations(session, today),
        plans={
            None: ("", "", "", ""),
            **{one.id: (SERVICE_WORDS[one.service_type], one.provider.name, one.name, one.down_mbps) for one in plans},
        },
        languages=Locale.parse(locale).languages,
    )


def _organizations(session: Session, today: dt.date) -> dict[int | None, str]:
    statement = (
        select(OrganizationArea.community_area, Organization.name)
        .join(Organization)
        .where(
            OrganizationArea.starts_on <= today,
            or_(OrganizationArea.ends_on.is_(None), OrganizationArea.ends_on >= today),
        )
        .order_by(Organization.name)
        .distinct()
    )
    found: dict[int | None, str] = {}
    for area, name in session.execute(statement):
        found[area] = f"{found[area]}; {name}" if area in found else name
    return found


def in_words(rows: Iterable[tuple[Any, ...]], around: Surroundings, *, office: bool) -> Iterator[tuple[Any, ...]]:
    """Rows of `students.COLUMNS` -> rows of OFFICE_COLUMNS or SCHOOL_COLUMNS."""
    as_of, year = around.as_of.isoformat(), around.program_year
    school, area_name, organization = around.schools.__getitem__, around.areas.get, around.organizations.get
    plans, language_name = around.plans, around.languages.get
    for school_id, _, _, last, first, district_id, grade, household, language, status, status_on, plan_id, area in rows:
        service, provider, plan, speed = plans[plan_id]
        cells = (
            as_of,
            year,
            school_id,
            school(school_id),
            district_id,
            last,
            first,
            grade,
            household,
            STATUS_WORDS[status],
            status_on,
            service,
            NEXT_STEPS[status],
            language_name(language, language),
            organization(area, ""),
        )
        yield (*cells, area, area_name(area, ""), provider, plan, speed) if office else cells
