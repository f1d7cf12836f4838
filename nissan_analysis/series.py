"""Any metric of any entities, as one cited sheet: the figures as they are, and who disagrees.

An entity is named by its key, or as ``entity:basis`` where figures on another definition than the
published chain are meant (``byd:byd_all``). Nothing is compared across a change of definition.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from .charts import Chart
from .drawing import columns, describe, lines, mark_break, value_axis
from .ledger import ACTUAL, Ledger, Point, Series
from .parameters import ParameterError, nearest
from .periods import label_period
from .quantity import COUNT_UNITS, Quantity, change, counted, facts_behind
from .style import CATEGORICAL, LIGHT
from .tables import Cell, Column, Table, text_columns
from .wording import Key, Phrase, cited, joined, key, phrase

FREQUENCY = {"calendar": "YE", "fiscal": "FY", "monthly": "ME"}
#: Figures whose value is a year are dates, not a series.
NO_SERIES = frozenset({"fiscal_year", "calendar_year"})
LONG = 24  # rows of a table; earlier periods stay in the data of the chart


@dataclass(frozen=True)
class Line:
    """One series of the sheet."""

    label: str
    series: Series

    @property
    def last(self) -> Point | None:
        return self.series.points[-1] if self.series.points else None


def metrics(ledger: Ledger) -> dict[str, str]:
    """Metrics that anything was ever printed on, by key, with their labels; most figures first."""
    counts = Counter(f.metric for f in ledger.facts.values() if f.status in ACTUAL)
    kept = [m for m, _ in counts.most_common() if ledger.metrics[m].unit not in NO_SERIES]
    return {m: ledger.metrics[m].label for m in kept}


def entities(ledger: Ledger, metric: str) -> dict[str, str]:
    """What a metric is known of, by name for the parameter, with labels; most figures first."""
    counts: Counter[str] = Counter()
    for fact in ledger.facts_of(metrics=(metric,)):
        if fact.status in ACTUAL and fact.rank != "deprecated":
            chained = fact.basis == "" or ledger.bases[fact.basis].chain
            counts[fact.entity if chained else f"{fact.entity}:{fact.basis}"] += 1
    return {name: _label(ledger, name) for name, _ in counts.most_common()}


def _label(ledger: Ledger, name: str) -> str:
    entity, _, basis = name.partition(":")
    label = str(ledger.entities[entity].label)
    return f"{label}, {ledger.bases[basis].label}" if basis else label


def chosen(ledger: Ledger, p: Any) -> list[Line]:
    """The series asked for; one that was not known at this date is empty.

    Raises
    ------
    ParameterError
        For a metric, entity or basis that the data do not have, with the nearest right name.
    """
    faults = []
    wrong = p.metric not in ledger.metrics or ledger.metrics[p.metric].unit in NO_SERIES
    if wrong:
        faults.append(_unknown("metric", p.metric, list(metrics(ledger))))
    for name in p.entities:
        entity, _, basis = name.partition(":")
        if entity not in ledger.entities or (basis and basis not in ledger.bases):
            known = [*entities(ledger, p.metric), *ledger.entities] if not wrong else []
            faults.append(_unknown("entities", name, known or list(ledger.entities)))
    if faults:
        raise ParameterError("series", faults)
    found = []
    for name in p.entities:
        entity, _, basis = name.partition(":")
        freq: Any = FREQUENCY[p.freq]
        series = ledger.series(p.metric, entity, freq, basis=basis or None)
        found.append(Line(_label(ledger, name), series))
    return found


def _unknown(name: str, given: str, known: list[str]) -> str:
    return (
        f"{name}: got '{given}'; the data have no such name.{nearest(given, known)} "
        f"Look one up with: nissan-analysis facts {given.split('_')[0]}"
    )


def _spec(unit: str) -> str:
    if unit == "percent":
        return "q~.1%"
    whole = unit in COUNT_UNITS or unit == "JPY" or unit.endswith("_per_year")
    return "q~," if whole else "q~,.1"


def _said(quantity: Quantity) -> Phrase:
    words = "an estimated {n:" if quantity.status == "estimate" else "{n:"
    return phrase(words + _spec(quantity.unit) + "}", n=quantity)


def _unit(ledger: Ledger, p: Any) -> str:
    unit = ledger.metrics[p.metric].unit
    return "" if unit in ("percent", "ratio") else " " + unit.replace("_", " ")


def _on(point: Point) -> str:
    return ("on " if point.period[0] == point.period[1] else "in ") + point.label


def _told(ledger: Ledger, p: Any, line: Line) -> Phrase:
    """The latest figure of a series, and its change on the period before on one definition."""
    last = line.last
    name = ledger.metrics[p.metric].label
    if last is None:
        return phrase("{who}: nothing was published by {day}", who=line.label, day=ledger.as_of)
    said = phrase(
        "{who}: {n}{unit} {on}", who=line.label, n=_said(last.quantity), unit=_unit(ledger, p), on=_on(last)
    )  # fmt: skip
    before = line.series.points[-2] if len(line.series) > 1 else None
    if (
        before is None
        or last.quantity.unit == "percent"
        or before.basis != last.basis
        or not line.series.comparable(before.period, last.period)
        or before.quantity.value <= 0
        or {"exact"} != {before.quantity.qualifier, last.quantity.qualifier}
        or name.lower().startswith("cumulative")
    ):
        return said
    moved = change(last.quantity, before.quantity)
    if moved.low < 0 < moved.high or moved.value == 0:
        return phrase("{s}, about as {on}", s=said, on=_on(before))
    word = "less" if moved.value < 0 else "more"
    return phrase("{s}, {g:~.1%} {w} than {on}", s=said, g=abs(moved), w=word, on=_on(before))


def finding(ledger: Ledger, p: Any) -> tuple[Phrase, Phrase]:
    """The latest figure of the first series as title; the others, and the caveats, as summary."""
    found = chosen(ledger, p)
    name = ledger.metrics[p.metric].label
    if not found:
        return phrase("{m}: nothing was chosen", m=name), phrase("Choose at least one entity.")
    title = phrase("{m}, {t}", m=name, t=_told(ledger, p, found[0]))
    said = [phrase("{t}.", t=_told(ledger, p, line)) for line in found[1:]]
    breaks = sum(len(line.series.breaks) for line in found)
    if breaks:
        facts = [f for line in found for f in line.series.facts]
        said.append(phrase(
            "Definitions change {k:w} time{s}, at the dashed line{s}: do not compare across.",
            k=counted(breaks, "breaks", facts, "counted"), s="s" if breaks > 1 else "",
        ))  # fmt: skip
    said.append(phrase("{d}", d=ledger.metrics[p.metric].definition))
    return title, joined(said)


def keys(ledger: Ledger, p: Any) -> list[Key]:
    """The latest figure of each series."""
    return [
        key("{who}, {on}", "{n}", "{unit}", who=line.label, on=_on(line.last), n=_said(line.last.quantity),
            unit=_unit(ledger, p).strip())
        for line in chosen(ledger, p)[:6]
        if line.last is not None
    ]  # fmt: skip


def chart(ledger: Ledger, p: Any) -> Chart | None:
    """Columns for one short series, else lines; rounding wide enough to see is drawn as a bar."""
    found = [line for line in chosen(ledger, p) if line.series.points]
    if sum(len(line.series) for line in found) < 2:
        return None
    metric = ledger.metrics[p.metric]
    suffix = "%" if metric.unit == "percent" else ""
    points = [(line, x) for line in found for x in line.series.points]
    alone = len(found) == 1 and 1 < len(points) <= 17 and metric.kind == "flow"
    labels, values = [x.label for _, x in points], [x.quantity.value for _, x in points]

    def draw_columns(axes: Axes) -> None:
        columns(axes, labels, values, ["accent"] * len(values), suffix=suffix)
        starts = [x.period[0] for _, x in points]
        axes.set_ylim(min(0.0, *values) * 1.12, max(0.0, *values) * 1.25 or 1.0)
        for b in found[0].series.breaks:
            at = sum(start < b.date for start in starts) - 0.5
            mark_break(axes, at, "definition\nchanges")

    def draw_lines(axes: Axes) -> None:
        drawn = {
            line.label: (
                [x.period[1] for x in line.series.points],
                [x.quantity.value for x in line.series.points],
            )
            for line in found
        }
        gap = {"monthly": 45}.get(p.freq, 400) if metric.kind == "flow" else None
        lines(
            axes,
            drawn,
            suffix=suffix,
            markers=len(points) <= 60,
            step_gap_days=gap,
            from_zero=min(values) >= 0,
        )
        low, high = axes.get_ylim()
        for line, colour in zip(found, CATEGORICAL, strict=False):
            wide = [
                x
                for x in line.series.points
                if x.quantity.high - x.quantity.low > (high - low) / 60
            ]
            axes.vlines(
                mdates.date2num([x.period[1] for x in wide]),
                [x.quantity.low for x in wide],
                [x.quantity.high for x in wide],
                color=LIGHT[colour],
                linewidth=3,
                alpha=0.35,
            )
        for day in sorted({b.date for line in found for b in line.series.breaks}):
            mark_break(axes, day, "")
        value_axis(axes, suffix)
        axes.margins(x=0.2)

    unit = metric.unit.replace("_", " ")
    kind = "Columns" if alone else "Lines"
    alt = " ".join(
        describe(kind, f"{metric.label.lower()}, {line.label}", [x.label for x in line.series.points],
                 [x.quantity.value for x in line.series.points], unit)
        for line in found
    )  # fmt: skip
    data = pd.DataFrame(
        [(line.label, x.label, x.quantity.value, x.quantity.low, x.quantity.high, x.basis) for line, x in points],
        columns=["series", "period", "value", "low", "high", "definition"],
    )  # fmt: skip
    facts = facts_behind(line.series for line in found)
    how = {"calendar": "calendar years", "fiscal": "fiscal years", "monthly": "months"}[p.freq]
    when = how if metric.kind in ("flow", "ratio") else "as printed"
    return Chart("series", _extreme(found), f"{metric.label}, {when}, {unit}", alt, data, facts,
                 draw_columns if alone else draw_lines, _rounded(found), height=3.0)  # fmt: skip


def _extreme(found: list[Line]) -> Phrase:
    """Who had most in the latest period that all have; of one series, its highest point."""
    common = set.intersection(*({x.period for x in line.series.points} for line in found))
    if len(found) > 1 and common:
        period = max(common, key=lambda c: (c[1], c[0]))
        at = {line.label: line.series.at(period) for line in found}
        top = max((x for x in at.values() if x), key=lambda x: x.quantity.value)
        who = next(label for label, x in at.items() if x is top)
        return phrase("{who} was highest {on}, at {n}", who=who, on=_on(top), n=_said(top.quantity))
    line = max(found, key=lambda one: len(one.series))
    top = max(line.series.points, key=lambda x: x.quantity.value)
    if top is line.last:
        return phrase("{who}: the latest figure is the highest", who=line.label)
    return phrase("{who}: highest {on}, at {n}", who=line.label, on=_on(top), n=_said(top.quantity))


def _rounded(found: list[Line]) -> Phrase | None:
    if not any(x.quantity.high > x.quantity.low for line in found for x in line.series.points):
        return None
    return phrase(
        "Wide rounding, or sources that disagree, is drawn as a broad bar behind a point."
    )


def table(ledger: Ledger, p: Any) -> Table | None:
    """Every period with a figure, newest last."""
    found = [line for line in chosen(ledger, p) if line.series.points]
    periods = sorted({x.period for line in found for x in line.series.points})
    if not periods:
        return None
    rows: list[list[Cell]] = []
    for period in periods[-LONG:]:
        points = [line.series.at(period) for line in found]
        rows.append([label_period(*period), *(_cell(x) if x else None for x in points)])
    note = "Derived figures follow from printed ones; a dash is a period without a figure."
    if len(periods) > LONG:
        note += " Earlier periods are in the data of the chart."
    heads = [Column(line.label) for line in found]
    title = phrase("{m}, by period", m=ledger.metrics[p.metric].label)
    return Table.of(
        "series-table", title, [Column("Period", align="left"), *heads], rows, phrase(note)
    )


def _cell(point: Point) -> Phrase:
    said = _said(point.quantity)
    return said if point.stated else phrase("{s} (derived)", s=said)


def plans(ledger: Ledger, p: Any) -> Table | None:
    """Figures that were planned, denied or cancelled: never part of the series above."""
    names = {name.partition(":")[0] for name in p.entities}
    rows = []
    for f in sorted(ledger.facts_of(names, (p.metric,)), key=lambda f: (f.period_end, f.fact)):
        if f.status not in ACTUAL:
            who = cited(ledger.source_label(f.source), f.fact)
            figure = phrase("{n:" + _spec(f.unit) + "}", n=ledger.fact(f.fact))
            word = {"target": "planned"}.get(f.status, f.status)
            rows.append(
                (
                    ledger.entities[f.entity].label,
                    label_period(*f.period),
                    figure,
                    word,
                    who,
                )
            )
    if not rows:
        return None
    heads = [*text_columns("Of", "For"), Column("Figure"), *text_columns("Status", "Said by")]
    title = phrase("Planned, denied or cancelled figures, none of them counted above")
    return Table.of("series-plans", title, heads, rows[-LONG:])


def disagreements(ledger: Ledger, p: Any) -> Table | None:
    """Where sources print figures that cannot be roundings of one number."""
    names = {name.partition(":")[0] for name in p.entities}
    rows = []
    for d in ledger.disagreements(names, [p.metric]):
        seen: dict[float, Phrase] = {}
        for f in d.facts:
            seen.setdefault(
                f.value,
                phrase(
                    "{v} ({who})",
                    v=_said(ledger.fact(f.fact)),
                    who=cited(ledger.sources[f.source].publisher, f.fact),
                ),
            )
        ruling: Cell = (
            _said(ledger.fact(d.facts[0].fact)) if d.settled else "open: bounds reach to all"
        )
        rows.append(
            (
                ledger.entities[d.entity].label,
                label_period(*d.period),
                joined(list(seen.values()), "; "),
                ruling,
            )
        )
    if not rows:
        return None
    heads = text_columns("Of", "Period", "In print", "Taken here")
    return Table.of(
        "series-disagreements", phrase("Where sources contradict each other"), heads, rows
    )
