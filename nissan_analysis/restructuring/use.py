"""How full the plants are: by plant, by region, before and after the plan on paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import number, value_axis
from ..ledger import Ledger
from ..quantity import Quantity, counted, total, worst
from ..style import LIGHT
from ..tables import Column, Table
from ..wording import Phrase, capital, joined, phrase
from .plan import (
    break_even,
    cars,
    percent,
    span,
)
from .plants import NOT_NISSAN, capacity, ending, seven

#: Plants whose output is a country's less that of its only other plant.
REST = {"canton": ("nissan_us", "smyrna")}
LATE = (dt.date(2025, 7, 15), dt.date(2025, 12, 31))


@dataclass(frozen=True)
class Use:
    """How full a plant was in its latest year known."""

    plant: str
    label: str
    year: str
    output: Quantity | None
    capacity: Quantity
    rate: Quantity  #: as a ratio
    going: bool
    printed: Quantity | None = None  #: the rate as a source prints it

    @property
    def idle(self) -> Quantity:
        """Capacity not used, in vehicles."""
        if self.output is not None:
            return cars(self.capacity) - self.output
        return cars(self.capacity) - (cars(self.capacity) * self.rate).in_unit("vehicles")


def uses(ledger: Ledger) -> list[Use]:
    """Plants outside China whose use in some year is known or follows, fullest first."""
    found = [
        use_of(ledger, plant.plant)
        for plant in ledger.plants.values()
        if plant.country != "China" and plant.plant not in NOT_NISSAN
    ]
    return sorted((u for u in found if u is not None), key=lambda u: -u.rate.value)


def use_of(ledger: Ledger, key: str) -> Use | None:
    """How full one plant was in the latest year known, or None."""
    plant, room = ledger.plants[key], capacity(ledger, key)
    if room is None:
        return None
    going = ending(ledger, key)
    for year in range(ledger.as_of.year, 2022, -1):
        for period in (f"{year}", f"FY{year}"):
            output = _output(ledger, key, period)
            if output is not None:
                rate = worst(lambda built, most: built / most, output, cars(room))
                return Use(plant.plant, plant.label, period, output, room, rate, going)
            if key in REST:
                continue
            rate_ = ledger.find("utilisation", plant.plant, period)
            if rate_ is not None:
                return Use(
                    plant.plant, plant.label, period, None, room, rate_.ratio(), going, rate_
                )
    return None


def _output(ledger: Ledger, key: str, period: str) -> Quantity | None:
    """A plant's printed output, or what its country's other plants leave of the country's."""
    if key not in REST:
        return ledger.find("production", key, period, derive=False)
    parts = [ledger.find("production", e, period, derive=False) for e in REST[key]]
    whole, other = parts
    return whole - other if whole is not None and other is not None else None


def printed(ledger: Ledger, use: Use) -> Phrase:
    """A plant's output; each side, lower first, where sources differ and nobody settled it."""
    assert use.output is not None
    for conflict in ledger.disagreements([use.plant], ["production"]):
        sides = {f.value: ledger.fact(f.fact) for f in conflict.facts if f.rank != "deprecated"}
        if not conflict.settled and any(f.fact in use.output.facts for f in conflict.facts):
            return joined([phrase("{n:q,}", n=sides[v]) for v in sorted(sides)], " or ")
    return span(use.output)


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


def use_table(ledger: Ledger) -> Table | None:
    """Output, capacity and use of the plants for which a figure exists."""
    rows = [
        (
            u.label,
            u.year,
            printed(ledger, u) if u.output is not None else None,
            u.capacity,
            phrase("{r:q~.0%}", r=u.printed) if u.printed is not None else percent(u.rate),
            "ends" if u.going else "goes on",
        )
        for u in uses(ledger)
    ]
    if not rows:
        return None
    columns = (
        Column("Plant", align="left"),
        Column("Year", align="left"),
        Column("Output"),
        Column("Capacity"),
        Column("Use"),
        Column("Fate", align="left"),
    )
    estimated = any(row[0] == "COMPAS" for row in rows)
    return Table.of(
        "plant-use",
        phrase("Output and capacity of the plants with figures"),
        columns,
        rows,
        phrase(
            "Without an output the printed rate is shown. Chennai is left out: "
            "its printed output leaves out Renault's cars."
            + (
                " COMPAS is an estimate by MarkLines, Nissan's and Mercedes-Benz's cars together."
                if estimated
                else ""
            )
        ),
    )


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
    facts = tuple(
        sorted({*(f for u in found for f in (*u.rate.facts, *u.capacity.facts)), *level.facts})
    )
    return Chart(
        "merit-order",
        capital(made),
        "Use of capacity in percent (height) and capacity in vehicles a year (width), latest year known",
        f"Bars by plant, width is capacity, height is use of it, fullest first: {said}. "
        f"A line marks {number(level.value)}%.",
        data,
        facts,
        _draw_merit(found, level.value),
        phrase(
            "Red: ends or is sold. "
            + ("Faint: what the sources leave open. " if any(_open(u) for u in found) else "")
            + "Years differ; nameplate capacities.{n}",
            n=_notes(ledger, found),
        ),
        height=3.3,
    )


def _rate(use: Use) -> str:
    """The use as a chart prints it: "49%", or "64–72%" where its bounds are wide."""
    return percent(use.rate).text.replace("% to ", "–")


def _open(use: Use) -> bool:
    """Whether the sources leave the use open by more than their rounding does."""
    return use.rate.high - use.rate.low > 0.03


def _draw_merit(found: list[Use], level: float) -> Callable[[Axes], None]:
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
            axes.annotate(
                f"{u.label} {_rate(u)}",
                (x, height),
                xytext=(3, 3),
                textcoords="offset points",
                ha="left",
                va="bottom",
                fontsize=9,
                color=LIGHT["ink"],
            )
        axes.axhline(level, color=LIGHT["ink"], linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(
            f"{level:.0f}%",
            (float(left[-1] + widths[-1]), level),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
        axes.set_xlim(0, float(left[-1] + widths[-1]))
        axes.set_ylim(0, 100)
        axes.grid(False)
        value_axis(axes, "%")
        value_axis(axes, axis="x")
        axes.set_xlabel("Capacity, million vehicles a year")

    return draw


def plants_text(ledger: Ledger, p: Any) -> Phrase:
    """Where the idle capacity lies, among the plants with figures."""
    found = uses(ledger)
    if len(found) < 3:
        return phrase(
            "Too few plants have both an output and a capacity on record on {day}.",
            day=ledger.as_of,
        )
    stay = [u for u in found if not u.going]
    going = [u for u in found if u.going]
    n = counted(len(found), "plants", [f for u in found for f in u.rate.facts])
    said = "For {n:w} plants outside China use is known or follows from output and capacity."
    values: dict[str, Any] = {"n": n, "level": break_even(ledger, p)}
    if stay and going:
        idle, gone = total([u.idle for u in stay]), total([u.idle for u in going])
        said += (
            " Those that end leave about {gone:~.1m} million vehicles a year unused, those that go on "
            "about {idle:~.1m} million."
        )
        values |= {"idle": idle, "gone": gone}
        exits = seven(ledger)
        both = [u for u in going if u.plant in exits]
        if exits:
            said += (
                " Only {k:w} of the {all:w} exits announced have such figures, so this says where the idle "
                "capacity of these plants lies, not how much of it the plan removes."
            )
            values |= {
                "k": counted(len(both), "plants", [f"plant:{u.plant}" for u in both] or n.facts),
                "all": counted(len(exits), "plants", [f"plant:{e}" for e in exits]),
            }
    return phrase(said, **values)
