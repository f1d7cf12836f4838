"""Drawing in the house style: columns, lines, horizontal bars, and their marks.

Functions draw on the axes they are given and return nothing. Series are labelled where they end
instead of in a legend. Values come in the unit to be shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from .style import CATEGORICAL, LIGHT


def number(value: float, places: int | None = None) -> str:
    """A number as axes and labels print it: grouped, with a real minus sign."""
    if places is None:
        places = 0 if abs(value) >= 100 or float(value).is_integer() else 1
    return f"{value:,.{places}f}".replace("-", "−")


#: The smallest letters of a chart, points; on a phone a chart is never shrunk below nine pixels for them.
SMALL = 9
#: More columns than this are not labelled one by one.
MANY = 17


def label_at(
    axes: Axes, text: str, at: tuple[Any, float], by: tuple[float, float], **how: Any
) -> None:
    """A text in the smallest letters, `by` so many points to the right of and above a place."""
    axes.annotate(text, at, xytext=by, textcoords="offset points", fontsize=SMALL, **how)


def label_over(axes: Axes, text: str, at: tuple[Any, float], by: float, **how: Any) -> None:
    """A text `by` so many points over a place, or under it where they are negative."""
    label_at(axes, text, at, (0, by), ha="center", va="bottom" if by > 0 else "top", **how)


def value_axis(axes: Axes, suffix: str = "", axis: str = "y", count: int = 5) -> None:
    """Few, grouped ticks on the value axis."""
    target = axes.yaxis if axis == "y" else axes.xaxis
    target.set_major_locator(MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]))
    target.set_major_formatter(
        FuncFormatter(lambda v, _: number(v) + (suffix if v or suffix == "%" else ""))
    )


def columns(
    axes: Axes,
    labels: Sequence[str],
    values: Sequence[float],
    colours: Sequence[str],
    places: int | None = None,
    suffix: str = "",
) -> None:
    """Vertical bars with their values on top; where they are many, not every one is labelled."""
    x = np.arange(len(values))
    axes.bar(x, values, width=0.72, color=[LIGHT[c] for c in colours])
    every = max(1, -(-len(labels) // MANY))
    axes.set_xticks(x[::every], [labels[i] for i in x[::every]])
    axes.axhline(0, color=LIGHT["muted"], linewidth=0.8)
    told: Sequence[int] = range(len(values))
    if len(values) > MANY:  # the ends and the extremes: more would run into one another
        told = sorted({0, int(np.nanargmax(values)), int(np.nanargmin(values)), len(values) - 1})
    for i in told:
        value = values[i]
        # A line that marks a break stops short of the figures beside it.
        paper = {"facecolor": LIGHT["paper"], "edgecolor": "none", "pad": 0.5}
        text = number(value, places) + suffix
        label_over(axes, text, (i, value), 3 if value >= 0 else -3, bbox=paper)
    axes.set_yticks([])
    axes.grid(False)
    axes.margins(y=0.12)


def bars(
    axes: Axes,
    labels: Sequence[str],
    values: Sequence[float],
    colours: Sequence[str],
    places: int,
) -> None:
    """Horizontal bars, first on top, each with its value at the end."""
    y = np.arange(len(values))[::-1]
    axes.barh(y, values, height=0.66, color=[LIGHT[c] for c in colours])
    axes.set_yticks(y, list(labels))
    axes.tick_params(axis="y", colors=LIGHT["ink"])
    for position, value in zip(y, values, strict=True):
        label_at(
            axes,
            number(value, places),
            (value, position),
            (4 if value >= 0 else -4, 0),
            va="center",
            ha="left" if value >= 0 else "right",
        )
    axes.set_xticks([])
    axes.grid(False)
    axes.spines["bottom"].set_visible(False)
    axes.axvline(0, color=LIGHT["muted"], linewidth=0.8)
    axes.margins(x=0.14)


def lines(
    axes: Axes,
    series: Mapping[str, tuple[Sequence[Any], Sequence[float]]],
    colours: Mapping[str, str] | None = None,
    suffix: str = "",
    label_ends: bool = True,
    markers: bool = False,
    step_gap_days: int | None = None,
    from_zero: bool = True,
) -> None:
    """Lines over time, each named at its end. A gap longer than `step_gap_days` breaks the line."""
    names = list(series)
    chosen = dict(zip(names, CATEGORICAL * 3, strict=False)) | dict(colours or {})
    ends: list[tuple[str, Any, float]] = []
    for order, name in enumerate(names):
        xs, ys = series[name]
        if not len(xs):
            continue
        x, y = list(xs), [float(v) for v in ys]
        if step_gap_days:
            x, y = _with_gaps(x, y, step_gap_days)
        style: dict[str, Any] = {"marker": "o", "markersize": 3.5} if markers else {}
        width = 2.4 if order == 0 else 1.6
        axes.plot(x, y, color=LIGHT[chosen[name]], linewidth=width, zorder=10 - order, **style)
        ends.append((name, xs[-1], float(ys[-1])))
    value_axis(axes, suffix)
    if from_zero:
        low, high = axes.get_ylim()
        axes.set_ylim(min(0.0, low), high)
        if low < 0:  # two base lines would be one too many
            axes.axhline(0, color=LIGHT["muted"], linewidth=0.8, zorder=1)
            axes.spines["bottom"].set_visible(False)
    if label_ends and ends:
        _label_ends(axes, ends, chosen)


def _with_gaps(x: list[Any], y: list[float], days: int) -> tuple[list[Any], list[float]]:
    out_x: list[Any] = []
    out_y: list[float] = []
    for i, (day, value) in enumerate(zip(x, y, strict=True)):
        if i and (pd.Timestamp(day) - pd.Timestamp(x[i - 1])).days > days:
            out_x.append(day)
            out_y.append(float("nan"))
        out_x.append(day)
        out_y.append(value)
    return out_x, out_y


def _label_ends(axes: Axes, ends: list[tuple[str, Any, float]], colours: Mapping[str, str]) -> None:
    low, high = axes.get_ylim()
    gap = (high - low) * 0.075
    placed: list[float] = []
    for name, x, y in sorted(ends, key=lambda e: e[2]):
        at = max(y, placed[-1] + gap) if placed else y
        placed.append(at)
        label_at(
            axes,
            name,
            (x, at),
            (6, 0),
            va="center",
            color=LIGHT[colours[name]],
            fontweight=600,
            annotation_clip=False,
        )
    if placed and placed[-1] > high:
        axes.set_ylim(low, placed[-1] + gap / 2)


def years_axis(axes: Axes) -> None:
    """Year labels on a date axis, of the years that something is drawn for: call it after drawing."""
    first, last = (mdates.num2date(x) for x in axes.dataLim.intervalx)
    near = dt.timedelta(100)  # a year that begins shortly before or after the data still helps
    years = range(first.year, last.year + 2)
    starts = [dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in years]
    axes.set_xticks([mdates.date2num(x) for x in starts if first - near <= x <= last + near])
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%Y"))


def named_rows(axes: Axes, names: Sequence[str]) -> None:
    """Names beside rows, the first on top (at the greatest y), and a grid along the other axis."""
    axes.set_yticks(range(len(names)), list(names)[::-1])
    axes.tick_params(axis="y", colors=LIGHT["ink"])
    axes.grid(True, axis="x")
    axes.grid(False, axis="y")


def mark_break(axes: Axes, x: Any, text: str) -> None:
    """A dashed line where a definition changes: what lies on either side is not comparable."""
    axes.axvline(x, color=LIGHT["muted"], linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    label_at(
        axes,
        text,
        (x, 1.0),
        (4, -2),
        xycoords=("data", "axes fraction"),
        va="top",
        ha="left",
        color=LIGHT["muted"],
    )


def mark_event(axes: Axes, x: Any, y: float, text: str, dx: float, dy: float) -> None:
    """A short note with a thin leader to a point."""
    label_at(
        axes,
        text,
        (x, y),
        (dx, dy),
        ha="center",
        va="bottom" if dy >= 0 else "top",
        arrowprops={"arrowstyle": "-", "color": LIGHT["muted"], "linewidth": 0.8},
    )


def describe(
    kind: str,
    what: str,
    labels: Sequence[str],
    values: Sequence[float],
    unit: str,
    places: int | None = None,
) -> str:
    """Alt text of one series: all points when few, else first, highest, lowest and last."""
    said = [f"{label} {number(v, places)}" for label, v in zip(labels, values, strict=True)]
    if len(said) <= 12:
        return f"{kind} of {what}, in {unit}: {'; '.join(said)}."
    top, bottom = int(np.nanargmax(values)), int(np.nanargmin(values))
    return (
        f"{kind} of {what}, in {unit}, {labels[0]} to {labels[-1]}: from {said[0]}, highest "
        f"{said[top]}, lowest {said[bottom]}, to {said[-1]}."
    )
