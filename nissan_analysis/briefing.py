"""The briefing: the other reports in two pages, and what changed between two dates.

Nothing is computed a second time: titles, key numbers and charts come from the modules of the
other reports. "What changed" sets two vintages of the ledger side by side.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from . import alliances, china, parameters, restructuring, sakura
from .charts import Chart
from .ledger import Ledger
from .periods import label_period
from .quantity import Quantity, counted, share
from .restructuring import use as restructuring_use
from .tables import Cell, Column, Table
from .wording import Key, Phrase, cited, joined, long_date, long_month, phrase

#: Key numbers taken from each report, in the order in which a reader meets them.
TAKEN: tuple[tuple[Any, str, tuple[int, ...]], ...] = (
    (china, "china_sales", (0, 1, 3)),
    (sakura, "sakura_share", (0, 2, 3)),
    (restructuring, "restructuring", (0, 1, 2)),
    (alliances, "alliances", (0,)),
)
CONFIRMED = ("announced", "agreed", "completed", "cancelled")
_PLANNED = ("target",)
LOW = 2.0  # inches


def settings(report: str, p: Any) -> Any:
    """The default parameters of another report, as of the briefing's own date."""
    return parameters.validate(report, {"as_of": str(p.as_of)})


def since(ledger: Ledger, p: Any) -> dt.date:
    """First day of "what changed": the parameter, or twelve months before the vintage's date."""
    if p.since:
        return p.since  # type: ignore[no-any-return]
    day = ledger.as_of
    last_year = (day.replace(day=1) - dt.timedelta(days=365)).replace(day=1)
    return last_year.replace(day=min(day.day, 28))


def finding(ledger: Ledger, p: Any) -> tuple[Phrase, Phrase]:
    """Title and summary, from what each report found."""
    title = china.finding(ledger, settings("china_sales", p))[0]
    parts = [module.finding(ledger, settings(name, p))[0] for module, name, _ in TAKEN[1:]]
    return title, joined(parts, after=".")


def keys(ledger: Ledger, p: Any) -> list[Key]:
    """Up to ten numbers, from the openings of the other reports."""
    found: list[Key] = []
    for module, name, places in TAKEN:
        made = module.keys(ledger, settings(name, p))
        found += [made[i] for i in places if i < len(made)]
    return found[:10]


def standfirst(ledger: Ledger, p: Any, module: Any, report: str) -> Phrase:
    """The summary of another report."""
    summary: Phrase = module.finding(ledger, settings(report, p))[1]
    return summary


def _low(chart: Chart | None) -> Chart | None:
    """A chart drawn lower than in its own report, so that the briefing stays brief."""
    return chart and replace(chart, height=LOW)


def china_chart(ledger: Ledger, p: Any) -> Chart | None:
    return _low(china.annual_chart(ledger, settings("china_sales", p)))


def sakura_chart(ledger: Ledger, p: Any) -> Chart | None:
    return _low(sakura.share_chart(ledger, settings("sakura_share", p)))


def plants_chart(ledger: Ledger, p: Any) -> Chart | None:
    return _low(restructuring_use.merit_order(ledger, settings("restructuring", p)))


# -- what changed -----------------------------------------------------------------------------

Reading = tuple[Quantity | None, str]


def _latest(
    metric: str, entity: str, freq: Any, status: Sequence[str] = ("official", "reported")
) -> Callable[[Ledger], Reading]:
    def read(ledger: Ledger) -> Reading:
        series = ledger.series(metric, entity, freq, status=status)
        if not len(series):
            return None, ""
        last = series.points[-1]
        return last.quantity, last.label

    return read


def _sakura_share(ledger: Ledger) -> Reading:
    for year in range(ledger.as_of.year, 2021, -1):
        part = ledger.find("sales", "sakura", str(year))
        whole = ledger.find("bev_sales", "japan_passenger", str(year))
        if part is not None and whole is not None:
            return share(part, whole), str(year)
    return None, ""


def _planned(metric: str, basis: str | None = None) -> Callable[[Ledger], Reading]:
    def read(ledger: Ledger) -> Reading:
        rows = ledger.rows(metric, "nissan", basis, _PLANNED)
        if not rows:
            return None, ""
        newest = max(rows, key=lambda r: (ledger.sources[r.source].published, r.period_end, r.fact))
        return ledger.fact(newest.fact), label_period(newest.period_start, newest.period_end)

    return read


READINGS: tuple[tuple[str, str, Callable[[Ledger], Reading]], ...] = (
    ("Sales in China, vehicles a year", "q~,", _latest("sales", "nissan_china", "YE")),
    ("Production worldwide, vehicles a year", "q~,", _latest("production", "nissan", "FY")),
    ("Sakura's share of Japan's battery EVs", "~.1%", _sakura_share),
    ("Operating profit, billion yen", "q~,.1", _latest("operating_profit", "nissan", "FY")),
    ("Net income, billion yen", "q~,.1", _latest("net_income", "nissan", "FY")),
    ("Job cuts planned", "q~,", _planned("job_cuts")),
    ("Plants to be left, planned", "q~,", _planned("plants", "excl_china")),
)


