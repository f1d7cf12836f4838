"""All figures of one plant as a table: what each source printed, disagreements included."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import Any

from ..ledger import Ledger
from ..periods import label_period
from ..quantity import counted
from ..tables import Column, Table
from ..wording import Phrase, capital, cited, joined, long_month, phrase
from .plant_keys import keys, publishers, small
from .plants import label
from .use import REST

#: The order of the figures; others follow.
METRICS = (
    "capacity",
    "production",
    "yearly_output",
    "share_of_production",
    "utilisation",
    "breakeven_output",
    "employees",
    "jobs_affected",
    "jobs_added",
    "jobs_kept",
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
            row.qualifier if row.qualifier in ("over", "up_to") else "",
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
            _when(same[0] if same[0].metric == "employees" else same[-1]),
            _who(ledger, same),
        )
        for mark, same in groups.items()
    }
    marks = list(groups)
    if room is not None:
        said = {fact for k in keys(ledger, p) for fact in k.value.facts}
        ranks = [_rank(groups, mark, said) for mark in marks]
        lines = [row_lines((r[0].text, 40), (r[3].text, 22)) for r in made.values()]
        notes_too = sum(len(why.text) for why in _why(groups.values())) / 110
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
    told = [groups[m][0] for m in marks if m[0] == "utilisation" and groups[m][0].note]
    if p.plant in REST and told:
        why = cited(told[0].note, f"note:{told[0].fact}")
        notes.append(phrase("The printed use: {w}. The use above is counted from output.", w=why))
    return Table.of("plant-facts", title, columns, rows, joined(notes) if notes else None)


def _rank(
    groups: dict[tuple[Any, ...], list[Any]], mark: tuple[Any, ...], said: set[str]
) -> tuple[Any, ...]:
    """What a page keeps first: the newest figure of each kind, those in use before the others, and
    those that are key numbers of the sheet (`said`) last, as they stand on it already."""
    alike = [m for m in groups if m[:3] == mark[:3] and groups[m][0].rank != "deprecated"]
    newest = max(alike, key=lambda m: _lately(groups[m][-1]), default=mark)
    row = groups[mark][-1]
    known = any(row.fact in said for row in groups[mark])
    return row.rank == "deprecated", known, mark != newest, row.metric not in METRICS


def _lately(row: Any) -> tuple[bool, dt.date]:
    """How new a figure is; a total since the plant was opened says less than one of a year."""
    return (row.period_end - row.period_start).days < 400, row.period_end


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
        words.append(small(ledger.bases[row.basis].label))
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
    start, end = row.period
    if start.replace(day=1) == end.replace(day=1):
        return long_month(end)
    if (end - start).days > 800:
        return f"{start.year} to {long_month(end)}"
    words = label_period(start, end)
    return words if words.count(" ") < 3 else f"{long_month(start)} to {long_month(end)}"


def _who(ledger: Ledger, rows: Sequence[Any]) -> Phrase:
    """The publisher of a figure, the best of them, and how many more where several print it."""
    facts = tuple(r.fact for r in rows)
    names, best = publishers(ledger, rows)
    first = cited(names[0], best.fact)
    if len(names) > 1:
        more = counted(len(names) - 1, "sources", facts)
        first = phrase("{a} + {n:w}", a=first, n=more)
    return Phrase(first.md, first.text, tuple(sorted({*first.facts, *facts})), first.statuses)
