"""Where the connection goes when that is not the home: a relative's flat, a shelter's office. The home stays what the map counts."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from connectivity.database import Base, identity, recorded_at


class ServiceAddress(Base):
    __tablename__ = "service_address"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        Index(
            "uq_service_address_current",
            "household_id",
            unique=True,
            sqlite_where=text("ends_on IS NULL"),
            postgresql_where=text("ends_on IS NULL"),
        ),
    )

    id: Mapped[identity]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="CASCADE"), index=True)
    original: Mapped[str]
    line: Mapped[str]
    unit: Mapped[str]
    city: Mapped[str]
    state: Mapped[str]
    zip: Mapped[str]
    reason: Mapped[str]  # why the connection does not go to the home
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[recorded_at]
