"""Two households that turned out to be one: what was moved from the folded one to the kept one, so that it can go back."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import Base, Instant, identity, recorded_at
from connectivity.register.account import Account
from connectivity.register.household import Household


class HouseholdMerge(Base):
    __tablename__ = "household_merge"
    __table_args__ = (CheckConstraint("kept_id <> folded_id", name="two_households"),)

    id: Mapped[identity]
    kept_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    folded_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    moved: Mapped[dict[str, Any]] = mapped_column(JSON)  # noun -> ids that went from the folded to the kept household
    reason: Mapped[str]
    merged_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    merged_at: Mapped[recorded_at]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    undone_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    undo_reason: Mapped[str] = mapped_column(default="")

    kept: Mapped[Household] = relationship(foreign_keys=[kept_id])
    folded: Mapped[Household] = relationship(foreign_keys=[folded_id])
    merger: Mapped[Account | None] = relationship(foreign_keys=[merged_by])
    undoer: Mapped[Account | None] = relationship(foreign_keys=[undone_by])
