"""Published figures about the 77 areas (ACS, hardship): what each measures, and its numerator and denominator by area."""

from sqlalchemy import Float, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectivity.database import Base, identity


class Indicator(Base):
    """One measure of one vintage: `no_internet`, ACS 2018-2022."""

    __tablename__ = "indicator"
    __table_args__ = (UniqueConstraint("key", "vintage"),)

    id: Mapped[identity]
    key: Mapped[str]
    vintage: Mapped[str]
    title: Mapped[str]
    definition: Mapped[str]
    unit: Mapped[str]  # what is counted: households, people; or "index"
    numerator: Mapped[str | None]  # what the numerator counts, in words; None for an index
    denominator: Mapped[str | None]
    publisher: Mapped[str]


class IndicatorValue(Base):
    """One area's figure. A share keeps its counts, and in `value` the share before the counts were rounded; an index keeps the value alone."""

    __tablename__ = "indicator_value"

    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id", ondelete="CASCADE"), primary_key=True)
    community_area: Mapped[int] = mapped_column(ForeignKey("community_area.number"), primary_key=True)
    numerator: Mapped[int | None] = mapped_column(Integer)
    denominator: Mapped[int | None] = mapped_column(Integer)
    value: Mapped[float | None] = mapped_column(Float)
