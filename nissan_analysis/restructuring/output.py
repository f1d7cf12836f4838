"""Vehicles built, by year, region and month, with the gaps and the breaks shown."""

from __future__ import annotations

import datetime as dt
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..china.levels import DFAC_LEFT
from ..drawing import columns, describe, label_at, mark_break, number, years_axis
from ..ledger import Ledger
from ..periods import label_period, shift_years, windows
from ..quantity import Quantity, change, counted, facts_behind
from ..style import LIGHT
from ..tables import Column, Table
from ..wording import Phrase, listed, long_month, phrase

RENAULT_OUT = dt.date(2025, 8, 1)  #: Renault-brand cars built in India leave the count
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
#: Regions whose count changes at a break.
TOUCHED = {
    RENAULT_OUT: ("nissan", "nissan_outside_japan", "nissan_others"),
    DFAC_LEFT: ("nissan", "nissan_outside_japan", "nissan_china"),
}


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
    top, last = max(found, key=lambda y: found[y].value), found[labels[-1]]
    title = phrase(
        "Output in {last} was {c:.0%} below the peak of {top}, as published"
        if top != labels[-1]
        else "Output in {last} was the highest of the years known",
        last=labels[-1],
        top=top,
        c=abs(change(last, found[top])),
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
        notes.append(f"light commercials of DFAC leave China from {long_month(DFAC_LEFT)}")
    if labels[-1] >= "2025":
        notes.append(f"Renault-brand cars built in India leave from {long_month(RENAULT_OUT)}")
    breaks = [i for i, y in enumerate(labels) if y in ("2022", "2025") and i]

    def draw(axes: Axes) -> None:
        colours = ["accent" if y == labels[-1] else "slate" for y in labels]
        columns(axes, labels, values, colours, places=2)
        axes.set_ylim(0, np.nanmax(values) * 1.22)
        for x in breaks:
            words = "without\nDFAC vans" if labels[x] == "2022" else "without\nRenault's"
            mark_break(axes, x - 0.5, words)

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
        facts_behind(found.values()),
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
        said += ", after {top:,} in {top_label}, the most of the calendar years known"
    said += "."
    before_label, before = rest[-1]
    if int(before_label) == int(label) - 1:
        moved = change(last, before)
        word = "fell" if moved < 0 else "rose"
        said += " From {before_label} it " + word + " by {moved:.1%} by the published totals"
        said += ", part of it definition" if label in ("2022", "2025") else ""
        like = ledger.find("production_yoy", "nissan", label, "adjusted")
        said += "; Nissan's own growth, like for like, is {like:+.1%}." if like is not None else "."
        return phrase(
            said,
            like=like.ratio() if like is not None else "",
            last=last,
            label=label,
            top=top,
            top_label=top_label,
            before_label=before_label,
            moved=abs(moved),
        )
    return phrase(said, last=last, label=label, top=top, top_label=top_label)


def months_table(ledger: Ledger) -> Table | None:
    """The newest month with enough regions beside the same month a year before."""
    for month in reversed(windows("ME", FIRST_MONTH, ledger.as_of)):
        earlier = shift_years(month, -1)
        broken = {e for day, told in TOUCHED.items() if earlier[0] < day <= month[0] for e in told}
        rows: list[tuple[Any, ...]] = []
        for entity, label in REGIONS.items():
            new, old = (ledger.find("production", entity, w) for w in (month, earlier))
            if new is not None and old is not None:
                like = ledger.find("production_yoy", entity, month, "adjusted")
                own = like.ratio() if like is not None else None
                rows.append((label, old, new, own if entity in broken else change(new, old)))
        if len(rows) >= 3:
            break
    else:
        return None
    note = "Both months are shown so that the season does not tell."
    if broken:
        names = {REGIONS[e] for e in broken}
        changed = [row for row in rows if row[0] in names]
        printed = [row[0] for row in changed if row[3] is not None]
        if printed:
            note += (
                f" The count changed in between for {listed(printed)}: the change there is Nissan's own, "
                "like for like, and does not follow from the two months."
            )
        if len(printed) < len(changed):
            note += " A dash: the count changed in between, and no like-for-like growth was found."
    return Table.of(
        "monthly-output",
        phrase("Vehicles built in {m}, the newest month known, and a year before", m=label_period(*month)),
        (
            Column("Region", align="left"), Column(label_period(*earlier)), Column(label_period(*month)),
            Column("Change", "+.1%"),
        ),
        rows,
        phrase(note),
    )  # fmt: skip


def months_chart(ledger: Ledger) -> Chart | None:
    """Output by month of the regions whose count has not changed; months nobody printed are gaps."""
    series = {
        label: found
        for entity, label in REGIONS.items()
        if entity not in TOUCHED[RENAULT_OUT]
        and len(found := ledger.series("production", entity, "ME", start=FIRST_MONTH).points) > 2
    }
    if len(series) < 3:
        return None
    last = max(found[-1].period for found in series.values())
    newest = {k: f[-1].quantity for k, f in series.items() if f[-1].period == last}
    top = max(newest, key=lambda k: newest[k].value)
    rows = [
        {"region": k, "month": p.period[0], "vehicles": p.quantity.value}
        for k, found in series.items()
        for p in found
    ]
    alt = " ".join(
        describe("Line", f"output of {k}", [p.label for p in f], [p.quantity.value for p in f], "vehicles", 0)
        for k, f in series.items()
    )  # fmt: skip

    most = max(p.quantity.value for found in series.values() for p in found)

    def draw(axes: Axes) -> None:
        for row, found in enumerate(reversed(series.values())):
            days = [mdates.date2num(p.period[0]) for p in found]
            heights = [0.85 * p.quantity.value / most for p in found]
            colours = [LIGHT["accent" if p.period == last else "slate"] for p in found]
            axes.bar(days, heights, 24, bottom=row, align="edge", color=colours)
            axes.axhline(row, color=LIGHT["muted"], linewidth=0.8)
            label_at(
                axes,
                number(found[-1].quantity.value),
                (days[-1] + 30, row),
                (3, 3),
                annotation_clip=False,
                color=LIGHT["accent" if found[-1].period == last else "ink"],
            )
        axes.set_yticks([row + 0.3 for row in range(len(series))], list(reversed(series)))
        axes.tick_params(axis="y", colors=LIGHT["ink"])
        axes.set_ylim(0, len(series))
        axes.xaxis_date()
        years_axis(axes)
        axes.grid(False)

    return Chart(
        "monthly",
        phrase("In {m} {top} built {n:,} vehicles, the most of {k:w} regions", m=label_period(*last),
               top=the(top), n=newest[top], k=counted(len(newest), "regions", newest[top].facts)),
        "Vehicles built a month, one scale for all rows, in the regions whose count has not changed",
        alt,
        pd.DataFrame(rows),
        facts_behind(p.quantity for found in series.values() for p in found),
        draw,
        phrase("No column: no source prints the month. The number is the newest month."),
        height=3.2,
    )  # fmt: skip


def the(name: str) -> str:
    return f"the {name}" if name.startswith("United") else name
