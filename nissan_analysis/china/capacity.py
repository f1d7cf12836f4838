"""Capacity of the plants in China, its use, and what was said about plants, exports and models."""

from __future__ import annotations

from dataclasses import dataclass

from ..ledger import ACTUAL, Ledger
from ..periods import label_period
from ..quantity import Origin, Quantity, share
from ..tables import Cell, Column, Table, event_table
from ..wording import Phrase, enumerated, joined, long_month, phrase
from .levels import NISSAN

#: Yearly capacities in circulation, in the words of the parameter.
CAPACITIES = {"1.6m": 1_600_000, "1.5m": 1_500_000, "1.0m": 1_000_000}
#: First year of output here; a capacity printed before it says nothing of these years.
SINCE = 2023
MONTH = 31  # days
STATUSES = (*ACTUAL, "target")


def capacities(ledger: Ledger) -> dict[str, Quantity]:
    """Capacity figures that were in circulation at this date, by the words of the parameter."""
    rows = [
        row
        for entity in (NISSAN, "dongfeng_nissan")
        for row in ledger.rows("capacity", entity, "*", STATUSES)
        if row.unit == "vehicles_per_year"
    ]
    found = {}
    for name, size in CAPACITIES.items():
        match = min(
            (
                r
                for r in rows
                if r.value == size and ledger.sources[r.source].published.year >= SINCE
            ),
            # Nissan's own word first, a level that is only foreseen last.
            key=lambda r: (STATUSES.index(r.status), ledger.sources[r.source].published),
            default=None,
        )
        if match is not None:
            # Taken as exactly this size: it is the scale that use is measured on.
            label = f"{ledger.source_label(match.source)}, taken as exactly this"
            told = ledger.name(match)
            origin = Origin((match.fact,), status=match.status, label=label, name=told, stated=True)
            found[name] = Quantity.of(match.value, match.unit, origin)
    return found


def chosen_capacity(ledger: Ledger, name: str = "1.5m") -> tuple[str, Quantity] | None:
    """The capacity asked for, or the nearest one that was in circulation at this date."""
    known = capacities(ledger)
    if not known:
        return None
    best = min(known, key=lambda k: abs(CAPACITIES[k] - CAPACITIES[name]))
    return best, known[best]


def capacity_words(ledger: Ledger) -> Phrase | None:
    """The capacity figures in circulation, whose each is and of when, as one sentence."""
    said = []
    for q in capacities(ledger).values():
        row = ledger.facts[q.facts[0]]
        whose = {
            "official": "{q:.1m} million (Nissan's own figure, {d})",
            "target": "{q:.1m} million (a cut announced in {d}, as the press has it)",
        }.get(row.status, "{q:.1m} million (the press, {d})")
        said.append(phrase(whose, q=q, d=long_month(row.period_end)))
    if not said:
        return None
    return phrase("Yearly capacity in China is printed as {all}.", all=enumerated(said, "or"))


def size(q: Quantity) -> Phrase:
    """A capacity as a figure; one that is only foreseen is called so."""
    if q.status == "target":
        return phrase("the {q:.1m} million a year that a reported cut would leave", q=q)
    return phrase("{q:.1m} million a year", q=q)


def room(q: Quantity) -> Phrase:
    """A capacity in a sentence."""
    if q.status == "target":
        return size(q)
    return phrase("a capacity of {size}", size=size(q))


def column_head(q: Quantity) -> str:
    """A capacity in the head of a column."""
    return f"{q.value / 1e6:.1f}m" + (", reported cut" if q.status == "target" else "")


def cut_note(sizes: dict[str, Quantity], rest: Phrase) -> Phrase:
    """The note under a table of capacities, with a word on the one that a cut would leave."""
    cut = next((q for q in sizes.values() if q.status == "target"), None)
    if cut is None:
        return rest
    return phrase("{rest} Reported cut: {c:.1m} million is what it would leave, as the press has it.", rest=rest, c=cut)  # fmt: skip


def capacity_choice(ledger: Ledger, use: Use | None) -> Phrase | None:
    """Whose choice it is to measure against this capacity."""
    if use is None:
        return None
    assumed = ledger.assumption("china_capacity")
    if assumed.value != use.capacity.value:
        return phrase("Which capacity held in which year no source says; this one was chosen for this report.")  # fmt: skip
    return phrase(
        "Which capacity held in which year no source says; that it is {a:.1m} million is our assumption.",
        a=assumed,
    )


