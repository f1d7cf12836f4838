"""A small model of building the kei EV at Kyushu: what would have to be true for it to pay.

The model is ours from end to end: no source gives the Sakura's margin, the saving of building it
at Kyushu, or the investment. It says which of these would have to be true, not what will be.

Cash in: the saving per car times the cars of the year, at the end of each year. Cash out: the
investment, whole, at the start of production. Net present value at the start of production.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..ledger import Ledger
from ..quantity import Origin, Quantity, facts_behind

SEED = 20240308  # the day of the report
DRAWS = 20_000
LONGEST = 40  # years

#: Inputs of the model: assumption key, name in charts, unit in labels.
INPUTS: dict[str, tuple[str, str]] = {
    "saving": ("inhouse_saving", "Saving per car"),
    "volume": ("inhouse_volume", "Cars a year"),
    "investment": ("inhouse_investment", "Investment"),
    "years": ("inhouse_years", "Years of production"),
    "rate": ("discount_rate", "Discount rate"),
    "growth": ("inhouse_volume_growth", "Growth after the ramp"),
    "ramp": ("inhouse_ramp_years", "Years to full volume"),
}
Numbers = float | NDArray[np.float64]


def weight(years: Numbers, ramp: Numbers, growth: Numbers, rate: Numbers) -> Numbers:
    """Discounted years of full volume: cars over all years = volume x this, at present value.

    Year t runs at t/ramp of the volume until it is full, then grows; `growth` and `rate` are
    ratios a year. The last year counts by its part where `years` is not whole.
    """
    result: Numbers = 0.0
    for t in range(1, LONGEST + 1):
        part = np.clip(np.asarray(years) - (t - 1), 0.0, 1.0)
        volume = np.minimum(1.0, t / np.asarray(ramp)) * (1 + np.asarray(growth)) ** np.maximum(
            0.0, t - np.asarray(ramp)
        )
        result = result + part * volume / (1 + np.asarray(rate)) ** t
    return result


def net_value(
    saving: Numbers, volume: Numbers, investment: Numbers, years: Numbers, rate: Numbers,
    growth: Numbers, ramp: Numbers,
) -> Numbers:  # fmt: skip
    """Net present value in billions of yen; saving in yen, investment in billions, rates in percent."""
    worth = weight(years, ramp, np.asarray(growth) / 100, np.asarray(rate) / 100)
    return np.asarray(saving) * volume / 1e9 * worth - investment


@dataclass(frozen=True)
class Model:
    """The scenario: its inputs with their ranges, and what follows."""

    ledger: Ledger
    inputs: dict[str, Quantity]
    ranges: dict[str, tuple[float, float]]

    @property
    def centre(self) -> dict[str, float]:
        return {name: q.value for name, q in self.inputs.items()}

    def made(self, value: float, unit: str, formula: str, half: float = 0.0) -> Quantity:
        """A result that rests on every input."""
        facts = facts_behind(self.inputs.values())
        origin = Origin(facts, half, half, "assumption", "exact", "our model")
        return Quantity.of(value, unit, origin).named(formula)

    @property
    def worth(self) -> float:
        c = self.centre
        return float(weight(c["years"], c["ramp"], c["growth"] / 100, c["rate"] / 100))

    @property
    def value(self) -> Quantity:
        result = float(net_value(**self.centre))
        return self.made(result, "JPY_bn", "present value of the savings less the investment")

    @property
    def break_even_volume(self) -> Quantity | None:
        """Cars a year at which the savings pay the investment; None without a saving."""
        if self.centre["saving"] <= 0:
            return None
        cars = self.centre["investment"] * 1e9 / self.centre["saving"] / self.worth
        return self.made(cars, "vehicles", "investment / (saving per car x discounted years)", 50)

    def break_even_saving(self, volume: Quantity) -> Quantity | None:
        """The saving a car at which a volume pays the investment."""
        if volume.value <= 0:
            return None
        yen = self.centre["investment"] * 1e9 / volume.value / self.worth
        others = (q for n, q in self.inputs.items() if n not in ("saving", "volume"))
        facts = facts_behind((volume, *others))
        origin = Origin(facts, 500, 500, "assumption", "exact", "our model")
        return Quantity.of(yen, "JPY", origin).named("investment / (cars x discounted years)")

    @property
    def investment_paid(self) -> Quantity:
        """The investment that the savings would pay."""
        return self.made(
            self.value.value + self.centre["investment"], "JPY_bn", "present value of the savings"
        )


def model(ledger: Ledger, **given: Quantity) -> Model | None:
    """The model at this date; None before any plan for an electric kei car had been reported.

    `given` holds the inputs that the report sets; the others are read from the assumptions.
    """
    if ledger.find("planned_start", "kei_ev_inhouse", "2024-03-08") is None:
        return None
    inputs, ranges = {}, {}
    for name, (key, _) in INPUTS.items():
        inputs[name] = given.get(name) or ledger.assumption(key)
        row, value = ledger.assumptions[key], inputs[name].value
        ranges[name] = (min(row.low, value), max(row.high, value))
    return Model(ledger, inputs, ranges)


def swings(m: Model) -> list[tuple[str, float, float, float, float]]:
    """Each input at its low and high, others at the centre: name, low, high, value at each."""
    found = []
    for name in INPUTS:
        low, high = m.ranges[name]
        a, b = (float(net_value(**(m.centre | {name: v}))) for v in (low, high))
        found.append((name, low, high, a, b))
    return sorted(found, key=lambda s: -abs(s[4] - s[3]))


@dataclass(frozen=True)
class Draws:
    """Outcomes of the Monte Carlo run, in billions of yen, and three of their quantiles."""

    values: NDArray[np.float64]
    low: Quantity
    median: Quantity
    high: Quantity


def simulate(m: Model | None) -> Draws | None:
    """All inputs drawn at once from triangles (low, centre, high), independently; fixed seed."""
    if m is None:
        return None
    rng = np.random.default_rng(SEED)
    drawn = {}
    for name, (low, high) in m.ranges.items():
        mode = m.centre[name]
        drawn[name] = rng.triangular(low, mode, high, DRAWS) if low < high else np.full(DRAWS, mode)
    values = np.asarray(net_value(**drawn), dtype=float)
    half = 1.0  # quantiles of this many draws are good to about a billion
    tenth, middle, ninth = (
        m.made(float(q), "JPY_bn", "quantile of the draws", half)
        for q in np.percentile(values, (10, 50, 90))
    )
    return Draws(values, tenth, middle, ninth)
