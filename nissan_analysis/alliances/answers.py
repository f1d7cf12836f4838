"""What companies answered to the press: denials and how they held, and the first report on Honda."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..ledger import Ledger
from ..quantity import Quantity, counted
from ..tables import Column, Table
from ..wording import Phrase, capital, cited, phrase
from .moves import when, word


@dataclass(frozen=True)
class Denials:
    """How denials of press reports held up."""

    all: Quantity
    reversed: Quantity
    held: Quantity
    unknown: Quantity

    @property
    def words(self) -> dict[str, Phrase]:
        """Each count in words."""
        return {name: word(getattr(self, name)) for name in ("all", "reversed", "held", "unknown")}


def denials(ledger: Ledger) -> Denials | None:
    """Count the company's denials and what became of them, over the whole ledger."""
    found = [e for e in ledger.events if e.status == "denied"]
    if not found:
        return None
    everyone = [f"event:{e.event}" for e in found]

    def number(*statuses: str) -> Quantity:
        rows = [f"event:{e.event}" for e in found if e.outcome_status in statuses]
        return counted(len(rows), "denials", rows or everyone)

    back, held = number("reversed", "partly"), number("cancelled", "lapsed")
    rest = [f"event:{e.event}" for e in found if e.outcome_status in ("open", "not_found", "")]
    unknown = counted(len(rest), "denials", rest or everyone)
    every = counted(len(everyone), "denials", everyone, "denials counted")
    return Denials(every, back, held, unknown)


def denials_table(ledger: Ledger) -> Table | None:
    """Every denial, and whether events bore it out."""
    found = [e for e in ledger.events if e.status == "denied"]
    if not found:
        return None
    words = {
        "reversed": "Contradicted later",
        "partly": "Contradicted in part",
        "cancelled": "No such plan followed",
        "lapsed": "No such plan followed",
    }
    rows = [
        (
            cited(e.title, f"event:{e.event}"),
            when(e, short=True),
            phrase(
                "**{w}.** {o}",
                w=words.get(e.outcome_status, "Not known"),
                o=cited(e.outcome, f"outcome:{e.event}") if e.outcome else "",
            ),
        )
        for e in found
    ]
    made = denials(ledger)
    assert made is not None
    title = phrase(
        "{n:w} {d}: {k} contradicted later",
        n=made.all,
        k=word(made.reversed),
        d="answer that denied or did not confirm a report"
        if len(found) == 1
        else "answers that denied or did not confirm a report",
    )
    columns = (
        Column("What the company denied or did not confirm", align="left"),
        Column("When", align="left"),
        Column("How it held", align="left"),
    )
    note = phrase("That nothing came of a plan does not mean that there never were talks.")
    return Table.of("denials", capital(title), columns, rows, note)


# -- the first report on Honda ----------------------------------------------------------------


@dataclass(frozen=True)
class FirstReport:
    """The Reuters report of 15 March 2024 on Honda, and how soon its plan came about."""

    day: Phrase
    sources: Quantity
    answer: Phrase
    agreed: Phrase | None


def honda_report(ledger: Ledger, p: Any) -> FirstReport | None:
    """The founding article on Honda, or None where it is not known yet."""
    e = ledger.event("honda-partnership-reported")
    sources = ledger.latest("sources_count", "honda_nissan")
    if e is None or sources is None or "honda" not in p.partners:
        return None
    answer = next((s for s in e.note.split(". ") if "declined" in s), "")
    agreed = ledger.event("honda-nissan-mou")
    return FirstReport(
        when(e),
        sources.quantity,
        cited(answer.rstrip("."), f"event:{e.event}"),
        when(agreed) if agreed else None,
    )
