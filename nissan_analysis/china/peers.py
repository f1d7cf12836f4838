"""Nissan in China beside Toyota, Honda, BYD and the market."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import accumulate
from operator import mul
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import lines, number, value_axis, years_axis
from ..ledger import Ledger
from ..quantity import Quantity, change, facts_behind, multiplied, share
from ..style import LIGHT
from ..wording import Phrase, enumerated, joined, listed, phrase
from .causes import combustion_growth, combustion_market, market
from .levels import NISSAN, annual, growth
from .n7_sales import n7

PEERS = {"toyota_china": "Toyota", "honda_china": "Honda", "byd": "BYD"}
#: First year of Toyota's present definition in China.
BASE_YEAR = 2019
COMBUSTION = "All combustion cars"


def _linked(ledger: Ledger, base: int, end: int, peers: list[str]) -> dict[str, list[Quantity]]:
    """Growth of each year after `base` as a ratio, for every line whose years are all known."""
    nissan = annual(ledger)
    found: dict[str, list[Quantity | None]] = {"Nissan": []}
    series = {PEERS[k]: ledger.series("sales", k, "YE") for k in peers}
    for year in range(base + 1, end + 1):
        own = growth(ledger, nissan, year)
        found["Nissan"].append(own.ratio + 1 if own is not None else None)
        for label, points in series.items():
            new, old = points.at(str(year)), points.at(str(year - 1))
            same = new is not None and old is not None and new.basis == old.basis
            found.setdefault(label, []).append(new.quantity / old.quantity if same and new and old else None)  # fmt: skip
        found.setdefault(COMBUSTION, []).append(combustion_growth(ledger, year))
    return {k: [q for q in v if q is not None] for k, v in found.items() if v and None not in v}


def peers_chart(ledger: Ledger, p: Any) -> Chart | None:
    """Nissan, the Japanese peers and the combustion market on one index, like for like."""
    points = annual(ledger).points
    base = max(p.first_year, BASE_YEAR)
    if not points or points[-1].period[0].year <= base:
        return None
    end = points[-1].period[0].year
    linked = _linked(ledger, base, end, [k for k in p.peers if k != "byd"])
    if "Nissan" not in linked:
        return None
    levels = {k: [100.0, *accumulate((q.value for q in v), mul, initial=100.0)][1:] for k, v in linked.items()}  # fmt: skip
    days = [dt.date(y, 1, 1) for y in range(base, end + 1)]
    colours = {"Nissan": "accent", "Toyota": "blue", "Honda": "amber", COMBUSTION: "slate"}

    def draw(axes: Axes) -> None:
        lines(axes, {k: (days, v) for k, v in levels.items()}, colours, markers=True)
        axes.axhline(100, color=LIGHT["muted"], linewidth=0.8, zorder=1)
        years_axis(axes)
        value_axis(axes)
        axes.set_xlim(dt.date(base - 1, 11, 1), dt.date(end, 3, 1))  # type: ignore[arg-type]

    moves = {k: multiplied(v) - 1 for k, v in linked.items()}
    said = [_moved(k.lower() if k == COMBUSTION else k, q) for k, q in moves.items()]
    title = phrase("From {a} to {b} {moves}", a=str(base), b=str(end), moves=enumerated(said))
    alt = f"Lines of yearly sales, {base} = 100. " + " ".join(
        f"{k}: "
        + ", ".join(f"{d.year} {number(v, 0)}" for d, v in zip(days, vs, strict=True))
        + "."
        for k, vs in levels.items()
    )
    notes = [phrase(
        "Years are linked by growth like for like: for Nissan across the change of definition of October 2022 that is the growth it printed. "
        "Toyota's count holds Hong Kong and Macau. BYD prints no figure for China alone."
    )]  # fmt: skip
    if COMBUSTION in linked:
        notes.append(phrase("Combustion cars: CPCA's retail count from {y} on, before it CAAM's.", y="2020"))  # fmt: skip
    note = joined(notes)
    rows = [
        (k, d.year, round(v, 2)) for k, vs in levels.items() for d, v in zip(days, vs, strict=True)
    ]
    facts = facts_behind(q for v in linked.values() for q in v)
    return Chart("china-peers", title, f"Cars sold in China a year, like for like, with {base} as a hundred", alt,
                 pd.DataFrame(rows, columns=["maker", "year", "index"]), facts, draw, note, height=2.6)  # fmt: skip


def _moved(name: str, rate: Quantity) -> Phrase:
    if abs(rate.value) < 0.005:
        return phrase("{m} held its level", m=name)
    about = " an estimated" if rate.status == "estimate" else ""
    return phrase("{m} {w}{e} {n:~.0%}", m=name, w="gained" if rate > 0 else "lost", e=about, n=abs(rate))  # fmt: skip


def peers_words(ledger: Ledger, p: Any) -> Phrase | None:
    """Nissan, its peers and the market from 2023 to the latest year that Nissan is known for."""
    series = annual(ledger)
    if not series.points or series.points[-1].period[0].year < 2024:
        return None
    end = series.points[-1].label
    subjects = [(NISSAN, "Nissan", None), *((k, PEERS[k], "byd_all" if k == "byd" else None) for k in p.peers)]  # fmt: skip
    found = {
        label: tuple(ledger.find("sales", entity, y, basis=basis) for y in ("2023", end))
        for entity, label, basis in subjects
    }
    whole = "the market at retail (CPCA, the China Passenger Car Association)"
    found[whole] = (market(ledger, 2023), market(ledger, int(end)))
    said, moves = [], {}
    for label, (a, b) in found.items():
        if a is not None and b is not None:
            g = moves[label] = change(b, a)
            word = "gained" if g > 0 else "lost"
            where = " worldwide" if label == "BYD" else ""
            said.append(phrase("{l} {w} {g:~.0%}{x}", l=label, w=word, g=abs(g), x=where))
    if len(said) < 2:
        return None
    there = {k: moves[k] for k in moves if k not in ("Nissan", whole, "BYD")}  # BYD's are worldwide
    answer = (
        _answer(moves["Nissan"], moves[whole], there) if {"Nissan", whole} <= set(moves) else None
    )
    counts = (
        " Nissan counts cars at retail but light commercials at wholesale, CPCA passenger cars alone."
        if whole in moves
        else ""
    )
    return phrase(
        "From 2023 to {end} {moves}.{answer}{counts}",
        end=end, moves=enumerated(said), answer=answer or "", counts=counts,
    )  # fmt: skip


def _answer(own: Quantity, market: Quantity, peers: dict[str, Quantity]) -> Phrase | None:
    """Whether it was the market or Nissan; None where Nissan's sales did not fall."""
    if own >= 0:
        return None
    if market >= 0:
        lead = "So it is not the market as a whole: the market grew"
    elif market > own:
        lead = "So it is both: the market shrank, and Nissan lost more"
    else:
        lead = "So it is the market: it lost no less than Nissan"
    ahead = [k for k, g in peers.items() if own < g]
    behind = [k for k, g in peers.items() if g < own]
    verb, words = ("did", ("worse", "better")) if any(g >= 0 for g in peers.values()) else ("lost", ("more", "less"))  # fmt: skip
    beside = [f"{w} than {listed(k)}" for w, k in zip(words, (ahead, behind), strict=True) if k]
    tail = f" Nissan {verb} {' and '.join(beside)}." if beside else ""
    return phrase(" {a}.{b}", a=lead, b=tail)


