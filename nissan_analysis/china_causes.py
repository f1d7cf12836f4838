"""Why sales fell: market, the move to new-energy cars, and Nissan's share of the rest.

Sales of a maker are written as N = M x (1 - p) x s: the market M, the share p of new-energy cars in
it, and s, the maker's sales for each combustion car sold. The change of N between two years is
split with the additive logarithmic mean Divisia index (LMDI I; B. W. Ang, "The LMDI approach to
decomposition analysis: a practical guide", Energy Policy 33, 2005, 867-871): the effect of a
factor x is L(N1, N0) ln(x1 / x0), with L the logarithmic mean. The effects add up to the change
exactly and none is left over. Years whose inputs are not all known are left out, or split into
market and share alone; a change of definition is a part of its own.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from uncertainties import umath  # type: ignore[attr-defined]

from .charts import Chart
from .china_levels import DFAC_LEFT, NISSAN, annual, growth
from .drawing import lines, mark_break, number, years_axis
from .ledger import Ledger
from .quantity import Quantity, change, share, total
from .style import LIGHT
from .tables import Column, Table
from .wording import Phrase, listed, phrase

PEERS = {"toyota_china": "Toyota", "honda_china": "Honda", "byd": "BYD"}


def logarithm(q: Quantity) -> Quantity:
    """Natural logarithm of a plain ratio, bounds and sources kept."""
    return Quantity(umath.log(q.ratio().number), "ratio", False)


def log_mean(a: Quantity, b: Quantity) -> Quantity:
    """The logarithmic mean (a - b) / ln(a / b), between `a` and `b`; `a` where they are equal."""
    if abs(a.value / b.value - 1) < 1e-9:
        return a
    return (a - b) / logarithm(a / b)


def lmdi(
    new: Quantity, old: Quantity, factors: list[tuple[Quantity, Quantity]]
) -> list[Quantity]:
    """The additive effects of factors (new, old) whose products are `new` and `old`."""
    weight = log_mean(new, old)
    return [weight * logarithm(x1 / x0) for x1, x0 in factors]


# -- the market -------------------------------------------------------------------------


def market(ledger: Ledger, year: int) -> Quantity | None:
    """CPCA retail sales of passenger cars; worked back from next year's growth where not printed."""
    stated = ledger.find("sales", "china_market", str(year), basis="cpca_retail")
    if stated is not None:
        return stated
    later = ledger.find("sales", "china_market", str(year + 1), basis="cpca_retail")
    rate = ledger.find("sales_yoy", "china_market", str(year + 1), basis="cpca_retail")
    return later / (rate.ratio() + 1) if later is not None and rate is not None else None


def penetration(ledger: Ledger, year: int) -> Quantity | None:
    """Share of new-energy cars in CPCA retail: counted where both counts are known, else as printed."""
    cars = ledger.find("nev_sales", "china_market", str(year), basis="cpca_retail")
    whole = ledger.find("sales", "china_market", str(year), basis="cpca_retail")
    if cars is not None and whole is not None:
        return share(cars, whole)
    printed = ledger.find("nev_share", "china_market", str(year), basis="cpca_retail")
    return printed.ratio() if printed is not None else None


def combustion_market(ledger: Ledger, year: int) -> Quantity | None:
    m, p = market(ledger, year), penetration(ledger, year)
    return m * (1 - p) if m is not None and p is not None else None


# -- decomposition ----------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """The change of one maker's sales over one year, in parts that add up to it."""

    year: int
    market: Quantity
    shift: Quantity | None  #: None where the share of new-energy cars is not known
    own: Quantity
    left: Quantity | None  #: vehicles that left the count (negative), not lost sales

    @property
    def like_for_like(self) -> Quantity:
        return total([q for q in (self.market, self.shift, self.own) if q is not None])


