"""Where an in-house kei EV would go, and whose margins it is meant to mend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from .charts import Chart
from .drawing import lines, number
from .ledger import ACTUAL, Ledger
from .quantity import Quantity, share
from .sakura_spans import MODEL, bound, count
from .style import LIGHT
from .tables import Column, Table
from .wording import Phrase, listed, phrase


def _facts(ledger: Ledger, metric: str, entity: str, start: dt.date, end: dt.date) -> list[Any]:
    """Facts of one period, each value once."""
    rows = [
        f for f in ledger.rows(metric, entity) if (f.period_start, f.period_end) == (start, end)
    ]
    return list({f.value: f for f in reversed(rows)}.values())[::-1]


def fiscal(year: int) -> tuple[dt.date, dt.date]:
    return dt.date(year, 4, 1), dt.date(year + 1, 3, 31)


def _capacity(ledger: Ledger, year: int) -> Quantity | None:
    """The capacity stated nearest to a fiscal year, within a year and a half of its middle."""
    middle = dt.date(year, 10, 1)
    rows = ledger.rows("capacity", "kyushu")
    near = min(rows, key=lambda f: abs((f.period_end - middle).days), default=None)
    if near is None or abs((near.period_end - middle).days) > 550:
        return None
    return ledger.fact(near.fact)


def use_table(ledger: Ledger) -> Table | None:
    """Kyushu's output, capacity and use by fiscal year, each source on its own row."""
    rows: list[tuple[Any, ...]] = []
    for year in range(2017, 2026):
        printed = _facts(ledger, "utilisation", "kyushu", *fiscal(year))
        used = ledger.fact(printed[0].fact) if printed else None
        for f in _facts(ledger, "production", "kyushu", *fiscal(year)):
            capacity, output = _capacity(ledger, year), ledger.fact(f.fact)
            worked = share(output, capacity) if capacity else None
            label = f"FY{year}" + (", expected" if f.status == "estimate" else "")
            who = ledger.sources[f.source].publisher
            rows.append((label, output, capacity, worked, used, who))
    late = _facts(ledger, "utilisation", "kyushu", dt.date(2025, 7, 15), dt.date(2025, 12, 31))
    if late:
        who = ledger.sources[late[0].source].publisher
        rows.append(("Late 2025", None, None, None, ledger.fact(late[0].fact), who))
    if not rows:
        return None
    return Table.of(
        "kyushu-use",
        phrase("Kyushu: output, capacity and use"),
        (
            Column("Year", align="left"), Column("Output"), Column("Capacity"),
            Column("Use, worked out", "~.0%"), Column("Use, in print", "q~.0%"),
            Column("Source of the output or use", align="left"),
        ),
        rows,
    )  # fmt: skip


def load_table(ledger: Ledger) -> Table | None:
    """Use of Kyushu with Oppama's cars and with a kei EV on top, as intervals."""
    if not any(e.event == "oppama-end" for e in ledger.events):
        return None
    capacity = _capacity(ledger, 2024)
    oppama = ledger.find("production", "oppama", "2024")
    outputs = _facts(ledger, "production", "kyushu", *fiscal(2024))
    if capacity is None or oppama is None or not outputs:
        return None
    rows: list[tuple[Any, ...]] = [
        (
            name,
            *(
                _between(share(q + extra if extra else q, capacity))
                for q in map(_quantity(ledger), outputs)
            ),
        )
        for name, extra in _loads(ledger, oppama)
    ]
    return Table.of(
        "kyushu-load",
        phrase("How full Kyushu would be with Oppama's cars and with the kei EV"),
        (
            Column("Case", align="left"),
            *(Column(f"From the output in {ledger.sources[f.source].publisher}") for f in outputs),
        ),
        rows,
        note=phrase(
            "Lowest and highest use that the rounding of the sources allows: Kyushu's FY2024 output and "
            "the cars named, on a capacity of {c:,}. Oppama is its output of 2024, {o:q~,}; how many of "
            "these cars Kyushu will build is not published.",
            c=capacity, o=oppama,
        ),
    )  # fmt: skip


def _quantity(ledger: Ledger) -> Callable[[Any], Quantity]:
    return lambda row: ledger.fact(row.fact)


