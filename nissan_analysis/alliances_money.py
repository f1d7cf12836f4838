"""What the alliances weigh: the size Honda and Nissan aimed at, holdings, and money promised.

Sums are made within one year and one kind of figure only. An aim is never added to a result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .alliances import date_said, days, event, when
from .ledger import ACTUAL, Ledger, NotKnown, Point
from .periods import label_period
from .quantity import Quantity
from .tables import Cell, Column, Table
from .wording import Phrase, phrase

PLANNED = ("target", "cancelled")


@dataclass(frozen=True)
class Scale:
    """One fiscal year of Honda and Nissan beside what their talks aimed at (JPY bn)."""

    year: str
    honda_revenue: Quantity
    nissan_revenue: Quantity
    honda_profit: Quantity
    nissan_profit: Quantity
    aim_revenue: Quantity
    aim_profit: Quantity

    @property
    def revenue(self) -> Quantity:
        return (self.honda_revenue + self.nissan_revenue).named("Honda + Nissan, one fiscal year")

    @property
    def profit(self) -> Quantity:
        return (self.honda_profit + self.nissan_profit).named("Honda + Nissan, one fiscal year")

    @property
    def more_revenue(self) -> Quantity:
        return (self.aim_revenue / self.revenue - 1).named("aim / both companies' year - 1")

    @property
    def times_profit(self) -> Quantity:
        return (self.aim_profit / self.profit).named("aim / both companies' year")

    @property
    def aim_margin(self) -> Quantity:
        return (self.aim_profit / self.aim_revenue).named("aimed profit / aimed revenue")

    @property
    def margin(self) -> Quantity:
        return (self.profit / self.revenue).named("operating profit / revenue, both companies")


def _of(ledger: Ledger, metric: str, entity: str, period: str) -> Quantity | None:
    try:
        return ledger.find(metric, entity, period, basis="*", derive=False)
    except NotKnown:
        return None


def scale(ledger: Ledger) -> Scale | None:
    """The aim of the Honda talks beside the last fiscal year that both companies' figures cover."""
    aim_revenue, aim_profit = (
        ledger.latest(m, "honda_nissan", status=PLANNED) for m in ("net_revenue", "operating_profit")
    )
    if aim_revenue is None or aim_profit is None:
        return None
    for year in range(ledger.as_of.year, 2015, -1):
        found = [
            _of(ledger, metric, who, f"FY{year}")
            for metric in ("net_revenue", "operating_profit")
            for who in ("honda", "nissan")
        ]
        if all(f is not None for f in found):
            a, b, c, d = (f for f in found if f is not None)
            return Scale(f"FY{year}", a, b, c, d, aim_revenue.quantity, aim_profit.quantity)
    return None


def scale_table(ledger: Ledger) -> Table | None:
    """Revenue, profit and margin: Honda, Nissan, both, and the aim."""
    s = scale(ledger)
    if s is None:
        return None
    pairs = (
        ("Revenue, JPY bn", s.honda_revenue, s.nissan_revenue, s.revenue, s.aim_revenue),
        ("Operating profit, JPY bn", s.honda_profit, s.nissan_profit, s.profit, s.aim_profit),
    )
    rows: list[list[Cell]] = [[name, *values] for name, *values in pairs]
    margins = (s.honda_profit / s.honda_revenue, s.nissan_profit / s.nissan_revenue, s.margin)
    lowest = phrase("at least {m:~.0%}", m=s.aim_margin)
    rows.append(["Operating margin", *(phrase("{m:~.1%}", m=m) for m in margins), lowest])
    columns = [Column("", align="left")] + [
        Column(name) for name in (f"Honda {s.year}", f"Nissan {s.year}", f"Both {s.year}", "Aim of the talks")
    ]
    title = phrase("The Honda talks aimed at {t:~.1} times the operating profit that both companies "
                   "made in {y}", t=s.times_profit, y=s.year)
    note = phrase("Honda's figures are those of its first release. The aim had no year; its profit "
                  "was to be more than the figure.")
    return Table.of("scale", title, columns, rows, note)


@dataclass(frozen=True)
class Margins:
    """Operating margins by fiscal year (percent points) where both companies' are known."""

    honda: tuple[Point, ...]
    nissan: tuple[Point, ...]

    @property
    def best(self) -> tuple[str, Point]:
        rows = [("Honda", p) for p in self.honda] + [("Nissan", p) for p in self.nissan]
        return max(rows, key=lambda r: r[1].quantity.value)


