"""The briefing: the other reports in two pages, and what changed between two dates.

Nothing is computed a second time: titles, key numbers and charts come from the modules of the
other reports. "What changed" sets two vintages of the ledger side by side.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from . import alliances, china, parameters, restructuring, sakura
from .charts import Chart
from .ledger import Ledger
from .periods import label_period, shift_years
from .provenance import limited
from .quantity import Quantity, change, counted
from .restructuring import merit
from .sakura.spans import span
from .tables import Cell, Column, Table
from .wording import Key, Phrase, cited, enumerated, joined, long_date, long_month, phrase

#: Key numbers taken from each report, in the order in which a reader meets them.
TAKEN: tuple[tuple[Any, str, tuple[int, ...]], ...] = (
    (china, "china_sales", (0, 2)),
    (sakura, "sakura_share", (0, 2)),
    (restructuring, "restructuring", (0, 1, 2)),
    (alliances, "alliances", (0,)),
)
CONFIRMED = ("announced", "agreed", "cleared", "completed", "cancelled")
_PLANNED = ("target",)
_PRINTED = ("official", "reported")
SMALL = 2.1  # inches
YEARS = 8  # more columns do not fit half a page


def settings(report: str, p: Any) -> Any:
    """The default parameters of another report, as of the briefing's own date."""
    return parameters.validate(report, {"as_of": str(p.as_of)})


def since(ledger: Ledger, p: Any) -> dt.date:
    """First day of "what changed": the parameter, or twelve months before the vintage's date."""
    if p.since:
        return p.since  # type: ignore[no-any-return]
    day = ledger.as_of
    return shift_years((day, day), -1)[0]


def finding(ledger: Ledger, p: Any) -> tuple[Phrase, Phrase]:
    """Title and summary, from what each report found."""
    found = (_in_china(ledger), _of_the_sakura(ledger), _of_the_plants(ledger))
    parts = [part for part in found if part is not None]
    titles = [module.finding(ledger, settings(name, p))[0] for module, name, _ in TAKEN]
    if not parts:
        return titles[0], joined(titles[1:], after=".")
    return phrase("Nissan: {parts}", parts=enumerated(parts)), joined(titles, after=".")


def _in_china(ledger: Ledger) -> Phrase | None:
    """The longest change of yearly sales in China that the latest definition covers."""
    points = ledger.series("sales", "nissan_china", "YE").points
    same = [x for x in points[:-1] if x.basis == points[-1].basis]
    if not same:
        return None
    moved = change(points[-1].quantity, same[0].quantity)
    return phrase(
        "sales in China {way} {x:~.0%} from {a} to {b}",
        way="down" if moved < 0 else "up",
        x=abs(moved),
        a=same[0].label,
        b=points[-1].label,
    )


def _of_the_sakura(ledger: Ledger) -> Phrase | None:
    """The Sakura's share in its first whole year, 2023, and in the latest one."""
    years = (span(ledger, str(year)) for year in range(2023, ledger.as_of.year + 1))
    shares = [year.share for year in years if year is not None]
    if not shares:
        return None
    if len(shares) == 1:
        return phrase("the Sakura {x:~.0%} of Japan's electric-car sales", x=shares[0])
    return phrase(
        "the Sakura's share of Japan's electric-car sales {way} from {a:~.0%} to {b:~.0%}",
        way="down" if shares[-1] < shares[0] else "up",
        a=shares[0],
        b=shares[-1],
    )


def _of_the_plants(ledger: Ledger) -> Phrase | None:
    before = ledger.latest("plants", "nissan", "excl_china")
    after = _planned("plants", "excl_china")(ledger)[0]
    if before is None or after is None:
        return None
    return phrase(
        "a plan for {b:w} plants outside China instead of {a:,}", a=before.quantity, b=after
    )


def keys(ledger: Ledger, p: Any) -> list[Key]:
    """Up to eight numbers, from the openings of the other reports."""
    found: list[Key] = []
    for module, name, places in TAKEN:
        made = module.keys(ledger, settings(name, p))
        if module is not china:  # the other runs of figures have no chart here
            made = [replace(k, trend=None) for k in made]
        found += [made[i] for i in places if i < len(made)]
    return found[:8]


def standfirst(ledger: Ledger, p: Any, module: Any, report: str) -> Phrase:
    """The summary of another report."""
    summary: Phrase = module.finding(ledger, settings(report, p))[1]
    return summary


def _small(chart: Chart | None) -> Chart | None:
    """A chart drawn at half the width, to stand beside another."""
    return chart and replace(chart, height=SMALL, width="half")


def china_chart(ledger: Ledger, p: Any) -> Chart | None:
    recent = settings("china_sales", p).model_copy(
        update={"first_year": max(2010, ledger.as_of.year - YEARS)}
    )
    return _small(china.annual_chart(ledger, recent))


def sakura_chart(ledger: Ledger, p: Any) -> Chart | None:
    return _small(sakura.share_chart(ledger, settings("sakura_share", p)))


