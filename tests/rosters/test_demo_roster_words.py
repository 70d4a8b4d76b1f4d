"""What `flask demo roster` says that it planted, in the singular where there is one."""

from pathlib import Path

import pytest

from connectivity.demo.cli import _say, one_of
from connectivity.demo.roster import Written
from connectivity.demo.roster_events import CHANGES, NEW
from connectivity.demo.roster_problems import PROBLEMS


@pytest.mark.parametrize("name", [event.name for event in (*CHANGES, *NEW, *PROBLEMS)])
def test_everything_that_can_be_planted_has_a_singular(name: str) -> None:
    assert one_of(name) != name


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("students a grade up", "student a grade up"),
        ("new siblings of registered students", "new sibling of registered students"),
        ("children who moved without their siblings", "child who moved without their siblings"),
        ("schools that do not exist", "school that does not exist"),
        ("IDs that lost their leading zeros", "ID that lost its leading zeros"),
    ],
)
def test_the_first_noun_is_the_one_that_is_counted(many: str, one: str) -> None:
    assert one_of(many) == one


def test_one_thing_is_said_in_the_singular_and_two_in_the_plural(capsys: pytest.CaptureFixture[str]) -> None:
    done = Written(program_year="2026-27", rows=1, not_planted=1)
    done.planted.update({"students who graduated": 1, "PO boxes in place of a home": 2})
    _say(done, Path("next.csv"))
    assert capsys.readouterr().out.splitlines() == [
        "A roster of 1 row for 2026-27: next.csv. In it were planted:",
        "        2 PO boxes in place of a home",
        "        1 student who graduated",
        "        1 more was asked for, but there were too few families to plant it in.",
    ]