def step(ledger: Ledger, entity: str, year: int) -> Step | None:
    """The parts of the change from the year before; None where an input is missing."""
    series = ledger.series("sales", entity, "YE")
    new, old = series.at(str(year)), series.at(str(year - 1))
    if new is None or old is None:
        return None
    n1, n0, left = new.quantity, old.quantity, None
    if new.basis != old.basis:
        rate = growth(ledger, series, year) if entity == NISSAN else None
        if rate is None or year < 2016:
            return None
        n0 = n1 / (rate.ratio + 1)
        left = n0 - old.quantity
    values = [(market(ledger, y), penetration(ledger, y)) for y in (year, year - 1)]
    (m1, p1), (m0, p0) = values
    if m1 is not None and m0 is not None and p1 is not None and p0 is not None:
        c1, c0 = 1 - p1, 1 - p0
        parts = lmdi(n1, n0, [(m1, m0), (c1, c0), (n1 / (m1 * c1), n0 / (m0 * c0))])
        return Step(year, parts[0], parts[1], parts[2], left)
    m1, m0 = (ledger.find("sales", "china_market", str(y), basis="caam") for y in (year, year - 1))
    if m1 is None or m0 is None:
        return None
    parts = lmdi(n1, n0, [(m1, m0), (n1 / m1, n0 / m0)])
    return Step(year, parts[0], None, parts[1], left)


def chain(ledger: Ledger, entity: str = NISSAN, full: bool = False) -> list[Step]:
    """The unbroken run of steps that ends with the latest year (`full`: all three parts known)."""
    series = ledger.series("sales", entity, "YE")
    if not series.points:
        return []
    found: list[Step] = []
    year = series.points[-1].period[0].year
    while (one := step(ledger, entity, year)) is not None and year > 2018:
        if full and one.shift is None:
            break
        found.insert(0, one)
        year -= 1
    return found


@dataclass(frozen=True)
class Shift:
    """How much of the like-for-like change the move to new-energy cars accounts for."""

    start: str
    end: str
    fall: Quantity  #: like for like, negative
    market: Quantity
    shift: Quantity
    own: Quantity
    part: Quantity  #: shift / fall


def shift_of_fall(ledger: Ledger, entity: str = NISSAN) -> Shift | None:
    """None where fewer than two years are known with all their parts, or sales did not fall."""
    steps = [s for s in chain(ledger, entity, full=True) if s.shift is not None]
    if len(steps) < 2:
        return None
    moved = total([s.like_for_like for s in steps])
    shift = total([s.shift for s in steps if s.shift is not None])
    if moved >= 0 and entity == NISSAN:
        return None
    return Shift(str(steps[0].year - 1), str(steps[-1].year), moved, total([s.market for s in steps]),
                 shift, total([s.own for s in steps]), shift / moved)  # fmt: skip


