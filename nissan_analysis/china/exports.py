"""Exports as a way to fill idle plants."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from ..charts import Chart
from ..drawing import bars, describe, number
from ..ledger import ACTUAL, Ledger
from ..periods import Period
from ..quantity import Origin, Quantity, facts_behind, share
from ..style import LIGHT
from ..tables import Cell, Column, Table
from ..wording import Phrase, capital, joined, long_month, phrase
from .capacity import Use, capacities, chosen_capacity, column_head, cut_note, latest_use, room
from .levels import NISSAN

#: Ford told its exports of a part of the year.
FORD = (dt.date(2023, 1, 1), dt.date(2023, 12, 8))
#: Exports to lay beside Nissan's plan: entity, period, what the bar is called, whether a plan.
PEER_EXPORTS: tuple[tuple[str, str | Period, str, bool], ...] = (
    ("tesla_shanghai", "2023", "Tesla Shanghai, 2023", False),
    ("tesla_shanghai", "2024", "Tesla Shanghai, 2024", False),
    ("kia_china", "2023", "Kia Yancheng, 2023", False),
    ("kia_china", "2026", "Kia Yancheng, aim for 2026", True),
    ("kia_china", "2024", "Kia Yancheng, plan for 2024", True),
    ("bmw_great_wall", "2024", "BMW and Great Wall, plan for 2024", True),
    ("ford_china", FORD, "Ford in China, 2023 to 8 December", False),
)

#: Years that a path of output for China is followed.
AHEAD = 3
#: Kia's exports from Yancheng are counted from this day; the press tells when they passed a round number.
KIA_SINCE = dt.date(2018, 11, 1)
#: The pages date such a day in two ways, a month apart; the data hold the later one.
DATE_DOUBT = 31
#: Half of the last digit of capacities printed as "1.5 million".
HALF_DIGIT = 50_000


def set_here(quantity: Quantity) -> bool:
    """Whether a value was set for this report rather than taken from the assumptions."""
    return any(fact.startswith("parameter:") for fact in quantity.facts)


@dataclass(frozen=True)
class Need:
    """What a break-even use of a capacity asks for beyond what was built."""

    name: str
    capacity: Quantity
    output: Quantity
    label: str
    break_even: Quantity
    gap: Quantity  #: negative where break-even is passed
    scenario: Quantity  #: use with the scenario's exports on top

    @property
    def about(self) -> Quantity:
        """The gap to the ten thousand: the capacity it rests on is a round figure."""
        return self._rounded(self.gap.value)

    @property
    def least(self) -> Quantity:
        return self._rounded(self.gap.value - self._slack)

    @property
    def most(self) -> Quantity:
        return self._rounded(self.gap.value + self._slack)

    @property
    def _slack(self) -> float:
        """What half of the last printed digit of the capacity is worth in break-even output."""
        return HALF_DIGIT * self.break_even.value / self.capacity.value

    def _rounded(self, value: float) -> Quantity:
        label = "rounded to ten thousand: the capacity is a round figure"
        origin = Origin(self.gap.facts, 5_000, 5_000, self.gap.status, label=label)
        return self.gap.given_as(round(value, -4), origin, "an end of the range of {0}")

    @property
    def room(self) -> Phrase:
        return room(self.capacity)


def exports_needed(ledger: Ledger, p: Any, break_even: Quantity, exports: Quantity) -> Need | None:
    """The gap at the capacity asked for (or the nearest in circulation at this date)."""
    size = chosen_capacity(ledger, p.capacity)
    use = latest_use(ledger, p.capacity)
    if size is None or use is None:
        return None
    name, capacity = size
    return _need(name, capacity, use, break_even, exports)


def _need(name: str, capacity: Quantity, use: Use, break_even: Quantity, exports: Quantity) -> Need:
    cars = capacity.in_unit("vehicles")
    wanted = cars * break_even
    more = use.output + exports.in_unit("vehicles")
    return Need(
        name, capacity, use.output, use.label, wanted, wanted - use.output, share(more, cars)
    )


@dataclass(frozen=True)
class Path:
    """Output for China some years on, if it changes by the same ratio every year."""

    rate: Quantity
    year: str
    use: Use  #: its output is that of `year`, measured against the capacity asked for

    @property
    def words(self) -> Phrase:
        if self.rate.value == 0:
            return phrase("as in {y}, unchanged", y=self.use.label)
        verb = "rising" if self.rate > 0 else "falling"
        spec = ".0%" if self.rate.value.is_integer() else ".1%"
        return phrase(f"{verb} by {{r:{spec}}} a year", r=abs(self.rate).ratio())


def paths(ledger: Ledger, p: Any, path: Quantity) -> list[Path]:
    """The path asked for, and the low and high end of the assumption, lowest first."""
    use = latest_use(ledger, p.capacity)
    if use is None:
        return []
    row = ledger.assumptions["china_domestic_path"]
    origin = Origin((f"assumption:{row.key}",), status="assumption", label="our range")
    rates = [Quantity.of(v, "percent", origin) for v in (row.low, row.high) if v != path.value]
    return [
        Path(rate, str(int(use.label) + AHEAD), replace(use, output=_thousands(use.output * (rate.ratio() + 1) ** AHEAD)))
        for rate in sorted([path, *rates], key=float)
    ]  # fmt: skip


def _thousands(q: Quantity) -> Quantity:
    label = "scenario, rounded to the thousand"
    return Quantity.of(round(q.value, -3), "vehicles", Origin(q.facts, 500, 500, "assumption", label=label))  # fmt: skip


def paths_table(ledger: Ledger, p: Any, break_even: Quantity, path: Quantity) -> Table | None:
    """Exports needed to break even, by what is built for China and by capacity figure."""
    sizes, found = capacities(ledger), paths(ledger, p, path)
    if not sizes or not found:
        return None
    rows: list[list[Cell]] = []
    for one in found:
        needs = [_need(k, q, one.use, break_even, one.use.output) for k, q in sizes.items()]
        cells = [phrase("about {g:,}", g=n.about) if n.gap > 0 else phrase("none") for n in needs]
        rows.append([capital(one.words), one.use.output, *cells])
    return Table.of(
        "china-paths",
        phrase("Exports needed in {y} to break even at {b:.0%} use, by output for China and by capacity", y=found[0].year, b=break_even),
        [Column("Output for China", align="left"), Column(f"Built in {found[0].year}"),
         *(Column(f"At {column_head(q)}") for q in sizes.values())], rows,
        cut_note(sizes, phrase("A scenario: output of {y} changed by the same part every year. The paths are our assumption unless set.",
                               y=found[0].use.label)),
    )  # fmt: skip


def smallest_gap(ledger: Ledger, break_even: Quantity, exports: Quantity) -> Need | None:
    """The gap at the smallest capacity in circulation."""
    use, known = latest_use(ledger), capacities(ledger)
    if use is None or not known:
        return None
    name = min(known, key=lambda k: known[k].value)
    return _need(name, known[name], use, break_even, exports)


@dataclass(frozen=True)
class Milestone:
    """A round number of vehicles exported in all, and the month in which it was passed at the latest."""

    total: Quantity
    by: dt.date

    @property
    def month(self) -> str:
        return long_month(self.by)


@dataclass(frozen=True)
class PeerExports:
    """What Nissan planned, and what the export bases it was compared with did."""

    plan: Quantity | None  #: Nissan's own, a year
    kia_aim: Quantity | None
    kia_plan: Quantity | None
    kia: Quantity | None  #: 2023
    kia_passed: tuple[Milestone, Milestone] | None  #: the latest two round numbers
    tesla: Quantity | None  #: 2023
    tesla_next: Quantity | None  #: 2024
    stake: Quantity | None  #: Nissan's part of the export company with Dongfeng

    @property
    def kia_pace(self) -> tuple[Quantity, Quantity] | None:
        """Kia's exports a year between the two milestones, slowest and fastest as their dates allow."""
        if self.kia_passed is None:
            return None
        old, new = self.kia_passed
        more, days = new.total - old.total, (new.by - old.by).days
        origin = Origin(
            more.facts, 5_000, 5_000, "estimate", label="our estimate, to the ten thousand"
        )
        words = "a year's part of {0}, by the days between the two dates"
        slow, fast = (
            more.given_as(round(more.value * 365.25 / n, -4), origin, words)
            for n in (days + DATE_DOUBT, days - DATE_DOUBT)
        )
        return slow, fast


