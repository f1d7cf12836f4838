"""Editions of a report: made at two dates, or read from files; and a series of them by date."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import pools, running
from .cache import Cache
from .comparing import CompareError, Comparison, compare
from .parameters import ParameterError, report_named
from .periods import month_end

FACTS = ".facts.json"


def is_date(text: str) -> bool:
    """Whether `text` names a day: ISO, or ``latest``."""
    try:
        return text == "latest" or bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def compared(
    then: str, now: str, reports: Sequence[str], jobs: int | None = None
) -> list[Comparison]:
    """Compare two dates (which renders `reports` at both), two facts.json, or what two report
    folders both hold (`lone` says what only one of them does).

    Raises
    ------
    CompareError, ParameterError
        When the two are not of one kind, cannot be read, or are no editions of one report.
    """
    if is_date(then) and is_date(now):
        names = [report_named(name) for name in reports]
        made = at_dates(names, [then, now], jobs)
        return [compare(made[name, then], made[name, now]) for name in names]
    if is_date(then) or is_date(now):
        raise CompareError(
            f"{then} and {now} are not of one kind: give two dates, two files or two folders."
        )
    a, b = Path(then), Path(now)
    if a.is_dir() and b.is_dir():
        names = sorted(_held(a) & _held(b))
        if not names:
            raise CompareError(
                f"{a} ({_some(_held(a))}) and {b} ({_some(_held(b))}) hold no report of the same name. "
                "Give two folders that share a report, or two facts.json."
            )
        return [compare(*(_read(d / f"{name}{FACTS}") for d in (a, b))) for name in names]
    return [compare(_read(a), _read(b))]


def lone(then: str, now: str) -> tuple[list[str], list[str]]:
    """Reports that only the one and that only the other of two folders holds; none but for folders."""
    if is_date(then) or is_date(now) or not (Path(then).is_dir() and Path(now).is_dir()):
        return [], []
    a, b = _held(Path(then)), _held(Path(now))
    return sorted(a - b), sorted(b - a)


def _some(names: set[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(sorted(names)[:3]) + more or "no facts.json"


def _held(folder: Path) -> set[str]:
    """The reports of a folder, by the names of their facts."""
    return {path.name.removesuffix(FACTS) for path in folder.glob(f"*{FACTS}")}


def _read(path: Path) -> Any:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CompareError(
            f"{path} is neither a date such as 2024-03-31 nor a facts.json that can be read: {error}"
        ) from None
    if not isinstance(found, dict) or "report" not in found:
        raise CompareError(f"{path} is no facts.json of a report.")
    return found


def at_dates(
    reports: Sequence[str], days: Sequence[str], jobs: int | None = None
) -> dict[tuple[str, str], Any]:
    """The facts of reports as of some days, made in one batch.

    Raises
    ------
    RenderError
        When one of them cannot be made.
    """
    wanted = [(name, day) for name in reports for day in dict.fromkeys(days)]
    made = [_edition(name, day) for name, day in wanted]
    with tempfile.TemporaryDirectory(prefix="nissan-analysis-") as folder:
        batch = running.render_all(made, folder, pools.local(jobs), cache=Cache())
        if batch.failures:
            raise running.RenderError("\n".join(batch.failures))
        return dict(zip(wanted, read_series(Path(folder), made), strict=True))


def _edition(name: str, day: str, formats: Sequence[str] = ()) -> running.Task:
    """One edition, named after its date; its facts are made whatever else is."""
    chosen = tuple(dict.fromkeys([*formats, "facts"]))
    return running.task(name, {"as_of": day}, chosen, name=f"{name}-{day}")


# -- a series -----------------------------------------------------------------------------------


def days_of(since: str, until: str, every: str) -> list[dt.date]:
    """The last days of the months or quarters from `since` to `until` (months as 2023-12).

    Raises
    ------
    ParameterError
    """
    steps = {"month": 1, "quarter": 3, "year": 12}
    faults = []
    months: list[int] = []
    for name, text in (("since", since), ("until", until)):
        try:
            first = dt.date.fromisoformat(f"{text}-01" if len(text) == 7 else text)
            months.append(first.year * 12 + first.month - 1)
        except ValueError:
            faults.append(f"{name}: got {text!r}; expected a month such as 2023-12.")
    if every not in steps:
        faults.append(f"every: got {every!r}; expected one of {', '.join(steps)}.")
    if not faults and months[0] > months[1]:
        faults.append(f"since: {since} is after {until}.")
    if faults:
        raise ParameterError("vintages", faults)
    return [month_end(m // 12, m % 12 + 1) for m in range(months[0], months[1] + 1, steps[every])]


def tasks(report: str, days: Sequence[dt.date], formats: Sequence[str]) -> list[running.Task]:
    """One task for every edition, named after its date."""
    name = report_named(report)
    return [_edition(name, str(day), formats) for day in days]


def read_series(folder: Path, made: Sequence[running.Task]) -> list[Any]:
    """The editions of a finished batch, in order of date."""
    return [_read(folder / f"{task.stem}.facts.json") for task in made]
