"""What companies answered to the press, how it held, and the first report on Honda."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..ledger import Ledger
from ..provenance import when
from ..quantity import Quantity, counted
from ..tables import Table, text_columns
from ..wording import Phrase, capital, cited, joined, phrase
from .moves import days, word


def answers(ledger: Ledger) -> dict[str, Quantity] | None:
    """Count the companies' answers to reports, and what became of them, over the whole ledger.

    Keys: all, denied, not_confirmed (by kind), reversed, held, unknown (by what followed).
    """
    found = [e for e in ledger.events if e.answers]
    if not found:
        return None
    after = {"reversed": ("reversed", "partly"), "held": ("cancelled", "lapsed"),
             "unknown": ("open", "not_found", "")}  # fmt: skip
    groups = {
        name: [e for e in found if e.outcome_status in known] for name, known in after.items()
    }
    groups |= {kind: [e for e in found if e.status == kind] for kind in ("denied", "not_confirmed")}
    groups["all"] = found
    return {
        name: counted(len(rows), "answers", [f"event:{e.event}" for e in rows or found])
        for name, rows in groups.items()
    }


def answers_table(ledger: Ledger) -> Table | None:
    """Every answer, and whether events bore it out."""
    found = [e for e in ledger.events if e.answers]
    if not found:
        return None
    # What was not denied cannot be contradicted: there the report held.
    held = {"reversed": "The report held for the most part", "partly": "The report held in part"}
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
            e.told_as,
            phrase(
                "**{w}.** {o}",
                w=(words if e.status == "denied" else words | held).get(
                    e.outcome_status, "Not known"
                ),
                o=cited(e.outcome, f"outcome:{e.event}") if e.outcome else "",
            ),
        )
        for e in found
    ]
    made = answers(ledger)
    assert made is not None
    title = phrase(
        "Answers to reports: {a} denied, {b} did not confirm; after {k} the report held all or most of the way",
        a=word(made["denied"]),
        b=word(made["not_confirmed"]),
        k=word(made["reversed"]),
    )
    columns = text_columns("What the company answered", "When", "As", "How it held")
    note = phrase("That nothing came of a plan does not mean that there never were talks.")
    return Table.of("answers", capital(title), columns, rows, note)


def said_of(r: Any) -> Phrase | None:
    """What a company said of a reported plan: its remark, its answer, or what an officer said later."""
    if r.remark:
        return cited(f"Told on record by {r.event.speaker}.", r.origin)
    said = _answered(r)
    remarks = [
        phrase(
            "On record, {d}: {t}.",
            d=when(e, short=True),
            t=cited(e.title, f"event:{e.event}"),
        )
        for e in r.retellings
        if e.speaker
    ]
    parts = [*([said] if said else []), *remarks]
    return joined(parts) if parts else None


def _answered(r: Any) -> Phrase | None:
    """What the company answered to the press; None where nothing was found."""
    if r.answer is not None:
        later = days(r.event.date, r.answer.date, r.origin, f"event:{r.answer.event}")
        lead = "{n:w} {unit} later" if later.value else "The same day"
        said = phrase(lead, n=later, unit="day" if later.value == 1 else "days")
        return phrase(
            "{a}: {b}.", a=capital(said), b=cited(r.answer.title, f"event:{r.answer.event}")
        )
    signs = ("declined", "comment", "confirm", "nothing to share")
    for e in (r.event, *r.retellings):
        for text, origin in ((e.note, f"event:{e.event}"), (e.outcome, f"outcome:{e.event}")):
            for sentence in text.replace("; ", ". ").split(". "):
                if sentence.startswith("Nissan") and any(sign in sentence for sign in signs):
                    return cited(sentence.rstrip(".") + ".", origin)
    return None


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
