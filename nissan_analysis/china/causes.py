"""Why sales fell: market, the move to new-energy cars, and Nissan's share of the rest.

Sales of a maker are written as N = M x (1 - p) x s: the market M, the share p of new-energy cars in
it, and s, the maker's sales for each combustion car sold. The change of N between two years is
split by the logarithmic mean Divisia index (see `divisia`). Years whose inputs are not all known
are left out, or split into market and share alone; a change of definition is a part of its own.

The same weight splits the change a second way, against Toyota and Honda together: N = P x (N / P).
Since P = M x (1 - p) x (P's sales for each combustion car), the two ways differ by exactly the
effect of that last factor.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from ..divisia import lmdi, log_mean
from ..ledger import Ledger
from ..quantity import Origin, Quantity, share, total
from ..wording import Phrase, phrase
from .levels import NISSAN, growth

#: Who counts the market: the retail association, and the manufacturers' (wholesale, trucks, exports).
CPCA, CAAM = "cpca_retail", "caam"
#: The makers that Nissan is measured against, as one.
JAPANESE = ("toyota_china", "honda_china")


# -- the market -------------------------------------------------------------------------


def _count(ledger: Ledger, metric: str, year: int, basis: str) -> Quantity | None:
    """A count of the market, worked back from the printed growth of the next year where missing."""
    stated = ledger.find(metric, "china_market", str(year), basis=basis)
    if stated is not None:
        return stated
    later = ledger.find(metric, "china_market", str(year + 1), basis=basis)
    rate = ledger.find(f"{metric}_yoy", "china_market", str(year + 1), basis=basis)
    return later / (rate.ratio() + 1) if later is not None and rate is not None else None


def market(ledger: Ledger, year: int, basis: str = CPCA) -> Quantity | None:
    """Cars sold in China in a year: CPCA's retail count unless another is asked for."""
    return _count(ledger, "sales", year, basis)


def penetration(ledger: Ledger, year: int, basis: str = CPCA) -> Quantity | None:
    """Share of new-energy cars: counted where both counts are known, else as printed."""
    cars, whole = _count(ledger, "nev_sales", year, basis), market(ledger, year, basis)
    if cars is not None and whole is not None:
        return share(cars, whole)
    printed = ledger.find("nev_share", "china_market", str(year), basis=basis)
    return printed.ratio() if printed is not None else None


def combustion_market(ledger: Ledger, year: int, basis: str = CPCA) -> Quantity | None:
    m, p = market(ledger, year, basis), penetration(ledger, year, basis)
    return m * (1 - p) if m is not None and p is not None else None


def combustion_growth(ledger: Ledger, year: int) -> Quantity | None:
    """Combustion cars sold in a year over those of the year before, both by one association."""
    for basis in (CPCA, CAAM):
        new, old = (combustion_market(ledger, y, basis) for y in (year, year - 1))
        if new is not None and old is not None:
            return new / old
    return None


def together_growth(ledger: Ledger, year: int) -> Quantity | None:
    """Sales of Toyota and Honda together over those of the year before; None over a change of definition."""
    pairs = []
    for entity in JAPANESE:
        series = ledger.series("sales", entity, "YE")
        new, old = series.at(str(year)), series.at(str(year - 1))
        if new is None or old is None or new.basis != old.basis:
            return None
        pairs.append((new.quantity, old.quantity))
    return total(new for new, _ in pairs) / total(old for _, old in pairs)


# -- decomposition ----------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """The change of one maker's sales over one year, in parts that add up to it."""

    year: int
    market: Quantity
    shift: Quantity | None  #: None where the share of new-energy cars is not known
    own: Quantity
    left: Quantity | None  #: vehicles that left the count (negative), not lost sales
    together: Quantity | None  #: what moving as Toyota and Honda together did would have made

    @property
    def like_for_like(self) -> Quantity:
        return total([q for q in (self.market, self.shift, self.own) if q is not None])

    @property
    def against(self) -> Quantity | None:
        """The rest of the change beside `together`."""
        return self.like_for_like - self.together if self.together is not None else None