def changzhou(ledger: Ledger) -> Quantity | None:
    """Capacity of the plant that closed, once the closure was known."""
    point = ledger.latest("capacity", "changzhou")
    return point.quantity if point is not None and known(ledger, "changzhou-closed") else None


def known(ledger: Ledger, *events: str) -> bool:
    """Whether all these events were on record at this date."""
    return set(events) <= {e.event for e in ledger.events}


def built(ledger: Ledger) -> list[tuple[str, Quantity]]:
    """Yearly output, calendar years from 2023 and the fiscal year after them, oldest first."""
    found = []
    for year in range(2023, ledger.as_of.year + 1):
        for period in (str(year), f"FY{year}"):
            q = ledger.find("production", NISSAN, period)
            if q is not None:
                found.append((period, q))
    return found


@dataclass(frozen=True)
class Use:
    """Output of a calendar year over a capacity."""

    label: str
    output: Quantity
    capacity: Quantity
    ratio: Quantity

    @property
    def room(self) -> Phrase:
        return room(self.capacity)


def latest_use(ledger: Ledger, capacity: str = "1.5m") -> Use | None:
    """Use of capacity in the latest calendar year with known output; None if either is unknown."""
    years = [(label, q) for label, q in built(ledger) if not label.startswith("FY")]
    size = chosen_capacity(ledger, capacity)
    if not years or size is None:
        return None
    label, output = years[-1]
    return Use(label, output, size[1], share(output, size[1]))


def printed_use(ledger: Ledger) -> Phrase | None:
    """The rates of use that sources print, which need not rest on any capacity named here."""
    rows = [r for e in (NISSAN, "dongfeng_nissan") for r in ledger.rows("utilisation", e, "*", (*ACTUAL, "estimate"))]  # fmt: skip
    said = []
    for row in sorted(rows, key=lambda r: r.period):
        start, end = row.period
        year = (end - start).days > MONTH
        when = phrase("for {y}", y=label_period(*row.period)) if year else phrase(
            "as of about {m}", m=long_month(end)
        )  # fmt: skip
        guess = ", an estimate" if row.status == "estimate" else ""
        said.append(
            phrase(f"{{r:q~.{max(row.decimals, 0)}%}} {{w}}{guess}", r=ledger.believed(row), w=when)
        )
    if not said:
        return None
    one = len(said) == 1
    return phrase(
        ("A rate of use is in print: {all}." if one else "Rates of use are in print: {all}.")
        + " On which capacity " + ("it is" if one else "they are") + " measured is not clear.",
        all=joined(said, "; "),
    )  # fmt: skip


def capacity_table(ledger: Ledger) -> Table | None:
    """Output and its ratio to each capacity figure."""
    sizes, years = capacities(ledger), built(ledger)
    if not sizes or not years:
        return None
    rows: list[list[Cell]] = []
    for label, output in years:
        cells = [phrase("{r:.0%}", r=share(output, size)) for size in sizes.values()]
        rows.append([label, output, *cells])
    heads = [Column(f"of {column_head(q)}") for q in sizes.values()]
    return Table.of(
        "china-use", phrase("Vehicles built and the part of capacity they fill, by capacity figure"),
        [Column("Year", align="left"), Column("Built"), *heads], rows,
        cut_note(sizes, phrase("FY is April to March. Each capacity is a round figure, taken as exact; half of its last digit either way moves the use by one or two points.")),
    )  # fmt: skip


def plans_table(ledger: Ledger, category: str) -> Table | None:
    """What was said about China in one category of events, and what became of it."""
    names = {NISSAN, "dongfeng_nissan", "changzhou", "wuhan", "n7", "n6", "nx8", "frontier_pro", "teana",
             "nissan_dongfeng_export_jv", "kia_china"}  # fmt: skip
    found = [
        e for e in ledger.events
        if e.category == category and names & set(e.entity.replace(";", " ").split())
    ]  # fmt: skip
    what = {"export": "Exports: what was said, and what became of it", "plants": "Plants: what was said, and what became of it",
            "product": "Models: what was said, and what became of it"}  # fmt: skip
    title = phrase("{t}", t=what.get(category, category))
    return event_table(ledger, found, f"china-{category}-plans", title)
