"""Is this one household or two? What evidence could not settle, and what a person decided. A decision outranks every later file."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import KEEPS_IDS, Base, Instant, identity, one_of, recorded_at
from connectivity.register.account import Account
from connectivity.register.household import Household
from connectivity.register.student import Student


class QuestionKind(StrEnum):
    SAME_HOUSEHOLD = "same_household"  # two households may be one
    LEFT_HOME = "left_home"  # the roster has one student of a household at another address than the others


class QuestionState(StrEnum):
    OPEN = "open"
    SAME = "same"  # merged, or the student stays
    SEPARATE = "separate"  # kept apart, or the student was split off
    WITHDRAWN = "withdrawn"  # the roster that raised it was undone


_PAIR = text("kind = 'same_household'")
_OPEN_LEFT = text("kind = 'left_home' AND state = 'open'")


class HouseholdQuestion(Base):
    __tablename__ = "household_question"
    __table_args__ = (
        one_of("kind", QuestionKind),
        one_of("state", QuestionState),
        CheckConstraint("(kind = 'same_household') = (other_id IS NOT NULL)", name="pair_has_two"),
        CheckConstraint("(kind = 'left_home') = (student_id IS NOT NULL)", name="left_has_student"),
        CheckConstraint("other_id IS NULL OR household_id < other_id", name="pair_ordered"),
        Index(
            "uq_household_question_pair",
            "household_id",
            "other_id",
            unique=True,
            sqlite_where=_PAIR,
            postgresql_where=_PAIR,
        ),
        Index(
            "uq_household_question_student",
            "student_id",
            unique=True,
            sqlite_where=_OPEN_LEFT,
            postgresql_where=_OPEN_LEFT,
        ),
        Index("ix_household_question_state", "state", "id"),
        Index("ix_household_question_other_id", "other_id"),
        KEEPS_IDS,
    )

    id: Mapped[identity]
    kind: Mapped[str]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="CASCADE"), index=True)
    other_id: Mapped[int | None] = mapped_column(ForeignKey("household.id", ondelete="CASCADE"))
    student_id: Mapped[int | None] = mapped_column(ForeignKey("student.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(default="")  # where the roster has the student who may have left
    evidence: Mapped[int] = mapped_column(Integer)  # rules.household_matching.Evidence
    import_id: Mapped[int | None] = mapped_column(
        ForeignKey("roster_import.id"), index=True
    )  # None: raised by a person
    raised_at: Mapped[recorded_at]
    state: Mapped[str]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(default="")

    household: Mapped[Household] = relationship(foreign_keys=[household_id])
    other: Mapped[Household | None] = relationship(foreign_keys=[other_id])
    student: Mapped[Student | None] = relationship()
    decider: Mapped[Account | None] = relationship()
