"""One report as a function of plain values: a `Task` in; a `Made` or a `Failure` out.

No report is written to a file here, so that any process of any machine can do it; the caller gets bytes.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from . import parameters as parameters_
from . import places

#: What a report can be written as, and how the file's name ends.
FORMATS: dict[str, str] = {
    "html": ".html",
    "pdf": ".pdf",
    "facts": ".facts.json",
    "notebook": ".ipynb",
}
DEFAULT_FORMATS: tuple[str, ...] = ("html", "pdf", "facts")
DEFAULT_TIMEOUT = 600.0


@dataclass(frozen=True)
class Task:
    """One report to make. `parameters` are all of its parameters, in JSON types; `name` is what
    its files are called, the report's name unless given; `label` tells it from others of a sweep."""

    report: str
    parameters: Mapping[str, Any]
    formats: tuple[str, ...] = DEFAULT_FORMATS
    timeout: float | None = DEFAULT_TIMEOUT
    name: str = ""
    label: str = ""

    @property
    def stem(self) -> str:
        return self.name or self.report


@dataclass(frozen=True)
class Made:
    """A report as bytes: `files` by format, `card` for the index page (pickled) and its `picture`;
    `report` names its files. `reads` is what it read of the data: their version, notes, and the digest of the rows;
    None where the notebook does not say."""

    report: str
    files: Mapping[str, bytes]
    card: bytes = b""
    picture: bytes = b""
    seconds: float = 0.0
    reads: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Failure:
    """A report that could not be made, and why; `executed` is its notebook as far as it ran."""

    report: str
    message: str
    executed: str = ""


def task(
    report: str,
    raw: Mapping[str, Any],
    formats: Iterable[str] = DEFAULT_FORMATS,
    timeout: float | None = DEFAULT_TIMEOUT,
    name: str = "",
    label: str = "",
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
    return Task(report, values, chosen, timeout, name, label)


def make(task: Task, begins: Callable[[int, str], object]) -> Made | Failure:
    """Execute the notebook of `task` and write its report, in memory; never raises an error.

    For a process that makes one report only, in an empty folder (see `apart`); `begins` hears of
    each cell before it runs (its number in the file, its source), and of their end (0, nothing).
    """
    from . import document
    from .canonical import as_text, tidy
    from .executing import ROOM, NotebookError, execute

    start = time.monotonic()
    nb: Any = None
    try:
        nb = execute(places.notebook(task.report), task.parameters, begins)
        begins(0, "")
        doc = document.read_document(nb)
        writers: dict[str, Callable[[], bytes]] = {
            "html": lambda: document.html(doc).encode(),
            "pdf": lambda: document.pdf(doc),
            "facts": lambda: document.facts_json(doc).encode(),
            "notebook": lambda: as_text(tidy(nb)).encode(),
        }
        files = {name: writers[name]() for name in task.formats}
        card = document.card(doc)
        plain, picture = pickle.dumps(replace(card, chart_svg="")), card.chart_svg.encode()
        seconds = time.monotonic() - start
        return Made(task.stem, files, plain, picture, seconds, _reads(nb))
    except NotebookError as error:
        return Failure(task.stem, str(error), error.executed)
    except MemoryError:
        return Failure(task.stem, f"Memory ran out while it was made. {ROOM}")
    except Exception as error:  # the others of the batch go on, whatever it was
        executed = ""
        with suppress(Exception):  # what cannot be written down is not kept
            executed = as_text(tidy(nb)) if nb is not None else ""
        return Failure(task.stem, f"{type(error).__name__}: {error}", executed)


def _reads(nb: Any) -> dict[str, Any] | None:
    """What the executed notebook says it read of the data."""
    for cell in reversed(nb.cells):
        for output in cell.get("outputs", []):
            for meta in output.get("metadata", {}).values():
                told = meta.get("nissan", {}) if isinstance(meta, dict) else {}
                if "data_version" in told:
                    foot = told["foot"]
                    return {
                        "data": told["data_version"],
                        "notes": foot["reads"],
                        "digest": foot["data"],
                    }
    return None
