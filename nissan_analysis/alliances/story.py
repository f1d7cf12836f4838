"""What happened with each partner, where each move stands, what is open, and how good the sources are."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from ..ledger import Ledger
from ..provenance import date_said, when
from ..quantity import Quantity, counted
from ..tables import Cell, Column, Table, text_columns
from ..wording import Phrase, capital, cited, escape, joined, listed, phrase
from .moves import by_standing, ended_when, is_retelling, last_word, moves, of_the_press
from .plans import PARTNERS


def moves_table(ledger: Ledger, p: Any) -> Table | None:
    """Who, what, when, and where it stands."""
    found = moves(ledger, p)
    if not found:
        return None
    rows = []
    for move in found:
        first, last = move.steps[0], move.decided or move.steps[-1]
        partner, _, what = move.plan.short.partition(": ")
        final = move.last
        rows.append(
            (
                Phrase(escape(f"{partner}: {what}"), f"{partner}: {what}", (first.origin,)),
                date_said(first.date, first.exact, first.origin, short=True),
                phrase(
                    "{s}, {d}",
                    s=move.stands_at,
                    d=date_said(last.date, last.exact, last.origin, short=True),
                ),
                capital(last_word(final)),
            )
        )
    columns = text_columns("Move", "First step", "Stands at", "Latest word")
    n = by_standing(found)
    title = phrase("{n:w} moves with partners, as far as the sources go", n=n["all"])
    note = phrase(
        "Reported: by the press only. Remark on record: an officer of a company spoke of it, and no more is known. A date by the month is all that the source gives. "
        "Kei cars are Japan's smallest class; NMKV is the venture of Nissan and Mitsubishi Motors for them, COMPAS the Mexican "
        "plant shared with Mercedes-Benz. They also belong to the report on the Sakura."
    )
    return Table.of("moves", capital(title), columns, rows, note)


def open_questions(ledger: Ledger, p: Any) -> list[Phrase]:
    """What the sources leave open, latest first: the question, and the last word on it."""
    found = [m for m in moves(ledger, p) if m.open and m.plan.question]
    found.sort(key=lambda m: m.last.date, reverse=True)
    said = []
    for m in found:
        last = m.last
        day = (ended_when(last) if last.outcome else when(last)) or when(last)
        said.append(
            phrase(
                "**{who}: {q}** Last word{press}, {d}: {told}",
                who=m.plan.short.partition(":")[0],
                q=m.plan.question,
                d=day,
                press=" (press)" if of_the_press(last) else "",
                told=capital(last_word(last)),
            )
        )
    return said


def nothing_open(ledger: Ledger, p: Any) -> Phrase | None:
    """A sentence for when nothing is open."""
    if open_questions(ledger, p):
        return None
    return phrase("Nothing that was known by {day} is open.", day=ledger.as_of)


def story(ledger: Ledger, p: Any, *partners: str) -> list[Phrase]:
    """What happened with some partners, in order of date, one phrase an event."""
    told = {
        e.event: e
        for m in moves(ledger, p)
        if m.plan.partner in partners
        for e in m.events
        if not is_retelling(e)
    }
    said = []
    order = ("reported", "denied", "not_confirmed")
    for e in sorted(
        told.values(),
        key=lambda e: (e.date, order.index(e.status) if e.status in order else 3, e.event),
    ):
        title = e.title if e.title[-1] in ".?!" else e.title + "."
        note = e.note if re.search(r"denial of talks|in hand", e.note) else ""
        parts = [phrase("**{d}:**", d=when(e)), cited(title, f"event:{e.event}")]
        if note:
            parts.append(cited(note, f"event:{e.event}"))
        said.append(joined(parts))
    return said


def silence(ledger: Ledger, p: Any, *partners: str) -> Phrase | None:
    """A sentence that says why a section is empty; None where it is not."""
    if any(m.plan.partner in partners for m in moves(ledger, p)):
        return None
    names = listed([PARTNERS[name] for name in partners], "or")
    if not set(partners) & set(p.partners):
        return phrase("This report was made without {names}.", names=names)
    return phrase("No source published by {day} tells of {names}.", day=ledger.as_of, names=names)


def agreement(ledger: Ledger, p: Any) -> Phrase | None:
    """Whether the figures of holdings, money and aims contradict one another."""
    entities = {e for m in moves(ledger, p) for e in m.plan.entities} | {
        "nissan_in_export_jv",
        "nissan_in_rnaipl",
        "nissan_in_nmkv",
        "renault_nissan_cross",
    }
    used = ("stake", "stake_transferred", "investment_eur", "capital", "deal_price")
    rows = [f.fact for f in ledger.facts_of(entities, used)]
    if not rows:
        return None
    n = counted(len(rows), "figures", rows, "figures compared")
    clashes = ledger.disagreements(entities, used)
    if not clashes:
        return phrase(
            "Of the {n:w} figures on holdings and money behind this report, no two "
            "contradict each other for the same day.",
            n=n,
        )
    names = listed(sorted({ledger.entities[c.entity].label for c in clashes}))
    return phrase(
        "Sources disagree on {names}; the data name the figure preferred, and why.", names=names
    )


def source_quality(ledger: Ledger, p: Any) -> Table | None:
    """How good the sources of the events told here are."""
    told = {e.event: e for m in moves(ledger, p) for e in m.events}
    if not told:
        return None
    words = {
        "green": "Company, agency or major newspaper",
        "amber": "Trade press, reprint, aggregator",
        "red": "Blog, copy of unknown standing, one unsourced claim",
    }
    rows: list[list[Cell]] = []
    for grade, said in words.items():
        names = [n for n, e in told.items() if ledger.sources[e.source].quality == grade]
        months = [n for n in names if told[n].date_precision == "month"]
        if names:
            rows.append([said, number_of_events(names, names), number_of_events(months, names)])
    columns = [
        Column("Source", align="left"),
        Column("Events", ","),
        Column("Known by the month only", ","),
    ]
    title = phrase("The sources behind {n:,} events of this report", n=number_of_events(told, told))
    return Table.of("source-quality", title, columns, rows)


def number_of_events(names: Collection[str], every: Collection[str]) -> Quantity:
    """How many events these are, resting on them, or on `every` for none."""
    return counted(len(names), "events", [f"event:{n}" for n in names or every], "events counted")
