"""Nissan's sales in China: how far, how fast, on which definition.

Three things are counted under one name. Some Dongfeng-badged models left Nissan's count in April
2013; the growth printed for 2013 to 2015 implies years restated without explanation; and the
light commercial vehicles of Dongfeng Automobile Co (DFAC) left it in October 2022. A change
across one of these is never computed from levels here: growth over a break is the growth that
Nissan printed on a like-for-like base.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes

from .charts import Chart
from .drawing import columns, describe, mark_break, number
from .ledger import Ledger, Point, Series
from .periods import label_period, months_from, shift_years
from .quantity import Origin, Quantity, change
from .style import LIGHT
from .tables import Column, Table
from .wording import ORDINALS, Phrase, phrase

if TYPE_CHECKING:
    from .telling import Key

NISSAN = "nissan_china"
DFAC_LEFT = dt.date(2022, 10, 1)
FIRST_MONTH = dt.date(2019, 10, 1)  # no month is missing from here on
#: Bases under which like-for-like growth over a break is printed.
PRINTED = ("cn_like_for_like", "cn_restated")


@dataclass(frozen=True)
class Growth:
    """Growth of one year: from the levels where the definition held, else as printed."""

    year: int
    ratio: Quantity
    computed: bool


def annual(ledger: Ledger, first_year: int = 2010) -> Series:
    """Calendar years of Nissan's sales in China."""
    return ledger.series("sales", NISSAN, "YE", start=f"{first_year}")


def monthly(ledger: Ledger, start: dt.date = FIRST_MONTH) -> Series:
    """Months of Nissan's sales in China."""
    return ledger.series("sales", NISSAN, "ME", start=start)


def year_of(point: Point) -> int:
    return point.period[0].year


def growth(ledger: Ledger, series: Series, year: int) -> Growth | None:
    """Growth of `year` on one definition, or None where nobody printed any."""
    new, old = series.at(str(year)), series.at(str(year - 1))
    if new and old and new.basis == old.basis:
        return Growth(year, change(new.quantity, old.quantity), True)
    for basis in PRINTED:
        printed = ledger.find("sales_yoy", NISSAN, str(year), basis=basis)
        if printed is not None:
            return Growth(year, printed.ratio(), False)
    return None


def streak(ledger: Ledger, series: Series) -> tuple[int, list[Growth]]:
    """How many years running the latest direction has held, and the growth of each."""
    found: list[Growth] = []
    year = year_of(series.points[-1])
    while (one := growth(ledger, series, year)) is not None:
        if found and (one.ratio < 0) != (found[0].ratio < 0):
            break
        found.append(one)
        year -= 1
    return len(found), found


def counted(n: int, unit: str, *quantities: Quantity) -> Quantity:
    """A count of figures as a quantity that rests on those figures."""
    facts = tuple(sorted({f for q in quantities for f in q.facts}))
    return Quantity.of(n, unit, Origin(facts, label="counted"))


@dataclass(frozen=True)
class Fall:
    """The fall in levels, each part of it on one definition."""

    latest: Point
    peak: Point
    growth: Growth | None
    years: Quantity | None  #: length of the streak, in years
    falling: bool
    old_end: Point | None  #: last year on the definition of the peak
    old: Quantity | None  #: change from the peak to `old_end`
    new_start: Point | None  #: first year on the definition of the latest year
    new: Quantity | None  #: change from `new_start` to the latest year
    gone: Quantity | None  #: what Nissan's printed growth implies left the count in 2022 and 2023


def fall(ledger: Ledger) -> Fall | None:
    """From the peak year to the latest; None when no year is known."""
    series = annual(ledger)
    if not series.points:
        return None
    latest = series.points[-1]
    peak = max(series.points, key=lambda p: p.quantity.value)
    length, steps = streak(ledger, series)
    years = counted(length, "years", *(s.ratio for s in steps)) if steps else None
    same = [p for p in series.points if p.basis == peak.basis and p.period >= peak.period]
    here = [p for p in series.points if p.basis == latest.basis]
    old = change(same[-1].quantity, peak.quantity) if len(same) > 1 else None
    split = latest.basis != peak.basis and len(here) > 1
    new = change(latest.quantity, here[0].quantity) if split else None
    gone = [q for y in (2022, 2023) if (q := left_count(ledger, series, y)) is not None]
    return Fall(
        latest, peak, steps[0] if steps else None, years, bool(steps and steps[0].ratio < 0),
        same[-1] if old else None, old, here[0] if new else None, new,
        gone[0] + gone[1] if len(gone) == 2 else None,
    )  # fmt: skip


