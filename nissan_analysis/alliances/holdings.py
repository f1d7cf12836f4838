"""Who holds what of whom, and how the holdings have moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import label_over, named_rows, number, value_axis
from ..ledger import ACTUAL, Ledger
from ..provenance import date_said
from ..quantity import Quantity, facts_behind
from ..style import LIGHT
from ..tables import Cell, Column, Table
from ..wording import Phrase, phrase
from .moves import short_month


@dataclass(frozen=True)
class Holding:
    """One share of a company over time: label, then points: share, day, and "planned" or "sold" or nothing."""

    label: str
    points: tuple[tuple[Quantity, Any, str], ...]


def holdings(ledger: Ledger, p: Any) -> list[Holding]:
    """The holdings between Nissan and the chosen partners, each in order of date."""
    wanted = {
        "renault": (
            ("renault_in_nissan", "Renault in Nissan", "total_holding"),
            ("nissan_in_rnaipl", "Nissan in the Chennai plant", None),
        ),
        "mitsubishi": (
            ("nissan_in_mitsubishi", "Nissan in Mitsubishi Motors", None),
            ("nissan_in_nmkv", "Nissan in NMKV", None),
        ),
        "dongfeng": (("nissan_in_export_jv", "Nissan in the export company", None),),
    }
    found = []
    for partner in p.partners:
        for entity, label, basis in wanted.get(partner, ()):
            points = _points(ledger, entity, basis)
            if points:
                found.append(Holding(label, tuple(points)))
    return found


def _points(ledger: Ledger, entity: str, basis: str | None) -> list[tuple[Quantity, Any, str]]:
    if entity not in ledger.entities:
        return []
    rows = ledger.rows("stake", entity, basis, (*ACTUAL, "target"))
    best: dict[Any, tuple[Quantity, Any, str]] = {}
    for row in rows:
        best.setdefault(
            row.period_end,
            (ledger.fact(row.fact), row.period_end, "planned" if row.status == "target" else ""),
        )
    points = [best[day] for day in sorted(best)]
    sold = (
        ledger.latest("stake_transferred", entity)
        if "stake_transferred" in ledger.metrics
        else None
    )
    if sold is not None:
        points.append((sold.quantity, sold.period[0], "sold"))
        points.append(
            ((sold.quantity - sold.quantity).named("all of it was sold"), sold.period[1], "")
        )
    return _thin(points)


def _thin(points: Sequence[tuple[Quantity, Any, str]]) -> list[tuple[Quantity, Any, str]]:
    """Of a share printed again unchanged keep the first, or the latest where it has moved before."""
    kept = list(points[:1])
    for point in points[1:]:
        if not point[0].overlaps(kept[-1][0]):
            kept.append(point)
        elif len(kept) > 1:
            kept[-1] = point
    return kept


def percent(share: Quantity) -> Phrase:
    """A share with the decimals that its source prints."""
    places = next(n for n in (0, 1, 2) if n == 2 or abs(share.value - round(share.value, n)) < 1e-9)
    return phrase(f"{{s:q~.{places}%}}", s=share)


def holdings_table(ledger: Ledger, p: Any) -> Table | None:
    """Shares before and after, with their dates."""
    found = holdings(ledger, p)
    if not found:
        return None
    rows: list[list[Cell]] = []
    for h in found:
        (first, day, _), (last, until, planned) = h.points[0], h.points[-1]
        moved = len(h.points) > 1
        rows.append(
            [
                h.label,
                percent(first),
                _day(day, first, short=True),
                phrase("{s} planned" if planned == "planned" else "{s}", s=percent(last))
                if moved
                else None,
                _day(until, last, short=True) if moved else None,
            ]
        )
    columns = [
        Column("Holding", align="left"),
        Column("First figure"),
        Column("At", align="left"),
        Column("Latest figure"),
        Column("At", align="left"),
    ]
    return Table.of(
        "holdings",
        phrase("Who holds what, as far as it is printed"),
        columns,
        rows,
        phrase(
            "A dash: no other figure was found. The first figure is the first in "
            "these data, not the first ever."
        ),
    )


def _day(day: Any, share: Quantity, short: bool = False) -> Phrase:
    return date_said(day, True, *share.facts, short=short)


@dataclass(frozen=True)
class RenaultHolding:
    """Renault's holding in Nissan: before, latest, and the share agreed for each side."""

    before: Quantity
    latest: Quantity
    latest_day: Phrase
    agreed: Quantity | None
    direct: Quantity | None
    trust: Quantity | None
    floor: Quantity | None  #: lowest holding allowed to each side
    floor_day: Phrase | None
    old: bool  #: whether the latest figure is more than a year old

    @property
    def parts_known(self) -> bool:
        return self.direct is not None and self.trust is not None

    @property
    def fall(self) -> Quantity:
        return (self.before - self.latest).in_unit("points")

    @property
    def done(self) -> Quantity | None:
        """The part of the way from the old holding to the agreed one."""
        if not self.agreed or self.agreed.value >= self.before.value:
            return None
        return ((self.before - self.latest) / (self.before - self.agreed)).named(
            "(before - latest) / (before - agreed)"
        )

    @property
    def started(self) -> bool:
        """Whether less than half of the way is done."""
        return self.done is not None and 0 < self.done.high < 0.5

    @property
    def moved(self) -> bool:
        return self.before.low > self.latest.high


