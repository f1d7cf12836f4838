"""A number with bounds and provenance.

A `Quantity` wraps a number of the `uncertainties` package. Each fact is one independent
variable, so the derivatives of a result say which facts it rests on, and the derivative times
the distance of a fact to its bounds says how far the result can move. `a / b - 1` and
`(a - b) / b` therefore carry the same bounds.

Bounds are worst case (every fact at the bad end of its rounding interval), not a standard
deviation: the method is the first-order propagation of `uncertainties` with the absolute
contributions added up, widened by ``1 / (1 - r)`` for non-linear results, where ``r`` is the sum
of the relative half-widths of the inputs (the exact worst case of a ratio lies inside that).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import reduce
from itertools import product
from typing import Any, Protocol

from uncertainties import Variable, umath
from uncertainties.core import AffineScalarFunc

from .formula import UNKNOWN, NoFormula, Part, Step, arithmetic, in_words

#: Units in which a value is a whole number of things, so that "printed to the unit" is exact.
COUNT_UNITS = frozenset(
    [
        "vehicles",
        "persons",
        "orders",
        "plants",
        "lines",
        "models",
        "platforms",
        "fiscal_year",
        "calendar_year",
    ]
)

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}

#: Statuses of figures that are not (or never became) facts; the sentence has to say so.
UNCERTAIN_STATUSES = frozenset({"target", "denied", "cancelled", "estimate"})


_CERTAINTY = ("denied", "cancelled", "target", "estimate", "assumption", "reported", "official")


def least_certain(statuses: Iterable[str]) -> str:
    """What a number that rests on facts of these statuses is to be called."""
    found = set(statuses)
    return next((s for s in _CERTAINTY if s in found), "reported")


@dataclass(frozen=True, eq=False)
class Origin:
    """Where one independent number comes from: a fact, an assumption, or a snapped derivation.

    `below` and `above` are distances (>= 0) from the value to its bounds; `label` is what a
    tooltip says of it: who says so. `name` is what it is ("Sales, Nissan in China, 2025").
    `stated` is True where the value is that of the one fact, assumption or parameter as it stands.
    """

    facts: tuple[str, ...]
    below: float = 0.0
    above: float = 0.0
    status: str = "reported"
    qualifier: str = "exact"
    label: str = ""
    name: str = ""
    stated: bool = False


def bounds_of(decimals: int, qualifier: str, unit: str) -> tuple[float, float]:
    """Distances (below, above) from a printed value to its bounds.

    `decimals` as in XBRL: 0 is to the unit, -2 to the hundred. A count printed to the unit is
    exact. `about` widens by one unit of the last printed place on both sides, `nearly` and
    `up_to` below only, `over` above only.
    """
    step = 10.0 ** (-decimals)
    if qualifier == "about":
        return step, step
    if qualifier in ("nearly", "up_to"):
        return step, 0.0
    if qualifier == "over":
        return 0.0, step
    if decimals >= 0 and unit in COUNT_UNITS:
        return 0.0, 0.0
    return step / 2, step / 2


class _Sourced(Protocol):
    @property
    def facts(self) -> tuple[str, ...]: ...


def facts_behind(parts: Iterable[_Sourced]) -> tuple[str, ...]:
    """Ids of the facts that some quantities (phrases, series, ...) rest on together, sorted."""
    return tuple(sorted({f for part in parts for f in part.facts}))


def _number(value: float, origin: Origin) -> AffineScalarFunc:
    # The standard deviation is a dummy: bounds live in the tag, because they may be lopsided
    # and may be zero, which `uncertainties` would warn about.
    return Variable(value, 1.0, tag=origin)


@dataclass(frozen=True, eq=False)
class Quantity:
    """A value in a unit, with its bounds and the facts it rests on.

    `linear` is True while the number is a weighted sum of its facts (bounds are then exact).
    `formula` is what the analysis calls the computation; empty for a fact as printed. `made` is
    the computation itself (see `formula.py`).
    """

    number: Any
    unit: str
    linear: bool = True
    formula: str = ""
    made: Part = UNKNOWN

    # -- making -------------------------------------------------------------------------

    @classmethod
    def of(cls, value: float, unit: str, origin: Origin, made: Part | None = None) -> Quantity:
        """An independent number; `made` is the computation it stands for, where there was one."""
        return cls(_number(float(value), origin), unit, made=origin if made is None else made)

    def named(self, formula: str) -> Quantity:
        """The same number with a formula in words ("Sakura sales / Japan BEV sales")."""
        return replace(self, formula=formula)

    def in_unit(self, unit: str) -> Quantity:
        """The same number called by another unit (no conversion)."""
        return replace(self, unit=unit)

    def given_as(self, value: float, origin: Origin, words: str = "{0}, rounded") -> Quantity:
        """The same figure as a value of its own, with its own bounds: rounded, or one of its ends."""
        return Quantity.of(value, self.unit, origin, Step("given", (self.made,), words))

    def end(self, value: float) -> Quantity:
        """One end of the range of this figure, exact, as a value of its own."""
        origin = Origin(self.facts, status=self.status, label=self.label)
        return self.given_as(value, origin, "an end of the range of {0}")

    # -- reading ------------------------------------------------------------------------

    @property
    def value(self) -> float:
        return float(self.number.nominal_value)

    def _origins(self) -> list[tuple[Origin, float, float]]:
        pairs = self.number.derivatives.items()
        return [(v.tag, float(d), float(v.nominal_value)) for v, d in pairs]

    def _spread(self) -> tuple[float, float]:
        below = above = relative = 0.0
        for origin, slope, value in self._origins():
            down, up = slope * origin.below, slope * origin.above
            below += down if slope >= 0 else -up
            above += up if slope >= 0 else -down
            half = max(origin.below, origin.above)
            if half:
                relative += half / abs(value) if value else math.inf
        if self.linear:
            return below, above
        widen = 1 / (1 - relative) if relative < 0.5 else 3.0
        return below * widen, above * widen

    @property
    def low(self) -> float:
        return self.value - self._spread()[0]

    @property
    def high(self) -> float:
        return self.value + self._spread()[1]

    @property
    def facts(self) -> tuple[str, ...]:
        """Ids of the facts (and ``assumption:<key>``) the number rests on, sorted."""
        return facts_behind(o for o, _, _ in self._origins())

    @property
    def status(self) -> str:
        """The least certain status among the facts behind the number."""
        return least_certain(o.status for o, _, _ in self._origins())

    @property
    def qualifier(self) -> str:
        """The source's own word, for a number that is one fact as printed; else ``exact``."""
        origins = self._origins()
        if len(origins) == 1 and origins[0][1] == 1.0:
            return origins[0][0].qualifier
        return "exact"

    @property
    def how(self) -> str:
        """How it was computed, in words over A, B, ... (its facts in order); empty for a fact."""
        return in_words(self.made, self.facts, self.formula)

    @property
    def arithmetic(self) -> str:
        """How it was computed, over f0, f1, ... (its facts in order); empty where not known."""
        try:
            return arithmetic(self.made, self.facts)
        except NoFormula:
            return ""

    @property
    def names(self) -> dict[str, str]:
        """What each of its facts is, by id; facts without a name are left out."""
        return {o.facts[0]: o.name for o, _, _ in self._origins() if o.name}

    @property
    def label(self) -> str:
        """What a tooltip says: the sources behind the number, at most three of them."""
        seen = list(dict.fromkeys(o.label for o, _, _ in self._origins() if o.label))
        return "; ".join(seen[:3]) + (f"; and {len(seen) - 3} more" if len(seen) > 3 else "")

    def overlaps(self, other: Quantity) -> bool:
        """Whether both could be roundings of one true value (the XBRL Calculations 1.1 test)."""
        slack = 1e-9 * max(1.0, abs(self.value), abs(other.value))
        return self.low <= other.high + slack and other.low <= self.high + slack

    def __float__(self) -> float:
        return self.value

    def __repr__(self) -> str:
        return f"Quantity({self.value:g} {self.unit}, {self.low:g}..{self.high:g})"

    def __format__(self, spec: str) -> str:
        raise TypeError(
            "A Quantity is not formatted directly: say it with phrase() or say(), which keep its "
            "sources beside it. For a plain number use q.value."
        )

    # -- arithmetic ---------------------------------------------------------------------

    def _with(self, sign: str, other: Quantity | float, unit: str, linear: bool) -> Quantity:
        right = other.number if isinstance(other, Quantity) else other
        part: Part = other.made if isinstance(other, Quantity) else float(other)
        number = _OPERATORS[sign](self.number, right)
        return Quantity(number, unit, linear, made=Step(sign, (self.made, part)))

    def _turned(self, sign: str, number: Any, unit: str, linear: bool) -> Quantity:
        return Quantity(number, unit, linear, made=Step(sign, (self.made,)))

    def __add__(self, other: Quantity | float) -> Quantity:
        linear = self.linear and (not isinstance(other, Quantity) or other.linear)
        _same_unit(self, other, "added to")
        return self._with("+", other, self.unit, linear)

    def __radd__(self, other: float) -> Quantity:
        return self + other

    def __sub__(self, other: Quantity | float) -> Quantity:
        linear = self.linear and (not isinstance(other, Quantity) or other.linear)
        _same_unit(self, other, "taken from")
        return self._with("-", other, self.unit, linear)

    def __rsub__(self, other: float) -> Quantity:
        return -self + other

    def __mul__(self, other: Quantity | float) -> Quantity:
        if not isinstance(other, Quantity):
            return self._with("*", other, self.unit, self.linear)
        left, right = self.ratio(), other.ratio()
        unit = right.unit if left.unit == "ratio" else left.unit
        return left._with("*", right, unit, False)

    def __rmul__(self, other: float) -> Quantity:
        return self * other

    def __truediv__(self, other: Quantity | float) -> Quantity:
        if not isinstance(other, Quantity):
            return self._with("/", other, self.unit, self.linear)
        left, right = self.ratio(), other.ratio()
        unit = left.unit if right.unit == "ratio" and left.unit != "ratio" else "ratio"
        return left._with("/", right, unit, False)

    def __rtruediv__(self, other: float) -> Quantity:
        plain = self.ratio()
        made = Step("/", (float(other), plain.made))
        return Quantity(other / plain.number, plain.unit, False, made=made)

    def __pow__(self, power: float) -> Quantity:
        return self._with("**", power, self.unit, False)

    def __neg__(self) -> Quantity:
        return self._turned("neg", -self.number, self.unit, self.linear).named(self.formula)

    def __abs__(self) -> Quantity:
        return -self if self.value < 0 else self

    def log(self) -> Quantity:
        """Natural logarithm of a plain ratio, bounds and sources kept."""
        plain = self.ratio()
        return plain._turned("log", umath.log(plain.number), "ratio", False)

    def ratio(self) -> Quantity:
        """Percent as a ratio (42 percent becomes 0.42); anything else as it is."""
        if self.unit != "percent":
            return self
        return self._turned("ratio", self.number / 100, "ratio", self.linear).named(self.formula)

    def __lt__(self, other: Quantity | float) -> bool:
        return self.value < _plain(self, other)

    def __le__(self, other: Quantity | float) -> bool:
        return self.value <= _plain(self, other)

    def __gt__(self, other: Quantity | float) -> bool:
        return self.value > _plain(self, other)

    def __ge__(self, other: Quantity | float) -> bool:
        return self.value >= _plain(self, other)


