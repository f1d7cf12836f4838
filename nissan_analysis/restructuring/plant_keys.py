"""The key numbers of a plant sheet, each with its day and how many publishers print it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from ..ledger import ACTUAL, Ledger
from ..periods import label_period
from ..quantity import Quantity, counted, worst
from ..wording import Key, Phrase, capitalised, cited, joined, key, long_month, lowered, phrase
from .plan import break_even, percent, span
from .plants import (
    ANNOUNCED,
    NOT_NISSAN,
    as_planned,
    capacity,
    end_text,
    fiscal_year,
    label,
    refuted,
    staff_row,
    worded,
)
from .use import REST, Use, printed, use_of

ENDS = {
    "announced": "End announced",
    "reported": "End as reported",
    "closed": "Ended",
    "sold": "Sold",
    "cancelled": "Cancelled",
}
#: Agencies and newspapers whose word other publishers carry: in print twice, they are one voice.
CARRIED = ("Reuters", "Nikkei", "Yomiuri")


def publishers(ledger: Ledger, rows: Sequence[Any]) -> tuple[list[str], Any]:
    """Who prints a figure of his own, the best source first and of equals the latest; and its row.

    A reprint and a retelling count as what they carry.
    """
    grades = ("green", "amber", "red")
    latest = list(rows)[::-1]
    ordered = sorted(latest, key=lambda r: grades.index(ledger.sources[r.source].quality))
    return list(dict.fromkeys(_voice(ledger, r.source) for r in ordered)), ordered[0]


def _voice(ledger: Ledger, source: str) -> str:
    """The publisher whose word a source carries."""
    row = ledger.sources[source]
    name = str(ledger.sources.get(row.retells, row).publisher)
    return next((who for who in CARRIED if who in name), name.partition(" (")[0])


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
        found.append(_used(ledger, p, use))
    if (people := staff(ledger, p.plant)) is not None:
        found.append(people)
    if plant.end_date is not None and plant.status in ENDS:
        found.append(_end(ledger, plant))
    return found


def _used(ledger: Ledger, p: Any, use: Use) -> Key:
    """How full the plant was; on each capacity, and as printed, where the capacity is disputed."""
    shown = percent(use.rate) if use.printed is None else phrase("{n:q.0%}", n=use.printed)
    note = "{year}" + (", estimate" if use.rate.status == "estimate" else "") + "{rest}"
    values = {"year": use.year, "level": break_even(ledger, p), "rest": remainder(ledger, use)}
    if use.disputed:
        shown = joined([shown, *(percent(rate) for rate in use.disputed)], " or ")
        note += ", the capacity being disputed"
        if (told := _told_use(ledger, p.plant)) is not None:
            return key("Used", "{r}", note + "; {told}", r=shown, told=told, **values)
    return key("Used", "{r}", note + "; break-even put at {level:.0%}", r=shown, **values)


def _end(ledger: Ledger, plant: Any) -> Key:
    """When the plant ends, by whose word, and whether it is known to be done."""
    late = plant.status in ("announced", "reported") and plant.end_date <= ledger.as_of
    ahead = plant.end_date > ledger.as_of
    note = "Passed; not confirmed" if late else "Still ahead" if ahead else ""
    if refuted(ledger, plant.plant) and plant.status == "reported":
        note = "Denied by the owners" + ("; " + lowered(note) if note else "")
    word, name = ledger.event(ANNOUNCED.get(plant.plant, "")), ENDS[plant.status]
    if ahead and word is not None and plant.status == word.status == "announced":
        note = "Announced on {day}; still ahead"
    if word is not None and plant.status == "announced" and word.status == "agreed":
        name = "Sale agreed for"
    end = end_text(plant)
    if plant.end_precision == "fiscal_year":
        end, note = (
            phrase("{y}", y=fiscal_year(plant)),
            "To {last}; " + lowered(note),
        )
    day, last = word.date if word is not None else "", long_month(plant.end_date)
    return key(name, "{end}", note, end=end, day=day, last=last)


def _told_use(ledger: Ledger, plant: str) -> Phrase | None:
    """The rate of use that a source printed last."""
    rows = ledger.rows("utilisation", plant, status=(*ACTUAL, "estimate"))
    if not rows:
        return None
    row = max(rows, key=lambda r: (r.period_end, ledger.sources[r.source].quality == "green"))
    day = long_month(row.period_end)
    return phrase(
        "{who}: {n:q.0%}" + (", estimate" if row.status == "estimate" else "") + ", {day}",
        who=_voice(ledger, row.source),
        n=ledger.fact(row.fact),
        day=day,
    )


def remainder(ledger: Ledger, use: Use) -> Phrase:
    """That an output is what the country's other plant leaves; empty for one that is printed."""
    other = REST.get(use.plant)
    said = ", what {other} leaves" if other and use.output is not None else ""
    return phrase(said, other=label(ledger, other[1]) if other else "")


