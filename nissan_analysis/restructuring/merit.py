"""The merit order: plants by use, capacity as width, so that the idle capacity is an area."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import label_at, number, value_axis
from ..ledger import Ledger
from ..quantity import counted, facts_behind
from ..style import LIGHT
from ..wording import Phrase, capital, cited, enumerated, listed, phrase
from .plan import break_even, whose
from .plants import seven
from .use import LATE, Use, uses


def merit_order(ledger: Ledger, p: Any) -> Chart | None:
    """Plants by use, capacity as width: what is idle, and at which plants."""
    found = uses(ledger)
    if len(found) < 3:
        return None
    level = break_even(ledger, p)
    above = [u for u in found if u.rate.value * 100 >= level.value]
    stay = sum(u.idle.value for u in found if not u.going)
    every = sum(u.idle.value for u in found)
    n = counted(len(found), "plants", [f for u in found for f in u.rate.facts])
    if above:
        title = (
            "{k:w} of {n:w} plants with figures "
            + ("reaches" if len(above) == 1 else "reach")
            + " {level:.0%}"
        )
    else:
        title = "None of the {n:w} plants with figures reaches {level:.0%}"
    if 0 < stay < every:
        where = "goes on" if stay > every / 2 else "ends"
        title += "; most of the idle capacity is where work " + where
    made = phrase(title, k=counted(len(above), "plants", n.facts), n=n, level=level)
    data = pd.DataFrame(
        {
            "plant": [u.label for u in found],
            "year": [u.year for u in found],
            "capacity": [u.capacity.value for u in found],
            "use_percent": [round(u.rate.value * 100, 1) for u in found],
            "ends": [u.going for u in found],
        }
    )
    said = "; ".join(
        f"{u.label} {_rate(u)} of {number(u.capacity.value)}{' (ends)' if u.going else ''}"
        for u in found
    )
    rule = whose(level)
    by = "by " if rule.startswith("the") else ""
    line = f"{number(level.value)}%, break-even {by}{rule}"
    facts = facts_behind((level, *(q for u in found for q in (u.rate, u.capacity))))
    return Chart(
        "merit-order",
        capital(made),
        "Use of capacity in percent (height) and capacity in vehicles a year (width), latest year known",
        f"Bars by plant, width is capacity, height is use of it, fullest first: {said}. "
        f"A line marks {line}.",
        data,
        facts,
        _draw_merit(found, level.value, line),
        phrase(
            ("Red: ends or is sold{exits}. " if any(u.going for u in found) else "")
            + ("Faint: what the sources leave open. " if any(_open(u) for u in found) else "")
            + "Years differ; nameplate capacities.{n}",
            exits=_exits(ledger, found),
            n=_notes(ledger, found),
        ),
        height=2.9,
    )


def _rate(use: Use) -> str:
    """The use as a chart prints it: "49%", or "64–72%" where its bounds are wide."""
    return use.said.text.replace("% to ", "–")


def _open(use: Use) -> bool:
    """Whether the sources leave the use open by more than their rounding does."""
    return use.rate.high - use.rate.low > 0.03


def _draw_merit(found: list[Use], level: float, line: str) -> Callable[[Axes], None]:
    def draw(axes: Axes) -> None:
        widths = np.array([u.capacity.value / 1e6 for u in found])
        left = np.concatenate([[0], np.cumsum(widths)[:-1]])
        axes.bar(
            left, 100, widths, align="edge", color=LIGHT["grid"], edgecolor="white", linewidth=1.5
        )
        for u, x, w in zip(found, left, widths, strict=True):
            colour = LIGHT["accent" if u.going else "slate"]
            height = u.rate.value * 100
            if _open(u):
                low, high = u.rate.low * 100, u.rate.high * 100
                height = low
                axes.bar(x, high - low, w, bottom=low, align="edge", edgecolor="white", linewidth=1.5,
                         color=LIGHT["accent-soft" if u.going else "pale"])  # fmt: skip
            axes.bar(x, height, w, align="edge", color=colour, edgecolor="white", linewidth=1.5)
            # From fullest to emptiest the bars are a stair down: a name may run over the next steps.
            # Over a faint band, so that its edge strikes no name through.
            top, gap = (u.rate.high * 100, 1) if _open(u) else (height, 3)
            label_at(axes, f"{u.label} {_rate(u)}", (x, top), (3, gap), ha="left", va="bottom")
        axes.axhline(level, color=LIGHT["ink"], linewidth=1, linestyle=(0, (4, 3)))
        # The bars are lowest at the right: there is room over the line.
        end = (float(left[-1] + widths[-1]), level)
        label_at(axes, line, end, (-3, 2), ha="right", va="bottom")
        axes.set_xlim(0, float(left[-1] + widths[-1]))
        axes.set_ylim(0, 100)
        axes.grid(False)
        value_axis(axes, "%")
        value_axis(axes, axis="x")
        axes.set_xlabel("Capacity, million vehicles a year")

    return draw


def _exits(ledger: Ledger, found: list[Use]) -> Phrase:
    """Which of the plants that end count among the exits of the plan, and whose the others are."""
    named = seven(ledger)
    among = [u.label for u in found if u.going and u.plant in named]
    others = [u for u in found if u.going and u.plant not in named]
    if not named or not among:
        return phrase("")
    said = "; {among} " + ("is an exit" if len(among) == 1 else "are exits") + " of the plan"
    if others:
        said += ", {others} " + ("is" if len(others) == 1 else "are") + " not counted among them"
    return phrase(
        said,
        among=listed(among),
        others=enumerated(
            [
                cited(f"{u.label} (of {ledger.plants[u.plant].company})", f"plant:{u.plant}")
                for u in others
            ]
        )
        if others
        else "",
    )


def _notes(ledger: Ledger, found: list[Use]) -> Phrase:
    """What has to be said of Canton and of Kyushu beside their figures."""
    told = phrase("")
    plants = {u.plant for u in found}
    said = ledger.find("utilisation", "canton", "2024")
    if "canton" in plants:
        told = phrase(" Canton: Nissan's output in the United States less Smyrna's")
        if said is not None:
            told = phrase(
                "{t}; {r:.0%} is in print, which other sources give for all plants in the country",
                t=told, r=said,
            )  # fmt: skip
        told = phrase("{t}.", t=told)
    late = ledger.find("utilisation", "kyushu", LATE)
    if "kyushu" in plants and late is not None:
        told = phrase(
            "{t} Kyushu: two sources differ on FY2024; the chief executive put its use at {r:q.0%} in late 2025.",
            t=told, r=late,
        )  # fmt: skip
    return told
