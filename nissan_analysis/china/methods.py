"""Simple projection methods for a monthly series, and their test from rolling origins.

Methods and the spread of their forecasts follow Hyndman and Athanasopoulos, "Forecasting:
Principles and Practice", 3rd edition, sections 5.2, 5.5 and 8.6 to 8.7. In the test (section
5.10) each forecast sees only the months before its origin, and so does the width of its interval.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SEASON = 12
TRAIN = 24  # months before the first origin
Z80 = 1.2816  # normal quantile of an 80% interval
#: A method: months so far -> forecasts for the next twelve, and the spread of each.
Method = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def seasonal_naive(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each month as a year before."""
    errors = y[SEASON:] - y[:-SEASON]
    return y[-SEASON:].copy(), np.full(SEASON, math.sqrt(float(np.mean(errors**2))))


def seasonal_growth(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each month as a year before, times the growth of the latest twelve months."""
    rate = y[-SEASON:].sum() / y[-2 * SEASON : -SEASON].sum()
    errors = y[SEASON:] - rate * y[:-SEASON]
    return y[-SEASON:] * rate, np.full(SEASON, math.sqrt(float(np.mean(errors**2))))


def drift(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The straight line through the first and the last month, carried on."""
    n, h = len(y), np.arange(1, SEASON + 1)
    slope = (y[-1] - y[0]) / (n - 1)
    sigma = math.sqrt(float(np.sum((np.diff(y) - slope) ** 2)) / (n - 2))
    return y[-1] + slope * h, sigma * np.sqrt(h * (1 + h / (n - 1)))


def smoothing(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Exponential smoothing with additive seasons and no trend, ETS(A,N,A)."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that stops early is judged by its errors
        fit = ExponentialSmoothing(
            y, seasonal="add", seasonal_periods=SEASON, initialization_method="heuristic"
        ).fit()
    alpha = float(fit.params["smoothing_level"])
    gamma = float(fit.params["smoothing_seasonal"])
    sigma = math.sqrt(float(np.sum(fit.resid**2)) / max(1, len(y) - SEASON - 2))
    h = np.arange(1, SEASON + 1)
    season = (h - 1) // SEASON
    spread = sigma * np.sqrt(1 + alpha**2 * (h - 1) + gamma * season * (2 * alpha + gamma))
    return np.asarray(fit.forecast(SEASON)), spread


METHODS: dict[str, Method] = {
    "seasonal naive": seasonal_naive,
    "seasonal naive with growth": seasonal_growth,
    "drift": drift,
    "exponential smoothing": smoothing,
}


@dataclass(frozen=True)
class Score:
    """How one method did from the rolling origins."""

    name: str
    error: float  #: mean absolute error of a month, vehicles
    percent: float  #: the same as a ratio of the month
    held: float  #: ratio of months inside the 80% interval
    months: int  #: forecasts compared with a month that came
    totals: tuple[float, ...]  #: twelve-month totals: actual / forecast - 1, origin by origin
    misses: tuple[tuple[float, ...], ...]  #: months: actual / forecast - 1, by months ahead


def backtest(y: np.ndarray) -> list[Score]:
    """Every method from every origin with `TRAIN` months before it; best first."""
    scores = []
    for name, method in METHODS.items():
        errors, ratios, inside, totals = [], [], [], []
        misses: list[list[float]] = [[] for _ in range(SEASON)]
        for origin in range(TRAIN, len(y)):
            forecast, spread = method(y[:origin].copy())
            came = y[origin : origin + SEASON]
            ahead = forecast[: len(came)]
            errors += list(np.abs(came - ahead))
            ratios += list(np.abs(came - ahead) / came)
            inside += list(np.abs(came - ahead) <= Z80 * spread[: len(came)])
            for found, a, b in zip(misses, came, ahead, strict=False):
                found.append(float(a / b - 1))
            if len(came) == SEASON:
                totals.append(float(came.sum() / ahead.sum() - 1))
        scores.append(Score(name, float(np.mean(errors)), float(np.mean(ratios)), float(np.mean(inside)),
                            len(errors), tuple(totals), tuple(map(tuple, misses))))  # fmt: skip
    return sorted(scores, key=lambda s: s.error)
