"""What a school narrows its list to. No personal value among them, so they may stand in a page's address."""

from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, true

from connectivity.register import Enrollment, Household, Student
from connectivity.rules.service_states import Status

NOT_IN_PROGRAM = "not_in_program"
STATUSES = (*(status.value for status in Status), NOT_IN_PROGRAM)
NEEDS_NEXT_STEP = tuple(status for status in Status if status not in (Status.ACTIVE, Status.ENDED))


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Empty text: not narrowed. `needs` stands for students whose home waits for somebody to do something."""

    school: str = ""
    status: str = ""
    grade: str = ""
    language: str = ""
    needs: str = ""

    def chosen(self) -> dict[str, str]:
        """The filters that are set, by name."""
        return {name: value for name, value in asdict(self).items() if value}

    def conditions(self, *, with_status: bool = True) -> list[ColumnElement[bool]]:
        """WHERE conditions over Student, Household and the (outer joined) Enrollment of the program year."""
        found: list[ColumnElement[bool]] = [
            column == value
            for column, value in (
                (Student.school_id, self.school),
                (Student.grade, self.grade),
                (Household.language, self.language),
            )
            if value
        ]
        if self.needs:
            found.append(Enrollment.status.in_(NEEDS_NEXT_STEP))
        return [*found, self._status_condition()] if with_status else found

    def _status_condition(self) -> ColumnElement[bool]:
        if self.status == NOT_IN_PROGRAM:
            return Enrollment.id.is_(None)
        return Enrollment.status == self.status if self.status else true()
