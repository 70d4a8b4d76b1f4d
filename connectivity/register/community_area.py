"""The 77 community areas of Chicago, fixed since the 1920s. Joined on the number, never on a name."""

from sqlalchemy import CheckConstraint, Float, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from connectivity.database import Base


class CommunityArea(Base):
    __tablename__ = "community_area"
    __table_args__ = (CheckConstraint("number BETWEEN 1 AND 77", name="number_1_to_77"),)

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(unique=True)
    side: Mapped[str]
    area_sq_mi: Mapped[float] = mapped_column(Float)
    label_lon: Mapped[float] = mapped_column(Float)
    label_lat: Mapped[float] = mapped_column(Float)


class CommunityAreaAlias(Base):
    """A spelling of a community area's name seen in some file (`OHARE`, `The Loop`), folded to lower case letters."""

    __tablename__ = "community_area_alias"

    alias: Mapped[str] = mapped_column(primary_key=True)
    community_area: Mapped[int] = mapped_column(ForeignKey("community_area.number", ondelete="CASCADE"))
