"""Figures of the Sakura that are easily confused: printed shares, running totals, conflicts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from ..ledger import Ledger
from ..periods import parse_period
from ..quantity import Quantity, share, total
from ..tables import Column, Table
from ..wording import Phrase, listed, phrase
from .spans import (
    LAUNCH,
    MARKET,
    MODEL,
    ORDERS_FROM,
    bound,
    either,
    span,
    variants,
)

TO_FEBRUARY_2024 = (LAUNCH, dt.date(2024, 2, 29))


# -- 41, 42, 43 -------------------------------------------------------------------------------


def printed_table(ledger: Ledger) -> Table | None:
    """Every share of about four tenths in print: who, which period, which base, recomputed."""
    bases = {
        "": ("2023", "Passenger battery EVs as registered"),
        "nissan_base": ("FY2023", "Nissan's own, wider market"),
        "as_printed": ("FY2022", "Base not stated"),
    }
    rows: list[tuple[Any, ...]] = []
    for basis, (period, base) in bases.items():
        facts = [
            f
            for f in ledger.rows("share_of_bev_sales", MODEL, basis)
            if f.period == parse_period(period) and f.qualifier == "exact"
        ]
        if not facts:
            continue
        facts.sort(key=lambda f: (ledger.sources[f.source].quality != "green", f.fact))
        said = ledger.fact(facts[0].fact)
        own = span(ledger, period)
        who = listed(dict.fromkeys(ledger.sources[f.source].publisher for f in facts[:2]))
        rows.append((period, said, who, base, own.share if own else None))
    for period in ("FY2022", "FY2023"):
        own = span(ledger, period)
        if own and period not in {r[0] for r in rows}:
            rows.append(
                (period, None, "Worked out here", "Passenger battery EVs as registered", own.share)
            )
    twins = next((f for f in ledger.rows("share_of_bev_sales", "sakura_and_ek_x_ev", "*")), None)
    if twins:
        who = ledger.sources[twins.source].publisher
        rows.append(
            (
                "2023, to October",
                ledger.fact(twins.fact),
                who,
                "The Sakura and its twin together",
                None,
            )
        )
    if len(rows) < 2:
        return None
    return Table.of(
        "sakura-printed-shares",
        phrase("Shares in print, with the period and the base of each"),
        (
            Column("Period", align="left"), Column("As printed", "q~.0%"),
            Column("Printed by", align="left"), Column("Share of what", align="left"),
            Column("On one base", "~.1%"),
        ),
        rows,
        note=phrase(
            "The last column divides the registered Sakura by registered passenger battery EVs, kei "
            "cars and imports included, for the same period."
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class NissanBase:
    """The market that Nissan's own share implies."""

    sales: Quantity
    share: Quantity
    low: Quantity
    high: Quantity
    registered: Quantity


def nissan_base(ledger: Ledger) -> NissanBase | None:
    """The market behind Nissan's 41% of fiscal 2023, as an interval."""
    sold = ledger.find("sales", MODEL, "FY2023", "nissan_base")
    said = ledger.find("share_of_bev_sales", MODEL, "FY2023", "nissan_base")
    market = ledger.find("bev_sales", MARKET, "FY2023")
    if sold is None or said is None or market is None:
        return None
    implied = (sold / said).in_unit("vehicles")
    return NissanBase(sold, said, bound(implied, "low", 100), bound(implied, "high", 100), market)


@dataclass(frozen=True)
class LaunchTotal:
    """The two figures of the reports of March 2024 that belong to different periods."""

    rounded: Quantity
    exact: Quantity | None
    year: Quantity
    market: Quantity
    share: Quantity
    wrong: Quantity  #: what dividing one by the base of the other would give

    @property
    def exactly(self) -> Phrase:
        if self.exact is None:
            return phrase("")
        return phrase(" One source prints it exactly: {n:,}.", n=self.exact)


def launch_total(ledger: Ledger) -> LaunchTotal | None:
    """The 64,000 since launch beside the 42% of 2023; None before both were out."""
    rows = [f for f in ledger.rows("sales", MODEL) if f.period == TO_FEBRUARY_2024]
    rounded = next((ledger.fact(f.fact) for f in rows if f.qualifier == "nearly"), None)
    exact = next((ledger.fact(f.fact) for f in rows if f.qualifier == "exact"), None)
    year = span(ledger, "2023")
    if rounded is None or year is None:
        return None
    return LaunchTotal(
        rounded, exact, year.sales, year.market, year.share, share(exact or rounded, year.market)
    )


# -- running totals ---------------------------------------------------------------------------


