"""data/ is what its one command makes of the libpysal wheel and the carried-in tables, to the byte."""

import json
import shutil
from pathlib import Path

from connectivity.reference import manifest
from connectivity.reference.build import TABLE_BEGINS, build
from connectivity.reference.files import DRAWING, FILES, FULL
from tests.reference.conftest import DATA


def test_rebuilding_gives_the_committed_files_byte_for_byte(tmp_path: Path):
    shutil.copytree(DATA / "sources", tmp_path / "sources")
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    (tmp_path / "README.md").write_text(readme.partition("| file |")[0], encoding="utf-8")
    build(tmp_path)
    for name in (FULL, DRAWING, manifest.MANIFEST):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes(), name


def test_rebuilding_leaves_the_readme_as_it_is_committed(folder: Path):
    build(folder)
    assert (folder / "README.md").read_bytes() == (DATA / "README.md").read_bytes()


def test_the_manifest_describes_every_file_of_the_folder_and_no_other():
    listed = [entry["file"] for entry in json.loads((DATA / manifest.MANIFEST).read_bytes())["files"]]
    there = {path.relative_to(DATA).as_posix() for path in DATA.rglob("*") if path.is_file()}
    assert sorted(listed) == sorted(there - {"README.md", manifest.MANIFEST})
    assert json.loads((DATA / manifest.MANIFEST).read_bytes()) == manifest.describe(DATA)


def test_the_readme_gives_publisher_vintage_license_and_checksum_of_every_file():
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    table = readme.partition(TABLE_BEGINS)[2]
    for file in FILES:
        row = next(line for line in table.splitlines() if line.startswith(f"| `{file.name}` |"))
        for said in (file.publisher, file.vintage, file.license, manifest.sha256((DATA / file.name).read_bytes())):
            assert said in row


def test_the_drawing_is_small_enough_for_a_page():
    assert (DATA / DRAWING).stat().st_size < 80_000


def test_no_figure_known_to_be_faulty_is_carried():
    assert not any("as_printed" in path.read_text(encoding="utf-8") for path in (DATA / "sources").glob("*.csv"))
