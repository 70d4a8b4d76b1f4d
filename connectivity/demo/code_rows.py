"""Writes the demo's membership codes, the batches they came in, and their moves."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from connectivity.bulk import day_texts, noon_texts, table_of, write
from connectivity.demo.households import Program
from connectivity.demo.program import T_MOBILE
from connectivity.register import BatchSource, CodeBatch, CodeEvent, MembershipCode
from connectivity.rules.service_states import VOID_CODE, CodeState

Days = NDArray[np.datetime64]


def write_batches(session: Session, program: Program) -> int:
    """One batch a provider and year. Returns the rows written."""
    codes = program.service.codes
    sizes = Counter(zip(codes.provider.tolist(), codes.year.tolist(), strict=True))
    batches = sorted(sizes)
    began = np.array([np.datetime64(program.years[year].starts_on) for _, year in batches])
    return write(
        session,
        table_of(CodeBatch),
        {
            "id": range(1, len(batches) + 1),
            "provider_id": [provider for provider, _ in batches],
            "program_year_id": [year + 1 for _, year in batches],
            "source": [BatchSource.GENERATED.value] * len(batches),
            "file_name": [""] * len(batches),
            "imported": [sizes[one] for one in batches],
            "received_on": day_texts(began),
            "expires_on": [_last_day(program, provider, year) for provider, year in batches],
            "created_at": noon_texts(session, began),
        },
    )


def _last_day(program: Program, provider: int, year: int) -> str | None:
    """Codes of the year that runs can be used until its end; those for hotspots for twenty more days, so that some are about to expire."""
    codes = program.service.codes
    if not program.years[year].current:
        return None
    issued = codes.issued_on[(codes.provider == provider) & (codes.year == year)]
    issued = issued[~np.isnat(issued)]
    soon = provider == T_MOBILE and len(issued) > 0
    return str(issued.max() + np.timedelta64(20, "D")) if soon else program.years[year].ends_on.isoformat()


def write_codes(session: Session, program: Program) -> int:
    """Membership codes, given and free. Returns the rows written."""
    codes = program.service.codes
    both = list(zip(codes.provider.tolist(), codes.year.tolist(), strict=True))
    batch = {one: number for number, one in enumerate(sorted(set(both)), start=1)}
    began = np.array([np.datetime64(year.starts_on) for year in program.years])[codes.year]
    return write(
        session,
        table_of(MembershipCode),
        {
            "id": range(1, len(codes.code) + 1),
            "code": codes.code,
            "provider_id": codes.provider.tolist(),
            "program_year_id": (codes.year + 1).tolist(),
            "batch_id": [batch[one] for one in both],
            "state": codes.state,
            "household_id": [one + 1 if one >= 0 else None for one in codes.household.tolist()],
            "issued_on": day_texts(codes.issued_on),
            "created_at": noon_texts(session, began),
        },
    )


def write_code_events(session: Session, program: Program) -> int:
    """Every move of every code: into the books, issued, redeemed, ended. Returns the rows written."""
    codes = program.service.codes
    state = np.array(codes.state, dtype=object)
    void = np.isin(state, [one.value for one in VOID_CODE])
    began = np.array([np.datetime64(year.starts_on) for year in program.years])[codes.year]
    redeemed = np.where(np.isnat(codes.redeemed_on), CodeState.ISSUED.value, CodeState.REDEEMED.value)
    moves: list[tuple[NDArray[np.bool_], object, object, Days]] = [
        (np.ones(len(state), dtype=bool), None, CodeState.FREE.value, began),
        (codes.household >= 0, CodeState.FREE.value, CodeState.ISSUED.value, codes.issued_on),
        (~np.isnat(codes.redeemed_on), CodeState.ISSUED.value, CodeState.REDEEMED.value, codes.redeemed_on),
        (void, redeemed, state, codes.ended_on),
    ]
    total = 0
    for which, before, after, on in moves:
        at = np.flatnonzero(which)
        household = codes.household[at]
        first = before is None
        total += write(
            session,
            table_of(CodeEvent),
            {
                "id": range(total + 1, total + len(at) + 1),
                "code_id": (at + 1).tolist(),
                "before": _spread(before, at),
                "state": _spread(after, at),
                "happened_on": day_texts(on[at]),
                "household_id": [None if first or one < 0 else one + 1 for one in household.tolist()],
                "note": [""] * len(at),
                "recorded_at": noon_texts(session, on[at]),
            },
        )
    return total


def _spread(words: object, at: NDArray[np.int64]) -> list[object]:
    return words[at].tolist() if isinstance(words, np.ndarray) else [words] * len(at)
