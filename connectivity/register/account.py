"""Who may sign in, as what, and for which schools, areas or organization."""

import datetime as dt
from enum import StrEnum

from flask_security import RoleMixin, UserMixin
from sqlalchemy import Boolean, Column, ForeignKey, Integer, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import Base, Instant, identity, one_of, recorded_at
from connectivity.register.community_area import CommunityArea
from connectivity.register.organization import Organization
from connectivity.register.school import School


class Role(StrEnum):
    """What an account is. One role an account: two duties are two accounts, and each trace names the duty."""

    ADMIN = "admin"
    STAFF = "staff"
    ELIGIBILITY = "eligibility"  # the only one who may open a student's sensitive factors
    PARTNER = "partner"
    SCHOOL = "school"
    COUNCIL = "council"


class RoleName(RoleMixin):
    """A role as the sign-in library asks for it: by name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.permissions = None


account_school = Table(
    "account_school",
    Base.metadata,
    Column("account_id", Integer, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("school_id", ForeignKey("school.id"), primary_key=True),
)

account_area = Table(
    "account_area",
    Base.metadata,
    Column("account_id", Integer, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("community_area", ForeignKey("community_area.number"), primary_key=True),
)


class Account(Base, UserMixin):
    __tablename__ = "account"
    __table_args__ = (one_of("role", Role),)

    id: Mapped[identity]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(Boolean)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)  # changing it ends every session of the account
    demo: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[recorded_at]
    signed_in_at: Mapped[dt.datetime | None] = mapped_column(Instant)

    schools: Mapped[list[School]] = relationship(secondary=account_school, order_by="School.name")
    areas: Mapped[list[CommunityArea]] = relationship(secondary=account_area, order_by="CommunityArea.number")
    organization: Mapped[Organization | None] = relationship()

    @property
    def roles(self) -> list[RoleMixin]:  # type: ignore[override]  # derived from `role`, never assigned
        return [RoleName(self.role)]
