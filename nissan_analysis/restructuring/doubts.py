"""What was announced when, what is still open, and where sources disagree."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from ..china.levels import DFAC_LEFT
from ..ledger import Disagreement, Ledger
from ..provenance import date_said, limited, when
from ..quantity import counted
from ..tables import Cell, Table, disagreement_table, event_table
from ..wording import Phrase, capital, cited, joined, listed, long_month, phrase
from .exits import in_country
from .output import RENAULT_OUT
from .plan import TARGET, break_even, percent, plan
from .plants import (
    ANNOUNCED,
    NOT_NISSAN,
    THAI,
    at_stake,
    capacity,
    end_text,
    ending,
    fate_text,
    seven,
)
from .sheet import about
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
    "thailand-named",
    "seven-plants-list",
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
    """Announcements in order, what each changed, and what became of it by this date."""
    rows = sorted(
        (e for key in STEPS if (e := ledger.event(key)) is not None), key=ledger.events.index
    )
    return event_table(
        ledger,
        rows,
        "steps",
        phrase("What was announced or reported, what it changed, and what became of it"),
        [_changed(ledger, e) for e in rows],
        phrase("A dash under what it changed: no figure of the plan."),
    )


def _changed(ledger: Ledger, event: Any) -> Cell:
    """The figures of the plan that an event moved."""
    plan_ = plan(ledger)
    if event.event == "nissan-next":
        aim = ledger.find("capacity", "nissan", "FY2023", status=TARGET)
        return phrase("Capacity: to {n:,}", n=aim) if aim else None
    if event.event == "turnaround-2024" and plan_.jobs_first is not None:
        said = phrase("Jobs to go: {n:,}", n=plan_.jobs_first)
        if plan_.wide is None or plan_.wide_left is None:
            return said
        more = "{s}. Capacity with China: {a:q.1m}m to {b:.1m}m"
        return phrase(more, s=said, a=plan_.wide, b=plan_.wide_left)
    if event.event == "re-nissan" and plan_.known:
        return phrase(
            "Jobs to go: {a:,} to {b:,}. Plants: {c:d} to {d:d}. Capacity without China: {e:.1m}m to {f:.1m}m",
            a=plan_.jobs_first,
            b=plan_.jobs,
            c=plan_.plants,
            d=plan_.plants_left,
            e=plan_.capacity,
            f=plan_.capacity_left,
        )
    plant = next((k for k, name in ANNOUNCED.items() if name == event.event), None)
    if plant is None or plant not in seven(ledger):
        return None
    order = sorted(seven(ledger), key=lambda k: ledger.events.index(ledger.event(ANNOUNCED[k])))
    nth = counted(order.index(plant) + 1, "plants", [f"event:{event.event}"])
    parts = [phrase("Exit {n:d} of those named", n=nth)]
    if (room := capacity(ledger, plant)) is not None and plant not in THAI:
        parts.append(phrase("capacity {n:q~,}", n=room))
    if (staff := at_stake(ledger, plant)) is not None:
        parts.append(staff)
    return joined(parts, "; ")


def still_open(ledger: Ledger) -> list[Phrase]:
    """Questions without an answer at this date: ends that are past or reported, then the rest."""
    found: list[Phrase] = []
    far = ledger.as_of + dt.timedelta(36500)
    for plant in sorted(ledger.plants.values(), key=lambda x: x.end_date or far):
        if plant.plant in NOT_NISSAN or plant.plant == THAI[1]:
            continue
        told = [e for e in about(ledger, plant.plant) if e.category != "jobs"]
        loose = [e for e in told if e.outcome_status in ("open", "not_found")]
        end = plant.end_date
        if ending(ledger, plant.plant):
            waits = plant.status in ("announced", "reported") and end is not None
            if not waits or end > ledger.as_of:
                continue
            said = "The date, {end}, has passed; what happened then was not found."
            if plant.status == "reported":
                said = "The date reported, {end}, has passed; whether anything happened then was not found."
        elif any(e.entity.endswith(plant.plant) and e.status == "reported" for e in loose):
            said = ""
        else:
            continue
        fate = fate_text(ledger, plant)
        parts = [
            phrase("**{name}**: {f}", name=in_country(ledger, plant.plant), f=fate if fate.text.endswith(".") else phrase("{f}.", f=fate)),
            *([phrase(said, end=end_text(plant))] if said else []),
        ]  # fmt: skip
        if loose and loose[-1].event not in ANNOUNCED.values():
            parts.append(_last(loose[-1]))
        found.append(joined(parts))
    use, before = use_of(ledger, "tochigi"), use_of(ledger, "oppama")
    if use and before and use.rate.high < before.rate.low and ledger.event("oppama-end"):
        found.append(
            phrase(
                "**Tochigi** (Japan): {u} of its capacity was used in {y}, less than the {o} of {z} at Oppama, whose "
                "end is announced. No decision about Tochigi is known.",
                u=percent(use.rate),
                y=use.year,
                o=percent(before.rate),
                z=before.year,
            )
        )
    if plan(ledger).jobs is not None:
        jobs = phrase("**Jobs**: how many of the planned cuts have been made was not found.")
        word = ledger.event("job-cuts-count-2025")
        found.append(joined([jobs, _last(word)]) if word else jobs)
    return found


def _last(event: Any) -> Phrase:
    """The last word on a question, called a report where it is one: what became of it, if known."""
    if event.outcome and event.outcome_date:
        return phrase(
            "Last word, {d}: {t}",
            d=date_said(event.outcome_date, True, f"outcome:{event.event}"),
            t=cited(event.outcome, f"outcome:{event.event}"),
        )
    title = capital(cited(event.title.removeprefix("Press: "), f"event:{event.event}"))
    how = "reported " if event.status == "reported" else ""
    return limited(phrase("Last word, {how}{d}: {t}.", how=how, d=when(event), t=title), event)


def disagreements(ledger: Ledger) -> Table | None:
    """Where sources give different figures for one thing, and which is used."""
    plants = set(ledger.plants) | {"nissan", "nissan_us", "nissan_japan", "nissan_china"}
    found = ledger.disagreements(plants - {"yancheng"}, DOUBTED)
    own = len(found)
    for one, other, why in PAIRS:
        if one in ledger.facts and other in ledger.facts:
            a, b = ledger.facts[one], ledger.facts[other]
            found.append(Disagreement(a.entity, a.metric, a.period, a.basis, (a, b), why))
    table = disagreement_table(ledger, found)
    pairs = found[own:]
    if table is None or not pairs:
        return table
    more = phrase(
        "{k:w} of these differ in date or scope as well; the briefing's annex, which lists contradictions about one "
        "thing and period, leaves them out.",
        k=counted(len(pairs), "figures", [f.fact for d in pairs for f in d.facts]),
    )
    note = capital(more) if table.note is None else phrase("{a} {b}", a=table.note, b=capital(more))
    return replace(table, note=note)


#: Pairs that differ in date or scope, so that no rule of the ledger sets them against each other.
PAIRS: tuple[tuple[str, str, str], ...] = (
    (
        "nissan-us-employees-2025-04-01-business-district",
        "nissan-us-employees-2025-05-13-autoua",
        "open: neither source says whom it counts",
    ),
    (
        "compas-employees-2025-10-24-el-rumbo",
        "compas-jobs-affected-2025-11-03-newsbytes",
        "open: employees against people said to be affected",
    ),
    (
        "oppama-utilisation-2024-yomiuri-shimbun",
        "oppama-utilisation-fy2024-real-kakeibo-com",
        "the newspaper is used; the other is a blog's own estimate",
    ),
)


_KINDS = {"announced": "announcements", "agreed": "agreements", "cancelled": "a cancellation"}


def steps_text(ledger: Ledger) -> Phrase:
    """How many of the steps have a known outcome."""
    known = [e for key in STEPS if (e := ledger.event(key)) is not None]
    if len(known) < 4:
        return phrase("Little of the restructuring is on record on {day}.", day=ledger.as_of)
    ids = [f"event:{e.event}" for e in known]
    return phrase(
        "Of the {n:w} steps in the table {k:w} were reports in the press, the others {others}. For {m:w} of all a "
        "word on what became of it was found.",
        others=listed([_KINDS[s] for s in _KINDS if any(e.status == s for e in known)]),
        n=counted(len(known), "steps", ids),
        k=counted(sum(e.status == "reported" for e in known), "steps", ids),
        m=counted(sum(bool(e.outcome) for e in known), "steps", ids),
    )


def open_text(ledger: Ledger) -> Phrase:
    """Whether questions are open."""
    if not still_open(ledger):
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
            "in {dfac}, Renault-brand cars built in India leave in {renault}. Growth across them is "
            "given as published or on Nissan's like-for-like base."
        )
    elif ledger.as_of >= DFAC_LEFT:
        said += (
            " One change of definition cuts through the output series: light commercials of DFAC leave China "
            "in {dfac}. Growth across it is given as published."
        )
    return phrase(
        said + " Break-even at {level:.0%} is an assumption.",
        level=break_even(ledger, p),
        dfac=long_month(DFAC_LEFT),
        renault=long_month(RENAULT_OUT),
    )
