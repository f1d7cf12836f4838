"""Cash: what the car business took in or burnt, what it holds, and the sale of the headquarters."""

from __future__ import annotations

from typing import Any

from ..ledger import ACTUAL, Ledger
from ..provenance import when
from ..quantity import counted
from ..wording import Phrase, listed, phrase
from .money import fiscal_years, part_year
from .plan import TARGET


def flow(ledger: Ledger) -> Phrase | None:
    """Free cash flow of the years known and of the part of a year after them, and the net cash held."""
    found = fiscal_years(ledger, "free_cash_flow_automotive")
    if len(found) < 2:
        return None
    out = [y for y in found if found[y] < 0]
    said = (
        "Free cash flow of the car business was found for the whole of {years}; it was negative in "
    )
    said += "each of them." if len(out) == len(found) else "{n:w} of these {all:w}."
    facts = [f for q in found.values() for f in q.facts]
    values: dict[str, Any] = {
        "years": listed(found),
        "n": counted(len(out), "years", facts),
        "all": counted(len(found), "years", facts),
    }
    part = part_year(ledger, "free_cash_flow_automotive", int(list(found)[-1][2:]) + 1)
    if part is not None:
        most = part.quantity.high < min(0, *(q.low for q in found.values()))
        said += " In {when} it was **{flow:~,.1}bn yen**"
        said += ", a larger outflow than in any of these years" if most else ""
        said += " (as reported)." if part.quantity.status == "reported" else "."
        values |= {"when": part.label, "flow": part.quantity}
    held = sorted(
        ledger.rows("net_cash_automotive", "nissan", None, ACTUAL), key=lambda r: r.period_end
    )
    if held:
        said += " Net cash of the car business was {net:~,}bn yen on {day}"
        values |= {"net": ledger.fact(held[-1].fact), "day": held[-1].period_end}
        before = [r for r in held if r.period_end < held[-1].period_end]
        if before:
            said += ", after {old:~,}bn on {then}"
            values |= {"old": ledger.fact(before[-1].fact), "then": before[-1].period_end}
        said += "."
    return phrase(said, **values)


def headquarters(ledger: Ledger) -> Phrase | None:
    """The sale and lease-back of the headquarters, and the gain expected of it."""
    sold = ledger.event("headquarters-sold")
    price = ledger.latest("deal_price", "nissan_headquarters")
    if sold is None or price is None:
        return None
    said = "On {day} Nissan announced the sale of its headquarters for {price:~,}bn yen; it leases the building back"
    gain = ledger.find("extraordinary_income", "nissan", "FY2025", "hq_sale", TARGET, derive=False)
    if gain is not None:
        said += ". A gain of {gain:~,.1}bn from it was forecast for FY2025"
    return phrase(said + ".", day=when(sold), price=price.quantity, gain=gain)
