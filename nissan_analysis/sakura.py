"""The Sakura's share of Japan's battery-electric car sales: how large, when, and on what base.

The market is passenger battery EVs as the two registration bodies count them, kei cars and
imports included. The Sakura is the Nissan name alone: its Mitsubishi twin, the eK X EV, is never
in it. Months, halves and years that no source prints are derived by the ledger or left out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd
from matplotlib.axes import Axes

from .charts import Chart
from .drawing import columns, describe, lines, mark_event, value_axis, years_axis
from .ledger import Ledger
from .periods import Period, label_period, parse_period, windows
from .quantity import Origin, Quantity, share
from .style import LIGHT
from .tables import Column, Table
from .wording import Key, Phrase, long_date, phrase

MODEL, MARKET, KEI, REGISTERED = (
    "sakura",
    "japan_passenger",
    "japan_kei_passenger",
    "japan_registered_passenger",
)
LAUNCH = dt.date(2022, 5, 1)


class Settings(Protocol):
    """What is read of the report's parameters."""

    @property
    def basis(self) -> str: ...
    @property
    def first_month(self) -> str: ...


@dataclass(frozen=True)
class Span:
    """The Sakura and its market over one period. `part`: it was sold in only part of it."""

    label: str
    period: Period
    sales: Quantity
    market: Quantity
    kei: Quantity | None
    part: bool

    @property
    def share(self) -> Quantity:
        return share(self.sales, self.market)

    @property
    def rest(self) -> Quantity:
        """Every other battery EV."""
        return self.market - self.sales

    @property
    def facts(self) -> tuple[str, ...]:
        return tuple(sorted({*self.sales.facts, *self.market.facts}))


def span(ledger: Ledger, period: str | Period, label: str = "") -> Span | None:
    """The Sakura and its market in a period, or None where either is not known."""
    when = parse_period(period)
    sales = ledger.find("sales", MODEL, when)
    market = ledger.find("bev_sales", MARKET, when)
    if sales is None or market is None:
        return None
    kei = ledger.find("bev_sales", KEI, when)
    return Span(label or label_period(*when), when, sales, market, kei, when[0] < LAUNCH)


def _spans(ledger: Ledger, freq: Any) -> list[Span]:
    found = (span(ledger, w) for w in windows(freq, LAUNCH, ledger.as_of))
    return [s for s in found if s is not None]


def years(ledger: Ledger, p: Settings) -> list[Span]:
    """Calendar or fiscal years in which both the Sakura and the market are known."""
    return _spans(ledger, "FY" if p.basis == "fiscal" else "YE")


def full_years(ledger: Ledger, p: Settings) -> list[Span]:
    """`years` without the one in which sales began."""
    return [y for y in years(ledger, p) if not y.part]


def months(ledger: Ledger, p: Settings) -> list[Span]:
    """Months from `first_month` in which both are known."""
    start = parse_period(p.first_month)[0]
    return [m for m in _spans(ledger, "ME") if m.period[0] >= start]


def variants(ledger: Ledger, figure: Quantity) -> list[tuple[str, Quantity]]:
    """A figure under each side of a disagreement that nobody has settled: (publisher, figure).

    Empty when it rests on no open disagreement. Only whole figures of the Sakura are looked at.
    """
    for conflict in ledger.disagreements([MODEL], ["sales"]):
        sides = [f for f in conflict.facts if f.rank != "deprecated"]
        if conflict.settled or not any(f.fact in figure.facts for f in sides):
            continue
        believed = ledger.quantity("sales", MODEL, conflict.period)
        return [
            (ledger.sources[f.source].publisher, figure - believed + ledger.fact(f.fact))
            for f in sides
        ]
    return []


def count(number: int, unit: str, facts: tuple[str, ...]) -> Quantity:
    """A number of rows counted, resting on the facts that were counted."""
    return Quantity.of(number, unit, Origin(facts, label="counted from the data"))


def moved(new: Quantity, old: Quantity) -> str:
    """The verb from one figure to a later one."""
    return "fell" if new.value < old.value else "rose" if new.value > old.value else "stayed"


# -- the opening ------------------------------------------------------------------------------