def _loads(ledger: Ledger, oppama: Quantity) -> list[tuple[str, Quantity | None]]:
    cases: list[tuple[str, Quantity | None]] = [("As it was", None), ("With Oppama", oppama)]
    known = [(y, ledger.find("sales", MODEL, str(y))) for y in (2023, 2025)]
    return cases + [(f"With Oppama and the Sakura of {y}", oppama + q) for y, q in known if q]


def _between(used: Quantity) -> Phrase:
    low, high = bound(used, "low", 0.01), bound(used, "high", 0.01)
    return phrase("{a:.0%} to {b:.0%}", a=low, b=high)


def room_said(ledger: Ledger) -> Phrase:
    """Whether a kei EV finds room, and whether it would fill the plant."""
    capacity = _capacity(ledger, 2024)
    sold = [(y, ledger.find("sales", MODEL, str(y))) for y in (2023, 2025)]
    known = [(y, q) for y, q in sold if q]
    if capacity is None or not known:
        return phrase(
            "Kyushu's capacity beside a full year of the Sakura is not known at this date."
        )
    parts = {
        f"p{i}": phrase("{u:~.0%} at its {y} volume", u=share(q, capacity), y=str(y))
        for i, (y, q) in enumerate(known)
    }
    uses = phrase(" and ".join(f"{{{n}}}" for n in parts), **parts)
    told = phrase("On a capacity of {c:,} the Sakura would take {u}.", c=capacity, u=uses)
    oppama = ledger.find("production", "oppama", "2024")
    outputs = [ledger.fact(f.fact) for f in _facts(ledger, "production", "kyushu", *fiscal(2024))]
    if load_table(ledger) is None or oppama is None or not outputs:
        return phrase("{t} It would not fill the plant.", t=told)
    added = share(oppama, capacity)
    full = [share(q + oppama + known[0][1], capacity) for q in outputs]
    low = bound(min(full, key=float), "low", 0.01)
    high = bound(max(full, key=float), "high", 0.01)
    return phrase(
        "{t} Oppama's cars would take about {o:~.0%}. With them and the Sakura of {y} the plant would run at {a:.0%} to "
        "{b:.0%} of capacity, depending on which output of FY2024 is right: that stays open. So it is Oppama's cars "
        "that fill Kyushu, and the kei EV must fit beside them."
        if added.value > share(known[0][1], capacity).value
        else "{t} Oppama's cars would take about {o:~.0%}. With them and the Sakura of {y} the plant would run at "
        "{a:.0%} to {b:.0%} of capacity.",
        t=told, o=added, y=str(known[0][0]), a=low, b=high,
    )  # fmt: skip


# -- margins ----------------------------------------------------------------------------------

MAKERS = {"nissan": "Nissan", "toyota": "Toyota", "honda": "Honda"}


@dataclass(frozen=True)
class Margins:
    """Operating margins of the three makers in fiscal years in which all three are known."""

    years: tuple[int, ...]
    values: dict[str, list[Quantity]]

    @property
    def lowest(self) -> dict[str, list[int]]:
        """Years in which each maker had the lowest margin of the three."""
        found: dict[str, list[int]] = {m: [] for m in MAKERS}
        for i, year in enumerate(self.years):
            found[min(MAKERS, key=lambda m: self.values[m][i].ratio().value)].append(year)
        return found

    @property
    def facts(self) -> tuple[str, ...]:
        return tuple(sorted({f for qs in self.values.values() for q in qs for f in q.facts}))


def margin(ledger: Ledger, maker: str, year: int) -> Quantity | None:
    """A printed operating margin, else operating profit as a share of revenue."""
    printed = ledger.find("operating_margin", maker, fiscal(year))
    if printed is not None:
        return printed
    profit = ledger.find("operating_profit", maker, fiscal(year))
    revenue = ledger.find("net_revenue", maker, fiscal(year))
    return share(profit, revenue) if profit and revenue else None


def margins(ledger: Ledger) -> Margins | None:
    """The three makers from FY2021; None while no year is known for all of them."""
    years, values = [], {m: [] for m in MAKERS}  # type: ignore[var-annotated]
    for year in range(2021, ledger.as_of.year + 1):
        row = {m: margin(ledger, m, year) for m in MAKERS}
        if all(row.values()):
            years.append(year)
            for m in MAKERS:
                values[m].append(row[m])
    return Margins(tuple(years), values) if years else None


