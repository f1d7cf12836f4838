"""The key numbers of a plant sheet, each with its day and how many publishers print it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from ..ledger import ACTUAL, Ledger
from ..periods import label_period
from ..quantity import Quantity, counted, worst
from ..wording import Key, Phrase, capitalised, key, long_month, phrase
from .plan import break_even, percent, span
from .plants import ANNOUNCED, NOT_NISSAN, capacity, end_text, worded
from .use import printed, use_of

ENDS = {
    "announced": "Date announced",
    "reported": "End as reported",
    "closed": "Ended",
    "sold": "Sold",
    "cancelled": "Cancelled",
}
STAFF = (
    ("employees", ("whole_site", None, "incl_development", "permanent", "production_staff")),
    ("jobs_affected", (None,)),
)


def publishers(ledger: Ledger, rows: Sequence[Any]) -> tuple[list[str], Any]:
    """Who prints a figure, the best source first and of equals the latest; and its row."""
    grades = ("green", "amber", "red")
    latest = list(rows)[::-1]
    ordered = sorted(latest, key=lambda r: grades.index(ledger.sources[r.source].quality))
    names = [ledger.sources[r.source].publisher.partition(" (")[0] for r in ordered]
    return list(dict.fromkeys(names)), ordered[0]


def keys(ledger: Ledger, p: Any) -> list[Key]:
    """Capacity, latest output, its share of the country's, use, staff and end, each only if known."""
    plant, found = ledger.plants[p.plant], []
    if (room := capacity(ledger, p.plant)) is not None:
        found.append(
            key("Capacity a year", "{n:q~,}", "{w}", n=room, w=_room(ledger, p.plant, room))
        )
    use = use_of(ledger, p.plant)
    if (made := output(ledger, p.plant)) is not None:
        value, told = made
        same = use is not None and use.output is not None and use.output.facts == value.facts
        built = printed(ledger, use) if use is not None and same else span(value)
        found.append(key("Vehicles built", "{n}", "{w}", n=built, w=told))
    elif (rate := yearly(ledger, p.plant)) is not None:
        note = f"Told in {long_month(rate[1])}, year not named"
        found.append(key("Vehicles built a year", "{n:q~,}", note, n=rate[0]))
    if (part := of_country(ledger, p.plant)) is not None:
        found.append(part)
    if use is not None:
        shown = percent(use.rate) if use.printed is None else phrase("{n:q.0%}", n=use.printed)
        note = "{year}" + (", estimate" if use.rate.status == "estimate" else "")
        note += "; break-even put at {level:.0%}"
        level = break_even(ledger, p)
        found.append(key("Used", "{r}", note, r=shown, year=use.year, level=level))
    if (people := staff(ledger, p.plant)) is not None:
        found.append(people)
    if plant.end_date is not None and plant.status in ENDS:
        late = plant.status in ("announced", "reported") and plant.end_date <= ledger.as_of
        ahead = plant.end_date > ledger.as_of
        note = "Passed; not confirmed" if late else "Still ahead" if ahead else ""
        word = ledger.event(ANNOUNCED.get(p.plant, ""))
        if ahead and word is not None and plant.status == word.status == "announced":
            note = "on {day}; still ahead"
        day = word.date if word is not None else ""
        found.append(key(ENDS[plant.status], "{end}", note, end=end_text(plant), day=day))
    return found


def _room(ledger: Ledger, plant: str, room: Quantity) -> Phrase:
    """When and by what definition a capacity was printed, and what others print."""
    row = ledger.facts[room.facts[0]]
    words = [small(ledger.bases[row.basis].label).rstrip(".")] if row.basis else []
    words.append(long_month(row.period_end))
    same = [f for f in ledger.rows("capacity", plant, "*", ACTUAL) if f.value == row.value]
    note = ", ".join(words)
    rest = {f.value: f for f in ledger.rows("capacity", plant, "*", ACTUAL) if f.value != row.value}
    said = phrase("{w}, {by}", w=capitalised(note), by=_by(ledger, same))
    for other in rest.values():
        when = long_month(other.period_end)
        said = phrase("{a}; {n:q~,} in {d}", a=said, n=ledger.fact(other.fact), d=when)
    return said