def waterfall(ledger: Ledger) -> Chart | None:
    """From the first year of the chain to the latest: market, new-energy cars, share, definition."""
    steps = chain(ledger)
    if len(steps) < 2:
        return None
    series = annual(ledger)
    first, last = series.at(str(steps[0].year - 1)), series.at(str(steps[-1].year))
    assert first is not None and last is not None
    market_, own = (total([getattr(s, name) for s in steps]) for name in ("market", "own"))
    shifts = [s.shift for s in steps if s.shift is not None]
    lefts = [s.left for s in steps if s.left is not None]
    bars = [(f"Sales\n{first.label}", first.quantity, True), ("Size of\nthe market", market_, False)]
    if shifts:
        bars.append(("New-energy\ncars", total(shifts), False))
    bars.append(("Nissan's\nshare", own, False))
    if lefts:
        bars.append(("Left the\ncount", total(lefts), False))
    bars.append((f"Sales\n{last.label}", last.quantity, True))

    def draw(axes: Axes) -> None:
        at = 0.0
        for x, (_, q, whole) in enumerate(bars):
            value = q.value / 1000
            bottom = 0.0 if whole else at
            colour = "accent" if whole else "slate" if "count" not in bars[x][0] else "pale"
            axes.bar(x, value, bottom=bottom, width=0.66, color=LIGHT[colour])
            at = value if whole else at + value
            shown = number(value, 0) if whole else f"{value:+,.0f}".replace("-", "−")
            axes.annotate(shown, (x, max(bottom, bottom + value)), xytext=(0, 3), ha="center",
                          textcoords="offset points", fontsize=9)  # fmt: skip
            if x < len(bars) - 1:
                axes.plot([x + 0.33, x + 0.67], [at, at], color=LIGHT["muted"], linewidth=0.8)
        axes.set_xticks(range(len(bars)), [b[0] for b in bars])
        axes.set_yticks([])
        axes.grid(False)
        axes.margins(y=0.1)

    words = {"Size of\nthe market": "the size of the market", "New-energy\ncars": "the move to new-energy cars",
             "Nissan's\nshare": "Nissan's share of the rest"}  # fmt: skip
    worst = min((b for b in bars if b[0] in words), key=lambda b: b[1].value)
    title = phrase("By our estimate {w} cost Nissan most: {n:~,.0k} thousand vehicles a year",
                   w=words[worst[0]], n=-worst[1])  # fmt: skip
    if worst[1] >= 0:
        title = phrase("What moved Nissan's sales from {a} to {b}", a=first.label, b=last.label)
    values = "; ".join(f"{b[0].replace(chr(10), ' ')} {number(b[1].value / 1000, 0)}" for b in bars)
    alt = f"Waterfall of Nissan's yearly sales in China, in thousand vehicles: {values}."
    lacking = [s for s in steps if s.shift is None]
    note = phrase("Sum of yearly additive LMDI effects (Ang, 2005). Retail market and new-energy share: CPCA.")
    if lacking:
        note = phrase(
            "Sum of yearly additive LMDI effects (Ang, 2005). Market and new-energy share: CPCA; for {a} to {b} "
            "that share is missing, so those years have market (CAAM) and share only.",
            a=str(lacking[0].year), b=str(lacking[-1].year),
        )  # fmt: skip
    data = pd.DataFrame({"part": [b[0].replace("\n", " ") for b in bars], "vehicles": [round(b[1].value) for b in bars]})
    facts = tuple(sorted({f for b in bars for f in b[1].facts}))
    return Chart("china-causes", title, "Yearly sales in China and the parts of their change, thousand vehicles",
                 alt, data, facts, draw, note, height=3.1)  # fmt: skip


def steps_table(ledger: Ledger) -> Table | None:
    """Every year's parts, which add up to the published change."""
    steps = chain(ledger)
    if not steps:
        return None
    series = annual(ledger)

    def cell(q: Quantity | None) -> Phrase | None:
        return phrase("{q:~+,.0k}", q=q) if q is not None else None

    rows = []
    for s in steps:
        whole = s.like_for_like + s.left if s.left is not None else s.like_for_like
        basis = "CPCA retail" if s.shift is not None else "CAAM, all vehicles"
        rows.append((str(s.year), cell(s.market), cell(s.shift), cell(s.own), cell(s.left), cell(whole), basis))
    note = phrase(
        "Thousand vehicles; an estimate. Parts add up to the published change before rounding. {n} has no "
        "separate count of its own new-energy cars, so they are in its share.", n=series.entity.label,
    )  # fmt: skip
    return Table.of(
        "china-parts", phrase("Parts of each year's change, thousand vehicles"),
        [Column("Year"), Column("Market"), Column("New-energy cars"), Column("Own share"),
         Column("Left the count"), Column("Published change"), Column("Market counted by", align="left")],
        rows, note,
    )  # fmt: skip


# -- Nissan's own part: the other makers --------------------------------------------------


def combustion_share(ledger: Ledger, entity: str, year: int) -> Quantity | None:
    """A maker's sales for each combustion car sold in China."""
    cars = ledger.find("sales", entity, str(year))
    whole = combustion_market(ledger, year)
    return share(cars, whole) if cars is not None and whole is not None else None


