"""Where an in-house kei EV would go: Kyushu's room, and what stays with Mitsubishi Motors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from ..ledger import ACTUAL, Ledger
from ..quantity import Quantity, share
from ..tables import Column, Table
from ..wording import Phrase, joined, phrase
from .spans import MODEL, bound


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
    parts = [
        phrase("{u:~.0%} at its {y} volume", u=share(q, capacity), y=str(y)) for y, q in known
    ]
    uses = joined(parts, " and ")
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
