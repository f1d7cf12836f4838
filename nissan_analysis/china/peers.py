"""Nissan in China beside Toyota, Honda, BYD and the whole market: what they shared, what was its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import lines, mark_break, number, years_axis
from ..ledger import Ledger
from ..quantity import Quantity, change, counted, share, total
from ..style import LIGHT
from ..tables import Cell, Column, Table
from ..wording import Phrase, joined, listed, phrase
from .causes import combustion_market, market
from .exports import n7
from .levels import NISSAN, annual, growth

PEERS = {"toyota_china": "Toyota", "honda_china": "Honda", "byd": "BYD"}


def peers_chart(ledger: Ledger, p: Any) -> Chart | None:
    """Yearly sales of Nissan and the Japanese peers, in millions."""
    makers = {NISSAN: "Nissan"} | {k: PEERS[k] for k in p.peers if k != "byd"}
    drawn: dict[str, tuple[list[dt.date], list[float]]] = {}
    rows, facts = [], set()
    for entity, label in makers.items():
        series = ledger.series("sales", entity, "YE", start=str(max(p.first_year, 2017)))
        points = [x for x in series.points if x.period[0].year >= max(p.first_year, 2017)]
        points = [x for x in points if not (entity == NISSAN and x.basis == "cn_mixed_2022")]
        if points:
            drawn[label] = (
                [dt.date(x.period[0].year, 1, 1) for x in points],
                [x.quantity.value / 1e6 for x in points],
            )
            rows += [(label, x.label, x.quantity.value) for x in points]
            facts |= {f for x in points for f in x.quantity.facts}
    if "Nissan" not in drawn:
        return None
    colours = {"Nissan": "accent", "Toyota": "blue", "Honda": "amber"}
    days = drawn["Nissan"][0]

    def draw(axes: Axes) -> None:
        lines(axes, drawn, colours, suffix="m", markers=True, step_gap_days=400)
        years_axis(axes)
        if days[0].year < 2022 < days[-1].year:
            mark_break(axes, dt.date(2022, 7, 1), "Nissan without DFAC\nfrom October 2022")
        axes.margins(x=0.14)
        axes.set_ylim(0, axes.get_ylim()[1] * 1.12)

    title = _peers_title(ledger, makers)
    alt = "Lines of yearly sales in million vehicles. " + " ".join(
        f"{name}: " + ", ".join(f"{d.year} {number(v, 2)}" for d, v in zip(*xy, strict=True)) + "."
        for name, xy in drawn.items()
    )
    note = phrase(
        "Gaps are years without a figure, and for Nissan 2022, which mixes two definitions. Toyota counts Hong "
        "Kong and Macau from 2019. BYD prints no figure for China alone; it is left out here."
    )
    return Chart("china-peers", title, "Sales by calendar year, million vehicles, China", alt,
                 pd.DataFrame(rows, columns=["maker", "year", "vehicles"]), tuple(sorted(facts)), draw, note, height=3.3)  # fmt: skip


def peers_words(ledger: Ledger, p: Any) -> Phrase | None:
    """Nissan, its peers and the market from 2023 to the latest year that Nissan is known for."""
    series = annual(ledger)
    if not series.points or series.points[-1].period[0].year < 2024:
        return None
    end = series.points[-1].label
    subjects = [(NISSAN, "Nissan", None), *((k, PEERS[k], "byd_all" if k == "byd" else None) for k in p.peers)]  # fmt: skip
    found = {
        label: tuple(ledger.find("sales", entity, y, basis=basis) for y in ("2023", end))
        for entity, label, basis in subjects
    }
    whole = "the market at retail (CPCA, the China Passenger Car Association)"
    found[whole] = (market(ledger, 2023), market(ledger, int(end)))
    said = []
    for label, (a, b) in found.items():
        if a is not None and b is not None:
            g = change(b, a)
            word = "gained" if g > 0 else "lost"
            where = " worldwide" if label == "BYD" else ""
            said.append(phrase("{l} {w} {g:~.0%}{x}", l=label, w=word, g=abs(g), x=where))
    if len(said) < 2:
        return None
    names = {f"s{i}": one for i, one in enumerate(said)}
    text = "From 2023 to {end} " + listed(f"{{{n}}}" for n in names) + "."
    return phrase(text, end=end, **names)


def _peers_title(ledger: Ledger, makers: dict[str, str]) -> Phrase:
    fell: list[str] = []
    rose: list[str] = []
    series = annual(ledger)
    end = series.points[-1].label
    for entity, label in makers.items():
        a, b = (ledger.find("sales", entity, y) for y in ("2023", end))
        if a is not None and b is not None:
            (fell if change(b, a) < 0 else rose).append(label)
    if "Nissan" in fell and len(fell) + len(rose) > 1 and int(end) > 2023:
        title = f"From 2023 to {end} {listed(fell)} lost sales"
        return phrase("{t}", t=title + (f" and {listed(rose)} gained" if rose else ""))
    sales = {label: ledger.find("sales", entity, end) for entity, label in makers.items()}
    own = sales["Nissan"]
    more = [label for label, q in sales.items() if q is not None and own is not None and q > own]
    if more:
        return phrase("In {y} {m} sold more than Nissan", y=end, m=listed(more))
    return phrase("Nissan's sales by year, up to {y}", y=end)


#: Whose common change is laid beside Nissan's.
JAPANESE = ("toyota_china", "honda_china")


@dataclass(frozen=True)
class Shared:
    """One year of Nissan's change, like for like: what Toyota and Honda together also went through, and the rest."""

    year: int
    nissan: Quantity  #: growth
    common: Quantity  #: growth of Toyota and Honda together
    shared: Quantity  #: vehicles: Nissan's sales of the year before at the common growth
    own: Quantity  #: vehicles: the rest of Nissan's change

    @property
    def whole(self) -> Quantity:
        return self.shared + self.own


