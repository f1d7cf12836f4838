"""What the merger with Honda was for: the profit it aimed at, beside the margins that were earned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import label_at, label_over, number, value_axis
from ..ledger import Ledger, NotKnown
from ..quantity import Quantity, facts_behind, total
from ..style import LIGHT
from ..tables import Cell, Column, Table
from ..wording import listed, phrase
from .moves import bare

PLANNED = ("target", "cancelled")


@dataclass(frozen=True)
class Aim:
    """What the talks with Honda aimed at (JPY bn)."""

    revenue: Quantity
    profit: Quantity

    @property
    def profit_aimed(self) -> Quantity:
        """The aim without its "over", which the sentence says."""
        return bare(self.profit)

    @property
    def margin(self) -> Quantity:
        return (self.profit / self.revenue).named("aimed profit / aimed revenue")


def _of(ledger: Ledger, metric: str, entity: str, period: str) -> Quantity | None:
    try:
        return ledger.find(metric, entity, period, basis="*", derive=False)
    except NotKnown:
        return None


def aim(ledger: Ledger, p: Any) -> Aim | None:
    """The aim of the Honda talks, or None before it was known."""
    if "honda" not in p.partners:
        return None
    revenue, profit = (
        ledger.latest(m, "honda_nissan", status=PLANNED)
        for m in ("net_revenue", "operating_profit")
    )
    if revenue is None or profit is None:
        return None
    return Aim(revenue.quantity, profit.quantity)


@dataclass(frozen=True)
class Margins:
    """Operating margins by fiscal year, as ratios, where both companies' are known."""

    years: tuple[str, ...]
    honda: tuple[Quantity, ...]
    nissan: tuple[Quantity, ...]

    @property
    def best(self) -> tuple[str, str, Quantity]:
        """Company, year and margin of the best year of either."""
        rows = [("Honda", *r) for r in zip(self.years, self.honda, strict=True)]
        rows += [("Nissan", *r) for r in zip(self.years, self.nissan, strict=True)]
        return max(rows, key=lambda r: r[2].value)


def margins(ledger: Ledger) -> Margins | None:
    """Margins of both over the fiscal years known for both; computed where no source prints one."""
    rows = []
    for year in range(2015, ledger.as_of.year + 1):
        honda, nissan = (_margin(ledger, who, f"FY{year}") for who in ("honda", "nissan"))
        if honda is not None and nissan is not None:
            rows.append((f"FY{year}", honda, nissan))
    if len(rows) < 2:
        return None
    return Margins(tuple(r[0] for r in rows), tuple(r[1] for r in rows), tuple(r[2] for r in rows))


def _margin(ledger: Ledger, who: str, year: str) -> Quantity | None:
    stated = ledger.find("operating_margin", who, year)
    if stated is not None:
        return stated.ratio()
    profit, revenue = (_of(ledger, m, who, year) for m in ("operating_profit", "net_revenue"))
    return profit / revenue if profit is not None and revenue is not None else None


@dataclass(frozen=True)
class Vehicles:
    """Vehicles that Honda and Nissan sold in the same calendar year."""

    year: str
    honda: Quantity
    nissan: Quantity
    rival: Quantity | None  #: Hyundai and Kia in that year

    @property
    def both(self) -> Quantity:
        return (self.honda + self.nissan).named("Honda + Nissan, one calendar year")


#: Three companies that spoke of a common holding, and the basis of their figures.
THREE = {"honda": "*", "nissan": "monthly_release", "mitsubishi_motors": "*"}


def scale_table(ledger: Ledger, p: Any) -> Table | None:
    """Vehicles sold and built by the three in single calendar years; no sum across years."""
    if not {"honda", "mitsubishi"} & set(p.partners) or ledger.event("honda-merger-mou") is None:
        return None
    rows: list[list[Cell]] = []
    names = [ledger.entities[who].label.partition(" (")[0] for who in THREE]
    for year in ("2023", "2024"):
        for metric, word in (("sales", "Sold"), ("production", "Built")):
            found = {
                name: ledger.find(
                    metric, who, year, basis if metric == "sales" else None, derive=False
                )
                for (who, basis), name in zip(THREE.items(), names, strict=True)
            }
            known = {name: q for name, q in found.items() if q is not None}
            if len(known) > 1:
                only = f", {listed(known)}" if len(known) < len(found) else ""
                rows.append([f"{word} in {year}{only}", *found.values(), total(known.values())])
    if not rows:
        return None
    columns = [
        Column("Vehicles", align="left"),
        *(Column(name, "~,") for name in names),
        Column("Together", "~,"),
    ]
    return Table.of(
        "scale",
        phrase("How large the three would have been, year by year"),
        columns,
        rows,
        phrase(
            "Calendar years, never mixed. A dash: not found, and not in the sum. What is built counts where it is "
            "built: the kei cars that Mitsubishi Motors builds for Nissan are, by our reading, in its figure."
        ),
    )


