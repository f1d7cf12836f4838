"""Many reports at once, in processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from typing import Any

from .executing import ROOM
from .kernels import warm
from .making import Failure, Made, Task, produce

Outcomes = Generator[Made | Failure, None, None]
#: What makes reports: processes of this machine, or a cluster.
Pool = Callable[[list[Task]], Outcomes]


def default_jobs() -> int:
    """As many as this process may use cores."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def local(jobs: int | None = None) -> Pool:
    """A pool of processes of this machine, one a core unless told."""
    return partial(processes, jobs=jobs or default_jobs())


def processes(tasks: list[Task], jobs: int) -> Outcomes:
    """The outcome of each task as it ends. Those at work when a process was killed are tried once
    more, each alone, since a dead process takes its neighbours with it; the others go on together."""
    with warm():
        yield from _rounds(tasks, jobs)


def _rounds(tasks: list[Task], jobs: int) -> Outcomes:
    waiting = list(tasks)
    while waiting:
        broken = yield from _together(waiting, jobs)
        suspects, waiting = broken[: jobs + 1], broken[jobs + 1 :]
        for one in suspects:
            if len(tasks) > 1:
                yield from _rounds([one], 1)
            else:
                why = "Its process was killed; most often memory ran out. Render with --jobs 1."
                yield Failure(one.stem, why)


def as_they_end(
    futures: dict[Future[Any], Task],
) -> Generator[tuple[Task, Future[Any]], None, None]:
    """Each task with its future as that ends; nothing holds on to an answer once it is given."""
    while futures:
        for future in wait(futures, return_when=FIRST_COMPLETED).done:
            yield futures.pop(future), future


def _together(tasks: list[Task], jobs: int) -> Generator[Made | Failure, None, list[Task]]:
    """Outcomes, and at the end the tasks that have none since a process died, in their order."""
    broken: list[Task] = []
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(jobs, len(tasks)), context, _start_worker)
    try:
        with _held_back():
            futures = {pool.submit(_work, one): one for one in tasks}
        for one, future in as_they_end(futures):
            try:
                yield future.result()
            except BrokenProcessPool:
                broken.append(one)
            except MemoryError:  # of a worker that had none left to send its answer
                yield Failure(one.stem, f"Memory ran out while it was written. {ROOM}")
    finally:
        # All answers are here, or none is wanted any more: a worker has nothing to put in order.
        workers = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        _end(workers)
    return [one for one in tasks if one in broken]


_ENDS = (signal.SIGINT, signal.SIGTERM)
_can_wait = hasattr(signal, "pthread_sigmask")


@contextmanager
def _held_back() -> Iterator[None]:
    """A worker that is interrupted while Python starts in it would print where; so that waits until
    `_start_worker`, here until the end of the block."""
    if not _can_wait:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_state = "idle"  # of a worker: idle, working, ending


def _start_worker() -> None:
    """A worker says what went wrong in its answer; what kernels print when they are ended is noise."""
    if not os.environ.get("NISSAN_ANALYSIS_TRACEBACK"):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    for number in _ENDS:
        signal.signal(number, _stop_worker)
    if _can_wait:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)


def _stop_worker(number: int, frame: object) -> None:
    """End quietly; a running notebook is interrupted first, so that it ends its kernel."""
    global _state
    before, _state = _state, "ending"
    if before == "working":
        raise KeyboardInterrupt
    if before == "idle":
        os._exit(130)


def _work(task: Task) -> Made | Failure:
    global _state
    _state = "working"
    try:
        outcome = produce(task)
    except KeyboardInterrupt:
        os._exit(130)
    _state = "idle"
    return outcome


def _end(processes: Iterable[Any]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(5)
        if process.is_alive():
            process.kill()
