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

import functools
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from uncertainties import umath

from ..charts import Chart
from ..drawing import number
from ..ledger import Ledger
from ..quantity import Origin, Quantity, share, total
from ..style import LIGHT
from ..tables import Column, Table
from ..wording import Phrase, phrase
from .levels import NISSAN, annual, growth


def logarithm(q: Quantity) -> Quantity:
    """Natural logarithm of a plain ratio, bounds and sources kept."""
    return Quantity(umath.log(q.ratio().number), "ratio", False)


def log_mean(a: Quantity, b: Quantity) -> Quantity:
    """The logarithmic mean (a - b) / ln(a / b), between `a` and `b`; `a` where they are equal."""
    if abs(a.value / b.value - 1) < 1e-9:
        return a
    return (a - b) / logarithm(a / b)


def lmdi(new: Quantity, old: Quantity, factors: list[tuple[Quantity, Quantity]]) -> list[Quantity]:
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


@functools.lru_cache(maxsize=16)
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
    before: Quantity  #: share of new-energy cars in the market at the start
    after: Quantity  #: and at the end

    @property
    def loss(self) -> Quantity:
        return -self.fall

    @property
    def regained(self) -> Quantity:
        """What its own part gave back of what the move to new-energy cars took."""
        return self.own / -self.shift

    @property
    def own_loss(self) -> Quantity:
        return -self.own

    @property
    def shift_loss(self) -> Quantity:
        return -self.shift


def shift_of_fall(ledger: Ledger, entity: str = NISSAN) -> Shift | None:
    """None where fewer than two years are known with all their parts, or sales did not fall."""
    steps = [s for s in chain(ledger, entity, full=True) if s.shift is not None]
    if len(steps) < 2:
        return None
    moved = total([s.like_for_like for s in steps])
    shift = total([s.shift for s in steps if s.shift is not None])
    if moved >= 0 and entity == NISSAN:
        return None
    before, after = penetration(ledger, steps[0].year - 1), penetration(ledger, steps[-1].year)
    assert before is not None and after is not None
    parts = [moved, total(s.market for s in steps), shift, total(s.own for s in steps)]
    moved_, market_, shift_, own = (_thousands(q) for q in parts)
    return Shift(
        str(steps[0].year - 1),
        str(steps[-1].year),
        moved_,
        market_,
        shift_,
        own,
        shift / moved,
        before,
        after,
    )


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
    bars = [
        (f"Sales\n{first.label}", first.quantity, True),
        ("Size of\nthe market", market_, False),
    ]
    if shifts:
        bars.append(("New-energy\ncars", total(shifts), False))
    bars.append(("Nissan's\nshare", own, False))
    if lefts:
        bars.append(("Left the\ncount", total(lefts), False))
    bars.append((f"Sales\n{last.label}", last.quantity, True))

    heavy = min(range(len(bars)), key=lambda i: bars[i][1].value)

    def draw(axes: Axes) -> None:
        at = 0.0
        for x, (_, q, whole) in enumerate(bars):
            value = q.value / 1000
            bottom = 0.0 if whole else at
            colour = "slate" if whole else "accent" if x == heavy else "accent-soft"
            colour = "pale" if "count" in bars[x][0] else colour
            axes.bar(x, value, bottom=bottom, width=0.66, color=LIGHT[colour])
            at = value if whole else at + value
            shown = number(value, 0) if whole else f"{value:+,.0f}".replace("-", "−")
            axes.annotate(shown, (x, max(bottom, bottom + value)), xytext=(0, 3), ha="center",
                          textcoords="offset points", fontsize=9, fontweight=600 if x == heavy else 400)  # fmt: skip
            if x < len(bars) - 1:
                axes.plot([x + 0.33, x + 0.67], [at, at], color=LIGHT["muted"], linewidth=0.8)
        axes.set_xticks(range(len(bars)), [b[0] for b in bars])
        axes.set_yticks([])
        axes.grid(False)
        axes.margins(y=0.1)

    words = {"Size of\nthe market": "the size of the market", "New-energy\ncars": "the move to new-energy cars",
             "Nissan's\nshare": "Nissan's share of the rest"}  # fmt: skip
    worst = min((b for b in bars if b[0] in words), key=lambda b: b[1].value)
    title = phrase("By our estimate {w} cost Nissan most, about {n:~,} vehicles a year",
                   w=words[worst[0]], n=-worst[1])  # fmt: skip
    if worst[1] >= 0:
        title = phrase("What moved Nissan's sales from {a} to {b}", a=first.label, b=last.label)
    values = "; ".join(f"{b[0].replace(chr(10), ' ')} {number(b[1].value / 1000, 0)}" for b in bars)
    alt = f"Waterfall of Nissan's yearly sales in China, in thousand vehicles: {values}."
    lacking = [s for s in steps if s.shift is None]
    note = phrase(
        "Sum of yearly effects by the logarithmic mean Divisia index (LMDI; Ang, 2005). Retail market and new-energy share: CPCA."
    )
    if lacking:
        note = phrase(
            "Sum of yearly effects by the logarithmic mean Divisia index (LMDI; Ang, 2005). Market and new-energy share: CPCA; for {a} to {b} "
            "that share is missing, so those years have market and share only, the market as the manufacturers' association CAAM counts it: wholesale, trucks and exports included.",
            a=str(lacking[0].year), b=str(lacking[-1].year),
        )  # fmt: skip
    data = pd.DataFrame(
        {
            "part": [b[0].replace("\n", " ") for b in bars],
            "vehicles": [round(b[1].value) for b in bars],
        }
    )
    facts = tuple(sorted({f for b in bars for f in b[1].facts}))
    return Chart("china-causes", title, "Yearly sales in China and the parts of their change, thousand vehicles",
                 alt, data, facts, draw, note, height=3.1)  # fmt: skip


def _thousands(q: Quantity) -> Quantity:
    """To the thousand, so that a row adds up: the parts of one year share their errors."""
    origin = Origin(q.facts, 500, 500, "estimate", label="our estimate, to the thousand")
    return Quantity.of(round(q.value, -3), q.unit, origin)


def steps_table(ledger: Ledger) -> Table | None:
    """Every year's parts, which add up to the published change."""
    steps = chain(ledger)
    if not steps:
        return None

    def cell(q: Quantity | None) -> Phrase | None:
        return phrase("{q:+,.0k}", q=_thousands(q)) if q is not None else None

    rows = []
    for s in steps:
        whole = s.like_for_like + s.left if s.left is not None else s.like_for_like
        part = penetration(ledger, s.year)
        rows.append((str(s.year), phrase("{p:~.1%}", p=part) if part is not None else None, cell(s.market),
                     cell(s.shift), cell(s.own), cell(s.left), cell(whole)))  # fmt: skip
    note = phrase(
        "Thousand vehicles; an estimate. Parts add up to the published change but for rounding; the rounded inputs allow each a few thousand either way. Where the share of new-energy "
        "cars is missing the market is CAAM's, all vehicles; else it is CPCA retail. Nissan's own new-energy cars have no "
        "separate count and are in its share.",
    )  # fmt: skip
    return Table.of(
        "china-parts", phrase("Parts of each year's change, thousand vehicles"),
        [Column("Year", align="left"), Column("New-energy share of market"), Column("Market"),
         Column("New-energy cars"), Column("Own share"), Column("Left the count"), Column("Published change")],
        rows, note,
    )  # fmt: skip
