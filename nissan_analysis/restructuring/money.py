"""Money: what was earned and lost, what the cuts are to save, and what they have saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import describe, label_over, number, value_axis
from ..ledger import ACTUAL, Ledger
from ..periods import months_from, parse_period
from ..points import Point
from ..quantity import Quantity, counted, facts_behind, share, total
from ..rows import FactRow
from ..style import LIGHT
from ..tables import Column, Table
from ..wording import Phrase, Trend, joined, listed, phrase
from .plan import TARGET, told_in

FIRST_YEAR = 2016


def fiscal_years(ledger: Ledger, metric: str) -> dict[str, Quantity]:
    """A figure of the accounts by fiscal year, for the whole years that a source prints."""
    found = {}
    for year in range(FIRST_YEAR, ledger.as_of.year + 1):
        quantity = ledger.find(metric, "nissan", f"FY{year}", derive=False)
        if quantity is not None:
            found[f"FY{year}"] = quantity
    return found


def part_year(ledger: Ledger, metric: str, year: int) -> Point | None:
    """The longest part of a fiscal year, from its April, that is known of a year without a total."""
    for months in (9, 6, 3):
        period = months_from(dt.date(year, 4, 1), months)
        if (found := ledger.point(metric, "nissan", period, None, ACTUAL, False)) is not None:
            return found
    return None


def accounts(ledger: Ledger) -> Table | None:
    """Ten years of accounts; what was not found stays open."""
    kinds = ("net_revenue", "operating_profit", "net_income", "free_cash_flow_automotive")
    by = {k: fiscal_years(ledger, k) for k in kinds}
    charges = fiscal_years(ledger, "restructuring_cost") | fiscal_years(ledger, "impairment")
    if not by["net_revenue"]:
        return None
    rows = []
    for year in by["net_revenue"]:
        revenue, profit = by["net_revenue"][year], by["operating_profit"].get(year)
        margin = share(profit, revenue) if profit is not None else None
        rows.append(
            (
                year,
                revenue,
                profit,
                margin,
                by["net_income"].get(year),
                by["free_cash_flow_automotive"].get(year),
                charges.get(year),
            )
        )
    columns = (
        Column("Year", align="left"),
        Column("Revenue", "~,"),
        Column("Operating profit", "~,.1"),
        Column("Margin", "~.1%"),
        Column("Net income", "~,.1"),
        Column("Free cash flow, cars", "~,.1"),
        Column("Restructuring, impairment", "~,.1"),
    )
    return Table.of(
        "accounts",
        phrase("Nissan's accounts in billions of yen, years from April to March"),
        columns,
        rows,
        joined(
            [
                phrase("The China joint venture by the equity method. A dash: not found."),
                *_charges(ledger, charges),
            ]
        ),
    )


def _charges(ledger: Ledger, charges: dict[str, Quantity]) -> list[Phrase]:
    """What the column on restructuring and impairment holds, and what is known of a year without a total."""
    said = []
    if "FY2019" in charges:
        more = " and impairment alone for FY2024." if "FY2024" in charges else "."
        said.append("The last column is restructuring and impairment together for FY2019" + more)
    part = part_year(ledger, "impairment", 2025) if "FY2025" not in charges else None
    if part is not None:
        said.append("Of FY2025 only the impairment of {when} is known: {n:~,.1}bn yen.")
    return [phrase(s, when=part and part.label, n=part and part.quantity) for s in said]


def net_trend(ledger: Ledger) -> Trend | None:
    """Net income by fiscal year."""
    net = fiscal_years(ledger, "net_income")
    if len(net) < 3:
        return None
    first, *_, last = net
    facts = facts_behind(net.values())
    return Trend(
        f"Line of net income, {first} to {last}", tuple(q.value for q in net.values()), facts
    )


def profit_chart(ledger: Ledger) -> Chart | None:
    """Operating profit as columns, net income as points."""
    profit, net = fiscal_years(ledger, "operating_profit"), fiscal_years(ledger, "net_income")
    years = [y for y in profit if y in net]
    if len(years) < 2:
        return None
    losses = [y for y in years if net[y] < 0]
    if losses:
        worst = min(years, key=lambda y: net[y].value)
        same = [y for y in losses if round(net[y].value) == round(net[worst].value)]
        title = phrase(
            "Net losses in {n:w} of {all:w} years; the largest, "
            + ("{loss:~,}bn yen" if len(same) == 1 else "about {loss:~,}bn yen each")
            + ", in {year}",
            n=counted(len(losses), "years", net[losses[0]].facts),
            all=counted(len(years), "years", net[years[0]].facts),
            loss=-net[worst],
            year=listed(same),
        )
    else:
        title = phrase(
            "Profits in each of the {all:w} years known",
            all=counted(len(years), "years", net[years[0]].facts),
        )
    x = np.arange(len(years))
    a, b = [profit[y].value for y in years], [net[y].value for y in years]

    def draw(axes: Axes) -> None:
        axes.bar(x, a, width=0.6, color=LIGHT["pale"])
        axes.plot(x, b, "o", color=LIGHT["accent"], markersize=6)
        axes.axhline(0, color=LIGHT["muted"], linewidth=0.8)
        axes.set_xticks(x, [y.replace("FY", "FY\n") for y in years])
        for i, value in enumerate(b):
            above = value > 0
            height = max(value, a[i]) if above else min(value, a[i])
            label_over(
                axes, number(value, 0), (i, height), 6 if above else -6, color=LIGHT["accent"]
            )
        axes.spines["bottom"].set_visible(False)
        axes.margins(y=0.14)
        value_axis(axes)

    facts = facts_behind(q for y in years for q in (profit[y], net[y]))
    return Chart(
        "profit",
        title,
        "Operating profit (grey columns) and net income (red points), billions of yen",
        describe("Columns", "operating profit", years, a, "billions of yen", 1)
        + " "
        + describe("Points", "net income", years, b, "billions of yen", 1),
        pd.DataFrame({"year": years, "operating_profit_bn": a, "net_income_bn": b}),
        facts,
        draw,
        height=2.7,
    )


def result(ledger: Ledger) -> Phrase:
    """The sum of the years known, and the latest year against what Nissan had expected."""
    net, revenue = fiscal_years(ledger, "net_income"), fiscal_years(ledger, "net_revenue")
    years = [y for y in net if y in revenue]
    if len(years) < 2:
        return phrase(
            "The accounts of fewer than two years are on record on {day}.", day=ledger.as_of
        )
    sums, turned = total([net[y] for y in years]), total([revenue[y] for y in years])
    word = "earned" if sums.value > 0 else "lost"
    said = (
        "From {first} to {last} Nissan "
        + word
        + " {sum:~,.1}bn yen net in all on {turned:~.1k} trillion yen of revenue, "
        "{part:~.2%} of it."
    )
    values: dict[str, Any] = {
        "first": years[0],
        "last": years[-1],
        "sum": abs(sums),
        "turned": turned,
        "part": abs(share(sums, turned)),
    }
    if years != [f"FY{y}" for y in range(int(years[0][2:]), int(years[-1][2:]) + 1)]:
        said = said.replace(" in all", " in the years known")
    last = years[-1]
    hoped = ledger.find("net_income", "nissan", last, status=TARGET)
    if hoped is not None and hoped.value < 0 and net[last].value < 0 and last == "FY2025":
        better = "less" if net[last].value > hoped.value else "more"
        said += (
            " The net loss of {last}, {loss:~,.1}bn yen, was "
            + better
            + " than the {hoped:~,}bn forecast in "
            "{then}."
        )
        then = told_in(ledger, "nine-month-results-2025")
        values |= {"loss": -net[last], "hoped": -hoped, "then": then}
    following = f"FY{int(last[2:]) + 1}"
    profits = _forecasts(ledger, "operating_profit", following)
    coming = _forecasts(ledger, "net_income", following)
    if coming:
        # A profit that was expected at another time is no part of this forecast.
        same = [row for row in profits if row.source in {end.source for end in coming}]
        said += " For {next} Nissan's forecast is "
        said += "{op} of operating profit and {net} net." if same else "{net} of net income."
        values |= {"next": following, "net": _range(ledger, coming)}
        values |= {"op": _range(ledger, same)} if same else {}
    return phrase(said, **values)


def _forecasts(ledger: Ledger, metric: str, year: str) -> list[FactRow]:
    """What Nissan expects of a fiscal year: one figure, or the ends of a range, the best end first."""
    rows = ledger.rows(metric, "nissan", status=TARGET)
    found = {row.value: row for row in rows if row.period == parse_period(year)}
    return [found[value] for value in sorted(found, reverse=True)]


def _range(ledger: Ledger, ends: Sequence[FactRow]) -> Phrase:
    if len(ends) == 1:
        return phrase("{n:q~,}bn yen", n=ledger.fact(ends[0].fact))
    first, last = (ledger.fact(row.fact).end(row.value) for row in (ends[0], ends[-1]))
    return phrase("{a:,}bn to {b:,}bn yen", a=first, b=last)


def _saved(ledger: Ledger) -> list[tuple[str, Quantity]]:
    periods = {
        "2025-04/2025-09": "first half of FY2025",
        "2025-04/2025-12": "nine months of FY2025",
        "FY2025": "FY2025",
    }
    return [
        (label, q)
        for period, label in periods.items()
        if (q := ledger.find("fixed_cost_saving", "nissan", period, derive=False)) is not None
    ]


def savings(ledger: Ledger) -> Phrase:
    """What is promised and what has been reported as saved."""
    first = ledger.find("fixed_cost_saving", "nissan", "2024-11-07", status=TARGET, derive=False)
    both = ledger.find("cost_saving", "nissan", "FY2026", status=TARGET, derive=False)
    fixed = ledger.find("fixed_cost_saving", "nissan", "FY2026", status=TARGET, derive=False)
    variable = ledger.find("variable_cost_saving", "nissan", "FY2026", status=TARGET, derive=False)
    saved = _saved(ledger)
    if first is None and both is None:
        return phrase("No savings target is on record on {day}.", day=ledger.as_of)
    said = []
    if first is not None:
        said.append("The plan of {told} was to cut fixed costs by {first:,}bn yen.")
    if both is not None and fixed is not None:
        said.append(
            "Re:Nissan set the target at **{both:,}bn yen by FY2026** against FY2024, "
            "{fixed:,}bn of it fixed costs."
        )
    if variable is not None:
        said.append("For variable costs Nissan expected {variable:,}bn in {then}.")
    if saved and fixed is not None:
        said.append(
            "Reported so far on fixed costs: {done:q,}bn in {when}, at least {part:~.0%} of the target."
        )
        result = ledger.find("net_income", "nissan", "FY2025", derive=False)
        if saved[-1][0] != "FY2025" and result is not None:
            said.append(
                "The saving of the whole of FY2025 was not found, though its results are out."
            )
    elif both is not None:
        said.append("Nothing has been reported as saved by {day}.")
    label, done = saved[-1] if saved else ("", None)
    return phrase(
        " ".join(said),
        first=first,
        told=told_in(ledger, "turnaround-2024"),
        then=told_in(ledger, "nine-month-results-2025"),
        both=both,
        fixed=fixed,
        variable=variable,
        done=done,
        when=label,
        part=share(done, fixed) if done is not None and fixed is not None else None,
        day=ledger.as_of,
    )


def tariffs(ledger: Ledger) -> Phrase | None:
    """US tariffs against the saving of the same half-year."""
    half = ledger.find("tariff_cost", "nissan", "2025-04/2025-09", derive=False)
    saved = ledger.find("fixed_cost_saving", "nissan", "2025-04/2025-09", derive=False)
    year = ledger.find("tariff_cost", "nissan", "FY2025", status=TARGET, derive=False)
    if half is None or saved is None or not half > saved.high:
        return None
    said = (
        "US tariffs cost more than the fixed costs saved: in the first half of FY2025 (April to September) tariffs took "
        "{half:~,.1}bn yen, and fixed costs fell by {saved:q,}bn."
    )
    if ledger.find("variable_cost_saving", "nissan", "2025-04/2025-09", derive=False) is None:
        said += " What variable costs saved in that half was not found."
    if year is not None:
        said += " For the whole of FY2025 Nissan's forecast of tariff cost was {year:,}bn."
    return phrase(said, saved=saved, half=half, year=year)