def left_count(ledger: Ledger, series: Series, year: int) -> Quantity | None:
    """Vehicles of the year before that the printed growth of `year` leaves out (positive)."""
    step = growth(ledger, series, year)
    new, old = series.at(str(year)), series.at(str(year - 1))
    if step is None or step.computed or new is None or old is None or year < 2022:
        return None
    return old.quantity - new.quantity / (step.ratio + 1)


# -- opening ----------------------------------------------------------------------------


def finding(ledger: Ledger, p: Any = None) -> tuple[Phrase, Phrase]:
    """Title and summary of the report (also of the briefing's China part)."""
    from .china_causes import shift_of_fall
    from .china_exports import latest_use

    f = fall(ledger)
    if f is None:
        return (
            phrase("No yearly total of Nissan's sales in China was published yet"),
            phrase("The first yearly total in these data was published after {day}.", day=ledger.as_of),
        )
    title = phrase("Nissan sold {n:~,} vehicles in China in {y}", n=f.latest.quantity, y=f.latest.label)
    if f.growth and f.years:
        verb = "fell" if f.falling else "rose"
        parts = {"n": f.latest.quantity, "y": f.latest.label, "v": verb}
        if f.years.value > 1 and f.years.value < len(ORDINALS):
            title = phrase(
                "Nissan's sales in China {v} for the {years:o} year running in {y}, to {n:~,}",
                years=f.years, **parts,
            )  # fmt: skip
        else:
            title = phrase("Nissan's sales in China {v} in {y}, to {n:~,}", **parts)
    said = []
    if f.old and f.old_end and f.old < 0:
        said.append(phrase(
            "They fell {a:.0%} from the {p} peak to {e} on one definition",
            a=-f.old, p=f.peak.label, e=f.old_end.label,
        ))  # fmt: skip
        if f.new and f.new_start:
            said[-1] = phrase(
                "{first}, and {b:.0%} from {s} to {e} on another; the change of definition between "
                "the two took vehicles out of the count and must not be read as lost sales",
                first=said[-1], b=abs(f.new), s=f.new_start.label, e=f.latest.label,
            ) if f.new < 0 else said[-1]  # fmt: skip
    shift = shift_of_fall(ledger)
    if shift is not None and shift.part > 0.5:
        said.append(phrase(
            "By our estimate the market's move to new-energy cars, which Nissan hardly had, explains "
            "more than {word} of the fall since {y}", word="all" if shift.part > 1 else "half",
            y=shift.start,
        ))  # fmt: skip
    use = latest_use(ledger)
    if use is not None:
        said.append(phrase(
            "In {y} the Chinese plants built {u:.0%} of the {c:.1m} million vehicles a year that they "
            "are most often said to be able to build", y=use.label, u=use.ratio, c=use.capacity,
        ))  # fmt: skip
    if not said:
        said.append(phrase("Later years and their causes were not known on {day}", day=ledger.as_of))
    return title, _sentences(said)


def _sentences(parts: list[Phrase]) -> Phrase:
    template = " ".join(f"{{p{i}}}." for i in range(len(parts)))
    return phrase(template, **{f"p{i}": part for i, part in enumerate(parts)})


def keys(ledger: Ledger, p: Any = None) -> list[Key]:
    """Up to six key numbers."""
    from .china_causes import shift_of_fall
    from .china_exports import latest_use
    from .china_outlook import projection
    from .telling import key

    f = fall(ledger)
    if f is None:
        return []
    found = [key("vehicles sold in {y}", "{n:~,}", y=f.latest.label, n=f.latest.quantity)]
    if f.growth:
        how = "computed from the totals" if f.growth.computed else "as printed, like for like"
        found.append(key("in {y}, year on year", "{g:+.1%}", how, y=str(f.growth.year), g=f.growth.ratio))
    if f.old and f.old_end:
        found.append(key("from {a} to {b}", "{g:+.1%}", "one definition, DFAC counted",
                         a=f.peak.label, b=f.old_end.label, g=f.old))  # fmt: skip
    if f.new and f.new_start:
        found.append(key("from {a} to {b}", "{g:+.1%}", "one definition, without DFAC",
                         a=f.new_start.label, b=f.latest.label, g=f.new))  # fmt: skip
    use = latest_use(ledger)
    if use:
        found.append(key("of capacity used in {y}", "{u:.0%}", "of {c:.1m} million a year; the figure is disputed",
                         y=use.label, u=use.ratio, c=use.capacity))  # fmt: skip
    ahead = projection(ledger)
    if ahead:
        found.append(key("our estimate for the next twelve months", "{n:~,}", "from {low:~,} to {high:~,}",
                         n=ahead.total, low=ahead.low, high=ahead.high))  # fmt: skip
    shift = shift_of_fall(ledger)
    if shift and len(found) < 6:
        found.append(key("of the fall since {y} explained by new-energy cars", "{s:.0%}", "our estimate",
                         y=shift.start, s=shift.part))  # fmt: skip
    return found[:6]


