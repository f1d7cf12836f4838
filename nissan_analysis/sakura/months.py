"""The Sakura's share month by month: points where both figures are known, gaps where not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import describe, lines, mark_break, mark_event, value_axis, years_axis
from ..ledger import Ledger
from ..periods import Period
from ..quantity import Quantity, counted
from ..style import LIGHT
from ..wording import Phrase, phrase
from .spans import MODEL, Settings, Span, gaps, months, spans


def _joined(months: list[Period]) -> list[Period]:
    """Runs of neighbouring months as one period each."""
    runs: list[Period] = []
    for start, end in months:
        if runs and runs[-1][1] + dt.timedelta(1) == start:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def monthly_chart(ledger: Ledger, p: Settings) -> Chart | None:
    """The share by month as points; a line joins neighbours only, missing months are shaded."""
    known = months(ledger, p)
    if len(known) < 3:
        return None
    days = [m.period[0] for m in known]
    values = [m.share.value * 100 for m in known]
    top = max(known, key=lambda m: m.share.value)
    last = known[-1]
    missing = gaps(ledger, p)
    title = phrase("The Sakura: {s:~.0%} in {m}", s=top.share, m=top.label)
    if last is not top:
        title = phrase("{t}, {s:~.0%} in {m}", t=title, s=last.share, m=last.label)
    marks = _marks(ledger, known)
    dearer = _price_rise(ledger, known)

    def draw(axes: Axes) -> None:
        for start, end in _joined(missing):
            left, right = (mdates.date2num(d - dt.timedelta(15)) for d in (start, end))
            axes.axvspan(left, right, color=LIGHT["grid"], lw=0)
        lines(
            axes, {"": (days, values)}, suffix="%", label_ends=False, markers=True, step_gap_days=32
        )
        for day, value, text, dy in marks:
            mark_event(
                axes, day, value, text, dx=-26 if "\n" in text else 4 if dy < 0 else 0, dy=dy
            )
        for m in (top, last):
            axes.annotate(
                f"{m.share.value * 100:.0f}%", (mdates.date2num(m.period[0]), m.share.value * 100),
                xytext=(5, 3), textcoords="offset points", fontsize=9, color=LIGHT["accent"],
            )  # fmt: skip
        if dearer:
            mark_break(axes, mdates.date2num(dearer), "list prices up")
        years_axis(axes)
        value_axis(axes, "%")

    facts = tuple(sorted({f for m in known for f in m.facts}))
    alt = describe(
        "Points", "the Sakura's share by month", [m.label for m in known], values, "percent", 1
    )
    if missing:
        alt += f" {len(missing)} months in between have no figure and are shaded."
    data = pd.DataFrame(
        {
            "month": [m.label for m in known],
            "share_percent": values,
            "sakura": [m.sales.value for m in known],
            "market": [m.market.value for m in known],
        }
    )
    note = None
    if missing:
        n = counted(len(missing), "months", facts, "counted from the data")
        note = phrase(
            "Shaded: {n:w} {w} without a published Sakura figure.",
            n=n,
            w="month" if len(missing) == 1 else "months",
        )
    return Chart(
        "sakura-share-by-month", title,
        "Sakura as a share of battery-electric passenger cars sold in Japan, by month, percent",
        alt, data, facts, draw, note=note, height=3.2,
    )  # fmt: skip


def _price_rise(ledger: Ledger, known: list[Span]) -> dt.date | None:
    """The day of the list prices of June 2024, where it lies within the months drawn."""
    prices = {f.period_end: f.value for f in ledger.rows("list_price", "sakura_x")}
    day = dt.date(2024, 6, 4)
    earlier = [v for d, v in prices.items() if d < day]
    inside = known[0].period[0] <= day <= known[-1].period[1]
    return day if inside and day in prices and earlier and prices[day] > max(earlier) else None


def _marks(ledger: Ledger, known: list[Span]) -> list[tuple[dt.date, float, str, float]]:
    """Events on the monthly chart whose month is drawn and whose source is out."""
    value = {m.period[0]: m.share.value * 100 for m in known}
    marks = []
    for day, text, dy, needed in (
        (
            dt.date(2022, 10, 1),
            "orders stopped",
            -26.0,
            ledger.find("orders", MODEL, (dt.date(2022, 5, 20), dt.date(2022, 10, 31))),
        ),
        (
            dt.date(2024, 4, 1),
            "model update,\norders paused",
            -20.0,
            ledger.find("sales", MODEL, "2024-04"),
        ),
        (dt.date(2025, 9, 1), "Honda N-ONE e:", 42.0, ledger.find("sales", "n_one_e", "2025-09")),
    ):
        if needed is not None and day in value:
            marks.append((day, value[day], text, dy))
    return marks


@dataclass(frozen=True)
class Months:
    """The highest and the last month known, and what is missing between."""

    top_month: str
    top: Quantity
    last_month: str
    last: Quantity
    missing: Phrase
    half: Phrase


def monthly_story(ledger: Ledger, p: Settings) -> Months | None:
    """What the monthly chart says; None while no month is known."""
    known = months(ledger, p)
    if not known:
        return None
    top, last = max(known, key=lambda m: m.share.value), known[-1]
    lost = gaps(ledger, p)
    missing = phrase("Every month in between was published.")
    if lost:
        facts = [f for m in known for f in m.facts]
        n = counted(len(lost), "months", facts, "counted from the data")
        missing = phrase(
            "For {n:w} {w} in between no figure was found and none can be worked out; no line crosses them.",
            n=n,
            w="month" if len(lost) == 1 else "months",
        )
    halves = [h for h in spans(ledger, "HE") if not h.part]
    half = phrase("")
    if halves:
        half = phrase(
            " Over the whole of {l} it was {s:~.0%}.", l=halves[-1].label, s=halves[-1].share
        )
    return Months(top.label, top.share, last.label, last.share, missing, half)
