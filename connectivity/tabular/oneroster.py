"""A OneRoster 1.1 or 1.2 ZIP as one table of students under our own column names (1EdTech OneRoster CSV binding)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from connectivity.tabular.archive import open_archive
from connectivity.tabular.oneroster_files import Member, open_member
from connectivity.tabular.oneroster_people import HEADINGS, People
from connectivity.tabular.problems import NO_STUDENTS, FileRefused, Problem
from connectivity.tabular.table import Source, Table

NEEDED = {"1.1": ("orgs", "users"), "1.2": ("orgs", "users", "roles")}
OPTIONAL = ("demographics",)


def oneroster_table(path: Path, most_rows: int) -> Table:
    """The students of the ZIP. Row numbers are those of users.csv. Raises FileRefused."""
    with open_archive(path) as archive:
        package = _package(archive)
        for name in package.files:
            package.member(archive, name)
        _refuse_passwords(package.member(archive, "users"))
    headings = HEADINGS if "demographics" in package.files else tuple(one for one in HEADINGS if one != "birth_date")
    return Table(
        kind="oneroster",
        headings=headings,
        heading_row=1,
        source=Source(_Students(path, package, headings).rows),
        most_rows=most_rows,
        encoding=f"OneRoster {package.version}",
        whole=package.whole,
    )


@dataclass(frozen=True)
class _Package:
    """What the manifest says is inside."""

    version: str
    whole: bool
    files: tuple[str, ...]

    def member(self, archive: ZipFile, name: str) -> Member:
        if f"{name}.csv" not in archive.namelist():
            raise FileRefused(
                f"The OneRoster file lacks {name}.csv, though its manifest names it. Export it again with that file."
            )
        return open_member(archive, f"{name}.csv")


@dataclass(frozen=True)
class _Students:
    path: Path
    package: _Package
    headings: tuple[str, ...]

    def rows(self, endings: list[Problem]) -> Iterator[list[str]]:
        """The heading row, then a row for each row of users.csv: [] where it is no student, or one told already."""
        with open_archive(self.path) as archive:
            members = {name: self.package.member(archive, name) for name in self.package.files}
            people = People.read(members, whole=self.package.whole)
            yield list(self.headings)
            chosen = [HEADINGS.index(heading) for heading in self.headings]
            found = False
            for cells in people.students(members["users"], endings):
                found = found or bool(cells)
                yield [cells[index] for index in chosen] if cells else []
            if not found:
                raise FileRefused(NO_STUDENTS)


def _package(archive: ZipFile) -> _Package:
    manifest = open_member(archive, "manifest.csv")
    name_of, value_of = manifest.column("propertyName"), manifest.column("value")
    properties = {name_of(row): value_of(row).lower() for row in manifest.rows()}
    version = properties.get("oneroster.version", "")
    if version not in NEEDED:
        raise FileRefused(
            f"The manifest says OneRoster version “{version}”. We read 1.1 and 1.2: export it as one of them."
        )
    modes = {
        name[5:]: mode for name, mode in properties.items() if name.startswith("file.") and mode not in ("absent", "")
    }
    absent = [f"{name}.csv" for name in NEEDED[version] if name not in modes]
    if absent:
        raise FileRefused(f"The OneRoster file lacks {' and '.join(absent)}. Export it again with {_these(absent)}.")
    if set(modes.values()) not in ({"bulk"}, {"delta"}):
        raise FileRefused(
            "The manifest mixes bulk and delta files, so nobody can tell who left. Export all files as bulk, or all as delta."
        )
    files = (*NEEDED[version], *(name for name in OPTIONAL if name in modes))
    return _Package(version, modes["users"] == "bulk", files)


def _these(names: list[str]) -> str:
    return "that file" if len(names) == 1 else "those files"


def _refuse_passwords(users: Member) -> None:
    if "password" not in users.headings:
        return
    password = users.column("password")
    if any(password(row).strip() for row in users.rows()):
        raise FileRefused(
            "users.csv holds passwords. Take the password column out and send it again; we never want it."
        )
