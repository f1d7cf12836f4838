"""From a report's name and parameters to its files, one report or many at once.

`produce` is the whole work on one report as a function of plain values (a `Task` in; bytes, or
a `Failure`, out), so that a pool of processes, or of machines, can do it anywhere. Only the
caller writes files, and only when all formats of a report are there.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from . import parameters as parameters_
from . import places
from .files import write_together

#: What a report can be written as, and how the file's name ends.
FORMATS: dict[str, str] = {
    "html": ".html",
    "pdf": ".pdf",
    "facts": ".facts.json",
    "notebook": ".ipynb",
}
DEFAULT_FORMATS: tuple[str, ...] = ("html", "pdf", "facts")
DEFAULT_TIMEOUT = 600.0
#: The title of the index page of the reports, and what stands under it.
FRONT_DOOR = (
    "Nissan: five reports",
    (
        "What is known, who says so, and how sure one can be. Every number in these reports leads to its source; "
        "plans that were only reported, denied or cancelled are called so."
    ),
)


@dataclass(frozen=True)
class Task:
    """One report to make. `parameters` are all of its parameters, in JSON types; `name` is what
    its files are called, the report's name unless given."""

    report: str
    parameters: Mapping[str, Any]
    formats: tuple[str, ...] = DEFAULT_FORMATS
    timeout: float | None = DEFAULT_TIMEOUT
    name: str = ""

    @property
    def stem(self) -> str:
        return self.name or self.report


@dataclass(frozen=True)
class Made:
    """A report as bytes: `files` by format, `card` for the index page; `report` names its files."""

    report: str
    files: Mapping[str, bytes]
    card: Any = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Failure:
    """A report that could not be made, and why; `executed` is its notebook as far as it ran."""

    report: str
    message: str
    executed: str = ""


@dataclass(frozen=True)
class Result:
    """A report on disk: its files by format, and the seconds it took."""

    report: str
    files: Mapping[str, Path]
    seconds: float


@dataclass
class Batch:
    """What became of a batch."""

    results: list[Result] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    index: Path | None = None


class RenderError(RuntimeError):
    """A report could not be made or written; the reports that were there are untouched."""

    exit_code = 1


def task(
    report: str,
    raw: Mapping[str, Any],
    formats: Iterable[str] = DEFAULT_FORMATS,
    timeout: float | None = DEFAULT_TIMEOUT,
    name: str = "",
) -> Task:
    """A checked task: parameters validated, formats known, the notebook there.

    Raises
    ------
    ParameterError, PlaceError
    """
    report = parameters_.report_named(report)
    chosen = tuple(dict.fromkeys(formats))
    wrong = [name for name in chosen if name not in FORMATS]
    if wrong or not chosen:
        fault = f"formats: got '{','.join(chosen)}'; expected any of {', '.join(FORMATS)}, with commas between."
        raise parameters_.ParameterError(report, [fault])
    values = parameters_.as_json(parameters_.validate(report, raw))
    places.notebook(report)
    return Task(report, values, chosen, timeout, name)


def produce(task: Task) -> Made | Failure:
    """Execute the notebook of `task` and write its report, in memory; never raises an error."""
    from . import document
    from .canonical import as_text, tidy
    from .executing import NotebookError, execute

    start = time.monotonic()
    executed = ""
    try:
        nb = execute(places.notebook(task.report), task.parameters, task.timeout)
        executed = as_text(tidy(nb))
        doc = document.read_document(nb)
        writers: dict[str, Callable[[], bytes]] = {
            "html": lambda: document.html(doc).encode(),
            "pdf": lambda: document.pdf(doc),
            "facts": lambda: document.facts_json(doc).encode(),
            "notebook": lambda: executed.encode(),
        }
        files = {name: writers[name]() for name in task.formats}
        card = replace(document.card(doc), report=task.stem)
        return Made(task.stem, files, card, time.monotonic() - start)
    except NotebookError as error:
        return Failure(task.stem, str(error), error.executed)
    except Exception as error:  # the others of the batch go on, whatever it was
        return Failure(task.stem, f"{type(error).__name__}: {error}", executed)


