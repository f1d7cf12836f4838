"""Nissan's sales in China: how far, how fast, on which definition.

Three things are counted under one name. Some Dongfeng-badged models left Nissan's count in April
2013; the growth printed for 2013 to 2015 implies years restated without explanation; and the
light commercial vehicles of Dongfeng Automobile Co (DFAC) left it in October 2022. A change
across one of these is never computed from levels here: growth over a break is the growth that
Nissan printed on a like-for-like base.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import columns, describe, mark_break
from ..ledger import Ledger, Point, Series
from ..quantity import Quantity, change, counted, facts_behind, multiplied
from ..tables import Column, Table
from ..wording import Trend, phrase

NISSAN = "nissan_china"
DFAC_LEFT = dt.date(2022, 10, 1)
#: Bases under which like-for-like growth over a break is printed.
PRINTED = ("cn_like_for_like", "cn_restated")


@dataclass(frozen=True)
class Growth:
    """Growth of one year: from the levels where the definition held, else as printed."""

    year: int
    ratio: Quantity
    computed: bool


@functools.lru_cache(maxsize=16)
def annual(ledger: Ledger, first_year: int = 2010) -> Series:
    """Calendar years of Nissan's sales in China."""
    return ledger.series("sales", NISSAN, "YE", start=f"{first_year}")


def year_of(point: Point) -> int:
    return point.period[0].year


def growth(ledger: Ledger, series: Series, year: int) -> Growth | None:
    """Growth of `year` on one definition, or None where nobody printed any."""
    new, old = series.at(str(year)), series.at(str(year - 1))
    if new and old and new.basis == old.basis:
        return Growth(year, change(new.quantity, old.quantity), True)
    for basis in PRINTED:
        printed = ledger.find("sales_yoy", NISSAN, str(year), basis=basis)
        if printed is not None:
            return Growth(year, printed.ratio(), False)
    return None


def streak(ledger: Ledger, series: Series) -> tuple[int, list[Growth]]:
    """How many years running the latest direction has held, and the growth of each."""
    found: list[Growth] = []
    year = year_of(series.points[-1])
    while (one := growth(ledger, series, year)) is not None:
        if found and (one.ratio < 0) != (found[0].ratio < 0):
            break
        found.append(one)
        year -= 1
    return len(found), found


def linked(ledger: Ledger, start: int, end: int) -> tuple[Quantity, list[Growth]] | None:
    """Change from year `start` to `end` like for like, years linked over changes of definition, and
    the years it is linked from, the steepest fall first; None where the growth of a year is not known."""
    found = [growth(ledger, annual(ledger), year) for year in range(start + 1, end + 1)]
    years = [one for one in found if one is not None]
    if not years or len(years) < len(found):
        return None
    return multiplied(one.ratio + 1 for one in years) - 1, sorted(
        years, key=lambda one: one.ratio.value
    )


@dataclass(frozen=True)
class Fall:
    """The fall in levels, each part of it on one definition."""

    latest: Point
    peak: Point
    growth: Growth | None
    previous: Growth | None  #: growth of the year before
    years: Quantity | None  #: length of the streak, in years
    falling: bool
    old_end: Point | None  #: last year on the definition of the peak
    old: Quantity | None  #: change from the peak to `old_end`
    new_start: Point | None  #: first year on the definition of the latest year
    new: Quantity | None  #: change from `new_start` to the latest year
    gone: Quantity | None  #: what Nissan's printed growth implies left the count in 2022 and 2023

    @property
    def slowed(self) -> bool:
        """Whether the latest year fell, and less than the year before it did."""
        both = self.growth is not None and self.previous is not None
        return both and self.falling and self.growth.ratio > self.previous.ratio  # type: ignore[union-attr]

    @property
    def drop(self) -> Quantity | None:
        return abs(self.growth.ratio) if self.growth is not None else None

    @property
    def previous_label(self) -> str:
        return str(self.previous.year) if self.previous is not None else ""

    @property
    def previous_drop(self) -> Quantity | None:
        return abs(self.previous.ratio) if self.previous is not None else None

    @property
    def old_drop(self) -> Quantity | None:
        return -self.old if self.old is not None else None

    @property
    def new_drop(self) -> Quantity | None:
        return -self.new if self.new is not None else None


def fall(ledger: Ledger) -> Fall | None:
    """From the peak year to the latest; None when no year is known."""
    series = annual(ledger)
    if not series.points:
        return None
    latest = series.points[-1]
    peak = max(series.points, key=lambda p: p.quantity.value)
    length, steps = streak(ledger, series)
    years = None
    if steps:
        years = counted(length, "years", [f for s in steps for f in s.ratio.facts], "counted")
    same = [p for p in series.points if p.basis == peak.basis and p.period >= peak.period]
    here = [p for p in series.points if p.basis == latest.basis]
    old = change(same[-1].quantity, peak.quantity) if len(same) > 1 else None
    split = latest.basis != peak.basis and len(here) > 1
    new = change(latest.quantity, here[0].quantity) if split else None
    gone = [q for y in (2022, 2023) if (q := left_count(ledger, series, y)) is not None]
    return Fall(
        latest, peak, steps[0] if steps else None, steps[1] if length > 1 else None, years, bool(steps and steps[0].ratio < 0),
        same[-1] if old else None, old, here[0] if new else None, new,
        gone[0] + gone[1] if len(gone) == 2 else None,
    )  # fmt: skip


def left_count(ledger: Ledger, series: Series, year: int) -> Quantity | None:
    """Vehicles of the year before that the printed growth of `year` leaves out (positive)."""
    step = growth(ledger, series, year)
    new, old = series.at(str(year)), series.at(str(year - 1))
    if step is None or step.computed or new is None or old is None or year < 2022:
        return None
    return old.quantity - new.quantity / (step.ratio + 1)


