"""Pictures of the alliances: steps over time, waiting times of press reports, margins, holdings.

Steps are told apart by the shape of their mark, and the end of each row says in words where the
move stands; colour only repeats it.
"""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Sequence
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import number, value_axis, years_axis
from ..ledger import Ledger
from ..style import LIGHT
from ..wording import capital, phrase
from .moves import Move, by_standing, moves, short_month, standings, word
from .reports import OUTCOMES, Report, partner_reports, tally

#: Status: marker, filled, colour, word.
MARKS = {
    "reported": ("o", False, "muted", "reported"),
    "denied": ("x", True, "accent", "denied"),
    "announced": ("^", True, "blue", "announced"),
    "agreed": ("D", True, "blue", "agreed"),
    "completed": ("o", True, "ink", "completed"),
    "ended": ("s", True, "accent", "ended"),
}
_SAME = {"cancelled": "ended", "lapsed": "ended"}


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
        axes.annotate(
            MARKS[status][3],
            (left, y),
            xycoords="axes fraction",
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=LIGHT["ink"],
            annotation_clip=False,
        )
        left += 0.085 + 0.026 * len(MARKS[status][3])


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
            "stands at": m.standing,
        }
        for m in found
        for s in m.steps
    ]
    facts = tuple(sorted({s.origin for m in found for s in m.steps}))
    n = by_standing(found)
    title = phrase(
        "{n:w} moves with partners: {d} agreed or completed, {e} ended, {r} on press reports alone",
        n=n["all"],
        d=word(n["done"]),
        e=word(n["ended"]),
        r=word(n["reported"]),
    )
    if len(found) == 1:
        title = phrase("{what}: {s}", what=found[0].plan.short, s=found[0].standing)
    groups = standings(found)
    alt = "Timeline of moves with partners, by where they stand. " + " ".join(
        f"{word}: " + "; ".join(f"{m.plan.short} ({_end(m)})" for m in groups[name]) + "."
        for name, word in (
            ("done", "Agreed or completed"),
            ("announced", "Announced"),
            ("ended", "Ended"),
            ("reported", "Reported only"),
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
    return f"{move.standing}, {short_month(last.date)}"


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
            fontsize=8.2,
            annotation_clip=False,
            color=LIGHT["accent" if move.standing == "ended" else "ink"],
        )
        if i and found[i - 1].plan.partner != move.plan.partner:
            axes.axhline(y + 0.5, color=LIGHT["grid"], linewidth=0.8)
    axes.set_yticks(range(len(found)), [m.plan.short for m in found][::-1])
    axes.tick_params(axis="y", colors=LIGHT["ink"], labelsize=8.5)
    axes.set_ylim(-0.6, len(found) - 0.4)
    axes.xaxis_date()
    first = min(s.date for m in found for s in m.steps)
    last = max(s.date for m in found for s in m.steps)
    limits: Any = (
        dt.date(first.year, 1, 1),
        max(last + dt.timedelta(45), dt.date(first.year, 12, 31)),
    )
    axes.set_xlim(limits)
    years_axis(axes)
    axes.grid(True, axis="x")
    axes.grid(False, axis="y")
    _legend(axes, sorted(shown), 1.0 + 0.55 / (0.245 * len(found) + 0.4) * 0.45)


def waiting(ledger: Ledger, p: Any) -> Chart | None:
    """How long each reported plan has been out: to its end or fulfilment, or to this date."""
    found = partner_reports(ledger, p)
    if len(found) < 2:
        return None
    rows = [
        {
            "report": r.event.title.removeprefix("Press: "),
            "reported": r.event.date,
            "became": OUTCOMES[r.result],
            "days": _days(r, ledger),
        }
        for r in found
    ]
    made = tally(found, ledger.as_of)
    assert made is not None
    title = phrase(
        "{k} of {n:w} plans that the press reported came about; {u} stayed open or left no trace",
        k=word(made.came),
        n=made.all,
        u=word(made.undecided),
    )
    said = "; ".join(f"{r['report']}, {number(r['days'])} days, {r['became']}" for r in rows)
    alt = (
        "Bars of days since each press report, until it came about or ended, else until the date of "
        f"this report: {said}."
    )
    facts = {r.origin for r in found} | {
        f"outcome:{r.event.event}" for r in found if r.settled and r.event.outcome_source
    }
    return Chart(
        "waiting",
        capital(title),
        "Days from the first report until it came about or ended, else until the date of this report",
        alt,
        pd.DataFrame(rows),
        tuple(sorted(facts)),
        lambda axes: _draw_waiting(axes, found, [_days(r, ledger) for r in found]),
        note=phrase(
            "Solid: settled. Dashed: open or nothing found. A cross: denied, or not confirmed, "
            "by the company."
        )
        if any(r.answer for r in found)
        else phrase("Solid: settled. Dashed: open or nothing found."),
        height=0.6 + 0.215 * len(found),
    )


def _days(r: Report, ledger: Ledger) -> int:
    until = r.event.outcome_date if r.settled and r.event.outcome_date else ledger.as_of
    return max(0, int((until - r.event.date).days))


def _draw_waiting(axes: Axes, found: Sequence[Report], values: Sequence[int]) -> None:
    longest = max([*values, 30])
    for i, (r, value) in enumerate(zip(found, values, strict=True)):
        y = len(found) - 1 - i
        colour = {"came": "ink", "partly": "ink", "ended": "accent"}.get(r.result, "pale")
        dashed = not r.settled
        axes.plot(
            [0, value],
            [y, y],
            color=LIGHT["slate" if dashed else colour],
            linewidth=1.4 if dashed else 2.6,
            linestyle=(0, (3, 2)) if dashed else "-",
            solid_capstyle="butt",
            zorder=2,
        )
        if r.answer is not None:
            _mark(axes, (r.answer.date - r.event.date).days, y, "denied")
        if r.settled:
            _mark(axes, value, y, "completed" if r.result != "ended" else "ended")
        upto = "up to " if r.settled and r.event.date_precision == "month" else ""
        word = f"{OUTCOMES[r.result]}, {upto}{number(value)} days"
        axes.annotate(
            word,
            (value, y),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.2,
            color=LIGHT["accent" if r.result == "ended" else "ink"],
            annotation_clip=False,
        )
    names = [textwrap.shorten(_label(r), 42, placeholder="…") for r in found]
    axes.set_yticks(range(len(found)), names[::-1])
    axes.tick_params(axis="y", colors=LIGHT["ink"], labelsize=8.2)
    axes.set_ylim(-0.6, len(found) - 0.4)
    axes.set_xlim(-longest * 0.03, longest * 1.62)
    value_axis(axes, axis="x", count=4)
    axes.set_xticks([t for t in axes.get_xticks() if 0 <= t <= longest * 1.05])
    axes.grid(True, axis="x")
    axes.grid(False, axis="y")


#: Short names of reports beside the bars; the whole title stands in where there is none.
_SHORT = {
    "dongfeng-platform": "Dongfeng: electric platform",
    "china-export-base": "Exports from China",
    "honda-nikkei-week": "Honda: joint buying, development",
    "kei-ev-inhouse-reported": "Electric kei car at Kyushu",
    "nmkv-continues": "NMKV keeps the kei EVs",
    "iat-investment": "IAT: investment",
    "dongfeng-sunderland": "Dongfeng cars at Sunderland",
    "china-ev-exports": "Electric cars from China",
    "iat-export-software": "IAT: software for export",
    "foxconn-oppama-reported": "Foxconn cars at Oppama",
    "honda-canton": "Honda pick-ups at Canton",
    "compas-bidders": "BYD, Geely, VinFast: COMPAS",
    "chery-sunderland": "Chery cars at Sunderland",
    "honda-partnership-reported": "Honda: electric partnership",
}


def _label(r: Report) -> str:
    return _SHORT.get(r.event.event) or r.event.title.removeprefix("Press: ")
