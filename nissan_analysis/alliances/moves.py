"""Nissan's partners: who, what, when, and how far each move has come.

A *move* is one thing that Nissan and a partner set out to do (or to end). Its steps are the
events of the ledger, and what became of them; where it stands is its last step that decides
anything. `alliances` holds the report's opening and names every function the notebook calls.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..ledger import Ledger
from ..provenance import caveat, date_said
from ..quantity import Origin, Quantity, counted
from ..wording import Phrase, cited, escape, joined, listed, phrase
from .plans import NO_PLANS, PARTNERS, PLANS, UNCONFIRMED, Plan

#: Where a move stands after a step of this status; steps of other statuses decide nothing.
STANDING = {
    "agreed": "agreed",
    "cleared": "agreed",  # by a regulator: what was agreed may be done, and is not done yet
    "completed": "completed",
    "announced": "announced",
    "cancelled": "ended",
    "lapsed": "ended",
}
DONE = ("agreed", "completed")
#: A reported step that is the word of a company's officer, and not only of the press.
REMARK = "remark on record"


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
    def last(self) -> Any:
        """The latest event that is not a mere retelling."""
        own = [e for e in self.events if not is_retelling(e)]
        return (own or list(self.events))[-1]

    @property
    def decided(self) -> Step | None:
        """The last step that decided something; what is agreed is not undone by an announcement."""
        found: Step | None = None
        for step in self.steps:
            less = (
                step.status == "announced" and found is not None and STANDING[found.status] in DONE
            )
            if step.status in STANDING and not less:
                found = step
        return found

    @property
    def standing(self) -> str:
        """agreed, completed, announced, ended, or how far a mere report has come."""
        if self.decided:
            return STANDING[self.decided.status]
        if NO_PLANS.get(self.last.event) == "the end of talks":
            return "reported as ended"
        said = [s.status for s in self.steps]
        answered = next((s for s in ("denied", "not_confirmed") if s in said), None)
        if answered is None:
            return "reported"
        return (
            f"reported, {answered.replace('_', ' ')}" if said[-1] == answered else "reported again"
        )

    @property
    def stands_at(self) -> str:
        """The standing as tables and charts print it: agreed and cleared where a regulator agreed."""
        if self.decided is None and self.last.speaker:
            return REMARK
        cleared = self.decided is not None and self.decided.status == "cleared"
        return "agreed and cleared" if cleared else self.standing

    @property
    def remarked(self) -> bool:
        """Whether an officer of a company spoke of it on record."""
        return any(e.speaker for e in self.events)

    @property
    def origin(self) -> str:
        return (self.decided or self.steps[-1]).origin

    @property
    def open(self) -> bool:
        """Whether the ledger does not know how it ends."""
        return self.standing != "ended" and self.last.outcome_status in (
            "open",
            "not_found",
            "reversed",
        )


def is_retelling(event: Any) -> bool:
    """Whether an event only tells again what another source had told."""
    return bool(event.title.startswith("Retelling"))


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
        events = [e for e in ledger.events if plan.holds(e)]
        if events:
            found.append(Move(plan, tuple(events), tuple(_steps(events))))
    return found


def _steps(events: Iterable[Any]) -> list[Step]:
    order = (
        "reported",
        REMARK,
        "denied",
        "not_confirmed",
        "announced",
        "agreed",
        "cleared",
        "completed",
    )  # of one day
    steps: list[tuple[dt.date, int, Step]] = []
    told = [e for e in events if not is_retelling(e)]
    days_told = {e.date for e in told if e.status in STANDING}
    for e in told:
        status = REMARK if e.speaker else e.status
        rank = order.index(status) if status in order else len(order)
        exact = e.date_precision == "day"
        steps.append((e.date, rank, Step(e.date, exact, status, f"event:{e.event}")))
        # What one event calls its outcome is often the next event of the move.
        sure = e.event not in NO_PLANS and e.event not in UNCONFIRMED
        known = e.outcome_date and e.outcome_status in STANDING and sure
        if known and e.outcome_date not in days_told:
            step = Step(e.outcome_date, True, e.outcome_status, f"outcome:{e.event}")
            steps.append((e.outcome_date, len(order), step))
    ordered = [s for _, _, s in sorted(steps, key=lambda x: (x[0], x[1]))]
    seen: set[tuple[dt.date, str]] = set()
    kept = []
    for step in ordered:
        if (step.date, step.status) not in seen:
            seen.add((step.date, step.status))
            kept.append(step)
    return kept


# -- words ------------------------------------------------------------------------------------


def word(number: Quantity) -> Phrase:
    """A count in words, with "none" for nought."""
    said = phrase("{n:w}", n=number)
    if number.value:
        return said
    return Phrase(said.md.replace(">zero<", ">none<"), "none", said.facts, said.statuses)


def short_month(day: dt.date) -> str:
    """A month as charts print it: Jul 2025."""
    return date_said(day, False, short=True).text


def ended_when(e: Any) -> Phrase | None:
    """The date of what became of an event."""
    return date_said(e.outcome_date, True, f"outcome:{e.event}") if e.outcome_date else None


def last_word(e: Any) -> Phrase:
    """What is known last of an event, with what limits the source itself."""
    title = cited(e.title.removeprefix("Press: ").rstrip(".") + ".", f"event:{e.event}")
    said = [title] if _still_said(e) else []
    if e.outcome:
        said.append(cited(e.outcome, f"outcome:{e.event}"))
    limits = caveat(e)
    return joined([*said, limits] if limits else said)


def _still_said(e: Any) -> bool:
    """Whether the last word on an event says the event itself, and not only what became of it."""
    return not e.outcome or e.event in NO_PLANS


def of_the_press(e: Any) -> bool:
    """Whether the last word on an event is a report of the press, and no officer's remark."""
    return e.status == "reported" and not e.speaker and _still_said(e)


