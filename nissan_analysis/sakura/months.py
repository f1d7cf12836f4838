"""The Sakura's share month by month: points where both figures are known, gaps where not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import describe, label_at, lines, mark_break, mark_event, value_axis, years_axis
from ..ledger import Ledger
from ..periods import Period
from ..quantity import Quantity, counted
from ..style import LIGHT
from ..wording import Phrase, joined, phrase
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
    rises = _rises(ledger, known)

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
            label_at(
                axes,
                f"{m.share.value * 100:.0f}%",
                (mdates.date2num(m.period[0]), m.share.value * 100),
                (5, 3),
                color=LIGHT["accent"],
            )
        for day, text, *_ in rises:
            mark_break(axes, mdates.date2num(day), text)
        years_axis(axes)
        value_axis(axes, "%")

    facts = tuple(sorted({f for m in known for f in m.facts} | {f for r in rises for f in r[3]}))
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
    notes = []
    if missing:
        n = counted(len(missing), "months", facts, "counted from the data")
        words = "month" if len(missing) == 1 else "months"
        notes.append(phrase("Shaded: {n:w} {w} without a published Sakura figure.", n=n, w=words))
    if rises:
        notes.append(phrase("Dashed lines are rises: {r}.", r=joined([r[2] for r in rises], "; ")))
    note = joined(notes) if notes else None
    return Chart(
        "sakura-share-by-month", title,
        "Sakura as a share of battery-electric passenger cars sold in Japan, by month, percent",
        alt, data, facts, draw, note=note, height=3.2,
    )  # fmt: skip


def _rises(ledger: Ledger, known: list[Span]) -> list[tuple[dt.date, str, Phrase, tuple[str, ...]]]:
    """Days on which the list price or the subsidy cap rose: day, label, note, facts."""
    found = []
    for label, text, rows in (
        ("list prices up", "the list price of grade X by {q:,} yen", ledger.rows("list_price", "sakura_x")),
        ("kei subsidy\ncap up", "the cap of the national subsidy for kei EVs by {q:,} yen",
         ledger.rows("subsidy", "japan_cev_subsidy", "kei_cap")),
    ):  # fmt: skip
        rows = sorted(rows, key=lambda f: f.period_end)
        for old, new in pairwise(rows):
            inside = known[0].period[0] <= new.period_end <= known[-1].period[1]
            # The day of the list prices of 2023 is open: only a day that sources agree on is drawn.
            if inside and new.value > old.value and "date open" not in new.note:
                a, b = ledger.fact(old.fact), ledger.fact(new.fact)
                said = phrase(f"{text} on {{d}}", q=b - a, d=new.period_end)
                found.append((new.period_end, label, said, (*a.facts, *b.facts)))
    return sorted(found, key=lambda r: r[0])


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
