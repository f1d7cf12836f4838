"""The sales decline in China: the opening of the report, and its parts under one name.

The work is in `levels` (years), `months`, `peers`, `causes` and `parts` (decomposition), `n7_sales`, `capacity`, `exports`,
`outlook` (trend and projection, by the methods of `methods`) and `sure`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..ledger import Ledger
from ..quantity import Quantity
from ..wording import ORDINALS, Key, Phrase, joined, key, phrase
from .capacity import (
    capacities,
    capacity_choice,
    capacity_table,
    capacity_words,
    changzhou,
    known,
    latest_use,
    plans_table,
    printed_use,
    size,
)
from .causes import shift_of_fall
from .exports import (
    exports_chart,
    exports_needed,
    heat_map,
    paths,
    paths_table,
    peer_exports,
    smallest_gap,
)
from .levels import (
    Fall,
    annual_chart,
    fall,
    linked,
    spans_table,
    two_figures,
    year_of,
    years_trend,
)
from .months import latest_month, monthly_chart, projection_chart, twelve_months
from .n7_sales import n7, n7_chart
from .outlook import backtest_table, projection, trend, turning_words
from .parts import steps_table, waterfall, yardsticks_table
from .peers import peers_chart, peers_words, without_n7
from .sure import breaks_table, disagreements_table, weak_points


def finding(ledger: Ledger, p: Any = None) -> tuple[Phrase, Phrase]:
    """Title and summary of the report (also of the briefing's China part)."""
    f = fall(ledger)
    if f is None:
        return (
            phrase("No yearly total of Nissan's sales in China was published yet"),
            phrase(
                "The first yearly total in these data was published after {day}.", day=ledger.as_of
            ),
        )
    title = phrase(
        "Nissan sold {n:~,} vehicles in China in {y}", n=f.latest.quantity, y=f.latest.label
    )
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
            "Sales fell {a:.0%} from the {p} peak to {e} on one definition",
            a=-f.old, p=f.peak.label, e=f.old_end.label,
        ))  # fmt: skip
        if f.new and f.new_start:
            said[-1] = phrase(
                "{first}, and {b:.0%} from {s} to {e} on another; between the two the definition changed{linked}",
                first=said[-1], b=abs(f.new), s=f.new_start.label, e=f.latest.label, linked=_linked(ledger, f),
            ) if f.new < 0 else said[-1]  # fmt: skip
    if f.growth and f.previous and not f.growth.computed and not f.previous.computed and f.falling:
        said.append(phrase(
            "Like for like, as Nissan China printed it, they fell {a:.1%} in {x} and {b:.1%} in {y}; the totals fell "
            "further because the definition changed", a=f.previous_drop, x=str(f.previous.year), b=f.drop,
            y=str(f.growth.year),
        ))  # fmt: skip
    shift = shift_of_fall(ledger)
    if shift is not None and shift.part > 0.5:
        said.append(phrase(
            "By our accounting estimate sales in {z} were, against {y}, {n:,} lower for the market's move to new-energy cars "
            "(battery, plug-in hybrid and range-extended), {own} for what Nissan sold for each combustion car sold in China, "
            "and {market} for the size of the market; no source gives Nissan's own new-energy sales",
            n=shift.shift_loss, y=shift.start, z=shift.end, own=_moved(shift.own), market=_moved(shift.market),
        ))  # fmt: skip
    use = latest_use(ledger)
    if use is not None:
        said.append(phrase(
            "In {y} the Chinese plants used {u:.0%} of {r}{x}", y=use.label, u=use.ratio, r=use.room,
            x=", one of the capacities in print" if len(capacities(ledger)) > 1 else "",
        ))  # fmt: skip
    if not said:
        said.append(
            phrase("Later years and their causes were not known on {day}", day=ledger.as_of)
        )
    return title, joined(said, after=".")


