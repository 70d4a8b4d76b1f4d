"""A county's open address points: where each building of the city stands."""

from sqlalchemy import Float, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from connectivity.database import Base, identity


class AddressPoint(Base):
    """One building's address in the spelling of `geography.address`, without its unit."""

    __tablename__ = "address_point"
    __table_args__ = (Index("ix_address_point_street", "street", "direction", "kind", "number"),)

    id: Mapped[identity]
    direction: Mapped[str]
    street: Mapped[str]
    kind: Mapped[str]
    number: Mapped[int] = mapped_column(Integer)
    zip: Mapped[str]
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
