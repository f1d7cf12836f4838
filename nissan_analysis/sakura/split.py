"""The change of Sakura sales split into causes that add up to it exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations

import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import number
from ..ledger import Ledger
from ..quantity import Quantity, share, total
from ..style import LIGHT
from ..wording import Phrase, phrase
from .spans import Settings, full_years, variants


def shapley(before: Sequence[Quantity], after: Sequence[Quantity]) -> list[Quantity]:
    """How much of the change of a product each factor made; the parts add up to the change.

    Each factor is changed in every possible order and its contributions are averaged (Shapley
    1953; as a decomposition Sun 1998 and Ang 2004). For two factors this is the mid-point rule.
    """
    count = len(before)
    parts: list[list[Quantity]] = [[] for _ in range(count)]
    orders = list(permutations(range(count)))
    for order in orders:
        state = list(before)
        for index in order:
            old = _product(state)
            state[index] = after[index]
            parts[index].append(_product(state) - old)
    return [(total(p) / len(orders)).named("Shapley share of the change") for p in parts]


def _product(factors: Sequence[Quantity]) -> Quantity:
    result = factors[0]
    for factor in factors[1:]:
        result = result * factor
    return result


@dataclass(frozen=True)
class Step:
    """One year to the next: what the market, the kei share of it and the Sakura's share of kei did."""

    label: str
    change: Quantity
    market: Quantity
    kei: Quantity
    model: Quantity


def steps(ledger: Ledger, p: Settings) -> list[Step]:
    """The change of each full year on the one before, in three parts that add up exactly."""
    known = [y for y in full_years(ledger, p) if y.kei is not None]
    found = []
    for a, b in pairwise(known):
        assert a.kei is not None and b.kei is not None
        old, new = _one_side(ledger, a.sales), _one_side(ledger, b.sales)
        before = (a.market, share(a.kei, a.market), share(old, a.kei))
        after = (b.market, share(b.kei, b.market), share(new, b.kei))
        found.append(Step(f"{a.label} to {b.label}", new - old, *shapley(before, after)))
    return found


_EFFECTS = (
    ("Size of the EV market", "market"),
    ("Kei cars' part of it", "kei"),
    ("Sakura's part of kei EVs", "model"),
)


def _one_side(ledger: Ledger, sales: Quantity) -> Quantity:
    """The believed side of an open conflict, so that parts and change are whole numbers that add up."""
    sides = variants(ledger, sales)
    return sides[0][1] if sides else sales


def split_chart(ledger: Ledger, p: Settings) -> Chart | None:
    """Bars of the three effects for each pair of years."""
    found = steps(ledger, p)
    if not found:
        return None
    last = found[-1]
    worst_name, _ = min(
        ((name, getattr(last, key)) for name, key in _EFFECTS), key=lambda e: e[1].value
    )
    first = found[0]
    lead, _ = min(((n, getattr(first, k)) for n, k in _EFFECTS), key=lambda e: e[1].value)
    title = phrase("{l}: largest loss from the {e}", l=last.label, e=_lower(worst_name))
    if len(found) > 1 and lead != worst_name:
        title = phrase(
            "Lost first to the {a}, then to the {b}", a=_lower(lead), b=_lower(worst_name)
        )

    def draw(axes: Axes) -> None:
        y, ticks, names = 0.0, [], []
        for step in found:
            axes.text(
                0,
                y + 0.72,
                step.label,
                fontsize=9,
                fontweight=600,
                ha="left",
                transform=axes.get_yaxis_transform(),
            )
            for name, key in _EFFECTS:
                value = getattr(step, key).value
                axes.barh(y, value, 0.66, color=LIGHT["accent" if value < 0 else "slate"])
                axes.annotate(
                    number(value, 0), (value, y), xytext=(4 if value >= 0 else -4, 0),
                    textcoords="offset points", va="center", ha="left" if value >= 0 else "right", fontsize=9,
                )  # fmt: skip
                ticks.append(y)
                names.append(name)
                y -= 1
            y -= 0.9
        axes.set_yticks(ticks, names)
        axes.tick_params(axis="y", colors=LIGHT["ink"])
        axes.set_xticks([])
        axes.grid(False)
        axes.spines["bottom"].set_visible(False)
        axes.axvline(0, color=LIGHT["muted"], linewidth=0.8)
        axes.margins(x=0.16)
        axes.set_ylim(y + 1.2, 1.3)

    rows = [
        {"years": s.label, "effect": name, "vehicles": round(getattr(s, key).value, 1)}
        for s in found for name, key in _EFFECTS
    ]  # fmt: skip
    facts = {f for s in found for f in (*s.change.facts, *s.market.facts)}
    said = "; ".join(
        f"{s.label}: "
        + ", ".join(f"{_lower(n)} {number(getattr(s, k).value, 0)}" for n, k in _EFFECTS)
        for s in found
    )
    return Chart(
        "sakura-split", title,
        "Change in Sakura sales on the year before, split into three causes that add up to it, vehicles",
        f"Bars of the three parts of each year's change, in vehicles. {said}.",
        pd.DataFrame(rows), tuple(sorted(facts)), draw,
        note=_split_note(ledger, p), height=1.0 + 1.05 * len(found),
    )  # fmt: skip


