"""One plant looked at closely; Oppama has more to tell than the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from .charts import Chart
from .drawing import describe, mark_event, value_axis
from .ledger import Ledger
from .quantity import Quantity, share
from .restructuring import break_even, cars, chosen, percent, span
from .restructuring_paper import levels
from .restructuring_plants import capacity, end_text, event, fate_text
from .restructuring_use import Use, uses
from .style import LIGHT
from .tables import Column, Table
from .wording import Phrase, cited, phrase

METRICS = (
    "employees",
    "jobs_affected",
    "jobs_added",
    "jobs_kept",
    "capacity",
    "production",
    "utilisation",
    "breakeven_output",
    "share_of_production",
)


def name(ledger: Ledger, p: Any) -> str:
    """Label of the plant looked at."""
    return ledger.plants[p.plant].label


def summary(ledger: Ledger, p: Any) -> Phrase:
    """What is known of the plant in a sentence or two."""
    plant = ledger.plants[p.plant]
    use = _use(ledger, p)
    said = (
        f"**{plant.label}** in {plant.city}, {plant.country}"
        if not _digits(plant.label)
        else (f"**{plant.label}**")
    )
    said += f", run by {plant.company}." if not _digits(plant.company) else "."
    values: dict[str, Any] = {"fate": fate_text(ledger, plant), "end": end_text(plant)}
    if use is not None and use.output is not None:
        said += (
            " It built {out} vehicles in {year} on a capacity of {room:q~,}: {rate} used."
        )
        values |= {"out": span(use.output), "room": use.capacity, "rate": percent(use.rate), "year": use.year}
        if use.output.status == "estimate":
            said += " The output is an estimate."
    elif use is not None:
        said += " Its capacity is {room:q~,} a year; the press put use in {year} at {rate:q~.0%}."
        values |= {"room": use.capacity, "rate": use.printed, "year": use.year}
    elif (room := capacity(ledger, p.plant)) is not None:
        said += (
            " Its capacity is {room:q~,} a year (as planned or as built); its output was not found."
        )
        values["room"] = room
    else:
        said += " Neither its capacity nor its output was found."
    return phrase(said + " What is known of its future: {fate}", **values)


def _digits(text: str) -> bool:
    return any(c.isdigit() for c in text)


def _use(ledger: Ledger, p: Any) -> Use | None:
    return next((u for u in uses(ledger) if u.plant == p.plant), None)


def figures(ledger: Ledger, p: Any) -> Table | None:
    """Every figure of the plant in the ledger that is not a product's."""
    rows = []
    found = [
        f
        for f in ledger.facts.values()
        if f.entity == p.plant and f.metric in METRICS and f.rank != "deprecated"
    ]
    seen: set[tuple[Any, ...]] = set()
    for row in sorted(found, key=lambda f: (METRICS.index(f.metric), f.period_end, f.fact)):
        mark = (row.metric, row.value, row.basis, row.qualifier)
        if mark in seen:
            continue
        seen.add(mark)
        source = ledger.sources[row.source]
        quantity = ledger.fact(row.fact)
        spec = "{n:q~.0%}" if row.unit == "percent" else "{n:q~,}"
        basis = ledger.bases[row.basis].label.lower() if row.basis else ""
        words = ", ".join(
            w for w in (basis, row.status if row.status in ("target", "estimate") else "") if w
        )
        rows.append(
            (
                cited(ledger.metrics[row.metric].label, row.fact),
                _when(row),
                phrase(spec, n=quantity),
                cited(words, row.fact),
                cited(source.publisher, row.fact),
            )
        )
    if not rows:
        return None
    columns = (
        Column("Figure", align="left"),
        Column("Period", align="left"),
        Column("Value"),
        Column("Counts", align="left"),
        Column("Source", align="left"),
    )
    return Table.of(
        "plant-figures",
        phrase("Figures for {plant}", plant=cited(name(ledger, p), f"plant:{p.plant}")),
        columns,
        rows[:16],
    )


def _when(row: Any) -> Phrase:
    from .periods import label_period

    return phrase("{w}", w=label_period(row.period_start, row.period_end))


