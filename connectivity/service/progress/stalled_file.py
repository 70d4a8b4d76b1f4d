"""The stalled list as the rows of a file: what stands in each column, in words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from connectivity.service.progress.stalled import Kind, Line, Question, every_line

KIND_OF_FILE = "stalled_csv"
BASIS = "School official with a legitimate educational interest (34 CFR 99.31(a)(1))"
COLUMNS = (
    "household",
    "guardian",
    "phone",
    "language",
    "community_area",
    "stalled_at",
    "status",
    "since",
    "days_waiting",
    "next_action",
    "connection",
    "plan",
    "code_usable_until",
)


@dataclass(frozen=True, kw_only=True)
class Words:
    """What stands in the file for the codes, in the language of whoever asked: it is written when the request is over."""

    kinds: Mapping[Kind, str]
    statuses: Mapping[str, str]
    actions: Mapping[tuple[Kind, str], str]  # (kind, status)
    languages: Mapping[str, str]
    areas: Mapping[int, str]
    service_types: Mapping[str, str]
    plans: Mapping[int, str]


def rows(asked: Question, words: Words) -> Callable[[Session], Iterator[list[object]]]:
    """Reads the list, a portion at a time: rows of COLUMNS."""

    def read(session: Session) -> Iterator[list[object]]:
        return (cells(line, words) for line in every_line(session, asked))

    return read


def cells(line: Line, words: Words) -> list[object]:
    """One row of COLUMNS."""
    return [
        line.reference,
        line.guardian,
        line.phone or "",
        words.languages.get(line.language, line.language),
        words.areas.get(line.area or 0, ""),
        words.kinds[line.kind],
        words.statuses[line.status],
        line.since.isoformat(),
        line.days,
        words.actions[line.kind, line.status],
        words.service_types.get(line.service_type or "", ""),
        words.plans.get(line.plan_id or 0, ""),
        line.expires_on.isoformat() if line.expires_on else "",
    ]
