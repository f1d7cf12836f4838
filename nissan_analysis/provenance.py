"""Where a number comes from, in words and as records.

A number's origins are ids: a fact's own id, or one with a prefix: ``assumption:``, ``parameter:``,
``event:`` (what happened), ``outcome:`` (what became of it), ``plant:`` (a plant's fate), ``note:``
(what we say beside a figure).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from .ledger import Ledger, NotKnown
from .periods import label_period
from .quantity import Quantity
from .wording import MONTHS, Phrase, cited, joined, listed, long_date, long_month

#: What an earlier vintage prints instead of a reason that was written with later knowledge.
LATER = "Chosen with the knowledge of a later day than this report's; the current edition says why."


def source_line(ledger: Ledger, facts: Iterable[str]) -> str:
    """Who says so: the publishers behind facts, most facts first."""
    counts: dict[str, int] = {}
    others: list[str] = []
    for fact in facts:
        source = source_of(ledger, fact)
        if not source:
            kind = {"assumption": "our assumptions", "parameter": "parameters"}
            word = kind.get(fact.split(":")[0], "")
            if word and word not in others:
                others.append(word)
            continue
        publisher = ledger.sources[source].publisher
        counts[publisher] = counts.get(publisher, 0) + 1
    ranked = sorted(counts, key=lambda p: (-counts[p], p))
    named = ranked[:4]
    more = len(ranked) - len(named)
    if more:
        named.append("other publishers, all in the data" if more > 1 else ranked[4])
    words = named + others
    return "Source: " + listed(words) + "." if words else ""


def source_of(ledger: Ledger, fact: str) -> str:
    """Key of the source behind a fact, an event, what became of an event, or a plant's fate."""
    kind, _, name = fact.partition(":")
    if not name:
        return ledger.facts[fact].source
    if kind == "plant":
        return str((ledger.plants[name].sources.split() or [""])[0])
    if kind in ("event", "outcome"):
        event = _event(ledger, name)
        return str((event.outcome_source if kind == "outcome" else "") or event.source)
    return ""


def date_said(day: dt.date, exact: bool, *origins: str, short: bool = False) -> Phrase:
    """A date as a phrase that carries its events: 15 July 2025, or March 2024 by the month.

    `short` is for tables, whose columns are narrow: 15 Jul 2025.
    """
    month = f"{MONTHS[day.month - 1][:3]} {day.year}" if short else long_month(day)
    text = f"{day.day} {month}" if exact else month
    stamp = f"{day:%Y-%m-%d}" if exact else f"{day:%Y-%m}"
    return Phrase(f'<time datetime="{stamp}">{text}</time>', text, origins)


def when(event: Any, short: bool = False) -> Phrase:
    """The date of an event."""
    exact = event.date_precision == "day"
    return date_said(event.date, exact, f"event:{event.event}", short=short)


def in_month(event: Any) -> Phrase:
    """The month of an event."""
    return date_said(event.date, False, f"event:{event.event}")


def caveat(e: Any) -> Phrase | None:
    """That no more than a part of the source was in hand, where the event's note says so."""
    return cited(e.note, f"event:{e.event}") if "in hand" in e.note else None


def limited(said: Phrase, e: Any) -> Phrase:
    """What is said of an event, and behind it what limits its source."""
    limits = caveat(e)
    return joined([said, limits]) if limits else said


def _event(ledger: Ledger, name: str) -> Any:
    event = ledger.event(name)
    if event is None:
        raise NotKnown(f"The ledger has no event {name!r} as of {long_date(ledger.as_of)}.")
    return event


def record(
    ledger: Ledger, fact: str, given: Mapping[str, Quantity], parameters: Any
) -> dict[str, Any]:
    """What facts.json and the pages say of one origin of a number."""
    kind, _, name = fact.partition(":")
    blank: dict[str, Any] = {
        "label": fact,
        "value": None,
        "low": None,
        "high": None,
        "unit": "",
        "period": "",
        "status": "",
        "basis": "",
        "qualifier": "exact",
        "source": "",
        "locator": "",
        "note": "",
    }
    if not name:
        row, quantity = ledger.facts[fact], ledger.fact(fact)
        return blank | {
            "label": f"{ledger.metrics[row.metric].label}, {ledger.entities[row.entity].label}",
            "value": row.value,
            "low": quantity.low,
            "high": quantity.high,
            "unit": row.unit,
            "period": label_period(*row.period),
            "status": row.status,
            "basis": row.basis,
            "qualifier": row.qualifier,
            "source": row.source,
            "locator": row.locator,
            "note": row.note if ledger.current else "",
        }
    if kind == "assumption":
        item = ledger.assumptions[name]
        return blank | {
            "label": item.statement,
            "value": item.value,
            "low": item.low,
            "high": item.high,
            "unit": item.unit,
            "status": "assumption",
            "note": item.reason if ledger.current else LATER,
        }
    source = source_of(ledger, fact)
    if kind == "event":
        event = _event(ledger, name)
        return blank | {
            "label": event.title,
            "period": event.date.isoformat(),
            "status": event.status,
            "source": source,
            "note": event.outcome,
        }
    if kind == "outcome":
        event = _event(ledger, name)
        known = event.outcome_date.isoformat() if event.outcome_date else ""
        return blank | {
            "label": f"{event.title}: {event.outcome or 'nothing found'}",
            "period": known,
            "status": event.outcome_status,
            "source": source,
        }
    if kind == "plant":
        plant = ledger.plants[name]
        return blank | {
            "label": f"{plant.label}: {plant.fate}",
            "status": plant.status,
            "source": source,
        }
    if kind == "note":
        # The source of the figure does not vouch for what we say beside it.
        return blank | {"label": f"Our note on {name}", "status": "note"}
    # An analysis may tag a parameter by itself, without `given`.
    set_for_this = given.get(name)
    value = set_for_this.value if set_for_this is not None else float(getattr(parameters, name))
    return blank | {
        "label": f"Parameter {name}",
        "value": value,
        "low": value,
        "high": value,
        "unit": set_for_this.unit if set_for_this is not None else "",
        "status": "parameter",
    }
