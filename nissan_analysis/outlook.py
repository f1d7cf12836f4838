"""What to watch: ends that are due or overdue, and what is open without a date."""

from __future__ import annotations

from typing import Any

from .ledger import Ledger
from .provenance import caveat, in_month, when
from .quantity import counted
from .restructuring import exits, plants
from .wording import Phrase, capital, cited, phrase

MOST = 4  # open questions told; the others are counted


def due(ledger: Ledger) -> list[Phrase]:
    """The plants whose end is to come, then those whose date has passed without a confirmation."""
    dated = sorted(
        (
            x
            for x in ledger.plants.values()
            if x.end_date and x.status in ("announced", "reported") and x.one_of_seven != "unclear"
        ),
        key=lambda x: (x.end_date, x.plant),
    )
    if not dated:
        return []
    ahead = [x for x in dated if x.end_date > ledger.as_of]
    overdue = [x for x in dated if x.end_date <= ledger.as_of]
    n = counted(len(dated), "plants", [f"plant:{x.plant}" for x in dated])
    head = phrase(
        "{n:w} {what} with an end announced or reported that is still ahead, or whose date has passed "
        "without confirmation:",
        n=n,
        what="plant" if len(dated) == 1 else "plants",
    )
    said = [_plant_line(ledger, x, "**{day}**: {plant}. {fate}") for x in ahead]
    for x in overdue:
        told = "Was due by {day}, not confirmed"
        if x.status == "reported":
            told = "Reported for {day}" + (
                ", and denied" if plants.refuted(ledger, x.plant) else ""
            )
        said.append(_plant_line(ledger, x, f"**{told}**: {{plant}}. {{fate}}"))
    return [capital(head), *said]


def undecided(ledger: Ledger) -> list[Phrase]:
    """What was reported or agreed and has no known end nor date, latest first, under its count.

    Of a clearance the note says what is open behind it.
    """
    loose = [
        e
        for e in ledger.events
        if e.outcome_status in ("open", "not_found")
        and e.status in ("reported", "announced", "agreed", "cleared")
        and e.category in ("alliance", "export", "production")
    ]
    if not loose:
        return []
    loose.sort(key=lambda e: (e.date, e.event), reverse=True)
    ids = [f"event:{e.event}" for e in loose]
    every, shown = counted(len(ids), "events", ids), counted(MOST, "events", ids[:MOST])
    how_many = "{n:w}" if len(ids) <= MOST else "the latest {m:w} of {n:w}"
    head = phrase(f"Open, without a date ({how_many}):", n=every, m=shown)
    said = [
        phrase(
            "{title} ({status}, {day}).{left}",
            title=cited(e.title, f"event:{e.event}", ledger.source_label(e.source)),
            status=e.told_as,
            day=when(e) if e.date_precision == "day" else in_month(e),
            left=phrase(" {n}", n=left) if (left := _left(e)) else "",
        )
        for e in loose[:MOST]
    ]
    return [head, *said]


def _left(event: Any) -> Phrase | None:
    """What is open behind a step that is taken, or what limits the source."""
    if event.status == "cleared" and event.note:
        return cited(event.note, f"event:{event.event}")
    return caveat(event)


def _plant_line(ledger: Ledger, plant: Any, template: str) -> Phrase:
    name, fate = exits.in_country(ledger, plant.plant), cited(plant.fate, f"plant:{plant.plant}")
    return phrase(template, day=plants.end_text(plant), plant=name, fate=fate)
