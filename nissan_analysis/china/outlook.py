"""Trend and projection of Nissan's monthly sales in China, on the definition in force.

Only months from October 2022 on are used: a model fitted over the change of definition would
learn the definition. The method of `methods` with the smallest mean absolute error from
rolling origins is the one that is used, whatever it is.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass

import numpy as np

from ..ledger import Ledger, Point
from ..periods import label_period, months_from
from ..quantity import Origin, Quantity, counted, facts_behind, total
from ..tables import Column, Table
from ..wording import Phrase, phrase
from .levels import DFAC_LEFT
from .methods import METHODS, SEASON, TRAIN, Score, backtest
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
    return facts_behind(x.quantity for x in points)


def _counted(number: int, unit: str, points: list[Point]) -> Quantity:
    return counted(number, unit, _facts(points), "counted")


def _estimate(
    value: float, points: list[Point], unit: str = "vehicles", step: float = 1000
) -> Quantity:
    """An estimate of ours as a quantity that rests on the months used; rounded to `step`."""
    origin = Origin(
        _facts(points), step / 2, step / 2, "estimate", label="our estimate from these months"
    )
    made = Quantity.of(round(value / step) * step, unit, origin)
    return made.named(f"our estimate from {len(points)} months")


# -- trend ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trend:
    """Seasonally adjusted level: STL trend at the latest month and a year before."""

    points: list[Point]
    level: list[float]
    now: Quantity
    year_ago: Quantity
    error: Quantity  #: how far the level of a latest month has moved once later months were known
    end_label: str

    @property
    def apart(self) -> bool:
        """Whether the level differs from that of a year before by more than the method's error."""
        return abs(self.level[-1] / self.level[-1 - SEASON] - 1) > self.error.value

    @property
    def word(self) -> str:
        return "above" if self.now > self.year_ago else "below"


def _level(y: np.ndarray) -> np.ndarray:
    """STL trend (Cleveland and others, 1990), robust, on logarithms; in vehicles a month."""
    from statsmodels.tsa.seasonal import STL

    return np.asarray(np.exp(STL(np.log(y), period=SEASON, robust=True).fit().trend))


@functools.lru_cache(maxsize=8)
def trend(ledger: Ledger) -> Trend | None:
    """None below 36 months.

    The error is the largest revision of the last level when the latest one to twelve months are
    hidden: what the same method would have said then, against what it says of that month now.
    """
    points = _months(ledger)
    if len(points) < TRAIN + SEASON:
        return None
    y = np.array([x.quantity.value for x in points])
    level = _level(y)
    ends = range(len(y) - SEASON, len(y))
    error = max(abs(float(_level(y[:end])[-1] / level[end - 1]) - 1) for end in ends)
    return Trend(
        points, list(level), _estimate(level[-1], points), _estimate(level[-1 - SEASON], points),
        _estimate(error, points, "ratio", 0.01), points[-1].label,
    )  # fmt: skip


def turning_points(values: np.ndarray) -> list[int]:
    """Months at which the trend turns in every fit: robust or not, with or without the latest half year."""
    from statsmodels.tsa.seasonal import STL

    y, found = np.log(values), []
    for robust in (True, False):
        for left_out in (0, 3, 6):
            trend_ = STL(y[: len(y) - left_out], period=SEASON, robust=robust).fit().trend
            way = np.sign(np.diff(trend_))
            found.append([i for i in range(1, len(trend_) - 1) if way[i - 1] != way[i]])
    first, *others = found
    return [i for i in first if all(any(abs(i - j) <= 2 for j in other) for other in others)]


@functools.lru_cache(maxsize=8)
def turning_words(ledger: Ledger) -> Phrase | None:
    """A sentence on the latest turn of the trend; None where no turn holds in every fit."""
    points = _months(ledger)
    if len(points) < TRAIN + SEASON:
        return None
    turns = turning_points(np.array([x.quantity.value for x in points]))
    if not turns:
        return None
    at = points[turns[-1]]
    return phrase(
        "The trend turned around {m}, an estimate to within two months, whichever way it is fitted.",
        m=at.label,
    )


# -- projection -------------------------------------------------------------------------


@dataclass(frozen=True)
class Projection:
    """The next twelve months by the method that did best."""

    best: Score
    months: list[tuple[str, float, float, float]]  #: label, forecast, and it at the worst misses
    days: list[dt.date]
    points: list[Point]
    total: Quantity
    low: Quantity  #: total at the worst shortfall of the backtest
    high: Quantity  #: total at the largest overshoot
    last_total: Quantity
    error: Quantity
    held: Quantity  #: how often the method's 80% interval held the month
    tried: Quantity
    origins: Quantity
    tested: Quantity  #: origins with a full year after them
    overshot: Quantity  #: of these, how often the forecast was above what came
    span: str

    @property
    def name(self) -> str:
        return self.best.name

    @property
    def width(self) -> str:
        """What the tests say of an interval that is meant to hold four months in five."""
        held = self.best.held
        return "too wide" if held > 0.85 else "too narrow" if held < 0.75 else "about right"


@functools.lru_cache(maxsize=8)
def projection(ledger: Ledger) -> Projection | None:
    """None where too few months are known to test a method over a year."""
    ranked = scores(ledger)
    if not ranked:
        return None
    points = _months(ledger)
    best = ranked[0]
    y = np.array([x.quantity.value for x in points])
    forecast, _ = METHODS[best.name](y)
    days = [months_from(months_from(points[-1].period[1], n + 2)[1], 1)[0] for n in range(SEASON)]
    labels = [label_period(*months_from(d, 1)) for d in days]
    rows = [(label, float(f), float(f * (1 + min(*m, 0.0))), float(f * (1 + max(*m, 0.0))))
            for label, f, m in zip(labels, forecast, best.misses, strict=True)]  # fmt: skip
    whole = float(forecast.sum())
    misses = best.totals or (-best.percent, best.percent)
    origins = len(y) - TRAIN
    return Projection(
        best, rows, days, points, _estimate(whole, points),
        _estimate(whole * (1 + min(*misses, 0.0)), points), _estimate(whole * (1 + max(*misses, 0.0)), points),
        total(x.quantity for x in points[-SEASON:]), _estimate(best.error, points, step=100),
        _estimate(best.held, points, "ratio", 0.01),
        _counted(best.months, "forecasts", points),
        _counted(origins, "origins", points),
        _counted(len(best.totals), "origins", points),
        _counted(sum(t < 0 for t in best.totals), "origins", points),
        f"{labels[0]} to {labels[-1]}",
    )  # fmt: skip


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
               "a full year after them. The interval is meant to hold four times in five; held more often, it is too wide.", n=n, o=origins, f=full),
    )  # fmt: skip
