"""Letters with code and QR code for 5,000 households, from the button to the file, beside the plain floor: the same pages set without tags and codes.

    python -m benchmarks.print_letters [--letters 5000] [--database-url URL]

`--database-url` names an empty PostgreSQL database. The bar is 60 s for 5,000 letters.
"""

import argparse
import datetime as dt
import resource
import tempfile
import time
from pathlib import Path

import typst
from sqlalchemy import insert
from sqlalchemy.orm import Session

from connectivity import schema
from connectivity.database import make_engine, make_sessions, transaction
from connectivity.register import (
    Account,
    CodeBatch,
    Enrollment,
    Household,
    LetterRun,
    MembershipCode,
    ProgramYear,
    Provider,
    Residence,
)
from connectivity.rules.membership_codes import generate_many
from connectivity.service.letters import files, runs
from connectivity.service.letters.chosen import Wanted
from connectivity.service.letters.printing import print_run
from connectivity.service.letters.typeset import Sender

DAY = dt.date(2026, 8, 20)
BAR, OF = 60.0, 5_000  # seconds for so many letters
LANGUAGES = ("es", "en", "pl", "es", "en", "es")
NAMES = ("Muñoz", "Wiśniewska", "O’Hara", "Nguyễn", "Johnson", "García López")
PLAIN = """#set page("us-letter", margin: 1in)
#set text(font: "Libertinus Serif", size: 13pt)
#for one in json(bytes(sys.inputs.data)) { [#one #parbreak() #lorem(110)]; pagebreak(weak: true) }"""


def fill(session: Session, homes: int) -> Account:
    """Homes that each hold an issued code."""
    account = Account(
        email="staff@example.org", name="Staff", role="staff", active=True, fs_uniquifier="staff", password=None
    )
    session.add(account)
    session.add(ProgramYear(id=1, label="2026-27", starts_on=dt.date(2026, 7, 1), ends_on=dt.date(2027, 6, 30), funding="City", open_to_new=True))  # fmt: skip
    session.add(Provider(id=1, name="Comcast"))
    session.flush()
    session.add(CodeBatch(id=1, provider_id=1, program_year_id=1, source="generated", imported=homes, received_on=DAY, expires_on=dt.date(2027, 6, 30)))  # fmt: skip
    session.flush()
    numbers = range(1, homes + 1)
    made = {
        Household: [
            {"id": one, "reference": f"H{one:07d}", "guardian_first_name": "Rosa", "guardian_last_name": NAMES[one % 6], "language": LANGUAGES[one % 6], "version": 1}
            for one in numbers
        ],
        Residence: [
            {"household_id": one, "original": "", "line": f"{100 + one} W WILSON AVE", "unit": f"APT {one % 40}", "city": "CHICAGO", "state": "IL", "zip": "60640", "method": "none", "certainty": "unplaced", "reason": "", "starts_on": DAY}
            for one in numbers
        ],
        MembershipCode: [
            {"id": one, "code": code, "provider_id": 1, "program_year_id": 1, "batch_id": 1, "state": "issued", "household_id": one, "issued_on": DAY}
            for one, code in zip(numbers, generate_many(homes), strict=True)
        ],
        Enrollment: [
            {"household_id": one, "program_year_id": 1, "status": "code_issued", "status_on": DAY, "membership_code_id": one}
            for one in numbers
        ],
    }  # fmt: skip
    for noun, rows in made.items():
        session.execute(insert(noun), rows)
    session.commit()
    return account


def floor(letters: int) -> float:
    """Seconds for as many pages of as much text by typst alone: one name, no code, no tags."""
    names = "[" + ", ".join(f'"Rosa {NAMES[one % 6]} {one}"' for one in range(letters)) + "]"
    began = time.perf_counter()
    typst.compile(PLAIN.encode(), ignore_system_fonts=True, sys_inputs={"data": names}, format="pdf", pdf_tags=False)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=OF)
    parser.add_argument("--database-url")
    given = parser.parse_args()
    sender = Sender(program="Chicago Connected", help="Program help desk, 773-417-1060", year="", demo=True)
    with tempfile.TemporaryDirectory(prefix="connectivity-bench-") as name:
        folder = Path(name)
        engine = make_engine(given.database_url or f"sqlite:///{folder}/bench.sqlite")
        schema.upgrade(engine)
        with make_sessions(engine)() as session:
            account = fill(session, given.letters)
            began, worked = time.perf_counter(), time.process_time()
            with transaction(session):
                run_id = runs.start(session, account=account, wanted=Wanted(year_id=1), on=DAY).id
            chosen = time.perf_counter() - began
            print_run(session, run_id, folder=folder / "letters", sender=sender, on=DAY, report=lambda *_: None)
            seconds, worked = time.perf_counter() - began, time.process_time() - worked
            run = session.get_one(LetterRun, run_id, populate_existing=True)
            size = files.path_of(folder / "letters", run_id).stat().st_size
            state, letters = run.state, run.letters
        engine.dispose()
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    memory, worked = child.ru_maxrss / 1024, child.ru_utime + child.ru_stime + worked
    plain = floor(given.letters)
    met = "met" if seconds <= BAR or given.letters != OF else "MISSED"
    print(
        f"{state}: {letters:,} letters in {seconds:.1f} s, {worked:.1f} s of processor ({chosen:.1f} s to choose them); limit {BAR:.0f} s for {OF:,}: {met}"
    )
    print(f"file {size / 1e6:.1f} MB, memory of the process that sets them, at most {memory:,.0f} MB")
    print(f"plain typst, text alone, untagged: {plain:.1f} s; {seconds / plain:.1f} times")


if __name__ == "__main__":
    main()
