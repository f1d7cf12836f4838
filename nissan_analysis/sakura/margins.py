"""Nissan's operating margin beside Toyota's and Honda's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import lines, number
from ..ledger import Ledger
from ..quantity import Quantity, counted, facts_behind, share
from ..style import LIGHT
from ..wording import Phrase, listed, phrase
from .kyushu import fiscal

MAKERS = {"nissan": "Nissan", "toyota": "Toyota", "honda": "Honda"}


@dataclass(frozen=True)
class Margins:
    """Operating margins of the three makers in fiscal years in which all three are known."""

    years: tuple[int, ...]
    values: dict[str, list[Quantity]]

    @property
    def lowest(self) -> dict[str, list[int]]:
        """Years in which each maker had the lowest margin of the three."""
        found: dict[str, list[int]] = {m: [] for m in MAKERS}
        for i, year in enumerate(self.years):
            found[min(MAKERS, key=lambda m: self.values[m][i].ratio().value)].append(year)
        return found

    @property
    def facts(self) -> tuple[str, ...]:
        return facts_behind(q for qs in self.values.values() for q in qs)


def margin(ledger: Ledger, maker: str, year: int) -> Quantity | None:
    """A printed operating margin, else operating profit as a share of revenue."""
    printed = ledger.find("operating_margin", maker, fiscal(year))
    if printed is not None:
        return printed
    profit = ledger.find("operating_profit", maker, fiscal(year))
    revenue = ledger.find("net_revenue", maker, fiscal(year))
    return share(profit, revenue) if profit and revenue else None


def margins(ledger: Ledger) -> Margins | None:
    """The three makers from FY2021; None while no year is known for all of them."""
    years, values = [], {m: [] for m in MAKERS}  # type: ignore[var-annotated]
    for year in range(2021, ledger.as_of.year + 1):
        row = {m: margin(ledger, m, year) for m in MAKERS}
        if all(row.values()):
            years.append(year)
            for m in MAKERS:
                values[m].append(row[m])
    return Margins(tuple(years), values) if years else None


def margins_said(ledger: Ledger) -> Phrase:
    """Why margins stand in this report; in which years Nissan was below both, and in which it was not."""
    found = margins(ledger)
    if found is None:
        return phrase("The three margins are not known together at this date.")
    behind = found.lowest["nissan"]
    last = len(found.years) - 1
    now = {m: found.values[m][last] for m in MAKERS}
    n, of = (
        counted(len(x), "years", found.facts, "counted from the data")
        for x in (behind, found.years)
    )
    lead = phrase("")
    if len(found.years) > 1:
        every = len(behind) == len(found.years)
        lead = phrase(
            "From {a} to {b} Nissan had the lowest operating margin of the three in each of {of:w} years. "
            if every
            else "From {a} to {b} Nissan had the lowest operating margin of the three in {n:w} of {of:w} years. ",
            a=f"FY{found.years[0]}",
            b=f"FY{found.years[-1]}",
            n=n,
            of=of,
        )
    tail = phrase(
        "In {y} Nissan made {x:~.1%}, Toyota {t:~.1%} and Honda {h:~.1%}",
        y=f"FY{found.years[-1]}", x=now["nissan"], t=now["toyota"], h=now["honda"],
    )  # fmt: skip
    others = [m for m in ("toyota", "honda") if found.years[-1] in found.lowest[m]]
    end = phrase(".")
    if others:
        before = found.values["nissan"][last - 1] if last else None
        lower = before is not None and now["nissan"].ratio().value <= before.ratio().value
        end = phrase(
            "; {who} was lowest. That was {who}'s fall, not a gain of Nissan's, whose margin had been {m:~.1%} "
            "the year before."
            if lower
            else "; {who} was lowest.",
            who=MAKERS[others[0]], m=before,
        )  # fmt: skip
    why = phrase(
        "Whether to build the car in house is a question of what it earns. No source gives Nissan's margin on the "
        "Sakura; what can be set beside Toyota's and Honda's is the margin of the whole company. "
    )
    return phrase("{why}{lead}{tail}{end}", why=why, lead=lead, tail=tail, end=end)


def margin_chart(ledger: Ledger) -> Chart | None:
    """The three margins by fiscal year."""
    found = margins(ledger)
    if found is None or len(found.years) < 2:
        return None
    behind = found.lowest["nissan"]
    exceptions = [y for y in found.years if y not in behind]
    if not behind:
        title = phrase(
            "Nissan's operating margin was not the lowest of the three in any year shown"
        )
    elif exceptions:
        title = phrase(
            "Nissan's margin was the lowest of the three in every year but {y}",
            y=listed(f"FY{y}" for y in exceptions),
        )
    else:
        title = phrase("Nissan's margin was the lowest of the three in every year shown")
    days = [dt.date(y, 4, 1) for y in found.years]
    series = {MAKERS[m]: [q.ratio().value * 100 for q in found.values[m]] for m in MAKERS}

    def draw(axes: Axes) -> None:
        lines(axes, {n: (days, v) for n, v in series.items()}, {"Nissan": "accent", "Toyota": "blue", "Honda": "slate"}, "%", markers=True)  # fmt: skip
        axes.set_xticks([mdates.date2num(d) for d in days], [f"FY{y}" for y in found.years])
        axes.axhline(0, color=LIGHT["muted"], linewidth=0.8)

    said = "; ".join(
        f"{n}: " + ", ".join(f"FY{y} {number(v, 1)}" for y, v in zip(found.years, vs, strict=True))
        for n, vs in series.items()
    )
    return Chart(
        "operating-margins", title, "Operating profit as a share of revenue, fiscal years, percent",
        f"Lines of operating margin, in percent. {said}.",
        pd.DataFrame({"fiscal_year": [f"FY{y}" for y in found.years], **{k: [round(x, 2) for x in v] for k, v in series.items()}}),
        found.facts, draw, height=2.6,
    )  # fmt: skip