# -- years ------------------------------------------------------------------------------


def years_trend(ledger: Ledger, since: str) -> Trend | None:
    """Yearly sales since a year, with a gap at every change of definition."""
    points = [x for x in annual(ledger).points if x.label >= since]
    if len(points) < 3:
        return None
    values: list[float | None] = []
    for before, point in zip([None, *points], points, strict=False):
        if before is not None and before.basis != point.basis:
            values.append(None)
        values.append(point.quantity.value)
    words = f"Line of sales by year, {points[0].label} to {points[-1].label}, with gaps where the definition changes"
    return Trend(words, tuple(values), facts_behind(x.quantity for x in points))


def annual_chart(ledger: Ledger, p: Any) -> Chart | None:
    """Columns of yearly sales, every change of definition marked."""
    series = annual(ledger, p.first_year)
    f = fall(ledger)
    if not series.points or f is None:
        return None
    labels = [x.label for x in series.points]
    values = [x.quantity.value / 1e6 for x in series.points]
    whole = {b for b in (x.basis for x in series.points)
             if sum(x.basis == b for x in series.points) > 1}  # fmt: skip
    colours = [
        "accent" if x.basis in whole and year_of(x) >= 2015 else "pale" for x in series.points
    ]
    marks = [
        (labels.index(year) - 0.5, words)
        for year, words in (("2013", "April\n2013"), ("2014", ""), ("2015", "2014, 2015:\nrestated"), ("2022", ""),
                            ("2023", "October 2022:\nDFAC left"))
        if year in labels and labels.index(year) > 0
    ]  # fmt: skip

    def draw(axes: Axes) -> None:
        columns(axes, labels, values, colours, places=2)
        axes.set_ylim(0, max(values) * 1.3)
        for x, words in marks:
            mark_break(axes, x, words)

    direction = "below" if f.latest.quantity < f.peak.quantity else "above"
    title = phrase("The years from {a} to {b}, as published", a=labels[0], b=labels[-1])
    if f.old and f.new and f.old < 0 and f.new < 0:
        title = phrase("Two falls on two definitions: {a:.0%} to {x}, then {b:.0%} from {y}", a=-f.old, b=-f.new,
                       x=f.old_end.label if f.old_end else "", y=f.new_start.label if f.new_start else "")  # fmt: skip
    elif f.old and f.old < 0:
        title = phrase("{y} was {a:.1%} {d} the {p} peak", y=f.old_end.label if f.old_end else "",
                       a=-f.old, d=direction, p=f.peak.label)  # fmt: skip
    note = phrase(
        "Red columns share a definition with a neighbour and may be compared within their block; faint "
        "ones may not. Dashed lines are changes of definition."
    )
    data = pd.DataFrame(
        {"year": labels, "vehicles": [x.quantity.value for x in series.points],
         "definition": [x.basis for x in series.points]}
    )  # fmt: skip
    alt = describe(
        "Columns", "Nissan's yearly sales in China", labels, values, "million vehicles", 2
    )
    if marks:
        alt += " Dashed lines mark changes of definition."
    return Chart("china-years", title, "Nissan's sales in China by calendar year, million vehicles",
                 alt, data, series.facts, draw, note, height=3.2)  # fmt: skip


def spans_table(ledger: Ledger) -> Table | None:
    """Growth of each year, raw and like for like, from the peak on."""
    series, f = annual(ledger), fall(ledger)
    if f is None or len(series.points) < 3:
        return None
    rows = []
    for point in series.points:
        year = year_of(point)
        before = series.at(str(year - 1))
        step = growth(ledger, series, year)
        if before is None or year < 2018:
            continue
        raw = change(point.quantity, before.quantity)
        same = before.basis == point.basis
        rows.append((
            point.label, phrase("{q:q~,}", q=point.quantity), phrase("{g:+.1%}", g=raw),
            phrase("{g:+.1%}", g=step.ratio) if step else None,
            "one definition" if same else "part of the raw change is the definition",
        ))  # fmt: skip
    if not rows:
        return None
    columns_ = (Column("Year", align="left"), Column("Vehicles"), Column("Raw change"),
                Column("Like for like"), Column("Read it as", align="left"))  # fmt: skip
    title = phrase("Year by year: the raw change and the change on one definition")
    note = phrase(
        "Like for like is computed where the definition held and otherwise as Nissan China printed it."
    )
    return Table.of("china-growth", title, columns_, rows, note)


# -- one fall, two figures ---------------------------------------------------------------


@dataclass(frozen=True)
class TwoFigures:
    """January to November 2023 against 2022, and the year, raw and like for like."""

    now: Quantity
    before: Quantity
    raw: Quantity
    year_raw: Quantity | None
    year_printed: Quantity | None
    gone: Quantity | None

    @property
    def raw_drop(self) -> Quantity:
        return -self.raw


def two_figures(ledger: Ledger) -> TwoFigures | None:
    """What the founding article printed, and why the year's like-for-like fall is smaller."""
    spans = [
        ledger.facts.get(f"nissan-china-sales-{x}")
        for x in ("2023-01-11-btimes", "2022-01-11-btimes-prior")
    ]
    if None in spans:
        return None
    now, before = (ledger.fact(s.fact) for s in spans if s)
    series = annual(ledger)
    a, b = series.at("2022"), series.at("2023")
    return TwoFigures(
        now, before, change(now, before),
        change(b.quantity, a.quantity) if a and b else None,
        ledger.find("sales_yoy", NISSAN, "2023", basis="cn_like_for_like"),
        left_count(ledger, series, 2023),
    )  # fmt: skip
