"""Series of figures: their points, the breaks between them, and which of several figures is best."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .derive import ONE_DAY
from .periods import Period, label_period, parse_period
from .quantity import Quantity, facts_behind
from .rows import BasisRow, FactRow, SourceRow

#: Statuses of figures that claim to describe what happened.
ACTUAL = ("official", "reported", "estimate")
RANKS = {"preferred": 0, "normal": 1, "deprecated": 2}
_QUALITY = {"green": 0, "amber": 1, "red": 2}
_STATUS = {s: i for i, s in enumerate((*ACTUAL, "target", "denied", "cancelled"))}


@dataclass(frozen=True)
class Point:
    """One period of a series. `stated` is False for a derived figure."""

    period: Period
    quantity: Quantity
    basis: str
    stated: bool

    @property
    def label(self) -> str:
        return label_period(*self.period)


@dataclass(frozen=True)
class Break:
    """A change of definition: figures before and from `date` must not be compared."""

    date: dt.date
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class Series:
    """Figures of one metric and entity by period, in order; gaps are missing periods."""

    points: tuple[Point, ...]
    breaks: tuple[Break, ...]

    def __len__(self) -> int:
        return len(self.points)

    def __iter__(self) -> Any:
        return iter(self.points)

    def at(self, period: str | Period) -> Point | None:
        """The point of a period, or None."""
        wanted = parse_period(period)
        return next((p for p in self.points if p.period == wanted), None)

    def comparable(self, earlier: Period, later: Period) -> bool:
        """Whether no break in definition lies in or between two periods."""
        return not any(earlier[0] < b.date <= later[1] for b in self.breaks)

    @property
    def facts(self) -> tuple[str, ...]:
        return facts_behind(p.quantity for p in self.points)


def breaks_between(points: Sequence[Point], bases: Mapping[str, BasisRow]) -> Iterable[Break]:
    """Where the definition of a series changes."""
    for before, after in pairwise(points):
        if before.basis == after.basis:
            continue
        new = bases.get(after.basis)
        # A straddling period breaks where the definition that follows it begins.
        begins = new.valid_from if new and new.valid_from else after.period[0]
        # A restated one breaks where its first figure begins, though it came into force later.
        date = max(min(begins, after.period[0]), before.period[0] + ONE_DAY)
        yield Break(date, before.basis, after.basis, new.definition if new else "")


def best_first(fact: FactRow) -> tuple[Any, ...]:
    """Sorts the figure to be believed before its rivals."""
    return (*_worth(fact), fact.fact)


def _worth(fact: FactRow) -> tuple[Any, ...]:
    # An exact figure retold by the press says more than the company's own rounded one.
    return (
        RANKS[fact.rank],
        max(_STATUS[fact.status], _STATUS["reported"]),
        fact.qualifier != "exact",
        -fact.decimals,
        _STATUS[fact.status],
        fact.locator == "comparison figure",
    )


def ranked(rows: Iterable[FactRow], sources: Mapping[str, SourceRow]) -> list[FactRow]:
    """Rows by what is to be believed first; of those that say the same, the better source first,
    then the earlier one. Rivals with nothing between them stay in the order of their names."""

    def said(row: FactRow) -> tuple[Any, ...]:
        return row.period_start, row.period_end, row.value, _worth(row)

    def order(row: FactRow) -> tuple[Any, ...]:
        source = sources[row.source]
        better = _QUALITY[source.quality], source.published
        return (*_worth(row), first[said(row)], *better, row.fact)

    found = sorted(rows, key=best_first)
    first = {said(row): row.fact for row in reversed(found)}  # of those that say the same
    return sorted(found, key=order)


def instants(rows: Sequence[FactRow], first: dt.date, last: dt.date) -> list[Period]:
    """The periods of the rows that lie between two days."""
    spans = {r.period for r in rows}
    return sorted(s for s in spans if first <= s[0] and s[1] <= last)


def basis_at(bases: Mapping[str, BasisRow], rows: Sequence[FactRow], period: Period) -> str:
    """The basis in force over a whole period, or the straddling one."""
    chains = {bases[r.basis].chain for r in rows if r.basis} - {""}
    mixed = ""
    for basis in bases.values():
        if basis.chain not in chains:
            continue
        start = basis.valid_from or dt.date.min
        end = basis.valid_to or dt.date.max
        if basis.valid_from is None and basis.valid_to is None:
            mixed = basis.basis
        elif start <= period[0] and period[1] <= end:
            return basis.basis
    return mixed


def day_of(value: dt.date | str | None) -> dt.date | None:
    """A day given as a date, ISO text, or the first day of a period; None stays None."""
    if value is None or isinstance(value, dt.date):
        return value
    return parse_period(value)[0] if len(value) < 10 else dt.date.fromisoformat(value)
