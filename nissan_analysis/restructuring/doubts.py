"""What was announced when, what is still open, and where sources disagree."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ..ledger import Ledger
from ..periods import label_period
from ..quantity import Quantity, counted
from ..tables import Column, Table
from ..wording import Phrase, cited, joined, phrase
from .output import DFAC_OUT, RENAULT_OUT
from .plan import break_even, percent
from .plant import event_table
from .use import use_of

#: The announcements and reports that changed the plan.
STEPS = (
    "nissan-next",
    "turnaround-2024",
    "thailand-2024",
    "santa-isabel-announced",
    "chennai-agreed",
    "loss-warning-2025",
    "wuhan-reported",
    "battery-plant-cancelled",
    "re-nissan",
    "seven-plants-list",
    "thailand-2025",
    "foxconn-oppama-reported",
    "oppama-end",
    "shonan-end",
    "civac-end",
    "foxconn-left",
    "compas-end",
    "rosslyn-chery",
    "nine-month-results-2025",
    "europe-2026",
    "chery-sunderland",
)
DOUBTED = ("capacity", "utilisation", "production", "employees", "jobs_affected", "plants")


def steps(ledger: Ledger) -> Table | None:
    """Announcements in order, each with what became of it as known at this date."""
    rows = [e for key in STEPS if (e := ledger.event(key)) is not None]
    return event_table(
        ledger,
        sorted(rows, key=lambda e: e.date),
        "steps",
        phrase("What was announced or reported, and what became of it"),
    )


def still_open(ledger: Ledger) -> list[Phrase]:
    """Questions without an answer at this date."""
    known = {e.event for e in ledger.events}
    found = []
    if "wuhan-reported" in known:
        said = (
            "**Wuhan** (China, outside the count of plants): the press reported on 26 April 2025 that it "
            "stops by March 2026. "
        )
        if "wuhan-denied" in known:
            said += "Dongfeng Motor and the joint venture denied it four days later. "
        found.append(phrase(said + _later(ledger, dt.date(2026, 3, 31), "What happened")))
    if "compas-end" in known:
        said = "**COMPAS**: its end was announced for 31 May 2026. "
        said += _later(ledger, dt.date(2026, 5, 31), "Whether it ended then")
        if "compas-bidders" in known:
            said += (
                " In February 2026 the press named BYD, Geely and VinFast as the last bidders for it; no "
                "sale was found."
            )
        found.append(phrase(said))
    if "civac-end" in known:
        said = "**CIVAC** (Mexico): its end was announced for March 2026. "
        found.append(phrase(said + _later(ledger, dt.date(2026, 3, 31), "Whether it ended then")))
    if "rosslyn-chery" in known:
        said = "**Rosslyn**: the sale to Chery was agreed in January 2026 for mid-2026. "
        found.append(
            phrase(said + _later(ledger, dt.date(2026, 6, 30), "Whether it was completed"))
        )
    if "europe-2026" in known:
        said = "**Sunderland**: the press reported in May 2026 that one line is to close"
        if "chery-sunderland" in known:
            said += " and in June 2026 a deal with Chery; "
            if "chery-sunderland-mou" in known:
                said += "another paper called it a memorandum that does not bind, and "
            said += "only headlines and first lines are in hand, no terms"
        found.append(phrase(said + "."))
    use, before = use_of(ledger, "tochigi"), use_of(ledger, "oppama")
    if use and before and use.rate.high < before.rate.low and "oppama-end" in known:
        found.append(
            phrase(
                "**Tochigi**: {u} of its capacity was used in {y}, less than the {o} of {z} at Oppama, whose "
                "end is announced. No decision about Tochigi is known.",
                u=percent(use.rate),
                y=use.year,
                o=percent(before.rate),
                z=before.year,
            )
        )
    if "re-nissan" in known:
        found.append(phrase("**Jobs**: how many of the planned cuts have been made was not found."))
    return found


def _later(ledger: Ledger, day: dt.date, what: str) -> str:
    return (
        f"That date has passed; {what[0].lower()}{what[1:]} was not found."
        if ledger.as_of > day
        else "That date is still ahead."
    )


def disagreements(ledger: Ledger) -> Table | None:
    """Where sources give different figures for one thing, and which is used."""
    rows: list[tuple[Any, ...]] = []
    plants = set(ledger.plants) | {"nissan", "nissan_us", "nissan_japan", "nissan_china"}
    for d in ledger.disagreements(plants - {"yancheng"}, DOUBTED):
        what = f"{ledger.entities[d.entity].label}: {ledger.metrics[d.metric].label.lower()}"
        used = next((f for f in d.facts if f.rank == "preferred"), None)
        rows.append(
            (
                cited(what, d.facts[0].fact),
                label_period(*d.period) if d.period[0].year > 1990 else "to date",
                _values(ledger, d.facts),
                _one(ledger, used) if used else None,
                cited(d.ruling, f"note:{d.facts[0].fact}") if d.ruling else None,
            )
        )
    rows += _by_hand(ledger)
    if not rows:
        return None
    columns = (
        Column("Figure", align="left"),
        Column("Period", align="left"),
        Column("Printed", align="left"),
        Column("Used", align="left"),
        Column("Why", align="left"),
    )
    return Table.of(
        "disagreements",
        phrase("Where sources disagree"),
        columns,
        rows,
        phrase("A dash under Used: left open."),
    )


def _one(ledger: Ledger, row: Any) -> Phrase:
    spec = f"{{n:q~.{max(row.decimals, 0)}%}}" if row.unit == "percent" else "{n:q~,}"
    return phrase(spec, n=ledger.fact(row.fact))


def _values(ledger: Ledger, rows: Any) -> Phrase:
    seen: dict[float, Phrase] = {}
    for row in rows:
        seen.setdefault(row.value, _one(ledger, row))
    return joined(list(seen.values()), "; ")


#: Pairs that differ in date or scope, so that no rule of the ledger sets them against each other.
PAIRS: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "US staff",
        "nissan-us-employees-2025-04-01-business-district",
        "nissan-us-employees-2025-05-13-autoua",
        "2025",
        "open: neither source says whom it counts",
    ),
    (
        "COMPAS staff",
        "compas-employees-2025-10-24-el-rumbo",
        "compas-jobs-affected-2025-11-03-newsbytes",
        "2025",
        "open: employees against people said to be affected",
    ),
    (
        "Oppama use",
        "oppama-utilisation-2024-yomiuri-shimbun",
        "oppama-utilisation-fy2024-real-kakeibo-com",
        "2024",
        "the newspaper is used; the other is a blog's own estimate",
    ),
)


def _by_hand(ledger: Ledger) -> list[tuple[Any, ...]]:
    rows = []
    for what, first, second, when, why in PAIRS:
        if first in ledger.facts and second in ledger.facts:
            used: Quantity | None = None
            if not why.startswith("open"):
                used = ledger.fact(first)
            both = [ledger.facts[first], ledger.facts[second]]
            rows.append(
                (what, when, _values(ledger, both), _one(ledger, both[0]) if used else None, why)
            )
    return rows


def steps_text(ledger: Ledger) -> Phrase:
    """How many of the steps have a known outcome."""
    known = [e for key in STEPS if (e := ledger.event(key)) is not None]
    if len(known) < 4:
        return phrase("Little of the restructuring is on record on {day}.", day=ledger.as_of)
    ids = [f"event:{e.event}" for e in known]
    return phrase(
        "Of the {n:w} steps in the table {k:w} were reports in the press, the others announcements or "
        "agreements. For {m:w} of all a later word was found.",
        n=counted(len(known), "steps", ids),
        k=counted(sum(e.status == "reported" for e in known), "steps", ids),
        m=counted(sum(bool(e.outcome) for e in known), "steps", ids),
    )


def open_text(ledger: Ledger) -> Phrase:
    """How many questions are open."""
    found = still_open(ledger)
    if not found:
        return phrase(
            "No question of this report is open on {day}: no plan is on record.", day=ledger.as_of
        )
    return phrase("On {day} no source was found that settles these points.", day=ledger.as_of)


def sure(ledger: Ledger, p: Any) -> Phrase:
    """What the figures rest on, in one paragraph."""
    said = (
        "Company totals come from Nissan's releases or several newspapers and agree; figures for single "
        "plants rest on one or two newspapers each."
    )
    if ledger.as_of >= RENAULT_OUT:
        said += (
            " Two changes of definition cut through the output series: light commercials of DFAC leave China "
            "in October 2022, Renault-brand cars built in India leave in August 2025. Growth across them is "
            "given as published or on Nissan's like-for-like base."
        )
    elif ledger.as_of >= DFAC_OUT:
        said += (
            " One change of definition cuts through the output series: light commercials of DFAC leave China "
            "in October 2022. Growth across it is given as published."
        )
    return phrase(
        said + " Break-even at {level:.0%} is an assumption.", level=break_even(ledger, p)
    )
