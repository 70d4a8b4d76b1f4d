"""Pure work on many pieces in a second process, a few pieces ahead, while this one reads the next and writes the last."""

import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, TypeVar

AHEAD = 3  # pieces that wait in memory while one is worked on
Kept = TypeVar("Kept")
Made = TypeVar("Made")


def two_cores() -> bool:
    """Whether a second process would have a core of its own."""
    return (os.cpu_count() or 1) > 1


def each(
    work: Callable[..., Made],
    pieces: Iterable[tuple[Kept, tuple[Any, ...]]],
    *,
    prepare: Callable[..., None] | None = None,
    given: tuple[Any, ...] = (),
) -> Iterator[tuple[Kept, Made]]:
    """For each piece (what goes along with it, the arguments of `work`) what `work` makes of it, in their order.

    `prepare(*given)` is called once in the second process. Both functions are of a module; arguments and results are plain data.
    """
    waiting: deque[tuple[Kept, Future[Made]]] = deque()
    # "spawn": a fork would copy the threads' locks and the database's open files.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        try:
            # As a piece of work, the first: what an initializer is given is written before this process may go on.
            pool.submit(_begin, prepare, given)
            for kept, arguments in pieces:
                waiting.append((kept, pool.submit(work, *arguments)))
                if len(waiting) > AHEAD:
                    yield _next(waiting)
            while waiting:
                yield _next(waiting)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _next(waiting: "deque[tuple[Kept, Future[Made]]]") -> tuple[Kept, Made]:
    kept, future = waiting.popleft()
    return kept, future.result()


def _begin(prepare: Callable[..., None] | None, given: tuple[Any, ...]) -> None:
    gc.disable()  # as in steps: columns of texts hold no cycles
    if prepare is not None:
        prepare(*given)
