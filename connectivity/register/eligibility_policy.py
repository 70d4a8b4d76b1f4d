"""The program's rules of eligibility, version by version. A version that an applied run has used is never changed: the next one follows it."""

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import KEEPS_IDS, Base, identity, one_of, recorded_at
from connectivity.register.account import Account
from connectivity.rules.eligibility import Factor, Mode


class EligibilityPolicy(Base):
    """One version of one policy."""

    __tablename__ = "eligibility_policy"
    __table_args__ = (
        UniqueConstraint("name", "version"),
        one_of("mode", Mode),
        CheckConstraint("version >= 1", name="version_from_1"),
        CheckConstraint("threshold > 0", name="threshold_positive"),
        KEEPS_IDS,
    )

    id: Mapped[identity]
    name: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
    mode: Mapped[str]
    threshold: Mapped[int | None] = mapped_column(Integer)  # points
    alone_from: Mapped[int | None] = mapped_column(Integer)  # hardship index from which an area is enough by itself
    hardship_vintage: Mapped[str | None]  # of the indicator `hardship`: 2013-2017
    note: Mapped[str] = mapped_column(default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[recorded_at]

    weights: Mapped[list["EligibilityWeight"]] = relationship(
        cascade="all, delete-orphan", order_by="EligibilityWeight.factor"
    )
    author: Mapped[Account | None] = relationship()


class EligibilityWeight(Base):
    """What one factor counts for in a policy."""

    __tablename__ = "eligibility_weight"
    __table_args__ = (
        one_of("factor", Factor),
        CheckConstraint("weight > 0", name="weight_positive"),
        CheckConstraint("weight IS NOT NULL OR alone", name="counts_for_something"),
    )

    policy_id: Mapped[int] = mapped_column(ForeignKey("eligibility_policy.id", ondelete="CASCADE"), primary_key=True)
    factor: Mapped[str] = mapped_column(primary_key=True)
    weight: Mapped[int | None] = mapped_column(Integer)  # points
    alone: Mapped[bool] = mapped_column(Boolean)  # makes eligible by itself
