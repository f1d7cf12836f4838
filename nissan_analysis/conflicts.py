"""Where sources contradict each other: the conflicts in a ledger, and what they do to bounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .periods import Period
from .points import ACTUAL, best_first
from .quantity import Quantity
from .rows import FactRow


@dataclass(frozen=True)
class Disagreement:
    """Facts for one entity, metric, period and basis whose intervals do not all overlap."""

    entity: str
    metric: str
    period: Period
    basis: str
    facts: tuple[FactRow, ...]
    ruling: str  #: why one is preferred; empty while the conflict is open

    @property
    def live(self) -> list[FactRow]:
        """The sides that were not set aside."""
        return [f for f in self.facts if f.rank != "deprecated"]

    @property
    def settled(self) -> bool:
        return any(f.rank == "preferred" for f in self.facts) or len(self.live) == 1


def conflicts(
    facts: Iterable[FactRow], quantity_of: Callable[[str], Quantity]
) -> list[Disagreement]:
    """Every conflict between figures that claim to say what happened, by entity and period."""
    groups: dict[tuple[str, str, Period, str], list[FactRow]] = defaultdict(list)
    for row in facts:
        if row.status in ACTUAL:
            period = row.period
            groups[row.entity, row.metric, period, row.basis].append(row)
    found = []
    several = (group for group in groups.items() if len(group[1]) > 1)
    for (entity, metric, period, basis), rows in sorted(several):
        quantities = [quantity_of(r.fact) for r in rows]
        if all(a.overlaps(b) for i, a in enumerate(quantities) for b in quantities[i + 1 :]):
            continue
        rows.sort(key=best_first)
        reasons = [r.rank_reason for r in rows if r.rank_reason]
        found.append(Disagreement(entity, metric, period, basis, tuple(rows), (reasons or [""])[0]))
    return found


def hulls(
    found: Iterable[Disagreement], quantity_of: Callable[[str], Quantity]
) -> dict[str, tuple[float, float]]:
    """Facts in a conflict that nobody has settled, and the interval that holds all sides."""
    sides_of: dict[str, tuple[float, float]] = {}
    for conflict in found:
        live = conflict.live
        if len(live) > 1 and not conflict.settled:
            sides = [quantity_of(f.fact) for f in live]
            hull = min(q.low for q in sides), max(q.high for q in sides)
            sides_of |= {f.fact: hull for f in live}
    return sides_of
