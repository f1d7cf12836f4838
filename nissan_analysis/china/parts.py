"""The parts of Nissan's fall as a picture and as tables: by cause, and by yardstick."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import label_at, number
from ..ledger import Ledger
from ..quantity import Quantity, facts_behind, total
from ..style import LIGHT
from ..tables import Cell, Column, Table
from ..wording import Phrase, listed, phrase
from .causes import CAAM, CPCA, Step, chain, penetration, shift_of_fall, to_thousands
from .levels import annual


def waterfall(ledger: Ledger) -> Chart | None:
    """From the first year of the chain to the latest: market, new-energy cars, share, definition."""
    steps = chain(ledger)
    if len(steps) < 2:
        return None
    series = annual(ledger)
    first, last = series.at(str(steps[0].year - 1)), series.at(str(steps[-1].year))
    assert first is not None and last is not None
    split = [s for s in steps if s.shift is not None] or steps
    rest = [s for s in steps if s not in split]
    bars = [(f"Sales\n{first.label}", first.quantity, True)]
    if rest:
        years = listed(str(s.year) for s in rest)
        bars.append((f"{years},\nnot split", total(s.like_for_like for s in rest), False))
    causes = {"the size of the market": total(s.market for s in split)}
    if shifts := [s.shift for s in split if s.shift is not None]:
        causes["the move to new-energy cars"] = total(shifts)
    causes["Nissan's share of the rest"] = total(s.own for s in split)
    names = {"the size of the market": "Size of\nthe market", "the move to new-energy cars": "New-energy\ncars",
             "Nissan's share of the rest": "Nissan's\nshare"}  # fmt: skip
    bars += [(names[k], q, False) for k, q in causes.items()]
    if lefts := [s.left for s in steps if s.left is not None]:
        bars.append(("Left the\ncount", total(lefts), False))
    bars.append((f"Sales\n{last.label}", last.quantity, True))

    heavy = names[min(causes, key=lambda k: causes[k].value)]

    def draw(axes: Axes) -> None:
        at = 0.0
        for x, (label, q, whole) in enumerate(bars):
            value = q.value / 1000
            bottom = 0.0 if whole else at
            cause_colour = "accent" if label == heavy else "accent-soft"
            colour = "slate" if whole else cause_colour if label in names.values() else "pale"
            axes.bar(x, value, bottom=bottom, width=0.66, color=LIGHT[colour])
            at = value if whole else at + value
            shown = number(value, 0) if whole else f"{value:+,.0f}".replace("-", "−")
            label_at(axes, shown, (x, max(bottom, bottom + value)), (0, 3), ha="center")
            if x < len(bars) - 1:
                axes.plot([x + 0.33, x + 0.67], [at, at], color=LIGHT["muted"], linewidth=0.8)
        axes.set_xticks(range(len(bars)), [b[0] for b in bars])
        axes.set_yticks([])
        axes.grid(False)
        axes.margins(y=0.1)

    cause, worst = min(causes.items(), key=lambda item: item[1].value)
    worst = to_thousands(worst)
    title = phrase(
        "By our estimate {w} cost Nissan most, about {n:~,} of its yearly sales", w=cause, n=-worst
    )
    if worst >= 0:
        title = phrase("What moved Nissan's sales from {a} to {b}", a=first.label, b=last.label)
    values = "; ".join(f"{b[0].replace(chr(10), ' ')} {number(b[1].value / 1000, 0)}" for b in bars)
    alt = f"Waterfall of Nissan's yearly sales in China, in thousand vehicles: {values}."
    note = phrase(
        "Sum of yearly effects by the logarithmic mean Divisia index (LMDI; Ang, 2005). Each year has both its ends by one association: "
        "CPCA's retail count where it has both, else the manufacturers' CAAM (wholesale, trucks and exports included)."
    )
    if rest:
        note = phrase("{n} Grey steps: parts of the change that are no cause. {u}", n=note, u=_not_split(ledger, rest))  # fmt: skip
    data = pd.DataFrame(
        {
            "part": [b[0].replace("\n", " ") for b in bars],
            "vehicles": [round(b[1].value) for b in bars],
        }
    )
    facts = facts_behind(b[1] for b in bars)
    return Chart("china-causes", title, "Yearly sales in China and the parts of their change, thousand vehicles",
                 alt, data, facts, draw, note, height=2.3)  # fmt: skip


def _not_split(ledger: Ledger, steps: list[Step]) -> Phrase:
    """Which changes are not split by the move to new-energy cars, and which share is missing."""
    ends = sorted({y for s in steps for y in (s.year - 1, s.year)})
    gaps = [str(y) for y in ends if all(penetration(ledger, y, b) is None for b in (CPCA, CAAM))]
    said = listed(f"{s.year - 1} to {s.year}" for s in steps)
    why = f"no share of new-energy cars is known for {listed(gaps)}" if gaps else "no association has a share of new-energy cars for both years"  # fmt: skip
    return phrase("The change from {s} is not split: {w}.", s=said, w=why)


def _cell(q: Quantity | None) -> Phrase | None:
    return phrase("{q:+,.0k}", q=to_thousands(q)) if q is not None else None


def steps_table(ledger: Ledger) -> Table | None:
    """Every year's parts, which add up to the published change."""
    steps = chain(ledger)
    if not steps:
        return None
    rows, preliminary = [], []
    for s in steps:
        whole = s.like_for_like + s.left if s.left is not None else s.like_for_like
        part = penetration(ledger, s.year)
        # A preliminary count is revised by more than the tenth of a percent is worth.
        early = part is not None and part.status == "estimate"
        preliminary += [str(s.year)] if early else []
        share = phrase("{p:~.0%}" if early else "{p:~.1%}", p=part) if part is not None else None
        shift, own = _cell(s.shift), _cell(s.own)
        if s.shift is None:
            shift, own = phrase("not split"), phrase("{o}, of all cars", o=own)
        rows.append((str(s.year), share, _cell(s.market), shift, own, _cell(s.left), _cell(whole)))
    note = phrase(
        "Thousand vehicles; an estimate. Parts add up to the published change but for rounding. The new-energy share is CPCA's, of retail; a year "
        "that it does not have with the year before is split by CAAM's count of all vehicles. Nissan's own new-energy cars have no "
        "separate count and are in its share.",
    )  # fmt: skip
    if whole_market := [s for s in steps if s.shift is None]:
        note = phrase(
            "{n} {u} Its own share is then that of the whole market, new-energy cars included.",
            n=note, u=_not_split(ledger, whole_market),
        )  # fmt: skip
    if preliminary:
        note = phrase(
            "{n} The new-energy share of {y} rests on {c}.", n=note, y=listed(preliminary),
            c="a preliminary count" if len(preliminary) == 1 else "preliminary counts",
        )  # fmt: skip
    return Table.of(
        "china-parts", phrase("Parts of each year's change, thousand vehicles"),
        [Column("Year", align="left"), Column("New-energy share of market"), Column("Market"),
         Column("New-energy cars"), Column("Own share"), Column("Left the count"), Column("Published change")],
        rows, note,
    )  # fmt: skip


def yardsticks_table(ledger: Ledger) -> Table | None:
    """Each year's change split twice: against the combustion market, and against Toyota and Honda."""
    s = shift_of_fall(ledger)
    if s is None or s.together is None:
        return None
    rows: list[list[Cell]] = [
        [str(x.year), *map(_cell, (x.like_for_like, x.like_for_like - x.own, x.own, x.together, x.against))]
        for x in s.steps
    ]  # fmt: skip
    rows.append(
        [
            f"{s.steps[0].year} to {s.end}",
            *map(_cell, (s.fall, s.fall - s.own, s.own, s.together, s.against)),
        ]
    )
    return Table.of(
        "china-yardsticks", phrase("How much was Nissan's own, by two yardsticks, thousand vehicles"),
        [Column("Year", align="left"), Column("Like for like"), Column("As the market"), Column("Own, to the market"),
         Column("As the two"), Column("Own, to the two")],
        rows,
        phrase("Thousand vehicles, an estimate. The market: combustion cars sold in China by all makers. The two: Toyota and Honda together. \"As\" is the change "
               "that moving with them would have made, \"own\" the rest; each pair adds up to the change but for rounding."),
    )  # fmt: skip
