"""Where an in-house kei EV would go: Kyushu's room, and what stays with Mitsubishi Motors."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ..ledger import ACTUAL, Ledger
from ..quantity import Origin, Quantity, share
from ..restructuring.use import LATE, together
from ..tables import Column, Table
from ..wording import Phrase, joined, phrase
from .spans import MODEL, bound


def _facts(ledger: Ledger, metric: str, entity: str, start: dt.date, end: dt.date) -> list[Any]:
    """Facts of one period, each value once."""
    rows = [f for f in ledger.rows(metric, entity) if f.period == (start, end)]
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
        built = _facts(ledger, "production", "kyushu", *fiscal(year))
        for f in built:
            capacity, output = _capacity(ledger, year), ledger.fact(f.fact)
            worked = _between(together(capacity, output)) if capacity else None
            same = [u for u in printed if u.source == f.source or len(built) == 1]
            used = ledger.fact(same[0].fact) if same else None
            label = f"FY{year}" + (", expected" if f.status == "estimate" else "")
            who = ledger.sources[f.source].publisher
            rows.append((label, output, capacity, worked, used, who))
    newest = _facts(ledger, "utilisation", "kyushu", *LATE)
    if newest:
        who = ledger.sources[newest[0].source].publisher
        rows.append(("Late 2025", None, None, None, ledger.fact(newest[0].fact), who))
    if not rows:
        return None
    return Table.of(
        "kyushu-use",
        phrase("Kyushu: output, capacity and use"),
        (
            Column("Year", align="left"), Column("Output"), Column("Capacity"),
            Column("Use, worked out"), Column("Use, in print", "q~.0%"),
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
    made = [ledger.fact(f.fact) for f in outputs]
    rows: list[tuple[Any, ...]] = [
        (name, _between(*(together(capacity, q, *extra) for q in made)))
        for name, extra in _loads(ledger, oppama)
    ]
    return Table.of(
        "kyushu-load",
        phrase("How full Kyushu would be with Oppama's cars and with the kei EV"),
        (
            Column("Case", align="left"), Column("Use of capacity"),
        ),
        rows,
        note=phrase(
            "Lowest and highest use: Kyushu's FY2024 output, {k}, and the cars named, with their rounding, "
            "on a capacity of {c:,}. Oppama is its output of 2024, {o:q~,}; how many of these cars Kyushu "
            "will build is not published.",
            k=joined([phrase("{n:,}", n=q) for q in sorted(made, key=float)], " or "), c=capacity, o=oppama,
        ),
    )  # fmt: skip


def _loads(ledger: Ledger, oppama: Quantity) -> list[tuple[str, tuple[Quantity, ...]]]:
    cases: list[tuple[str, tuple[Quantity, ...]]] = [("As it was", ()), ("With Oppama", (oppama,))]
    return cases + [(f"With Oppama and the Sakura of {y}", (oppama, q)) for y, q in _sold(ledger)]


def _sold(ledger: Ledger) -> list[tuple[int, Quantity]]:
    """The Sakura's sales of the first and the latest full year, where known."""
    sold = [(y, ledger.find("sales", MODEL, str(y))) for y in (2023, 2025)]
    return [(y, q) for y, q in sold if q]


def _between(*used: Quantity) -> Phrase:
    low = bound(min(used, key=lambda q: q.low), "low", 0.01)
    high = bound(max(used, key=lambda q: q.high), "high", 0.01)
    return phrase("{a:.0%} to {b:.0%}", a=low, b=high)


def late(ledger: Ledger, oppama: Quantity, capacity: Quantity) -> Phrase:
    """What the chief executive's figure of late 2025 makes of the same sum; empty where unknown."""
    row = next(iter(_facts(ledger, "utilisation", "kyushu", *LATE)), None)
    if row is None:
        return phrase("")
    used = ledger.fact(row.fact)
    sums = used.ratio() + share(oppama, capacity)
    made = sums.given_as(round(sums.value, 1), Origin(sums.facts, status=sums.status))
    return phrase(
        " The chief executive put Kyushu's use at {u:q~.0%} in late 2025; with Oppama's cars that makes "
        "about {w:.0%}.",
        u=used, w=made,
    )  # fmt: skip


def room_said(ledger: Ledger) -> Phrase:
    """Whether a kei EV finds room, and whether it would fill the plant."""
    capacity, known = _capacity(ledger, 2024), _sold(ledger)
    if capacity is None or not known:
        return phrase(
            "Kyushu's capacity beside a full year of the Sakura is not known at this date."
        )
    parts = [phrase("{u:~.0%} at its {y} volume", u=share(q, capacity), y=str(y)) for y, q in known]
    uses = joined(parts, " and ")
    told = phrase("On a capacity of {c:,} the Sakura would take {u}.", c=capacity, u=uses)
    oppama = ledger.find("production", "oppama", "2024")
    outputs = [ledger.fact(f.fact) for f in _facts(ledger, "production", "kyushu", *fiscal(2024))]
    if load_table(ledger) is None or oppama is None or not outputs:
        return phrase("{t} It would not fill the plant.", t=told)
    added = share(oppama, capacity)
    full = _between(*(together(capacity, q, oppama, known[0][1]) for q in outputs))
    return phrase(
        "{t} Oppama's cars would take about {o:~.0%}. With them and the Sakura of {y} the plant would run at {f} of "
        "capacity, depending on which output of FY2024 is right: that stays open.{l} So it is Oppama's cars "
        "that fill Kyushu, and the kei EV must fit beside them."
        if added.value > share(known[0][1], capacity).value
        else "{t} Oppama's cars would take about {o:~.0%}. With them and the Sakura of {y} the plant would run at "
        "{f} of capacity.{l}",
        t=told, o=added, y=str(known[0][0]), f=full, l=late(ledger, oppama, capacity),
    )  # fmt: skip


def mizushima(ledger: Ledger) -> Phrase | None:
    """What stays with the joint venture and with Mitsubishi's plant."""
    stake = next((f for f in ledger.rows("stake", "nissan_in_nmkv", "*")), None)
    if stake is None:
        return None
    output = ledger.find("production", "mizushima", fiscal(2023))
    kei = ledger.find("production", "mizushima", fiscal(2023), "kei_only", ACTUAL)
    first = phrase(
        "NMKV, the joint company which plans and develops the kei cars of both, belongs to Nissan and Mitsubishi Motors in equal "
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
