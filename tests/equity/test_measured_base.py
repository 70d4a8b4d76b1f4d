"""The base tables: their words, their cells, and what they say of each other."""

import pytest

from connectivity.casework.labels import LANGUAGES as KNOWN_LANGUAGES
from connectivity.equity.measured import base
from connectivity.equity.measured.base import BaseTable, Brake, By, Time, Unit
from connectivity.equity.measured.brakes import NOTED
from connectivity.equity.measured.catalog import BASE, BY_KEY
from connectivity.register.student import GRADES
from connectivity.rules.connectivity_codes import Barrier
from connectivity.rules.service_states import ServiceType

every = pytest.mark.parametrize("table", BASE, ids=lambda table: table.key)


@every
def test_a_definition_is_one_sentence_and_says_the_unit(table: BaseTable) -> None:
    assert table.definition.endswith(".")
    assert table.definition.count(".") == 1
    word = "student" if table.unit is Unit.STUDENTS else "household"
    assert word in table.definition.lower()


@every
def test_a_table_is_part_of_tables_that_are_there_and_never_of_itself(table: BaseTable) -> None:
    named = {table.within, table.adds_up_to, *table.steps} - {""}
    assert named <= set(BY_KEY) - {table.key}
    assert {table.within, table.adds_up_to} - {""} <= set(table.steps)
    assert {BY_KEY[key].unit for key in table.steps} <= {table.unit}
    assert set(table.steps) >= {far for near in table.steps for far in BY_KEY[near].steps}


@every
def test_what_has_come_so_far_is_never_part_of_what_only_stands_now(table: BaseTable) -> None:
    if table.time is Time.CUMULATIVE and table.within:
        assert BY_KEY[table.within].time is Time.CUMULATIVE


def test_the_keys_and_the_cells_are_each_there_once() -> None:
    assert len(BY_KEY) == len(BASE)
    assert all(len(set(table.cells)) == len(table.cells) for table in BASE)
    assert {table.by for table in BASE} == set(By)


def test_the_stages_stand_each_within_the_one_before() -> None:
    assert BY_KEY["active"].steps == ("ever_active", "ordered", "code_issued", "contacted", "eligible")


def test_the_cells_are_the_registers_own_words() -> None:
    assert len(base.AREAS) == 78
    assert base.AREAS[-1] == "unplaced"
    assert set(base.LANGUAGES) <= set(KNOWN_LANGUAGES)
    assert list(base.LANGUAGES) == list(KNOWN_LANGUAGES)[: len(base.LANGUAGES)]
    assert sorted(grade for grades in base.GRADE_BANDS.values() for grade in grades) == sorted(GRADES)
    assert set(base.BARRIERS) == {one.value for one in Barrier}
    assert {f"active_{one.value}" for one in ServiceType} | {"active_unknown"} == {
        table.key for table in BASE if table.adds_up_to == "active" and table.by is By.AREA
    }


def test_what_is_noted_leads_to_a_cell_there_is() -> None:
    assert set(NOTED) <= set(base.CELLS[By.BRAKE])
    assert {brake.value for brake in Brake} <= set(base.CELLS[By.BRAKE])
    assert all(words == words.lower() for one in NOTED.values() for words in one)
