"""One row of a roster: what the district said of one student. The current rows together are the district's last word."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Integer, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from connectivity.database import Base, byte_order, identity, one_of


class Outcome(StrEnum):
    """What a row would do. A row that is not taken in waits and changes nothing."""

    WAITING = "waiting"  # read, not compared yet
    UNCHANGED = "unchanged"
    NEW = "new"
    CHANGED = "changed"
    AMBIGUOUS = "ambiguous"  # perhaps a student who is registered under another ID: a person decides
    LEAVING = "leaving"  # the file itself says that the student is gone
    REJECTED = "rejected"
    REPEATED = "repeated"  # says again what another row of the file says


class RosterRow(Base):
    __tablename__ = "roster_row"
    __table_args__ = (
        one_of("outcome", Outcome),
        Index("ix_roster_row_import_id_outcome", "import_id", "outcome", "number"),
        Index("ix_roster_row_district_id", "district_id", "import_id"),
        Index(
            "ix_roster_row_home",
            "import_id",
            "home",
            sqlite_where=text("home IS NOT NULL"),
            postgresql_where=text("home IS NOT NULL"),
        ),
        Index(
            "ix_roster_row_student_id",
            "student_id",
            sqlite_where=text("student_id IS NOT NULL"),
            postgresql_where=text("student_id IS NOT NULL"),
        ),
        # The last word on each student: at most one row.
        Index(
            "uq_roster_row_current",
            "district_id",
            unique=True,
            sqlite_where=text("current"),
            postgresql_where=text("current"),
        ),
        Index(
            "ix_roster_row_until_import_id",
            "until_import_id",
            sqlite_where=text("until_import_id IS NOT NULL"),
            postgresql_where=text("until_import_id IS NOT NULL"),
        ),
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("roster_import.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)  # as the sheet counts, headings being row 1
    outcome: Mapped[str]
    # In the same collation as the student's, or PostgreSQL could not look one up by the other.
    district_id: Mapped[str | None]  # None: could not be read
    fingerprint: Mapped[str | None]  # of the cells as written
    last_name: Mapped[str | None]
    first_name: Mapped[str | None]
    sort_name: Mapped[str | None] = mapped_column(byte_order)
    birth_date: Mapped[dt.date | None]
    grade: Mapped[str | None]
    school_id: Mapped[str | None]
    guardian_first_name: Mapped[str | None]
    guardian_last_name: Mapped[str | None]
    phones: Mapped[str | None]  # E.164, one blank between two
    email: Mapped[str | None]
    language: Mapped[str | None]
    original: Mapped[str | None]  # the address as the file had it
    line: Mapped[str | None]
    unit: Mapped[str | None]
    zip: Mapped[str | None]
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    eligible: Mapped[bool | None] = mapped_column(Boolean)  # the district's own determination; None: it gave none
    factors: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed, see register.student_factors
    cells: Mapped[dict[str, str] | None] = mapped_column(
        JSON
    )  # our column -> as written, for a row that waits for a person
    student_id: Mapped[int | None] = mapped_column(ForeignKey("student.id", ondelete="SET NULL"))
    home: Mapped[int | None] = mapped_column(Integer)  # number of the roster_home
    evidence: Mapped[int] = mapped_column(
        Integer, default=0
    )  # rules.household_matching.Evidence: why it is in this home
    decision: Mapped[str | None]  # of an ambiguous row: "same" student or "another"
    current: Mapped[bool] = mapped_column(Boolean, default=False)
    until_import_id: Mapped[int | None] = mapped_column(ForeignKey("roster_import.id"))


class RosterHome(Base):
    """A household the plan would make (`household_id` empty until then), or the new home of one that moved."""

    __tablename__ = "roster_home"
    __table_args__ = (Index("ix_roster_home_household_id", "household_id"),)

    import_id: Mapped[int] = mapped_column(ForeignKey("roster_import.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id", ondelete="SET NULL"))
    reference: Mapped[str | None]  # of the household to be made; None: the household is registered
    guardian_first_name: Mapped[str]
    guardian_last_name: Mapped[str]
    language: Mapped[str]
    email: Mapped[str | None]
    phones: Mapped[str]
    eligible: Mapped[bool] = mapped_column(Boolean)  # whether a student of it is
    original: Mapped[str | None]  # None: no address, so no residence
    line: Mapped[str | None]
    unit: Mapped[str | None]
    city: Mapped[str | None]
    state: Mapped[str | None]
    zip: Mapped[str | None]
    community_area: Mapped[int | None] = mapped_column(Integer)
    method: Mapped[str | None]
    certainty: Mapped[str | None]
    edge_feet: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    reason: Mapped[str | None]


class RosterDoubt(Base):
    """What the plan would ask people: whether two of its homes are one household, or whether one student has left."""

    __tablename__ = "roster_doubt"
    __table_args__ = (Index("ix_roster_doubt_import_id", "import_id"),)

    id: Mapped[identity]
    import_id: Mapped[int] = mapped_column(ForeignKey("roster_import.id", ondelete="CASCADE"))
    home: Mapped[int] = mapped_column(Integer)  # number of the roster_home
    other_home: Mapped[int | None] = mapped_column(Integer)
    number: Mapped[int | None] = mapped_column(
        Integer
    )  # the row of the student who may have left, where there is no other home
    address: Mapped[str]
    evidence: Mapped[int] = mapped_column(Integer)


class ChangeState(StrEnum):
    PLANNED = "planned"
    KEPT = "kept"  # a person changed the field since the roster before: the person's word stays
    APPLIED = "applied"
    UNDONE = "undone"
    STAYED = "stayed"  # not taken back: somebody changed it after the roster


class RosterChange(Base):
    """One field that a row would change: the plan, then the journal of the apply, then the guide of the undo."""

    __tablename__ = "roster_change"
    __table_args__ = (
        one_of("state", ChangeState),
        Index("ix_roster_change_import_id", "import_id", "noun", "field", "number"),
    )

    id: Mapped[identity]
    import_id: Mapped[int] = mapped_column(ForeignKey("roster_import.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)  # the row
    noun: Mapped[str]  # student, household
    noun_id: Mapped[int] = mapped_column(Integer)
    field: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    state: Mapped[str]


class RosterProblem(Base):
    """What is wrong in one cell, in the sheet's own words, and what to do."""

    __tablename__ = "roster_problem"
    __table_args__ = (Index("ix_roster_problem_import_id", "import_id", "stops", "number"),)

    id: Mapped[identity]
    import_id: Mapped[int] = mapped_column(ForeignKey("roster_import.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    column: Mapped[str]
    heading: Mapped[str]
    value: Mapped[str]
    message: Mapped[str]
    advice: Mapped[str]
    stops: Mapped[bool] = mapped_column(Boolean)  # False: the value was left out, the row is taken in
