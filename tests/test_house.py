"""The walls: which way imports point, types, lint, which room a file lies in, and what may not be committed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
LONGEST_MODULE = 350
# Which rooms may know the web: pages, commands, the way in, and the words of dates and counts.
MAY_IMPORT_FLASK = re.compile(
    r"(^|/)(routes|cli|jobs|formats|error_pages|forms|fields|labels|blueprint|\w+_forms)[^/]*\.py$"
    r"|connectivity/access/|casework/pages\.py$|register/account\.py$"
)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(BIN / command[0]), *command[1:]], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "command",
    [("lint-imports", "--no-cache"), ("mypy",), ("ruff", "check", "."), ("ruff", "format", "--check", ".")],
    ids=lambda command: " ".join(command),
)
def test_tool_finds_nothing(command: tuple[str, ...]) -> None:
    done = run(*command)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def committed() -> list[Path]:
    """Every text file of the project: what git knows or would add."""
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], capture_output=True, text=True, check=True
    ).stdout
    return [path for path in map(Path, names.splitlines()) if path.exists()]


def test_only_pages_commands_and_access_import_flask() -> None:
    knows = [
        str(path)
        for path in Path("connectivity").rglob("*.py")
        if re.search(r"^\s*(from|import) (flask|werkzeug|wtforms)", path.read_text(), re.MULTILINE)
        and not MAY_IMPORT_FLASK.search(str(path))
    ]
    assert knows == []


def test_no_import_hides_in_a_function() -> None:
    hidden = [
        f"{path}:{number}"
        for path in [Path("app.py"), *Path("connectivity").rglob("*.py")]
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.match(r"\s+(from \S+ import|import) ", line)
        and "TYPE_CHECKING" not in path.read_text().splitlines()[number - 2]
        and not _under_type_checking(path, number)
    ]
    assert hidden == []


def _under_type_checking(path: Path, number: int) -> bool:
    before = path.read_text().splitlines()[: number - 1]
    for line in reversed(before):
        if line and not line.startswith(" "):
            return line.startswith("if TYPE_CHECKING")
    return False


def test_no_module_outgrows_its_room() -> None:
    long = {
        str(path): lines
        for path in Path("connectivity").rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > LONGEST_MODULE
    }
    assert long == {}


def test_every_template_folder_has_its_package() -> None:
    rooms = {path.name for path in Path("templates").iterdir() if path.is_dir()} - {"components", "errors"}
    assert rooms <= {path.name for path in Path("connectivity").iterdir() if path.is_dir()}


def test_nothing_committed_names_a_registry_or_reads_outside_the_project() -> None:
    registry = re.compile(
        r"((?<!no-emit-)index-url|extra-index|find-links|https?://\S+/simple\b|https?://\S+\.(whl|tgz|tar\.gz)|py[p]i\.org|python[h]osted|\.\./shared)"
    )
    found = [
        str(path)
        for path in committed()
        if path.suffix not in (".png", ".geojson") and registry.search(path.read_text(errors="ignore"))
    ]
    assert [name for name in found if name != "tests/test_house.py"] == []


def test_every_pinned_requirement_has_a_hash() -> None:
    for name in ("run", "dev"):
        entries = re.split(r"\n(?=\S)", Path(f"requirements/{name}.txt").read_text())
        assert [entry[:60] for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []
