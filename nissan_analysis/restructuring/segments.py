"""Where the profit was made: operating profit by the regions of Nissan's accounts."""

from __future__ import annotations

from ..ledger import Ledger
from ..quantity import Quantity, total
from ..tables import Column, Table
from ..wording import Phrase, listed, phrase
from .money import fiscal_years

#: The regions of the accounts, which call them segments.
SEGMENTS = {
    "nissan_segment_japan": "Japan",
    "nissan_segment_north_america": "North America",
    "nissan_segment_europe": "Europe",
    "nissan_segment_asia": "Asia",
    "nissan_segment_others": "Others",
}
YEARS = ("FY2024", "FY2025")


def by_region(ledger: Ledger) -> Table | None:
    """Operating profit of each region in the two years printed, and the company's."""
    found = {
        name: [ledger.find("operating_profit", entity, year, derive=False) for year in YEARS]
        for entity, name in SEGMENTS.items()
    }
    company = fiscal_years(ledger, "operating_profit")
    known = {name: [q for q in pair if q is not None] for name, pair in found.items()}
    if any(len(pair) < len(YEARS) for pair in known.values()) or any(
        y not in company for y in YEARS
    ):
        return None
    sums = [total([pair[i] for pair in known.values()]) for i in range(len(YEARS))]
    rows: list[tuple[str | Quantity, ...]] = [(name, *pair) for name, pair in known.items()]
    rows.append(("Nissan in all", *(company[y] for y in YEARS)))
    columns = (Column("Region", align="left"), *(Column(y, "~+,.1") for y in YEARS))
    return Table.of("segments", _title(known), columns, rows, _note(ledger, known, sums, company))


def _title(known: dict[str, list[Quantity]]) -> Phrase:
    worst = min(known, key=lambda name: (known[name][1] - known[name][0]).value)
    before, after = known[worst]
    return phrase(
        "Operating profit by region: {name}'s went from {a:~,.1}bn to {b:~,.1}bn yen",
        name=worst, a=before, b=after,
    )  # fmt: skip


def _note(
    ledger: Ledger,
    known: dict[str, list[Quantity]],
    sums: list[Quantity],
    company: dict[str, Quantity],
) -> Phrase:
    gross = [
        name
        for name, pair in known.items()
        if any(ledger.facts[f].note == "before eliminations" for q in pair for f in q.facts)
    ]
    gaps = [company[y] - s for y, s in zip(YEARS, sums, strict=True)]
    return phrase(
        "Billions of yen; the accounts call the regions segments. {gross} are printed before eliminations between "
        "regions, so the five do not add up to Nissan's own: that is about {a:~,}bn more in {x} and {b:~,}bn in {y}.",
        gross=listed(gross), a=gaps[0], b=gaps[1], x=YEARS[0], y=YEARS[1],
    )  # fmt: skip