def plants_chart(ledger: Ledger, p: Any) -> Chart | None:
    chart = merit.merit_order(ledger, settings("restructuring", p))
    return chart and replace(chart, height=2.7)


# -- what changed -----------------------------------------------------------------------------

Reading = tuple[Quantity | None, str]


def _latest(
    metric: str, entity: str, freq: Any, basis: str | None = None
) -> Callable[[Ledger], Reading]:
    def read(ledger: Ledger) -> Reading:
        points = ledger.series(metric, entity, freq, basis, status=_PRINTED).points
        return (points[-1].quantity, points[-1].label) if points else (None, "")

    return read


def _sakura_share(ledger: Ledger) -> Reading:
    for year in range(ledger.as_of.year, 2021, -1):
        if (known := span(ledger, str(year))) is not None:
            return known.share, known.label
    return None, ""


def _planned(
    metric: str, basis: str | None = None, ahead: bool = False
) -> Callable[[Ledger], Reading]:
    """The newest target; with `ahead`, of a period that is not over."""

    def read(ledger: Ledger) -> Reading:
        rows = ledger.rows(metric, "nissan", basis, _PLANNED)
        if ahead:
            rows = [row for row in rows if row.period_end > ledger.as_of]
        if not rows:
            return None, ""
        newest = max(rows, key=lambda r: (ledger.sources[r.source].published, r.period_end, r.fact))
        return ledger.fact(newest.fact), label_period(*newest.period)

    return read


READINGS: tuple[tuple[str, str, Callable[[Ledger], Reading]], ...] = (
    ("Sales in China, vehicles a year", "q~,", _latest("sales", "nissan_china", "YE")),
    (
        "Sales worldwide, vehicles a year",
        "q~,",
        _latest("sales", "nissan", "YE", "monthly_release"),
    ),
    ("Production worldwide, vehicles a year", "q~,", _latest("production", "nissan", "FY")),
    ("Sakura's share of Japan's battery EVs", "~.0%", _sakura_share),
    ("Operating profit, billion yen", "q~,.1", _latest("operating_profit", "nissan", "FY")),
    ("Operating profit, forecast, bn yen", "q~,", _planned("operating_profit", ahead=True)),
    ("Net income, billion yen", "q~,.1", _latest("net_income", "nissan", "FY")),
    ("Job cuts, target", "q~,", _planned("job_cuts")),
    ("Plants remaining, target", "q~,", _planned("plants", "excl_china")),
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
    note = "The period a figure is for stands in brackets. Targets and forecasts are plans."
    if ledger.as_of >= dt.date(2025, 9, 30):
        note += " Since August 2025 production leaves out the Renault-brand cars built in India."
    if any(row[1] is None for row in rows):
        note += " A dash: none found."
    return Table.of("changes", title, columns, rows, phrase(note))


def _cell(figure: Quantity | None, period: str, spec: str) -> Phrase | None:
    if figure is None:
        return None
    return phrase(f"{{n:{spec}}} ({{p}})", n=figure, p=period)


def news(ledger: Ledger, earlier: Ledger, confirmed: bool, most: int = 6) -> list[Phrase]:
    """Events since the earlier vintage, latest first: confirmed ones, or those only reported.

    The first phrase says how many there are, so that a list cut short does not pass for the whole.
    """
    known = {e.event for e in earlier.events}
    fresh = [
        e
        for e in ledger.events
        if e.event not in known and e.date > earlier.as_of and (e.status in CONFIRMED) == confirmed
    ]
    if not fresh:
        return []
    fresh.sort(key=lambda e: (e.date, e.event), reverse=True)
    ids = [f"event:{e.event}" for e in fresh]
    every, shown = counted(len(ids), "events", ids), counted(most, "events", ids[:most])
    kind = (
        "announced, agreed, cleared, completed or cancelled"
        if confirmed
        else "only reported, denied or not confirmed"
    )
    how_many = "{n:w}" if len(ids) <= most else "the latest {m:w} of {n:w}"
    head = phrase(f"Since {{day}}, {kind} ({how_many}):", day=earlier.as_of, n=every, m=shown)
    return [head, *(_told(ledger, e) for e in fresh[:most])]


def _told(ledger: Ledger, event: Any) -> Phrase:
    origin = f"event:{event.event}"
    title = cited(event.title, origin, ledger.source_label(event.source))
    if event.date_precision == "month":
        day: Any = long_month(event.date)
    else:
        day = event.date
    status = event.told_as
    if event.overdue(ledger.as_of):
        status += "; date passed, not confirmed"
    said = phrase("**{day}**: {title} ({status}).", day=day, title=title, status=status)
    return limited(said, event)


def weak_points(ledger: Ledger) -> list[Phrase]:
    """Where this briefing is weakest, in its own words."""
    newest = ledger.latest("sales", "nissan_china")
    points = [
        phrase(
            "It repeats what the other four reports found; most of their caveats stand only there: open the report "
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