def _plain(left: Quantity, right: Quantity | float) -> float:
    if not isinstance(right, Quantity):
        return float(right)
    _same_unit(left, right, "compared with")
    return right.value


def _same_unit(left: Quantity, right: Quantity | float, verb: str) -> None:
    if isinstance(right, Quantity) and left.unit != right.unit:
        raise ValueError(f"A number in {right.unit} cannot be {verb} one in {left.unit}.")


def multiplied(factors: Iterable[Quantity]) -> Quantity:
    """All of at least one factor multiplied, in their order."""
    return reduce(operator.mul, factors)


def total(quantities: Iterable[Quantity]) -> Quantity:
    """The sum of one or more quantities of one unit."""
    items = list(quantities)
    if not items:
        raise ValueError("There is nothing to add up.")
    result = items[0]
    for item in items[1:]:
        result = result + item
    return result


def counted(number: int, unit: str, facts: Iterable[str], label: str = "") -> Quantity:
    """A number of things counted, resting on the ids of what was counted."""
    origin = Origin(tuple(dict.fromkeys(facts)), label=label)
    over = f" over {len(origin.facts)} figures" if len(origin.facts) > 1 else ""
    return Quantity.of(number, unit, origin).named(f"{unit.replace('_', ' ')} counted{over}")


def parameter(name: str, value: float, unit: str) -> Quantity:
    """A parameter of a report as a quantity, tagged ``parameter:<name>``."""
    origin = Origin(
        (f"parameter:{name}",), status="assumption", label="set for this report",
        name=f"parameter {name}", stated=True,
    )  # fmt: skip
    return Quantity.of(value, unit, origin)


