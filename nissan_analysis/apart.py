"""A report in a process of its own, which ends with it: forked from one that has imported all, or,
where nothing can be forked, started as ``python -m nissan_analysis.apart``.

Whatever a notebook does to its process (memory, threads, a crash, a cell without an end) is then
done to nothing else. The process is asked with JSON and answers with pickles on its standard output: each cell that begins, and at the end what became of the report.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Protocol

from . import kernels
from .executing import ROOM, environment
from .making import Failure, Made, Task, make

GRACE = 5.0  # seconds that an interrupted cell has to end, so that its notebook can be kept
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


class Process(Protocol):
    def send_signal(self, number: int, /) -> None: ...

    def kill(self) -> None: ...

    def wait(self) -> int | None: ...


class Live:
    """The processes that are making reports, so that all of them can be ended at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: set[Process] = set()
        self._over = False

    @contextmanager
    def holding(self, process: Process) -> Iterator[None]:
        with self._lock:
            self._found.add(process)
            over = self._over
        try:
            if over:
                process.kill()
            yield
        finally:
            with self._lock:
                self._found.discard(process)

    def end(self) -> None:
        """Kill those that live, and every one that is still to come."""
        with self._lock:
            self._over = True
            found = list(self._found)
        for process in found:
            process.kill()


def produce(task: Task, live: Live | None = None) -> Made | Failure:
    """Execute the notebook of `task` and write its report; never raises an error.

    `live` holds its process as long as there is one.
    """
    try:
        with tempfile.TemporaryDirectory(
            prefix="nissan-analysis-", ignore_cleanup_errors=True
        ) as folder:
            cwd = Path(folder) / "empty"
            cwd.mkdir()
            # What it leaves behind when it is killed is removed with the folder.
            env = environment(folder) | {"TMPDIR": folder}
            process, answers = _started(task, env, cwd)
            try:
                with (live or Live()).holding(process), answers:
                    return _Watch(task, process).follow(answers)
            finally:
                process.kill()
                process.wait()
    except OSError as error:
        return Failure(task.stem, f"{error.strerror or error}: it could not be begun.")


class _Watch:
    """Follows one report, and ends it where a cell takes too long."""

    def __init__(self, task: Task, process: Process) -> None:
        self.task, self.process = task, process
        self.cell = ""
        self.late = ""  # the cell that took too long

    def follow(self, answers: IO[bytes]) -> Made | Failure:
        outcome: Any = None
        while outcome is None:
            timer = threading.Timer(self.task.timeout or 0, self._interrupt)
            timer.daemon = True
            if self.cell and self.task.timeout:
                timer.start()
            try:
                told = pickle.load(answers)
            except Exception:  # it ended, or a cell wrote among its answers
                return self._ended("")
            finally:
                timer.cancel()
            self.cell, outcome = told if isinstance(told, tuple) else ("", told)
        if self.late:
            return self._ended(outcome.executed if isinstance(outcome, Failure) else "")
        return outcome  # type: ignore[no-any-return]

    def _interrupt(self) -> None:
        self.late = self.cell
        with contextlib.suppress(OSError, ValueError):
            self.process.send_signal(signal.SIGINT)
        end = threading.Timer(GRACE, self.process.kill)
        end.daemon = True
        end.start()

    def _ended(self, executed: str) -> Failure:
        name = f"{self.task.report}.ipynb"
        if self.late:
            said = (
                f"{name}: {self.late} took longer than it may. Allow more seconds with --timeout."
            )
        elif self.cell:
            said = (
                f"{name}: its process died in {self.cell}; most often it ran out of memory. {ROOM}"
            )
        else:
            said = "Its process was killed; most often memory ran out. Render with --jobs 1."
        return Failure(self.task.stem, said, executed)


def _started(task: Task, env: Mapping[str, str], cwd: Path) -> tuple[Process, IO[bytes]]:
    """A process at work on `task`, and its answers."""
    asked = asdict(task)
    ours, theirs = os.pipe()
    try:
        quiet = os.open(os.devnull, os.O_WRONLY) if not _loud() else os.dup(2)
        try:
            fork = kernels.fork({"task": asked}, env, str(cwd), [theirs, quiet])
        finally:
            os.close(quiet)
    finally:
        os.close(theirs)
    if fork is not None:
        return fork, os.fdopen(ours, "rb")
    os.close(ours)
    process = Fresh(
        [sys.executable, "-P", "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if _loud() else subprocess.DEVNULL,
        env=dict(env),
        cwd=cwd,
        start_new_session=True,
    )
    assert process.stdin and process.stdout
    with contextlib.suppress(BrokenPipeError), process.stdin:  # it has ended: its answers tell so
        process.stdin.write(json.dumps(asked).encode())
    return process, process.stdout


class Fresh(subprocess.Popen[bytes]):
    """A process that was not forked; what it started is ended with it."""

    def kill(self) -> None:
        if self.returncode is None:  # not waited for yet: the number is still its own
            with contextlib.suppress(OSError):
                os.killpg(self.pid, _KILL) if hasattr(os, "killpg") else super().kill()


def _loud() -> bool:
    return bool(os.environ.get("NISSAN_ANALYSIS_TRACEBACK"))


def be(asked: Mapping[str, Any], parent: int) -> None:
    """Be the process that `parent` was asked for: make the report, tell it, end."""
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    answers = os.fdopen(os.dup(1), "wb")
    if hasattr(os, "register_at_fork"):  # what its cells fork must not keep who listens waiting
        os.register_at_fork(after_in_child=answers.raw.close)
    sys.argv[1:] = []
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)  # what is written past Python's own streams is no answer

    def tell(what: object) -> None:
        pickle.dump(what, answers)
        answers.flush()

    def begins(number: int, source: str) -> None:
        first = source.strip().partition("\n")[0]
        tell((f"cell {number} ({first})" if source else "", None))

    task = Task(**{**asked, "formats": tuple(asked["formats"])})
    try:
        tell(make(task, begins))
    except MemoryError:
        tell(Failure(task.stem, f"Memory ran out while it was made. {ROOM}"))
    finally:
        os._exit(0)  # nothing is left to put in order; a thread of a cell would keep it waiting


def _end_with(parent: int) -> None:
    """When the process is gone that this one was started or forked from, so is this."""
    while os.getppid() == parent:
        time.sleep(1)
    if hasattr(os, "killpg"):
        os.killpg(0, _KILL)
    os._exit(1)


if __name__ == "__main__":
    be(json.load(sys.stdin), os.getppid())
