"""Community organizations that do outreach, and the areas assigned to them from one day to another."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectivity.database import Base, identity


class Organization(Base):
    __tablename__ = "organization"

    id: Mapped[identity]
    name: Mapped[str] = mapped_column(unique=True)


class OrganizationArea(Base):
    __tablename__ = "organization_area"
    __table_args__ = (
        UniqueConstraint("organization_id", "community_area", "starts_on"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
    )

    id: Mapped[identity]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    community_area: Mapped[int] = mapped_column(ForeignKey("community_area.number"))
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