def margins(ledger: Ledger) -> Margins | None:
    """Margins of Honda and Nissan over the fiscal years that both print."""
    try:
        h, n = (ledger.series("operating_margin", who, "FY") for who in ("honda", "nissan"))
    except NotKnown:
        return None
    both = {p.period for p in h} & {p.period for p in n}
    if len(both) < 2:
        return None
    return Margins(tuple(p for p in h if p.period in both), tuple(p for p in n if p.period in both))


@dataclass(frozen=True)
class Vehicles:
    """Vehicles that Honda and Nissan sold in the same calendar year."""

    year: str
    honda: Quantity
    nissan: Quantity
    rival: Quantity | None  #: Hyundai and Kia in that year

    @property
    def both(self) -> Quantity:
        return (self.honda + self.nissan).named("Honda + Nissan, one calendar year")


def vehicles(ledger: Ledger) -> Vehicles | None:
    """Sales of both in the last year known for both; None where Honda's are not in the ledger."""
    for year in range(ledger.as_of.year, 2010, -1):
        honda = _of(ledger, "sales", "honda", str(year))
        nissan = _nissan_sales(ledger, str(year))
        if honda is not None and nissan is not None:
            return Vehicles(str(year), honda, nissan, _of(ledger, "sales", "hyundai_kia", str(year)))
    return None


def _nissan_sales(ledger: Ledger, year: str) -> Quantity | None:
    return ledger.find("sales", "nissan", year, basis="monthly_release", derive=False)


# -- holdings ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Holding:
    """One share of a company over time: label, then points (share, day, plan or fact)."""

    label: str
    points: tuple[tuple[Quantity, Any, bool], ...]


def holdings(ledger: Ledger, p: Any) -> list[Holding]:
    """The holdings between Nissan and the chosen partners, each in order of date."""
    wanted = {
        "renault": (("renault_in_nissan", "Renault in Nissan", "total_holding"),
                    ("nissan_in_rnaipl", "Nissan in the Chennai plant", None)),
        "mitsubishi": (("nissan_in_mitsubishi", "Nissan in Mitsubishi Motors", None),
                       ("nissan_in_nmkv", "Nissan in NMKV", None)),
        "dongfeng": (("nissan_in_export_jv", "Nissan in the export company", None),),
    }
    found = []
    for partner in p.partners:
        for entity, label, basis in wanted.get(partner, ()):
            points = _points(ledger, entity, basis)
            if points:
                found.append(Holding(label, tuple(points)))
    return found


def _points(ledger: Ledger, entity: str, basis: str | None) -> list[tuple[Quantity, Any, bool]]:
    if entity not in ledger.entities:
        return []
    rows = ledger.rows("stake", entity, basis, (*ACTUAL, "target"))
    best: dict[Any, tuple[Quantity, Any, bool]] = {}
    for row in rows:
        best.setdefault(row.period_end, (ledger.fact(row.fact), row.period_end, row.status == "target"))
    points = [best[day] for day in sorted(best)]
    sold = ledger.latest("stake_transferred", entity) if "stake_transferred" in ledger.metrics else None
    if sold is not None:
        points.append((sold.quantity, sold.period[0], False))
        points.append(((sold.quantity - sold.quantity).named("all of it was sold"), sold.period[1], False))
    return _thin(points)


def _thin(points: Sequence[tuple[Quantity, Any, bool]]) -> list[tuple[Quantity, Any, bool]]:
    """Leave out a share printed again unchanged between two others."""
    kept = list(points[:1])
    for point in points[1:]:
        if not point[0].overlaps(kept[-1][0]):
            kept.append(point)
    return kept


def holdings_table(ledger: Ledger, p: Any) -> Table | None:
    """Shares before and after, with their dates."""
    found = holdings(ledger, p)
    if not found:
        return None
    rows = []
    for h in found:
        (first, day, _), (last, until, planned) = h.points[0], h.points[-1]
        moved = len(h.points) > 1
        rows.append([
            h.label,
            phrase("{s:q~.2%}", s=first),
            _day(day, first),
            (phrase("{s:q~.2%} planned" if planned else "{s:q~.2%}", s=last)) if moved else None,
            _day(until, last) if moved else None,
        ])
    columns = [Column("Holding", align="left"), Column("First figure"), Column("At", align="left"),
               Column("Latest figure"), Column("At", align="left")]
    return Table.of("holdings", phrase("Who holds what, as far as it is printed"), columns, rows,
                    phrase("A dash: no other figure was found. The first figure is the first in "
                           "these data, not the first ever."))


