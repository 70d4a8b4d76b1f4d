"""A look at the books of codes: whether each batch adds up and each code's moves lead to where it stands. One row a look, kept."""

from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from connectivity.database import Base, identity, recorded_at


class CodeCheck(Base):
    __tablename__ = "code_check"
    __table_args__ = (
        CheckConstraint(
            "balanced = (imported = free + held + issued + redeemed + void AND faults = 0)", name="balanced_means_even"
        ),
    )

    id: Mapped[identity]
    checked_at: Mapped[recorded_at]
    imported: Mapped[int] = mapped_column(Integer)
    free: Mapped[int] = mapped_column(Integer)
    held: Mapped[int] = mapped_column(Integer)
    issued: Mapped[int] = mapped_column(Integer)
    redeemed: Mapped[int] = mapped_column(Integer)
    void: Mapped[int] = mapped_column(Integer)
    faults: Mapped[int] = mapped_column(
        Integer
    )  # batches that do not add up, and codes whose moves do not hold together
    balanced: Mapped[bool] = mapped_column(Boolean)
    found: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # kind of fault -> ids, the first few
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: the nightly run
