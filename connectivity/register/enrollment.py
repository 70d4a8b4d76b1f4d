"""A household's way through one program year, and every dated step of it. Steps are added, never rewritten."""

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import Base, identity, one_of, recorded_at
from connectivity.register.membership_code import MembershipCode
from connectivity.register.program_year import ProgramYear
from connectivity.register.provider import Plan, Provider
from connectivity.rules.service_states import EndReason, Status

if TYPE_CHECKING:
    from connectivity.register.household import Household


class Enrollment(Base):
    """Where the household stands now: the state of its last step."""

    __tablename__ = "enrollment"
    __table_args__ = (
        UniqueConstraint("household_id", "program_year_id"),
        UniqueConstraint("membership_code_id"),
        one_of("status", Status),
        Index("ix_enrollment_program_year_id_status", "program_year_id", "status", "household_id"),
    )

    id: Mapped[identity]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    program_year_id: Mapped[int] = mapped_column(ForeignKey("program_year.id"))
    status: Mapped[str]
    status_on: Mapped[dt.date]
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"))
    membership_code_id: Mapped[int | None] = mapped_column(ForeignKey("membership_code.id"))
    created_at: Mapped[recorded_at]

    household: Mapped["Household"] = relationship(back_populates="enrollments")
    program_year: Mapped[ProgramYear] = relationship()
    provider: Mapped[Provider | None] = relationship()
    plan: Mapped[Plan | None] = relationship()
    membership_code: Mapped[MembershipCode | None] = relationship()
    events: Mapped[list["EnrollmentEvent"]] = relationship(order_by="EnrollmentEvent.id", back_populates="enrollment")


class EnrollmentEvent(Base):
    __tablename__ = "enrollment_event"
    __table_args__ = (
        one_of("status", Status),
        one_of("reason", EndReason),
        CheckConstraint("(status = 'ended') = (reason IS NOT NULL)", name="ended_means_reason"),
    )

    id: Mapped[identity]
    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollment.id", ondelete="CASCADE"), index=True)
    status: Mapped[str]
    happened_on: Mapped[dt.date]
    reason: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[recorded_at]

    enrollment: Mapped[Enrollment] = relationship(back_populates="events")