def step(ledger: Ledger, entity: str, year: int) -> Step | None:
    """The parts of the change from the year before; None where an input is missing.

    Both years are measured by one association: CPCA where it has both, else CAAM.
    """
    series = ledger.series("sales", entity, "YE")
    new, old = series.at(str(year)), series.at(str(year - 1))
    if new is None or old is None:
        return None
    n1, n0, left = new.quantity, old.quantity, None
    if new.basis != old.basis:
        rate = growth(ledger, series, year) if entity == NISSAN else None
        if rate is None or year < 2016:
            return None
        n0 = n1 / (rate.ratio + 1)
        left = n0 - old.quantity
    common = together_growth(ledger, year)
    together = log_mean(n1, n0) * common.log() if common is not None else None
    for basis in (CPCA, CAAM):
        (m1, p1), (m0, p0) = (
            (market(ledger, y, basis), penetration(ledger, y, basis)) for y in (year, year - 1)
        )
        if m1 is None or m0 is None:
            continue
        if p1 is not None and p0 is not None:
            c1, c0 = 1 - p1, 1 - p0
            parts = lmdi(n1, n0, [(m1, m0), (c1, c0), (n1 / (m1 * c1), n0 / (m0 * c0))])
            return Step(year, parts[0], parts[1], parts[2], left, together)
        if basis == CAAM:
            parts = lmdi(n1, n0, [(m1, m0), (n1 / m1, n0 / m0)])
            return Step(year, parts[0], None, parts[1], left, together)
    return None


@functools.lru_cache(maxsize=16)
def chain(ledger: Ledger, entity: str = NISSAN, full: bool = False) -> list[Step]:
    """The unbroken run of steps that ends with the latest year (`full`: all three parts known)."""
    series = ledger.series("sales", entity, "YE")
    if not series.points:
        return []
    found: list[Step] = []
    year = series.points[-1].period[0].year
    while (one := step(ledger, entity, year)) is not None and year > 2018:
        if full and one.shift is None:
            break
        found.insert(0, one)
        year -= 1
    return found


@dataclass(frozen=True)
class Shift:
    """The like-for-like change over the years that are known with all their parts."""

    start: str
    end: str
    steps: tuple[Step, ...]
    fall: Quantity  #: like for like, negative
    market: Quantity
    shift: Quantity
    own: Quantity
    own_bounds: tuple[Quantity, Quantity]  #: with every input at the bad end of its rounding
    part: Quantity  #: shift / fall
    before: Quantity  #: share of new-energy cars in the market at the start
    after: Quantity  #: and at the end
    together: Quantity | None  #: what moving as Toyota and Honda together would have made

    @property
    def loss(self) -> Quantity:
        return -self.fall

    @property
    def regained(self) -> Phrase:
        """What its own part gave back of what the move to new-energy cars took."""
        part = self.own / -self.shift
        return phrase("an estimated {p:~.0%}", p=part) if part < 1 else phrase("more than all")

    @property
    def own_loss(self) -> Quantity:
        return -self.own

    @property
    def own_most(self) -> Quantity:
        return -self.own_bounds[0]

    @property
    def own_least(self) -> Quantity:
        return -self.own_bounds[1]

    @property
    def shift_loss(self) -> Quantity:
        return -self.shift

    @property
    def against(self) -> Quantity | None:
        """Negative: what Nissan lost beyond what moving as the two would have made."""
        return self.fall - self.together if self.together is not None else None

    @property
    def against_loss(self) -> Quantity | None:
        return -self.against if self.against is not None else None

    @property
    def won(self) -> Quantity | None:
        """What the two won (positive) on the combustion market, at Nissan's size."""
        return self.own - self.against if self.against is not None else None


@functools.lru_cache(maxsize=16)
def shift_of_fall(ledger: Ledger, entity: str = NISSAN) -> Shift | None:
    """None where fewer than two years are known with all their parts, or sales did not fall."""
    steps = chain(ledger, entity, full=True)
    if len(steps) < 2:
        return None
    moved = total(s.like_for_like for s in steps)
    shift = total(s.shift for s in steps if s.shift is not None)
    if moved >= 0 and entity == NISSAN:
        return None
    start, end = steps[0].year - 1, steps[-1].year
    before, after = (
        next(q for b in (CPCA, CAAM) if (q := penetration(ledger, y, b)) is not None)
        for y in (start, end)
    )
    own, common = total(s.own for s in steps), [s.together for s in steps]
    return Shift(
        str(start), str(end), tuple(steps), to_thousands(moved),
        to_thousands(total(s.market for s in steps)), to_thousands(shift), to_thousands(own),
        (to_thousands(own, own.low), to_thousands(own, own.high)), shift / moved, before, after,
        to_thousands(total(q for q in common if q is not None)) if None not in common else None,
    )  # fmt: skip


def to_thousands(q: Quantity, value: float | None = None) -> Quantity:
    """To the thousand, so that a row adds up: the parts of one year share their errors."""
    origin = Origin(q.facts, 500, 500, "estimate", label="our estimate, to the thousand")
    words = "a part of the change of its years, to the thousand"
    return q.given_as(round(q.value if value is None else value, -3), origin, words)
