"""Many reports of one order: every value of a parameter, or every row of a table.

`swept` and `planned` answer with checked tasks, whose files have names of their own, and with the
words of the page that lists them; or with one error that lists every fault.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

from . import parameters
from .files import write_together
from .making import DEFAULT_FORMATS, DEFAULT_TIMEOUT, Task, task
from .places import PlaceError
from .ranges import values_of
from .running import Index
from .wording import capitalised, long_date

#: An order of these parameters of a report has a page with words of its own.
PAGES: dict[tuple[str, tuple[str, ...]], Index] = {
    ("plant", ("plant",)): Index(
        "Nissan: the plants, one page each",
        "What becomes of every plant, as far as is known: announced, reported, denied, sold, closed or running. "
        "A peer and a project that was cancelled stand here for comparison and are called so.",
        listed=True,
    )
}
PLANNED = Index(
    "Nissan: reports of a plan",
    "Each report has parameters of its own; the line over its title says which.",
    listed=True,
)
_UNFINISHED = ".sweep.json"
Order = tuple[list[Task], Index]


class SweepError(ValueError):
    """An order that cannot be made; `faults` has one sentence for each."""

    exit_code = 2

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = list(dict.fromkeys(faults))
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        lines = "\n".join(f"  - {fault}" for fault in self.faults)
        super().__init__(f"{count} in what was asked for, so nothing was run.\n{lines}")


def swept(
    reports: Sequence[str],
    sweeps: Sequence[str],
    raw: Mapping[str, Any],
    formats: Iterable[str] = DEFAULT_FORMATS,
    timeout: float | None = DEFAULT_TIMEOUT,
) -> Order:
    """One task for each report and each combination of values of `sweeps` (such as ``plant=*``).

    Raises
    ------
    ParameterError
        For a report that does not exist.
    SweepError
        For everything else.
    """
    names = list(dict.fromkeys(parameters.report_named(report) for report in reports))
    faults: list[str] = []
    asked: list[_Asked] = []
    axes: dict[str, list[str]] = {}
    for name in names:
        schema = parameters.MODELS[name].model_json_schema()["properties"]
        axes = {}
        for text in sweeps:
            axis, equals, spec = text.partition("=")
            axis = axis.strip().replace("-", "_")
            try:
                if not equals:
                    raise ValueError("expected a parameter and its values, such as plant=*")
                if axis in axes:
                    raise ValueError(f"{axis} is swept twice; give all of its values at once")
                # validation names the nearest parameter for one that does not exist
                axes[axis] = values_of(schema[axis], spec) if axis in schema else [spec]
            except ValueError as error:
                faults.append(f"--sweep '{text}': {error}.")
        asked += [
            _Asked(name, dict(zip(axes, combination, strict=True)), raw, name)
            for combination in product(*axes.values())
        ]
    if not sweeps:
        faults.append("what to sweep is missing: give --sweep 'plant=*', or a table plan.csv.")
    tasks = _tasks(asked, formats, timeout, faults, several=len(names) > 1)
    if faults:
        raise SweepError(faults)
    page = PAGES.get((names[0], tuple(axes)))
    if page and len(names) == 1:  # the title of each says what it is about
        return [replace(one, label="") for one in tasks], page
    return tasks, _page(names, axes, len(tasks))


def planned(
    path: Path,
    raw: Mapping[str, Any],
    formats: Iterable[str] = DEFAULT_FORMATS,
    timeout: float | None = DEFAULT_TIMEOUT,
) -> Order:
    """One task a row of a CSV table: the column ``report``, then one for each parameter; an empty
    cell is the parameter's default, or what `raw` says.

    Raises
    ------
    SweepError
        Every fault, with its row (the header is row 1) and column.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            lines = list(csv.reader(stream, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise SweepError([f"{path}: cannot be read as a CSV table in UTF-8: {why}."]) from None
    header = [cell.strip().replace("-", "_") for cell in lines[0]] if lines else []
    faults = _faults_of_header(path, header)
    asked: list[_Asked] = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        place = f"{path}, row {number}"
        if len(cells) != len(header):
            faults.append(f"{place}: has {len(cells)} cells, expected {len(header)}.")
            continue
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()}
        report = row.pop("report", "")
        known = {name: value for name, value in row.items() if name in _EVERY}
        try:
            if "report" in header:
                asked.append(_Asked(parameters.report_named(report), known, raw, place))
        except parameters.ParameterError as error:
            faults += [f"{place}, column report: '{report}': {fault}" for fault in error.faults]
    if not asked and not faults:
        faults.append(f"{path}: has no row but the header; expected one a report.")
    several = len({one.report for one in asked}) > 1
    tasks = _tasks(asked, formats, timeout, faults, several=several)
    if faults:
        raise SweepError(
            sorted(faults, key=lambda fault: int(re.findall(r", row (\d+)|$", fault)[0] or 0))
        )
    return tasks, PLANNED


#: The longest name of a report's files, without the ending.
LONGEST = 150
_EVERY = {name for model in parameters.MODELS.values() for name in model.model_fields}


def _faults_of_header(path: Path, header: Sequence[str]) -> list[str]:
    faults = []
    if "report" not in header:
        found = ", ".join(header) or "nothing"
        faults.append(f"{path}, row 1: expected a column 'report' (commas between); got {found}.")
    for name in dict.fromkeys(header):
        if header.count(name) > 1:
            faults.append(
                f"{path}, row 1: the column '{name}' is there {header.count(name)} times."
            )
        if name != "report" and name not in _EVERY:
            near = parameters.nearest(name, _EVERY)
            faults.append(f"{path}, row 1, column {name}: no report has such a parameter.{near}")
    return faults


@dataclass(frozen=True)
class _Asked:
    """One report that was asked for: `own` is what tells it from the others, `place` where it stands."""

    report: str
    own: Mapping[str, str]
    raw: Mapping[str, Any]
    place: str

    def named(self, *, in_full: bool) -> str:
        words = [f"{n}-{v}" if in_full else v for n, v in self.own.items()]
        return "-".join([self.report, *(re.sub(r"[^\w.+-]+", "-", word) for word in words)])


def _tasks(
    asked: Sequence[_Asked],
    formats: Iterable[str],
    timeout: float | None,
    faults: list[str],
    *,
    several: bool,
) -> list[Task]:
    """Checked tasks with names of their own; what is wrong is added to `faults`."""
    short = [one.named(in_full=False).lower() for one in asked]
    count = Counter(short)
    tasks: list[Task] = []
    places: dict[str, str] = {}
    for one, name in zip(asked, short, strict=True):
        words = [_told(name, value) for name, value in one.own.items()]
        words = [one.report.replace("_", " "), *words] if several else words
        label = capitalised(", ".join(words))
        stem = one.named(in_full=count[name] > 1)
        try:
            made = task(one.report, {**one.raw, **one.own}, formats, timeout, stem, label)
        except parameters.ParameterError as error:
            columns = one.place != one.report
            faults += [
                f"{one.place}, column {f}"
                if columns and f.split(":")[0] in one.own
                else f"{one.place}: {f}"
                for f in error.faults
            ]
            continue
        same = json.dumps([made.report, dict(made.parameters)])
        if same in places:
            faults.append(f"{one.place}: asks for the same report as {places[same]} ({label}).")
        places.setdefault(same, one.place)
        tasks.append(made)
    return _apart(tasks)


def _apart(tasks: Sequence[Task]) -> list[Task]:
    """The tasks, each with a name that a file may have and that no other has, in either case."""
    count = Counter(one.name.lower() for one in tasks)
    apart = []
    for one in tasks:
        if len(one.name) > LONGEST or count[one.name.lower()] > 1:
            asked = json.dumps([one.report, dict(one.parameters)], sort_keys=True)
            mark = hashlib.sha256(asked.encode()).hexdigest()[:8]
            one = replace(one, name=f"{one.name[: LONGEST - 9]}-{mark}")
        apart.append(one)
    return apart


def _page(names: Sequence[str], axes: Mapping[str, Sequence[str]], count: int) -> Index:
    about = (parameters.MODELS[names[0]].__doc__ or "").splitlines()[0].rstrip(".")
    title = f"{about if len(names) == 1 else 'Nissan'}: {count} reports"
    parts = []
    for name, values in axes.items():
        what = "days" if name == "as_of" else f"values of {name.replace('_', ' ')}"
        ends = dict.fromkeys((_day(values[0]), _day(values[-1])))
        parts.append(
            f"{len(values)} {what}, {'from ' if len(values) > 1 else ''}{' to '.join(ends)}"
        )
    same = "The same report" if len(names) == 1 else "The same reports"
    return Index(title, f"{same} for {'; for '.join(parts)}.", listed=True)


def _told(name: str, value: str) -> str:
    return f"as known on {_day(value)}" if name == "as_of" else f"{name.replace('_', ' ')} {value}"


def _day(value: str) -> str:
    """A date as the pages print it; any other value as it is."""
    try:
        return long_date(date.fromisoformat(value))
    except ValueError:
        return value


def begin(out: Path, order: Order) -> None:
    """Note in the folder `out` what is being made, until `finish`."""
    tasks, index = order
    told = {"tasks": [vars(one) for one in tasks], "index": vars(index)}
    write_together({out / _UNFINISHED: json.dumps(told, default=dict).encode()})


def finish(out: Path) -> None:
    """Drop the note of `begin`."""
    (out / _UNFINISHED).unlink(missing_ok=True)


def unfinished(out: Path) -> Order:
    """What was begun in the folder `out` and not finished.

    Raises
    ------
    SweepError
        When there is nothing.
    """
    try:
        told = json.loads((out / _UNFINISHED).read_bytes())
        tasks = [
            task(t["report"], t["parameters"], t["formats"], t["timeout"], t["name"], t["label"])
            for t in told["tasks"]
        ]
        return tasks, Index(**told["index"])
    except PlaceError:
        raise
    except FileNotFoundError:
        why = f"--resume: there is no unfinished sweep in {out}; name it with --out."
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = f"--resume: {out / _UNFINISHED} cannot be used ({error}); order the sweep again."
    raise SweepError([why])
