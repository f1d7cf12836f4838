"""Nissan's partners: who, what, when, and how far each move has come.

A *move* is one thing that Nissan and a partner set out to do (or to end). Its steps are the
events of the ledger, and what became of them; where it stands is its last step that decides
anything. The press's reports are followed up in `alliances_reports`, the money and the holdings in
`alliances_money`, the pictures are drawn in `alliances_charts`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .ledger import Ledger
from .quantity import Origin, Quantity
from .tables import Column, Table
from .wording import MONTHS, Phrase, cited, escape, listed, long_date, phrase

#: The parameter's names of partners, and how events and pages call them.
PARTNERS = {
    "honda": "Honda",
    "renault": "Renault",
    "mitsubishi": "Mitsubishi Motors",
    "foxconn": "Foxconn",
    "dongfeng": "Dongfeng",
    "tsinghua": "Tsinghua University",
    "iat": "IAT Automobile Technology",
    "geely": "Geely",
    "huawei": "Huawei",
    "wayve": "Wayve",
    "chery": "Chery",
    "mercedes": "Mercedes-Benz",
}


@dataclass(frozen=True)
class Plan:
    """What a move is called, with whom it is, and which entities of `events.csv` belong to it."""

    partner: str
    short: str  #: beside a mark of a chart
    what: str  #: in a sentence
    entities: tuple[str, ...]
    categories: tuple[str, ...] = ()  #: of events; all when empty


#: Every move with a partner. A test asks that no event of the category alliance is left out.
PLANS = (
    Plan("honda", "Honda: electric cars, merger", "the talks with Honda",
         ("honda_nissan", "honda_nissan_mitsubishi")),
    Plan("honda", "Honda: pick-ups at Canton", "pick-ups for Honda from Canton", ("honda_canton",)),
    Plan("renault", "Renault: shareholdings", "the new shareholdings with Renault",
         ("renault_in_nissan", "renault_nissan_cross")),
    Plan("renault", "Renault: money for Ampere", "the investment in Renault's Ampere", ("ampere",)),
    Plan("renault", "Renault: Chennai plant", "the sale of the Chennai plant", ("chennai",)),
    Plan("mitsubishi", "Mitsubishi: kei cars, NMKV", "NMKV, the kei car venture", ("nmkv",)),
    Plan("mitsubishi", "Mitsubishi: kei EV in house", "taking the electric kei car in house",
         ("kei_ev_inhouse",)),
    Plan("mitsubishi", "Mitsubishi: sale of shares", "the sale of Mitsubishi Motors shares",
         ("nissan_in_mitsubishi",)),
    Plan("mitsubishi", "Mitsubishi: Foxtron car", "the electric car that Foxtron is to supply",
         ("mitsubishi_foxtron",)),
    Plan("foxconn", "Foxconn: cars at Oppama", "Foxconn's cars at Oppama", ("foxconn_oppama",)),
    Plan("dongfeng", "Dongfeng: electric platform", "a platform from Dongfeng", ("dongfeng_nissan",),
         ("alliance",)),
    Plan("dongfeng", "Dongfeng: exports from China", "exports from China with Dongfeng",
         ("nissan_china", "nissan_dongfeng_export_jv", "dongfeng_nissan"), ("export",)),
    Plan("dongfeng", "Dongfeng: cars at Sunderland", "Dongfeng's cars at Sunderland",
         ("dongfeng_sunderland",)),
    Plan("tsinghua", "Tsinghua: research centre", "the research centre with Tsinghua University",
         ("nissan_tsinghua",)),
    Plan("iat", "IAT: software for export", "the software work with IAT", ("nissan_iat",)),
    Plan("geely", "Geely: engines, with Renault", "the engine company of Renault and Geely",
         ("renault_geely",)),
    Plan("geely", "Geely: bid for COMPAS", "the bids for the COMPAS plant", ("compas_sale",)),
    Plan("huawei", "Huawei: cockpit", "the cockpit from Huawei", ("nissan_huawei", "teana")),
    Plan("wayve", "Wayve: driver assistance", "driver assistance from Wayve", ("nissan_wayve",)),
    Plan("chery", "Chery: Rosslyn plant", "the sale of Rosslyn to Chery", ("chery_rosslyn",)),
    Plan("chery", "Chery: cars at Sunderland", "Chery's cars at Sunderland", ("chery_sunderland",)),
    Plan("mercedes", "Mercedes: end of COMPAS", "the end of COMPAS, shared with Mercedes-Benz",
         ("compas",)),
    Plan("mercedes", "Mercedes: sale of shares", "the sale of Mercedes-Benz's Nissan shares",
         ("mercedes_in_nissan",)),
)

#: Where a move stands after a step of this status; steps of other statuses decide nothing.
STANDING = {
    "agreed": "agreed",
    "completed": "completed",
    "announced": "announced",
    "cancelled": "ended",
    "lapsed": "ended",
}
DONE = ("agreed", "completed")


@dataclass(frozen=True)
class Step:
    """One dated step of a move. `origin` is ``event:<id>`` or ``outcome:<id>``."""

    date: dt.date
    exact: bool  #: False where only the month is known
    status: str
    origin: str


@dataclass(frozen=True)
class Move:
    """A move with its events, its steps in order of date, and where it stands."""

    plan: Plan
    events: tuple[Any, ...]
    steps: tuple[Step, ...]

    @property
    def decided(self) -> Step | None:
        """The last step that decided something."""
        found = [s for s in self.steps if s.status in STANDING]
        return found[-1] if found else None

    @property
    def standing(self) -> str:
        """agreed, completed, announced, ended, or how far a mere report has come."""
        if self.decided:
            return STANDING[self.decided.status]
        denied = any(s.status == "denied" for s in self.steps)
        return "reported, denied" if denied else "reported"

    @property
    def origin(self) -> str:
        return (self.decided or self.steps[-1]).origin

    @property
    def open(self) -> bool:
        """Whether the ledger does not know how it ends."""
        last = self.events[-1]
        return self.standing != "ended" and last.outcome_status in ("open", "not_found", "reversed")


def partners_of(event: Any) -> set[str]:
    """The parameter's names of the partners that an event is about."""
    named = {name.strip() for name in event.counterpart.split(";")}
    return {key for key, name in PARTNERS.items() if name in named}


