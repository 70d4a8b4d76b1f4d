"""A computation of the program's counts by area, protected before it is stored: what the council's map, table and file read."""

import datetime as dt

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import Base, identity, recorded_at
from connectivity.register.program_year import ProgramYear


class Release(Base):
    __tablename__ = "release"
    __table_args__ = (
        CheckConstraint("(city_eligible IS NULL) = (city_active IS NULL)", name="city_withheld_whole"),
        CheckConstraint("(unplaced_eligible IS NULL) = (unplaced_active IS NULL)", name="unplaced_withheld_whole"),
    )

    id: Mapped[identity]
    program_year_id: Mapped[int] = mapped_column(ForeignKey("program_year.id"), index=True)
    as_of: Mapped[dt.date]
    computed_at: Mapped[recorded_at]
    computed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    sha256: Mapped[str]  # of the rows, so that a page can name exactly what it shows
    # NULL: withheld, both together.
    city_eligible: Mapped[int | None] = mapped_column(Integer)
    city_active: Mapped[int | None] = mapped_column(Integer)
    unplaced_eligible: Mapped[int | None] = mapped_column(
        Integer
    )  # households that are in no area yet, part of the city
    unplaced_active: Mapped[int | None] = mapped_column(Integer)

    program_year: Mapped[ProgramYear] = relationship()
    counts: Mapped[list["ReleaseCount"]] = relationship(
        order_by="ReleaseCount.community_area", cascade="all, delete-orphan"
    )


class ReleaseCount(Base):
    """One area's households. Withheld means the whole row: no count is stored at all."""

    __tablename__ = "release_count"
    __table_args__ = (
        CheckConstraint(
            "(withheld AND eligible IS NULL AND active IS NULL)"
            " OR (NOT withheld AND eligible IS NOT NULL AND active IS NOT NULL AND eligible >= active AND active >= 0)",
            name="withheld_whole_row",
        ),
    )

    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"), primary_key=True)
    community_area: Mapped[int] = mapped_column(ForeignKey("community_area.number"), primary_key=True)
    withheld: Mapped[bool] = mapped_column(Boolean)
    eligible: Mapped[int | None] = mapped_column(Integer)  # households
    active: Mapped[int | None] = mapped_column(Integer)  # households with active service on the as-of date
