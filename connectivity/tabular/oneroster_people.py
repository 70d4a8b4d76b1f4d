"""Who is who in a OneRoster file: students, their guardians, their school. Two passes over users.csv; only guardians stay in memory."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from connectivity.tabular.oneroster_files import Member, Row
from connectivity.tabular.problems import Problem

HEADINGS = (
    *("student_id", "last_name", "first_name", "birth_date", "grade", "school_id"),
    *("guardian_first_name", "guardian_last_name", "phone", "phone_2", "email", "leaving"),
)
_EIGHT_DIGITS = re.compile(r"[0-9]{8}").fullmatch
_USER_ID = re.compile(r"\{([^:{}]*):([^{}]*)\}")
STUDENT = "student"

Guardian = tuple[str, str, str, str, str]  # first name, last name, phone, second phone, e-mail
NOBODY: Guardian = ("", "", "", "", "")


@dataclass(frozen=True)
class _Role:
    org: str
    primary: bool


@dataclass
class People:
    """What the other files say about the rows of users.csv. Keys are sourcedIds unless said otherwise."""

    schools: dict[str, str]  # org -> six digits
    whole: bool
    roles: dict[str, _Role] | None  # 1.2: the students' roles; 1.1 has the role in users.csv
    others: set[str] = field(default_factory=set)  # 1.2: those whose roles are all of another kind
    births: dict[str, str] = field(default_factory=dict)
    guardians: dict[str, Guardian] = field(default_factory=dict)
    told_by: dict[str, tuple[int, bool]] = field(
        default_factory=dict
    )  # student ID -> its row, and whether that is the primary role's

    @classmethod
    def read(cls, members: Mapping[str, Member], *, whole: bool) -> "People":
        """Everything but the students themselves. Raises FileRefused."""
        people = cls(_schools(members["orgs"]), whole, {} if "roles" in members else None)
        if "roles" in members:
            people._read_roles(members["roles"])
        if "demographics" in members:
            source, birth = members["demographics"].column("sourcedId"), members["demographics"].column("birthDate")
            people.births = {source(row): birth(row) for row in members["demographics"].rows()}
        people._read_users(_User(members["users"]), members["users"])
        return people

    def students(self, users: Member, endings: list[Problem]) -> Iterator[Row]:
        """For each row of users.csv its cells under HEADINGS; [] where it is no student, or the student's primary row is another."""
        user = _User(users)
        for at, row in enumerate(users.numbered(endings)):
            key = user.student_id(row) if row else ""
            if not row or not self._is_student(user, row) or (key and self.told_by[key][0] != at):
                yield []
                continue
            source = user.source(row)
            yield [
                *(key or "", user.last(row), user.first(row), self.births.get(source, ""), user.grade(row)),
                self._school(user, row),
                *self._guardian(user, row),
                "yes" if user.leaves(row) else "",
            ]

    def _read_roles(self, roles: Member) -> None:
        user, role, kind = roles.column("userSourcedId"), roles.column("role"), roles.column("roleType")
        org, status = roles.column("orgSourcedId"), roles.column("status", optional=True)
        students: dict[str, _Role] = {}
        for row in roles.rows():
            person = user(row)
            if role(row) != STUDENT:
                self.others.add(person)
            elif status(row) != "tobedeleted" or person not in students:
                primary = kind(row) == "primary" and status(row) != "tobedeleted"
                if person not in students or (primary and not students[person].primary):
                    students[person] = _Role(org(row), primary)
        self.roles = students
        self.others.difference_update(students)

    def _read_users(self, user: "_User", users: Member) -> None:
        for at, row in enumerate(users.numbered([])):
            if not row:
                continue
            if not self._is_student(user, row):
                self.guardians[user.source(row)] = user.as_guardian(row)
            elif key := user.student_id(row):
                primary = bool(self.roles and (role := self.roles.get(user.source(row))) and role.primary)
                if key not in self.told_by or (primary and not self.told_by[key][1]):
                    self.told_by[key] = (at, primary)

    def _is_student(self, user: "_User", row: Row) -> bool:
        """In a 1.2 delta a student whose role did not change has no row in roles.csv: grades tell them, and the missing school is reported."""
        if self.roles is None:
            return user.role(row) == STUDENT
        source = user.source(row)
        return source in self.roles or (not self.whole and source not in self.others and bool(user.grade(row)))

    def _school(self, user: "_User", row: Row) -> str:
        role = self.roles.get(user.source(row)) if self.roles is not None else None
        orgs = [role.org] if role else user.orgs(row).split(",")
        return next((self.schools[org] for one in orgs if (org := one.strip()) in self.schools), "")

    def _guardian(self, user: "_User", row: Row) -> Guardian:
        agents = [agent.strip() for agent in user.agents(row).split(",")] if user.agents(row) else []
        return next((self.guardians[agent] for agent in agents if agent in self.guardians), NOBODY)


class _User:
    """The columns of users.csv that we read."""

    def __init__(self, users: Member) -> None:
        self.source, self.identifier = users.column("sourcedId"), users.column("identifier")
        self.first, self.last = users.column("givenName"), users.column("familyName")
        self.phone, self.sms, self.email = users.column("phone"), users.column("sms"), users.column("email")
        self.agents, self.grades = users.column("agentSourcedIds"), users.column("grades")
        self.user_ids, self.status = users.column("userIds"), users.column("status", optional=True)
        self.role, self.orgs = users.column("role", optional=True), users.column("orgSourcedIds", optional=True)

    def student_id(self, row: Row) -> str:
        """The district's: `identifier`, else the only one of `userIds` that has eight digits. Never the sourcedId, which another system makes up."""
        identifier = self.identifier(row).strip()
        if _EIGHT_DIGITS(identifier) or not self.user_ids(row):
            return identifier
        found = {one.strip() for _, one in _USER_ID.findall(self.user_ids(row)) if _EIGHT_DIGITS(one.strip())}
        return found.pop() if len(found) == 1 else identifier

    def grade(self, row: Row) -> str:
        """The first of a list."""
        return self.grades(row).split(",")[0].strip()

    def leaves(self, row: Row) -> bool:
        """The delta says that the person goes."""
        return self.status(row) == "tobedeleted"

    def as_guardian(self, row: Row) -> Guardian:
        """What we keep of somebody who may be a guardian."""
        phones = [phone for phone in dict.fromkeys((self.sms(row), self.phone(row))) if phone]
        phone, second = [*phones, "", ""][:2]
        return self.first(row), self.last(row), phone, second, self.email(row)


def _schools(orgs: Member) -> dict[str, str]:
    source, kind, identifier = orgs.column("sourcedId"), orgs.column("type"), orgs.column("identifier")
    return {source(row): identifier(row).strip() for row in orgs.rows() if kind(row) == "school"}
