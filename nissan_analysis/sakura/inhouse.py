"""The model of in-house production in words, tables and pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import label_at, label_over, named_rows, number, value_axis
from ..quantity import Quantity
from ..style import LIGHT
from ..tables import Column, Table
from ..wording import Phrase, listed, phrase
from .model import DRAWS, INPUTS, Model, model, net_value, simulate, swings
from .spans import either


def volumes_table(m: Model | None) -> Table | None:
    """What each year's Sakura sales would mean: value at our saving, and the saving needed."""
    if m is None:
        return None
    rows: list[tuple[Any, ...]] = []
    for year in range(2023, m.ledger.as_of.year + 1):
        sold = m.ledger.find("sales", "sakura", str(year))
        if sold is not None:
            rows.append(_volume_row(m, f"Sales of {year}", sold, either(m.ledger, sold)))
    if m.centre["volume"] > 0:
        rows.append(_volume_row(m, "As set here", m.inputs["volume"]))
    plan = m.ledger.find("capacity", "kei_inhouse_2013", "2014-04-01", "planned", ("target",))
    if plan:
        rows.append(_volume_row(m, "The plan of 2013, never carried out", plan.in_unit("vehicles")))
    if not rows:
        return None
    return Table.of(
        "inhouse-volumes",
        phrase("What each volume would need to pay back the assumed investment"),
        (
            Column("Cars a year", align="left"), Column("Volume", "q~,"),
            Column("Net present value, JPY bn", "~,.0"), Column("Saving a car needed, JPY", "~,"),
        ),
        rows,
        note=phrase(
            "Investment of JPY {i:,.0}bn, saving of JPY {s:,} a car in the third column, {y:.0} years, "
            "{r:.0%} a year. All four are our assumptions or settings.",
            i=m.inputs["investment"], s=m.inputs["saving"], y=m.inputs["years"], r=m.inputs["rate"],
        ),
    )  # fmt: skip


def _volume_row(
    m: Model, label: str, volume: Quantity, said: Phrase | None = None
) -> tuple[Any, ...]:
    value = float(net_value(**(m.centre | {"volume": volume.value})))
    result = m.made(value, "JPY_bn", "net present value at this volume")
    return label, said or volume, result, m.break_even_saving(volume)


_LABELS = {
    "saving": ("¥", ""),
    "volume": ("", ""),
    "investment": ("¥", "bn"),
    "years": ("", ""),
    "rate": ("", "%"),
    "growth": ("", "%"),
    "ramp": ("", ""),
}


def tornado(m: Model | None) -> Chart | None:
    """How far each assumption alone moves the result."""
    if m is None:
        return None
    found = swings(m)
    centre = m.value.value
    first = INPUTS[found[0][0]][1].lower()
    crossing = [s for s in found if min(s[3], s[4]) < 0 < max(s[3], s[4])]
    title = phrase("{first} matters most, and no source gives it", first="The " + first)

    def said(name: str, value: float) -> str:
        before, after = _LABELS[name]
        return f"{before}{number(value)}{after}"

    def draw(axes: Axes) -> None:
        for i, (name, low, high, a, b) in enumerate(found):
            y = len(found) - 1 - i
            left, right = min(a, b), max(a, b)
            axes.barh(y, centre - left, left=left, height=0.6, color=LIGHT["accent"])
            axes.barh(y, right - centre, left=centre, height=0.6, color=LIGHT["blue"])
            ends = ((a, low), (b, high)) if a <= b else ((b, high), (a, low))
            for (x, v), align, dx in zip(ends, ("right", "left"), (-4, 4), strict=True):
                label_at(
                    axes,
                    said(name, v),
                    (x, y),
                    (dx, 0),
                    ha=align,
                    va="center",
                    bbox={"facecolor": LIGHT["paper"], "edgecolor": "none", "pad": 1},
                )
        named_rows(axes, [INPUTS[s[0]][1] for s in found])
        axes.axvline(0, color=LIGHT["ink"], linewidth=1, zorder=0)
        value_axis(axes, axis="x")
        reach = [v for s in found for v in s[3:]] + [0.0]
        room = (max(reach) - min(reach)) * 0.13 or 1.0
        axes.set_xlim(min(reach) - room, max(reach) + room)

    data = pd.DataFrame(
        [
            {
                "assumption": INPUTS[n][1],
                "low": lo,
                "high": hi,
                "npv_at_low": round(a, 2),
                "npv_at_high": round(b, 2),
            }
            for n, lo, hi, a, b in found
        ]
    )
    text = "; ".join(
        f"{INPUTS[n][1].lower()} from {said(n, lo)} to {said(n, hi)}: {number(round(a, 1), 1)} to {number(round(b, 1), 1)}"
        for n, lo, hi, a, b in found
    )
    names = listed(INPUTS[s[0]][1].lower() for s in crossing)
    alone = (
        f"Of the assumptions only the {names}, by itself,"
        if crossing
        else "No assumption by itself"
    )
    note = phrase(
        "Right of zero the move pays. {w} takes the result across zero within the range.", w=alone
    )
    if len(crossing) > 1:
        note = phrase(
            "Right of zero the move pays. Across zero within its range, each alone: {w}.", w=names
        )
    return Chart(
        "inhouse-tornado", title,
        "Net present value of in-house production, each assumption at its low and high, JPY billion",
        f"Bars of the net present value in billions of yen around {number(round(centre, 1), 1)}: {text}.",
        data, m.value.facts, draw, note=note, height=3.2,
    )  # fmt: skip