def moves(ledger: Ledger, p: Any) -> list[Move]:
    """Every move known at this date with one of the chosen partners, in order of `PLANS`."""
    found = []
    for plan in PLANS:
        if plan.partner not in p.partners:
            continue
        events = [e for e in ledger.events if _belongs(e, plan)]
        if events:
            found.append(Move(plan, tuple(events), tuple(_steps(events))))
    return found


def _belongs(event: Any, plan: Plan) -> bool:
    if event.entity not in plan.entities:
        return False
    return not plan.categories or event.category in plan.categories


def _steps(events: Iterable[Any]) -> list[Step]:
    steps: list[tuple[dt.date, int, Step]] = []
    for e in events:
        exact = e.date_precision == "day"
        steps.append((e.date, 0, Step(e.date, exact, e.status, f"event:{e.event}")))
        if e.outcome_date and e.outcome_status in STANDING:
            step = Step(e.outcome_date, True, e.outcome_status, f"outcome:{e.event}")
            steps.append((e.outcome_date, 1, step))
    ordered = [s for _, _, s in sorted(steps, key=lambda x: (x[0], x[1]))]
    seen: set[tuple[dt.date, str]] = set()
    kept = []
    for step in ordered:  # what one event calls its outcome is often the next event
        if (step.date, step.status) not in seen:
            seen.add((step.date, step.status))
            kept.append(step)
    return kept


# -- words ------------------------------------------------------------------------------------


def event(ledger: Ledger, name: str) -> Any | None:
    """An event by its id, or None where it is not known at this date."""
    return next((e for e in ledger.events if e.event == name), None)


def date_said(day: dt.date, exact: bool, *origins: str) -> Phrase:
    """A date as a phrase that carries its events: 15 July 2025, or March 2024 by the month."""
    text = long_date(day) if exact else f"{MONTHS[day.month - 1]} {day.year}"
    stamp = f"{day:%Y-%m-%d}" if exact else f"{day:%Y-%m}"
    return Phrase(f'<time datetime="{stamp}">{text}</time>', text, origins)


def when(e: Any) -> Phrase:
    """The date of an event."""
    return date_said(e.date, e.date_precision == "day", f"event:{e.event}")


def ended_when(e: Any) -> Phrase | None:
    """The date of what became of an event."""
    return date_said(e.outcome_date, True, f"outcome:{e.event}") if e.outcome_date else None


def count(rows: Sequence[str], unit: str, label: str = "") -> Quantity:
    """How many rows there are, as a quantity that rests on them (``event:<id>``)."""
    return Quantity.of(len(rows), unit, Origin(tuple(rows), label=label or f"{unit} counted"))


def days(start: dt.date, end: dt.date, *origins: str) -> Quantity:
    """Days from one day to another."""
    return Quantity.of((end - start).days, "days", Origin(origins, label="days between the dates"))


def said_list(items: Iterable[str], facts: Iterable[str]) -> Phrase:
    """Names as running text, resting on events."""
    text = listed(items)
    return Phrase(escape(text), text, tuple(facts))


# -- the opening ------------------------------------------------------------------------------