def _room(ledger: Ledger, plant: str, room: Quantity) -> Phrase:
    """When and by what definition a capacity was printed, and what others print."""
    row = ledger.facts[room.facts[0]]
    words = [small(ledger.bases[row.basis].label).rstrip(".")] if row.basis else []
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for f in ledger.rows("capacity", plant, "*", ACTUAL):
        groups.setdefault(_kind(f), []).append(f)
    same = groups.pop(_kind(row))
    words.append(_days(same))
    words += ["plan or state then, before later changes"] if as_planned(row) else []
    said = phrase("{w}, {by}", w=capitalised(", ".join(words)), by=_by(ledger, same))
    for other in (rows[-1] for rows in groups.values()):
        how = "disputed: " if other.rank_reason.startswith("open:") else ""
        more = "{a}; " + how + "{n:q~,} in {d}"
        said = phrase(more, a=said, n=ledger.fact(other.fact), d=long_month(other.period_end))
    return said


def _kind(row: Any) -> tuple[Any, ...]:
    """What sources must have alike for their figures to be one: value, definition, and its side."""
    side = row.qualifier if row.qualifier in ("over", "up_to") else ""
    return row.value, row.basis, side


def _days(rows: Sequence[Any]) -> str:
    """The month of the latest print; the year of the first as well where that is another."""
    first, last = min(r.period_end for r in rows), max(r.period_end for r in rows)
    return (f"{first.year} to " if first.year < last.year else "") + long_month(last)


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
    found = ledger.point("production", plant, row.period, row.basis, ACTUAL, False)
    words = [label_period(*row.period)]
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
    what = "Of Nissan's output in {land}"
    use = use_of(ledger, plant)
    if plant not in alike or len(alike) < 2 or own not in ledger.entities:
        return None
    if told := ledger.latest("share_of_production", plant, f"of_{own}"):
        day = f"As printed, {long_month(told.period[1])}"
        return key(what, "{n:q.0%}", day, n=told.quantity, land=land)
    if use is None or use.output is None or use.output.status == "estimate":
        return None
    whole = ledger.find("production", own, use.year)
    if whole is None:
        return None
    rate = worst(lambda built, every: built / every, use.output, whole)
    note = "{y}{rest}"
    return key(
        what, "{r}", note, r=percent(rate), y=use.year, rest=remainder(ledger, use), land=land
    )


def staff(ledger: Ledger, plant: str) -> Key | None:
    """The latest staff figure, the widest count first; else the jobs said to be affected."""
    row = staff_row(ledger, plant)
    if row is None:
        return None
    words = [ledger.bases[row.basis].label] if row.basis else []
    note = phrase("{w}", w=", ".join([*words, long_month(row.period_end)]))
    if row.basis == "incl_development":
        note = phrase(
            "{a}{b}", a=note, b=cited(f", {row.note}" if row.note else "", f"note:{row.fact}")
        )
        for f in ledger.rows(row.metric, plant):
            who = cited(_voice(ledger, f.source), f.fact)
            note = phrase("{a}; {who}: {n:q~,}", a=note, who=who, n=ledger.fact(f.fact))
    what = ledger.metrics[row.metric].label
    return key("{what}", "{n:q~,}", "{w}", what=what, n=ledger.fact(row.fact), w=note)


def small(text: str) -> str:
    """Lower case, but for names such as AD van."""
    return text if text[:2].isupper() or text.startswith("Nissan") else lowered(text)
