"""What becomes of a plant's work, and what no source tells of the plant."""

from __future__ import annotations

import re
from typing import Any

from ..ledger import ACTUAL, Ledger
from ..periods import label_period
from ..wording import Phrase, cited, joined, listed, lowered, phrase
from .doubts import still_open
from .figures import facts_of
from .oppama import kyushu
from .plant_keys import output, staff, yearly_rows
from .plants import capacity, label
from .use import use_of

#: Where the work goes, where no other plant's fate says it.
WORK = {
    "santa_isabel": "Production of the Frontier was to go to CIVAC in Mexico; since CIVAC's own end was announced, the press names Aguascalientes.",
    "chennai": "Nissan's models go on being built there, by Renault under contract.",
    "samut_prakan_1": "The two Thai plants are to become one, so the work stays in the place.",
    "samut_prakan_2": "The two Thai plants are to become one, so the work stays in the place.",
    "shonan": "Who is to build its models is not in the sources.",
    "compas": "Who is to build its models, if anybody, is not in the sources.",
    "rosslyn": "No plant is named that takes over its models; the plant itself is to go to Chery.",
    "changzhou": "Who builds what the plant built is not in the sources.",
}

#: How a fate begins that takes in the work of another plant.
TAKES = "Is to take over"


def work(ledger: Ledger, p: Any) -> Phrase | None:
    """Who receives the plant's work, or whose work it receives."""
    plant = ledger.plants[p.plant]
    own, lead = plant.label.partition(" (")[0], phrase("**Its work.**")
    others = [o for o in ledger.plants.values() if o.fate and o.plant != p.plant]
    to = [o for o in others if re.search(rf"{TAKES} .*\b{re.escape(own)}\b", o.fate)]
    if to:
        said = [_taker(ledger, o) for o in to]
        if p.plant == "oppama" and (more := kyushu(ledger, p)) is not None:
            said = [more]
        return joined([lead, *said])
    givers = [o for o in others if re.search(rf"{TAKES} .*\b{re.escape(o.label)}\b", plant.fate)]
    if givers and (more := kyushu(ledger, p) if p.plant == "kyushu" else None) is not None:
        return joined([lead, more])
    said = [
        phrase(
            "It is to receive work of {giver}: {fate}",
            giver=label(ledger, o.plant),
            fate=cited(
                _first(o),
                f"plant:{o.plant}",
            ),
        )
        for o in givers
    ]
    if said:
        return joined([lead, *said])
    if plant.fate and p.plant in WORK:
        return phrase("**Its work.** " + WORK[p.plant])
    return None


def _first(giver: Any) -> str:
    """The first part of a plant's fate, which tells of its end."""
    fate = str(giver.fate).partition("; ")[0].rstrip(".") + "."
    return fate if giver.label in fate else lowered(fate)


def _taker(ledger: Ledger, other: Any) -> Phrase:
    jobs = ledger.latest("jobs_added", other.plant, status=(*ACTUAL, "target"))
    said = "It is to go to {name}, which " + (
        "{fate}" if jobs is None else "{fate}; {n:q~,} jobs are planned there."
    )
    fate = lowered(other.fate)
    return phrase(
        said,
        name=label(ledger, other.plant),
        fate=cited(fate if jobs is None else fate.rstrip("."), f"plant:{other.plant}"),
        n=jobs.quantity if jobs else None,
    )


def _no_output(ledger: Ledger, plant: str) -> str:
    """Of which years no source gives the plant's output; empty where it follows from others."""
    if output(ledger, plant) is None:
        return "" if use_of(ledger, plant) else "output of a year"
    years = {r.period_end: label_period(*r.period) for r in yearly_rows(ledger, plant)}
    if not years:
        return "output of all its vehicles"
    return "output of any year but " + listed(years[end] for end in sorted(years))


def unknown(ledger: Ledger, p: Any) -> Phrase | None:
    """What no source of this date tells of the plant, in one paragraph."""
    plant = ledger.plants[p.plant]
    if not plant.sources and not facts_of(ledger, p.plant):
        return None
    said = []
    if plant.status == "running":  # of the others the title and the events tell it
        # Its fate and the events stand on the sheet already; what compares it with others does not.
        own = [q for q in still_open(ledger) if q.md.startswith(f"**{plant.label}")]
        said = [q for q in own if not plant.fate or plant.fate not in q.text]
    if plant.status != "cancelled":
        missing = [
            what
            for what, found in (
                ("capacity", capacity(ledger, p.plant)),
                ("staff", staff(ledger, p.plant)),
                (_no_output(ledger, p.plant), None),
            )
            if what and found is None
        ]
        if missing:
            said.append(phrase("Not in the sources: its {w}.", w=listed(missing, "or")))
    return joined([phrase("**Not known.**"), *said]) if said else None
