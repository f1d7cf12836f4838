"""The plan's own figures, and small helpers on quantities that all parts of the report share."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..ledger import ACTUAL, Ledger
from ..periods import Period, label_period, months_from
from ..provenance import in_month
from ..quantity import Quantity, parameter, share, worst
from ..wording import Phrase, phrase

PLAN = (dt.date(2024, 4, 1), dt.date(2028, 3, 31))  # FY2024 to FY2027, as announced
STAFF_DAY = dt.date(2024, 3, 31)  # headcount before the plan
AFTER = (dt.date(2025, 5, 13), dt.date(2028, 3, 31))
TARGET = ("target",)


def chosen(ledger: Ledger, p: Any, name: str, assumption: str) -> Quantity:
    """Parameter `name` of `p` as a quantity; the assumption where it is absent, None or equal."""
    assumed = ledger.assumption(assumption)
    value = getattr(p, name, None)
    if value is None or float(value) == assumed.value:
        return assumed
    return parameter(name, float(value), assumed.unit)


def break_even(ledger: Ledger, p: Any) -> Quantity:
    """Utilisation at which a plant breaks even, in percent."""
    return chosen(ledger, p, "break_even_utilisation", "breakeven_utilisation")


def told_in(ledger: Ledger, event: str) -> Phrase:
    """The month of an event, for a sentence on the figures announced with it."""
    known = ledger.event(event)
    return in_month(known) if known is not None else Phrase("an earlier month", "an earlier month")


def whose(level: Quantity) -> str:
    """Who says that a plant breaks even at this use."""
    press = level.facts == ("assumption:breakeven_utilisation",)
    return "the press's rule of thumb" if press else "set for this report"


def but_own(levels: Sequence[Quantity]) -> str:
    """What to add to "the levels are the press's" where one of them was set for this report."""
    press = all(whose(q) == whose(levels[0]) for q in levels)
    return "" if press else ", but for the one set for this report"


def cars(capacity: Quantity) -> Quantity:
    """A yearly capacity as vehicles of one year, to set against an output."""
    return capacity.in_unit("vehicles")


def needed(capacity: Quantity, level: Quantity, output: Quantity) -> Quantity:
    """Vehicles a year between an output and a level of use of a capacity, at worst case."""
    return worst(
        lambda room, part, built: room * part - built, cars(capacity), level.ratio(), output
    )


@dataclass(frozen=True)
class Plan:
    """The plan's own figures; None where not published at this date."""

    jobs_first: Quantity | None
    jobs: Quantity | None
    staff: Quantity | None
    plants: Quantity | None
    plants_left: Quantity | None
    capacity: Quantity | None
    capacity_left: Quantity | None
    reserve: Quantity | None
    alliance: Quantity | None
    wide: Quantity | None
    wide_left: Quantity | None
    output: Quantity | None
    output_year: str

    @property
    def known(self) -> bool:
        """Whether the plan of May 2025 is known with jobs, plants and capacity."""
        parts = (self.jobs, self.plants, self.plants_left, self.capacity, self.capacity_left)
        return all(part is not None for part in parts)

    @property
    def closing(self) -> Quantity | None:
        if self.plants is None or self.plants_left is None:
            return None
        return self.plants - self.plants_left

    @property
    def with_reserve(self) -> Quantity | None:
        """The capacity that is to remain and the reserve beside it."""
        if self.capacity_left is None or self.reserve is None:
            return None
        return self.capacity_left + self.reserve

    def use(self, capacity: Quantity | None) -> Quantity | None:
        """Latest fiscal year's output outside China as a share of a capacity."""
        if capacity is None or self.output is None:
            return None
        return share(self.output, cars(capacity)).named("output outside China / capacity")


def plan(ledger: Ledger) -> Plan:
    """The figures of the plan and the output they are set against."""

    def point(
        metric: str, period: str | Period, basis: str | None = None, status: Sequence[str] = TARGET
    ) -> Quantity | None:
        return ledger.find(metric, "nissan", period, basis, status, derive=False)

    def before(metric: str, basis: str) -> Quantity | None:
        found = ledger.latest(metric, "nissan", basis, ACTUAL)
        return found.quantity if found else None

    output, year = output_outside_china(ledger)
    return Plan(
        point("job_cuts", "2024-11-07"),
        point("job_cuts", PLAN),
        point("employees", (STAFF_DAY, STAFF_DAY), status=ACTUAL),
        before("plants", "excl_china"),
        point("plants", "FY2027", "excl_china"),
        before("capacity", "excl_china"),
        point("capacity", "FY2027", "excl_china"),
        point("capacity", "FY2027", "reserve"),
        point("capacity", "FY2027", "alliance"),
        point("capacity", "2024-11-07", "incl_china", ACTUAL) or before("capacity", "incl_china"),
        point("capacity", "FY2026", "incl_china"),
        output,
        year,
    )


def output_outside_china(ledger: Ledger) -> tuple[Quantity | None, str]:
    """Vehicles built outside China in the latest whole fiscal year known."""
    for year in range(ledger.as_of.year, 2015, -1):
        period = months_from(dt.date(year, 4, 1), 12)
        world = ledger.find("production", "nissan", period)
        china = ledger.find("production", "nissan_china", period)
        if world is not None and china is not None:
            return (world - china).named("world output - China"), label_period(*period)
    return None, ""


def span(quantity: Quantity, spec: str = ",", wide: float = 0.05) -> Phrase:
    """A quantity as printed where it is known to a part `wide` of itself, else as its range."""
    width = quantity.high - quantity.low
    if quantity.qualifier != "exact" or width <= wide * abs(quantity.value):
        return phrase("{n:q~" + spec + "}", n=quantity)
    power = math.floor(math.log10(width))
    step = 10.0 ** (power if width > 5 * 10.0**power else power - 1)

    low, high = (quantity.end(round(v / step) * step) for v in (quantity.low, quantity.high))
    spec_ = "{a:" + spec + "} to {b:" + spec + "}"
    return phrase(spec_, a=low, b=high)


def percent(ratio: Quantity, known: float = 0.01) -> Phrase:
    """A ratio as whole percent, or as a range of whole percent where its bounds are wider than `known`."""
    error = max(ratio.high - ratio.value, ratio.value - ratio.low)
    if ratio.qualifier != "exact" or error <= known:
        return phrase("{r:q~.0%}", r=ratio)
    low, high = (ratio.end(round(v, 2)) for v in (ratio.low, ratio.high))
    return phrase("{low:.0%} to {high:.0%}", low=low, high=high)
