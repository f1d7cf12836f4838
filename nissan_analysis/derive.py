"""Figures that no source printed but that follow from printed ones.

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
from dataclasses import dataclass

from .periods import Period

ONE_DAY = dt.timedelta(days=1)


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
