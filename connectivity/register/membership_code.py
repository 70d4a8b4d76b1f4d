"""Membership codes: what a family gives the provider, and what the provider bills by. The database holds one live code a household and year.

A code that is held for a household counts as live: it is about to be given.
"""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import Base, identity, one_of, recorded_at
from connectivity.register.provider import Provider
from connectivity.rules.service_states import CodeState

_LIVE = text("state IN ('held', 'issued', 'redeemed')")
_OWN_DAY = text("expires_on IS NOT NULL")


class MembershipCode(Base):
    __tablename__ = "membership_code"
    __table_args__ = (
        one_of("state", CodeState),
        CheckConstraint(
            "(state IN ('free', 'expired', 'revoked')) OR household_id IS NOT NULL", name="given_means_household"
        ),
        Index(
            "uq_membership_code_live",
            "household_id",
            "program_year_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_membership_code_pool", "provider_id", "program_year_id", "state"),
        Index("ix_membership_code_batch_id", "batch_id", "state"),
        Index(
            "ix_membership_code_own_day",
            "program_year_id",
            "expires_on",
            sqlite_where=_OWN_DAY,
            postgresql_where=_OWN_DAY,
        ),
    )

    id: Mapped[identity]
    code: Mapped[str] = mapped_column(unique=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    program_year_id: Mapped[int] = mapped_column(ForeignKey("program_year.id"))
    state: Mapped[str]
    batch_id: Mapped[int] = mapped_column(ForeignKey("code_batch.id"))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"), index=True)
    issued_on: Mapped[dt.date | None]
    expires_on: Mapped[dt.date | None]  # its own last day of use; None: its batch's
    created_at: Mapped[recorded_at]

    provider: Mapped[Provider] = relationship()