def shared_changes(ledger: Ledger) -> list[Shared]:
    """Every year from 2018 on for which all three makers are known, each on one definition."""
    series, found = annual(ledger), []
    others = [ledger.series("sales", entity, "YE") for entity in JAPANESE]
    for point in series.points:
        year = point.period[0].year
        step = growth(ledger, series, year)
        pairs = [(s.at(str(year)), s.at(str(year - 1))) for s in others]
        if year < 2018 or step is None or series.at(str(year - 1)) is None:
            continue
        kept = [(a.quantity, b.quantity) for a, b in pairs if a and b and a.basis == b.basis]
        if len(kept) < len(pairs):
            continue
        common = change(total(a for a, _ in kept), total(b for _, b in kept))
        before = point.quantity / (step.ratio + 1)
        found.append(Shared(year, step.ratio, common, before * common, before * (step.ratio - common)))  # fmt: skip
    return found


def shared_table(ledger: Ledger) -> Table | None:
    """Year by year: how much of its change Nissan shared with Toyota and Honda."""
    rows: list[list[Cell]] = [
        [str(s.year), phrase("{g:~+.1%}", g=s.nissan), phrase("{g:~+.1%}", g=s.common),
         *(phrase("{q:~+,.0k}", q=q) for q in (s.shared, s.own))]
        for s in shared_changes(ledger)
    ]  # fmt: skip
    if len(rows) < 2:
        return None
    return Table.of(
        "china-shared", phrase("How much of Nissan's change was shared with Toyota and Honda"),
        [Column("Year", align="left"), Column("Nissan, like for like"), Column("Toyota and Honda together"),
         Column("Shared, thousand"), Column("Nissan's own, thousand")], rows,
        phrase("Shared: Nissan's sales of the year before at the growth of the other two together; own: the rest. A year in which "
               "a definition changed for Toyota or Honda is left out; for Nissan it is the growth printed like for like."),
    )  # fmt: skip


@dataclass(frozen=True)
class Together:
    """The shared changes added up."""

    years: Quantity
    first: str
    last: str
    own_years: Quantity  #: years in which Nissan did worse than the two
    shared: Quantity
    own: Quantity
    better: Quantity | None  #: latest years running in which Nissan did better than the two, if any
    since: str

    @property
    def both_losses(self) -> bool:
        return self.shared < 0 and self.own < 0

    @property
    def shared_loss(self) -> Quantity:
        return -self.shared

    @property
    def own_loss(self) -> Quantity:
        return -self.own


def shared_sum(ledger: Ledger) -> Together | None:
    """None unless the years are two or more, and follow one another."""
    run = shared_changes(ledger)
    while len(run) > 1 and run[-1].year - run[0].year != len(run) - 1:
        run = run[1:]
    if len(run) < 2:
        return None
    worse = [s for s in run if s.own < 0]
    better = next((i for i, s in enumerate(reversed(run)) if s.own < 0), len(run))
    every = tuple(sorted({f for s in run for f in s.own.facts}))
    return Together(
        counted(len(run), "years", every, "counted"), str(run[0].year), str(run[-1].year),
        counted(len(worse), "years", every, "counted"), total(s.shared for s in run), total(s.own for s in run),
        counted(better, "years", every, "counted") if better else None, str(run[-better].year) if better else "",
    )  # fmt: skip


# -- Nissan's own part: the other makers --------------------------------------------------


def combustion_share(ledger: Ledger, entity: str, year: int) -> Quantity | None:
    """A maker's sales for each combustion car sold in China."""
    cars = ledger.find("sales", entity, str(year))
    whole = combustion_market(ledger, year)
    return share(cars, whole) if cars is not None and whole is not None else None