def finding(ledger: Ledger, p: Settings) -> tuple[Phrase, Phrase]:
    """The title and the summary, for whatever is known at this date."""
    whole, known = full_years(ledger, p), years(ledger, p)
    if not known:
        return (
            phrase("The Sakura's share of Japan's electric cars is not known yet"),
            phrase(
                "On {day} no source had published a {basis} year of Sakura sales beside a market "
                "total, so no share by year can be worked out. What was known by then follows.",
                day=ledger.as_of, basis=p.basis,
            ),
        )
    if not whole:
        y = known[-1]
        title = phrase(
            "The Sakura took {s:.0%} of Japan's electric cars in {y}, its first part-year",
            s=y.share, y=y.label,
        )
        text = "Nissan's electric kei car was sold from May 2022 only: {n:,} of {m:,}."
        return title, phrase(text, n=y.sales, m=y.market)
    first, last = max(whole, key=lambda y: y.share.value), whole[-1]
    if first is last:
        title = phrase(
            "Nissan's Sakura was {s:.0%} of the electric cars sold in Japan in {y}",
            s=last.share, y=last.label,
        )
        text = "It sold {n:,} of {m:,} battery-electric passenger cars, kei cars and imports included."
        return title, phrase(text, n=last.sales, m=last.market)
    title = phrase(
        "The Sakura's share of Japan's electric cars fell from {a:.0%} in {x} to {b:~.0%} in {y}",
        a=first.share, b=last.share, x=first.label, y=last.label,
    )
    return title, _summary(ledger, first, last)


def _summary(ledger: Ledger, first: Span, last: Span) -> Phrase:
    both = variants(ledger, last.sales)
    if both:
        low, high = sorted((q for _, q in both), key=lambda q: q.value)[:2]
        told = phrase(
            "{low:,} or {high:,}, as two sources differ on its last quarter", low=low, high=high
        )
    else:
        told = phrase("{n:~,}", n=last.sales)
    lost, market = first.sales - last.sales, first.market - last.market
    whose = phrase("")
    if lost.value > 0 and market.value > 0:
        whose = phrase(
            "The whole market lost {m:,} cars over the same time, so the Sakura was {s:~.0%} of its fall. ",
            m=market, s=share(lost, market),
        )  # fmt: skip
    return phrase(
        "Sales of Nissan's electric kei car {verb} from {a:,} to {told}. {whose}{plan}",
        verb=moved(last.sales, first.sales), a=first.sales, told=told, whose=whose,
        plan=_plan(ledger),
    )  # fmt: skip


def _plan(ledger: Ledger) -> Phrase:
    names = {e.event for e in ledger.events}
    if "kei-ev-inhouse-denied" not in names:
        return phrase("Mitsubishi Motors builds it at Mizushima.")
    if "battery-plant-cancelled" in names:
        return phrase(
            "Moving its production to Kyushu from April 2028 was reported and denied in March 2024; "
            "the battery plant meant for it was cancelled in May 2025, and no confirmation was found."
        )
    return phrase(
        "Moving its production to Kyushu from April 2028 was reported, and denied by Nissan and "
        "Mitsubishi Motors, in March 2024."
    )


def keys(ledger: Ledger, p: Settings) -> list[Key]:
    """Up to six numbers for the opening."""
    made = [
        Key(
            phrase("of Japan's battery EVs in {y}", y=y.label),
            phrase("{s:~.1%}", s=y.share),
            phrase("{n:~,} of {m:,}", n=y.sales, m=y.market),
        )
        for y in full_years(ledger, p)[-3:]
    ]
    recent = _spans(ledger, "ME")
    if recent:
        m = recent[-1]
        label = phrase("in {m}, the last month known", m=m.label)
        made.append(Key(label, phrase("{s:~.0%}", s=m.share), phrase("{n:~,} cars", n=m.sales)))
    total = ledger.find("sales", MODEL, (LAUNCH, dt.date(2024, 2, 29)), derive=False)
    if total:
        note = phrase("not the period of the yearly share")
        label = phrase("sold from launch to February 2024")
        made.append(Key(label, phrase("{n:q~,}", n=total), note))
    plan = ledger.find("planned_start", "kei_ev_inhouse", "2024-03-08", status=("denied",))
    if plan:
        label = phrase("start of in-house production, as reported")
        made.append(Key(label, phrase("{n}", n=plan), phrase("denied by both companies; open")))
    return made


# -- by year and by month ---------------------------------------------------------------------


