"""A yearly assessment of every household: its preview, and the receipt once a person has applied it."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Index, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import KEEPS_IDS, Base, Instant, identity, one_of, recorded_at
from connectivity.register.account import Account
from connectivity.register.eligibility_policy import EligibilityPolicy
from connectivity.register.program_year import ProgramYear


class RunState(StrEnum):
    """Where a run stands. The last two are final."""

    QUEUED = "queued"
    ASSESSING = "assessing"
    PLANNED = "planned"  # the preview waits for a person
    APPLYING = "applying"
    APPLIED = "applied"
    DISCARDED = "discarded"


class Change(StrEnum):
    """What a run would do to a household."""

    GAINS = "gains"
    LOSES = "loses"
    STAYS_ELIGIBLE = "stays_eligible"
    STAYS_OUT = "stays_out"
    UNDECIDED = "undecided"  # something that would decide is not known: nothing changes
    HELD = "held"  # an override or a granted appeal is in force: nothing changes


class EligibilityRun(Base):
    __tablename__ = "eligibility_run"
    __table_args__ = (
        one_of("state", RunState),
        CheckConstraint("(state = 'applied') = (applied_at IS NOT NULL)", name="applied_means_moment"),
        KEEPS_IDS,
    )

    id: Mapped[identity]
    program_year_id: Mapped[int] = mapped_column(ForeignKey("program_year.id"), index=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("eligibility_policy.id"), index=True)
    state: Mapped[str]
    refusal: Mapped[str] = mapped_column(default="")  # why it went back or was put aside, in a sentence
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # Change -> households, and what applying did
    by_area: Mapped[dict[str, dict[str, int]]] = mapped_column(
        JSON, default=dict
    )  # area number -> Change -> households
    opened: Mapped[int] = mapped_column(Integer, default=0)  # households whose sealed factors were opened
    # Households alike in everything that could decide, counted: what the what-if with sensitive factors starts from. Sealed.
    sealed_groups: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    started_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    started_at: Mapped[recorded_at]
    planned_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    applied_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    applied_at: Mapped[dt.datetime | None] = mapped_column(Instant)

    program_year: Mapped[ProgramYear] = relationship()
    policy: Mapped[EligibilityPolicy] = relationship()
    starter: Mapped[Account | None] = relationship(foreign_keys=[started_by])
    applier: Mapped[Account | None] = relationship(foreign_keys=[applied_by])


class EligibilityOutcome(Base):
    """What a run found of one household: the preview, then the journal."""

    __tablename__ = "eligibility_outcome"
    __table_args__ = (
        one_of("change", Change),
        Index("ix_eligibility_outcome_run_id_change", "run_id", "change", "household_id"),
        Index("ix_eligibility_outcome_household_id", "household_id"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("eligibility_run.id", ondelete="CASCADE"), primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="CASCADE"), primary_key=True)
    change: Mapped[str]
    eligible: Mapped[bool | None] = mapped_column(Boolean)  # None: not decidable
    score: Mapped[int | None] = mapped_column(Integer)  # thousandths; None where it would tell what is sealed
    explanation: Mapped[str]  # the public words
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # the words for the eligibility office, a Fernet token
    community_area: Mapped[int | None] = mapped_column(Integer)
    determination_id: Mapped[int | None] = mapped_column(Integer)  # the one in force when the run looked
    written: Mapped[bool] = mapped_column(Boolean, default=False)  # applying made a determination of it
