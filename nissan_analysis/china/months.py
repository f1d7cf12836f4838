"""Nissan's sales in China by month, and the latest twelve months against the twelve before."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import describe, label_at, mark_break, number, years_axis
from ..ledger import Ledger, Point, Series
from ..periods import label_period, months_from, shift_years
from ..quantity import Quantity, change, counted, facts_behind
from ..style import LIGHT
from ..wording import Phrase, enumerated, joined, phrase
from .levels import DFAC_LEFT, NISSAN, PRINTED

if TYPE_CHECKING:
    from .outlook import Projection, Trend

FIRST_MONTH = dt.date(2019, 10, 1)  # no month is missing from here on
SHOWN = 36  # months before a projection
LATEST = 6  # months of which each fall is told


@functools.lru_cache(maxsize=8)
def monthly(ledger: Ledger, start: dt.date = FIRST_MONTH) -> Series:
    """Months of Nissan's sales in China."""
    return ledger.series("sales", NISSAN, "ME", start=start)


def monthly_chart(ledger: Ledger, trend: Trend | None = None) -> Chart | None:
    """Columns of monthly sales with the DFAC break, and the trend on the new definition if given."""
    series = monthly(ledger)
    if len(series) < 6:
        return None
    days = [x.period[0] for x in series.points]
    values = [x.quantity.value / 1000 for x in series.points]
    recent = twelve_months(ledger)
    crosses = days[0] < DFAC_LEFT <= days[-1]

    def draw(axes: Axes) -> None:
        colours = [LIGHT["accent" if d >= DFAC_LEFT else "pale"] for d in days]
        axes.bar(days, values, width=25, color=colours)  # type: ignore[arg-type]
        axes.set_ylim(0, max(values) * 1.15)
        years_axis(axes)
        if crosses:
            mark_break(axes, dt.date(2022, 9, 17), "October 2022: DFAC leaves the count")
        if trend is not None:
            axes.plot([x.period[0] for x in trend.points], [v / 1000 for v in trend.level],  # type: ignore[arg-type]
                      color=LIGHT["ink"], linewidth=2)  # fmt: skip
            label_at(
                axes,
                "trend",
                (trend.points[0].period[0], trend.level[0] / 1000),
                (2, 34),
                fontweight=600,
            )

    title = phrase(
        "Month by month from {a} to {b}", a=series.points[0].label, b=series.points[-1].label
    )
    if recent:
        word = "more" if recent.change > 0 else "fewer"
        title = phrase("Twelve months to {m}: {c:.1%} {w} sales than in the twelve before",
                       m=recent.end, c=abs(recent.change), w=word)  # fmt: skip
    if trend is not None:
        title = phrase(
            "Adjusted for the season, an estimated {n:~,} a month in {m}, {w} the {b:~,} of a year before; the month itself brought {x:,}"
            if trend.apart
            else "Adjusted for the season, an estimated {n:~,} a month in {m}, no clear change in a year; the month itself brought {x:,}",
            w=trend.word, n=trend.now, m=trend.end_label, b=trend.year_ago, x=series.points[-1].quantity,
        )  # fmt: skip
    labels = [x.label for x in series.points]
    alt = describe(
        "Columns", "Nissan's monthly sales in China", labels, values, "thousand vehicles", 1
    )
    derived = [x.label for x in series.points if not x.stated]
    said = []
    if derived:
        said.append(
            phrase(
                "Derived from cumulative totals, not published as months: {d}.",
                d=", ".join(derived),
            )
        )
    if trend is not None:
        said.append(phrase(
            "Trend by STL, seasonal and trend decomposition by loess (Cleveland and others, 1990), on logarithms, an estimate. With the latest one to twelve months "
            "hidden, its last level comes out up to {e:.0%} off; the Chinese New Year wanders between January and February.",
            e=trend.error,
        ))  # fmt: skip
        alt += f" The trend falls from {trend.level[0] / 1000:.1f} to {trend.level[-1] / 1000:.1f}." if (
            trend.level[-1] < trend.level[0]) else f" The trend ends at {trend.level[-1] / 1000:.1f}."  # fmt: skip
    note = joined(said) if said else None
    data = pd.DataFrame({"month": days, "vehicles": [x.quantity.value for x in series.points],
                         "definition": [x.basis for x in series.points],
                         "published": [x.stated for x in series.points]})  # fmt: skip
    if trend is not None:
        level = {x.period[0]: round(v) for x, v in zip(trend.points, trend.level, strict=True)}
        data["trend"] = [level.get(d) for d in days]
    return Chart("china-months", title, "Nissan's sales in China by month, thousand vehicles", alt, data,
                 series.facts, draw, note, height=3.0)  # fmt: skip


