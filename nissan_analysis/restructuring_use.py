"""How full the plants are: by plant, by region, before and after the plan on paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from .charts import Chart
from .drawing import number, value_axis
from .ledger import Ledger
from .quantity import Quantity, share, total
from .restructuring import (
    break_even,
    capital,
    cars,
    counted,
    output_outside_china,
    percent,
    plan,
    span,
)
from .restructuring_plants import NOT_NISSAN, capacity
from .style import LIGHT
from .tables import Column, Table
from .wording import Phrase, phrase


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
    found = []
    for plant in ledger.plants.values():
        if plant.country == "China" or plant.plant in NOT_NISSAN:
            continue
        room = capacity(ledger, plant.plant)
        if room is None:
            continue
        use = _use(ledger, plant, room)
        if use is not None:
            found.append(use)
    return sorted(found, key=lambda u: -u.rate.value)


def _use(ledger: Ledger, plant: Any, room: Quantity) -> Use | None:
    going = plant.end_date is not None
    for year in range(ledger.as_of.year, 2022, -1):
        for period in (f"{year}", f"FY{year}"):
            output = ledger.find("production", plant.plant, period, derive=False)
            if output is not None:
                rate = share(output, cars(room))
                return Use(plant.plant, plant.label, period, output, room, rate, going)
            rate_ = ledger.find("utilisation", plant.plant, period)
            if rate_ is not None:
                return Use(plant.plant, plant.label, period, None, room, rate_.ratio(), going, rate_)
    return None


def use_table(ledger: Ledger) -> Table | None:
    """Output, capacity and use of the plants for which a figure exists."""
    rows = [
        (
            u.label,
            u.year,
            span(u.output) if u.output is not None else None,
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
    return Table.of(
        "plant-use",
        phrase("Output and capacity of the plants with figures"),
        columns,
        rows,
        phrase(
            "Without an output the printed rate is shown. Chennai is left out: "
            "its printed output leaves out Renault's cars. COMPAS is an estimate "
            "by MarkLines, Nissan's and Mercedes-Benz's cars together."
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
    n = counted(len(found), [f for u in found for f in u.rate.facts])
    if above:
        title = "{k:w} of {n:w} plants with figures reach {level:.0%}"
    else:
        title = "None of the {n:w} plants with figures reaches {level:.0%}"
    title += (
        "; most of the idle capacity is where work goes on"
        if stay > every / 2
        else "; most of the idle capacity is where work ends"
    )
    made = phrase(title, k=counted(len(above), n.facts), n=n, level=level)
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
        f"{u.label} {number(u.rate.value * 100, 0)}% of {number(u.capacity.value)}"
        f"{' (ends)' if u.going else ''}"
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
        phrase("Red: ends or is sold. Years differ, 2024 to FY2025; nameplate capacities."),
        height=3.3,
    )


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
            axes.bar(x, height, w, align="edge", color=colour, edgecolor="white", linewidth=1.5)
            wide = w > 0.3
            axes.annotate(
                f"{u.label} {height:.0f}%",
                (x + w / 2, height),
                xytext=(0, 4),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=8.5,
                rotation=0 if wide else 90,
                color=LIGHT["ink"],
            )
        axes.axhline(level, color=LIGHT["ink"], linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(
            f"{level:.0f}%",
            (float(left[-1] + widths[-1]), level),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
        )
        axes.set_xlim(0, float(left[-1] + widths[-1]))
        axes.set_ylim(0, 100)
        axes.grid(False)
        value_axis(axes, "%")
        value_axis(axes, axis="x")
        axes.set_xlabel("Capacity, million vehicles a year")

    return draw


# -- regions ------------------------------------------------------------------------------

#: Region, the plants whose capacities make up its own, and a capacity printed for it.
REGIONS: dict[str, tuple[str, ...]] = {
    "nissan_japan": ("oppama", "shonan", "tochigi", "kyushu", "shatai_kyushu"),
    "nissan_us": ("smyrna", "canton"),
    "nissan_uk": ("sunderland",),
    "nissan_china": (),
}


def region_table(ledger: Ledger) -> Table | None:
    """Use of capacity by region: the year before the plan, the latest, and after exits on paper."""
    rows = []
    for entity, plants in REGIONS.items():
        room, left = _rooms(ledger, entity, plants)
        year = ledger.find("production", entity, "2024")
        latest = ledger.find("production", entity, "FY2025")
        if room is None or year is None:
            continue
        said = ledger.find("utilisation", entity, "2024")
        rows.append(
            (
                ledger.entities[entity].label.removeprefix("Nissan in ").removeprefix("the "),
                span(room, wide=0.03),
                _pc(year, room),
                phrase("{r:q~.0%}", r=said) if said else None,
                _pc(latest, room),
                _pc(latest, left),
            )
        )
    plan_ = plan(ledger)
    if plan_.capacity is not None:
        china, world = (ledger.find("production", e, "2024") for e in ("nissan_china", "nissan"))
        year = world - china if world is not None and china is not None else None
        latest, name = output_outside_china(ledger)
        latest = latest if name == "FY2025" else None
        rows.append(
            (
                "Outside China",
                plan_.capacity,
                _pc(year, plan_.capacity),
                None,
                _pc(latest, plan_.capacity),
                _pc(latest, plan_.capacity_left),
            )
        )
    if not rows:
        return None
    columns = (
        Column("Region", align="left"),
        Column("Capacity"),
        Column("Use 2024"),
        Column("As printed, 2024"),
        Column("Use FY2025"),
        Column("After exits, on paper"),
    )
    return Table.of(
        "region-use",
        phrase("Use of capacity by region, before, now and on paper"),
        columns,
        rows,
        phrase(
            "Capacity: sum of nameplates of different years for Japan, the United States and "
            "the United Kingdom, an assumption for China, Nissan's own for outside China. "
            "On paper: FY2025 output on the capacity planned to be left; Japan without "
            "Oppama and Shonan. Mexico and other regions have no capacity of recent date."
        ),
    )


def _pc(output: Quantity | None, room: Quantity | None) -> Phrase | None:
    return percent(share(output, cars(room))) if output is not None and room is not None else None


def _rooms(
    ledger: Ledger, entity: str, plants: tuple[str, ...]
) -> tuple[Quantity | None, Quantity | None]:
    if not plants:
        return ledger.assumption("china_capacity"), None
    rooms = [capacity(ledger, p) for p in plants]
    if any(r is None for r in rooms):
        return None, None
    left = [r for p, r in zip(plants, rooms, strict=True) if ledger.plants[p].end_date is None]
    whole = total([r for r in rooms if r is not None])
    gone = len(left) < len(rooms)
    return whole, total([r for r in left if r is not None]) if gone and left else None


def region_text(ledger: Ledger, p: Any) -> Phrase | None:
    """Whether Japan reaches break-even once Oppama and Shonan are gone, on paper."""
    whole, left = _rooms(ledger, "nissan_japan", REGIONS["nissan_japan"])
    output = ledger.find("production", "nissan_japan", "FY2025")
    if whole is None or left is None or output is None:
        return None
    level = break_even(ledger, p)
    now, then = share(output, cars(whole)), share(output, cars(left))
    reaches = "reaches" if then.value * 100 >= level.value else "stays below"
    return phrase(
        "Japan " + reaches + " {level:.0%} even without Oppama and Shonan: the FY2025 output is {now} of the "
        "five plants' capacity and would be {then} of the three that remain. The exits alone do not "
        "fill the plants in Japan.",
        level=level, now=percent(now), then=percent(then),
    ) if reaches == "stays below" else phrase(
        "On paper Japan " + reaches + " {level:.0%} without Oppama and Shonan: {now} of capacity was used in "
        "FY2025, {then} would be.", level=level, now=percent(now), then=percent(then),
    )


def plants_text(ledger: Ledger, p: Any) -> Phrase:
    """Where the idle capacity lies, among the plants with figures."""
    found = uses(ledger)
    if len(found) < 3:
        return phrase("Too few plants have both an output and a capacity on record on {day}.", day=ledger.as_of)
    stay = [u for u in found if not u.going]
    going = [u for u in found if u.going]
    n = counted(len(found), [f for u in found for f in u.rate.facts])
    said = "For {n:w} plants outside China use is known or follows from output and capacity."
    values: dict[str, Any] = {"n": n, "level": break_even(ledger, p)}
    if stay and going:
        idle, gone = total([u.idle for u in stay]), total([u.idle for u in going])
        said += (
            " Those that end leave about {gone:~.1m} million vehicles a year unused, those that go on "
            "about {idle:~.1m} million."
        )
        if idle.low > gone.high:
            said += (
                " So the exits do not remove most of the idle capacity; they remove plants whose cars fit into it."
            )
        values |= {"idle": idle, "gone": gone}
    return phrase(said, **values)
