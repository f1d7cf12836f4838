"""Figures that no source printed but that follow from printed ones.

Three ways, tried in this order: a walk over stated periods, a printed growth rate, and an identity
between entities (kei cars are all cars less the registered ones).

A flow over a period is an edge between two dates. Whatever can be reached from the first day
of a period to the day after its last by walking edges forwards (adding) or backwards
(subtracting) is known: December from the year less January-November, a fiscal year from its
parts. Only figures exact to the unit are walked, and the shortest walk is taken.
"""

from __future__ import annotations

import datetime as dt
import heapq
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .formula import Step
from .periods import Period, label_period, shift_years
from .quantity import Origin, Quantity, facts_behind, total

if TYPE_CHECKING:
    from .ledger import Ledger
    from .rows import FactRow

ONE_DAY = dt.timedelta(days=1)
LONGEST = 366 * 2  # days; longer periods are not worth a search


@dataclass(frozen=True)
class Edge:
    """A stated exact flow: `start` inclusive, `stop` exclusive, and the id of its fact."""

    start: dt.date
    stop: dt.date
    fact: str


def walk(edges: Iterable[Edge], period: Period) -> list[tuple[int, str]] | None:
    """The fewest signed facts that add up to `period`; None where they do not reach.

    Ties go to the walk whose facts cover the fewest days, so that a month is taken from its
    own quarter before a year, and then to the alphabetical order of the facts.
    """
    links: dict[dt.date, list[tuple[dt.date, int, str]]] = defaultdict(list)
    for edge in edges:
        links[edge.start].append((edge.stop, 1, edge.fact))
        links[edge.stop].append((edge.start, -1, edge.fact))
    goal = period[1] + ONE_DAY
    queue: list[tuple[int, int, tuple[str, ...], dt.date, tuple[tuple[int, str], ...]]] = [
        (0, 0, (), period[0], ())
    ]
    done: set[dt.date] = set()
    while queue:
        steps, days, names, at, path = heapq.heappop(queue)
        if at == goal:
            return list(path)
        if at in done:
            continue
        done.add(at)
        for there, sign, fact in links[at]:
            if there not in done:
                span = abs((there - at).days)
                heapq.heappush(
                    queue,
                    (steps + 1, days + span, (*names, fact), there, (*path, (sign, fact))),
                )
    return None


def whole_number_within(low: float, high: float) -> int | None:
    """The only whole number in an interval, or None when it holds none or several.

    A prior month follows from a printed month and its printed growth when the growth has
    decimals enough: 8,807 / (1 + 270.04%) can only be 2,380.
    """
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    return first if first == last else None


@dataclass(frozen=True)
class Wanted:
    """A figure to derive: which, over what period, from facts of which bases and statuses."""

    metric: str
    entity: str
    period: Period
    basis: str | None
    status: tuple[str, ...]


def derived(ledger: Ledger, wanted: Wanted) -> Quantity | None:
    """The figure by the first way that gives one, or None."""
    for find in (by_walk, by_growth, by_identity):
        quantity = find(ledger, wanted)
        if quantity is not None:
            return quantity
    return None


def _rows(ledger: Ledger, wanted: Wanted) -> list[FactRow]:
    return ledger.rows(wanted.metric, wanted.entity, wanted.basis, wanted.status)


def _at_home(ledger: Ledger, basis: str, period: Period) -> bool:
    """Whether a definition was in force over a whole period.

    A figure restated on a later definition is not at home in its period: between it and the
    figures of its day lies a break that no sum may bridge.
    """
    row = ledger.bases.get(basis)
    if row is None:
        return True
    begins, ends = row.valid_from or period[0], row.valid_to or period[1]
    return begins <= period[0] and period[1] <= ends


