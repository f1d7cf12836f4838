"""Many reports at once, each in a process of its own on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Any

from . import places
from .apart import Live, produce
from .files import undisturbed
from .kernels import expect, warm
from .making import Failure, Made, Task

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
    """The outcome of each task as it ends, `jobs` of them at a time."""
    live = Live()
    with warm(), ThreadPoolExecutor(min(jobs, len(tasks))) as pool:
        try:
            expect(one.report for one in tasks)
            # The longest first: begun last, one would keep a core waiting for it.
            order = sorted(tasks, key=_length, reverse=True)
            futures = {pool.submit(produce, one, live): one for one in order}
            for _, future in as_they_end(futures):
                yield future.result()
        finally:
            with undisturbed():  # a second interruption would leave some at work, and be waited for
                live.end()
                pool.shutdown(wait=False, cancel_futures=True)


def _length(task: Task) -> int:
    """What is known of the length of a task before it runs: that of its notebook."""
    return places.notebook(task.report).stat().st_size


def as_they_end(
    futures: dict[Future[Any], Task],
) -> Generator[tuple[Task, Future[Any]], None, None]:
    """Each task with its future as that ends; nothing holds on to an answer once it is given.

    A signal may be taken by another thread, which does not wake this one: so it looks up now and then.
    """
    while futures:
        for future in wait(futures, 0.5, FIRST_COMPLETED).done:
            yield futures.pop(future), future
            del future
