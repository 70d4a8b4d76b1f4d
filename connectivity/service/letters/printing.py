"""What the worker does for a print run: letters read, set, kept."""

import datetime as dt
from pathlib import Path

from sqlalchemy.orm import Session

from connectivity.database import now
from connectivity.jobs import Report
from connectivity.register import LetterRun
from connectivity.service.letters import files, runs, typeset


def print_run(
    session: Session, run_id: int, *, folder: Path, sender: typeset.Sender, on: dt.date, report: Report
) -> None:
    """Makes the file of a run that waits. Does nothing for one that is printed. `sender.year` is taken from the run."""
    if not runs.begin(session, run_id):
        return
    report("Reading names and addresses", 0, 0)
    made_at = now()
    letters = runs.letters_of(session, run_id, on=on)
    year = session.get_one(LetterRun, run_id).program_year.label
    session.rollback()  # nothing is held while the pages are set
    if not letters:
        runs.fail(session, run_id)
        return

    def told(done: int) -> None:
        if done < len(letters):
            report("Drawing codes", done, len(letters))
        else:
            report("Setting the pages", 0, 0)

    content = typeset.pdf(
        [letter for _, letter in letters],
        typeset.Sender(program=sender.program, help=sender.help, year=year, demo=sender.demo),
        made_at=made_at,
        told=told,
    )
    sha256 = files.keep(folder, run_id, content)
    runs.finish(session, run_id, codes=[code_id for code_id, _ in letters], sha256=sha256)