def vehicles(ledger: Ledger, p: Any) -> Vehicles | None:
    """Sales of both in the last year before the talks; None where Honda's are not in the ledger."""
    if "honda" not in p.partners:
        return None
    talks = ledger.event("honda-merger-mou")
    if talks is None:
        return None
    for year in range(talks.date.year - 1, 2010, -1):
        honda = _of(ledger, "sales", "honda", str(year))
        nissan = ledger.find("sales", "nissan", str(year), THREE["nissan"], derive=False)
        if honda is not None and nissan is not None:
            return Vehicles(
                str(year), honda, nissan, _of(ledger, "sales", "hyundai_kia", str(year))
            )
    return None


def margin_chart(ledger: Ledger, p: Any) -> Chart | None:
    """Operating margins of Honda and Nissan beside the margin that the talks' aims imply."""
    m, s = margins(ledger), aim(ledger, p)
    if m is None or s is None:
        return None
    labels = list(m.years)
    lines = {
        name: [round(q.value * 100, 1) for q in qs]
        for name, qs in (("Nissan", m.nissan), ("Honda", m.honda))
    }
    aimed = s.margin.value * 100
    data = pd.DataFrame({"fiscal year": labels, **lines, "aim of the talks, at least": aimed})
    facts = facts_behind((*m.nissan, *m.honda, s.margin))
    who, year, best = m.best
    text = "The talks aimed at a margin of at least {a:~.0%}"
    if best.high < s.margin.low:
        text += "; the best from {first} to {last} was {w}'s in {y}, {b:~.1%}"
    title = phrase(text, a=s.margin, w=who, y=year, b=best, first=labels[0], last=labels[-1])
    alt = (
        "Lines of operating margin, in percent. "
        + " ".join(
            f"{name}: "
            + "; ".join(f"{lab} {number(v, 1)}" for lab, v in zip(labels, values, strict=True))
            + "."
            for name, values in lines.items()
        )
        + f" The aims of the talks imply at least {number(aimed, 0)}."
    )

    def draw(axes: Axes) -> None:
        x = range(len(labels))
        for name, colour in (("Nissan", "accent"), ("Honda", "blue")):
            axes.plot(x, lines[name], color=LIGHT[colour], marker="o", markersize=4)
            for i, v in enumerate(lines[name]):
                other = lines["Honda" if name == "Nissan" else "Nissan"][i]
                up = v >= other
                label_over(axes, number(v, 1), (i, v), 6 if up else -6, color=LIGHT[colour])
            label_at(
                axes,
                name,
                (len(labels) - 1, lines[name][-1]),
                (16, 0),
                color=LIGHT[colour],
                va="center",
                fontweight=600,
            )
        axes.axhline(aimed, color=LIGHT["ink"], linewidth=1.2, linestyle=(0, (4, 3)))
        label_at(
            axes, f"aim of the talks: at least {number(aimed, 0)}%", (0, aimed), (0, -3), va="top"
        )
        axes.axhline(0, color=LIGHT["muted"], linewidth=0.8)
        axes.spines["bottom"].set_visible(False)
        axes.set_xticks(list(x), labels)
        axes.set_xlim(-0.4, len(labels) - 0.3)
        axes.set_ylim(
            min(0, *lines["Nissan"], *lines["Honda"]) - 1.8,
            max(aimed, *lines["Nissan"], *lines["Honda"]) + 1.2,
        )
        value_axis(axes, "%")

    return Chart(
        "margins",
        title,
        "Operating margin by fiscal year, percent of revenue",
        alt,
        data,
        facts,
        draw,
        height=2.9,
    )