@dataclass(frozen=True)
class WithoutN7:
    """Nissan's sales for each combustion car sold, and the same with the known N7s taken out."""

    start: str
    year: str
    before: Quantity
    now: Quantity
    share: Quantity  #: an upper bound where `until` is set
    until: str  #: last month whose N7s are taken out, where later ones of the year are not known

    @property
    def gained(self) -> bool:
        """Whether the place was bettered, and by less than half without the N7."""
        return (
            self.before < self.now and self.share.value < (self.before.value + self.now.value) / 2
        )


def without_n7(ledger: Ledger) -> WithoutN7 | None:
    """For the latest year whose months of the N7 are known; None where there is none."""
    known, series = n7(ledger), annual(ledger)
    if known is None or not series.points:
        return None
    last = series.points[-1]
    first = next(x for x in series.points if x.basis == last.basis)
    whole, old = (combustion_market(ledger, int(x.label)) for x in (last, first))
    inside = known.first.endswith(last.label) and known.last.endswith(last.label)
    if whole is None or old is None or first is last or not inside:
        return None
    return WithoutN7(
        first.label, last.label, share(first.quantity, old), share(last.quantity, whole),
        share(last.quantity - known.sold, whole), "" if known.last.startswith("December") else known.last,
    )  # fmt: skip
