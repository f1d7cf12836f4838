"""What the Sakura's fall is made of: the market, the kei EVs in it, and its part of those."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import number
from ..ledger import Ledger
from ..quantity import Quantity, change, share
from ..style import LIGHT
from ..wording import Phrase, joined, phrase
from .spans import Settings, Span, full_years, moved, years


@dataclass(frozen=True)
class Fall:
    """First and last full year with figures, and what lies between."""

    first: Span
    last: Span
    own: Quantity  #: change of the Sakura
    rest: Quantity  #: change of every other battery EV
    by_year: Phrase  #: the Sakura beside all other battery EVs, year by year

    @property
    def points(self) -> Quantity:
        return self.first.share - self.last.share

    @property
    def drop(self) -> Quantity:
        return share(-self.own, self.first.sales)

    @property
    def own_part(self) -> Quantity:
        """The Sakura's part of the market's fall."""
        return share(self.own, self.own + self.rest)

    @property
    def verdict(self) -> Phrase:
        """How much of the fall the market without the Sakura explains."""
        part = share(self.first.sales - self.if_like_rest, -self.own)
        return phrase(
            "So the market without the Sakura explains about {s:~.0%} of the cars it lost. Year by year: {y}.",
            s=part, y=self.by_year,
        )  # fmt: skip

    @property
    def rest_drop(self) -> Quantity:
        return share(-self.rest, self.first.rest)

    @property
    def if_like_rest(self) -> Quantity:
        """Sales of the last year, had the Sakura moved like all other battery EVs."""
        return self.first.sales * (self.last.rest / self.first.rest)


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
    return Fall(first, last, last.sales - first.sales, last.rest - first.rest, joined(told, ", "))


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
    facts = {f for y in known for f in (*y.facts, *(y.kei.facts if y.kei else ()))}
    return Chart(
        "sakura-and-market", title,
        f"Battery-electric passenger cars sold in Japan, {p.basis} years, vehicles",
        f"Stacked columns of battery-electric cars sold in Japan, in vehicles. {said}.",
        data, tuple(sorted(facts)), draw, height=3.4,
    )  # fmt: skip
