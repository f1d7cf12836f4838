"""The scoreboard: what the press reported or an officer said, what the company said, and what became of it.

A report counts as one plan; a retelling of it does not count again. A plan *came about* when an
agreement, an announcement or more followed; it *ended* when it was cancelled or overtaken. The
plans are those that happened to be found, not a sample; the report says so beside their share.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..ledger import Ledger
from ..provenance import caveat, when
from ..quantity import Origin, Quantity, counted, share, total
from ..tables import Cell, Column, Table
from ..wording import Phrase, capital, capitalised, cited, phrase
from .answers import said_of
from .due import overdue
from .moves import days, ended_when, partners_of, word
from .plans import NO_PLANS, PLANS, UNCONFIRMED

#: Reports of a plan that another report had told of first.
RETELLINGS = {
    "chery-sunderland": "chery-sunderland-mou",
    "honda-partnership-reported": "honda-nikkei-week",
    "kei-ev-inhouse-bnn": "kei-ev-inhouse-reported",
    "kei-ev-inhouse-direction": "kei-ev-inhouse-reported",
}
CAME = ("agreed", "cleared", "completed", "announced")
PARTLY = ("partly",)
ENDED = ("cancelled", "lapsed", "denied")
OUTCOMES = {
    "came": "came about",
    "partly": "came about in part",
    "ended": "came to nothing",
    "unconfirmed": "ended, by an unconfirmed report",
    "open": "open",
    "unknown": "nothing found",
}
#: A denial counts as the answer to a report of the same thing within this many days.
ANSWER_DAYS = 31
STALE_DAYS = 182


@dataclass(frozen=True)
class Report:
    """One plan as the press first told it, and what became of it."""

    event: Any
    retellings: tuple[Any, ...]
    answer: Any | None  #: the company's, when there is one: a denial, or that it does not confirm

    @property
    def result(self) -> str:
        """A key of `OUTCOMES`."""
        status = self.event.outcome_status
        if status in ENDED and self.event.event in UNCONFIRMED:
            return "unconfirmed"
        for name, statuses in (("came", CAME), ("partly", PARTLY), ("ended", ENDED)):
            if status in statuses:
                return name
        return "unknown" if status == "not_found" else "open"

    @property
    def settled(self) -> bool:
        return self.result in ("came", "partly", "ended")

    @property
    def remark(self) -> bool:
        """Whether the plan was first told on record, by an officer of a company."""
        return bool(self.event.speaker)

    @property
    def origin(self) -> str:
        return f"event:{self.event.event}"

    @property
    def wait(self) -> Quantity | None:
        """Days from the report to its end or fulfilment, where both days are known."""
        e = self.event
        # That a plan lapsed is known from a later article; the day of that is not the day of the end.
        if not self.settled or e.outcome_date is None or e.outcome_status == "lapsed":
            return None
        origins = (f"event:{e.event}", f"outcome:{e.event}")
        found = days(e.date, e.outcome_date, *origins)
        if e.date_precision == "day" or found.value < 0:
            return found if found.value >= 0 else None
        # The report came on some day of its month: this many days at most.
        label = "at most: days from the first of the month of the report"
        return Quantity.of(found.value, "days", Origin(origins, qualifier="up_to")).named(label)


def reports(ledger: Ledger, keep: Callable[[Any], bool] = lambda _: True) -> list[Report]:
    """Plans that the press reported or an officer spoke of by this date, in order of the first report."""
    known = {e.event: e for e in ledger.events}
    found = []
    for e in ledger.events:
        if e.status != "reported" or e.event in NO_PLANS or not keep(e):
            continue
        if RETELLINGS.get(e.event) in known:
            continue
        again = tuple(
            known[r] for r, first in RETELLINGS.items() if first == e.event and r in known
        )
        found.append(Report(e, again, _answer(ledger, e)))
    return found


def _answer(ledger: Ledger, e: Any) -> Any | None:
    for other in ledger.events:
        about = other.answers and other.entity == e.entity
        if about and 0 <= (other.date - e.date).days <= ANSWER_DAYS:
            return other
    return None


def partner_reports(ledger: Ledger, p: Any) -> list[Report]:
    """Reported plans with one of the chosen partners that belong to a move."""

    def keep(e: Any) -> bool:
        belongs = any(plan.holds(e) for plan in PLANS if plan.partner in p.partners)
        return belongs and bool(partners_of(e) & set(p.partners))

    return reports(ledger, keep)


def other_reports(ledger: Ledger) -> list[Report]:
    """Reported plans that no move with a partner holds: plants, capacity, models."""
    held = {r.event.event for r in partner_reports(ledger, _Everyone())}
    return reports(ledger, lambda e: e.event not in held)


class _Everyone:
    partners = tuple(dict.fromkeys(plan.partner for plan in PLANS))


# -- counting ---------------------------------------------------------------------------------


def tally(found: Sequence[Report], as_of: dt.date) -> dict[str, Quantity] | None:
    """Count reported plans by what became of them; None for none.

    Keys: all, those of `OUTCOMES`, settled, undecided (the others), and stale: of those undecided,
    the ones reported more than `STALE_DAYS` ago. By who told of them first: press and remarks (on
    record); later: those of the press of which an officer spoke on record later; came_remarks and
    partly_remarks: what became of the remarks.
    """
    if not found:
        return None
    everyone = [r.origin for r in found]

    def number(rows: Sequence[Report]) -> Quantity:
        facts = [r.origin for r in rows] or everyone
        return counted(len(rows), "plans", facts, "counted in the scoreboard")

    groups = {name: [r for r in found if r.result == name] for name in OUTCOMES}
    groups |= {
        "all": list(found),
        "settled": [r for r in found if r.settled],
        "undecided": [r for r in found if not r.settled],
    }
    remarks = [r for r in found if r.remark]
    groups |= {
        "remarks": remarks,
        "press": [r for r in found if not r.remark],
        "later": [r for r in found if not r.remark and any(e.speaker for e in r.retellings)],
        "came_remarks": [r for r in remarks if r.result == "came"],
        "partly_remarks": [r for r in remarks if r.result == "partly"],
    }
    groups["stale"] = [r for r in groups["undecided"] if (as_of - r.event.date).days > STALE_DAYS]
    return {name: number(rows) for name, rows in groups.items()}


def counts(ledger: Ledger, p: Any) -> dict[str, Quantity] | None:
    """The counts of the scoreboard."""
    return tally(partner_reports(ledger, p), ledger.as_of)


def told_first(made: dict[str, Quantity]) -> Phrase:
    """Who told of the plans first, the press or an officer on record, as it follows the word "plans"."""
    if not made["remarks"].value:
        return phrase(" that the press reported")
    text = " ({p} first told by the press, {r} by an officer on record)"
    if not made["press"].value:
        text = " first told by an officer on record"
    return phrase(text, p=word(made["press"]), r=word(made["remarks"]))


def other_counts(ledger: Ledger) -> dict[str, Quantity] | None:
    """The counts of the reports on plants and models."""
    return tally(other_reports(ledger), ledger.as_of)


def came_true(*tallies: dict[str, Quantity] | None) -> Phrase | None:
    """The share of reported plans that came true, in full and with those in part."""
    known = [t for t in tallies if t is not None]
    if not known or (every := total(t["all"] for t in known)).value < 5:
        return None
    full, part = (total(t[name] for t in known) for name in ("came", "partly"))
    return phrase(
        "Of all {n:,} plans told of here, {a:.0%} came about in full and {b:.0%} in full or in part. {u:.0%} have no "
        "end that is known and confirmed, so these shares may still rise; and the plans are those that were found, not a sample.",
        n=every,
        a=share(full, every),
        b=share(full + part, every),
        u=share(total(t["undecided"] for t in known), every),
    )


# -- tables -----------------------------------------------------------------------------------


def scoreboard(ledger: Ledger, p: Any) -> Table | None:
    """What was reported, what the company said, what became of it, and after how many days."""
    return _board(
        "scoreboard",
        ledger,
        partner_reports(ledger, p),
        "{n:w} plans with a partner{told}; {k} led to an agreement",
        "{n:w} plan with a partner{told}",
    )


def other_board(ledger: Ledger) -> Table | None:
    """The same for reported plans about plants, capacity and models; denials have their own table."""
    return _board(
        "scoreboard-others",
        ledger,
        other_reports(ledger),
        "{n:w} reported plans about plants and models; {k} came about in full",
        "{n:w} reported plan about plants and models",
        answers=False,
    )


def _board(
    id: str, ledger: Ledger, found: Sequence[Report], many: str, one: str, answers: bool = True
) -> Table | None:
    made = tally(found, ledger.as_of)
    if made is None:
        return None
    columns = [
        Column("What was reported", align="left"),
        Column("When", align="left"),
        Column("What the company said", align="left"),
        Column("What became of it", align="left"),
        Column("Days", "q,"),
    ]
    rows: list[list[Cell]] = [
        [
            cited(_plain(r.event.title), r.origin),
            when(r.event, short=True),
            said_of(r),
            _became(r, (not r.settled and overdue(ledger, r.event)) or None),
            r.wait,
        ]
        for r in found
    ]
    if not answers:
        columns, rows = [c for i, c in enumerate(columns) if i != 2], [r[:2] + r[3:] for r in rows]
    title = capital(
        phrase(
            many if len(found) > 1 else one,
            n=made["all"],
            k=word(made["came"]),
            told=told_first(made),
        )
    )
    note = phrase(
        "Days run from the first report to the agreement or the end; up to, where only the "
        "month of the report is known. A dash: open, unconfirmed, no date of the end, or no answer found."
        "{remarks}",
        remarks=" On record: said by an officer of the company, not by unnamed people; a remark announces nothing."
        if made["remarks"].value or made["later"].value
        else "",
    )
    return Table.of(id, title, columns, rows, note)


def _plain(title: str) -> str:
    return capitalised(title.removeprefix("Press: ").removeprefix("Retelling: "))


def _became(r: Report, late: Phrase | None) -> Phrase:
    e = r.event
    word = OUTCOMES[r.result]
    lead = capitalised(word)
    done = ended_when(e) if r.settled else None
    head = phrase("**{w}**, {d}. ", w=lead, d=done) if done else phrase("**{w}.** ", w=lead)
    head = phrase("{h} ", h=late) if late else head
    limits = caveat(e)
    if limits:
        head = phrase("{h}{l} ", h=head, l=limits)
    if not e.outcome:
        return head
    return phrase("{h}{o}", h=head, o=cited(e.outcome, f"outcome:{e.event}"))
