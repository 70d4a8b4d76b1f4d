"""The ledger of membership codes: the batches they came in, and every move of every code. Moves are added, never rewritten."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from connectivity.database import Base, identity, one_of, recorded_at
from connectivity.rules.service_states import CodeState


class BatchSource(StrEnum):
    FILE = "file"  # a provider's file of codes
    GENERATED = "generated"  # made here, for a provider that takes ours
    TYPED = "typed"  # believed one by one, where no list of the provider's is loaded; one batch a provider and year


class CodeBatch(Base):
    """Codes of one provider and program year that came together. `imported` is what the books must add up to."""

    __tablename__ = "code_batch"
    __table_args__ = (
        one_of("source", BatchSource),
        CheckConstraint("imported >= 0", name="imported_not_negative"),
        CheckConstraint("(source = 'file') = (sha256 IS NOT NULL)", name="file_means_fingerprint"),
        Index("uq_code_batch_file", "provider_id", "program_year_id", "sha256", unique=True),
        Index(
            "uq_code_batch_typed",
            "provider_id",
            "program_year_id",
            unique=True,
            sqlite_where=text("source = 'typed'"),
            postgresql_where=text("source = 'typed'"),
        ),
    )

    id: Mapped[identity]
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    program_year_id: Mapped[int] = mapped_column(ForeignKey("program_year.id"))
    source: Mapped[str]
    file_name: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str | None]
    imported: Mapped[int] = mapped_column(Integer)
    received_on: Mapped[dt.date]
    expires_on: Mapped[dt.date | None]  # the last day on which a code of the batch can be used
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: the command line
    created_at: Mapped[recorded_at]


class CodeEvent(Base):
    """One move of one code. The first has no `before`: the code came into the books."""

    __tablename__ = "code_event"
    __table_args__ = (
        one_of("state", CodeState),
        one_of("before", CodeState),
        CheckConstraint("before IS NULL OR before <> state", name="goes_on"),
    )

    id: Mapped[identity]
    code_id: Mapped[int] = mapped_column(ForeignKey("membership_code.id", ondelete="CASCADE"), index=True)
    before: Mapped[str | None]
    state: Mapped[str]
    happened_on: Mapped[dt.date]
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"), index=True)
    note: Mapped[str] = mapped_column(default="")
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[recorded_at]