def projection_chart(ahead: Projection | None) -> Chart | None:
    """The latest months and the twelve projected, with the worst misses of the backtest."""
    if ahead is None:
        return None
    points = ahead.points[-SHOWN:]
    past = [x.period[0] for x in points]
    came = [x.quantity.value / 1000 for x in points]
    middle, low, high = ([v / 1000 for v in line] for line in zip(*(m[1:] for m in ahead.months), strict=True))  # fmt: skip

    def draw(axes: Axes) -> None:
        axes.bar(past, came, width=25, color=LIGHT["accent"])  # type: ignore[arg-type]
        axes.bar(ahead.days, middle, width=25, color=LIGHT["accent-soft"])  # type: ignore[arg-type]
        axes.vlines(ahead.days, low, high, color=LIGHT["ink"], linewidth=1.2)  # type: ignore[arg-type]
        axes.set_ylim(0, max(*came, *high) * 1.15)
        years_axis(axes)
        for day, words in ((past[0], "sold"), (ahead.days[0], "if nothing changes")):
            label_at(
                axes,
                words,
                (day, 1.0),
                (-3, -2),
                xycoords=("data", "axes fraction"),
                va="top",
                fontweight=600,
            )

    title = phrase(
        "If nothing changes, about {n:~,} in twelve months; {a:~,} to {b:~,} if the worst misses of the tests came again",
        n=ahead.total, a=ahead.low, b=ahead.high,
    )  # fmt: skip
    note = phrase(
        "Thin lines: each month at the worst misses, down and up, of {o:w} to {f:w} tests as many months ahead. The tests overlap, so the lines are no "
        "interval of any stated certainty, and twelve months do not all miss at once: the total moves less. All months are on the definition "
        "in force since October 2022.",
        o=ahead.tested, f=ahead.origins,
    )  # fmt: skip
    data = pd.DataFrame(
        [(d, c * 1000, None, None, None) for d, c in zip(past, came, strict=True)]
        + [(d, None, *m[1:]) for d, m in zip(ahead.days, ahead.months, strict=True)],
        columns=["month", "sold", "projected", "worst_low", "worst_high"],
    )  # fmt: skip
    alt = (
        describe("Columns", "monthly sales", [x.label for x in points], came, "thousand vehicles", 1)
        + " Then twelve projected months: "
        + "; ".join(f"{m[0]} {number(m[1] / 1000, 1)}, {number(m[2] / 1000, 1)} to {number(m[3] / 1000, 1)}" for m in ahead.months)
        + "."
    )  # fmt: skip
    return Chart("china-projection", title, "Nissan's sales in China by month, sold and projected, thousand vehicles",
                 alt, data, ahead.total.facts, draw, note, height=2.9)  # fmt: skip


def year_on_year(ledger: Ledger, point: Point) -> Quantity | None:
    """Change of a month on the same month a year before, as printed or, on one definition, computed."""
    for basis in (point.basis, *PRINTED):
        printed = ledger.find("sales_yoy", NISSAN, point.period, basis=basis)
        if printed is not None:
            return printed.ratio()
    before = monthly(ledger).at(shift_years(point.period, -1))
    same = before is not None and before.basis == point.basis
    return change(point.quantity, before.quantity) if same and before else None


def latest_month(ledger: Ledger) -> Phrase | None:
    """The newest month by itself, and which of the latest months fell on the year before."""
    points = monthly(ledger).points[-LATEST:]
    moves = [(x, rate) for x in points if (rate := year_on_year(ledger, x)) is not None]
    if not moves or moves[-1][0] is not points[-1]:
        return None
    last, rate = moves[-1]
    before = label_period(*shift_years(last.period, -1))
    said = phrase(
        "In {m} alone Nissan sold {n:,}, {r:.1%} {w} {b}.", m=last.label, n=last.quantity, r=abs(rate),
        w="below" if rate < 0 else "above", b=before,
    )  # fmt: skip
    falls = [phrase("{m} by {r:.1%}", m=x.label, r=abs(r)) for x, r in moves if r < 0]
    if len(moves) < LATEST or not falls:
        return said
    facts = facts_behind(r for _, r in moves)
    every = "{said} Each of the latest {n:w} months known fell on the year before: {falls}."
    some = "{said} Of the latest {n:w} months known {k:w} fell on the year before: {falls}."
    return phrase(
        every if len(falls) == LATEST else some, said=said,
        n=counted(LATEST, "months", facts), k=counted(len(falls), "months", facts), falls=enumerated(falls),
    )  # fmt: skip


@dataclass(frozen=True)
class Twelve:
    """The latest twelve months with a figure, against the twelve before."""

    end: str
    now: Quantity
    change: Quantity
    to_date: Quantity | None  #: change of the year so far, where the year is not over
    to_date_label: str

    @property
    def size(self) -> Quantity:
        return abs(self.change)

    @property
    def word(self) -> str:
        return "more" if self.change > 0 else "fewer"

    @property
    def mixed(self) -> bool:
        """Whether the year so far and the twelve months point different ways."""
        return self.to_date is not None and len(set(self.ways)) == 2

    @property
    def ways(self) -> tuple[str, str]:
        """Where the twelve months and the year so far point."""
        so_far = self.to_date is not None and self.to_date > 0
        return ("up" if self.change > 0 else "down"), ("up" if so_far else "down")

    @property
    def to_date_size(self) -> Quantity | None:
        return abs(self.to_date) if self.to_date is not None else None

    @property
    def to_date_word(self) -> str:
        return "above" if self.to_date is not None and self.to_date > 0 else "below"


def twelve_months(ledger: Ledger) -> Twelve | None:
    """None unless both spans are known and lie on one definition."""
    series = monthly(ledger)
    if not series.points:
        return None
    last = series.points[-1].period[1]
    span = months_from(dt.date(last.year - 1 + last.month // 12, last.month % 12 + 1, 1), 12)
    earlier = shift_years(span, -1)
    if earlier[0] < DFAC_LEFT <= span[1]:
        return None
    now = ledger.find("sales", NISSAN, span)
    before = ledger.find("sales", NISSAN, earlier)
    if now is None or before is None:
        return None
    year = (dt.date(last.year, 1, 1), last)
    to_date, prior = (ledger.find("sales", NISSAN, x) for x in (year, shift_years(year, -1)))
    both = to_date is not None and prior is not None and last.month < 12
    so_far = change(to_date, prior) if both and to_date and prior else None
    return Twelve(label_period(*months_from(last, 1)), now, change(now, before), so_far,
                  label_period(*year))  # fmt: skip