def draws_chart(m: Model | None) -> Chart | None:
    """Histogram of the outcomes when all assumptions vary at once."""
    d = simulate(m)
    if m is None or d is None:
        return None
    low, high = np.percentile(d.values, (0.5, 99.5))
    if high - low < 1e-9:
        return None
    width = (high - low) / 40
    edges = np.arange(np.floor(low / width), np.ceil(high / width) + 1) * width
    counts, _ = np.histogram(d.values, edges)
    part = counts / len(d.values) * 100
    title = phrase(
        "Varied together, the assumptions put eight results in ten between JPY {a:~,.0}bn and {b:~,.0}bn",
        a=d.low,
        b=d.high,
    )

    def draw(axes: Axes) -> None:
        middle = (edges[:-1] + edges[1:]) / 2
        colours = [LIGHT["blue"] if x > 0 else LIGHT["slate"] for x in middle]
        axes.bar(middle, part, width=(edges[1] - edges[0]) * 0.92, color=colours)
        axes.axvline(0, color=LIGHT["ink"], linewidth=1)
        top = float(part.max())
        span = (d.low.value, d.high.value)
        axes.plot(
            span, [top * 1.09] * 2, color=LIGHT["accent"], linewidth=1.4, marker="|", markersize=9
        )
        label_over(
            axes,
            "eight in ten",
            (sum(span) / 2, top * 1.09),
            4,
            fontweight=600,
            color=LIGHT["accent"],
        )
        axes.set_ylim(0, top * 1.28)
        value_axis(axes, "%", count=4)
        value_axis(axes, axis="x")

    data = pd.DataFrame(
        {
            "from_jpy_bn": edges[:-1].round(2),
            "to_jpy_bn": edges[1:].round(2),
            "percent_of_draws": part,
        }
    )
    alt = (
        "Histogram of the net present value in billions of yen: one result in ten below "
        f"{number(d.low.value, 0)}, half below {number(d.median.value, 0)}, one in ten above "
        f"{number(d.high.value, 0)}."
    )
    note = phrase("Right of zero the move pays. This shows how little is known; it gives no odds.")
    return Chart(
        "inhouse-draws",
        title,
        "Net present value, JPY billion, and percent of draws; assumptions drawn independently",
        alt,
        data,
        d.median.facts,
        draw,
        note=note,
        height=2.4,
    )


def draws_said(m: Model | None) -> Phrase | None:
    """The Monte Carlo run in words."""
    d = simulate(m)
    if m is None or d is None:
        return None
    return phrase(
        "All {k:w} assumptions are drawn at once from triangles over their ranges, independently, {n:,} "
        "times with a fixed seed. Half of the results lie below JPY {b:~,.0}bn. The width comes from our "
        "ranges: wider ones would give a wider answer, so it measures what is not known, not Nissan's odds.",
        k=m.made(len(INPUTS), "assumptions", "assumptions counted"),
        n=m.made(DRAWS, "draws", "set in the code"),
        b=d.median,
    )


def verdict(m: Model | None) -> Phrase:
    """What the model says, after saying what it rests on."""
    if m is None:
        return phrase(
            "No source had reported an in-house electric kei car at this date, so nothing is worked out."
        )
    told = phrase(
        "No source gives the Sakura's unit margin, what moving it would save, or what the move would cost. "
        "What follows rests on our assumptions alone and shows what would have to be true."
    )  # fmt: skip
    volume, best = m.break_even_volume, _best_year(m)
    if m.centre["investment"] <= 0:
        told = phrase("{t} With nothing to invest any saving is a gain.", t=told)
    elif volume is None:
        told = phrase(
            "{t} Without a saving on each car no volume pays the investment back.", t=told
        )
    else:
        told = phrase(
            "{t} At an investment of JPY {i:,.0}bn and a saving of JPY {s:,} a car, it takes {v:~,} cars a "
            "year over {y:.0} years to break even.{best}",
            t=told, i=m.inputs["investment"], s=m.inputs["saving"], v=volume, y=m.inputs["years"],
            best=best,
        )  # fmt: skip
    return phrase(
        "{t} With {v:,} cars a year the net present value is JPY {n:~,.0}bn: the savings would pay for an "
        "investment of up to JPY {p:~,.0}bn.{k}",
        t=told, v=m.inputs["volume"], n=m.value, p=m.investment_paid, k=_known(m),
    )  # fmt: skip


def _known(m: Model) -> Phrase:
    """The same with the one investment that a source gives, Mitsubishi Motors' at Mizushima."""
    row = next(iter(m.ledger.rows("investment", "mizushima", "*", ("target",))), None)
    if row is None or min(m.centre["saving"], m.centre["investment"]) <= 0:
        return phrase("")
    spent = m.ledger.fact(row.fact)
    other = replace(m, inputs=m.inputs | {"investment": spent})
    cars = other.break_even_volume
    assert cars is not None
    cars = other.made(round(cars.value, -3), "vehicles", cars.formula)
    return phrase(
        " The one investment in print is {i:q,.0} billion yen, planned by Mitsubishi Motors for "
        "its kei electric line at Mizushima in 2020. At that, about {v:,} cars a year break even and the net "
        "present value is JPY {n:~+,.0}bn.",
        i=spent, v=cars, n=other.value,
    )  # fmt: skip


def _best_year(m: Model) -> Phrase:
    known = {
        y: m.ledger.find("sales", "sakura", str(y)) for y in range(2023, m.ledger.as_of.year + 1)
    }
    sold = {y: q for y, q in known.items() if q is not None}
    if not sold:
        return phrase("")
    top = max(sold, key=lambda y: sold[y].value)
    return phrase(" Its best year so far, {y}, saw {n:,}.", y=str(top), n=sold[top])


__all__ = ["model", "tornado", "verdict", "volumes_table"]