def by_walk(ledger: Ledger, wanted: Wanted) -> Quantity | None:
    """Sums and differences of stated exact periods (see `walk`), each on the definition of its day."""
    if (wanted.period[1] - wanted.period[0]).days > LONGEST:
        return None
    known: dict[Period, tuple[str, Quantity]] = {}
    for row in _rows(ledger, wanted):
        span = row.period
        if wanted.basis is None and not _at_home(ledger, row.basis, span):
            continue
        if row.decimals >= 0 and row.qualifier == "exact" and span[0] < span[1]:
            known.setdefault(ledger.clamp(wanted.entity, span), (row.fact, ledger.believed(row)))
    growth = f"{wanted.metric}_yoy"
    if growth in ledger.metrics:
        for row in ledger.rows(growth, wanted.entity, wanted.basis, wanted.status):
            span = shift_years(row.period, -1)
            if span not in known and span[0] < span[1]:
                prior = by_growth(ledger, replace(wanted, period=span))
                if prior is not None:
                    known[span] = (f"growth of {row.fact}", prior)
    edges = [Edge(start, end + ONE_DAY, name) for (start, end), (name, _) in known.items()]
    path = walk(edges, wanted.period)
    if not path:
        return None
    named = {name: (quantity, span) for span, (name, quantity) in known.items()}
    result = total(named[n][0] if sign > 0 else -named[n][0] for sign, n in path)
    if result.value < 0:
        return None
    words = "".join(
        (" + " if sign > 0 else " - ") + label_period(*named[n][1])
        for sign, n in sorted(path, key=lambda step: -step[0])
    )
    return result.named(words.removeprefix(" + "))


def by_growth(ledger: Ledger, wanted: Wanted) -> Quantity | None:
    """The year before, from a figure and its printed growth, where only one count fits."""
    growth_metric = f"{wanted.metric}_yoy"
    if growth_metric not in ledger.metrics:
        return None
    later = shift_years(wanted.period, 1)
    where = (wanted.entity, later, wanted.basis, wanted.status, False)
    level = ledger.point(wanted.metric, *where)
    growth = ledger.point(growth_metric, *where)
    if level is None or growth is None or level.quantity.low != level.quantity.high:
        return None
    # Growth on a later definition leads to a year before that is restated on it.
    bases = (level.basis, growth.basis)
    if wanted.basis is None and not all(_at_home(ledger, b, wanted.period) for b in bases):
        return None
    ratio = growth.quantity.ratio()
    if ratio.low <= -1:
        return None
    whole = whole_number_within(
        level.quantity.value / (1 + ratio.high), level.quantity.value / (1 + ratio.low)
    )
    if whole is None:
        return None
    facts = facts_behind((level.quantity, growth.quantity))
    origin = Origin(facts, status="reported", label=level.quantity.label)
    formula = f"{level.label} / (1 + its printed growth)"
    base = Step("+", (1.0, ratio.made))
    made = Step("round", (Step("/", (level.quantity.made, base)), 0.0))
    return Quantity.of(whole, level.quantity.unit, origin, made).named(formula)


def by_identity(ledger: Ledger, wanted: Wanted) -> Quantity | None:
    """A part from its whole, or a whole from its parts, by the `equals` of entities.csv."""
    row, parts = ledger.entities[wanted.entity], []
    for sign, word in row.terms:
        part = _stated_or_walked(ledger, replace(wanted, entity=word))
        if part is None and wanted.basis is not None:
            # The group's total and its regions may carry different bases (Nissan's sales do).
            part = _stated_or_walked(ledger, replace(wanted, entity=word, basis=None))
        if part is None:
            return None
        parts.append(part if sign > 0 else -part)
    words = (w if w in "+-" else ledger.entities[w].label for w in row.equals.split())
    return total(parts).named(" ".join(words)) if parts else None


def _stated_or_walked(ledger: Ledger, wanted: Wanted) -> Quantity | None:
    # Not by identity again: the parts of a whole are defined by that whole.
    where = (wanted.metric, wanted.entity, wanted.period, wanted.basis, wanted.status)
    stated = ledger.point(*where, derive=False)
    if stated is not None:
        return stated.quantity
    return by_walk(ledger, wanted) or by_growth(ledger, wanted)
