"""`flask reference load` and `flask reference check`."""

from pathlib import Path

from flask import Flask

from tests.reference.test_check import change


def test_loading_again_says_that_nothing_changes(app: Flask):
    result = app.test_cli_runner().invoke(args=["reference", "load"])
    assert result.exit_code == 0, result.output
    assert "Nothing to change." in result.output


def test_checking_sound_data_says_so(app: Flask):
    result = app.test_cli_runner().invoke(args=["reference", "check"])
    assert (result.exit_code, result.output) == (0, "data/ is sound.\n")


def test_damaged_data_ends_with_1_and_one_line_a_problem(app: Flask, folder: Path):
    change(folder, "sources/cps_schools_sy2019_20.csv", r"\n400009,", "\n40009,")
    (folder / "sources/grid_model.json").unlink()
    app.config["DATA_FOLDER"] = folder
    for command in ("load", "check"):
        result = app.test_cli_runner().invoke(args=["reference", command])
        assert result.exit_code == 1
        lines = result.output.splitlines()
        assert len(lines) == 2
        assert any(line.startswith("sources/grid_model.json: cannot be read") for line in lines)