def events(ledger: Ledger, p: Any) -> Table | None:
    """What was reported and announced of the plant, and what became of it."""
    keys = {p.plant, *([f"foxconn_{p.plant}"] if p.plant == "oppama" else [])}
    rows = [e for key in sorted(keys) for e in ledger.events_about(key)]
    rows += [e for e in ledger.events if e.entity.endswith(f"_{p.plant}") and e not in rows]
    return event_table(
        ledger,
        sorted(rows, key=lambda e: (e.date, e.status == "denied", e.event)),
        "plant-events",
        phrase(
            "What was said of {plant}, and what became of it",
            plant=cited(name(ledger, p), f"plant:{p.plant}"),
        ),
    )


def event_table(ledger: Ledger, rows: list[Any], id: str, title: Phrase) -> Table | None:
    """Events with their status when told and their outcome as known at this date."""
    if not rows:
        return None
    cells = []
    for e in rows:
        label = ledger.source_label(e.source)
        when = (
            phrase("{d}", d=e.date)
            if e.date_precision == "day"
            else phrase("{d}", d=f"{e.date:%B %Y}")
        )
        cells.append(
            (
                when,
                cited(e.title, f"event:{e.event}", label),
                e.status,
                cited(e.outcome, f"event:{e.event}", label) if e.outcome else None,
            )
        )
    columns = (
        Column("Date", align="left"),
        Column("What was said", align="left"),
        Column("As", align="left"),
        Column("What became of it", align="left"),
    )
    return Table.of(id, title, columns, cells, phrase("A dash: no later word found."))


def needs(ledger: Ledger, p: Any) -> Table | None:
    """Vehicles a year the plant needs for each break-even level."""
    use = _use(ledger, p)
    if use is None or use.output is None:
        return None
    rows = []
    for level in levels(ledger, p):
        need = cars(use.capacity) * level
        rows.append((phrase("{l:.0%}", l=level), span(need, wide=0.01), span(need - use.output)))
    columns = (
        Column("Break-even at", align="left"),
        Column("Vehicles a year"),
        Column("More than in " + use.year),
    )
    return Table.of(
        "plant-needs",
        phrase(
            "What {plant} needs to break even", plant=cited(name(ledger, p), f"plant:{p.plant}")
        ),
        columns,
        rows,
        phrase("The levels are rules of thumb of the press, not figures of Nissan's."),
    )


# -- Oppama -------------------------------------------------------------------------------


def staff(ledger: Ledger, p: Any) -> Phrase | None:
    """Why two staff figures for Oppama are both right."""
    site = ledger.find("employees", "oppama", "2024-10-31", "whole_site")
    line = ledger.latest("employees", "oppama", "production_staff")
    if p.plant != "oppama" or site is None:
        return None
    if line is None:
        return phrase(
            "Oppama employed {site:q~,} people in October 2024, the whole site.", site=site
        )
    kept = ledger.latest("jobs_kept", "oppama")
    said = (
        "Two staff figures are in print and both are right: {site:q~,} is the whole site in October 2024, "
        "{line:q~,} is production. Articles that call all of them jobs at stake count people whose "
        "work is not building cars."
    )
    if kept is not None:
        said += " The press puts the production jobs that stay in the district after March 2028 at {kept:q~,}."
    return phrase(said, site=site, line=line.quantity, kept=kept.quantity if kept else None)


def foxconn(ledger: Ledger, p: Any) -> Phrase | None:
    """The Foxconn talks: who reported what, what Nissan said, and what became of it."""
    if p.plant != "oppama" or event(ledger, "foxconn-oppama-reported") is None:
        return None
    said = (
        "On 6 July 2025 the Nikkei reported, from one unnamed source at Nissan, talks with Foxconn on "
        "building its electric cars at Oppama. Nissan answered that the report was not based on its information, "
        "which is not a denial of talks in so many words."
    )
    if event(ledger, "oppama-end") is not None:
        said += " On 15 July 2025 Nissan announced that Oppama stops building cars by the end of FY2027."
    if event(ledger, "foxconn-left") is not None:
        said += (
            " According to a TV Tokyo report of 8 October 2025, Foxconn gave up in mid-September; Nissan did "
            "not confirm that either. No contract and no volume was ever published."
        )
    return phrase(said)


