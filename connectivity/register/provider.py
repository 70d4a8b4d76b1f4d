"""Internet providers and the plans they sell the program. Speed belongs to a dated plan, not to a provider."""

import datetime as dt

from sqlalchemy import Boolean, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import Base, identity, one_of
from connectivity.rules.service_states import ServiceType


class Provider(Base):
    __tablename__ = "provider"

    id: Mapped[identity]
    name: Mapped[str] = mapped_column(unique=True)
    former_names: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    plans: Mapped[list["Plan"]] = relationship(back_populates="provider", order_by="Plan.id")


class Plan(Base):
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
