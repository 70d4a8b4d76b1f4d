"""Which school is meant by what somebody typed or chose from the list."""

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import School
from connectivity.rules.names import fold

_ID = re.compile(r"(?<!\d)\d{6}(?!\d)")


class SchoolNotFound(ValueError):
    """No school, or more than one, is called that. `like` are the first few it could be."""

    def __init__(self, like: Sequence[str]) -> None:
        self.like = tuple(like)
        super().__init__()


def listed(session: Session) -> list[str]:
    """Every school as the list offers it, by name: `UPLIFT HS (610394)`."""
    return [choice(school) for school in session.scalars(select(School).order_by(School.name, School.id))]


def choice(school: School) -> str:
    """A school as the list offers it."""
    return f"{school.name} ({school.id})"


def chosen(session: Session, text: str) -> School:
    """The school with the six-digit id in `text`, or the only one whose name is or begins with it. Raises SchoolNotFound."""
    by_id = _ID.search(text)
    if by_id and (found := session.get(School, by_id.group())):
        return found
    wanted = fold(text).strip()
    schools = session.scalars(select(School).order_by(School.name, School.id)).all()
    for fits in (
        [school for school in schools if fold(school.name) == wanted],
        [school for school in schools if fold(school.name).startswith(wanted)],
        [school for school in schools if wanted in fold(school.name)],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            raise SchoolNotFound([choice(school) for school in fits[:3]])
    raise SchoolNotFound([])
