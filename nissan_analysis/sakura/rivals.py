"""What happened around the Sakura: rivals, the queue of 2022, and the market of 2026."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import lines, number, years_axis
from ..ledger import Ledger
from ..periods import label_period, months_from, shift_years
from ..quantity import Quantity, facts_behind, share, total
from ..tables import Column, Table
from ..wording import Phrase, joined, phrase
from .spans import KEI, LAUNCH, MARKET, MODEL, ORDERS_FROM, REGISTERED, bound, either, variants


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
        rows.append((label, *(either(ledger, c, entity) if c else None for c in cells)))
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


def kei_said(ledger: Ledger) -> Phrase | None:
    """The Sakura's part of kei EVs in the second half of 2025, against 2023's second half."""
    new, old = "2025-07/2025-12", "2023-07/2023-12"
    sales = [ledger.find("sales", MODEL, w) for w in (new, old)]
    kei = [ledger.find("bev_sales", KEI, w) for w in (new, old)]
    rival = _parts(ledger, "2025")
    if not all((*sales, *kei)) or rival is None:
        return None
    (now, ago), (class_now, class_ago) = sales, kei
    assert now and ago and class_now and class_ago
    shares = [share(q, class_now) for _, q in variants(ledger, now)] or [share(now, class_now)]
    low, high = min(shares, key=float), max(shares, key=float)
    told = phrase(
        "Of all kei EVs the Sakura was {b:.0%} in the second half of 2023 and {low:.0%} to {high:.0%} in the second "
        "half of 2025. Honda's N-ONE e: sold {r} in its first four months.",
        b=share(ago, class_ago), low=low, high=high, r=either(ledger, rival, "n_one_e"),
    )  # fmt: skip
    if class_now.value < class_ago.value:
        return phrase(
            "{t} Yet the class fell from {a:,} to {b:,}: the rival took a large part of a smaller class.",
            t=told, a=class_ago, b=class_now,
        )  # fmt: skip
    return phrase("{t} The class rose from {a:,} to {b:,}.", t=told, a=class_ago, b=class_now)


# -- orders -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Backlog:
    """Orders taken and cars registered after the first rush."""

    end: dt.date  #: of the first count of orders
    later: dt.date  #: of the second
    months: str  #: over which registrations are counted after the first
    before: Quantity
    registered_before: Quantity
    waiting: Quantity
    taken_at_most: Quantity
    registered: Quantity
    old_at_least: Quantity


def backlog(ledger: Ledger) -> Backlog | None:
    """What orders say of 2023: how many registrations can only have been older orders."""
    end, later = dt.date(2022, 10, 31), dt.date(2023, 7, 8)
    after = (dt.date(2022, 11, 1), dt.date(2023, 6, 30))
    first, second = (ledger.find("orders", MODEL, (ORDERS_FROM, day)) for day in (end, later))
    early, late = (ledger.find("sales", MODEL, span) for span in ((LAUNCH, end), after))
    if first is None or second is None or early is None or late is None:
        return None
    taken = bound(second - first, "high", 1000).in_unit("vehicles")
    waiting = bound(first.in_unit("vehicles") - early, "low", 1000)
    old = bound(late - taken, "low", 100)
    if old.value <= 0:
        return None
    return Backlog(end, later, label_period(*after), first, early, waiting, taken, late, old)


# -- 2026 -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outlook:
    """The market after the last Sakura figure."""

    label: str
    before: str
    registered: Quantity
    growth: Quantity
    ceilings: list[tuple[str, Quantity, Quantity]]  #: pace of a year, its sales, highest share
    needed: Quantity  #: cars for the share of the first of these years, on larger EVs alone

    @property
    def outgrown(self) -> bool:
        """Whether the market without the Sakura has grown by more than half in a year."""
        return self.growth.value > 1.5


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
    singly = (months_from(dt.date(year, month, 1), 1) for month in range(1, months + 1))
    if any(ledger.find("sales", MODEL, period) is not None for period in (when, *singly)):
        return None
    if months < 2 or months == 12:
        return None
    now = ledger.find("bev_sales", REGISTERED, when)
    ago = ledger.find("bev_sales", REGISTERED, shift_years(when, -1))
    if now is None or ago is None:
        return None
    ceilings = []
    for pace in range(2023, year):
        sold = ledger.find("sales", MODEL, str(pace))
        if sold is not None and ledger.find("bev_sales", MARKET, str(pace)) is not None:
            part = sold * (months / 12)
            ceilings.append((str(pace), sold, share(part, now + part)))
    if not ceilings:
        return None
    year_of = ceilings[0][0]
    peak = share(ceilings[0][1], ledger.quantity("bev_sales", MARKET, year_of))
    needed = (now * (peak / (1 - peak))).in_unit("vehicles")
    earlier = label_period(*shift_years(when, -1))
    return Outlook(label_period(*when), earlier, now, now / ago, ceilings, needed)


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
            {
                n: ([q.period[0] for q in s], [q.quantity.value for q in s])
                for n, s in drawn.items()
            },
            {"Larger EVs": "blue", "Kei EVs": "accent"},
            step_gap_days=32,
        )
        years_axis(axes)

    rows = [
        {"series": n, "month": q.label, "vehicles": q.quantity.value}
        for n, s in drawn.items()
        for q in s
    ]
    said = " ".join(
        f"{n} from {number(s.points[0].quantity.value)} in {s.points[0].label} to "
        f"{number(s.points[-1].quantity.value)} in {s.points[-1].label}."
        for n, s in drawn.items()
    )
    return Chart(
        "japan-ev-by-month", title,
        "Battery-electric passenger cars sold in Japan, by month, vehicles",
        f"Lines of battery-electric cars by month, in vehicles. {said}",
        pd.DataFrame(rows), facts_behind(drawn.values()), draw, height=2.8,
    )  # fmt: skip


# -- in words ---------------------------------------------------------------------------------


def rivals_said(ledger: Ledger) -> Phrase | None:
    """Who gained: the kei rival, foreign brands, Toyota's bZ4X, the new Leaf."""
    told: list[Phrase] = []
    kei = kei_said(ledger)
    if kei is not None:
        told.append(kei)
    old, new = (ledger.find("bev_sales", "japan_imports", y, "jaia") for y in ("2023", "2025"))
    if old and new:
        verb = "rose" if new.value > old.value else "fell"
        told.append(
            phrase("Foreign brands {verb} from {a:,} in 2023 to {b:,} in 2025, by their association's count, buses and trucks included.", verb=verb, a=old, b=new)
        )  # fmt: skip
    toyota = ledger.find("sales", "bz4x", "2025-10/2025-12")
    own = ledger.find("sales", MODEL, "2025-10/2025-12")
    if toyota and own and toyota.value > own.high:
        told.append(
            phrase(
                "In the last quarter of 2025 Toyota's bZ4X, with {t:,}, outsold the Sakura.",
                t=toyota,
            )
        )
    leaf = ledger.find("sales", "leaf", "2026-01")
    if leaf:
        told.append(phrase("Nissan's own new Leaf began with {n:,} in January 2026.", n=leaf))
    twin = ledger.find("sales", "ek_x_ev", "FY2023")
    if twin and not told:
        told.append(phrase("The twin, Mitsubishi's eK X EV, sold {n:,} in FY2023.", n=twin))
    if not told:
        if rivals_table(ledger) is not None:
            return None
        return phrase("No full year of the Sakura beside its rivals is known at this date.")
    return joined(told)


