"""The report on Nissan's alliances: its opening.

Moves with partners are in `moves` (which ones, in `plans`), the press's reports in `reports`, what
the company answered in `answers`, single agreements in `deals`, shares in `holdings`, size and
money in `scale`, the picture in `charts`, what happened and what is open in `story`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..ledger import Ledger
from ..quantity import Quantity
from ..wording import Key, Phrase, capital, joined, key, listed, phrase
from .deals import ampere, export_company, talks
from .holdings import percent, renault_holding
from .moves import DONE, by_standing, many, said_list, standings, without_nissan, word
from .moves import moves as moves_of
from .reports import counts, told_first
from .story import number_of_events

#: What became of the reported plans that did not come about; only what is true of some is said.
REST = {
    "open": "stayed open",
    "unknown": "left no trace",
    "unconfirmed": "ended by a report that nobody confirmed",
    "ended": "came to nothing",
}


def finding(ledger: Ledger, p: Any) -> tuple[Phrase, Phrase]:
    """The report's title and its standfirst."""
    found = moves_of(ledger, p)
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
            "{n:w} {moves} with partners: {agreed} agreed, {completed} completed{own}, {ended} ended{among}",
            n=n["all"],
            agreed=word(n["agreed"]),
            completed=word(n["completed"]),
            own=without_nissan(n),
            ended=word(n["ended"]),
            among=among,
            moves="move" if len(found) == 1 else "moves",
        )
    )
    split = work_and_sales(ledger, p)
    if split and split.sales.value > max(split.work.value, 2):
        title = phrase(
            "Nissan sells or loosens more ties with partners than it agrees new work: {s:w} against {w:w}",
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
    found_reports = counts(ledger, p)
    if found_reports and found_reports["all"].value >= 3:
        rest = listed((w for name, w in REST.items() if found_reports[name].value), "or")
        parts.append(
            phrase(
                "Of {n:w} plans with a partner{told}, {k} led to an agreement{p}{rest}.",
                n=found_reports["all"],
                told=told_first(found_reports),
                k=word(found_reports["came"]),
                p=phrase(", {m:w} in part", m=found_reports["partly"])
                if found_reports["partly"].value
                else "",
                rest="; the rest " + rest if rest else "",
            )
        )
    if split:
        parts.append(
            phrase(
                "Of the {d:w} that were agreed or completed, {s:w} {v} "
                "a tie ({c} of these completed){o}. That leaves {k:w}: {w}.",
                d=n["agreed"] + n["completed"],
                s=split.sales,
                v="sells something or loosens"
                if split.sales.value == 1
                else "sell something or loosen",
                c=word(split.sold),
                o=phrase(
                    " and {k:w} {v}, without Nissan",
                    k=split.others,
                    v="is a partner's own" if split.others.value == 1 else "are partners' own",
                )
                if split.others
                else "",
                k=split.work,
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
    sold: Quantity  #: of these sales, the ones that are completed
    work: Quantity
    others: Quantity | None  #: a partner's own moves, to which Nissan is no party
    names: Phrase


def work_and_sales(ledger: Ledger, p: Any) -> WorkAndSales | None:
    """Split the moves that stand; None unless there are some of either kind."""
    done = [m for m in moves_of(ledger, p) if m.standing in DONE]
    kinds = ("sale", "work", "partner")
    sales, work, others = ([m for m in done if m.plan.kind == kind] for kind in kinds)
    if not sales or not work or len(done) < 3:
        return None
    names = said_list([m.plan.what for m in work], [m.origin for m in work])
    return WorkAndSales(
        many(sales),
        many([m for m in sales if m.standing == "completed"], sales),
        many(work),
        many(others) if others else None,
        names,
    )


def keys(ledger: Ledger, p: Any) -> list[Key]:
    """Up to six key numbers, those known at this date for the chosen partners."""
    found: list[Key] = []
    made = counts(ledger, p)
    if made and made["all"].value >= 3:
        remarks = bool(made["remarks"].value)
        found.append(
            key(
                "plans with a partner, told by the press or in an officer's remark, led to an agreement"
                if remarks
                else "reported plans of Nissan with a partner led to an agreement",
                "{k:d} of {n:d}",
                ("{p} first told by the press, {r} by an officer on record; " if remarks else "")
                + "{u} stayed open, unconfirmed or without trace",
                p=word(made["press"]),
                r=word(made["remarks"]),
                n=made["all"],
                k=made["came"],
                u=word(made["undecided"]),
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
                "on {day}; {b} before the new agreement" if r.moved else "on {day}",
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
    told = {e.event: e for m in moves_of(ledger, p) for e in m.events}
    poor = [n for n, e in told.items() if ledger.sources[e.source].quality != "green"]
    if poor:
        points.append(
            phrase(
                "Of {n:,} events, {k:,} rest on the trade press, on copies or on single "
                "claims; the original article was not always in hand.",
                n=number_of_events(told, told),
                k=number_of_events(poor, told),
            )
        )
    return points
