"""The Sakura's share of Japan's battery-electric car sales: how large, and when."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import columns, describe
from ..ledger import Ledger
from ..periods import label_period, windows
from ..quantity import facts_behind, share
from ..tables import Column, Table
from ..wording import Key, Phrase, Trend, joined, listed, long_month, phrase
from .reported import state_key
from .rivals import outlook
from .spans import (
    LAUNCH,
    MODEL,
    Settings,
    Span,
    either,
    full_years,
    moved,
    spans,
    variants,
    years,
)

# -- the opening ------------------------------------------------------------------------------


def finding(ledger: Ledger, p: Settings) -> tuple[Phrase, Phrase]:
    """The title and the summary, for whatever is known at this date."""
    whole, known = full_years(ledger, p), years(ledger, p)
    if not known:
        return (
            phrase("The Sakura's share of Japan's electric-car sales is not known yet"),
            phrase(
                "On {day} no source had published a {basis} year of Sakura sales beside a market "
                "total, so no share by year can be worked out. What was known by then follows.",
                day=ledger.as_of,
                basis=p.basis,
            ),
        )
    if not whole:
        y = known[-1]
        title = phrase(
            "The Sakura took {s:.0%} of Japan's electric-car sales in {y}, its first part-year",
            s=y.share,
            y=y.label,
        )
        text = "Nissan's electric kei car (Japan's smallest class) was sold from May 2022 only: {n:,} of {m:,}."
        return title, phrase(text, n=y.sales, m=y.market)
    first, last = max(whole, key=lambda y: y.share.value), whole[-1]
    if first is last:
        title = phrase(
            "Nissan's Sakura was {s:.0%} of the electric cars sold in Japan in {y}",
            s=last.share,
            y=last.label,
        )
        text = (
            "It sold {n:,} of {m:,} battery-electric passenger cars, kei cars (Japan's smallest class) "
            "and imports included."
        )
        return title, phrase(text, n=last.sales, m=last.market)
    title = phrase(
        "The Sakura's share of Japan's electric-car sales fell from {a:.0%} in {x} to {b:~.0%} in {y}",
        a=first.share,
        b=last.share,
        x=first.label,
        y=last.label,
    )
    return title, _summary(ledger, first, last)


def _summary(ledger: Ledger, first: Span, last: Span) -> Phrase:
    told = either(ledger, last.sales)
    if variants(ledger, last.sales):
        told = phrase("{told}, as two sources differ on its last quarter", told=told)
    lost, market = first.sales - last.sales, first.market - last.market
    whose = phrase("")
    if lost.value > 0 and market.value > 0:
        whose = phrase(
            "The whole market lost {m:,} cars over the same time, of which {s:~.0%} were Sakuras. ",
            m=market, s=share(lost, market),
        )  # fmt: skip
    return phrase(
        "Sales of Nissan's electric kei car (Japan's smallest class) {verb} from {a:,} to {told}. {whose}{since}{plan}",
        verb=moved(last.sales, first.sales), a=first.sales, told=told, whose=whose,
        since=_since(ledger), plan=plan(ledger),
    )  # fmt: skip


def _since(ledger: Ledger) -> Phrase:
    """What the newest months of the market, of which no Sakura figure is known, leave it at most."""
    found = outlook(ledger)
    if found is None or not found.outgrown:
        return phrase("")
    year, _, most = found.ceilings[-1]
    return phrase(
        "In {l} larger electric cars sold {g:.1} times as many as in {b}; no Sakura figure of these months was "
        "found, and at its pace of {y} its share would be {s:~.0%} at most. ",
        l=found.label, g=found.growth, b=found.before, y=year, s=most,
    )  # fmt: skip


def plan(ledger: Ledger) -> Phrase:
    """Where in-house production stands, in a sentence."""
    known = {
        s: ledger.rows("planned_start", "kei_ev_inhouse", "*", (s,)) for s in ("reported", "denied")
    }
    if not known["reported"]:
        return phrase("Mitsubishi Motors builds it at Mizushima.")
    hint, end = ledger.event("kei-ev-inhouse-direction"), ledger.event("battery-plant-cancelled")
    told = (
        "reported, and denied by Nissan and Mitsubishi Motors," if known["denied"] else "reported"
    )
    text = phrase(
        "Moving its production to Kyushu from April 2028 was {t} in {m}",
        t=told, m=long_month(known["reported"][0].period_end),
    )  # fmt: skip
    if hint is not None:
        text = phrase(
            "{t}; a Nissan vice-president said in {m} that it was being considered",
            t=text, m=long_month(hint.date),
        )  # fmt: skip
    if end is not None:
        text = phrase(
            "{t}; the battery plant meant for it was cancelled in {m}, and no confirmation was found",
            t=text, m=long_month(end.date),
        )  # fmt: skip
    return phrase("{t}.", t=text)


def months_trend(known: list[Span]) -> Trend | None:
    """The share by month, with a gap where months have no figure."""
    if len(known) < 6:
        return None
    values: list[float | None] = []
    for before, month in zip([None, *known], known, strict=False):
        if before is not None and (month.period[0] - before.period[1]).days > 1:
            values.append(None)
        values.append(month.share.value)
    words = f"Line of the share by month, {known[0].label} to {known[-1].label}"
    return Trend(words, tuple(values), facts_behind(known))


def keys(ledger: Ledger, p: Settings) -> list[Key]:
    """Up to six numbers for the opening."""
    made = [
        Key(
            phrase("Sakura's share of Japan's battery EVs, {y}", y=y.label),
            phrase("{s:~.0%}", s=y.share),
            phrase("{n} of {m:,}", n=either(ledger, y.sales), m=y.market),
        )
        for y in full_years(ledger, p)[-3:]
    ]
    recent = spans(ledger, "ME")
    if recent:
        m = recent[-1]
        label = phrase("Sakura's share in Japan, {m}, the last month known", m=m.label)
        note = phrase("{n:~,} cars", n=m.sales)
        made.append(Key(label, phrase("{s:~.0%}", s=m.share), note, months_trend(recent)))
    ahead = outlook(ledger)
    if ahead is not None and ahead.outgrown:
        year, _, most = ahead.ceilings[-1]
        label = phrase("Share at most in {l}, at the pace of {y}", l=ahead.label, y=year)
        note = phrase("larger electric cars: {g:.1} times {b}", g=ahead.growth, b=ahead.before)
        made.append(Key(label, phrase("{s:~.0%}", s=most), note))
    inhouse = state_key(ledger)
    made += [inhouse] if inhouse else []
    total = ledger.find("sales", MODEL, (LAUNCH, dt.date(2024, 2, 29)), derive=False)
    if total and len(made) < 6:
        note = phrase("not the period of the yearly share")
        label = phrase("Sakuras sold in Japan, launch to February 2024")
        made.append(Key(label, phrase("{n:q~,}", n=total), note))
    return made


# -- by year and by month ---------------------------------------------------------------------


def share_chart(ledger: Ledger, p: Settings) -> Chart | None:
    """The share by year as columns."""
    known = years(ledger, p)
    if not known:
        return None
    labels = [y.label + (" (from May)" if y.part else "") for y in known]
    values = [y.share.value * 100 for y in known]
    heads = [label.replace(" (", "\n(") for label in labels]
    top = max(known, key=lambda y: y.share.value)
    title = phrase("The Sakura: {s:~.0%} in {y}", s=top.share, y=top.label)
    if known[-1] is not top:
        title = phrase("{t}, {s:~.0%} in {y}", t=title, s=known[-1].share, y=known[-1].label)
    colours = ["accent-soft" if y.part else "accent" for y in known]

    def draw(axes: Axes) -> None:
        columns(axes, heads, values, colours, places=0, suffix="%")

    data = pd.DataFrame(
        {
            "year": labels,
            "share_percent": values,
            "sakura": [y.sales.value for y in known],
            "market": [y.market.value for y in known],
        }
    )
    part = phrase(
        "In its first year the Sakura was sold from May only, while the market counts the whole year."
    )
    return Chart(
        "sakura-share-by-year",
        title,
        f"Sakura as a share of battery-electric passenger cars sold in Japan, {p.basis} years, percent",
        describe("Columns", "the Sakura's share", labels, values, "percent", 0),
        data,
        facts_behind(known),
        draw,
        note=part if any(y.part for y in known) else None,
        height=2.7,
    )


def share_table(ledger: Ledger, p: Settings) -> Table | None:
    """Share of the market and of kei EVs by calendar year, fiscal year and half."""
    rows: list[tuple[Any, ...]] = []
    for freq in ("YE", "FY", "HE"):
        kept = (s for s in spans(ledger, freq) if freq != "HE" or not s.part)
        rows += [r for s in kept for r in _share_rows(ledger, s)]
    if not rows:
        return None
    halves = [s.period for s in spans(ledger, "HE")]
    missing = (
        [w for w in windows("HE", LAUNCH, max(p[1] for p in halves)) if w not in halves]
        if halves
        else []
    )
    note = "In brackets: the source followed where two differ."
    if missing:
        note += (
            " Left out, as a month was not published: "
            + listed(label_period(*w) for w in missing)
            + "."
        )
    note += " Part: fewer months of Sakura sales than of the market."
    return Table.of(
        "sakura-share-by-period",
        phrase("Sales, market and share by calendar year, fiscal year and half"),
        (
            Column("Period", align="left"), Column("Sakura"), Column("All battery EVs"),
            Column("Share", "~.1%"), Column("Kei EVs"), Column("Share of kei EVs", "~.0%"),
        ),
        rows,
        note=phrase(note),
    )  # fmt: skip


def _share_rows(ledger: Ledger, s: Span) -> list[tuple[Any, ...]]:
    label = s.label + (", part" if s.part else "")
    sides = variants(ledger, s.sales) or [("", s.sales)]
    rows = []
    for publisher, sales in sides:
        name = f"{label} ({publisher.removesuffix(' (copy)')})" if publisher else label
        of_kei = share(sales, s.kei) if s.kei else None
        rows.append((name, sales, s.market, share(sales, s.market), s.kei, of_kei))
    return rows


def quarters_table(ledger: Ledger) -> Table | None:
    """The share by quarter, a year a column."""
    known = {s.period[0]: s for s in spans(ledger, "QE")}
    if not known:
        return None
    years_ = range(min(known).year, max(known).year + 1)
    rows = [
        (label, *(_quarter(ledger, known.get(dt.date(y, month, 1))) for y in years_))
        for month, label in ((1, "January–March"), (4, "April–June"), (7, "July–September"), (10, "October–December"))
    ]  # fmt: skip
    return Table.of(
        "sakura-share-by-quarter",
        phrase("The share by quarter"),
        (Column("Quarter", align="left"), *(Column(str(y)) for y in years_)),
        rows,
        note=phrase(
            "A dash: before the launch, or a month is missing. Part: on sale from May only."
        ),
    )


def _quarter(ledger: Ledger, s: Span | None) -> Phrase | None:
    if s is None:
        return None
    if s.part:
        return phrase("{s:~.0%}, part", s=s.share)
    sides = sorted((share(q, s.market) for _, q in variants(ledger, s.sales)), key=float)
    texts = [phrase("{s:~.1%}", s=q) for q in sides or [s.share]]
    return joined(texts, " or ")
