"""From reports' names and parameters to files: taken from the cache, or made, one or many at once.

How one report is made is in `making`; where, in `pools` (this machine) and `cluster` (many). Only
here are files written, and only when all formats of a report are there.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from . import manifest
from .apart import produce
from .files import Content, write_together
from .making import (
    DEFAULT_FORMATS,
    DEFAULT_TIMEOUT,
    FORMATS,
    Failure,
    Made,
    Task,
    task,
)
from .places import REPORTS

if TYPE_CHECKING:
    from .cache import Cache
    from .pools import Pool

__all__ = [
    "DEFAULT_FORMATS",
    "DEFAULT_TIMEOUT",
    "FORMATS",
    "FRONT_DOOR",
    "Batch",
    "Failure",
    "Index",
    "Made",
    "RenderError",
    "Result",
    "Task",
    "deliver",
    "produce",
    "render",
    "render_all",
    "task",
]


@dataclass(frozen=True)
class Index:
    """The words of a page that leads to all reports of a batch; a list where it is `listed`."""

    title: str
    lead: str
    listed: bool = False


FRONT_DOOR = Index(
    "Nissan: five reports",
    "What is known, who says so, and how sure one can be. Every number in these reports leads to its source; "
    "plans that were only reported, denied or cancelled are called so.",
)


@dataclass(frozen=True)
class Result:
    """A report on disk: its files by format, the seconds it took, and whether a file had to change."""

    report: str
    files: Mapping[str, Path]
    seconds: float
    changed: bool = True


@dataclass
class Batch:
    """What became of a batch, in the order of its tasks."""

    results: list[Result] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    index: Path | None = None

    @property
    def files(self) -> list[Path]:
        """Every file of its reports, and the page that leads to them."""
        found = [path for result in self.results for path in result.files.values()]
        return found + ([self.index] if self.index else [])


class Watch(Protocol):
    """Who is told how a batch goes on."""

    def begins(self, stems: Sequence[str], /) -> object:
        """These reports were not in the cache, and are being made now."""

    def ended(self, outcome: Result | str, /) -> object:
        """A report ended: its result, or what went wrong."""


class RenderError(RuntimeError):
    """A report could not be made or written; the reports that were there are untouched."""

    exit_code = 1


def render(
    report: str,
    params: Mapping[str, Any],
    out: Path | str,
    formats: Iterable[str] = DEFAULT_FORMATS,
    timeout: float | None = DEFAULT_TIMEOUT,
) -> Result:
    """Make one report and write all of its files to the folder `out`.

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
    pool: Pool,
    watch: Watch | None = None,
    index: Index = FRONT_DOOR,
    cache: Cache | None = None,
    ready: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Batch:
    """Take the reports of `tasks` from `cache`, or have `pool` make them, and write their files to
    the folder `out`.

    When there is something to make, `ready` is entered first: what `pool` needs can then start while
    the data are read. A failure stops no other report. `watch` hears of each report as it ends. The index page is written
    when the batch had more than one report; the front door only when none failed, and with it the
    manifest of hashes, which every later report in that folder keeps true. When interrupted, running reports are dropped, finished ones are on disk and
    in the cache, and the interruption goes on to the caller.

    Raises
    ------
    DataError
        When there is something to make and the data hold faults; then nothing is run.
    RenderError
        When the index page cannot be written; the reports are there.
    """
    folder, order = Path(out), list(tasks)
    ended: dict[str, Result | str] = {}
    cards: dict[str, tuple[bytes, bytes]] = {}

    def end(outcome: Made | Failure) -> None:
        try:
            if isinstance(outcome, Failure):
                raise RenderError(describe(outcome))
            ended[outcome.report] = deliver(outcome, folder)
            cards[outcome.report] = outcome.card, b"" if index.listed else outcome.picture
        except RenderError as error:
            ended[outcome.report] = str(error)
        if watch:
            watch.ended(ended[outcome.report])

    kept = [one for one in order if cache and cache.has(one)]
    with ExitStack() as stack:
        if len(kept) < len(order):
            from .ledger import Ledger

            stack.enter_context(ready())
            Ledger.load()  # faults in the data are told once, before anything is run
        for one in kept:
            if cache and (made := cache.get(one)):
                end(made)
        missing = [one for one in order if one.stem not in ended]
        if missing:
            if watch:
                watch.begins([one.stem for one in missing])
            if len(order) > 1:
                from .document import to_index  # noqa: F401 - while others work; needed at the end
            by_stem = {one.stem: one for one in missing}
            with closing(pool(missing)) as outcomes:
                for outcome in outcomes:
                    if cache and isinstance(outcome, Made):
                        cache.keep(by_stem[outcome.report], outcome)
                    end(outcome)
            if cache:
                cache.prune()
    batch = Batch()
    for one in order:
        became = ended[one.stem]
        if isinstance(became, Result):
            batch.results.append(became)
        else:
            batch.failures.append(became)
    if len(order) > 1 and (not batch.failures or (index.listed and batch.results)):
        new: dict[Path, Content] = {}
        reports, content = batch.files, b""
        if _wants_index(order, index):
            batch.index = folder / "index.html"
            content = _index_page(order, cards, folder, index, cache)
            if not _holds(batch.index, content):
                new[batch.index] = content
        if not index.listed:
            new[folder / manifest.NAME] = partial(_hashes_of, reports, batch.index, content)
        with writing("The page that leads to the reports", folder):
            write_together(new)
    return batch


