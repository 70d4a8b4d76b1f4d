"""What is sensitive about a student (meal status, Medicaid, housing, disability), sealed: held only where the district asks for it.

7 CFR 245.6 and 42 USC 11432(g)(3)(G). Opened by `access.factors` alone, for the eligibility role, and never exported.
"""

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from connectivity.database import Base, recorded_at


class StudentFactors(Base):
    __tablename__ = "student_factors"

    student_id: Mapped[int] = mapped_column(ForeignKey("student.id", ondelete="CASCADE"), primary_key=True)
    program_year_id: Mapped[int] = mapped_column(ForeignKey("program_year.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  # a Fernet token over JSON: factor -> as the district wrote it
    import_id: Mapped[int | None] = mapped_column(ForeignKey("roster_import.id"), index=True)
    recorded_at: Mapped[recorded_at]
