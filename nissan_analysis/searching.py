"""Ask the ledger: find figures by words, shares that follow from two of them included."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import product

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .document.text import unarmed
from .ledger import Ledger
from .periods import label_period
from .quantity import Quantity, share
from .rows import FactRow
from .wording import digits

#: Shares that a reader asks for by name and no source need print: part, whole, and what it is called.
SHARES = (
    (("sales", "sakura"), ("bev_sales", "japan_passenger"), "Sakura's share of Japan's electric-car sales"),
    (("production", "nissan_china"), ("production", "nissan"), "China's share of Nissan's production"),
    (("sales", "nissan_china"), ("sales", "nissan"), "China's share of Nissan's sales"),
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A figure as an answer. `fact` is its id; for a share the ids of both figures."""

    fact: str
    what: str
    period: str
    value: float
    low: float
    high: float
    unit: str
    status: str
    rank: str
    source: str
    published: str
    printed: str


def find(ledger: Ledger, query: Iterable[str]) -> list[Found]:
    """Figures in which every word of `query` occurs: best first within one subject and period."""
    words = [word for part in query for word in re.split(r"[\s,]+", part.lower()) if word]
    rows = [f for f in ledger.facts.values() if _fits(words, _text(ledger, f))]

    def order(f: FactRow) -> tuple[object, ...]:
        """What the words name first, then what they only mention (in a note, a source's title)."""
        named = f"{f.fact} {ledger.name(f)}".lower()
        here = sum(word in named for word in words)
        return (
            -here,
            f.entity,
            f.metric,
            f.period_start,
            f.period_end,
            f.rank != "preferred",
            f.fact,
        )

    rows.sort(key=order)
    return [*_shares(ledger, words), *(_found(ledger, row) for row in rows)]


def _fits(words: Sequence[str], text: str) -> bool:
    return all(word in text for word in words)


def _text(ledger: Ledger, fact: FactRow) -> str:
    """All that a figure can be found by: its row, the labels of its words, and its source."""
    source = ledger.sources[fact.source]
    told = [*fact.model_dump().values(), ledger.name(fact), source.publisher, source.title]
    return " ".join(str(value) for value in told).lower()


def _found(ledger: Ledger, row: FactRow) -> Found:
    quantity, source = ledger.fact(row.fact), ledger.sources[row.source]
    what = f"{ledger.metrics[row.metric].label}, {ledger.entities[row.entity].label}"
    basis = ledger.bases.get(row.basis)
    shown = f"{row.value:,.{max(row.decimals, 0)}f}".replace("-", "−")
    word = "" if row.qualifier == "exact" else f"{row.qualifier.replace('_', ' ')} "
    return Found(
        row.fact,
        what + (f" ({basis.label})" if basis else ""),
        label_period(*row.period),
        row.value,
        quantity.low,
        quantity.high,
        row.unit,
        row.status,
        row.rank,
        source.publisher,
        source.published.isoformat(),
        word + shown,
    )


def _shares(ledger: Ledger, words: Sequence[str]) -> Iterator[Found]:
    """Shares by year that follow from two figures: they are computed, never stored."""
    if not any(word.startswith("share") for word in words):
        return
    years = range(2018, ledger.as_of.year + 1)
    for ((metric, entity), (whole, market), name), year in product(SHARES, years):
        if not _fits(words, f"{name} {entity} {market} {year}".lower()):
            continue
        part, all_ = ledger.find(metric, entity, str(year)), ledger.find(whole, market, str(year))
        if part is not None and all_ is not None:
            yield _computed(share(part, all_), name, str(year), ledger)


def _computed(found: Quantity, name: str, period: str, ledger: Ledger) -> Found:
    rows = [ledger.facts[f] for f in found.facts]
    sources = [ledger.sources[r.source] for r in rows]
    said = dict.fromkeys(s.publisher for s in sources)
    return Found(
        " ".join(found.facts), name, period, found.value, found.low, found.high, "ratio",
        found.status, "computed", "; ".join(said), max(s.published for s in sources).isoformat(),
        digits(found, "~.1%"),
    )  # fmt: skip


def as_json(found: Sequence[Found]) -> str:
    """Every answer as a JSON list."""
    return json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1) + "\n"


def as_csv(found: Sequence[Found]) -> str:
    """Every answer as CSV; text that a spreadsheet would take for a formula gets an apostrophe."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(Found.__dataclass_fields__)
    for one in found:
        writer.writerow([_harmless(value) for value in asdict(one).values()])
    return stream.getvalue()


def _harmless(value: object) -> object:
    return unarmed(value) if isinstance(value, str) else value


def shown(found: Sequence[Found], limit: int) -> int:
    """Print answers as a table; 1 when there is none."""
    console = Console(highlight=False, width=200)  # a fact's name is never cut
    if not found:
        console.print(
            "No fact has all of these words. Try fewer, or an entity such as nissan_china."
        )
        return 1
    table = Table("figure", "period", "value", "between", "status", "source", "fact", box=None)
    table.columns[2].justify = "right"
    table.columns[-1].overflow = "fold"
    for one in found[:limit]:
        unit = {"ratio": "", "percent": "%"}.get(one.unit, f" {one.unit.replace('_', ' ')}")
        scale, percent = (100, "%") if one.unit == "ratio" else (1, "")
        low, high = (f"{v * scale:,.6g}{percent}".replace("-", "−") for v in (one.low, one.high))
        bounds = "exactly" if one.low == one.high else f"{low} and {high}"
        status = one.status + ("" if one.rank in ("normal", "computed") else f", {one.rank}")
        cells = (one.what, one.period, one.printed + unit, bounds, status)
        table.add_row(*(Text(c) for c in (*cells, f"{one.source}, {one.published}", one.fact)))
    console.print(table)
    if len(found) > limit:
        console.print(f"{limit} of {len(found)} figures; see more with --limit {len(found)}.")
    return 0
