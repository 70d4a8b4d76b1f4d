"""Amounts as a workbook stores them, the same file for another month, and headings that stand twice. On both databases where it is asked."""

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import Bill, BillLine
from connectivity.rules.money import as_shown
from connectivity.service.bills.bill_file import read_bill
from connectivity.tabular.problems import FileRefused
from tests.service.bills.test_reconcile import OCTOBER, billed, csv_bytes, found, served, take

__all__ = ["take"]  # the fixture
NOVEMBER = dt.date(2026, 11, 1)
HEADINGS = ("membership_code", "monthly_charge", "tax", "credit", "total")


def workbook(*rows: tuple[Any, ...]) -> bytes:
    """Rows of a sheet; a float is a stored number, a text is a text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate((HEADINGS, *rows)):
            sheet.write_row(at, 0, row)
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(at, column, cell)
    return out.getvalue()


def read(tmp_path: Path, content: bytes) -> tuple[list[tuple[int, int, int, int]], list[str]]:
    """(cents of each line that was read, what is wrong with the others)."""
    path = tmp_path / "bill"
    path.write_bytes(content)
    bill = read_bill(path, file_name="bill.xlsx", month=NOVEMBER)
    amounts = [one.amounts for one in bill.lines]
    return [(one.charge, one.tax, one.credit, one.total) for one in amounts], [one.why for one in bill.refused]


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("9.950000000000001", "9.95"),
        ("9.9499999999999993", "9.95"),
        ("0.796", "0.80"),
        ("0.795", "0.80"),
        ("0.79499999999999993", "0.80"),  # a sheet shows fifteen digits: 0.795, so 0.80
        ("0.794", "0.79"),
        ("-2.005", "-2.01"),
        ("1e-05", "0.00"),
    ],
)
def test_a_stored_number_is_what_its_sheet_shows(stored: str, shown: str) -> None:
    assert as_shown(stored) == shown


def test_stored_numbers_with_noise_or_fractions_of_a_cent_are_read_as_the_sheet_shows_them(tmp_path: Path) -> None:
    lines, wrong = read(
        tmp_path,
        workbook(
            ("CCAAAA0001", 9.950000000000001, 0.796, 0.0, 10.746),  # 9.95 + 0.80 = 10.75
            ("CCAAAA0002", 9.95, 8 * 0.1 + 0.005, -2.0, 8.755),  # 9.95 + 0.81 - 2.00 = 8.76
            ("CCAAAA0003", 9.954, 0.794, "", 10.748),  # 9.95 + 0.79 = 10.74; the sheet adds 10.748 and shows 10.75
            ("CCAAAA0004", 10, 1, "", 11),
        ),
    )
    assert wrong == []
    assert lines == [(995, 80, 0, 1075), (995, 81, 200, 876), (995, 79, 0, 1075), (1000, 100, 0, 1100)]


def test_a_total_that_is_off_by_more_than_its_fractions_is_refused_and_so_is_one_without_any(tmp_path: Path) -> None:
    lines, wrong = read(
        tmp_path,
        workbook(
            ("CCAAAA0001", 9.95, "", "", 9.95),
            ("CCAAAA0002", 9.95, 0.796, "", 10.77),  # one fraction: 10.75, or a cent beside it
            ("CCAAAA0003", 9.95, 0.80, "", 10.76),
        ),
    )
    assert lines == [(995, 0, 0, 995)]
    assert wrong == [
        "total: charge, tax and credit make $10.75, the total says $10.77.",
        "total: charge, tax and credit make $10.75, the total says $10.76.",
    ]


def test_a_text_is_no_stored_number_in_a_workbook_or_in_a_csv(tmp_path: Path) -> None:
    _, wrong = read(
        tmp_path, workbook(("CCAAAA0001", 9.95, "", "", ""), ("CCAAAA0002", "9.950000000000001", "", "", ""))
    )
    assert wrong == ["monthly_charge: “9.950000000000001” is not an amount in dollars. Write it like 9.95."]
    csv = csv_bytes([{"membership_code": "CCAAAA0001", "monthly_charge": one} for one in ("9.95", "9.955")], HEADINGS)
    _, wrong = read(tmp_path, csv)
    assert wrong == ["monthly_charge: “9.955” is not an amount in dollars. Write it like 9.95."]


def test_a_flat_bill_is_the_same_file_every_month_and_a_bill_of_each(
    session: Session, take: Callable[..., Bill]
) -> None:
    served(session, "CCAAAA0001")
    flat = csv_bytes(
        [{"membership_code": "CCAAAA0001", "monthly_charge": "9.95"}], ("membership_code", "monthly_charge")
    )
    october, november = take(flat, month=OCTOBER), take(flat)
    assert (october.month, november.month) == (OCTOBER, NOVEMBER)
    assert [found(session, one) for one in (october, november)] == [[], []]
    assert take(flat).id == november.id
    days = session.execute(select(BillLine.service_from, BillLine.service_to).order_by(BillLine.bill_id)).all()
    assert [tuple(one) for one in days] == [
        (OCTOBER, dt.date(2026, 10, 31)), (NOVEMBER, dt.date(2026, 11, 30)),
    ]  # fmt: skip


def test_a_heading_that_stands_twice_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_bytes(b"membership_code,monthly_charge,monthly_charge\r\nCCAAAA0001,9.95,9.95\r\n")
    with pytest.raises(FileRefused) as refused:
        read_bill(path, file_name="bill.csv", month=NOVEMBER)
    assert str(refused.value) == (
        "A heading stands in the file more than once: “monthly_charge” twice. "
        "Rename or take out the column that is not meant."
    )


def test_a_bill_without_headings_is_told_which_it_needs(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_bytes(b"CCAAAA0001,9.95\r\nCCAAAA0002,9.95\r\n")
    with pytest.raises(FileRefused) as refused:
        read_bill(path, file_name="bill.csv", month=NOVEMBER)
    assert str(refused.value) == (
        "There is no heading row: the first rows already look like data. "
        "Put a row of headings on top, with membership_code and monthly_charge at least."
    )


def test_the_whole_way_of_a_workbook_with_noise(session: Session, take: Callable[..., Bill]) -> None:
    served(session, "CCAAAA0001")
    bill = take(workbook(("CCAAAA0001", 9.950000000000001, "", "", "")), name="bill.xlsx")
    assert (found(session, bill), bill.counts["refused"], bill.counts["cents"]) == ([], 0, 995)
    assert billed("CCAAAA0001")["monthly_charge"] == "9.95"
