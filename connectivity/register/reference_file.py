"""The ledger of reference files loaded: which version, from whom; the geometry's bytes, so that every host draws the same."""

import datetime as dt

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from connectivity.database import Base, Instant


class ReferenceFile(Base):
    __tablename__ = "reference_file"

    name: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    publisher: Mapped[str]
    vintage: Mapped[str]
    license: Mapped[str]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    loaded_at: Mapped[dt.datetime] = mapped_column(Instant)
