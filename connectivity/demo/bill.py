"""A provider's bill for the demo program, with the faults that real bills have, to try the page “Providers' bills” with."""

import csv
import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.bulk import stream
from connectivity.register import Enrollment, Household, MembershipCode, ProgramYear, Provider, Residence
from connectivity.rules.service_states import Status

HEADINGS = (
    "invoice_no", "bill_month", "membership_code", "account_holder_last_name", "service_address", "monthly_charge", "tax",
    "credit", "total",
)  # fmt: skip
SERVED = (Status.ACTIVE, Status.SUSPENDED, Status.ORDERED, Status.ENDED)
LEFT_OUT, TWICE, OTHER_NAME, STRANGER, BAD, DEAR = 0.02, 0.01, 0.01, 0.005, 0.001, 0.005


def write_bill(session: Session, path: Path, *, provider: str, month: dt.date, seed: int) -> int:
    """Writes the bill as CSV. Returns its lines; 0 where no provider of this name serves anybody."""
    chance, count = random.Random(seed), 0  # noqa: S311 - a demo, not a secret
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADINGS)
        for code, name, line, unit, status in _homes(session, provider):
            for row in _rows(chance, month, code, name, f"{line} {unit}".strip(), status):
                out.writerow(row)
                count += 1
    return count


def _homes(session: Session, provider: str) -> Iterator[tuple[str, str, str, str, str]]:
    newest = select(ProgramYear.id).order_by(ProgramYear.starts_on.desc()).limit(1).scalar_subquery()
    yield from stream(
        session,
        select(MembershipCode.code, Household.guardian_last_name, Residence.line, Residence.unit, Enrollment.status)
        .join(Enrollment, Enrollment.membership_code_id == MembershipCode.id)
        .join(Household, Household.id == Enrollment.household_id)
        .join(Residence, (Residence.household_id == Household.id) & Residence.ends_on.is_(None))
        .join(Provider, Provider.id == Enrollment.provider_id)
        .where(Provider.name == provider, Enrollment.program_year_id == newest, Enrollment.status.in_(SERVED))
        .order_by(MembershipCode.id),
    )


def _rows(
    chance: random.Random, month: dt.date, code: str, name: str, address: str, status: str
) -> Iterator[tuple[str, ...]]:
    """No line, one, or two: the provider bills on after the end now and then, forgets homes, bills some twice and others too much."""
    draw = chance.random()
    if draw < LEFT_OUT or (status != Status.ACTIVE and draw > 0.3):
        return
    if chance.random() < OTHER_NAME:
        name = "Kowalczyk"
    if chance.random() < STRANGER:
        code, name, address = f"ZZ{chance.randrange(10**8):08d}", "Nobody", ""
    charge, total = ("19.95", "20.75") if chance.random() < DEAR else ("9.95", "10.75")
    charge = "free" if chance.random() < BAD else charge
    row = (f"INV-{month:%Y%m}", f"{month:%Y-%m}", code, name, address, charge, "0.80", "", total)
    yield row
    if chance.random() < TWICE:
        yield row