def peer_exports(ledger: Ledger) -> PeerExports:
    plan = ledger.latest("export_plan", NISSAN, status=("target",))
    stake = ledger.latest("stake", "nissan_in_export_jv")
    return PeerExports(
        plan.quantity if plan else None,
        ledger.find("exports", "kia_china", "2026", status=("target",), derive=False),
        ledger.find("exports", "kia_china", "2024", status=("target",), derive=False),
        ledger.find("exports", "kia_china", "2023", derive=False),
        _milestones(ledger),
        ledger.find("exports", "tesla_shanghai", "2023", derive=False),
        ledger.find("exports", "tesla_shanghai", "2024", derive=False),
        stake.quantity if stake else None,
    )


def _milestones(ledger: Ledger) -> tuple[Milestone, Milestone] | None:
    """The latest two round numbers that Kia's exports passed."""
    rows = [
        r for r in ledger.rows("exports", "kia_china", "*", ACTUAL) if r.period_start == KIA_SINCE
    ]
    rows.sort(key=lambda r: r.period_end)
    if len(rows) < 2:
        return None
    old, new = (Milestone(ledger.fact(r.fact), r.period_end) for r in rows[-2:])
    return old, new


def exports_chart(ledger: Ledger, p: Any, need: Need | None) -> Chart | None:
    """What break-even asks for, beside Nissan's plan and what peers exported or planned."""
    rows: list[tuple[str, Quantity, str]] = []
    if need is not None and need.gap > 0:
        rows.append((f"Nissan, to break even at {need.name}", need.about, "accent"))
    plan = ledger.latest("export_plan", NISSAN, status=("target",))
    if plan is not None:
        rows.append(("Nissan, plan", plan.quantity, "accent-soft"))
    done = len(rows)
    for entity, period, label, planned in PEER_EXPORTS:
        status = ("target",) if planned else ACTUAL
        q = ledger.find("exports", entity, period, status=status, derive=False)
        if q is not None:
            rows.append((label, q, "pale" if planned else "slate"))
    if done == 0 or len(rows) == done:
        return None
    labels, values, colours = [r[0] for r in rows], [r[1].value for r in rows], [r[2] for r in rows]

    def draw(axes: Axes) -> None:
        bars(axes, labels, values, colours, places=0)
        axes.margins(x=0.2)

    best = max((r for r in rows[done:] if r[2] == "slate"), key=lambda r: r[1].value, default=None)
    title = phrase("Exports planned and achieved from China")
    if best is not None and need is not None and need.gap > 0:
        than = (
            "more than any peer here shipped in a year"
            if need.gap > best[1]
            else "less than the best peer shipped"
        )
        title = phrase("At {r}, break-even would take about {n:,} exports, {t}", r=need.room, n=need.about, t=than)  # fmt: skip
    facts = facts_behind(q for _, q, _ in rows)
    note = phrase(
        "Strong bars: exported. Faint bars: planned or aimed at, not shown to have been reached. Ford's is a lower bound."
    )
    data = pd.DataFrame({"what": labels, "vehicles": values})
    return Chart("china-exports", title, "Vehicles exported from China a year",
                 describe("Bars", "yearly exports from China", labels, values, "vehicles", 0), data, facts, draw, note,
                 height=0.55 + 0.34 * len(rows))  # fmt: skip