def _linked(ledger: Ledger, f: Fall) -> Phrase:
    """The whole fall over the change of definition, and where it was steepest."""
    found = linked(ledger, year_of(f.peak), year_of(f.latest))
    if found is None or len(found[1]) < 3:
        return phrase("")
    whole, (first, second, *_) = found
    return phrase(
        ". With the years linked like for like, as Nissan China printed them where it changed, {e} was {t:.0%} below {p}; "
        "the steepest years were {a} ({x:.0%}) and {b} ({y:.0%})",
        e=f.latest.label, t=-whole, p=f.peak.label, a=str(first.year), x=-first.ratio, b=str(second.year),
        y=-second.ratio,
    )  # fmt: skip


def _moved(part: Quantity) -> Phrase:
    return phrase("{n:,} {w}", n=abs(part), w="lower" if part < 0 else "higher")


def keys(ledger: Ledger, p: Any = None) -> list[Key]:
    """Up to six key numbers."""
    f = fall(ledger)
    if f is None:
        return []
    sold = key("sold in China in {y}", "{n:~,}", "vehicles", y=f.latest.label, n=f.latest.quantity)
    found = [replace(sold, trend=years_trend(ledger, f.peak.label))]
    if f.growth:
        how = "computed from the totals" if f.growth.computed else "as printed, like for like"
        found.append(
            key(
                "China sales in {y}, year on year",
                "{g:+.1%}",
                how,
                y=str(f.growth.year),
                g=f.growth.ratio,
            )
        )
    whole = linked(ledger, year_of(f.peak), year_of(f.latest)) if f.new else None
    if whole:
        found.append(key("China sales from {a} to {b}, like for like", "{g:+.0%}", "years linked over the change of definition",
                         a=f.peak.label, b=f.latest.label, g=whole[0]))  # fmt: skip
    if f.old and f.old_end:
        found.append(key("China sales from {a} to {b}", "{g:+.1%}", "one definition, with the light commercials of Dongfeng Automobile (DFAC)",
                         a=f.peak.label, b=f.old_end.label, g=f.old))  # fmt: skip
    if f.new and f.new_start:
        found.append(key("China sales from {a} to {b}", "{g:+.1%}", "one definition, without DFAC's light commercials",
                         a=f.new_start.label, b=f.latest.label, g=f.new))  # fmt: skip
    use = latest_use(ledger)
    if use:
        disputed = "; the capacity is disputed" if len(capacities(ledger)) > 1 else ""
        found.append(key("of capacity in China used in {y}", "{u:.0%}", "of {c}" + disputed,
                         y=use.label, u=use.ratio, c=size(use.capacity)))  # fmt: skip
    ahead = projection(ledger)
    if ahead:
        found.append(key("China, {span}, if nothing changes", "about {n:~,}", "an estimate; the misses of its tests give {low:~,} to {high:~,}",
                         span=ahead.span, n=ahead.total, low=ahead.low, high=ahead.high))  # fmt: skip
    shift = shift_of_fall(ledger)
    if shift and len(found) < 6:
        found.append(key("of the fall in China since {y} put down to new-energy cars", "{s:.0%}", "our estimate",
                         y=shift.start, s=shift.part))  # fmt: skip
    return found[:6]


__all__ = [
    "annual_chart",
    "backtest_table",
    "breaks_table",
    "capacity_choice",
    "capacity_table",
    "capacity_words",
    "changzhou",
    "disagreements_table",
    "exports_chart",
    "exports_needed",
    "fall",
    "finding",
    "heat_map",
    "keys",
    "known",
    "latest_month",
    "latest_use",
    "monthly_chart",
    "n7",
    "n7_chart",
    "paths",
    "paths_table",
    "peer_exports",
    "peers_chart",
    "peers_words",
    "plans_table",
    "printed_use",
    "projection",
    "projection_chart",
    "shift_of_fall",
    "smallest_gap",
    "spans_table",
    "steps_table",
    "trend",
    "turning_words",
    "twelve_months",
    "two_figures",
    "waterfall",
    "weak_points",
    "without_n7",
    "yardsticks_table",
]
