"""All figures of one plant as a table: what each source printed, disagreements included."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from ..ledger import ACTUAL, Ledger
from ..periods import label_period
from ..quantity import Quantity, counted
from ..tables import Column, Table
from ..wording import Key, Phrase, capital, capitalised, cited, joined, key, long_month, phrase
from .plan import break_even, percent, span
from .plants import capacity, end_text, label
from .use import printed, use_of

#: The order of the figures; others follow.
METRICS = (
    "employees",
    "jobs_affected",
    "jobs_added",
    "jobs_kept",
    "capacity",
    "production",
    "utilisation",
    "breakeven_output",
    "share_of_production",
)
#: How a unit is printed; a unit that is not here goes without saying.
UNITS = {
    "JPY_bn": "{n} bn yen",
    "USD_m": "{n} m dollars",
    "m2": "{n} sq m",
    "GWh_per_year": "{n} GWh a year",
}
STATUSES = {
    "target": "planned",
    "estimate": "estimate",
    "denied": "denied",
    "cancelled": "cancelled",
}

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


def facts_of(ledger: Ledger, key: str) -> list[Any]:
    """Every fact of a plant, alone or together with another, in order of metric and period."""
    found = ledger.facts_of(e for e in ledger.entities if key in (e, *e.split("_and_")))
    order = {metric: number for number, metric in enumerate(METRICS)}
    last = len(order)
    return sorted(
        found, key=lambda f: (order.get(f.metric, last), f.metric, f.basis, f.period_end, f.fact)
    )


def table(ledger: Ledger, p: Any, room: float | None = None) -> Table | None:
    """One row a figure; sources that print the same figure share a row.

    With a `room` in lines of a page, the rows that fit it, and how many figures are left out.
    """
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for row in facts_of(ledger, p.plant):
        when = "" if row.period_start == row.period_end else _when(row)
        kind = (
            STATUSES.get(row.status, ""),
            row.qualifier in ("over", "up_to"),
            row.rank == "deprecated",
        )
        mark = (row.metric, row.entity, row.basis, row.value, when, *kind)
        groups.setdefault(mark, []).append(row)
    if not groups:
        return None
    made = {
        mark: (
            _what(ledger, p.plant, same[0]),
            _value(ledger, same),
            _when(same[-1]),
            _who(ledger, same),
        )
        for mark, same in groups.items()
    }
    marks = list(groups)
    if room is not None:
        ranks = [_rank(groups, mark) for mark in marks]
        lines = [row_lines((r[0].text, 40), (r[3].text, 22)) for r in made.values()]
        notes_too = sum(len(said.text) for said in _why(groups.values())) / 110
        marks = [marks[i] for i in fitting(ranks, lines, room - notes_too)]
    rows = [made[mark] for mark in marks]
    left = [row.fact for mark, same in groups.items() if mark not in marks for row in same]
    columns = (
        Column("Figure", align="left"),
        Column("Value"),
        Column("When", align="left"),
        Column("Source", align="left"),
    )
    title = phrase("What is known of {plant} in figures", plant=label(ledger, p.plant))
    notes = _why(groups[mark] for mark in marks)
    if left:
        more = counted(len(groups) - len(marks), "figures", left)
        notes.append(phrase("{n:w} more in the facts of this sheet.", n=more))
        notes[-1] = capital(notes[-1])
    if any(" + " in who.text for *_, who in rows):
        notes.append(phrase("A plus sign: so many more publishers print the same."))
    return Table.of("plant-facts", title, columns, rows, joined(notes) if notes else None)


def _rank(groups: dict[tuple[Any, ...], list[Any]], mark: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a page keeps first: the newest figure of each kind, those in use before the others."""
    alike = [m for m in groups if m[:3] == mark[:3] and groups[m][0].rank != "deprecated"]
    newest = max(alike, key=lambda m: groups[m][-1].period_end, default=mark)
    row = groups[mark][-1]
    return row.rank == "deprecated", mark != newest, row.metric not in METRICS


def row_lines(*cells: tuple[str, int]) -> float:
    """Lines that a row of a table takes, from its texts and the letters a line of each holds."""
    return 0.5 + max(math.ceil(len(text) / width) for text, width in cells)


def fitting(ranks: Sequence[Any], lines: Sequence[float], room: float) -> list[int]:
    """Numbers of the best-ranked rows that fit a room of so many lines, at least three, in order."""
    kept: list[int] = []
    for number in sorted(range(len(lines)), key=lambda i: (ranks[i], i)):
        if len(kept) < 3 or sum(lines[i] for i in kept) + lines[number] <= room:
            kept.append(number)
    return sorted(kept)


def _what(ledger: Ledger, key: str, row: Any) -> Phrase:
    """The metric with all that limits it: definition, status, whether it is used."""
    words = [ledger.metrics[row.metric].label]
    if row.entity != key:
        words.append(ledger.entities[row.entity].label.replace(" and ", " with "))
    if row.basis:
        words.append(_small(ledger.bases[row.basis].label))
    status = STATUSES.get(row.status)
    if status is not None and status not in words:
        words.append(status)
    if row.rank == "deprecated":
        words.append("not used")
    elif row.rank_reason.startswith("open:"):
        words.append("disputed")
    return cited(", ".join(words), f"note:{row.fact}")


