"""The report on Nissan's alliances: its opening, its open questions, and what the notebook calls.

Moves with partners are in `moves` (which ones, in `plans`), the press's reports in `reports`, what
the company answered in `answers`, single agreements in `deals`, shares in `holdings`, size and
money in `scale`, pictures in `charts`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..ledger import Ledger
from ..quantity import Quantity, counted
from ..tables import Cell, Column, Table
from ..wording import Key, Phrase, capital, cited, joined, key, listed, phrase
from .answers import denials, denials_table, honda_report
from .charts import timeline
from .deals import ampere, export_company, oppama, talks
from .holdings import holdings_chart, holdings_table, percent, renault_holding
from .moves import (
    DONE,
    by_standing,
    ended_when,
    is_retelling,
    last_word,
    moves,
    moves_table,
    said_list,
    standings,
    when,
    word,
)
from .plans import PARTNERS
from .reports import (
    counts,
    other_board,
    other_counts,
    scoreboard,
)
from .scale import aim, margin_chart, margins, vehicles


def finding(ledger: Ledger, p: Any) -> tuple[Phrase, Phrase]:
    """The report's title and its standfirst."""
    found = moves(ledger, p)
    if not found:
        return (
            phrase("Nothing is known yet of Nissan's moves with the chosen partners"),
            phrase(
                "No source published by {day} tells of one. Choose a later date, or more partners.",
                day=ledger.as_of,
            ),
        )
    n, groups = by_standing(found), standings(found)
    ended = said_list(
        [m.plan.what for m in groups["ended"]][:3], [m.origin for m in groups["ended"]][:3]
    )
    among = (
        ", the Honda merger talks among them"
        if _merger_over(ledger, p) and n["ended"].value > 1
        else ""
    )
    title = capital(
        phrase(
            "{n:w} {moves} with partners: {done} agreed or completed, {ended} ended{among}",
            n=n["all"],
            done=word(n["done"]),
            ended=word(n["ended"]),
            among=among,
            moves="move" if len(found) == 1 else "moves",
        )
    )
    split = work_and_sales(ledger, p)
    if split and split.sales.value > max(split.work.value, 2):
        title = phrase(
            "Nissan sold or loosened more ties with partners than it agreed new work: {s:w} against {w:w}",
            s=split.sales,
            w=split.work,
        )
    parts = []
    if groups["ended"]:
        unsure = [m for m in found if m.standing == "reported as ended"]
        parts.append(
            phrase(
                "What ended: {names}; by a report nobody confirmed also {more}.",
                names=ended,
                more=said_list([m.plan.what for m in unsure], [m.origin for m in unsure]),
            )
            if unsure
            else phrase("What ended: {names}.", names=ended)
        )
    reports = counts(ledger, p)
    if reports and reports.all.value >= 3:
        parts.append(
            phrase(
                "Of {n:w} plans with a partner that reached the public as press reports, {k} led to an agreement{p}; the rest "
                "ended, stayed open or left no trace.",
                n=reports.all,
                k=word(reports.came),
                p=phrase(", {m:w} in part", m=reports.partly) if reports.partly.value else "",
            )
        )
    if split:
        parts.append(
            phrase(
                "Of the {d:w} that were agreed or completed, {s:w} sold something or "
                "loosened a tie{o}; agreed work of Nissan's own, in these {a:w}, is {w}.",
                d=n["done"],
                s=split.sales,
                o=phrase(
                    " and {k:w} {v}, without Nissan",
                    k=split.others,
                    v="is a partner's own" if split.others.value == 1 else "are partners' own",
                )
                if split.others
                else "",
                a=n["all"],
                w=split.names,
            )
        )
    each = phrase("Each is told below, with its dates and its sources.")
    return title, joined(parts) if parts else each


def _merger_over(ledger: Ledger, p: Any) -> bool:
    return "honda" in p.partners and ledger.event("honda-merger-ended") is not None


@dataclass(frozen=True)
class WorkAndSales:
    """The moves that stand: how many sell or loosen, how many work together, and those by name."""

    sales: Quantity
    work: Quantity
    others: Quantity | None  #: a partner's own moves, to which Nissan is no party
    names: Phrase


def work_and_sales(ledger: Ledger, p: Any) -> WorkAndSales | None:
    """Split the moves that stand; None unless there are some of either kind."""
    done = [m for m in moves(ledger, p) if m.standing in DONE]
    kinds = ("sale", "work", "partner")
    sales, work, others = ([m for m in done if m.plan.kind == kind] for kind in kinds)
    if not sales or not work or len(done) < 3:
        return None
    names = said_list([m.plan.what for m in work], [m.origin for m in work])
    return WorkAndSales(
        counted(len(sales), "moves", [m.origin for m in sales], "moves counted"),
        counted(len(work), "moves", [m.origin for m in work], "moves counted"),
        counted(len(others), "moves", [m.origin for m in others], "moves counted")
        if others
        else None,
        names,
    )