def foxconn_volume(ledger: Ledger, p: Any) -> Phrase | None:
    """How many Foxconn cars a year would have brought the plant to break-even."""
    use = _use(ledger, p)
    if p.plant != "oppama" or use is None or use.output is None:
        return None
    level, volume = (
        break_even(ledger, p),
        cars(chosen(ledger, p, "oppama_foxconn_volume", "foxconn_volume")),
    )
    need = cars(use.capacity) * level - use.output
    with_them = share(use.output + volume, cars(use.capacity))
    if volume.value < need.low:
        verdict = "too few"
    else:
        verdict = "enough" if volume.value >= need.high else "near what was needed"
    said = (
        "At a break-even of {level:.0%}, Foxconn would have had to build **{need} cars a year** in "
        "Oppama on top of the {out:q~,} of {year}. The {volume:,} assumed here would have made it {use} "
        "full: " + verdict + "."
    )
    if need.high <= 0:
        said = "At a break-even of {level:.0%}, Oppama needed no cars but its own {out:q~,} of {year}."
    elif event(ledger, "oppama-end") is not None:
        said += " That also asks for Nissan's own cars to stay, and those were to move to Kyushu."
    return phrase(said, level=level, need=span(need), out=use.output, year=use.year, volume=volume,
                  use=percent(with_them))


def foxconn_chart(ledger: Ledger, p: Any) -> Chart | None:
    """Oppama's use by the number of Foxconn cars, with the break-even levels."""
    use = _use(ledger, p)
    if p.plant != "oppama" or use is None or use.output is None:
        return None
    level, volume = (
        break_even(ledger, p),
        chosen(ledger, p, "oppama_foxconn_volume", "foxconn_volume"),
    )
    need = cars(use.capacity) * level - use.output
    top = max(160_000.0, volume.value * 1.1, need.value * 1.1)
    xs = [float(x) for x in np.linspace(0, top, 9)]
    ys = [(use.output.value + x) / use.capacity.value * 100 for x in xs]
    at = (use.output.value + volume.value) / use.capacity.value * 100
    data = pd.DataFrame({"foxconn_cars": xs, "use_percent": ys})
    bars_at: list[Quantity] = levels(ledger, p)

    def draw(axes: Axes) -> None:
        axes.plot([x / 1000 for x in xs], ys, color=LIGHT["accent"])
        for one in bars_at:
            strong = one.value == level.value
            axes.axhline(
                one.value,
                color=LIGHT["ink" if strong else "pale"],
                linewidth=1,
                linestyle=(0, (4, 3)),
            )
            axes.annotate(
                f"{one.value:.0f}% used",
                (0, one.value),
                xytext=(2, 2),
                textcoords="offset points",
                fontsize=8.5,
                color=LIGHT["ink" if strong else "muted"],
            )
        axes.plot([volume.value / 1000], [at], "o", color=LIGHT["accent"])
        mark_event(axes, volume.value / 1000, at, f"assumed: {at:.0f}%", dx=30, dy=-26)
        axes.set_xlim(0, top / 1000)
        axes.set_ylim(0, max(105.0, max(ys) * 1.02))
        value_axis(axes, "%")
        value_axis(axes, "k", axis="x")
        axes.set_xlabel("Foxconn cars a year, thousands")

    return Chart(
        "oppama-foxconn",
        phrase(
            "{need} Foxconn cars a year would have filled Oppama to {level:.0%}",
            need=span(need),
            level=level,
        ),
        f"Use of Oppama's capacity in percent, {use.year} output plus Foxconn cars (a scenario)",
        describe("Line", "use of Oppama", [f"{x:,.0f} Foxconn cars" for x in xs], ys, "percent", 0),
        data,
        tuple(sorted({*use.rate.facts, *level.facts, *volume.facts})),
        draw,
        height=2.6,
    )


def kyushu(ledger: Ledger, p: Any) -> Phrase | None:
    """What Oppama's models do to Kyushu, at the output of the latest years known."""
    if p.plant not in ("oppama", "kyushu") or event(ledger, "oppama-end") is None:
        return None
    found = {u.plant: u for u in uses(ledger)}
    if "kyushu" not in found or "oppama" not in found:
        return None
    k, o = found["kyushu"], found["oppama"]
    if k.output is None or o.output is None:
        return None
    full = share(k.output + o.output, cars(k.capacity))
    return phrase(
        "The work goes to Kyushu. Its {k} vehicles of {ky} and Oppama's {o:q~,} of {oy} together "
        "would be {full} of Kyushu's {room:~,}: there the move does what no outside partner did "
        "at Oppama.",
        k=span(k.output),
        ky=k.year,
        o=o.output,
        oy=o.year,
        full=percent(full),
        room=k.capacity,
    )
