"""How full the plants are: by plant, by region, before and after the plan on paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from .charts import Chart
from .drawing import bars, describe, number, value_axis
from .ledger import Ledger
from .quantity import Origin, Quantity, share, total
from .restructuring import Plan, break_even, cars, counted, output_outside_china, plan
from .restructuring_plants import NOT_NISSAN, capacity, seven
from .style import LIGHT
from .tables import Column, Table
from .wording import Phrase, listed, phrase

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
                return Use(plant.plant, plant.label, period, None, room, rate_.ratio(), going)
    return None


def use_table(ledger: Ledger) -> Table | None:
    """Output, capacity and use of the plants for which a figure exists."""
    rows = [
        (u.label, u.year, u.output, u.capacity,
         phrase("{r:q~.0%}", r=u.rate) if u.output is None else phrase("{r:~.0%}", r=u.rate),
         phrase("{i:~,}", i=u.idle), "ends" if u.going else "goes on")
        for u in uses(ledger)
    ]
    if not rows:
        return None
    columns = (Column("Plant", align="left"), Column("Year", align="left"), Column("Output"),
               Column("Capacity"), Column("Use"), Column("Idle"), Column("Fate", align="left"))
    return Table.of("plant-use", phrase("Output and capacity of the plants with figures"), columns,
                    rows, phrase("Without an output the printed rate is shown. Chennai is left out: "
                                 "its printed output leaves out Renault's cars. COMPAS is an estimate "
                                 "by MarkLines, Nissan's and Mercedes-Benz's cars together."))


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
        "; most of the idle capacity is where work goes on" if stay > every / 2
        else "; most of the idle capacity is where work ends"
    )
    made = phrase(title, k=counted(len(above), n.facts), n=n, level=level)
    data = pd.DataFrame({
        "plant": [u.label for u in found], "year": [u.year for u in found],
        "capacity": [u.capacity.value for u in found],
        "use_percent": [round(u.rate.value * 100, 1) for u in found],
        "ends": [u.going for u in found],
    })
    said = "; ".join(f"{u.label} {number(u.rate.value * 100, 0)}% of {number(u.capacity.value)}"
                     f"{' (ends)' if u.going else ''}" for u in found)
    facts = tuple(sorted({*(f for u in found for f in (*u.rate.facts, *u.capacity.facts)), *level.facts}))
    return Chart(
        "merit-order", Phrase(made.md[0].upper() + made.md[1:], made.text[0].upper() + made.text[1:],
                              made.facts, made.statuses),
        "Use of capacity in percent (height) and capacity in vehicles a year (width), latest year known",
        f"Bars by plant, width is capacity, height is use of it, fullest first: {said}. "
        f"A line marks {number(level.value)}%.",
        data, facts, _draw_merit(found, level.value),
        phrase("Red: ends or is sold. Years differ, 2024 to FY2025; nameplate capacities."), height=3.3,
    )


def _draw_merit(found: list[Use], level: float) -> Callable[[Axes], None]:
    def draw(axes: Axes) -> None:
        widths = np.array([u.capacity.value / 1e6 for u in found])
        left = np.concatenate([[0], np.cumsum(widths)[:-1]])
        axes.bar(left, 100, widths, align="edge", color=LIGHT["grid"], edgecolor="white", linewidth=1.5)
        for u, x, w in zip(found, left, widths, strict=True):
            colour = LIGHT["accent" if u.going else "slate"]
            height = u.rate.value * 100
            axes.bar(x, height, w, align="edge", color=colour, edgecolor="white", linewidth=1.5)
            wide = w > 0.3
            axes.annotate(
                f"{u.label} {height:.0f}%", (x + w / 2, height), xytext=(0, 4),
                textcoords="offset points", ha="center", va="bottom", fontsize=8.5,
                rotation=0 if wide else 90, color=LIGHT["ink"],
            )
        axes.axhline(level, color=LIGHT["ink"], linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(f"{level:.0f}%", (float(left[-1] + widths[-1]), level), xytext=(3, 0),
                      textcoords="offset points", va="center", fontsize=8.5)
        axes.set_xlim(0, float(left[-1] + widths[-1]))
        axes.set_ylim(0, 100)
        axes.grid(False)
        value_axis(axes, "%")
        value_axis(axes, "m", axis="x")
        axes.set_xlabel("Capacity, million vehicles a year")

    return draw


# -- the plan on paper --------------------------------------------------------------------


def capital(said: Phrase) -> Phrase:
    """The same phrase with a capital letter at its start, unless it starts with markup."""
    if said.md.startswith("<"):
        head, _, rest = said.md.partition(">")
        return Phrase(f"{head}>{rest[0].upper()}{rest[1:]}", said.text[0].upper() + said.text[1:],
                      said.facts, said.statuses)
    return Phrase(said.md[0].upper() + said.md[1:], said.text[0].upper() + said.text[1:],
                  said.facts, said.statuses)


def capacity_table(ledger: Ledger) -> Table | None:
    """Which printed capacity figure means what."""
    plan_ = plan(ledger)
    rows: list[tuple[Any, ...]] = []
    old = ledger.find("capacity", "nissan", "FY2023", status=("target",))
    if old is not None:
        rows.append(("Nissan NEXT, May 2020", "worldwide", None, old, "FY2023"))
    if plan_.wide_left is not None:
        rows.append(("First plan, November 2024", "with China", plan_.wide, plan_.wide_left, "FY2026"))
    if plan_.capacity_left is not None:
        rows.append(("Re:Nissan, May 2025", "without China", plan_.capacity, plan_.capacity_left,
                     "FY2027"))
    if plan_.reserve is not None:
        rows.append(("", "reserve on top", None, plan_.reserve, "FY2027"))
    if plan_.alliance is not None:
        rows.append(("", "at partners", None, plan_.alliance, "FY2027"))
    if not rows:
        return None
    columns = (Column("Plan", align="left"), Column("What it counts", align="left"),
               Column("Before", "q~,"), Column("Target", "q~,"), Column("By", align="left"))
    return Table.of("capacity-figures", phrase("The capacity targets in circulation"), columns, rows,
                    phrase("Vehicles a year. Targets are plans, not outcomes."))


def reconcile(ledger: Ledger) -> Phrase | None:
    """Whether the two capacity plans fit each other."""
    plan_ = plan(ledger)
    if None in (plan_.wide, plan_.wide_left, plan_.capacity, plan_.capacity_left, plan_.reserve):
        return None
    china = ledger.find("capacity", "nissan_china", "2025-02-01", "planned", ("target",))
    gap = plan_.wide - plan_.capacity  # type: ignore[operator]
    said = (
        "The two plans are not rivals. The {wide:.1m} million of November 2024 counts China, the "
        "{now:.1m} million of May 2025 does not; the difference of {gap:.1m} million is what the press gives as "
        "Nissan's capacity in China."
    )
    if china is not None:
        said += (
            " The targets fit too: {wide_left:.1m} million less the {china:.1m} million planned for "
            "China is {rest:.1m} million, the same as {left:.1m} million with the {reserve:.1m} "
            "million of reserve. That reading is ours."
        )
    return phrase(said, wide=plan_.wide, now=plan_.capacity, gap=gap, china=china,
                  wide_left=plan_.wide_left, left=plan_.capacity_left, reserve=plan_.reserve,
                  rest=plan_.wide_left - china if china is not None else gap)  # type: ignore[operator]


def parts_of_the_cut(ledger: Ledger) -> Phrase | None:
    """The nameplates of the closing plants against the capacity that is to go."""
    plan_ = plan(ledger)
    if plan_.capacity is None or plan_.capacity_left is None or len(seven(ledger)) < 7:
        return None
    rooms = {p: capacity(ledger, p) for p in seven(ledger)}
    known = {p: q for p, q in rooms.items() if q is not None and p != "samut_prakan_1"}
    thai = [q for p in ("samut_prakan_1", "samut_prakan_2") if (q := capacity(ledger, p)) is not None]
    missing = [ledger.plants[p].label for p, q in rooms.items() if q is None]
    if len(known) < 2 or not thai or not missing:
        return None
    cut = plan_.capacity - plan_.capacity_left
    some = total(known.values())
    more = some + min(thai, key=lambda q: q.value)
    if not more > cut.value:
        return None
    return phrase(
        "The exits do not add up to the cut on nameplates. {names} have a printed capacity of "
        "{some:~,} a year together, {more:~,} with the smaller Thai plant, while {missing} are not "
        "known at all; the plan is to take out {cut:~.1m} million. Chennai's figure includes Renault's cars and "
        "COMPAS is half Mercedes-Benz's, so Nissan must count them otherwise, or count the "
        "{now:.1m} million lower than the nameplates.",
        names=listed([ledger.plants[p].label for p in known]), some=some, more=more,
        missing=listed(missing), cut=cut, now=plan_.capacity,
    )


def levels(ledger: Ledger, p: Any) -> list[Quantity]:
    """Break-even levels to compare: low, middle and high of the assumption, and the chosen one."""
    row = ledger.assumptions["breakeven_utilisation"]
    origin = Origin(("assumption:breakeven_utilisation",), status="assumption", label="our assumption")
    found = [Quantity.of(v, row.unit, origin) for v in (row.low, row.value, row.high)]
    own = break_even(ledger, p)
    if own.value not in [q.value for q in found]:
        found.append(own)
    return sorted(found, key=lambda q: q.value)


def break_even_table(ledger: Ledger, p: Any) -> Table | None:
    """What each break-even level asks for, and how far output is from it."""
    plan_ = plan(ledger)
    if not plan_.known or plan_.output is None:
        return None
    rows = []
    for level in levels(ledger, p):
        old, new = (cars(c) * level for c in (plan_.capacity, plan_.capacity_left))  # type: ignore[arg-type]
        rows.append((phrase("{l:.0%}", l=level), old, phrase("{g:~+,}", g=plan_.output - old), new,
                     phrase("{g:~+,}", g=plan_.output - new)))
    columns = (Column("Break-even at", align="left"), Column("Needs, old capacity", "~,"),
               Column("Output is"), Column("Needs, planned capacity", "~,"), Column("Output would be"))
    return Table.of(
        "break-even",
        phrase("Output outside China in {year}, {n:,} vehicles, against break-even", year=plan_.output_year,
               n=plan_.output),
        columns, rows,
        phrase("Plus: above break-even. The levels are rules of thumb of the press."),
    )


def headroom(ledger: Ledger, p: Any) -> Phrase | None:
    """What the plan on paper leaves as room, with and without the reserve."""
    plan_ = plan(ledger)
    then = plan_.use(plan_.capacity_left)
    if not plan_.known or plan_.output is None or then is None:
        return None
    level = break_even(ledger, p)
    need = cars(plan_.capacity_left) * level  # type: ignore[arg-type]
    room = (need / plan_.output) - 1.0 if False else share(need, plan_.output)
    move = Quantity(room.number - 1, "ratio", False, "break-even output / output, less one")
    said = (
        "On the planned capacity, output may fall by {drop:~.0%} before it is back at {level:.0%}."
        if move < 0 else
        "Even on the planned capacity, output has to rise by {drop:~.0%} to reach {level:.0%}."
    )
    values: dict[str, Any] = {"drop": abs(move), "level": level}
    if plan_.reserve is not None:
        wide = plan_.capacity_left + plan_.reserve  # type: ignore[operator]
        said += (
            " That counts only the {left:.1m} million. With the {reserve:.1m} million that Nissan wants to "
            "keep in reserve the same output is {use:~.0%} of capacity, so the gain rests on the reserve "
            "costing little."
        )
        values |= {"left": plan_.capacity_left, "reserve": plan_.reserve, "use": plan_.use(wide)}
    full = ledger.find("utilisation", "nissan", "FY2027", status=("target",))
    if full is not None:
        more = cars(plan_.capacity_left) * full - plan_.output  # type: ignore[arg-type]
        if more.value > 0:
            said += (
                " Nissan's own target is {full:q.0%}; that takes {more:~,} more vehicles a year than "
                "{year} had. Closing plants does not bring them."
            )
            values |= {"full": full, "more": more, "year": plan_.output_year}
    return phrase(said, **values)


def closures_chart(ledger: Ledger) -> Chart | None:
    """By how many points each exit lifts average use, if its output moves elsewhere."""
    plan_ = plan(ledger)
    if not plan_.known or plan_.output is None:
        return None
    now = plan_.use(plan_.capacity)
    gains: dict[str, Quantity] = {}
    for key in seven(ledger):
        room = capacity(ledger, key)
        if room is None or now is None:
            continue
        after = plan_.use(plan_.capacity - room)  # type: ignore[operator]
        gains[ledger.plants[key].label] = after - now  # type: ignore[operator]
    if len(gains) < 2:
        return None
    labels = sorted(gains, key=lambda k: -gains[k].value)
    values = [round(gains[k].value * 100, 1) for k in labels]
    return Chart(
        "closures",
        phrase("On nameplates, {top} lifts average use most: {n:~.0pp} points", top=labels[0],
               n=gains[labels[0]]),
        f"Rise of use outside China if each exit happened alone and its {plan_.output_year} output went elsewhere, "
        "percentage points",
        describe("Bars", "rise of average use by plant exit", labels, values, "percentage points", 1),
        pd.DataFrame({"plant": labels, "points": values}),
        tuple(sorted({f for q in gains.values() for f in q.facts})),
        lambda axes: bars(axes, labels, values, ["accent", *["slate"] * (len(labels) - 1)], 1),
        phrase("CIVAC and Santa Isabel are missing: no capacity found. Chennai's includes Renault's "
               "cars. The parts do not add up to the whole plan."),
        height=1.9,
    )


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
        rows.append((ledger.entities[entity].label.removeprefix("Nissan in ").removeprefix("the "),
                     room, _pc(year, room), said.ratio() if said else None,
                     _pc(latest, room), _pc(latest, left) if left is not None else None))
    plan_ = plan(ledger)
    if plan_.capacity is not None:
        china, world = (ledger.find("production", e, "2024") for e in ("nissan_china", "nissan"))
        year = world - china if world is not None and china is not None else None
        latest, name = output_outside_china(ledger)
        latest = latest if name == "FY2025" else None
        rows.append(("Outside China", plan_.capacity, _pc(year, plan_.capacity), None,
                     _pc(latest, plan_.capacity), _pc(latest, plan_.capacity_left)))
    if not rows:
        return None
    columns = (Column("Region", align="left"), Column("Capacity"), Column("Use 2024", "~.0%"),
               Column("As printed, 2024", "q~.0%"), Column("Use FY2025", "~.0%"),
               Column("After exits, on paper", "~.0%"))
    return Table.of("region-use", phrase("Use of capacity by region, before, now and on paper"), columns, rows,
                    phrase("Capacity: sum of nameplates of different years for Japan, the United States and "
                           "the United Kingdom, an assumption for China, Nissan's own for outside China. "
                           "On paper: FY2025 output on the capacity planned to be left; Japan without "
                           "Oppama and Shonan. Mexico and other regions have no capacity of recent date."))


def _pc(output: Quantity | None, room: Quantity | None) -> Quantity | None:
    return share(output, cars(room)) if output is not None and room is not None else None


def _rooms(ledger: Ledger, entity: str, plants: tuple[str, ...]) -> tuple[Quantity | None, Quantity | None]:
    if not plants:
        return ledger.assumption("china_capacity"), None
    rooms = [capacity(ledger, p) for p in plants]
    if any(r is None for r in rooms):
        return None, None
    left = [r for p, r in zip(plants, rooms, strict=True) if ledger.plants[p].end_date is None]
    whole = total([r for r in rooms if r is not None])
    gone = len(left) < len(rooms)
    return whole, total([r for r in left if r is not None]) if gone and left else None
