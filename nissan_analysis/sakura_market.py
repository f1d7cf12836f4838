"""What the Sakura's fall is made of: the market, the kei EVs in it, rivals, orders, and 2026."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from .charts import Chart
from .drawing import lines, number, years_axis
from .ledger import Ledger
from .periods import label_period, months_from, shift_years
from .quantity import Origin, Quantity, share, total
from .sakura import KEI, MARKET, MODEL, REGISTERED, Settings, Span, full_years, variants, years
from .style import LIGHT
from .tables import Column, Table
from .wording import Phrase, phrase


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
class Fall:
    """First and last full year with figures, and what lies between."""

    first: Span
    last: Span
    own: Quantity  #: change of the Sakura
    rest: Quantity  #: change of every other battery EV
    market_effect: Quantity
    share_effect: Quantity
    step: Quantity | None  #: how far the other side of an open disagreement moves the last year

    @property
    def points(self) -> Quantity:
        return self.first.share - self.last.share

    @property
    def sold_less(self) -> Quantity:
        return -self.own

    @property
    def drop(self) -> Quantity:
        return share(-self.own, self.first.sales)

    @property
    def own_part(self) -> Quantity:
        """The Sakura's part of the market's fall."""
        return share(self.own, self.own + self.rest)

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
    market, own_share = shapley((first.market, first.share), (last.market, last.share))
    sides = [q for _, q in variants(ledger, last.sales)]
    step = abs(sides[0] - sides[1]) if len(sides) == 2 else None
    return Fall(
        first, last, last.sales - first.sales, last.rest - first.rest, market, own_share, step
    )


def market_chart(ledger: Ledger, p: Settings) -> Chart | None:
    """Stacked columns: the Sakura, other kei EVs, registered EVs."""
    known = [y for y in years(ledger, p) if y.kei is not None]
    if len(known) < 2:
        return None
    labels = [y.label + (" (from May)" if y.part else "") for y in known]
    sakura = [y.sales.value for y in known]
    kei = [y.kei.value - y.sales.value for y in known if y.kei]
    registered = [y.market.value - y.kei.value for y in known if y.kei]
    change = fall(ledger, p)
    if change and change.first in known:
        title = phrase(
            "The Sakura was {s:~.0%} of the fall in Japan's electric car sales from {a} to {b}",
            a=change.first.label, b=change.last.label, s=change.own_part,
        )  # fmt: skip
    else:
        top = known[-1]
        title = phrase("The Sakura was {s:~.0%} of kei EVs in {y}", s=share(top.sales, top.kei), y=top.label)  # type: ignore[arg-type]

    def draw(axes: Axes) -> None:
        x = np.arange(len(known))
        base = np.zeros(len(known))
        for name, values, colour, ink in (
            ("Sakura", sakura, "accent", "paper"),
            ("Other kei EVs", kei, "accent-soft", "ink"),
            ("Larger EVs", registered, "pale", "ink"),
        ):
            axes.bar(x, values, 0.62, bottom=base, color=LIGHT[colour])
            for i, v in enumerate(values):
                axes.text(i, base[i] + v / 2, number(v), ha="center", va="center", fontsize=8.5, color=LIGHT[ink])
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

    data = pd.DataFrame({"year": labels, "sakura": sakura, "other_kei": kei, "registered": registered})
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
    for a, b in zip(known, known[1:], strict=False):
        assert a.kei is not None and b.kei is not None
        before = (a.market, share(a.kei, a.market), share(a.sales, a.kei))
        after = (b.market, share(b.kei, b.market), share(b.sales, b.kei))
        found.append(Step(f"{a.label} to {b.label}", b.sales - a.sales, *shapley(before, after)))
    return found


_EFFECTS = (
    ("Size of the EV market", "market"),
    ("Kei cars' part of it", "kei"),
    ("Sakura's part of kei EVs", "model"),
)


def split_chart(ledger: Ledger, p: Settings) -> Chart | None:
    """Bars of the three effects for each pair of years."""
    found = steps(ledger, p)
    if not found:
        return None
    last = found[-1]
    worst_name, worst = min(
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
            axes.text(0, y + 0.72, step.label, fontsize=9, fontweight=600, ha="right" if False else "left", transform=axes.get_yaxis_transform())
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
        f"{s.label}: " + ", ".join(f"{_lower(n)} {number(getattr(s, k).value, 0)}" for n, k in _EFFECTS)
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


def _split_note(ledger: Ledger, p: Settings) -> Phrase:
    change = fall(ledger, p)
    told = "Shapley decomposition: each cause is changed in every order and the results are averaged."
    if change and change.step:
        return phrase(told + " The other source for the last quarter moves the last year by {d:,}.", d=change.step)
    return phrase(told)


# -- rivals -----------------------------------------------------------------------------------


def rivals_table(ledger: Ledger) -> Table | None:
    """Sales of the Sakura and of named rivals by calendar year; a dash where nobody printed one."""
    spans = [str(y) for y in range(2022, ledger.as_of.year + 1)]
    rows: list[tuple[Any, ...]] = []
    wanted: list[tuple[str, str, str, str | None]] = [
        ("Nissan Sakura", "sales", MODEL, None),
        ("Mitsubishi eK X EV, its twin", "sales", "ek_x_ev", None),
        ("Honda N-ONE e: (kei)", "sales", "n_one_e", None),
        ("Nissan Leaf", "sales", "leaf", None),
        ("Tesla (estimate)", "sales", "tesla_japan", "*"),
        ("BYD, buses included", "sales", "byd_japan", "jaia_all"),
        ("All foreign brands, buses included", "bev_sales", "japan_imports", "jaia"),
        ("Kei EVs, all", "bev_sales", KEI, None),
        ("Larger EVs, all", "bev_sales", REGISTERED, None),
    ]
    for label, metric, entity, basis in wanted:
        cells = [ledger.find(metric, entity, y, basis) for y in spans]
        if entity == "n_one_e":
            cells = [c or _parts(ledger, y) for c, y in zip(cells, spans, strict=True)]
        rows.append((label, *cells))
    used = [i for i in range(len(spans)) if any(r[i + 1] is not None for r in rows)]
    rows = [(r[0], *(r[i + 1] for i in used)) for r in rows]
    rows = [r for r in rows if any(c is not None for c in r[1:])]
    if not used or len(rows) < 2:
        return None
    return Table.of(
        "sakura-rivals",
        phrase("Who sold how many electric cars in Japan"),
        (Column("Model or group", align="left"), *(Column(spans[i]) for i in used)),
        rows,
        note=phrase(
            "Calendar years. A dash: no figure found for the whole year. The foreign-brand count holds "
            "buses and trucks and is not a part of the passenger total. Tesla publishes nothing for "
            "Japan. The first year of the kei models is a part year."
        ),
    )


def _parts(ledger: Ledger, year: str) -> Quantity | None:
    """The N-ONE e: from its first month and the quarter after, where only those are known."""
    parts = [ledger.find("sales", "n_one_e", f"{year}-{m}") for m in ("09", "10/" + year + "-12")]
    known = [q for q in parts if q is not None]
    return total(known) if len(known) == len(parts) else None


@dataclass(frozen=True)
class Kei:
    """A half year in which the Sakura met a kei rival."""

    label: str
    before: str
    of_kei: Quantity
    of_kei_before: Quantity
    rival: Quantity
    total: Quantity
    total_before: Quantity


def kei_rival(ledger: Ledger) -> Kei | None:
    """The Sakura's part of kei EVs in the second half of 2025, against 2023's second half."""
    new, old = "2025-07/2025-12", "2023-07/2023-12"
    sales = [ledger.find("sales", MODEL, w) for w in (new, old)]
    kei = [ledger.find("bev_sales", KEI, w) for w in (new, old)]
    rival = _parts(ledger, "2025")
    if None in sales or None in kei or rival is None:
        return None
    a, b = (share(s, k) for s, k in zip(sales, kei, strict=True) if s and k)
    assert kei[0] is not None and kei[1] is not None
    return Kei("July–December 2025", "July–December 2023", a, b, rival, kei[0], kei[1])


# -- orders -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Backlog:
    """Orders taken and cars registered after the first rush."""

    before: Quantity
    registered_before: Quantity
    waiting: Quantity
    taken_at_most: Quantity
    registered: Quantity
    old_at_least: Quantity


def bound(quantity: Quantity, side: str, step: float) -> Quantity:
    """The lowest or highest value that the rounding of the sources allows, rounded outwards."""
    if side == "low":
        value = math.floor(quantity.low / step + 1e-9) * step
    else:
        value = math.ceil(quantity.high / step - 1e-9) * step
    label = f"{side}est value that the rounding of the sources allows; {quantity.label}"
    return Quantity.of(value, quantity.unit, Origin(quantity.facts, status=quantity.status, label=label))


def backlog(ledger: Ledger) -> Backlog | None:
    """What orders say of 2023: how many registrations can only have been older orders."""
    start = dt.date(2022, 5, 20)
    first = ledger.find("orders", MODEL, (start, dt.date(2022, 10, 31)))
    second = ledger.find("orders", MODEL, (start, dt.date(2023, 7, 8)))
    early = ledger.find("sales", MODEL, "2022-05/2022-10")
    late = ledger.find("sales", MODEL, "2022-11/2023-06")
    if first is None or second is None or early is None or late is None:
        return None
    taken = bound(second - first, "high", 1000).in_unit("vehicles")
    waiting = bound(first.in_unit("vehicles") - early, "low", 1000)
    return Backlog(first, early, waiting, taken, late, bound(late - taken, "low", 100))


# -- 2026 -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outlook:
    """The market after the last Sakura figure."""

    label: str
    before: str
    registered: Quantity
    registered_before: Quantity
    growth: Quantity
    ceilings: list[tuple[str, Quantity, Quantity]]  #: pace of a year, its sales, highest share


def outlook(ledger: Ledger) -> Outlook | None:
    """Months of the newest year with a market but no Sakura: the highest share it can have had.

    Larger EVs alone are the least that the market can be (with the Sakura itself added), so
    the share is a ceiling.
    """
    last = ledger.latest("bev_sales", REGISTERED)
    if last is None:
        return None
    year, months = last.period[1].year, last.period[1].month
    when = months_from(dt.date(year, 1, 1), months)
    if ledger.find("sales", MODEL, when) is not None or months < 2 or months == 12:
        return None
    now = ledger.find("bev_sales", REGISTERED, when)
    ago = ledger.find("bev_sales", REGISTERED, shift_years(when, -1))
    if now is None or ago is None:
        return None
    ceilings = []
    for pace in range(2023, year):
        sold = ledger.find("sales", MODEL, str(pace))
        if sold is not None:
            part = sold * (months / 12)
            ceilings.append((str(pace), sold, share(part, now + part)))
    if not ceilings:
        return None
    earlier = label_period(*shift_years(when, -1))
    return Outlook(label_period(*when), earlier, now, ago, now / ago, ceilings)


def registered_chart(ledger: Ledger) -> Chart | None:
    """Monthly larger EVs and kei EVs, as far as each is known."""
    large = ledger.series("bev_sales", REGISTERED, "ME")
    kei = ledger.series("bev_sales", KEI, "ME")
    if len(large) < 12:
        return None
    found = outlook(ledger)
    if found:
        title = phrase(
            "Larger electric cars in {a}: {g:.1} times those of {b}",
            a=found.label, g=found.growth, b=found.before,
        )  # fmt: skip
    else:
        top = max(large.points, key=lambda q: q.quantity.value)
        title = phrase("Larger electric cars reached {n:,} in {m}", n=top.quantity, m=top.label)
    drawn: dict[str, Any] = {"Larger EVs": large, "Kei EVs": kei}
    drawn = {k: v for k, v in drawn.items() if len(v)}

    def draw(axes: Axes) -> None:
        lines(
            axes,
            {n: ([q.period[0] for q in s], [q.quantity.value for q in s]) for n, s in drawn.items()},
            {"Larger EVs": "blue", "Kei EVs": "accent"},
            step_gap_days=32,
        )
        years_axis(axes)

    rows = [
        {"series": n, "month": q.label, "vehicles": q.quantity.value} for n, s in drawn.items() for q in s
    ]
    said = " ".join(
        f"{n} from {number(s.points[0].quantity.value)} in {s.points[0].label} to "
        f"{number(s.points[-1].quantity.value)} in {s.points[-1].label}."
        for n, s in drawn.items()
    )
    facts = {f for s in drawn.values() for f in s.facts}
    return Chart(
        "japan-ev-by-month", title,
        "Battery-electric passenger cars sold in Japan, by month, vehicles",
        f"Lines of battery-electric cars by month, in vehicles. {said}",
        pd.DataFrame(rows), tuple(sorted(facts)), draw, height=2.8,
    )  # fmt: skip


__all__ = ["MARKET", "backlog", "fall", "kei_rival", "outlook", "shapley", "steps"]
