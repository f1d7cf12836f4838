"""Oppama: its staff, the Foxconn talks, and the move to Kyushu."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import describe, label_at, mark_event, value_axis
from ..ledger import Ledger
from ..provenance import when
from ..quantity import Origin, Quantity, facts_behind, share
from ..style import LIGHT
from ..wording import Phrase, long_month, phrase
from .paper import levels
from .plan import break_even, cars, chosen, needed, percent, span
from .use import LATE, printed, together, use_of, uses

SITE_DAY = dt.date(2024, 10, 31)  #: the figure for the whole site


def staff(ledger: Ledger, p: Any) -> Phrase | None:
    """Why two staff figures for Oppama are both right."""
    site = ledger.find("employees", "oppama", (SITE_DAY, SITE_DAY), "whole_site")
    line = ledger.latest("employees", "oppama", "production_staff")
    if p.plant != "oppama" or site is None:
        return None
    day = long_month(SITE_DAY)
    if line is None:
        return phrase(
            "Oppama employed {site:q~,} people in {day}, the whole site.", site=site, day=day
        )
    kept = ledger.latest("jobs_kept", "oppama")
    said = (
        "Two staff figures are in print and both are right: {site:q~,} is the whole site in {day}, "
        "{line:q~,} is production. Articles that call all of them jobs at stake count people whose "
        "work is not building cars."
    )
    if kept is not None:
        said += " The press puts the production jobs that stay in the district after the end of car production at {kept:q~,}."
    return phrase(
        said, site=site, day=day, line=line.quantity, kept=kept.quantity if kept else None
    )


def _foxconn_told(ledger: Ledger, p: Any) -> bool:
    return p.plant == "oppama" and ledger.event("foxconn-oppama-reported") is not None


def foxconn(ledger: Ledger, p: Any) -> Phrase | None:
    """The Foxconn talks: who reported what, what Nissan said, and what became of it."""
    if not _foxconn_told(ledger, p):
        return None
    said = (
        "On {told} the Nikkei reported, from one unnamed source at Nissan, talks with Foxconn on "
        "building its electric cars at Oppama. Nissan answered that the report was not based on its information, "
        "which is not a denial of talks in so many words."
    )
    told, end, left = (
        ledger.event(e) for e in ("foxconn-oppama-reported", "oppama-end", "foxconn-left")
    )
    if end is not None:
        said += " On {end} Nissan announced that Oppama stops building cars by the end of FY2027."
    if left is not None:
        said += (
            " According to a TV Tokyo report, Foxconn gave up in the middle of {left}; Nissan did "
            "not confirm that either. No contract and no volume was ever published."
        )
    days = {"told": told, "end": end, "left": left}
    return phrase(said, **{name: when(e) if e is not None else "" for name, e in days.items()})


def foxconn_volume(ledger: Ledger, p: Any) -> Phrase | None:
    """How many Foxconn cars a year would have brought the plant to break-even."""
    use = use_of(ledger, p.plant)
    if not _foxconn_told(ledger, p) or use is None or use.output is None:
        return None
    level, volume = (
        break_even(ledger, p),
        cars(chosen(ledger, p, "oppama_foxconn_volume", "foxconn_volume")),
    )
    need = needed(use.capacity, level, use.output)
    with_them = together(use.capacity, use.output, volume)
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
        said = (
            "At a break-even of {level:.0%}, Oppama needed no cars but its own {out:q~,} of {year}."
        )
    elif ledger.event("oppama-end") is not None:
        said += " That also asks for Nissan's own cars to stay, and those were to move to Kyushu."
    return phrase(
        said,
        level=level,
        need=span(need),
        out=use.output,
        year=use.year,
        volume=volume,
        use=percent(with_them),
    )


def foxconn_chart(ledger: Ledger, p: Any) -> Chart | None:
    """Oppama's use by the number of Foxconn cars, with the break-even levels."""
    use = use_of(ledger, p.plant)
    if not _foxconn_told(ledger, p) or use is None or use.output is None:
        return None
    level, volume = (
        break_even(ledger, p),
        chosen(ledger, p, "oppama_foxconn_volume", "foxconn_volume"),
    )
    need = needed(use.capacity, level, use.output)
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
            label_at(
                axes,
                f"{one.value:.0f}% used",
                (0, one.value),
                (2, 2),
                color=LIGHT["ink" if strong else "muted"],
            )
        axes.plot([volume.value / 1000], [at], "o", color=LIGHT["accent"])
        mark_event(axes, volume.value / 1000, at, f"assumed: {at:.0f}%", dx=30, dy=-26)
        axes.set_xlim(0, top / 1000)
        axes.set_ylim(0, max(105.0, max(ys) * 1.02))
        value_axis(axes, "%")
        value_axis(axes, axis="x")
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
        facts_behind((use.rate, level, volume)),
        draw,
        height=2.6,
    )


def kyushu(ledger: Ledger, p: Any) -> Phrase | None:
    """What Oppama's models do to Kyushu, at the output of the latest years known."""
    if p.plant not in ("oppama", "kyushu") or ledger.event("oppama-end") is None:
        return None
    found = {u.plant: u for u in uses(ledger)}
    if "kyushu" not in found or "oppama" not in found:
        return None
    k, o = found["kyushu"], found["oppama"]
    if k.output is None or o.output is None:
        return None
    full = together(k.capacity, k.output, o.output)
    late = ledger.find("utilisation", "kyushu", LATE)
    then = late.ratio() + share(o.output, cars(k.capacity)) if late is not None else None
    lead = "Oppama's work is to come here" if p.plant == "kyushu" else "The work is to go to Kyushu"
    return phrase(
        lead + ". Kyushu's {k} vehicles of {ky} and Oppama's {o:q~,} of {oy} together "
        "would be {full} of its {room:~,}.{late}",
        late=phrase(
            " On the use of {u:q.0%} that the chief executive named for late 2025 it would be about {w:.0%}.",
            u=late,
            w=then.given_as(round(then.value, 1), Origin(then.facts, status=then.status)),
        )
        if late is not None and then is not None
        else phrase(""),
        k=printed(ledger, k),
        ky=k.year,
        o=o.output,
        oy=o.year,
        full=percent(full),
        room=k.capacity,
    )
