"""The picture of the alliances: steps over time.

Steps are told apart by the shape of their mark, and the end of each row says in words where the
move stands; colour only repeats it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import label_at, named_rows, years_axis
from ..ledger import Ledger
from ..style import LIGHT
from ..wording import capital, phrase
from .moves import (
    REMARK,
    Move,
    by_standing,
    moves,
    only_told,
    short_month,
    standings,
    without_nissan,
    word,
)

#: Status: marker, filled, colour, word.
MARKS = {
    "reported": ("o", False, "muted", "reported"),
    REMARK: ("<", False, "muted", "remark"),
    "denied": ("x", True, "accent", "denied"),
    "not_confirmed": ("P", True, "amber", "not confirmed"),
    "announced": ("^", True, "blue", "announced"),
    "agreed": ("D", True, "blue", "agreed"),
    "cleared": ("v", True, "blue", "cleared"),
    "completed": ("o", True, "ink", "completed"),
    "ended": ("s", True, "accent", "ended"),
}
_SAME = {"cancelled": "ended", "lapsed": "ended", "cleared": "agreed"}


def _mark(axes: Axes, x: Any, y: float, status: str, **more: Any) -> None:
    marker, filled, colour, _ = MARKS[_SAME.get(status, status)]
    size = 5.2 if marker == "D" else 6.5
    axes.plot(
        [x],
        [y],
        marker=marker,
        markersize=size,
        linestyle="none",
        color=LIGHT[colour],
        markerfacecolor=LIGHT[colour] if filled else LIGHT["paper"],
        markeredgewidth=1.5,
        zorder=5,
        **more,
    )


def _legend(axes: Axes, statuses: Sequence[str], y: float) -> None:
    """The marks and their words in one line above the plot."""
    left = -0.5
    for status in [s for s in MARKS if s in statuses]:
        _mark(axes, left, y, status, transform=axes.transAxes, clip_on=False)
        label_at(
            axes,
            MARKS[status][3],
            (left, y),
            (7, 0),
            xycoords="axes fraction",
            va="center",
            annotation_clip=False,
        )
        word = MARKS[status][3]
        left += 0.085 + 0.029 * (len(word) - sum(map(word.count, "filrt ")) / 2)  # narrow letters


def timeline(ledger: Ledger, p: Any) -> Chart | None:
    """Every move with a partner over time: its steps by shape, where it stands in words."""
    found = moves(ledger, p)
    if not found:
        return None
    rows = [
        {
            "move": m.plan.short,
            "date": s.date,
            "step": _SAME.get(s.status, s.status),
            "stands at": m.stands_at,
        }
        for m in found
        for s in m.steps
    ]
    facts = tuple(sorted({s.origin for m in found for s in m.steps}))
    n = by_standing(found)
    title = phrase(
        "{n:w} moves: {a} agreed, {c} completed{own}, {b}{e} ended, {r} {told}",
        own=without_nissan(n),
        n=n["all"],
        a=word(n["agreed"]),
        b=phrase("{b:w} announced, ", b=n["announced"]) if n["announced"].value else "",
        c=word(n["completed"]),
        told=only_told(n),
        e=word(n["ended"]),
        r=word(n["reported"]),
    )
    if len(found) == 1:
        title = phrase("{what}: {s}", what=found[0].plan.short, s=found[0].stands_at)
    groups = standings(found)
    alt = "Timeline of moves with partners, by where they stand. " + " ".join(
        f"{word}: " + "; ".join(f"{m.plan.short} ({_end(m)})" for m in groups[name]) + "."
        for name, word in (
            ("agreed", "Agreed"),
            ("completed", "Completed"),
            ("announced", "Announced"),
            ("ended", "Ended"),
            (
                "reported",
                "Reported or remarked on only" if n["remarked"].value else "Reported only",
            ),
        )
        if groups[name]
    )
    return Chart(
        "timeline",
        capital(title),
        "Steps of each move by date; the shape of the mark says which step",
        alt,
        pd.DataFrame(rows),
        facts,
        lambda axes: _draw_timeline(axes, found),
        note=phrase(
            "A mark stands in the middle of the month where only the month is known; marks "
            "that would hide one another are set side by side."
        ),
        height=0.9 + 0.245 * len(found),
    )


def _end(move: Move) -> str:
    last = move.decided or move.steps[-1]
    return f"{move.stands_at}, {short_month(last.date)}"


def _draw_timeline(axes: Axes, found: Sequence[Move]) -> None:
    shown: set[str] = set()
    for i, move in enumerate(found):
        y = len(found) - 1 - i
        days = [mdates.date2num(s.date if s.exact else s.date.replace(day=15)) for s in move.steps]
        axes.plot([days[0], days[-1]], [y, y], color=LIGHT["pale"], linewidth=1.6, zorder=2)
        before = float("-inf")
        for x, step in zip(days, move.steps, strict=True):
            before = max(x, before + 30)  # marks of nearly one day stand side by side
            _mark(axes, before, y, step.status)
            shown.add(_SAME.get(step.status, step.status))
        axes.annotate(
            _end(move),
            (1.01, y),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=9,
            annotation_clip=False,
            color=LIGHT["accent" if move.standing == "ended" else "ink"],
        )
        if i and found[i - 1].plan.partner != move.plan.partner:
            axes.axhline(y + 0.5, color=LIGHT["grid"], linewidth=0.8)
    named_rows(axes, [m.plan.short for m in found])
    axes.set_ylim(-0.6, len(found) - 0.4)
    axes.xaxis_date()
    first = min(s.date for m in found for s in m.steps)
    last = max(s.date for m in found for s in m.steps)
    limits: Any = (
        dt.date(first.year, 1, 1),
        max(last + dt.timedelta(110), dt.date(first.year, 12, 31)),
    )
    axes.set_xlim(limits)
    years_axis(axes)
    _legend(axes, sorted(shown), 1.0 + 0.55 / (0.245 * len(found) + 0.4) * 0.45)