def _percent(use: float) -> str:
    return f"{use:.0f}%" if use <= 100 else "more than the capacity"


def heat_map(ledger: Ledger, break_even: Quantity) -> Chart | None:
    """Use of every capacity in circulation over vehicles more than were built, at home or abroad."""
    sizes, use = capacities(ledger), latest_use(ledger)
    if use is None or not sizes:
        return None
    built, line = use.output.value, break_even.ratio().value
    more = [0, 100_000, 200_000, 300_000, 400_000, 500_000, 600_000]
    table = pd.DataFrame(
        [[100 * (built + x) / q.value for x in more] for q in sizes.values()],
        index=list(sizes), columns=more,
    )  # fmt: skip
    reached = (table >= 100 * line) & (table <= 100)
    beyond = bool((table > 100).any(axis=None))

    def mark(use: float) -> str:
        return "–" if use > 100 else f"{use:.0f}%" + "*" * (use >= 100 * line)

    def draw(axes: Axes) -> None:
        import seaborn as sns  # long to import, and only drawn with here

        # Two colours, and both of the palette: a blend of them would not follow into the dark.
        palette = ListedColormap([LIGHT["grid"], LIGHT["accent-soft"]])
        sns.heatmap(reached, ax=axes, cmap=palette, vmin=0, vmax=1, cbar=False, annot=table.map(mark),
                    fmt="", linewidths=1.5, linecolor=LIGHT["paper"], annot_kws={"fontsize": 9, "color": LIGHT["ink"]})  # fmt: skip
        axes.set_xticklabels(
            [f"as in\n{use.label}" if not x else f"+{number(x / 1000, 0)}k" for x in more]
        )
        axes.set_yticklabels(
            [column_head(q).replace(", ", ",\n") for q in sizes.values()],
            rotation=0,
        )
        axes.set_xlabel("Vehicles a year more than were built, for China or for export")
        axes.set_ylabel("Capacity a year")

    needs = {k: _need(k, q, use, break_even, use.output) for k, q in sizes.items()}
    short = {k: n for k, n in needs.items() if n.gap > 0}
    title = phrase("At every capacity printed the plants would break even as in {y}", y=use.label)
    if short:
        ends = sorted(short.values(), key=lambda n: n.gap.value)
        said = [
            phrase("about {n:,} vehicles at {r}", n=n.about, r=n.room)
            for n in dict.fromkeys((ends[0], ends[-1]))
        ]
        title = phrase("Missing to break even: {a}", a=joined(said, ", "))
    use_of = {(k, x): 100 * (built + x) / q.value for k, q in sizes.items() for x in more}
    flat = [(k, x, round(v, 1)) for (k, x), v in use_of.items()]
    alt = "Heat map of use of capacity in percent. " + " ".join(
        f"Capacity {k}: "
        + ", ".join(f"{number(x, 0)} more gives {_percent(use_of[k, x])}" for x in more)
        + "."
        for k in sizes
    )
    facts = facts_behind((*sizes.values(), use.output, break_even))
    note = phrase("In {y} Nissan built {n:,}.", y=use.label, n=use.output)
    if beyond:
        note = phrase("{rest} A dash: more than the capacity.", rest=note)
    if reached.any(axis=None):
        note = phrase("Red with a star: break-even is reached, at {b:.0%} use, {whose}. {rest}", b=break_even, rest=note,
                      whose="set for this report" if set_here(break_even) else "a rule of thumb of the press")  # fmt: skip
    return Chart("china-heat-map", title, "Use of capacity in percent, by capacity figure and vehicles more", alt,
                 pd.DataFrame(flat, columns=["capacity", "vehicles more", "percent"]), facts, draw, note, height=2.2)  # fmt: skip
