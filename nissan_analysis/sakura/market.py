"""What the Sakura's fall is made of: the market, the kei EVs in it, and its part of those."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..divisia import lmdi
from ..drawing import number
from ..ledger import Ledger
from ..quantity import Origin, Quantity, change, facts_behind, share, total
from ..style import LIGHT
from ..tables import Cell, Column, Table
from ..wording import Phrase, joined, phrase
from .spans import MODEL, Settings, Span, full_years, moved, spans, variants, years


@dataclass(frozen=True)
class Split:
    """The change of the Sakura over one step, split twice by the logarithmic mean Divisia index."""

    label: str
    change: Quantity
    market: Quantity  #: had its share stayed
    share: Quantity  #: the rest
    others: Quantity  #: had it moved as all other battery EVs
    own: Quantity  #: the rest


def split(old: Span, new: Span) -> Split:
    """From one year to the next; market and share, and others and own, add up to the change."""
    market_, share_ = lmdi(new.sales, old.sales, [(new.market, old.market), (new.share, old.share)])
    ratio = [share(y.sales, y.rest) for y in (new, old)]
    others, own = lmdi(new.sales, old.sales, [(new.rest, old.rest), (ratio[0], ratio[1])])
    return Split(new.label, new.sales - old.sales, market_, share_, others, own)


@dataclass(frozen=True)
class Fall:
    """First and last full year with figures, and what lies between."""

    first: Span
    last: Span
    own: Quantity  #: change of the Sakura
    rest: Quantity  #: change of every other battery EV
    by_year: Phrase  #: the Sakura beside all other battery EVs, year by year
    splits: tuple[Split, ...]

    @property
    def drop(self) -> Quantity:
        return share(-self.own, self.first.sales)

    @property
    def own_part(self) -> Quantity:
        """The Sakura's part of the market's fall."""
        return share(self.own, self.own + self.rest)

    @property
    def whole(self) -> Split:
        """The years added up."""
        names = ("change", "market", "share", "others", "own")
        return Split(
            f"{self.first.label} to {self.last.label}",
            *(total(getattr(s, n) for s in self.splits) for n in names),
        )

    @property
    def verdict(self) -> Phrase:
        """The split in words."""
        w = self.whole
        return phrase(
            "Split year by year, an estimated {m:+,} of the change of {c:+,} cars is the market's and {s:+,} the Sakura's lower share of it. "
            "But that market holds the Sakura's own fall: measured against all other electric cars, {o:+,} went with them and {n:+,} is its own. Year by year: {y}.",
            **{k: hundreds(q) for k, q in zip("cmson", (w.change, w.market, w.share, w.others, w.own), strict=True)},
            y=self.by_year,
        )  # fmt: skip

    @property
    def rest_drop(self) -> Quantity:
        return share(-self.rest, self.first.rest)


def hundreds(q: Quantity) -> Quantity:
    """An effect to the hundred: sources differ by as much on the last quarter of 2025."""
    return Quantity.of(round(q.value, -2), "vehicles", Origin(q.facts, 50, 50, "estimate", label="our estimate, to the hundred"))  # fmt: skip


def fall(ledger: Ledger, p: Settings) -> Fall | None:
    """From the full year with the highest share to the last one; None unless sales fell."""
    known = full_years(ledger, p)
    if len(known) < 2:
        return None
    first, last = max(known, key=lambda y: y.share.value), known[-1]
    if last.sales.value >= first.sales.value or last.rest.value >= first.rest.value:
        return None
    between = known[known.index(first) :]
    told = [
        phrase(
            "in {y} it {v} {a:~.0%} while all others {w} {b:~.0%}",
            y=new.label,
            v=moved(new.sales, old.sales),
            a=abs(change(new.sales, old.sales)),
            w=moved(new.rest, old.rest),
            b=abs(change(new.rest, old.rest)),
        )
        for old, new in pairwise(between)
    ]
    return Fall(
        first, last, last.sales - first.sales, last.rest - first.rest, joined(told, ", "),
        tuple(split(old, new) for old, new in pairwise(between)),
    )  # fmt: skip


def launch_target(ledger: Ledger) -> Phrase | None:
    """The sales a year that were named as the target at launch, beside the best full year so far."""
    row = next(iter(ledger.rows("planned_annual_sales", MODEL, "*", ("target",))), None)
    if row is None:
        return None
    aim = ledger.fact(row.fact)
    who = ledger.sources[row.source].publisher
    told = phrase(
        "The company's target at launch was {n:,} Sakuras a year, as {c}{who} prints it; a target measures no demand.",
        n=aim, c="a copy of " if who.endswith(" (copy)") else "", who=who.removesuffix(" (copy)"),
    )  # fmt: skip
    whole = [s for freq in ("YE", "FY") for s in spans(ledger, freq) if not s.part]
    if not whole:
        return phrase("{t} No full year was known by {day}.", t=told, day=ledger.as_of)
    best = max(whole, key=lambda s: s.sales.value)
    sold, part = best.sales, share(best.sales, aim.in_unit("vehicles"))
    if part.value >= 1:
        return phrase("{t} {y} reached it, with {s:,}.", t=told, y=best.label, s=sold)
    return phrase(
        "{t} No full calendar or fiscal year known by {day} reached it: the best, {y}, had {s:,}, {p:~.0%} of it.",
        t=told, day=ledger.as_of, y=best.label, s=sold, p=part,
    )  # fmt: skip


def split_table(found: Fall | None) -> Table | None:
    """Each year's change: market and share, then other EVs and the Sakura's own."""
    if found is None:
        return None
    rows: list[list[Cell]] = []
    several = [found.whole] if len(found.splits) > 1 else []
    for s in (*found.splits, *several):
        parts = (s.change, s.market, s.share, s.others, s.own)
        rows.append([s.label, *(phrase("{q:+,}", q=hundreds(q)) for q in parts)])
    return Table.of(
        "sakura-split",
        phrase("Market or model: each year's change of Sakura sales, split by two yardsticks"),
        (
            Column("Year", align="left"), Column("Change"), Column("As the market"), Column("Its share"),
            Column("As other EVs"), Column("Its own"),
        ),
        rows,
        note=phrase(
            "An estimate, to the hundred, by the logarithmic mean Divisia index (LMDI; Ang, 2005). Each pair adds up to the change but for rounding. The market "
            "holds the Sakura itself; other EVs are all battery-electric passenger cars but the Sakura."
        ),
    )  # fmt: skip


def market_chart(ledger: Ledger, p: Settings) -> Chart | None:
    """Stacked columns: the Sakura, other kei EVs, registered EVs."""
    known = [y for y in years(ledger, p) if y.kei is not None]
    if len(known) < 2:
        return None
    labels = [y.label + (" (from May)" if y.part else "") for y in known]
    sakura = [y.sales.value for y in known]
    kei = [y.kei.value - y.sales.value for y in known if y.kei]
    registered = [y.market.value - y.kei.value for y in known if y.kei]
    lost = fall(ledger, p)
    if lost and lost.first.kei is not None:
        title = phrase(
            "The Sakura was {s:~.0%} of the fall in Japan's electric car sales from {a} to {b}",
            a=lost.first.label, b=lost.last.label, s=lost.own_part,
        )  # fmt: skip
    else:
        top = known[-1]
        assert top.kei is not None
        title = phrase(
            "The Sakura was {s:~.0%} of kei EVs in {y}", s=share(top.sales, top.kei), y=top.label
        )

    def draw(axes: Axes) -> None:
        x = np.arange(len(known))
        base = np.zeros(len(known))
        tallest = max(y.market.value for y in known)
        for name, values, colour, ink in (
            ("Sakura", sakura, "accent", "paper"),
            ("Other kei EVs", kei, "accent-soft", "ink"),
            ("Larger EVs", registered, "pale", "ink"),
        ):
            axes.bar(x, values, 0.62, bottom=base, color=LIGHT[colour])
            for i, v in enumerate(values):
                inside = v > tallest * 0.045
                axes.text(
                    i if inside else i + 0.33,
                    base[i] + v / 2,
                    number(v),
                    ha="center" if inside else "left",
                    va="center",
                    fontsize=9,
                    color=LIGHT[ink if inside else "muted"],
                )
            axes.annotate(
                name, (x[-1] + 0.36, base[-1] + values[-1] / 2), va="center", fontsize=9,
                fontweight=600, color=LIGHT["accent" if colour == "accent" else "muted"],
                annotation_clip=False,
            )  # fmt: skip
            base = base + np.array(values)
        axes.set_xticks(x, labels)
        axes.set_yticks([])
        axes.grid(False)
        axes.set_xlim(-0.5, len(known) + 0.15)

    data = pd.DataFrame(
        {"year": labels, "sakura": sakura, "other_kei": kei, "registered": registered}
    )
    said = "; ".join(
        f"{a}: Sakura {number(b)}, other kei EVs {number(c)}, larger EVs {number(d)}"
        for a, b, c, d in zip(labels, sakura, kei, registered, strict=True)
    )
    facts = facts_behind((*known, *(y.kei for y in known if y.kei)))
    return Chart(
        "sakura-and-market", title,
        f"Battery-electric passenger cars sold in Japan, {p.basis} years, vehicles",
        f"Stacked columns of battery-electric cars sold in Japan, in vehicles. {said}.",
        data, facts, draw, note=_open(ledger, known[-1]), height=3.1,
    )  # fmt: skip


def _open(ledger: Ledger, year: Span) -> Phrase | None:
    """The reading of a year that is not drawn, where sources differ and nobody has settled it."""
    sides = variants(ledger, year.sales)
    if len(sides) < 2:
        return None
    return phrase(
        "The Sakura of {y} is drawn with {a:,}; {b:,} is just as open, as two sources differ on its last quarter.",
        y=year.label, a=sides[0][1], b=sides[1][1],
    )  # fmt: skip
