"""A household's way through one program year, and every dated step of it. Steps are added, never rewritten."""

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import KEEPS_IDS, Base, identity, one_of, recorded_at
from connectivity.register.membership_code import MembershipCode
from connectivity.register.program_year import ProgramYear
from connectivity.register.provider import Plan, Provider
from connectivity.rules.service_states import EndReason, SaidBy, ServiceType, Status

if TYPE_CHECKING:
    from connectivity.register.household import Household

_STALLED = text("status IN ('code_issued', 'ordered', 'kit_shipped', 'installed', 'suspended')")
_LEAVING = text("service_until IS NOT NULL")
_HELD = text("holder_student_id IS NOT NULL")


class Enrollment(Base):
    """Where the household stands now: the state of its last step."""

    __tablename__ = "enrollment"
    __table_args__ = (
        UniqueConstraint("household_id", "program_year_id"),
        UniqueConstraint("membership_code_id"),
        one_of("status", Status),
        one_of("service_type", ServiceType),
        one_of("leaving_reason", EndReason),
        CheckConstraint("(leaving_reason IS NULL) = (service_until IS NULL)", name="leaving_means_reason_and_day"),
        Index("ix_enrollment_program_year_id_status", "program_year_id", "status", "household_id"),
        # The stalled, in the order of their list; the columns after the id let them be counted from the index alone.
        Index(
            "ix_enrollment_stalled",
            "program_year_id",
            "status_on",
            "id",
            "status",
            "household_id",
            "membership_code_id",
            sqlite_where=_STALLED,
            postgresql_where=_STALLED,
        ),
        Index("ix_enrollment_service_until", "service_until", sqlite_where=_LEAVING, postgresql_where=_LEAVING),
        Index("ix_enrollment_holder_student_id", "holder_student_id", sqlite_where=_HELD, postgresql_where=_HELD),
        KEEPS_IDS,
    )

    id: Mapped[identity]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    program_year_id: Mapped[int] = mapped_column(ForeignKey("program_year.id"))
    status: Mapped[str]
    status_on: Mapped[dt.date]
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"))
    membership_code_id: Mapped[int | None] = mapped_column(ForeignKey("membership_code.id"))
    service_type: Mapped[str | None]  # the path: by wire, by hotspot, by smartphone; None until somebody knows
    # A benefit that one person holds instead of the home: the smartphone of an unaccompanied student.
    holder_student_id: Mapped[int | None] = mapped_column(ForeignKey("student.id", ondelete="SET NULL"))
    leaving_reason: Mapped[str | None]  # why the household will leave, known before service ends
    service_until: Mapped[dt.date | None]  # the last day of service then, by the exit rules
    # That last day is the program year's, and moves when the year is extended.
    until_year_end: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
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
        # With every step's status and day: the funnel and the targets are counted from the index alone.
        Index("ix_enrollment_event_steps", "enrollment_id", "id", "status", "happened_on"),
        one_of("status", Status),
        one_of("reason", EndReason),
        one_of("said_by", SaidBy),
        CheckConstraint("(status = 'ended') = (reason IS NOT NULL)", name="ended_means_reason"),
    )

    id: Mapped[identity]
    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollment.id", ondelete="CASCADE"))
    status: Mapped[str]
    happened_on: Mapped[dt.date]
    reason: Mapped[str | None]
    said_by: Mapped[str] = mapped_column(default=SaidBy.STAFF.value)
    note: Mapped[str] = mapped_column(default="")
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[recorded_at]

    enrollment: Mapped[Enrollment] = relationship(back_populates="events")