def share_chart(ledger: Ledger, p: Any) -> Chart | None:
    """Sales per hundred combustion cars sold, Nissan and the Japanese peers."""
    makers = {NISSAN: "Nissan"} | {k: PEERS[k] for k in p.peers if k != "byd"}
    years = range(2020, ledger.as_of.year + 1)
    found: dict[str, dict[int, Quantity]] = {}
    for entity, label in makers.items():
        shares = {y: q for y in years if (q := combustion_share(ledger, entity, y)) is not None}
        if entity == NISSAN:
            shares.pop(2022, None)  # mixes two definitions
        if shares:
            found[label] = shares
    if len(found.get("Nissan", {})) < 2:
        return None
    drawn = {
        label: ([dt.date(y, 1, 1) for y in s], [q.value * 100 for q in s.values()])
        for label, s in found.items()
    }
    colours = {"Nissan": "accent", "Toyota": "blue", "Honda": "amber"}
    crosses = min(found["Nissan"]) < 2022 < max(found["Nissan"])

    def draw(axes: Axes) -> None:
        lines(axes, drawn, colours, suffix="%", markers=True, step_gap_days=400)
        years_axis(axes)
        if crosses:
            mark_break(axes, dt.date(2022, 7, 1), "Nissan without DFAC\nfrom October 2022")
        if without is not None:
            at: Any = (dt.date(int(without.year), 1, 1), without.share.value * 100)
            axes.plot([at[0]], [at[1]], marker="o", markersize=5, color=LIGHT["accent"],
                      markerfacecolor=LIGHT["paper"], zorder=12)  # fmt: skip
            axes.annotate("without the N7", at, xytext=(-4, -12), textcoords="offset points",
                          ha="center", va="top", fontsize=9, color=LIGHT["accent"])  # fmt: skip
        axes.margins(x=0.12)

    kept = {y: q for y, q in found["Nissan"].items() if y >= 2023}
    without = without_n7(ledger)
    title = phrase("Sales measured against the shrinking combustion market")
    if len(kept) > 1:
        a, b = min(kept), max(kept)
        moves = [f"{label} {_moved(s[a], s[b])}" for label, s in found.items() if a in s and b in s]
        title = phrase(
            "Measured against combustion cars sold, from {a} to {b} {m}",
            a=str(a),
            b=str(b),
            m=listed(moves),
        )
    if (
        without is not None
        and len(kept) > 1
        and _moved(kept[min(kept)], kept[max(kept)]) == "held its place"
    ):
        title = phrase(
            "Nissan's sales per hundred combustion cars held from {a} to {b}, with the N7's help",
            a=str(min(kept)), b=str(max(kept)),
        )  # fmt: skip
    rows = [(label, y, q.value * 100) for label, s in found.items() for y, q in s.items()]
    data = pd.DataFrame(rows, columns=["maker", "year", "percent"])
    alt = "Lines of sales as a percentage of combustion cars sold in China. " + " ".join(
        f"{label}: " + ", ".join(f"{y} {number(q.value * 100, 1)}" for y, q in s.items()) + "."
        for label, s in found.items()
    )
    facts = tuple(sorted({f for s in found.values() for q in s.values() for f in q.facts}))
    note = phrase(
        "All sales of a maker, its own new-energy cars included, over CPCA retail sales without new-energy cars."
    )
    if without is not None:
        rows.append(("Nissan without the N7", int(without.year), without.share.value * 100))
        data = pd.DataFrame(rows, columns=["maker", "year", "percent"])
        extra = phrase(
            "Without the {n:,} N7s that are known of {y}, Nissan stands at an estimated {s:~.1%} in that year.",
            n=without.sold, y=without.year, s=without.share,
        )  # fmt: skip
        note = joined([note, extra])
        alt += f" Nissan without the N7: {without.year} {number(without.share.value * 100, 1)}."
    return Chart("china-combustion-share", title, "Maker's sales per hundred combustion cars sold in China", alt,
                 data, facts, draw, note, height=3.0)  # fmt: skip


@dataclass(frozen=True)
class WithoutN7:
    """Nissan's sales for each combustion car sold in a year, the known N7s taken out."""

    year: str
    sold: Quantity
    share: Quantity


def without_n7(ledger: Ledger) -> WithoutN7 | None:
    """For the latest year whose months of the N7 are known; None where there is none."""
    known, points = n7(ledger), annual(ledger).points
    if known is None or not points:
        return None
    year = points[-1].label
    whole = combustion_market(ledger, int(year))
    if whole is None or not (known.first.endswith(year) and known.last.endswith(year)):
        return None
    rest = share(points[-1].quantity - known.sold, whole)
    return WithoutN7(year, known.sold, rest)


def _moved(old: Quantity, new: Quantity) -> str:
    rate = new.value / old.value - 1
    return "held its place" if abs(rate) < 0.06 else "gained" if rate > 0 else "lost"
