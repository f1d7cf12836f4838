"""Reported plans whose own date has passed, though nothing confirmed them."""

from __future__ import annotations

from typing import Any

from ..ledger import Ledger
from ..periods import Period, label_period, shift_years
from ..quantity import change
from ..sakura.spans import moved
from ..wording import Phrase, joined, long_month, phrase


def period_due(ledger: Ledger, event: Any) -> Period | None:
    """The period that the report itself gave its plan, where it is over at this date; else None."""
    if event.entity not in ledger.entities:
        return None
    told = [
        f.period
        for f in ledger.facts_of([event.entity])
        if f.source == event.source and f.status == "target" and f.period_start > event.date
    ]
    over = [period for period in told if period[1] < ledger.as_of]
    return max(over, key=lambda period: period[1]) if over else None


def overdue(ledger: Ledger, event: Any) -> Phrase | None:
    """That the date of a plan has passed, with what its sales say; None where it has not."""
    period = period_due(ledger, event)
    if period is None:
        return None
    before = shift_years(period, -1)
    old, new = (ledger.find("sales", event.entity, when) for when in (before, period))
    head = phrase("**Date passed; not confirmed.**")
    if old is None or new is None:
        return head
    launched = ledger.entities[event.entity].launched
    said = phrase(
        "What was built was not found. Sales {v} from {a:,} in {x}{p} to {b:,} in {y}, by {c:.0%}.",
        v=moved(new, old),
        a=old,
        x=label_period(*before),
        p=f" (on sale from {long_month(launched)})" if launched and before[0] < launched else "",
        b=new,
        y=label_period(*period),
        c=abs(change(new, old)),
    )
    return joined([head, said])