def render(
    report: str,
    params: Mapping[str, Any],
    out: Path | str,
    formats: Iterable[str] = DEFAULT_FORMATS,
    timeout: float | None = DEFAULT_TIMEOUT,
) -> Result:
    """Make one report, in this process, and write all of its files to the folder `out`.

    Raises
    ------
    ParameterError, PlaceError
        Before anything is run.
    RenderError
        When a cell fails or the files cannot be written; what was in `out` stays whole.
    """
    made = produce(task(report, params, formats, timeout))
    if isinstance(made, Failure):
        raise RenderError(describe(made))
    return deliver(made, Path(out))


def render_all(
    tasks: Iterable[Task],
    out: Path | str,
    jobs: int | None = None,
    told: Callable[[Result | str], None] = lambda _: None,
    index: Callable[[list[Any]], str] | None = None,
) -> Batch:
    """Make the reports of `tasks` in `jobs` processes and write their files to the folder `out`.

    A failure stops no other report. `told` hears of each report as it ends: its result, or what
    went wrong. The index page (`index` makes it of the cards; the front door of the reports unless
    given) is written when the batch had more than one report and none failed. When interrupted, running
    reports are dropped, finished ones are on disk, and the interruption goes on to the caller.
    """
    batch, order = Batch(), list(tasks)
    cards: dict[str, Any] = {}
    with closing(_each(order, jobs or default_jobs())) as outcomes:
        for outcome in outcomes:
            try:
                if isinstance(outcome, Failure):
                    raise RenderError(describe(outcome))
                result = deliver(outcome, Path(out))
            except RenderError as error:
                batch.failures.append(str(error))
                told(str(error))
            else:
                cards[outcome.report] = outcome.card
                batch.results.append(result)
                told(result)
    if len(order) > 1 and not batch.failures:
        batch.index = _write_index([cards[task.stem] for task in order], Path(out), index)
    return batch


def default_jobs() -> int:
    """As many as this process may use cores."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe(failure: Failure) -> str:
    """A failure as a message, with the path of the notebook kept for inspection."""
    if not failure.executed:
        return f"{failure.report}: {failure.message}"
    kept = Path(tempfile.mkdtemp(prefix="nissan-analysis-")) / f"{failure.report}.ipynb"
    kept.write_text(failure.executed, encoding="utf-8")
    return f"{failure.report}: {failure.message}\nThe notebook as far as it ran: {kept}"


def deliver(made: Made, out: Path) -> Result:
    """Write all files of a report into `out`, or, on any failure, none of them."""
    paths = {name: out / f"{made.report}{FORMATS[name]}" for name in made.files}
    try:
        write_together({paths[name]: content for name, content in made.files.items()})
    except OSError as error:
        raise RenderError(
            f"The report {made.report} could not be written to {out}: {error.strerror or error}. "
            "The files that were there are untouched; choose another folder with --out, or make room."
        ) from None
    return Result(made.report, paths, made.seconds)


def _write_index(cards: list[Any], out: Path, index: Callable[[list[Any]], str] | None) -> Path:
    from . import document

    path = out / "index.html"
    content = index(cards) if index else document.index_html(cards, *FRONT_DOOR)
    write_together({path: content.encode()})
    return path


def _each(tasks: list[Task], jobs: int) -> Generator[Made | Failure, None, None]:
    """The outcome of each task as it ends. A task whose process was killed is tried once more,
    alone, since a dead worker takes the tasks of its neighbours with it."""
    broken: list[Task] = []
    before = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(jobs, len(tasks)) or 1, context, _start_worker)
    try:
        futures: dict[Future[Made | Failure], Task] = {
            pool.submit(_work, one): one for one in tasks
        }
        for future in as_completed(futures):
            try:
                yield future.result()
            except BrokenProcessPool:
                broken.append(futures[future])
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        _end(set(multiprocessing.active_children()) - before)
        raise
    pool.shutdown()
    for one in broken:
        if len(tasks) > 1:
            yield from _each([one], 1)
        else:
            yield Failure(
                one.stem,
                "Its process was killed; most often memory ran out. Render with --jobs 1.",
            )


_state = "idle"  # of a worker: idle, working, ending


def _start_worker() -> None:
    """A worker says what went wrong in its answer; what kernels print when they are ended is noise."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop_worker)
    if not os.environ.get("NISSAN_ANALYSIS_TRACEBACK"):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


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
