"""What the plan does on paper: break-even, and which exits matter."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..charts import Chart
from ..drawing import bars, describe
from ..ledger import Ledger
from ..quantity import Origin, Quantity, facts_behind, share, worst
from ..tables import Column, Table
from ..wording import Phrase, enumerated, listed, phrase
from .exits import label as exit_label
from .plan import break_even, but_own, cars, needed, plan, span, whose
from .plants import THAI, capacity, label, seven
from .use import use_of


def levels(ledger: Ledger, p: Any) -> list[Quantity]:
    """Break-even levels to compare: low, middle and high of the assumption, and the chosen one."""
    row = ledger.assumptions["breakeven_utilisation"]
    origin = Origin(
        ("assumption:breakeven_utilisation",), status="assumption", label="our assumption"
    )
    middle = ledger.assumption("breakeven_utilisation")
    ends = zip((row.low, row.high), ("low", "high"), strict=True)
    low, high = (middle.given_as(v, origin, f"the {end} end of {{0}}") for v, end in ends)
    found = [low, middle, high]
    own = break_even(ledger, p)
    if own.value not in [q.value for q in found]:
        found.append(own)
    return sorted(found, key=lambda q: q.value)


def break_even_table(ledger: Ledger, p: Any) -> Table | None:
    """What each break-even level asks for, and how far output is from it."""
    plan_ = plan(ledger)
    if not plan_.known or plan_.output is None:
        return None
    rows = []
    for level in levels(ledger, p):
        old, new = (cars(c) * level for c in (plan_.capacity, plan_.capacity_left))  # type: ignore[arg-type]
        rows.append(
            (
                phrase("{l:.0%}", l=level),
                span(old, ".2m", 0.01),
                span(plan_.output - old, "+.2m", 0.01),
                phrase("{m:.2m}", m=new),
                phrase("{g:~+.2m}", g=plan_.output - new),
            )
        )
    columns = (
        Column("Break-even at", align="left"),
        Column("Needs, old capacity"),
        Column("Gap"),
        Column("Needs, planned capacity"),
        Column("Gap as planned"),
    )
    return Table.of(
        "break-even",
        phrase(
            "Output outside China in {year}, {n:~.2m} million vehicles, against break-even",
            year=plan_.output_year,
            n=plan_.output,
        ),
        columns,
        rows,
        phrase(
            "Millions of vehicles a year; the gap is output less what is needed. The old capacity is rounded, the "
            "planned one is a target taken as set. The levels are rules of thumb of the press"
            + but_own(levels(ledger, p))
            + "."
        ),
    )


def headroom(ledger: Ledger, p: Any) -> Phrase | None:
    """What the plan on paper leaves as room, with and without the reserve."""
    plan_ = plan(ledger)
    then = plan_.use(plan_.capacity_left)
    if not plan_.known or plan_.output is None or then is None:
        return None
    level = break_even(ledger, p)
    need = cars(plan_.capacity_left) * level  # type: ignore[arg-type]
    room = share(need, plan_.output)
    move = (room - 1).named("break-even output / output, less one")
    said = (
        "On the planned capacity, output may fall by {drop:~.0%} before it is back at {level:.0%}."
        if move < 0
        else "Even on the planned capacity, output has to rise by {drop:~.0%} to reach {level:.0%}."
    )
    values: dict[str, Any] = {"drop": abs(move), "level": level}
    if plan_.reserve is not None:
        said += (
            " That counts only the {left:.1m} million. With the {reserve:.1m} million that Nissan wants to "
            "keep in reserve the same output is {use:~.0%} of capacity, so the gain rests on the reserve "
            "costing little."
        )
        values |= {
            "left": plan_.capacity_left,
            "reserve": plan_.reserve,
            "use": plan_.use(plan_.with_reserve),
        }
    full = ledger.find("utilisation", "nissan", "FY2027", status=("target",))
    if full is not None:
        more = cars(plan_.capacity_left) * full - plan_.output  # type: ignore[arg-type]
        if more.value > 0:
            said += (
                " Nissan's own target is {full:q.0%}; that takes {more} more vehicles a year than "
                "{year} had. Closing plants does not bring them."
            )
            values |= {"full": full, "more": span(more), "year": plan_.output_year}
    return phrase(said, **values)


#: Sold, but Nissan buys cars from it: the exit ends no production.
BUILDS_ON = ("chennai",)


def closures_chart(ledger: Ledger) -> Chart | None:
    """By how many points each exit lifts average use, if its output moves elsewhere."""
    plan_ = plan(ledger)
    if not plan_.known or plan_.output is None:
        return None
    now = plan_.use(plan_.capacity)
    gains: dict[str, Quantity] = {}
    for key in seven(ledger):
        room = capacity(ledger, key)
        if key in THAI:
            thai = [c for t in THAI if (c := capacity(ledger, t)) is not None]
            room = min(thai, key=float, default=None)
        if room is None or now is None:
            continue
        after = plan_.use(plan_.capacity - room)  # type: ignore[operator]
        gains[key] = after - now  # type: ignore[operator]
    order = sorted(gains, key=lambda k: -gains[k].value)
    top = [k for k in order if k not in BUILDS_ON][:2]
    if len(gains) < 2 or not top:
        return None
    labels = [exit_label(ledger, k) for k in order]
    values = [round(gains[k].value * 100, 1) for k in order]
    colours = ["pale" if k in BUILDS_ON else "accent" if k in top else "slate" for k in order]
    faint = [exit_label(ledger, k) for k in order if k in BUILDS_ON]
    lifts = enumerated([phrase("{n:~.1pp}", n=gains[k]) for k in top])
    missing = [exit_label(ledger, k) for k in seven(ledger) if k not in gains]
    return Chart(
        "closures",
        phrase(
            "On nameplates, of the exits that end production {top} "
            + ("lifts" if len(top) == 1 else "lift")
            + " average use most: {n} points",
            top=listed(exit_label(ledger, k) for k in top),
            n=lifts,
        ),
        f"Rise of use outside China if each exit happened alone and its {plan_.output_year} output went elsewhere, "
        "percentage points",
        describe(
            "Bars", "rise of average use by plant exit", labels, values, "percentage points", 1
        ),
        pd.DataFrame({"plant": labels, "points": values}),
        facts_behind(gains.values()),
        lambda axes: bars(axes, labels, values, colours, 1),
        phrase(
            (
                "Faint: {faint}, which is sold and goes on building Nissan's cars; its capacity includes "
                "Renault's. "
                if faint
                else ""
            )
            + ("No capacity was found of {missing}. " if missing else "")
            + (
                "Samut Prakan: the smaller plant; which of the two ends is open. "
                if THAI[0] in gains
                else ""
            )
            + "The parts do not add up to the whole plan.",
            faint=listed(faint),
            missing=listed(missing),
        ),
        height=1.9,
    )


def break_even_text(ledger: Ledger, p: Any) -> Phrase:
    """Whether output reaches break-even before and after, at the level chosen."""
    plan_ = plan(ledger)
    now, then = plan_.use(plan_.capacity), plan_.use(plan_.capacity_left)
    level = break_even(ledger, p)
    if now is None or then is None:
        return phrase(
            "The capacity to be left and the output to fill it are not both known on {day}; at a "
            "break-even of {level:.0%}, {whose}, nothing can be said of the plan.",
            whose=whose(level),
            day=ledger.as_of,
            level=level,
        )
    first = "above" if now.value * 100 >= level.value else "below"
    second = "above" if then.value * 100 >= level.value else "below"
    own = "" if level.facts == ("assumption:breakeven_utilisation",) else " (set for this report)"
    return phrase(
        "The press puts break-even at about {rule:.0%} of capacity; Nissan gives no figure. Against "
        "{level:.0%}"
        + own
        + ", the output of {year} is "
        + first
        + " with the old capacity ({now:~.0%}) and "
        "would be "
        + second
        + " with the planned one ({then:~.0%}). The whole gain comes from the denominator: "
        "no sale is assumed beyond those made.{chennai}",
        rule=ledger.assumption("breakeven_utilisation"),
        level=level,
        now=now,
        then=then,
        year=plan_.output_year,
        chennai=phrase(
            " By our reading Nissan's cars from Chennai, sold to Renault, are still in the output while the "
            "plant is to be out of the capacity, which flatters the second figure."
            if "chennai" in seven(ledger)
            else ""
        ),
    )


def closures_text(ledger: Ledger) -> Phrase:
    """What decides how much an exit helps."""
    if closures_chart(ledger) is None:
        return phrase(
            "Too few capacities of closing plants are known on {day} to rank the exits.",
            day=ledger.as_of,
        )
    return phrase(
        "An exit helps the others by the capacity it takes out, as long as its cars are built "
        "elsewhere. Small plants such as Rosslyn hardly move the average, whatever they meant "
        "locally. Chennai would move it most on paper, but its sale ends no production: Nissan buys from it now."
    )


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
        phrase(
            "The levels are rules of thumb of the press, not figures of Nissan's"
            + but_own(levels(ledger, p))
            + "."
        ),
    )