def _day(day: Any, share: Quantity) -> Phrase:
    return date_said(day, True, *share.facts)


@dataclass(frozen=True)
class RenaultHolding:
    """Renault's holding in Nissan: before, latest, and the share agreed for each side."""

    before: Quantity
    latest: Quantity
    latest_day: Phrase
    agreed: Quantity | None
    direct: Quantity | None
    trust: Quantity | None

    @property
    def fall(self) -> Quantity:
        return (self.before - self.latest).in_unit("points")

    @property
    def above(self) -> Quantity | None:
        return (self.latest - self.agreed).in_unit("points") if self.agreed else None

    @property
    def moved(self) -> bool:
        return self.before.low > self.latest.high


def renault_holding(ledger: Ledger) -> RenaultHolding | None:
    """Renault's total holding in Nissan, or None before any figure was printed."""
    points = _points(ledger, "renault_in_nissan", "total_holding")
    if not points:
        return None
    agreed = ledger.latest("stake", "renault_nissan_cross", basis="")
    parts = [
        ledger.latest("stake", "renault_in_nissan", basis=b) if b in ledger.bases else None
        for b in ("direct_holding", "in_trust")
    ]
    direct, trust = (x.quantity if x and x.period[1] == points[-1][1] else None for x in parts)
    return RenaultHolding(points[0][0], points[-1][0], _day(points[-1][1], points[-1][0]),
                          agreed.quantity if agreed else None, direct, trust)


# -- money promised -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Ampere:
    """The promise to Ampere: the ceiling, when it was made, and when it was dropped."""

    ceiling: Quantity
    made: Phrase
    dropped: Phrase | None
    stood: Quantity | None  #: days


def ampere(ledger: Ledger) -> Ampere | None:
    """The investment in Ampere, or None before it was announced."""
    made = event(ledger, "ampere-commitment")
    ceiling = ledger.latest("investment_eur", "ampere", status=("target",))
    if made is None or ceiling is None:
        return None
    end = event(ledger, "ampere-cancelled")
    stood = days(made.date, end.date, f"event:{made.event}", f"event:{end.event}") if end else None
    return Ampere(ceiling.quantity, when(made), when(end) if end else None, stood)


@dataclass(frozen=True)
class Talks:
    """The merger talks with Honda: begun, ended, and how long they ran (days)."""

    begun: Phrase
    ended: Phrase | None
    ran: Quantity | None


def talks(ledger: Ledger) -> Talks | None:
    """The merger talks, or None before they were announced."""
    begun, end = event(ledger, "honda-merger-mou"), event(ledger, "honda-merger-ended")
    if begun is None:
        return None
    ran = days(begun.date, end.date, f"event:{begun.event}", f"event:{end.event}") if end else None
    return Talks(when(begun), when(end) if end else None, ran)


@dataclass(frozen=True)
class ExportCompany:
    """The export company with Dongfeng: capital (CNY m), Nissan's share, its steps."""

    capital: Quantity
    share: Quantity
    agreed: Phrase
    cleared: Phrase | None
    took: Quantity | None  #: days


def export_company(ledger: Ledger) -> ExportCompany | None:
    """The export company, or None before it was agreed."""
    capital = ledger.latest("capital", "nissan_dongfeng_export_jv")
    share = ledger.latest("stake", "nissan_in_export_jv")
    agreed, cleared = event(ledger, "export-jv-agreed"), event(ledger, "export-jv-cleared")
    if capital is None or share is None or agreed is None:
        return None
    took = None
    if cleared:
        took = days(agreed.date, cleared.date, f"event:{agreed.event}", f"event:{cleared.event}")
    return ExportCompany(capital.quantity, share.quantity, when(agreed),
                         when(cleared) if cleared else None, took)


__all__ = [
    "ampere", "export_company", "holdings", "holdings_table", "label_period", "margins",
    "renault_holding", "scale", "scale_table", "talks", "vehicles",
]
