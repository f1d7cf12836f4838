"""Building kei cars in house: what was reported, denied and cancelled, and what became of it."""

from __future__ import annotations

from ..ledger import Ledger
from ..tables import Table, event_table
from ..wording import Key, Phrase, long_month, phrase

_ABOUT = ("kei_inhouse_2013", "kei_inhouse_2015", "kei_ev_inhouse", "kitakyushu_battery")


def timeline_table(ledger: Ledger) -> Table | None:
    """Every report, denial and hint on building kei cars in house, and what became of each."""
    told = [e for e in ledger.events if e.entity in _ABOUT]
    if any(e.event == "kei-ev-inhouse-denied" for e in told):  # which says it all again
        told = [e for e in told if e.event != "kei-ev-inhouse-bnn"]
    title = phrase("In-house kei cars: reported, denied, hinted at")
    return event_table(ledger, told, "inhouse-timeline", title, publishers=True)


def state(ledger: Ledger) -> Phrase:
    """Where the plan stands at this date: who reported what, who denied it, what came after."""
    reported = ledger.find("planned_start", "kei_ev_inhouse", "2024-03-08")
    names = {e.event for e in ledger.events}
    past = phrase("")
    if {"kei-plan-2013", "kei-report-2015"} <= names:
        past = phrase(
            " Reports of 2013 and 2015 that Nissan would build kei cars itself came to nothing."
            if reported
            else " Reports of 2013 and 2015 spoke of building kei cars in house."
        )
    if reported is None:
        return phrase(
            "On {day} nobody had reported a plan to build the electric kei car in house.{past}",
            day=ledger.as_of,
            past=past,
        )
    people = ledger.find("sources_count", "kei_ev_inhouse", "2024-03-08")
    who = phrase(" from {n:w} unnamed people", n=people) if people else phrase("")
    told = phrase(
        "It is not confirmed. On {day} Reuters reported{who} that Nissan may build the car at Kyushu "
        "from {start}, instead of buying it from Mitsubishi Motors.",
        day=ledger.facts[reported.facts[0]].period_end, who=who, start=reported,
    )  # fmt: skip
    if ledger.rows("planned_start", "kei_ev_inhouse", "*", ("denied",)):
        told = phrase("{t} Both companies denied it.", t=told)
    hint, end = ledger.event("kei-ev-inhouse-direction"), ledger.event("battery-plant-cancelled")
    if hint is not None:
        told = phrase(
            "{t} On {d} a Nissan vice-president said that plans were being considered in that "
            "direction, and a battery plant for kei electric cars was announced for Kitakyushu.",
            t=told, d=hint.date,
        )  # fmt: skip
    if end is not None:
        told = phrase(
            "{t} That plant was cancelled on {d}. Since then neither a confirmation nor a "
            "withdrawal of the car was found.",
            t=told, d=end.date,
        )  # fmt: skip
    return phrase("{t}{past}", t=told, past=past)


def state_key(ledger: Ledger) -> Key | None:
    """Where the plan stands as a key number: not confirmed, and what was reported or denied."""
    start = ledger.find("planned_start", "kei_ev_inhouse", "2024-03-08")
    if start is None:
        return None
    no = ledger.find("planned_start", "kei_ev_inhouse", "2024-03-08", status=("denied",))
    note = phrase("reported for {n}", n=start)
    if no is not None:
        month = long_month(ledger.facts[no.facts[0]].period_end)
        note = phrase("{t}, denied by both companies in {m}", t=note, m=month)
    return Key(phrase("The Sakura built by Nissan itself"), phrase("Not confirmed"), note)
