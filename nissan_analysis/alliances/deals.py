"""Single deals in figures and dates: Ampere, the Honda talks, the export company, Oppama."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..ledger import Ledger
from ..provenance import when
from ..quantity import Quantity
from ..wording import Phrase
from .moves import bare, days_between


@dataclass(frozen=True)
class Ampere:
    """The promise to Ampere: the ceiling, when it was made, and when it was dropped."""

    ceiling: Quantity
    made: Phrase
    dropped: Phrase | None
    stood: Quantity | None  #: days

    @property
    def upper(self) -> Quantity:
        """The ceiling without its "up to", which the sentence says."""
        return bare(self.ceiling)


def ampere(ledger: Ledger, p: Any) -> Ampere | None:
    """The investment in Ampere, or None before it was announced."""
    if "renault" not in p.partners:
        return None
    made = ledger.event("ampere-commitment")
    ceiling = ledger.latest("investment_eur", "ampere", status=("target",))
    if made is None or ceiling is None:
        return None
    end = ledger.event("ampere-cancelled")
    stood = days_between(made, end)
    return Ampere(ceiling.quantity, when(made), when(end) if end else None, stood)


@dataclass(frozen=True)
class Talks:
    """The merger talks with Honda: begun, ended, and how long they ran (days)."""

    begun: Phrase
    ended: Phrase | None
    ran: Quantity | None


def talks(ledger: Ledger, p: Any) -> Talks | None:
    """The merger talks, or None before they were announced."""
    if "honda" not in p.partners:
        return None
    begun, end = ledger.event("honda-merger-mou"), ledger.event("honda-merger-ended")
    if begun is None:
        return None
    ran = days_between(begun, end)
    return Talks(when(begun), when(end) if end else None, ran)


@dataclass(frozen=True)
class ExportCompany:
    """The export company with Dongfeng: capital (CNY m), Nissan's share, its steps."""

    capital: Quantity
    share: Quantity
    agreed: Phrase
    cleared: Phrase | None
    took: Quantity | None  #: days


def export_company(ledger: Ledger, p: Any) -> ExportCompany | None:
    """The export company, or None before it was agreed."""
    if "dongfeng" not in p.partners:
        return None
    capital = ledger.latest("capital", "nissan_dongfeng_export_jv")
    share = ledger.latest("stake", "nissan_in_export_jv")
    agreed, cleared = ledger.event("export-jv-agreed"), ledger.event("export-jv-cleared")
    if capital is None or share is None or agreed is None:
        return None
    took = days_between(agreed, cleared)
    return ExportCompany(
        capital.quantity, share.quantity, when(agreed), when(cleared) if cleared else None, took
    )


@dataclass(frozen=True)
class Oppama:
    """The report of talks with Foxconn: its sources, the jobs it named, the price told later."""

    day: Phrase
    sources: Quantity
    jobs: Quantity
    price: Quantity | None  #: JPY bn, as told after the talks had ended
    closed: Phrase | None  #: when Nissan announced the end of car production there
    later: Quantity | None  #: days from the report to that announcement


def oppama(ledger: Ledger, p: Any) -> Oppama | None:
    """What was said of Foxconn and Oppama, or None before the report."""
    told = ledger.event("foxconn-oppama-reported")
    sources = ledger.latest("sources_count", "foxconn_oppama")
    if told is None or sources is None or "foxconn" not in p.partners:
        return None
    staff = ledger.rows("employees", "oppama", basis="*")
    jobs = next((ledger.fact(f.fact) for f in staff if f.source == told.source), None)
    if jobs is None:
        return None
    price = ledger.latest("deal_price", "foxconn_oppama")
    end = ledger.event("oppama-end")
    later = days_between(told, end)
    return Oppama(
        when(told),
        sources.quantity,
        jobs,
        bare(price.quantity) if price else None,
        when(end) if end else None,
        later,
    )
