"""Whether a household is eligible in a program year: dated, with whose word it is and why. At most one is in force; earlier ones stay."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import KEEPS_IDS, Base, identity, one_of, recorded_at
from connectivity.register.account import Account
from connectivity.register.eligibility_policy import EligibilityPolicy
from connectivity.register.program_year import ProgramYear


class Source(StrEnum):
    """Whose word it is."""

    POLICY = "policy"
    DISTRICT = "district"
    OVERRIDE = "override"
    APPEAL = "appeal"


class Determination(Base):
    __tablename__ = "determination"
    __table_args__ = (
        one_of("source", Source),
        CheckConstraint("(source IN ('policy', 'district')) = (policy_id IS NOT NULL)", name="run_means_policy"),
        CheckConstraint("(source = 'override') = (expires_on IS NOT NULL)", name="override_means_expiry"),
        CheckConstraint("source NOT IN ('override', 'appeal') OR reason <> ''", name="person_means_reason"),
        CheckConstraint("ended_on IS NULL OR ended_on >= decided_on", name="ends_after_start"),
        Index(
            "uq_determination_current",
            "household_id",
            "program_year_id",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
        Index("ix_determination_household_id", "household_id", "program_year_id"),
        Index("ix_determination_program_year_id", "program_year_id"),
        KEEPS_IDS,
    )

    id: Mapped[identity]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="CASCADE"))
    program_year_id: Mapped[int] = mapped_column(ForeignKey("program_year.id"))
    eligible: Mapped[bool] = mapped_column(Boolean)
    source: Mapped[str]
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("eligibility_policy.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("eligibility_run.id"))
    score: Mapped[int | None] = mapped_column(Integer)  # thousandths; None where it would tell what is sealed
    threshold: Mapped[int | None] = mapped_column(Integer)  # points
    explanation: Mapped[str]  # the public words
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # the words for the eligibility office, a Fernet token
    reason: Mapped[str] = mapped_column(default="")  # of a person who decided; for the eligibility office
    decided_on: Mapped[dt.date]
    expires_on: Mapped[dt.date | None]  # the last day an override stands against runs
    ended_on: Mapped[dt.date | None]  # when the next one followed
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[recorded_at]

    program_year: Mapped[ProgramYear] = relationship()
    policy: Mapped[EligibilityPolicy | None] = relationship()
    account: Mapped[Account | None] = relationship()
