"""The service benchmarks still run, on a small program; its figures mean nothing here, its own checks (double codes, rows written) do."""

import subprocess
import sys

import pytest

from connectivity.settings import ROOT

# Name -> arguments for a small program, and what a run that did its work says.
SMALL = {
    "check_serviceability": (["--homes", "60"], "0 answers written"),
    "count_measures": (["300"], "all 27 tables"),
    "eligibility_run": (["--households", "60"], "what-if, sealed factors"),
    "issue_codes": (["--households", "60"], "double codes: 0"),
    "match_households": (["--households", "400", "--no-scaling"], "recall"),
    "print_letters": (["--letters", "6"], "ready: 6 letters"),
    "provider_file": (["--rows", "60"], "rows written the second time: 0"),
    "reconcile_bill": (["--lines", "60"], "reconciled 60 lines"),
    "stalled_list": (["300"], "worst p95"),
}


@pytest.mark.parametrize("name", SMALL)
def test_a_benchmark_runs_to_its_end(name: str) -> None:
    given, says = SMALL[name]
    command = [sys.executable, "-m", f"benchmarks.{name}", *given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert says in done.stdout