def cumulative_table(ledger: Ledger) -> Table | None:
    """Orders, registrations and production since launch, each to its date."""
    rows: list[tuple[Any, ...]] = []

    def add(day: dt.date, series: str, figure: Quantity | None, who: str) -> None:
        if figure is not None:
            rows.append((day, series, figure, who))

    for day in (dt.date(2022, 7, 31), dt.date(2022, 10, 31), dt.date(2023, 7, 8)):
        figure = ledger.find("orders", MODEL, (ORDERS_FROM, day), derive=False)
        add(day, "Orders, Sakura", figure, _who(ledger, figure))
    for day in (dt.date(2023, 5, 31), dt.date(2024, 9, 27)):
        figure = ledger.find("production", "sakura_and_ek_x_ev", (ORDERS_FROM, day), derive=False)
        add(day, "Built, both twins", figure, _who(ledger, figure))
    figure = ledger.find(
        "sales", "sakura_and_ek_x_ev", (LAUNCH, dt.date(2023, 5, 31)), derive=False
    )
    add(dt.date(2023, 5, 31), "Registered, both twins", figure, _who(ledger, figure))
    figure = ledger.find("sales", MODEL, TO_FEBRUARY_2024, derive=False)
    add(TO_FEBRUARY_2024[1], "Registered, Sakura", figure, _who(ledger, figure))
    for year in range(2022, ledger.as_of.year):
        figure = cumulative(ledger, year)
        for publisher, side in variants(ledger, figure) if figure else ():
            add(dt.date(year, 12, 31), "Registered, Sakura", side, f"Worked out, with {publisher}")
        if figure and not variants(ledger, figure):
            add(dt.date(year, 12, 31), "Registered, Sakura", figure, "Worked out from the years")
    if not rows:
        return None
    rows.sort(key=lambda r: (r[0], r[1]))
    return Table.of(
        "sakura-running-totals",
        phrase("Orders, registrations and production since launch are three series"),
        (
            Column("To", align="left"), Column("What", align="left"), Column("Vehicles", "q~,"),
            Column("Source", align="left"),
        ),
        rows,
    )  # fmt: skip


def cumulative(ledger: Ledger, year: int) -> Quantity | None:
    """Sakuras registered from launch to the end of a year, from yearly totals."""
    parts = [ledger.find("sales", MODEL, str(y)) for y in range(LAUNCH.year, year + 1)]
    known = [q for q in parts if q is not None]
    return total(known) if known and len(known) == len(parts) else None


def _who(ledger: Ledger, figure: Quantity | None) -> str:
    if figure is None:
        return ""
    names = (ledger.sources[ledger.facts[f].source].publisher for f in figure.facts)
    return listed(dict.fromkeys(names))


# -- in words ---------------------------------------------------------------------------------


def printed_said(ledger: Ledger) -> Phrase | None:
    """Why nearly the same share is printed in several ways."""
    year, fiscal = span(ledger, "2023"), span(ledger, "FY2023")
    if year is None:
        return phrase("No share was in print for a full year at this date.")
    told = phrase(
        "The share of calendar 2023 is {s:.1%}, printed as {r:.0%}.", s=year.share, r=year.share
    )
    base = nissan_base(ledger)
    if base is not None:
        told = phrase(
            "{t} Nissan's own {n:.0%} is fiscal 2023 on its own base: its count of {c:,} implies a market of "
            "{a:,} to {b:,}, above the {m:,} passenger EVs registered. What else Nissan counts is not stated.",
            t=told, n=base.share, c=base.sales, a=base.low, b=base.high, m=base.registered,
        )  # fmt: skip
    if fiscal is not None:
        told = phrase("{t} On registrations fiscal 2023 is {s:.1%}.", t=told, s=fiscal.share)
    return phrase("{t} Use one base throughout: the last column.", t=told)


def cumulative_said(ledger: Ledger) -> Phrase | None:
    """What the running totals can and cannot be compared with."""
    if cumulative_table(ledger) is None:
        return None
    told = phrase(
        "Orders run ahead of registrations, and the production milestones count both twins."
    )
    twins = ledger.find(
        "production", "sakura_and_ek_x_ev", (ORDERS_FROM, dt.date(2024, 9, 27)), derive=False
    )
    total_2025 = cumulative(ledger, 2025)
    start, part = cumulative(ledger, 2023), ledger.find("sales", MODEL, "2024-01/2024-09")
    if twins is not None:
        told = phrase(
            "{t} The {n:,} of September 2024 are cars built, of both brands.", t=told, n=twins
        )
    if twins is not None and start is not None and part is not None:
        told = phrase(
            "{t} By the end of that month {s:,} Sakuras had been registered; the rest is the twin, and cars not yet sold.",
            t=told, s=start + part,
        )  # fmt: skip
    first = ledger.find("sales", MODEL, TO_FEBRUARY_2024, derive=False)
    end_2024, year = cumulative(ledger, 2024), ledger.find("sales", MODEL, "2025")
    if first is not None and end_2024 is not None and year is not None:
        told = phrase(
            "{t} From the {a:,} of February 2024 it is {b:,} more to the end of that year and {c} in 2025.",
            t=told, a=first, b=end_2024 - first, c=either(ledger, year),
        )  # fmt: skip
    if total_2025 is not None and twins is not None and total_2025.high < twins.value:
        n = either(ledger, total_2025)
        told = phrase(
            "{t} Sakuras registered from launch to December 2025 add up to {n}: the model alone had not "
            "reached that mark.",
            t=told, n=n,
        )  # fmt: skip
    return told