def keys(ledger: Ledger, p: Any) -> list[Key]:
    """Up to six key numbers, those known at this date for the chosen partners."""
    found: list[Key] = []
    made = counts(ledger, p)
    if made and made.all.value >= 3:
        found.append(
            key(
                "of {n:w} reported plans of Nissan with a partner led to an agreement",
                "{k}",
                "{u} stayed open, unconfirmed or without trace",
                n=made.all,
                k=word(made.came),
                u=word(made.undecided),
            )
        )
    t = talks(ledger, p)
    if t and t.ran:
        found.append(
            key(
                "Nissan's merger talks with Honda",
                "{d:,} days",
                "{a} to {b}",
                d=t.ran,
                a=t.begun,
                b=t.ended,
            )
        )
    a = ampere(ledger, p)
    if a:
        note = "ceiling announced {m}, dropped {d}" if a.dropped else "ceiling announced {m}"
        found.append(
            key(
                "planned by Nissan for Renault's Ampere",
                "EUR {c:,}m",
                note,
                c=a.upper,
                m=a.made,
                d=a.dropped or "",
            )
        )
    r = renault_holding(ledger, p)
    if r:
        found.append(
            key(
                "of Nissan held by Renault, trust included",
                "{s}",
                "{b} before the new agreement" if r.moved else "{day}",
                s=percent(r.latest),
                b=percent(r.before),
                day=r.latest_day,
            )
        )
    e = export_company(ledger, p)
    if e and e.took:
        found.append(
            key(
                "from agreement to clearance of the China export company",
                "{d:,} days",
                "Nissan {s}, Dongfeng the rest",
                d=e.took,
                s=percent(e.share),
            )
        )
    return found[:6]


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
                press=" (press)" if last.title.startswith("Press") and not last.outcome else "",
                told=capital(last_word(last)),
            )
        )
    return said


def nothing_open(ledger: Ledger, p: Any) -> Phrase | None:
    """A sentence for when nothing is open."""
    if open_questions(ledger, p):
        return None
    return phrase("Nothing that was known by {day} is open.", day=ledger.as_of)


def numbers(ledger: Ledger, p: Any) -> dict[str, Phrase] | None:
    """How many moves there are, in words, in all and by where they stand; None for none."""
    found = moves(ledger, p)
    return {name: word(q) for name, q in by_standing(found).items()} if found else None


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
    order = ("reported", "denied")
    for e in sorted(
        told.values(),
        key=lambda e: (e.date, order.index(e.status) if e.status in order else 2, e.event),
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


def no_third(ledger: Ledger, p: Any) -> Phrase | None:
    """Why no sum of three companies is printed."""
    known = any(ledger.latest("sales", who, basis="*") for who in ("mitsubishi_motors",))
    if aim(ledger, p) is None or known:
        return None
    return phrase(
        "Mitsubishi Motors was to decide whether to join; its own sales are not in these "
        "data, so no sum of three companies is printed."
    )


def agreement(ledger: Ledger, p: Any) -> Phrase | None:
    """Whether the figures of holdings, money and aims contradict one another."""
    entities = {e for m in moves(ledger, p) for e in m.plan.entities} | {
        "nissan_in_export_jv",
        "nissan_in_rnaipl",
        "nissan_in_nmkv",
        "renault_nissan_cross",
    }
    used = ("stake", "stake_transferred", "investment_eur", "capital", "deal_price")
    rows = [f.fact for f in ledger.facts.values() if f.entity in entities and f.metric in used]
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


def weak_points(ledger: Ledger, p: Any) -> list[Phrase]:
    """The three weakest points of the report."""
    points = [
        phrase(
            "What came to nothing quietly leaves no source: a plan of which nothing was found may "
            "have been dropped, or may be going on."
        ),
        phrase(
            "Which reports tell one plan, and what counts as its having come about, is our "
            "judgement; the plans are those that happened to be found, not a sample."
        ),
    ]
    told = {e.event: e for m in moves(ledger, p) for e in m.events}
    poor = [n for n, e in told.items() if ledger.sources[e.source].quality != "green"]
    if poor:
        every = tuple(f"event:{n}" for n in told)
        points.append(
            phrase(
                "Of {n:,} events, {k:,} rest on the trade press, on copies or on single "
                "claims; the original article was not always in hand.",
                n=_events(list(told), every),
                k=_events(poor, every),
            )
        )
    return points


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
            every = tuple(f"event:{n}" for n in names)
            rows.append([said, _events(names, every), _events(months, every)])
    columns = [
        Column("Source", align="left"),
        Column("Events", ","),
        Column("Known by the month only", ","),
    ]
    everything = tuple(f"event:{n}" for n in told)
    title = phrase(
        "The sources behind {n:,} events of this report", n=_events(list(told), everything)
    )
    return Table.of("source-quality", title, columns, rows)


def _events(names: list[str], every: tuple[str, ...]) -> Quantity:
    facts = [f"event:{n}" for n in names] or every
    return counted(len(names), "events", facts, "events counted")


__all__ = [
    "agreement",
    "aim",
    "ampere",
    "counts",
    "denials",
    "denials_table",
    "export_company",
    "finding",
    "holdings_chart",
    "holdings_table",
    "honda_report",
    "keys",
    "margin_chart",
    "margins",
    "moves_table",
    "no_third",
    "nothing_open",
    "numbers",
    "open_questions",
    "oppama",
    "other_board",
    "other_counts",
    "renault_holding",
    "scoreboard",
    "silence",
    "source_quality",
    "story",
    "talks",
    "timeline",
    "vehicles",
    "weak_points",
    "work_and_sales",
]
