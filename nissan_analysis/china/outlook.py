"""Trend and projection of Nissan's monthly sales in China, on the definition in force.

Only months from October 2022 on are used: a model fitted over the change of definition would
learn the definition. The method of `china_methods` with the smallest mean absolute error from
rolling origins is the one that is used, whatever it is.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import number, value_axis
from ..ledger import Ledger, Point
from ..periods import label_period, months_from
from ..quantity import Origin, Quantity, counted, total
from ..style import LIGHT
from ..tables import Column, Table
from ..wording import phrase
from .levels import DFAC_LEFT
from .methods import METHODS, SEASON, TRAIN, Z80, Score, backtest
from .months import monthly


def _months(ledger: Ledger) -> list[Point]:
    """The unbroken run of months on the present definition that ends with the latest month."""
    points = list(monthly(ledger, DFAC_LEFT))
    run: list[Point] = []
    for point in reversed(points):
        if run and point.period[1] + dt.timedelta(days=1) != run[-1].period[0]:
            break
        run.append(point)
    return run[::-1]


@functools.lru_cache(maxsize=8)
def _scores(values: tuple[float, ...]) -> tuple[Score, ...]:
    return tuple(backtest(np.array(values)))


def scores(ledger: Ledger) -> tuple[Score, ...]:
    """Empty where there are fewer than 36 months: then nothing can be tested over a year."""
    points = _months(ledger)
    if len(points) < TRAIN + SEASON:
        return ()
    return _scores(tuple(x.quantity.value for x in points))


def _facts(points: list[Point]) -> tuple[str, ...]:
    return tuple(sorted({f for x in points for f in x.quantity.facts}))


def _counted(number: int, unit: str, points: list[Point]) -> Quantity:
    return counted(number, unit, _facts(points), "counted")


def _estimate(
    value: float, points: list[Point], unit: str = "vehicles", step: float = 1000
) -> Quantity:
    """An estimate of ours as a quantity that rests on the months used; rounded to `step`."""
    origin = Origin(
        _facts(points), step / 2, step / 2, "estimate", label="our estimate from these months"
    )
    return Quantity.of(round(value / step) * step, unit, origin)


# -- trend ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trend:
    """Seasonally adjusted level: STL trend at the latest month, its lowest month, a year before."""

    points: list[Point]
    level: list[float]
    adjusted: list[float]
    now: Quantity
    year_ago: Quantity
    lowest: Quantity
    end_label: str
    rising: bool

    @property
    def word(self) -> str:
        return "above" if self.rising else "below"


@functools.lru_cache(maxsize=8)
def trend(ledger: Ledger) -> Trend | None:
    """STL (Cleveland and others, 1990), robust, on the logarithm; None below 36 months."""
    points = _months(ledger)
    if len(points) < TRAIN + SEASON:
        return None
    from statsmodels.tsa.seasonal import STL

    y = np.log(np.array([x.quantity.value for x in points]))
    fit = STL(y, period=SEASON, robust=True).fit()
    level, adjusted = np.exp(fit.trend), np.exp(y - fit.seasonal)
    low = int(np.argmin(level))
    return Trend(
        points, list(level), list(adjusted), _estimate(level[-1], points), _estimate(level[-1 - SEASON], points),
        _estimate(level[low], points), points[-1].label, bool(level[-1] > level[-1 - SEASON]),
    )  # fmt: skip


# -- projection -------------------------------------------------------------------------


@dataclass(frozen=True)
class Projection:
    """The next twelve months by the method that did best."""

    best: Score
    runner_up: Score
    months: list[tuple[str, float, float, float]]  #: label, forecast, low, high
    days: list[dt.date]
    points: list[Point]
    total: Quantity
    low: Quantity  #: total at the worst shortfall of the backtest
    high: Quantity  #: total at the largest overshoot
    last_total: Quantity
    error: Quantity
    percent: Quantity
    held: Quantity
    tried: Quantity
    origins: Quantity
    tested: Quantity  #: origins with a full year after them
    overshot: Quantity  #: of these, how often the forecast was above what came
    span: str

    @property
    def name(self) -> str:
        return self.best.name

    @property
    def second(self) -> str:
        return self.runner_up.name


@functools.lru_cache(maxsize=8)
def projection(ledger: Ledger) -> Projection | None:
    """None where too few months are known to test a method over a year."""
    ranked = scores(ledger)
    if not ranked:
        return None
    points = _months(ledger)
    best = ranked[0]
    y = np.array([x.quantity.value for x in points])
    forecast, spread = METHODS[best.name](y)
    days = [months_from(months_from(points[-1].period[1], n + 2)[1], 1)[0] for n in range(SEASON)]
    labels = [label_period(*months_from(d, 1)) for d in days]
    rows = [(label, float(f), max(0.0, float(f - Z80 * s)), float(f + Z80 * s))
            for label, f, s in zip(labels, forecast, spread, strict=True)]  # fmt: skip
    whole = float(forecast.sum())
    misses = best.totals or (-best.percent, best.percent)
    origins = len(y) - TRAIN
    return Projection(
        best, ranked[1], rows, days, points, _estimate(whole, points),
        _estimate(whole * (1 + min(*misses, 0.0)), points), _estimate(whole * (1 + max(*misses, 0.0)), points),
        total(x.quantity for x in points[-SEASON:]), _estimate(best.error, points, step=100),
        _estimate(best.percent, points, "ratio", 0.001), _estimate(best.held, points, "ratio", 0.01),
        _counted(best.months, "forecasts", points),
        _counted(origins, "origins", points),
        _counted(len(best.totals), "origins", points),
        _counted(sum(t < 0 for t in best.totals), "origins", points),
        f"{labels[0]} to {labels[-1]}",
    )  # fmt: skip


def projection_chart(ledger: Ledger) -> Chart | None:
    """The latest two years and the next twelve months with their interval."""
    ahead = projection(ledger)
    if ahead is None:
        return None
    past = ahead.points[-24:]
    x0, y0 = [x.period[0] for x in past], [x.quantity.value / 1000 for x in past]
    middle = [row[1] / 1000 for row in ahead.months]
    low = [row[2] / 1000 for row in ahead.months]
    high = [row[3] / 1000 for row in ahead.months]

    def draw(axes: Axes) -> None:
        axes.fill_between(ahead.days, low, high, color=LIGHT["accent-soft"], alpha=0.6, linewidth=0)  # type: ignore[arg-type]
        axes.plot(x0, y0, color=LIGHT["ink"], linewidth=1.8)  # type: ignore[arg-type]
        x1: Any = [x0[-1], *ahead.days]
        style: Any = {"color": LIGHT["accent"], "linewidth": 1.8, "linestyle": "--"}
        axes.plot(x1, [y0[-1], *middle], **style)
        axes.xaxis.set_major_locator(mdates.MonthLocator(bymonth=(1, 7)))
        axes.xaxis.set_major_formatter(mdates.DateFormatter("%b %Y"))
        value_axis(axes)
        axes.set_ylim(0, max(*y0, *high) * 1.08)
        axes.annotate("projected", (ahead.days[-5], high[-5]), xytext=(0, 4), textcoords="offset points",
                      color=LIGHT["accent"], fontsize=9, fontweight=600, ha="center")  # fmt: skip
        axes.annotate(
            "sold",
            (x0[0], y0[0]),
            xytext=(0, 6),
            textcoords="offset points",
            fontsize=9,
            ha="center",
        )

    title = phrase("The best simple method puts the next twelve months at about {n:~,}, from {a:~,} to {b:~,}",
                   n=ahead.total, a=ahead.low, b=ahead.high)  # fmt: skip
    data = pd.DataFrame(
        [(x.period[0], x.quantity.value, None, None) for x in past]
        + [
            (d, round(m), round(a), round(b))
            for d, (_, m, a, b) in zip(ahead.days, ahead.months, strict=True)
        ],
        columns=["month", "vehicles", "low", "high"],
    )
    facts = tuple(sorted({f for x in past for f in x.quantity.facts}))
    said = "; ".join(
        f"{r[0]} {number(r[1] / 1000, 1)} ({number(r[2] / 1000, 1)} to {number(r[3] / 1000, 1)})"
        for r in ahead.months
    )
    note = phrase(
        "Band: the interval of the method itself, meant to hold four times in five; an estimate."
    )
    return Chart("china-projection", title, "Nissan's monthly sales in China, thousand vehicles: sold, and projected",
                 f"Line of monthly sales and a projection with its interval, in thousand vehicles: {said}.",
                 data, facts, draw, note, height=2.9)  # fmt: skip


def backtest_table(ledger: Ledger) -> Table | None:
    """The error of every method tried, and how often its interval held."""
    ranked = scores(ledger)
    if not ranked:
        return None
    points = _months(ledger)
    rows = []
    for s in ranked:
        span = "–"
        if s.totals:
            low, high = (
                _estimate(v, points, "ratio", 0.001) for v in (min(s.totals), max(s.totals))
            )
            span = phrase("{a:+.1%} to {b:+.1%}", a=low, b=high)  # type: ignore[assignment]
        rows.append((
            s.name, phrase("{e:,}", e=_estimate(s.error, points, step=100)),
            phrase("{e:.1%}", e=_estimate(s.percent, points, "ratio", 0.001)),
            phrase("{e:.0%}", e=_estimate(s.held, points, "ratio", 0.01)), span,
        ))  # fmt: skip
    n = _counted(ranked[0].months, "forecasts", points)
    origins = _counted(len(points) - TRAIN, "origins", points)
    full = _counted(len(ranked[0].totals), "origins", points)
    return Table.of(
        "china-backtest", phrase("How four methods would have done, tested without look-ahead"),
        [Column("Method", align="left"), Column("Mean error, vehicles a month"), Column("Mean error"),
         Column("Interval held"), Column("Twelve-month total, actual against forecast")], rows,
        phrase("{n:,} forecast months from {o:w} origins, each of which saw only the months before it; {f:w} origins have "
               "a full year after them. The interval is meant to hold four times in five.", n=n, o=origins, f=full),
    )  # fmt: skip