def share_chart(ledger: Ledger, p: Settings) -> Chart | None:
    """The share by year as columns."""
    known = years(ledger, p)
    if not known:
        return None
    labels = [y.label + (" (from May)" if y.part else "") for y in known]
    values = [y.share.value * 100 for y in known]
    top = max(known, key=lambda y: y.share.value)
    title = phrase("The Sakura: {s:~.0%} in {y}", s=top.share, y=top.label)
    if known[-1] is not top:
        title = phrase("{t}, {s:~.0%} in {y}", t=title, s=known[-1].share, y=known[-1].label)
    colours = ["accent-soft" if y.part else "accent" for y in known]

    def draw(axes: Axes) -> None:
        columns(axes, labels, values, colours, places=1, suffix="%")

    data = pd.DataFrame(
        {
            "year": labels,
            "share_percent": values,
            "sakura": [y.sales.value for y in known],
            "market": [y.market.value for y in known],
        }
    )
    part = phrase(
        "In its first year the Sakura was sold from May only, while the market counts the whole year."
    )
    return Chart(
        "sakura-share-by-year",
        title,
        f"Sakura as a share of battery-electric passenger cars sold in Japan, {p.basis} years, percent",
        describe("Columns", "the Sakura's share", labels, values, "percent", 1),
        data,
        tuple(sorted({f for y in known for f in y.facts})),
        draw,
        note=part if any(y.part for y in known) else None,
        height=2.7,
    )


def share_table(ledger: Ledger, p: Settings) -> Table | None:
    """Share of the market and of kei EVs by calendar year, fiscal year and half."""
    rows: list[tuple[Any, ...]] = []
    for freq in ("YE", "FY", "HE"):
        kept = (s for s in _spans(ledger, freq) if freq != "HE" or not s.part)
        rows += [r for s in kept for r in _share_rows(ledger, s)]
    half = span(ledger, "2025-04/2025-09")
    if half:
        rows += _share_rows(ledger, half)
    if not rows:
        return None
    return Table.of(
        "sakura-share-by-period",
        phrase("Sales, market and share by calendar year, fiscal year and half"),
        (
            Column("Period", align="left"), Column("Sakura"), Column("All battery EVs"),
            Column("Share", "~.1%"), Column("Kei EVs"), Column("Share of kei EVs", "~.0%"),
        ),
        rows,
        note=phrase(
            "A half or year is left out where a month that it needs was not published. Periods marked "
            "part hold fewer months of Sakura sales than of the market."
        ),
    )  # fmt: skip


def _share_rows(ledger: Ledger, s: Span) -> list[tuple[Any, ...]]:
    label = s.label + (", part" if s.part else "")
    sides = variants(ledger, s.sales) or [("", s.sales)]
    rows = []
    for publisher, sales in sides:
        name = f"{label}, with {publisher}" if publisher else label
        of_kei = share(sales, s.kei) if s.kei else None
        rows.append((name, sales, s.market, share(sales, s.market), s.kei, of_kei))
    return rows


def gaps(ledger: Ledger, p: Settings) -> list[Period]:
    """Months between the first and the last known month of which nobody printed a figure."""
    known = {m.period for m in months(ledger, p)}
    if not known:
        return []
    return [w for w in windows("ME", min(known)[0], max(known)[1]) if w not in known]


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

    def draw(axes: Axes) -> None:
        for start, end in missing:
            axes.axvspan(start - dt.timedelta(15), end - dt.timedelta(15), color=LIGHT["grid"], lw=0)  # type: ignore[arg-type]
        lines(axes, {"": (days, values)}, suffix="%", label_ends=False, markers=True, step_gap_days=32)
        for day, value, text, dy in marks:
            mark_event(axes, day, value, text, dy=dy)
        years_axis(axes)
        value_axis(axes, "%")

    facts = tuple(sorted({f for m in known for f in m.facts}))
    alt = describe("Points", "the Sakura's share by month", [m.label for m in known], values, "percent", 1)
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
        n = count(len(missing), "months", facts)
        note = phrase("Shaded: {n:w} {w} without a published Sakura figure.", n=n, w="month" if len(missing) == 1 else "months")
    return Chart(
        "sakura-share-by-month", title,
        "Sakura as a share of battery-electric passenger cars sold in Japan, by month, percent",
        alt, data, facts, draw, note=note, height=3.2,
    )  # fmt: skip


def _marks(ledger: Ledger, known: list[Span]) -> list[tuple[dt.date, float, str, float]]:
    """Events on the monthly chart whose month is drawn and whose source is out."""
    value = {m.period[0]: m.share.value * 100 for m in known}
    marks = []
    for day, text, dy, needed in (
        (dt.date(2022, 10, 1), "orders stopped", -26.0, ledger.find("orders", MODEL, (dt.date(2022, 5, 20), dt.date(2022, 10, 31)))),
        (dt.date(2024, 4, 1), "model update,\norders paused", -20.0, ledger.find("sales", MODEL, "2024-04")),
        (dt.date(2025, 9, 1), "Honda N-ONE e:", 22.0, ledger.find("sales", "n_one_e", "2025-09")),
    ):
        if needed is not None and day in value:
            marks.append((day, value[day], text, dy))
    return marks


def day(ledger: Ledger) -> str:
    """The date of this vintage in words."""
    return long_date(ledger.as_of)
