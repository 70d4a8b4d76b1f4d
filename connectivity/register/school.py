"""Schools of the district, by their six-digit id (text: a spreadsheet would drop a leading zero)."""

from sqlalchemy import Float, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from connectivity.database import Base


class School(Base):
    __tablename__ = "school"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    address: Mapped[str]
    zip: Mapped[str]
    category: Mapped[str]  # ES, MS, HS as published
    grades: Mapped[str]
    type: Mapped[str]
    governance: Mapped[str]
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    community_area: Mapped[int] = mapped_column(Integer, ForeignKey("community_area.number"), index=True)
    vintage: Mapped[str]  # the school year of the published list