def _wants_index(tasks: Sequence[Task], index: Index) -> bool:
    """A sweep has a page that lists it; the front door stands for all five reports and no others."""
    return len(tasks) > 1 and (index.listed or set(REPORTS) <= {one.stem for one in tasks})


def _hashes_of(reports: Sequence[Path], page: Path | None, index: bytes, old: bytes) -> bytes:
    """The manifest of a finished batch, from what is on the disk; the index page is just being written."""
    found = {path.name: manifest.digest(path.read_bytes()) for path in reports}
    found |= {page.name: manifest.digest(index)} if page else {}
    return manifest.renewed(old, reports[0].parent, found)


def describe(failure: Failure) -> str:
    """A failure as a message, with the path of the notebook kept for inspection."""
    if not failure.executed:
        return f"{failure.report}: {failure.message}"
    said = f"{failure.report}: {failure.message}\nThe notebook as far as it ran"
    try:
        kept = Path(tempfile.mkdtemp(prefix="nissan-analysis-")) / f"{failure.report}.ipynb"
        kept.write_text(failure.executed, encoding="utf-8")
    except OSError as error:
        return f"{said} could not be kept: {error.strerror or error}."
    return f"{said}: {kept}"


def deliver(made: Made, out: Path) -> Result:
    """Write the files of a report into `out`, those that differ from what is there; on any failure none.

    Raises
    ------
    RenderError
    """
    paths = {name: out / f"{made.report}{FORMATS[name]}" for name in made.files}
    new: dict[Path, Content] = {
        path: made.files[name] for name, path in paths.items() if not _holds(path, made.files[name])
    }
    result = Result(made.report, paths, made.seconds, bool(new))
    if (out / manifest.NAME).exists():
        found = {path.name: manifest.digest(made.files[name]) for name, path in paths.items()}
        new[out / manifest.NAME] = partial(manifest.renewed, folder=out, new=found)
    with writing(f"{made.report}: the report", out):
        write_together(new)
    return result


@contextmanager
def writing(what: str, out: Path) -> Iterator[None]:
    """Whatever cannot be written in the block is told as what and where.

    Raises
    ------
    RenderError
    """
    try:
        yield
    except OSError as error:
        where = f" ({Path(error.filename).name})" if error.filename else ""
        raise RenderError(
            f"{what} could not be written to {out}{where}: {error.strerror or error}. "
            "The files that were there are untouched; choose another folder with --out, or make room."
        ) from None


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def _index_page(
    tasks: list[Task],
    cards: Mapping[str, tuple[bytes, bytes]],
    out: Path,
    index: Index,
    cache: Cache | None,
) -> bytes:
    links = {one.stem: _links(one, out) for one in tasks}

    def make() -> bytes:
        import pickle

        from . import document

        known = [
            replace(
                pickle.loads(cards[one.stem][0]),
                report=one.stem,
                label=one.label,
                links=links[one.stem],
                chart_svg=cards[one.stem][1].decode(),
            )
            for one in tasks
            if one.stem in cards
        ]
        missing = [one.stem for one in tasks if one.stem not in cards]
        page = document.index_html(
            known, index.title, index.lead, listed=index.listed, missing=missing
        )
        return page.encode()

    shown = [
        (one.stem, one.label, links[one.stem], *map(manifest.digest, cards.get(one.stem, ())))
        for one in tasks
    ]
    key = json.dumps([index.title, index.lead, index.listed, shown])
    return cache.page(key, make) if cache else make()


def _links(one: Task, out: Path) -> tuple[tuple[str, str], ...]:
    """Address and words of each file of a report, as seen from the index page."""
    words = {"html": "Read the report", "pdf": "PDF", "facts": "Facts (JSON)"}
    found = [(f"{one.stem}{FORMATS[f]}", word) for f, word in words.items() if f in one.formats]
    if "notebook" in one.formats:
        found.append((f"{one.stem}{FORMATS['notebook']}", "Notebook"))
    elif (out.parent / "notebooks" / f"{one.stem}.ipynb").is_file():
        found.append((f"../notebooks/{one.stem}.ipynb", "Notebook"))
    return tuple(found)