def renault_holding(ledger: Ledger, p: Any) -> RenaultHolding | None:
    """Renault's total holding in Nissan, or None before any figure was printed."""
    if "renault" not in p.partners:
        return None
    points = _points(ledger, "renault_in_nissan", "total_holding")
    if not points:
        return None
    agreed = ledger.latest("stake", "renault_nissan_cross", basis="")
    floor = ledger.latest("stake", "renault_nissan_cross", basis="minimum")
    if floor is not None and (agreed is None or floor.quantity >= agreed.quantity):
        floor = None
    parts = [
        ledger.latest("stake", "renault_in_nissan", basis=b) if b in ledger.bases else None
        for b in ("direct_holding", "in_trust")
    ]
    direct, trust = (x.quantity if x and x.period[1] == points[-1][1] else None for x in parts)
    return RenaultHolding(
        points[0][0],
        points[-1][0],
        _day(points[-1][1], points[-1][0]),
        agreed.quantity if agreed else None,
        direct,
        trust,
        floor.quantity if floor else None,
        _day(floor.period[1], floor.quantity) if floor else None,
        (ledger.as_of - points[-1][1]).days > 365,
    )


def holdings_chart(ledger: Ledger, p: Any) -> Chart | None:
    """Holdings that have changed, from the first figure to the latest."""
    found = [h for h in holdings(ledger, p) if len(h.points) > 1]
    if not found:
        return None
    rows = [
        {"holding": h.label, "date": day, "percent": q.value, "remark": planned}
        for h in found
        for q, day, planned in h.points
    ]
    facts = facts_behind(q for h in found for q, _, _ in h.points)
    down = [h for h in found if h.points[-1][0].high < h.points[0][0].low]
    title: Phrase = phrase(
        "Every holding for which two figures are known went down"
        if len(down) == len(found) > 1
        else "{label}: from {a} to a planned {b}"
        if found[0].points[-1][2] == "planned"
        else "{label}: from {a} to {b}",
        label=found[0].label,
        a=percent(found[0].points[0][0]),
        b=percent(found[0].points[-1][0]),
    )
    if any(h.points[-1][2] == "planned" for h in found) and len(found) > 1:
        title = phrase(
            "The holdings between Nissan and its partners shrink, by deed or by plan"
            if len(down) == len(found)
            else "Holdings between Nissan and its partners"
        )
    alt = (
        "Holdings in percent, by date: "
        + "; ".join(
            f"{h.label} "
            + ", ".join(
                f"{number(q.value)} in {short_month(d)}" + (f" ({pl})" if pl else "")
                for q, d, pl in h.points
            )
            for h in found
        )
        + "."
    )
    return Chart(
        "holdings",
        title,
        "Holding, percent of the company, at each date that a source gives",
        alt,
        pd.DataFrame(rows),
        facts,
        lambda axes: _draw_holdings(axes, found),
        height=0.6 + 0.55 * len(found),
    )


def _draw_holdings(axes: Axes, found: Sequence[Holding]) -> None:
    for i, h in enumerate(found):
        y = len(found) - 1 - i
        values = [q.value for q, _, _ in h.points]
        axes.plot([min(values), max(values)], [y, y], color=LIGHT["pale"], linewidth=2.2, zorder=2)
        for k, (q, day, planned) in enumerate(h.points):
            last = k == len(h.points) - 1
            colour = "accent" if last else "muted"
            axes.plot(
                [q.value],
                [y],
                marker="o",
                markersize=7,
                linestyle="none",
                color=LIGHT[colour],
                markerfacecolor=LIGHT["paper"] if planned == "planned" else LIGHT[colour],
                zorder=4,
            )
            word = f"{percent(q).text}{' ' + planned if planned else ''}, {short_month(day)}"
            # Neighbours take turns above and below, so that close figures stay readable.
            up = (len(h.points) - 1 - k) % 2 == 1
            label_over(
                axes, word, (q.value, y), 7 if up else -7, color=LIGHT["accent" if last else "ink"]
            )
    named_rows(axes, [h.label for h in found])
    axes.set_ylim(-0.75, len(found) - 0.55)
    axes.set_xlim(-10, 80)
    value_axis(axes, "%", axis="x", count=4)