# -- years ------------------------------------------------------------------------------


def annual_chart(ledger: Ledger, p: Any) -> Chart | None:
    """Columns of yearly sales, every change of definition marked."""
    series = annual(ledger, p.first_year)
    f = fall(ledger)
    if not series.points or f is None:
        return None
    labels = [x.label for x in series.points]
    values = [x.quantity.value / 1000 for x in series.points]
    whole = {b for b in (x.basis for x in series.points)
             if sum(x.basis == b for x in series.points) > 1}  # fmt: skip
    colours = ["accent" if x.basis in whole and year_of(x) >= 2015 else "pale" for x in series.points]
    marks = [
        (labels.index(year) - 0.5, words)
        for year, words in (("2013", "April 2013"), ("2015", "restated\n2014, 2015"), ("2022", "October 2022:\nDFAC leaves"))
        if year in labels and labels.index(year) > 0
    ]  # fmt: skip
    if "2023" in labels and labels[0] != "2023":
        marks.append((labels.index("2023") - 0.5, ""))

    def draw(axes: Axes) -> None:
        columns(axes, labels, values, colours)
        axes.set_ylim(0, max(values) * 1.3)
        for x, words in marks:
            mark_break(axes, x, words)

    direction = "below" if f.latest.quantity < f.peak.quantity else "above"
    title = phrase("The years from {a} to {b}, as published", a=labels[0], b=labels[-1])
    if f.old and f.new and f.old < 0 and f.new < 0:
        title = phrase("Two falls on two definitions: {a:.0%} and then {b:.0%}", a=-f.old, b=-f.new)
    elif f.old and f.old < 0:
        title = phrase("{y} was {a:.1%} {d} the {p} peak", y=f.old_end.label if f.old_end else "",
                       a=-f.old, d=direction, p=f.peak.label)  # fmt: skip
    note = phrase(
        "Red columns share a definition with a neighbour and may be compared within their block; pale "
        "ones may not. Dashed lines are changes of definition."
    )
    data = pd.DataFrame(
        {"year": labels, "vehicles": [x.quantity.value for x in series.points],
         "definition": [x.basis for x in series.points]}
    )  # fmt: skip
    alt = describe("Columns", "Nissan's yearly sales in China", labels, values, "thousand vehicles", 0)
    if marks:
        alt += " Dashed lines mark changes of definition."
    return Chart("china-years", title, "Nissan's sales in China by calendar year, thousand vehicles",
                 alt, data, series.facts, draw, note, height=3.2)  # fmt: skip


def spans_table(ledger: Ledger) -> Table | None:
    """Growth of each year, raw and like for like, from the peak on."""
    series, f = annual(ledger), fall(ledger)
    if f is None or len(series.points) < 3:
        return None
    rows = []
    for point in series.points:
        year = year_of(point)
        before = series.at(str(year - 1))
        step = growth(ledger, series, year)
        if before is None or year < 2018:
            continue
        raw = change(point.quantity, before.quantity)
        same = before.basis == point.basis
        rows.append((
            point.label, say_n(point.quantity), phrase("{g:+.1%}", g=raw),
            phrase("{g:+.1%}", g=step.ratio) if step else None,
            "one definition" if same else "part of the raw change is the definition",
        ))  # fmt: skip
    if not rows:
        return None
    columns_ = (Column("Year"), Column("Vehicles"), Column("Raw change"),
                Column("Like for like"), Column("Read it as", align="left"))  # fmt: skip
    title = phrase("Year by year: the raw change and the change on one definition")
    note = phrase(
        "Like for like is computed where the definition held and otherwise as Nissan China printed it."
    )
    return Table.of("china-growth", title, columns_, rows, note)


def say_n(quantity: Quantity) -> Phrase:
    return phrase("{q:q~,}", q=quantity)


# -- one fall, two figures ---------------------------------------------------------------