def change(new: Quantity, old: Quantity) -> Quantity:
    """Growth from `old` to `new` as a ratio (-0.287 is a fall of 28.7%)."""
    ratio = new / old
    made = Step("-", (Step("/", (new.made, old.made)), 1.0))
    named = Step("named", (made, new.made, old.made), "change from {2} to {1}")
    return Quantity(ratio.number - 1, "ratio", False, made=named)


def share(part: Quantity, whole: Quantity) -> Quantity:
    """`part` as a ratio of `whole`."""
    ratio = part / whole
    named = Step("named", (ratio.made, part.made, whole.made), "{1} as a share of {2}")
    return replace(ratio, made=named)


def worst(made: Callable[..., Any], *parts: Quantity) -> Quantity:
    """`made` of independent parts with its exact worst case: every part at its bad end.

    For formulas that move one way in each part, as (a + b) / c does; `made` is given the
    quantities and then plain numbers.
    """
    result = made(*parts)
    ends = [float(made(*at)) for at in product(*((q.low, q.high) for q in parts))]
    origin = Origin(
        result.facts, result.value - min(ends), max(ends) - result.value, result.status,
        result.qualifier, result.label,
    )  # fmt: skip
    return Quantity.of(result.value, result.unit, origin, result.made).named(result.formula)
