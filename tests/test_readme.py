"""The README keeps its promises: every setting is listed, every target and picture it names exists."""

import re
from dataclasses import fields
from pathlib import Path

from connectivity.settings import Settings

README = Path("README.md").read_text()


def test_every_setting_is_in_the_readme_and_no_other() -> None:
    listed = set(re.findall(r"^\| `(CONNECTIVITY_\w+)`", README, re.MULTILINE))
    ours = {field.name for field in fields(Settings)} - {"flask_debug"}  # that one is Flask's own variable
    assert listed == {f"CONNECTIVITY_{name.upper()}" for name in ours}


def test_every_make_target_and_picture_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", Path("Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`(?:\w+=\w+ )?|^    )make ([a-z]+)", README, re.MULTILINE)) - targets == set()
    assert [name for name in re.findall(r"\]\(([^)h#][^)]*)\)", README) if not Path(name).exists()] == []


def test_every_folder_of_the_readme_exists() -> None:
    assert [name for name in re.findall(r"`(connectivity/\w+)/`", README) if not Path(name).is_dir()] == []
