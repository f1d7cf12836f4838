"""Vehicles built, by year, region and month, with the gaps and the breaks shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from ..charts import Chart
from ..drawing import columns, describe
from ..ledger import Ledger
from ..periods import label_period, months_from, windows
from ..quantity import Quantity, change, counted
from ..style import LIGHT
from ..wording import Phrase, capital, phrase

RENAULT_OUT = dt.date(2025, 8, 1)  #: Renault-brand cars built in India leave the count
DFAC_OUT = dt.date(2022, 10, 1)  #: light commercial vehicles of DFAC leave China
FIRST_MONTH = dt.date(2023, 1, 1)
REGIONS = {
    "nissan": "World",
    "nissan_japan": "Japan",
    "nissan_outside_japan": "Outside Japan",
    "nissan_us": "United States",
    "nissan_mexico": "Mexico",
    "nissan_uk": "United Kingdom",
    "nissan_china": "China",
    "nissan_others": "Other regions",
}
TOUCHED_BY_INDIA = ("nissan", "nissan_outside_japan", "nissan_others")


def _annual(ledger: Ledger) -> list[tuple[str, Quantity]]:
    series = ledger.series("production", "nissan", "YE")
    return [(p.label, p.quantity) for p in series if p.period[0].year >= 2016]


def annual_chart(ledger: Ledger) -> Chart | None:
    """World output by calendar year; years nobody printed stay empty."""
    found = dict(_annual(ledger))
    if len(found) < 2:
        return None
    labels = [str(y) for y in range(int(min(found)), int(max(found)) + 1)]
    values = [found[y].value / 1e6 if y in found else np.nan for y in labels]
    first, last = found[labels[0]], found[labels[-1]]
    verb = "below" if last < first else "above"
    title = phrase(
        "Output in {last} was {c:.0%} " + verb + " {first}, as published",
        last=labels[-1],
        first=labels[0],
        c=abs(change(last, first)),
    )
    gaps = [y for y in labels if y not in found]
    known = [(y, v) for y, v in zip(labels, values, strict=True) if y in found]
    alt = describe(
        "Columns",
        "world output",
        [y for y, _ in known],
        [v for _, v in known],
        "million vehicles",
        2,
    )
    if gaps:
        alt += f" Not known: {', '.join(gaps)}."
    notes = []
    if labels[0] < "2022" < labels[-1]:
        notes.append("light commercials of DFAC leave China from October 2022")
    if labels[-1] >= "2025":
        notes.append("Renault-brand cars built in India leave from August 2025")
    breaks = [i for i, y in enumerate(labels) if y in ("2022", "2025") and i]

    def draw(axes: Axes) -> None:
        colours = ["accent" if y == labels[-1] else "slate" for y in labels]
        columns(axes, labels, values, colours, places=2)
        for x in breaks:
            axes.axvline(x - 0.5, color=LIGHT["muted"], linewidth=1, linestyle=(0, (4, 3)))

    note = (
        "Part of the change is definition: " + " and ".join(notes) + " (dashed lines)."
        if notes
        else ""
    )
    return Chart(
        "annual-output",
        title,
        "Vehicles built worldwide in each calendar year, millions",
        alt,
        pd.DataFrame({"year": labels, "million_vehicles": values}),
        tuple(sorted({f for q in found.values() for f in q.facts})),
        draw,
        phrase(note) if note else None,
        height=2.5,
    )


def annual_text(ledger: Ledger) -> Phrase:
    """World output in the latest year, and the year before it where no break lies between."""
    found = _annual(ledger)
    if not found:
        return phrase("No yearly output is on record on {day}.", day=ledger.as_of)
    (label, last), rest = found[-1], found[:-1]
    if not rest:
        return phrase("Nissan built {n:,} vehicles in {y}.", n=last, y=label)
    top_label, top = max(found, key=lambda f: f[1].value)
    said = "Nissan built **{last:,} vehicles** in {label}"
    if top_label != label:
        said += ", after {top:,} in {top_label}, the most of the years known since 2016"
    said += "."
    before_label, before = rest[-1]
    if int(before_label) == int(label) - 1:
        moved = change(last, before)
        word = "fell" if moved < 0 else "rose"
        said += " From {before_label} it " + word + " by {moved:.1%} as published"
        said += ", part of it definition." if label in ("2022", "2025") else "."
        return phrase(
            said,
            last=last,
            label=label,
            top=top,
            top_label=top_label,
            before_label=before_label,
            moved=abs(moved),
        )
    return phrase(said, last=last, label=label, top=top, top_label=top_label)


def _grid(ledger: Ledger) -> tuple[pd.DataFrame, set[str], int]:
    """Output of each region and month as percent of the region's average month; facts; months known."""
    months = windows("ME", FIRST_MONTH, ledger.as_of)
    months = [m for m in months if m[0] >= FIRST_MONTH]
    rows: dict[str, dict[str, float]] = {}
    facts: set[str] = set()
    count = 0
    for entity, label in REGIONS.items():
        series = ledger.series("production", entity, "ME", start=FIRST_MONTH)
        known = {p.period[0]: p.quantity for p in series}
        if len(known) < 3:
            continue
        mean = sum(q.value for q in known.values()) / len(known)
        rows[label] = {
            m[0].strftime("%Y-%m"): known[m[0]].value / mean * 100 if m[0] in known else np.nan
            for m in months
        }
        facts |= set(series.facts)
        count += len(known)
    table = pd.DataFrame(rows).T
    if len(table):
        ends = [i for i, c in enumerate(table.columns) if table[c].notna().any()]
        table = table.iloc[:, : max(ends) + 1]
    return table, facts, count