def yearly_rows(ledger: Ledger, plant: str, basis: str | None = None) -> list[Any]:
    """Printed outputs of whole years."""
    rows = ledger.rows("production", plant, basis)
    return [f for f in rows if 300 < (f.period_end - f.period_start).days < 400]


def _by(ledger: Ledger, rows: Sequence[Any]) -> Phrase:
    """How many publishers print a figure."""
    n = len(publishers(ledger, rows)[0])
    word = "publisher" if n == 1 else "publishers"
    return phrase("{n:w} " + word, n=counted(n, "publishers", [r.fact for r in rows]))


def output(ledger: Ledger, plant: str) -> tuple[Quantity, Phrase] | None:
    """Vehicles of the latest year known, and a note on the year, what is counted, and by how many."""
    rows = [f for basis in (None, "*") for f in yearly_rows(ledger, plant, basis)]
    if not rows:
        return None
    row = max(rows, key=lambda f: (f.basis == "", f.period_end))
    found = ledger.point(
        "production", plant, (row.period_start, row.period_end), row.basis, ACTUAL, False
    )
    words = [label_period(row.period_start, row.period_end)]
    words += [small(ledger.bases[row.basis].label) + " only"] if row.basis else []
    words += ["estimate"] if row.status == "estimate" else []
    same = [f for f in rows if (f.basis, f.period_end) == (row.basis, row.period_end)]
    note = phrase("{w}, {by}", w=", ".join(words), by=_by(ledger, same))
    return (found.quantity if found else ledger.fact(row.fact)), note


def yearly(ledger: Ledger, plant: str) -> tuple[Quantity, dt.date] | None:
    """The latest output a year that was told without its year, and the day of the telling."""
    found = ledger.latest("yearly_output", plant)
    return (found.quantity, found.period[1]) if found else None


def of_country(ledger: Ledger, plant: str) -> Key | None:
    """The latest output as a share of all that Nissan built in the country.

    None for an estimate, for the only plant of a country, and for what another company builds.
    """
    country, own = ledger.plants[plant].country, f"nissan_{ledger.plants[plant].region}"
    alike = [k for k, v in ledger.plants.items() if v.country == country and k not in NOT_NISSAN]
    the = "the " if country.startswith("United") else ""
    land = worded(ledger, plant, the + country)
    label = "Of Nissan's output in {land}"
    use = use_of(ledger, plant)
    if plant not in alike or len(alike) < 2 or own not in ledger.entities:
        return None
    if told := ledger.latest("share_of_production", plant, f"of_{own}"):
        day = f"As printed, {long_month(told.period[1])}"
        return key(label, "{n:q.0%}", day, n=told.quantity, land=land)
    if use is None or use.output is None or use.output.status == "estimate":
        return None
    whole = ledger.find("production", own, use.year)
    if whole is None:
        return None
    rate = worst(lambda built, every: built / every, use.output, whole)
    return key(label, "{r}", "{y}", r=percent(rate), y=use.year, land=land)


def staff(ledger: Ledger, plant: str) -> Key | None:
    """The latest staff figure, the whole site first; else the jobs said to be affected."""
    for metric, bases in STAFF:
        for basis in bases:
            if found := ledger.latest(metric, plant, basis):
                words = [ledger.bases[found.basis].label] if found.basis else []
                note = ", ".join([*words, long_month(found.period[1])])
                return key(
                    "{what}",
                    "{n:q~,}",
                    "{w}",
                    what=ledger.metrics[metric].label,
                    n=found.quantity,
                    w=note,
                )
    return None


def small(text: str) -> str:
    """Lower case, but for names such as AD van."""
    return text if text[:2].isupper() or text.startswith("Nissan") else text[0].lower() + text[1:]