@dataclass(frozen=True)
class TwoFigures:
    """January to November 2023 against 2022, and the year, raw and like for like."""

    now: Quantity
    before: Quantity
    raw: Quantity
    printed: Quantity | None
    year_raw: Quantity | None
    year_printed: Quantity | None
    gone: Quantity | None


def two_figures(ledger: Ledger) -> TwoFigures | None:
    """What the founding article printed, and why the year's like-for-like fall is smaller."""
    spans = [ledger.facts.get(f"nissan-china-sales-{x}") for x in ("2023-01-11-btimes", "2022-01-11-btimes-prior")]
    if None in spans:
        return None
    now, before = (ledger.fact(s.fact) for s in spans if s)
    series = annual(ledger)
    a, b = series.at("2022"), series.at("2023")
    return TwoFigures(
        now, before, change(now, before),
        ledger.find("sales_yoy", NISSAN, "2023-01/2023-11"),
        change(b.quantity, a.quantity) if a and b else None,
        ledger.find("sales_yoy", NISSAN, "2023", basis="cn_like_for_like"),
        left_count(ledger, series, 2023),
    )  # fmt: skip


# -- months -----------------------------------------------------------------------------


def monthly_chart(ledger: Ledger) -> Chart | None:
    """Columns of monthly sales with the DFAC break."""
    series = monthly(ledger)
    if len(series) < 6:
        return None
    days = [x.period[0] for x in series.points]
    values = [x.quantity.value / 1000 for x in series.points]
    recent = twelve_months(ledger)
    crosses = days[0] < DFAC_LEFT <= days[-1]

    def draw(axes: Axes) -> None:
        colours = [LIGHT["accent" if d >= DFAC_LEFT else "pale"] for d in days]
        axes.bar(days, values, width=25, color=colours)  # type: ignore[arg-type]
        axes.set_ylim(0, max(values) * 1.15)
        axes.xaxis_date()
        if crosses:
            mark_break(axes, dt.date(2022, 9, 17), "October 2022: DFAC leaves the count")
        for at in (values.index(min(values)), len(values) - 1):
            axes.annotate(number(values[at], 0), (days[at], values[at]), xytext=(0, 3),  # type: ignore[arg-type]
                          textcoords="offset points", ha="center", fontsize=8)  # fmt: skip

    title = phrase("Month by month from {a} to {b}", a=series.points[0].label, b=series.points[-1].label)
    if recent:
        word = "more" if recent.change > 0 else "fewer"
        title = phrase("The twelve months to {m} brought {c:.1%} {w} sales than the twelve before",
                       m=recent.end, c=abs(recent.change), w=word)  # fmt: skip
    labels = [x.label for x in series.points]
    alt = describe("Columns", "Nissan's monthly sales in China", labels, values, "thousand vehicles", 1)
    derived = [x.label for x in series.points if not x.stated]
    note = None
    if derived:
        note = phrase("Derived from cumulative totals, not published as months: {d}.", d=", ".join(derived))
    data = pd.DataFrame({"month": days, "vehicles": [x.quantity.value for x in series.points],
                         "definition": [x.basis for x in series.points],
                         "published": [x.stated for x in series.points]})  # fmt: skip
    return Chart("china-months", title, "Nissan's sales in China by month, thousand vehicles", alt, data,
                 series.facts, draw, note, height=3.0)  # fmt: skip


@dataclass(frozen=True)
class Twelve:
    """The latest twelve months with a figure, against the twelve before."""

    end: str
    now: Quantity
    before: Quantity
    change: Quantity
    half: Quantity | None  #: the same for the latest four months
    half_label: str


def twelve_months(ledger: Ledger) -> Twelve | None:
    """None unless both spans are known and lie on one definition."""
    series = monthly(ledger)
    if not series.points:
        return None
    last = series.points[-1].period[1]
    span = months_from(dt.date(last.year - 1 + last.month // 12, last.month % 12 + 1, 1), 12)
    earlier = shift_years(span, -1)
    if earlier[0] < DFAC_LEFT <= span[1]:
        return None
    now = ledger.find("sales", NISSAN, span)
    before = ledger.find("sales", NISSAN, earlier)
    if now is None or before is None:
        return None
    year = (dt.date(last.year, 1, 1), last)
    to_date, prior = (ledger.find("sales", NISSAN, x) for x in (year, shift_years(year, -1)))
    both = to_date is not None and prior is not None and last.month < 12
    half = change(to_date, prior) if both and to_date and prior else None
    return Twelve(label_period(*months_from(last, 1)), now, before, change(now, before), half,
                  label_period(*year))  # fmt: skip