def standings(found: Sequence[Move]) -> dict[str, list[Move]]:
    """Moves by where they stand: done, announced, ended, reported."""
    groups: dict[str, list[Move]] = {"done": [], "announced": [], "ended": [], "reported": []}
    for move in found:
        name = "done" if move.standing in DONE else move.standing.split(",")[0]
        groups[name].append(move)
    return groups


def counted(found: Sequence[Move]) -> dict[str, Quantity]:
    """How many moves there are, in all and by where they stand."""
    groups = {"all": list(found), **standings(found)}
    known = [m.origin for m in found]
    return {
        name: count([m.origin for m in group], "moves") if group else _none(known)
        for name, group in groups.items()
    }


def _none(origins: Sequence[str]) -> Quantity:
    return Quantity.of(0, "moves", Origin(tuple(origins), label="moves counted"))


def finding(ledger: Ledger, p: Any) -> tuple[Phrase, Phrase]:
    """The report's title and its standfirst."""
    from .alliances_reports import counts

    found = moves(ledger, p)
    if not found:
        return (
            phrase("Nothing is known yet of Nissan's moves with the chosen partners"),
            phrase("No source published by {day} tells of one. Choose a later date, or more "
                   "partners.", day=ledger.as_of),
        )
    n, groups = counted(found), standings(found)
    ended = said_list([m.plan.what for m in groups["ended"]][:3], [m.origin for m in groups["ended"]][:3])
    if len(groups["ended"]) >= 2:
        title = phrase("Of {n:w} moves with partners, {done:w} stand and {ended:w} have ended, the "
                       "largest ones among them" if _merger_over(ledger, p) else
                       "Of {n:w} moves with partners, {done:w} stand and {ended:w} have ended",
                       n=n["all"], done=n["done"], ended=n["ended"])
    elif groups["done"]:
        title = phrase("Of {n:w} moves with partners, {done:w} {verb} been agreed or completed",
                       n=n["all"], done=n["done"], verb="has" if n["done"].value == 1 else "have")
    else:
        title = phrase("Of {n:w} moves with partners, none is agreed yet", n=n["all"])
    parts = []
    if groups["ended"]:
        parts.append(phrase("What ended: {names}.", names=ended))
    reports = counts(ledger, p)
    if reports and reports.all.value >= 3:
        parts.append(phrase(
            "Of {n:w} plans with a partner that the press reported first, {k:w} led to an agreement "
            "or more; the rest ended, stayed open or left no trace.",
            n=reports.all, k=reports.came))
    if groups["done"]:
        names = said_list([m.plan.what for m in groups["done"]][-3:], [m.origin for m in groups["done"]][-3:])
        parts.append(phrase("What was agreed is smaller: {names}." if _merger_over(ledger, p) else
                            "Agreed or completed: {names}.", names=names))
    return title, joined(parts) or phrase("Each is told below, with its dates and its sources.")


def joined(parts: Sequence[Phrase]) -> Phrase | None:
    """Sentences as one paragraph."""
    if not parts:
        return None
    values = {f"p{i}": part for i, part in enumerate(parts)}
    return phrase(" ".join(f"{{{name}}}" for name in values), **values)


def _merger_over(ledger: Ledger, p: Any) -> bool:
    return "honda" in p.partners and event(ledger, "honda-merger-ended") is not None


# -- tables -----------------------------------------------------------------------------------


def moves_table(ledger: Ledger, p: Any) -> Table | None:
    """Who, what, when, and where it stands."""
    found = moves(ledger, p)
    if not found:
        return None
    rows = []
    for move in found:
        first, last = move.steps[0], move.decided or move.steps[-1]
        partner, _, what = move.plan.short.partition(": ")
        final = move.events[-1]
        word = f"{final.outcome}" if final.outcome else final.title.removeprefix("Press: ")
        origin = f"outcome:{final.event}" if final.outcome else f"event:{final.event}"
        rows.append((
            Phrase(escape(f"{partner}: {what}"), f"{partner}: {what}", (first.origin,)),
            date_said(first.date, first.exact, first.origin),
            phrase("{s}, {d}", s=move.standing, d=date_said(last.date, last.exact, last.origin)),
            cited(word, origin),
        ))
    columns = (
        Column("Move", align="left"), Column("First step", align="left"),
        Column("Stands at", align="left"), Column("Latest word", align="left"),
    )
    n = counted(found)
    title = phrase("{n:w} moves with partners, as far as the sources go", n=n["all"])
    note = phrase("Reported: by the press only. A date by the month is all that the source gives. "
                  "The kei cars also belong to the report on the Sakura.")
    return Table.of("moves", _capital(title), columns, rows, note)


def _capital(said: Phrase) -> Phrase:
    md = said.md
    at = md.find(">") + 1 if md.startswith("<data") else 0
    text = said.text[:1].upper() + said.text[1:]
    return Phrase(md[:at] + md[at : at + 1].upper() + md[at + 1 :], text, said.facts, said.statuses)
