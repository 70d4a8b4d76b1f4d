"""Where a household lives, from one day to another: the address as given, as normalized, and where it lies."""

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import KEEPS_IDS, Base, identity, recorded_at

if TYPE_CHECKING:
    from connectivity.register.household import Household


class Residence(Base):
    __tablename__ = "residence"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("method IN ('coordinates', 'address_point', 'grid', 'hand', 'none')", name="method_known"),
        CheckConstraint("certainty IN ('sure', 'near_edge', 'unplaced')", name="certainty_known"),
        CheckConstraint("(certainty = 'unplaced') = (community_area IS NULL)", name="placed_means_area"),
        Index(
            "uq_residence_current",
            "household_id",
            unique=True,
            sqlite_where=text("ends_on IS NULL"),
            postgresql_where=text("ends_on IS NULL"),
        ),
        Index(
            "ix_residence_current_area",
            "community_area",
            "household_id",
            sqlite_where=text("ends_on IS NULL"),
            postgresql_where=text("ends_on IS NULL"),
        ),
        Index("ix_residence_line", "line"),
        KEEPS_IDS,
    )

    id: Mapped[identity]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="CASCADE"), index=True)
    original: Mapped[str]  # as typed or as the roster had it; never rewritten
    line: Mapped[str]  # normalized: 1135 W WILSON AVE
    unit: Mapped[str]
    city: Mapped[str]
    state: Mapped[str]
    zip: Mapped[str]
    community_area: Mapped[int | None] = mapped_column(Integer, ForeignKey("community_area.number"))
    method: Mapped[str]
    certainty: Mapped[str]
    edge_feet: Mapped[float | None] = mapped_column(Float)  # to the nearest edge between areas
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    reason: Mapped[str]  # why it is not sure, in words; empty when sure
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[recorded_at]

    household: Mapped["Household"] = relationship(back_populates="residences")