def _lower(text: str) -> str:
    return text if text.startswith("Sakura") else text[0].lower() + text[1:]


def split_said(ledger: Ledger, p: Settings) -> Phrase | None:
    """The split in words; with two causes where kei EVs are not known."""
    found = steps(ledger, p)
    if not found:
        return _two_causes(ledger, p)
    told = phrase("")
    for step in found:
        told = phrase(
            "{told}From {label} the Sakura {verb} by {n:~,}: the size of the EV market {a}, kei cars' part of it "
            "{b}, and the Sakura's part of kei EVs {c}. ",
            told=told, label=step.label, verb="fell" if step.change.value < 0 else "rose",
            n=abs(step.change), a=_effect(step.market), b=_effect(step.kei), c=_effect(step.model),
        )  # fmt: skip
    first, last = found[0], found[-1]
    if len(found) > 1 and first.model.value >= 0 > last.model.value:
        told = phrase(
            "{told}So the model held its own among kei EVs at first, and then lost ground there too. ",
            told=told,
        )
    return phrase(
        "{told}The parts add up to the change exactly. They say where sales went, not why, and the "
        "market holds the Sakura itself.",
        told=told,
    )


def _two_causes(ledger: Ledger, p: Settings) -> Phrase | None:
    known = full_years(ledger, p)
    if len(known) < 2:
        return None
    a, b = known[-2:]
    market, own = shapley((a.market, a.share), (b.market, b.share))
    return phrase(
        "From {x} to {y} the size of the market {m} and the Sakura's share of it {s}, by the mid-point rule. "
        "Kei EVs are not known for both years at this date.",
        x=a.label, y=b.label, m=_effect(market), s=_effect(own),
    )  # fmt: skip


def _effect(part: Quantity) -> Phrase:
    return phrase("took {n:~,}" if part.value < 0 else "added {n:~,}", n=abs(part))


def _split_note(ledger: Ledger, p: Settings) -> Phrase:
    told = phrase(
        "Shapley decomposition: each cause is changed in every order and the results are averaged."
    )
    for year in full_years(ledger, p):
        sides = variants(ledger, year.sales)
        if len(sides) > 1:
            told = phrase(
                "{told} {y} is taken with {a}; with {b} it is {d:,} lower."
                if sides[1][1].value < sides[0][1].value
                else "{told} {y} is taken with {a}; with {b} it is {d:,} higher.",
                told=told, y=year.label, a=sides[0][0], b=sides[1][0], d=abs(sides[0][1] - sides[1][1]),
            )  # fmt: skip
    return told
