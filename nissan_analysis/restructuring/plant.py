"""One plant looked at closely; Oppama has more to tell than the others."""

from __future__ import annotations

from typing import Any

from ..ledger import Ledger
from ..quantity import worst
from ..tables import Column, Table
from ..wording import Phrase, cited, long_month, phrase, stray_digits
from .paper import levels
from .plan import cars, needed, percent, span
from .plants import capacity, fate_text
from .use import use_of

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


def label(ledger: Ledger, key: str) -> Phrase:
    """What a plant is called."""
    return worded(ledger, key, ledger.plants[key].label)


def worded(ledger: Ledger, key: str, text: str) -> Phrase:
    """Text of a plant's row, which vouches for its digits; a part that holds some is left out as
    long as no source of the row is out."""
    if ledger.plants[key].sources:
        return cited(text, f"plant:{key}")
    parts = [part for part in text.split(", ") if not stray_digits(part)]
    return phrase("{text}", text=", ".join(parts) or "the plant")


def summary(ledger: Ledger, p: Any) -> Phrase:
    """What is known of the plant in a sentence or two."""
    plant = ledger.plants[p.plant]
    use = use_of(ledger, p.plant)
    where = (
        plant.country if plant.city.startswith(plant.label) else f"{plant.city}, {plant.country}"
    )
    told = {"label": plant.label, "where": where, "company": plant.company}
    values: dict[str, Any] = {k: worded(ledger, p.plant, v) for k, v in told.items()}
    fate = fate_text(ledger, plant)
    values["fate"] = fate if fate.facts else phrase("nothing at this date.")
    said = "**{label}** in {where}, run by {company}."
    if use is not None and use.output is not None:
        said += " It built {out} vehicles in {year} on a capacity of {room:q~,}: {rate} used."
        values |= {
            "out": span(use.output),
            "room": use.capacity,
            "rate": percent(use.rate),
            "year": use.year,
        }
        if use.output.status == "estimate":
            said += " The output is an estimate."
    elif use is not None:
        said += " Its capacity is {room:q~,} a year; the press put use in {year} at {rate:q~.0%}."
        values |= {"room": use.capacity, "rate": use.printed, "year": use.year}
    elif (room := capacity(ledger, p.plant)) is not None:
        said += " Its capacity is {room:q~,} a year; its whole output was not found."
        values["room"] = room
    else:
        said += " Neither its capacity nor its output was found."
    return phrase(said + " What is known of its future: {fate}", **values)


def figures(ledger: Ledger, p: Any) -> Table | None:
    """Every figure of the plant in the ledger that is not a product's."""
    rows = []
    found = [
        f
        for f in ledger.facts.values()
        if f.entity == p.plant and f.metric in METRICS and f.rank != "deprecated"
    ]
    seen: set[tuple[Any, ...]] = set()
    for row in sorted(found, key=lambda f: (METRICS.index(f.metric), f.period_end, f.fact)):
        mark = (row.metric, row.value, row.basis, row.qualifier)
        if mark in seen:
            continue
        seen.add(mark)
        source = ledger.sources[row.source]
        quantity = ledger.fact(row.fact)
        spec = "{n:q~.0%}" if row.unit == "percent" else "{n:q~,}"
        basis = ledger.bases[row.basis].label.lower() if row.basis else ""
        words = ", ".join(
            w for w in (basis, row.status if row.status in ("target", "estimate") else "") if w
        )
        rows.append(
            (
                cited(ledger.metrics[row.metric].label, row.fact),
                _when(row),
                phrase(spec, n=quantity),
                cited(words, f"note:{row.fact}"),
                cited(source.publisher, row.fact),
            )
        )
    if not rows:
        return None
    columns = (
        Column("Figure", align="left"),
        Column("Period", align="left"),
        Column("Value"),
        Column("Counts", align="left"),
        Column("Source", align="left"),
    )
    return Table.of(
        "plant-figures",
        phrase("Figures for {plant}", plant=label(ledger, p.plant)),
        columns,
        rows[:16],
    )


def _when(row: Any) -> Phrase:
    from ..periods import label_period

    return phrase("{w}", w=label_period(row.period_start, row.period_end))


def events(ledger: Ledger, p: Any) -> Table | None:
    """What was reported and announced of the plant, and what became of it."""
    keys = {p.plant, *([f"foxconn_{p.plant}"] if p.plant == "oppama" else [])}
    rows = [e for key in sorted(keys) for e in ledger.events_about(key)]
    rows += [e for e in ledger.events if e.entity.endswith(f"_{p.plant}") and e not in rows]
    return event_table(
        ledger,
        sorted(rows, key=lambda e: (e.date, e.status == "denied", e.event)),
        "plant-events",
        phrase(
            "What was said of {plant}, and what became of it",
            plant=label(ledger, p.plant),
        ),
    )


def event_table(ledger: Ledger, rows: list[Any], id: str, title: Phrase) -> Table | None:
    """Events with their status when told and their outcome as known at this date."""
    if not rows:
        return None
    cells = []
    for e in rows:
        label = ledger.source_label(e.source)
        when = (
            phrase("{d}", d=e.date)
            if e.date_precision == "day"
            else phrase("{d}", d=long_month(e.date))
        )
        cells.append(
            (
                when,
                cited(e.title, f"event:{e.event}", label),
                e.status,
                cited(e.outcome, f"outcome:{e.event}") if e.outcome else None,
            )
        )
    columns = (
        Column("Date", align="left"),
        Column("What was said", align="left"),
        Column("As", align="left"),
        Column("What became of it", align="left"),
    )
    return Table.of(id, title, columns, cells, phrase("A dash: no later word found."))


def needs(ledger: Ledger, p: Any) -> Table | None:
    """Vehicles a year the plant needs for each break-even level."""
    use = use_of(ledger, p.plant)
    if use is None or use.output is None:
        return None
    rows = []
    for level in levels(ledger, p):
        need = worst(lambda room, part: room * part, cars(use.capacity), level.ratio())
        rows.append(
            (
                phrase("{l:.0%}", l=level),
                span(need, wide=0.01),
                span(needed(use.capacity, level, use.output), wide=0.02),
            )
        )
    columns = (
        Column("Break-even at", align="left"),
        Column("Vehicles a year"),
        Column("More than in " + use.year),
    )
    return Table.of(
        "plant-needs",
        phrase("What {plant} needs to break even", plant=label(ledger, p.plant)),
        columns,
        rows,
        phrase("The levels are rules of thumb of the press, not figures of Nissan's."),
    )