def monthly_chart(ledger: Ledger) -> Chart | None:
    """Output by region and month against each region's own average; gaps stay blank."""
    table, facts, known = _grid(ledger)
    if table.empty or table.shape[1] < 6:
        return None
    gaps = table.size - int(table.notna().sum().sum())
    labels = {
        name: f"{table.loc[name].idxmin()} ({table.loc[name].min():.0f})" for name in table.index
    }
    alt = (
        f"Heat map, {len(table)} rows by {table.shape[1]} months from {table.columns[0]} to "
        f"{table.columns[-1]}; {gaps} of {table.size} cells are unknown. Weakest month of each row, in percent of "
        "its average month: " + "; ".join(f"{k} {v}" for k, v in labels.items()) + "."
    )
    month = months_from(dt.date.fromisoformat(table.columns[-1] + "-01"), 1)
    last = table.iloc[:, -1].drop(["World", "Outside Japan"], errors="ignore").dropna()
    weak = int((last < 100).sum())
    ids = sorted(facts)
    cells = {
        "n": counted(known, "cells", ids),
        "all": counted(table.size, "cells", ids),
        "weak": counted(weak, "regions", ids),
        "regions": counted(len(last), "regions", ids),
        "month": label_period(*month),
    }
    covered = "output is known for {n:,} of {all:,} region-months"
    if len(last) >= 3 and weak > len(last) / 2:
        title = phrase(
            "{weak:w} of {regions:w} regions built less than usual in {month}; " + covered, **cells
        )
    else:
        title = phrase("O" + covered[1:] + " up to {month}", **cells)
    note = (
        phrase(
            "White: no source found. Dashed: Renault-brand cars built in India leave the count "
            "(world, outside Japan, other regions)."
        )
        if table.columns[-1] >= "2025-08"
        else phrase("White: no source found.")
    )
    data = table.round(1).rename_axis("region").reset_index()
    return Chart(
        "monthly-output",
        capital(title),
        "Vehicles built, percent of the region's average known month since January 2023",
        alt,
        data,
        tuple(sorted(facts)),
        _draw_grid(table),
        note,
        height=2.9,
    )


def _draw_grid(table: pd.DataFrame) -> Callable[[Axes], None]:
    def draw(axes: Axes) -> None:
        colours = LinearSegmentedColormap.from_list(
            "output", [LIGHT["accent"], LIGHT["accent-soft"], "#f4f4f4", "#9db9d6", LIGHT["blue"]]
        )
        sns.heatmap(
            table,
            ax=axes,
            cmap=colours,
            vmin=50,
            vmax=150,
            linewidths=0.6,
            linecolor="white",
            cbar_kws={"shrink": 0.8, "pad": 0.02, "ticks": [50, 75, 100, 125, 150]},
        )
        months = list(table.columns)
        ticks = [i for i, m in enumerate(months) if m.endswith(("-01", "-07"))]
        axes.set_xticks([i + 0.5 for i in ticks], [_tick(months[i]) for i in ticks], rotation=0)
        axes.grid(False)
        axes.set_ylabel("")
        axes.set_xlabel("")
        axes.tick_params(axis="y", rotation=0, colors=LIGHT["ink"])
        if "2025-08" in months:
            x = months.index("2025-08")
            for row, name in enumerate(table.index):
                if name in [REGIONS[e] for e in TOUCHED_BY_INDIA]:
                    axes.plot(
                        [x, x],
                        [row, row + 1],
                        color=LIGHT["ink"],
                        linewidth=1.4,
                        linestyle=(0, (3, 2)),
                    )

    return draw


def _tick(month: str) -> str:
    return f"Jan\n{month[:4]}" if month.endswith("-01") else "Jul"