def margins_said(ledger: Ledger) -> Phrase:
    """In which years Nissan was below both, and in which it was not."""
    found = margins(ledger)
    if found is None:
        return phrase("The three margins are not known together at this date.")
    behind = found.lowest["nissan"]
    last = len(found.years) - 1
    now = {m: found.values[m][last] for m in MAKERS}
    n, of = (count(len(x), "years", found.facts) for x in (behind, found.years))
    lead = phrase(
        "Over FY{a} to FY{b} Nissan had the lowest operating margin of the three in {n:w} of {of:w} years. "
        if len(found.years) > 1
        else "",
        a=str(found.years[0]), b=str(found.years[-1]), n=n, of=of,
    )  # fmt: skip
    tail = phrase(
        "In {y} Nissan made {x:~.1%}, Toyota {t:~.1%} and Honda {h:~.1%}",
        y=f"FY{found.years[-1]}", x=now["nissan"], t=now["toyota"], h=now["honda"],
    )  # fmt: skip
    others = [m for m in ("toyota", "honda") if found.years[-1] in found.lowest[m]]
    end = phrase("; {who} was lowest, so Nissan no longer trailed it.", who=MAKERS[others[0]]) if others else phrase(".")  # fmt: skip
    return phrase("{lead}{tail}{end}", lead=lead, tail=tail, end=end)


def margin_chart(ledger: Ledger) -> Chart | None:
    """The three margins by fiscal year."""
    found = margins(ledger)
    if found is None or len(found.years) < 2:
        return None
    behind = found.lowest["nissan"]
    exceptions = [y for y in found.years if y not in behind]
    if not behind:
        title = phrase(
            "Nissan's operating margin was not the lowest of the three in any year shown"
        )
    elif exceptions:
        title = phrase(
            "Nissan trailed Toyota and Honda in every year but {y}",
            y=listed(f"FY{y}" for y in exceptions),
        )
    else:
        title = phrase("Nissan trailed Toyota and Honda in every year shown")
    days = [dt.date(y, 4, 1) for y in found.years]
    series = {MAKERS[m]: [q.ratio().value * 100 for q in found.values[m]] for m in MAKERS}

    def draw(axes: Axes) -> None:
        lines(axes, {n: (days, v) for n, v in series.items()}, {"Nissan": "accent", "Toyota": "blue", "Honda": "slate"}, "%", markers=True)  # fmt: skip
        axes.set_xticks([mdates.date2num(d) for d in days], [f"FY{y}" for y in found.years])
        axes.axhline(0, color=LIGHT["muted"], linewidth=0.8)

    said = "; ".join(
        f"{n}: " + ", ".join(f"FY{y} {number(v, 1)}" for y, v in zip(found.years, vs, strict=True))
        for n, vs in series.items()
    )
    return Chart(
        "operating-margins", title, "Operating profit as a share of revenue, fiscal years, percent",
        f"Lines of operating margin, in percent. {said}.",
        pd.DataFrame({"fiscal_year": [f"FY{y}" for y in found.years], **{k: [round(x, 2) for x in v] for k, v in series.items()}}),
        found.facts, draw, height=2.6,
    )  # fmt: skip


def mizushima(ledger: Ledger) -> Phrase | None:
    """What stays with the joint venture and with Mitsubishi's plant."""
    stake = next((f for f in ledger.rows("stake", "nissan_in_nmkv", "*")), None)
    if stake is None:
        return None
    output = ledger.find("production", "mizushima", fiscal(2023))
    kei = ledger.find("production", "mizushima", fiscal(2023), "kei_only", ACTUAL)
    first = phrase(
        "NMKV, which plans and develops the kei cars of both, belongs to Nissan and Mitsubishi Motors in equal "
        "parts, {s:.0%} each.",
        s=ledger.fact(stake.fact),
    )  # fmt: skip
    if not any(e.event == "kei-ev-inhouse-bnn" for e in ledger.events):
        return first
    second = phrase(
        " As reported, planning and development would stay with NMKV and Mizushima would keep the "
        "other kei cars."
    )
    third = phrase("")
    sold = ledger.find("sales", MODEL, "FY2023")
    if output and kei and sold:
        third = phrase(
            " The stake is large for Mizushima: in FY2023 it built {o:,} cars, {k:,} of them kei, and "
            "Sakura sales equalled {s:~.0%} of those kei cars.",
            o=output, k=kei, s=share(sold, kei),
        )  # fmt: skip
    return phrase("{a}{b}{c}", a=first, b=second, c=third)