def changes_table(ledger: Ledger, earlier: Ledger) -> Table | None:
    """The headline figures as they were known on two days."""
    rows: list[list[Cell]] = []
    for label, spec, read in READINGS:
        (now, when_now), (then, when_then) = read(ledger), read(earlier)
        if now is None:
            continue
        rows.append([label, _cell(then, when_then, spec), _cell(now, when_now, spec)])
    if not rows:
        return None
    title = phrase("What was known on {a}, and what on {b}", a=earlier.as_of, b=ledger.as_of)
    columns = [
        Column("Figure", align="left"),
        Column(long_date(earlier.as_of)),
        Column(long_date(ledger.as_of)),
    ]
    note = phrase("The period a figure is for stands in brackets. Planned figures are targets.")
    return Table.of("changes", title, columns, rows, note)


def _cell(figure: Quantity | None, period: str, spec: str) -> Phrase | None:
    if figure is None:
        return None
    return phrase(f"{{n:{spec}}} ({{p}})", n=figure, p=period)


def news(ledger: Ledger, earlier: Ledger, confirmed: bool, most: int = 6) -> list[Phrase]:
    """Events since the earlier vintage, latest first: confirmed ones, or those only reported."""
    known = {e.event for e in earlier.events}
    fresh = [
        e
        for e in ledger.events
        if e.event not in known and e.date > earlier.as_of and (e.status in CONFIRMED) == confirmed
    ]
    fresh.sort(key=lambda e: (e.date, e.event), reverse=True)
    return [_told(ledger, e) for e in fresh[:most]]


def _told(ledger: Ledger, event: Any) -> Phrase:
    origin = f"event:{event.event}"
    title = cited(event.title, origin, ledger.source_label(event.source))
    if event.date_precision == "month":
        day: Any = long_month(event.date)
    else:
        day = event.date
    return phrase("**{day}**: {title} ({status}).", day=day, title=title, status=event.status)


def watch(ledger: Ledger, most: int = 6) -> list[Phrase]:
    """What is due after this vintage's date, in order, and what is open without a date."""
    due = [
        plant
        for plant in ledger.plants.values()
        if plant.end_date and plant.end_date > ledger.as_of and plant.status != "running"
    ]
    said = [
        phrase(
            "**{day}**: {plant}, {fate}.",
            day=plant.end_date,
            plant=cited(plant.label, f"plant:{plant.plant}"),
            fate=cited(plant.fate.rstrip("."), f"plant:{plant.plant}"),
        )
        for plant in sorted(due, key=lambda x: (x.end_date, x.plant))
    ]
    loose = [
        e
        for e in ledger.events
        if e.outcome_status in ("open", "not_found")
        and e.status in ("reported", "announced", "agreed")
    ]
    for event in sorted(loose, key=lambda e: (e.date, e.event), reverse=True):
        title = cited(event.title, f"event:{event.event}", ledger.source_label(event.source))
        said.append(
            phrase(
                "**No outcome known**: {title} ({status} {day}).",
                title=title,
                status=event.status,
                day=long_month(event.date),
            )
        )
    return said[:most]


def disputed(ledger: Ledger) -> tuple[Quantity, Quantity] | None:
    """Conflicts between sources on one figure: how many, and how many nobody has settled."""
    found = ledger.disagreements()
    if not found:
        return None
    facts = tuple(sorted({f.fact for d in found for f in d.facts}))
    still = tuple(sorted({f.fact for d in found if not d.settled for f in d.facts}))
    unsettled = sum(not d.settled for d in found)
    return (
        counted(len(found), "conflicts", facts[:12]),
        counted(unsettled, "conflicts", still[:12] or facts[:1]),
    )


def confidence(ledger: Ledger) -> Phrase:
    """How often sources disagree, and what this briefing does about it."""
    found = disputed(ledger)
    if found is None:
        return phrase(
            "No two sources in the data disagree on a figure as of {day}.", day=ledger.as_of
        )
    every, still = found
    lead = phrase("Sources disagree on {n:,} figures in the data; ", n=every)
    if still.value == 0:
        tail = phrase("each has been ruled on, with the reason beside the figure.")
    else:
        tail = phrase(
            "all but {m:w} have been ruled on, with the reason beside the figure, and those are "
            "printed only to the digits on which all sides agree.",
            m=still,
        )
    return phrase("{a}{b}", a=lead, b=tail)


def weak_points(ledger: Ledger) -> list[Phrase]:
    """Where this briefing is weakest, in its own words."""
    newest = ledger.latest("sales", "nissan_china")
    points = [
        phrase(
            "It repeats what the other four reports found, without their caveats: open the report "
            "before you act on a number."
        ),
        phrase(
            "Much of it rests on press reports of company figures, often read in a copy; the list "
            "of sources says which."
        ),
    ]
    if newest is not None:
        points.insert(
            0,
            phrase(
                "The latest figure for sales in China is for {month}: nothing later was found.",
                month=newest.label,
            ),
        )
    return points