def share_chart(ledger: Ledger, p: Any) -> Chart | None:
    """Sales per hundred combustion cars sold, Nissan and the Japanese peers."""
    makers = {NISSAN: "Nissan"} | {k: PEERS[k] for k in p.peers if k != "byd"}
    years = range(2020, ledger.as_of.year + 1)
    found: dict[str, dict[int, Quantity]] = {}
    for entity, label in makers.items():
        shares = {y: q for y in years if (q := combustion_share(ledger, entity, y)) is not None}
        if entity == NISSAN:
            shares.pop(2022, None)  # mixes two definitions
        if shares:
            found[label] = shares
    if len(found.get("Nissan", {})) < 2:
        return None
    drawn = {
        label: ([dt.date(y, 7, 1) for y in s], [q.value * 100 for q in s.values()]) for label, s in found.items()
    }
    colours = {"Nissan": "accent", "Toyota": "blue", "Honda": "amber"}
    crosses = min(found["Nissan"]) < 2022 < max(found["Nissan"])

    def draw(axes: Axes) -> None:
        lines(axes, drawn, colours, suffix="%", markers=True, step_gap_days=400)
        years_axis(axes)
        if crosses:
            mark_break(axes, DFAC_LEFT, "Nissan: DFAC leaves")
        axes.margins(x=0.12)

    kept = {y: q for y, q in found["Nissan"].items() if y >= 2023}
    title = phrase("Sales measured against the shrinking combustion market")
    if len(kept) > 1:
        a, b = kept[min(kept)], kept[max(kept)]
        moved = "lost" if b < a else "gained"
        title = phrase("In what is left of the combustion market Nissan {m} ground after {y}", m=moved, y=str(min(kept)))
        t = found.get("Toyota", {})
        if {min(kept), max(kept)} <= set(t) and t[max(kept)] > t[min(kept)] and b < a:
            title = phrase("In what is left of the combustion market Toyota gained and Nissan lost after {y}",
                           y=str(min(kept)))  # fmt: skip
    rows = [(label, y, q.value * 100) for label, s in found.items() for y, q in s.items()]
    data = pd.DataFrame(rows, columns=["maker", "year", "percent"])
    alt = "Lines of sales as a percentage of combustion cars sold in China. " + " ".join(
        f"{label}: " + ", ".join(f"{y} {number(q.value * 100, 1)}" for y, q in s.items()) + "."
        for label, s in found.items()
    )
    facts = tuple(sorted({f for s in found.values() for q in s.values() for f in q.facts}))
    note = phrase("All sales of a maker, its own new-energy cars included, over CPCA retail sales without new-energy cars.")
    return Chart("china-combustion-share", title, "Maker's sales per hundred combustion cars sold in China", alt,
                 data, facts, draw, note, height=3.0)  # fmt: skip


def own_part_table(ledger: Ledger, p: Any) -> Table | None:
    """The same parts for the Japanese peers: what all share, and what is each maker's own."""
    rows = []
    for entity, label in ({NISSAN: "Nissan"} | {k: PEERS[k] for k in p.peers if k != "byd"}).items():
        s = shift_of_fall(ledger, entity)
        if s is None:
            continue
        rows.append((label, f"{s.start} to {s.end}", *(phrase("{q:~+,.0k}", q=q) for q in (s.market, s.shift, s.own, s.fall))))
    if len(rows) < 2:
        return None
    return Table.of(
        "china-own-part", phrase("What the market did to all, and what each maker did itself"),
        [Column("Maker"), Column("Years", align="left"), Column("Market"), Column("New-energy cars"),
         Column("Own share"), Column("Change")],
        rows, phrase("Thousand vehicles a year, like for like; an estimate by the same method."),
    )  # fmt: skip