def _why(groups: Iterable[Sequence[Any]]) -> list[Phrase]:
    """Why figures are not used, and over what sources disagree; each said once."""
    found: dict[str, Phrase] = {}
    for row in (row for same in groups for row in same):
        if row.rank == "deprecated":
            said = f"Not used: {row.rank_reason}."
        elif row.rank_reason.startswith("open:"):
            said = f"Disputed: {row.rank_reason.removeprefix('open:').strip()}."
        else:
            continue
        mark = " ".join(sorted(said.replace(",", " ").split()))
        found.setdefault(mark, cited(said, f"note:{row.fact}"))
    return list(found.values())


def _small(text: str) -> str:
    """Lower case, but for names such as AD van."""
    return text if text[:2].isupper() or text.startswith("Nissan") else text[0].lower() + text[1:]


def _value(ledger: Ledger, rows: Sequence[Any]) -> Phrase:
    """The figure in the most careful of the words that its sources use."""
    careful = [r for r in rows if r.qualifier == "about"] or [
        r for r in rows if r.qualifier != "exact"
    ]
    row = (careful or rows)[-1]
    places = max(row.decimals, 0)
    spec = f"{{n:q~.{places}%}}" if row.unit == "percent" else f"{{n:q~,.{places}}}"
    number = phrase(spec.replace(",.0}", ",}"), n=ledger.fact(row.fact))
    return phrase(UNITS[row.unit], n=number) if row.unit in UNITS else number


def _when(row: Any) -> str:
    start, end = row.period_start, row.period_end
    if start.replace(day=1) == end.replace(day=1):
        return long_month(end)
    if (end - start).days > 800:
        return f"{start.year} to {long_month(end)}"
    words = label_period(start, end)
    return words if words.count(" ") < 3 else f"{long_month(start)} to {long_month(end)}"


def _who(ledger: Ledger, rows: Sequence[Any]) -> Phrase:
    """The publisher of a figure: one, and how many more where several print it."""
    facts = tuple(r.fact for r in rows)
    names = [ledger.sources[r.source].publisher.partition(" (")[0] for r in reversed(rows)]
    names = list(dict.fromkeys(names))
    first = cited(names[0], facts[-1])
    if len(names) > 1:
        more = counted(len(names) - 1, "sources", facts)
        first = phrase("{a} + {n:w}", a=first, n=more)
    return Phrase(first.md, first.text, tuple(sorted({*first.facts, *facts})), first.statuses)


def keys(ledger: Ledger, p: Any) -> list[Key]:
    """Capacity, latest output, use, staff and end, each only if known."""
    plant, found = ledger.plants[p.plant], []
    if (room := capacity(ledger, p.plant)) is not None:
        found.append(
            key("Capacity a year", "{n:q~,}", "{w}", n=room, w=_room(ledger, p.plant, room))
        )
    use = use_of(ledger, p.plant)
    if (made := output(ledger, p.plant)) is not None:
        value, note = made
        same = use is not None and use.output is not None and use.output.facts == value.facts
        built = printed(ledger, use) if use is not None and same else span(value)
        found.append(key("Vehicles built", "{n}", "{w}", n=built, w=note))
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
        found.append(key(ENDS[plant.status], "{end}", note, end=end_text(plant)))
    return found


def _room(ledger: Ledger, plant: str, room: Quantity) -> Phrase:
    """When and by what definition a capacity was printed, and what others print."""
    row = ledger.facts[room.facts[0]]
    words = [_small(ledger.bases[row.basis].label).rstrip(".")] if row.basis else []
    words.append(long_month(row.period_end))
    note = ", ".join(words)
    rest = {f.value: f for f in ledger.rows("capacity", plant, "*", ACTUAL) if f.value != row.value}
    said = phrase("{w}", w=capitalised(note))
    for other in rest.values():
        when = long_month(other.period_end)
        said = phrase("{a}; {n:q~,} in {d}", a=said, n=ledger.fact(other.fact), d=when)
    return said


def output(ledger: Ledger, plant: str) -> tuple[Quantity, str] | None:
    """Vehicles of the latest year known, and a note on the year and on what is counted."""
    rows = [
        f
        for basis in (None, "*")
        for f in ledger.rows("production", plant, basis)
        if 300 < (f.period_end - f.period_start).days < 400
    ]
    if not rows:
        return None
    row = max(rows, key=lambda f: (f.basis == "", f.period_end))
    found = ledger.point("production", plant, row.period, row.basis, ACTUAL, False)
    words = [label_period(*row.period)]
    words += [_small(ledger.bases[row.basis].label) + " only"] if row.basis else []
    words += ["estimate"] if row.status == "estimate" else []
    return (found.quantity if found else ledger.fact(row.fact)), ", ".join(words)


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
