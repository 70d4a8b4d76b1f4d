"""Where each street lies on Chicago's address grid: the number every address on its cross streets has where they meet."""

from sqlalchemy import CheckConstraint, Integer
from sqlalchemy.orm import Mapped, mapped_column

from connectivity.database import Base


class StreetAxis(Base):
    __tablename__ = "street_axis"
    __table_args__ = (CheckConstraint("runs IN ('NS', 'EW')", name="runs_known"),)

    street: Mapped[str] = mapped_column(primary_key=True)
    runs: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)  # arterial (known) or site (estimated from public buildings)
    grid_number: Mapped[int] = mapped_column(Integer)
    grid_side: Mapped[str]  # N, S, E, W; empty for State and Madison, the zero lines
    sites: Mapped[int | None] = mapped_column(Integer)
    deviation: Mapped[int | None] = mapped_column(Integer)  # median absolute deviation, in address numbers
    flag: Mapped[str]
