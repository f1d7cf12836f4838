"""What the Sakura costs: list prices, national subsidies, and the price after them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from ..ledger import Ledger
from ..quantity import Quantity, share
from ..tables import Column, Table
from ..wording import Phrase, listed, phrase
from .spans import MODEL


def price_table(ledger: Ledger) -> Table | None:
    """List prices by grade and date."""
    spans = (
        ("At launch, May 2022", dt.date(2022, 5, 1), dt.date(2022, 11, 30)),
        ("2023, date open", dt.date(2022, 12, 1), dt.date(2023, 12, 31)),
        ("From June 2024", dt.date(2024, 1, 1), dt.date(2024, 12, 31)),
        ("2025", dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
    )
    rows = []
    for grade in ("s", "x", "g"):
        prices = [f for f in ledger.rows("list_price", f"sakura_{grade}") if f.qualifier == "exact"]
        cells = []
        for _, start, end in spans:
            hit = next((f for f in prices if start <= f.period_end <= end), None)
            cells.append(ledger.fact(hit.fact) if hit else None)
        rows.append((f"Grade {grade.upper()}", *cells))
    used = [i for i in range(len(spans)) if any(r[i + 1] is not None for r in rows)]
    if not used:
        return None
    return Table.of(
        "sakura-list-prices",
        phrase("List price of the Sakura, yen with tax"),
        (Column("Grade", align="left"), *(Column(spans[i][0]) for i in used)),
        [(r[0], *(r[i + 1] for i in used)) for r in rows],
    )


def subsidy_table(ledger: Ledger) -> Table | None:
    """National subsidy caps and the Sakura's own amount by fiscal year."""
    rows: list[tuple[Any, ...]] = []
    for label, start, end in (
        ("FY2022", dt.date(2022, 4, 1), dt.date(2023, 3, 31)),
        ("FY2023", dt.date(2023, 4, 1), dt.date(2024, 2, 28)),
        ("FY2024", dt.date(2024, 2, 29), dt.date(2025, 3, 31)),
        ("FY2025", dt.date(2025, 4, 1), dt.date(2025, 12, 31)),
        ("From January 2026", dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
    ):
        if start > ledger.as_of:
            continue
        rows.append(
            (
                label,
                _at("japan_cev_subsidy", ledger, start, end, "kei_cap"),
                _at(MODEL, ledger, start, end, None),
                _at("japan_cev_subsidy", ledger, start, end, "ev_cap"),
            )
        )
    if not any(any(r[1:]) for r in rows):
        return None
    missing = [r[0] for r in rows if r[1] is None]
    note = None
    if missing:
        note = phrase(
            "No source found gives the kei cap of {y}; it is left open.", y=listed(missing)
        )
    return Table.of(
        "japan-ev-subsidy",
        phrase("National purchase subsidy, yen a car"),
        (
            Column("Year", align="left"), Column("Cap, kei EV"), Column("Stated for the Sakura"),
            Column("Cap, larger EV"),
        ),
        rows,
        note=note,
    )  # fmt: skip


def _at(
    entity: str, ledger: Ledger, start: dt.date, end: dt.date, basis: str | None
) -> Quantity | None:
    rows = [f for f in ledger.rows("subsidy", entity, basis) if start <= f.period_end <= end]
    return ledger.fact(rows[0].fact) if rows else None


@dataclass(frozen=True)
class NetPrice:
    """Grade X at launch and later, after the subsidy stated for the Sakura."""

    list_then: Quantity
    list_now: Quantity
    net_then: Quantity
    net_now: Quantity

    @property
    def change(self) -> Quantity:
        return share(self.net_now - self.net_then, self.net_then)

    @property
    def said(self) -> Phrase:
        word = "more" if self.change.value >= 0 else "less"
        return phrase("{r:.0%} {w} for the buyer", r=abs(self.change), w=word)


def net_price(ledger: Ledger) -> NetPrice | None:
    """What a buyer of grade X paid after the national subsidy, at launch and in mid-2025."""
    prices = {f.period_end: f.fact for f in reversed(ledger.rows("list_price", "sakura_x"))}
    then = _at(MODEL, ledger, dt.date(2022, 5, 1), dt.date(2022, 12, 31), None)
    now = _at(MODEL, ledger, dt.date(2025, 1, 1), dt.date(2025, 12, 31), None)
    old, new = prices.get(dt.date(2022, 5, 20)), prices.get(dt.date(2024, 6, 4))
    if not (then and now and old and new):
        return None
    a, b = ledger.fact(old), ledger.fact(new)
    return NetPrice(a, b, a - then, b - now)


@dataclass(frozen=True)
class CapGap:
    """How far the cap of larger EVs lies above that of kei EVs, in FY2025 and from 2026."""

    before: Quantity
    after: Quantity
    kei_before: Quantity
    kei_after: Quantity

    @property
    def turned(self) -> str:
        return "turned towards" if self.after.value > self.before.value else "turned away from"

    @property
    def kei(self) -> str:
        step = self.kei_after.value - self.kei_before.value
        return "stayed as it was" if step == 0 else "rose" if step > 0 else "fell"


def cap_gap(ledger: Ledger) -> CapGap | None:
    """The two gaps; None while either year is not known, or while nothing changed."""
    found = []
    for start, end in (
        (dt.date(2025, 4, 1), dt.date(2025, 12, 31)),
        (dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
    ):
        large = _at("japan_cev_subsidy", ledger, start, end, "ev_cap")
        kei = _at("japan_cev_subsidy", ledger, start, end, "kei_cap")
        if large is None or kei is None:
            return None
        found.append((large - kei, kei))
    (before, kei_before), (after, kei_after) = found
    if before.value == after.value:
        return None
    return CapGap(before, after, kei_before, kei_after)
