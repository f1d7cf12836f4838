"""The logarithmic mean Divisia index: the change of a product, split into effects of its factors.

LMDI I, additive (B. W. Ang, "The LMDI approach to decomposition analysis: a practical guide",
Energy Policy 33, 2005, 867-871): the effect of a factor x is L(N1, N0) ln(x1 / x0), with L the
logarithmic mean of the product. The effects add up to the change exactly and none is left over.
"""

from __future__ import annotations

from .quantity import Quantity


def log_mean(a: Quantity, b: Quantity) -> Quantity:
    """The logarithmic mean (a - b) / ln(a / b), between `a` and `b`; `a` where they are equal."""
    if abs(a.value / b.value - 1) < 1e-9:
        return a
    return (a - b) / (a / b).log()


def lmdi(new: Quantity, old: Quantity, factors: list[tuple[Quantity, Quantity]]) -> list[Quantity]:
    """The additive effects of factors (new, old) whose products are `new` and `old`."""
    weight = log_mean(new, old)
    return [weight * (x1 / x0).log() for x1, x0 in factors]
