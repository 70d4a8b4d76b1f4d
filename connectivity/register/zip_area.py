"""Which community areas a ZIP code overlaps, by area of land (not by people)."""

from sqlalchemy import Float, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from connectivity.database import Base


class ZipArea(Base):
    __tablename__ = "zip_area"

    zip: Mapped[str] = mapped_column(primary_key=True)
    community_area: Mapped[int] = mapped_column(ForeignKey("community_area.number"), primary_key=True)
    share_of_zip_area: Mapped[float] = mapped_column(Float)
    share_of_community_area: Mapped[float] = mapped_column(Float)
