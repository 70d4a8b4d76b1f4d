"""Internet providers, under the names they had, and the plans they sell the program. Speed and price belong to a dated plan."""

import datetime as dt

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import Base, identity, one_of, recorded_at
from connectivity.rules.service_states import ServiceType


class Provider(Base):
    """`name` is today's; `names` are those it had before and has, where it ever changed."""

    __tablename__ = "provider"

    id: Mapped[identity]
    name: Mapped[str] = mapped_column(unique=True)
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    plans: Mapped[list["Plan"]] = relationship(back_populates="provider", order_by="Plan.id")
    names: Mapped[list["ProviderName"]] = relationship(order_by="ProviderName.starts_on")

    def name_on(self, day: dt.date) -> str:
        """The name the provider had on a day."""
        held = [one.name for one in self.names if one.starts_on <= day] or [one.name for one in self.names[:1]]
        return held[-1] if held else self.name


class ProviderName(Base):
    """A name from a day on, until the next one begins: two can never overlap."""

    __tablename__ = "provider_name"
    __table_args__ = (UniqueConstraint("provider_id", "starts_on"),)

    id: Mapped[identity]
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    name: Mapped[str]
    starts_on: Mapped[dt.date]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[recorded_at]


class Plan(Base):
    """`down_mbps` and `up_mbps` are those of the last version, or the plan's only ones where no version is written down."""

    __tablename__ = "plan"
    __table_args__ = (UniqueConstraint("provider_id", "name"), one_of("service_type", ServiceType))

    id: Mapped[identity]
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    name: Mapped[str]
    service_type: Mapped[str]
    down_mbps: Mapped[int] = mapped_column(Integer)
    up_mbps: Mapped[int] = mapped_column(Integer)
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]

    provider: Mapped[Provider] = relationship(back_populates="plans")
    versions: Mapped[list["PlanVersion"]] = relationship(order_by="PlanVersion.starts_on")

    def version_on(self, day: dt.date) -> "PlanVersion | None":
        """Speed and price on a day; None where nothing is written down for it."""
        return next((one for one in reversed(self.versions) if one.starts_on <= day), None)


class PlanVersion(Base):
    """Speed and price of a plan from a day on, until the next version begins: two can never overlap."""

    __tablename__ = "plan_version"
    __table_args__ = (
        UniqueConstraint("plan_id", "starts_on"),
        CheckConstraint("down_mbps > 0 AND up_mbps > 0", name="speed_positive"),
        CheckConstraint("monthly_cents >= 0", name="price_not_negative"),
    )

    id: Mapped[identity]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    starts_on: Mapped[dt.date]
    down_mbps: Mapped[int] = mapped_column(Integer)
    up_mbps: Mapped[int] = mapped_column(Integer)
    monthly_cents: Mapped[int | None] = mapped_column(Integer)  # what the sponsor pays a month; None: not known
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[recorded_at]
