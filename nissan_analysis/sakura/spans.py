"""Periods of the Sakura and of its market, and what every analysis of it needs.

The market is passenger battery EVs as the two registration bodies count them, kei cars and
imports included. The Sakura is the Nissan name alone: its Mitsubishi twin, the eK X EV, is never
in it. Months, halves and years that no source prints are derived by the ledger or left out.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any, Protocol

from ..ledger import Ledger
from ..periods import Period, label_period, parse_period, windows
from ..quantity import Origin, Quantity, facts_behind, share
from ..wording import Phrase, phrase

MODEL, MARKET, KEI, REGISTERED = (
    "sakura",
    "japan_passenger",
    "japan_kei_passenger",
    "japan_registered_passenger",
)
LAUNCH = dt.date(2022, 5, 1)
ORDERS_FROM = dt.date(2022, 5, 20)


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
        return facts_behind((self.sales, self.market))


def span(ledger: Ledger, period: str | Period, label: str = "") -> Span | None:
    """The Sakura and its market in a period, or None where either is not known."""
    when = parse_period(period)
    sales = ledger.find("sales", MODEL, when)
    market = ledger.find("bev_sales", MARKET, when)
    if sales is None or market is None:
        return None
    kei = ledger.find("bev_sales", KEI, when)
    return Span(label or label_period(*when), when, sales, market, kei, when[0] < LAUNCH)


def spans(ledger: Ledger, freq: Any) -> list[Span]:
    found = (span(ledger, w) for w in windows(freq, LAUNCH, ledger.as_of))
    return [s for s in found if s is not None]


def years(ledger: Ledger, p: Settings) -> list[Span]:
    """Calendar or fiscal years in which both the Sakura and the market are known."""
    return spans(ledger, "FY" if p.basis == "fiscal" else "YE")


def full_years(ledger: Ledger, p: Settings) -> list[Span]:
    """`years` without the one in which sales began."""
    return [y for y in years(ledger, p) if not y.part]


def months(ledger: Ledger, p: Settings) -> list[Span]:
    """Months from `first_month` in which both are known."""
    start = parse_period(p.first_month)[0]
    return [m for m in spans(ledger, "ME") if m.period[0] >= start]


def variants(ledger: Ledger, figure: Quantity, entity: str = MODEL) -> list[tuple[str, Quantity]]:
    """A sales figure under each side of a disagreement that nobody has settled.

    (publisher, figure) pairs, the believed side first; empty when it rests on no such conflict.
    """
    for conflict in ledger.disagreements([entity], ["sales"]):
        sides = conflict.live
        if conflict.settled or not any(f.fact in figure.facts for f in sides):
            continue
        believed = ledger.quantity("sales", entity, conflict.period)
        sides.sort(key=lambda f: f.fact not in believed.facts)
        return [
            (ledger.sources[f.source].publisher, figure - believed + ledger.fact(f.fact))
            for f in sides
        ]
    return []


def either(ledger: Ledger, figure: Quantity, entity: str = MODEL) -> Phrase:
    """A figure as printed; both sides, lower first, where sources disagree: "13,976 or 14,093"."""
    sides = sorted((q for _, q in variants(ledger, figure, entity)), key=lambda q: q.value)
    if len(sides) < 2:
        return phrase("{n:q~,}", n=figure)
    return phrase("{low:,} or {high:,}", low=sides[0], high=sides[-1])


def moved(new: Quantity, old: Quantity) -> str:
    """The verb from one figure to a later one."""
    return "fell" if new.value < old.value else "rose" if new.value > old.value else "stayed"


def gaps(ledger: Ledger, p: Settings) -> list[Period]:
    """Months between the first and the last known month of which nobody printed a figure."""
    known = {m.period for m in months(ledger, p)}
    if not known:
        return []
    return [w for w in windows("ME", min(known)[0], max(known)[1]) if w not in known]


def bound(quantity: Quantity, side: str, step: float) -> Quantity:
    """The lowest or highest value that the rounding of the sources allows, rounded outwards."""
    if side == "low":
        value = math.floor(quantity.low / step + 1e-9) * step
    else:
        value = math.ceil(quantity.high / step - 1e-9) * step
    label = f"{side}est value that the rounding of the sources allows; {quantity.label}"
    origin = Origin(quantity.facts, status=quantity.status, label=label)
    return quantity.given_as(value, origin, f"the {side}est value of {{0}}")