def bare(figure: Quantity) -> Quantity:
    """A figure whose qualifier ("over", "up to") the sentence itself says."""
    low, high = figure.value - figure.low, figure.high - figure.value
    origin = Origin(figure.facts, low, high, figure.status, label=figure.label)
    made = Quantity.of(figure.value, figure.unit, origin, figure.made)
    return made.named(figure.formula)


def days(start: dt.date, end: dt.date, *origins: str) -> Quantity:
    """Days from one day to another."""
    made = Quantity.of((end - start).days, "days", Origin(origins))
    return made.named("days between the dates")


def days_between(first: Any, then: Any | None) -> Quantity | None:
    """Days from one event to another; None where the other is not known."""
    if then is None:
        return None
    return days(first.date, then.date, f"event:{first.event}", f"event:{then.event}")


def said_list(items: Iterable[str], facts: Iterable[str]) -> Phrase:
    """Names as running text, resting on events."""
    text = listed(items)
    return Phrase(escape(text), text, tuple(facts))


# -- counting ---------------------------------------------------------------------------------


def standings(found: Sequence[Move]) -> dict[str, list[Move]]:
    """Moves by where they stand: agreed, completed, announced, ended, reported."""
    groups: dict[str, list[Move]] = {
        name: [] for name in ("agreed", "completed", "announced", "ended", "reported")
    }
    for move in found:
        groups[move.standing.split(",")[0].split()[0]].append(move)
    return groups


def many(group: Sequence[Move], every: Sequence[Move] = ()) -> Quantity:
    """How many moves these are, resting on their steps, or on those of `every` for none."""
    return counted(len(group), "moves", [m.origin for m in group or every], "moves counted")


def by_standing(found: Sequence[Move]) -> dict[str, Quantity]:
    """How many moves there are, in all and by where they stand.

    `foreign` counts the ones to which Nissan is no party, `done_foreign` those of them completed;
    `remarked` the reported ones of which an officer spoke on record, `press` the other reported ones.
    """
    groups = {"all": list(found), **standings(found)}
    groups["foreign"] = [m for m in found if m.plan.kind == "partner"]
    groups["done_foreign"] = [m for m in groups["completed"] if m.plan.kind == "partner"]
    groups["remarked"] = [m for m in groups["reported"] if m.remarked]
    groups["press"] = [m for m in groups["reported"] if not m.remarked]
    return {name: many(group, found) for name, group in groups.items()}


def only_told(n: dict[str, Quantity]) -> str:
    """On what the moves rest that came no further: press reports alone, remarks on record, or both."""
    if not n["remarked"].value:
        return "on press reports alone"
    return "on reports or remarks alone" if n["press"].value else "on remarks alone"


def numbers(ledger: Ledger, p: Any) -> dict[str, Phrase] | None:
    """How many moves there are, in words, in all and by where they stand; None for none."""
    found = moves(ledger, p)
    if not found:
        return None
    n = by_standing(found)
    said = {name: word(q) for name, q in n.items()}
    more = ": {press} on the press only, {remarked} with an officer's remark on record"
    split = n["remarked"].value and n["press"].value
    return said | {"told": phrase(only_told(n) + (more if split else ""), **said)}


def without_nissan(n: dict[str, Quantity]) -> Phrase | str:
    """What to add to the count of completed moves where Nissan is no party to some of them."""
    if not n["done_foreign"].value:
        return ""
    return phrase(" ({k} of them without Nissan)", k=word(n["done_foreign"]))
