"""Writes the few rows of the program's frame: years, providers, plans, organizations."""

import datetime as dt

from sqlalchemy import insert
from sqlalchemy.orm import Session

from connectivity.bulk import noon
from connectivity.demo.program import LAUNCH, ORGANIZATIONS, PLANS, PROVIDER_NAMES, PROVIDERS, PlanSold, Year
from connectivity.register import Organization, OrganizationArea, Plan, PlanVersion, ProgramYear, Provider, ProviderName


def write_frame(session: Session, *, years: list[Year]) -> None:
    """Program years, providers with their plans, and organizations with their areas."""
    session.execute(
        insert(ProgramYear),
        [
            {
                "id": year.id,
                "label": year.label,
                "starts_on": year.starts_on,
                "ends_on": year.ends_on,
                "funding": year.funding,
                "open_to_new": year.current,
            }
            for year in years
        ],
    )
    session.execute(
        insert(Provider),
        [{"id": id_, "name": name, "active": True} for id_, name in PROVIDERS],
    )
    session.execute(
        insert(ProviderName),
        [
            {"provider_id": provider, "name": name, "starts_on": since, "recorded_at": noon(since)}
            for provider, name, since in PROVIDER_NAMES
        ],
    )
    session.execute(
        insert(Plan),
        [
            {
                "id": plan.id,
                "provider_id": plan.provider,
                "name": plan.name,
                "service_type": plan.service_type.value,
                "down_mbps": plan.down_mbps,
                "up_mbps": plan.up_mbps,
                "starts_on": plan.starts_on,
                "ends_on": plan.ends_on,
            }
            for plan in PLANS
        ],
    )
    session.execute(insert(PlanVersion), [_version(plan) for plan in PLANS])
    write_organizations(session, since=LAUNCH)


def _version(plan: PlanSold) -> dict[str, object]:
    return {
        "plan_id": plan.id,
        "starts_on": plan.starts_on,
        "down_mbps": plan.down_mbps,
        "up_mbps": plan.up_mbps,
        "monthly_cents": plan.monthly_cents,
        "recorded_at": noon(plan.starts_on),
    }


def write_organizations(session: Session, *, since: dt.date) -> None:
    """The demo's partner organizations, each with its areas from `since` on."""
    for name, areas in ORGANIZATIONS:
        organization = Organization(name=name)
        session.add(organization)
        session.flush()
        session.add_all(
            OrganizationArea(organization_id=organization.id, community_area=area, starts_on=since) for area in areas
        )
    session.flush()
