"""A dated answer about a home's connection and learning device, in CEDS codes. Added, never overwritten; the newest is current."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from connectivity.database import Base, identity, one_of, recorded_at
from connectivity.rules import connectivity_codes as codes


class ConnectivityResponse(Base):
    __tablename__ = "connectivity_response"
    __table_args__ = (
        one_of("access", codes.Access),
        one_of("barrier", codes.Barrier),
        one_of("access_type", codes.AccessType),
        one_of("performance", codes.Performance),
        one_of("device", codes.Device),
        one_of("device_access", codes.DeviceAccess),
        one_of("device_provider", codes.DeviceProvider),
        one_of("respondent", codes.RespondentRole),
        one_of("mode", codes.ResponseMode),
        # The skip logic again, for rows that no form has seen. COALESCE: an unanswered question must not make the check NULL.
        CheckConstraint("barrier IS NULL OR COALESCE(access, '') = 'No'", name="barrier_without_access"),
        CheckConstraint("performance IS NULL OR COALESCE(access, '') = 'Yes'", name="performance_with_access"),
        CheckConstraint(
            "access_type IS NULL OR COALESCE(access, '') = CASE access_type WHEN 'None' THEN 'No' ELSE 'Yes' END",
            name="type_with_access",
        ),
        CheckConstraint(
            "(device_access IS NULL AND device_provider IS NULL) OR COALESCE(device, 'None') <> 'None'",
            name="device_before_its_details",
        ),
        CheckConstraint("access IS NOT NULL OR device IS NOT NULL", name="something_answered"),
        Index("ix_connectivity_response_household_id", "household_id", "observed_on"),
    )

    id: Mapped[identity]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="CASCADE"))
    residence_id: Mapped[int | None] = mapped_column(
        ForeignKey("residence.id"), index=True
    )  # connection belongs to a residence (CEDS)
    student_id: Mapped[int | None] = mapped_column(
        ForeignKey("student.id"), index=True
    )  # a learning device belongs to a student (CEDS)
    observed_on: Mapped[dt.date]
    respondent: Mapped[str]
    mode: Mapped[str]
    language: Mapped[str]
    instrument: Mapped[str]  # version of the question set
    access: Mapped[str | None]
    barrier: Mapped[str | None]
    access_type: Mapped[str | None]
    performance: Mapped[str | None]
    device: Mapped[str | None]
    device_access: Mapped[str | None]
    device_provider: Mapped[str | None]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[recorded_at]