def outlook_said(ledger: Ledger) -> Phrase:
    """What the newest months of the market allow the Sakura, as ceilings."""
    found = outlook(ledger)
    if found is None:
        return phrase(
            "At {day} no month of the market is known beyond the Sakura's own figures, or too few, so no "
            "ceiling for its share can be worked out.",
            day=ledger.as_of,
        )  # fmt: skip
    told = phrase(
        "No Sakura figure was found for {l}. Larger electric cars alone came to {r:,}, {g:.1} times those of "
        "{b}. Had the Sakura sold at a past year's pace, its share would have been at most: ",
        l=found.label, r=found.registered, g=found.growth, b=found.before,
    )  # fmt: skip
    items = [phrase("{s:~.0%} at the pace of {y}", s=s, y=y) for y, _, s in found.ceilings]
    line = joined(items, ", ")
    end = phrase("")
    if found.outgrown:
        need = bound(found.needed, "low", 1000)
        end = phrase(
            " To stand at its {y} share again it would have needed more than {n:,} cars in those months, "
            "against {s:,} in all of {y}. The market has outgrown it.",
            y=found.ceilings[0][0], n=need, s=found.ceilings[0][1],
        )  # fmt: skip
    caps = [
        ledger.find("subsidy", "japan_cev_subsidy", d, "ev_cap")
        for d in ("2025-04-01", "2026-01-01")
    ]
    aid = phrase("")
    if caps[0] is not None and caps[1] is not None and caps[0].value < caps[1].value:
        aid = phrase(
            " The cap of the subsidy for larger EVs rose from {o:,} to {n:,} yen in January 2026; how much of "
            "the growth that explains no source says.",
            o=caps[0], n=caps[1],
        )  # fmt: skip
    return phrase(
        "{a}{b}. These are ceilings, not forecasts: other kei EVs come on top of the market.{c}{d}",
        a=told, b=line, c=end, d=aid,
    )  # fmt: skip
