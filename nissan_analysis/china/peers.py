"""Nissan in China beside Toyota, Honda, BYD and the whole market."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import lines, mark_break, number, years_axis
from ..ledger import Ledger
from ..quantity import Quantity, change, share
from ..tables import Column, Table
from ..wording import Phrase, listed, phrase
from .causes import combustion_market, shift_of_fall
from .levels import NISSAN, annual, growth

PEERS = {"toyota_china": "Toyota", "honda_china": "Honda", "byd": "BYD"}


def peers_chart(ledger: Ledger, p: Any) -> Chart | None:
    """Yearly sales of Nissan and its peers, in millions."""
    makers = {NISSAN: "Nissan"} | {k: PEERS[k] for k in p.peers}
    drawn: dict[str, tuple[list[dt.date], list[float]]] = {}
    rows, facts = [], set()
    for entity, label in makers.items():
        basis = "byd_all" if entity == "byd" else None
        series = ledger.series(
            "sales", entity, "YE", basis=basis, start=str(max(p.first_year, 2017))
        )
        points = [x for x in series.points if x.period[0].year >= max(p.first_year, 2017)]
        points = [x for x in points if not (entity == NISSAN and x.basis == "cn_mixed_2022")]
        if points:
            name = "BYD (world)" if entity == "byd" else label
            drawn[name] = (
                [dt.date(x.period[0].year, 1, 1) for x in points],
                [x.quantity.value / 1e6 for x in points],
            )
            rows += [(name, x.label, x.quantity.value) for x in points]
            facts |= {f for x in points for f in x.quantity.facts}
    if "Nissan" not in drawn:
        return None
    colours = {"Nissan": "accent", "Toyota": "blue", "Honda": "amber", "BYD (world)": "slate"}
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
        "Kong and Macau from 2019. BYD is worldwide, not China alone."
    )
    return Chart("china-peers", title, "Sales by calendar year, million vehicles (Nissan, Toyota, Honda: China)", alt,
                 pd.DataFrame(rows, columns=["maker", "year", "vehicles"]), tuple(sorted(facts)), draw, note, height=3.3)  # fmt: skip


def peers_words(ledger: Ledger, p: Any) -> Phrase | None:
    """Nissan, its peers and the market from 2023 to the latest year that Nissan is known for."""
    series = annual(ledger)
    if not series.points or series.points[-1].period[0].year < 2024:
        return None
    end = series.points[-1].label
    subjects = [(NISSAN, "Nissan", None), *((k, PEERS[k], "byd_all" if k == "byd" else None) for k in p.peers),
                ("china_market", "the whole market, trucks and exports included,", "caam")]  # fmt: skip
    said = []
    for entity, label, basis in subjects:
        a, b = (ledger.find("sales", entity, y, basis=basis) for y in ("2023", end))
        if a is not None and b is not None:
            g = change(b, a)
            word = "gained" if g > 0 else "lost"
            where = " worldwide" if entity == "byd" else ""
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
        a, b = (
            ledger.find("sales", entity, y, basis="byd_all" if entity == "byd" else None)
            for y in ("2023", end)
        )
        if a is not None and b is not None:
            (fell if change(b, a) < 0 else rose).append(label)
    if "Nissan" in fell and len(fell) + len(rose) > 1 and int(end) > 2023:
        title = f"From 2023 to {end} {listed(fell)} lost sales"
        return phrase("{t}", t=title + (f" and {listed(rose)} gained" if rose else ""))
    sales = {
        label: ledger.find("sales", entity, end, basis="byd_all" if entity == "byd" else None)
        for entity, label in makers.items()
    }
    own = sales["Nissan"]
    more = [label for label, q in sales.items() if q is not None and own is not None and q > own]
    if more:
        return phrase("In {y} {m} sold more than Nissan", y=end, m=listed(more))
    return phrase("Nissan's sales by year, up to {y}", y=end)


def peers_table(ledger: Ledger, p: Any) -> Table | None:
    """Change over spans that no definition breaks, for Nissan, peers and the market."""
    spans = [("2019", "2021"), ("2021", "2023"), ("2023", "2025")]
    subjects = {NISSAN: ("Nissan", None)} | {
        k: (PEERS[k], "byd_all" if k == "byd" else None) for k in p.peers
    }
    subjects["china_market"] = ("Market with trucks and exports (CAAM)", "caam")
    rows = []
    for entity, (label, basis) in subjects.items():
        cells: list[Phrase | None] = []
        for a, b in spans:
            points = ledger.series("sales", entity, "YE", basis=basis, start=a)
            old, new = points.at(a), points.at(b)
            if old is not None and new is not None and (basis or old.basis == new.basis):
                cells.append(phrase("{g:~+.0%}", g=change(new.quantity, old.quantity)))
            elif old is not None and new is not None and entity == NISSAN:
                steps = [growth(ledger, annual(ledger), int(y)) for y in (str(int(a) + 1), b)]
                linked = (
                    (steps[0].ratio + 1) * (steps[1].ratio + 1) if steps[0] and steps[1] else None
                )
                cells.append(
                    phrase("{g:+.0%}, like for like", g=Quantity(linked.number - 1, "ratio", False))
                    if linked
                    else None
                )
            else:
                cells.append(None)
        if any(cells):
            rows.append((label, *cells))
    if not rows:
        return None
    return Table.of(
        "china-peers-growth", phrase("Change over spans that one definition covers"),
        [Column("Maker", align="left"), *(Column(f"{a} to {b}") for a, b in spans)], rows,
        phrase("Nissan 2021 to 2023 links the two yearly changes that Nissan China printed like for like. BYD is worldwide."),
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
        axes.margins(x=0.12)

    kept = {y: q for y, q in found["Nissan"].items() if y >= 2023}
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
    return Chart("china-combustion-share", title, "Maker's sales per hundred combustion cars sold in China", alt,
                 data, facts, draw, note, height=3.0)  # fmt: skip


def _moved(old: Quantity, new: Quantity) -> str:
    rate = new.value / old.value - 1
    return "held its place" if abs(rate) < 0.06 else "gained" if rate > 0 else "lost"


def own_part_table(ledger: Ledger, p: Any) -> Table | None:
    """The same parts for the Japanese peers: what all share, and what is each maker's own."""
    rows = []
    for entity, label in (
        {NISSAN: "Nissan"} | {k: PEERS[k] for k in p.peers if k != "byd"}
    ).items():
        s = shift_of_fall(ledger, entity)
        if s is None:
            continue
        rows.append(
            (
                label,
                f"{s.start} to {s.end}",
                *(phrase("{q:~+,.0k}", q=q) for q in (s.market, s.shift, s.own, s.fall)),
            )
        )
    if len(rows) < 2:
        return None
    return Table.of(
        "china-own-part", phrase("What the market did to all, and what each maker did itself"),
        [Column("Maker", align="left"), Column("Years", align="left"), Column("Market"), Column("New-energy cars"),
         Column("Own share"), Column("Change")],
        rows, phrase("Thousand vehicles a year, like for like; an estimate by the same method."),
    )  # fmt: skip