def peers_chart(ledger: Ledger, p: Any) -> Chart | None:
    """Yearly sales of Nissan and its peers, in millions."""
    makers = {NISSAN: "Nissan"} | {k: PEERS[k] for k in p.peers}
    drawn: dict[str, tuple[list[dt.date], list[float]]] = {}
    rows, facts = [], set()
    for entity, label in makers.items():
        basis = "byd_all" if entity == "byd" else None
        series = ledger.series("sales", entity, "YE", basis=basis, start=str(max(p.first_year, 2017)))
        points = [x for x in series.points if x.period[0].year >= max(p.first_year, 2017)]
        points = [x for x in points if not (entity == NISSAN and x.basis == "cn_mixed_2022")]
        if points:
            name = "BYD (world)" if entity == "byd" else label
            drawn[name] = ([dt.date(x.period[0].year, 7, 1) for x in points], [x.quantity.value / 1e6 for x in points])
            rows += [(name, x.label, x.quantity.value) for x in points]
            facts |= {f for x in points for f in x.quantity.facts}
    if "Nissan" not in drawn:
        return None
    colours = {"Nissan": "accent", "Toyota": "blue", "Honda": "amber", "BYD (world)": "slate"}
    days = drawn["Nissan"][0]

    def draw(axes: Axes) -> None:
        lines(axes, drawn, colours, suffix="m", markers=True, step_gap_days=400)
        years_axis(axes)
        if days[0] < DFAC_LEFT < days[-1]:
            mark_break(axes, DFAC_LEFT, "Nissan: DFAC leaves")
        axes.margins(x=0.14)

    title = _peers_title(ledger, makers)
    alt = "Lines of yearly sales in million vehicles. " + " ".join(
        f"{name}: " + ", ".join(f"{d.year} {number(v, 2)}" for d, v in zip(*xy, strict=True)) + "."
        for name, xy in drawn.items()
    )
    note = phrase(
        "Gaps are years without a figure, and for Nissan 2022, which mixes two definitions. Toyota counts Hong "
        "Kong and Macau from 2019. BYD is worldwide, not China alone."
    )
    return Chart("china-peers", title, "Sales by calendar year, million vehicles (Nissan, Toyota, Honda: China)", alt,
                 pd.DataFrame(rows, columns=["maker", "year", "vehicles"]), tuple(sorted(facts)), draw, note, height=3.3)  # fmt: skip


def _peers_title(ledger: Ledger, makers: dict[str, str]) -> Phrase:
    fell, rose = [], []
    for entity, label in makers.items():
        a, b = (ledger.find("sales", entity, y, basis="byd_all" if entity == "byd" else None) for y in ("2023", "2025"))
        if a is not None and b is not None:
            (fell if change(b, a) < 0 else rose).append(label)
    if "Nissan" in fell and len(fell) + len(rose) > 1:
        title = f"From 2023 to 2025 {listed(fell)} lost sales"
        return phrase("{t}", t=title + (f" and {listed(rose)} gained" if rose else ""))
    return phrase("Nissan beside its peers")


def peers_table(ledger: Ledger, p: Any) -> Table | None:
    """Change over spans that no definition breaks, for Nissan, peers and the market."""
    spans = [("2019", "2021"), ("2021", "2023"), ("2023", "2025")]
    subjects = {NISSAN: ("Nissan", None)} | {k: (PEERS[k], "byd_all" if k == "byd" else None) for k in p.peers}
    subjects["china_market"] = ("All vehicles made and sold (CAAM)", "caam")
    rows = []
    for entity, (label, basis) in subjects.items():
        cells: list[Phrase | None] = []
        for a, b in spans:
            points = ledger.series("sales", entity, "YE", basis=basis, start=a)
            old, new = points.at(a), points.at(b)
            if old is not None and new is not None and (basis or old.basis == new.basis):
                cells.append(phrase("{g:~+.0%}", g=change(new.quantity, old.quantity)))
            elif old is not None and new is not None and entity == NISSAN:
                steps = [growth(ledger, annual(ledger), int(y)) for y in (str(int(a) + 1), b)]
                linked = (steps[0].ratio + 1) * (steps[1].ratio + 1) if steps[0] and steps[1] else None
                cells.append(phrase("{g:+.0%}, like for like", g=Quantity(linked.number - 1, "ratio", False)) if linked else None)
            else:
                cells.append(None)
        if any(cells):
            rows.append((label, *cells))
    if not rows:
        return None
    return Table.of(
        "china-peers-growth", phrase("Change over spans that one definition covers"),
        [Column("Maker"), *(Column(f"{a} to {b}") for a, b in spans)], rows,
        phrase("Nissan 2021 to 2023 links the two yearly changes that Nissan China printed like for like. BYD is worldwide."),
    )  # fmt: skip
