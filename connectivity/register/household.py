"""A household: the people of one home who share one connection, with the adult who answers for it."""

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import KEEPS_IDS, Base, Instant, byte_order, identity, now, recorded_at

if TYPE_CHECKING:
    from connectivity.register.connectivity_response import ConnectivityResponse
    from connectivity.register.enrollment import Enrollment
    from connectivity.register.residence import Residence
    from connectivity.register.student import Student


class Household(Base):
    __tablename__ = "household"
    # Only the merged: nearly every household is not, and an index on all of them would mislead the search for a household.
    __table_args__ = (
        Index(
            "ix_household_merged_into_id",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
        KEEPS_IDS,
    )

    id: Mapped[identity]
    reference: Mapped[str] = mapped_column(unique=True)  # opaque, in addresses of pages instead of a name: H7K2M9Q4
    guardian_first_name: Mapped[str]
    guardian_last_name: Mapped[str]
    language: Mapped[str]  # ISO 639 code of the language the family is addressed in
    email: Mapped[str | None]
    created_at: Mapped[recorded_at]
    updated_at: Mapped[dt.datetime] = mapped_column(Instant, default=now)
    # The household this one turned out to be part of. Its row stays, with whatever could not move there, so that the merge can be undone.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)  # a second editor is told instead of overwriting the first

    phones: Mapped[list["HouseholdPhone"]] = relationship(
        order_by="HouseholdPhone.position", cascade="all, delete-orphan"
    )
    residences: Mapped[list["Residence"]] = relationship(order_by="Residence.id.desc()", back_populates="household")
    students: Mapped[list["Student"]] = relationship(
        order_by="Student.birth_date, Student.id", back_populates="household"
    )
    enrollments: Mapped[list["Enrollment"]] = relationship(
        order_by="Enrollment.program_year_id.desc()", back_populates="household"
    )
    responses: Mapped[list["ConnectivityResponse"]] = relationship(
        order_by="ConnectivityResponse.observed_on.desc(), ConnectivityResponse.id.desc()"
    )

    __mapper_args__ = {"version_id_col": version}


class HouseholdPhone(Base):
    """A phone number of the household, E.164. The first is the one to call."""

    __tablename__ = "household_phone"
    __table_args__ = (CheckConstraint("position >= 1", name="position_from_1"),)

    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(index=True)


class SearchTerm(Base):
    """A folded word a household is found by: names, student IDs, phones, address words, codes, its reference.

    Made from the register and made again whenever it changes. No foreign key: to check two million words against their households
    takes a third of the time of writing a district's roster; whoever deletes a household deletes its words.
    """

    __tablename__ = "search_term"
    __table_args__ = (Index("ix_search_term_household_id", "household_id", "term"), {"sqlite_with_rowid": False})

    term: Mapped[str] = mapped_column(byte_order, primary_key=True)
    household_id: Mapped[int] = mapped_column(primary_key=True)
