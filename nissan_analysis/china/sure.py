"""How sure the China report is: definitions, disagreements, weak points."""

from __future__ import annotations

from dataclasses import replace

from ..ledger import Disagreement, Ledger
from ..quantity import counted
from ..tables import Table, disagreement_table, text_columns
from ..wording import Phrase, phrase
from .capacity import capacities
from .causes import shift_of_fall
from .levels import NISSAN, annual, left_count

#: What this report speaks of.
ABOUT = (
    "nissan_china",
    "dongfeng_nissan",
    "n7",
    "wuhan",
    "changzhou",
    "toyota_china",
    "honda_china",
    "china_market",
    "tesla_shanghai",
)
METRICS = (
    "sales",
    "capacity",
    "exports",
    "deliveries",
    "nev_share",
    "exported_share",
    "production",
)
LISTED = 8  # disagreements


def breaks_table(ledger: Ledger) -> Table | None:
    """Every change of definition in the yearly series."""
    rows = []
    for b in annual(ledger).breaks:
        new = ledger.bases.get(b.after)
        rows.append((b.date, ledger.bases[b.before].label, new.label if new else b.after, b.reason))
    if not rows:
        return None
    return Table.of(
        "china-breaks", phrase("Where the yearly series changes its definition"),
        text_columns("From", "Before", "After", "What it is"), rows,
    )  # fmt: skip


def disagreements_table(ledger: Ledger) -> Table | None:
    """Where sources print figures that cannot both be roundings of one number, Nissan and the widest gap first.

    Gaps of a thousandth or less (a figure cut instead of rounded) are left out, and the note says so.
    """
    found = [d for d in ledger.disagreements(ABOUT, METRICS) if _gap(d) > 0.001]
    found.sort(key=lambda d: (d.entity != NISSAN, -_gap(d)))
    table = disagreement_table(ledger, found[:LISTED], "china-disagreements")
    if table is None or table.note is None:
        return table
    every = [d for d in ledger.disagreements() if ledger.entities[d.entity].region == "china"]
    if len(every) == len(table.rows):
        return table
    facts = [f.fact for d in every for f in d.facts]
    note = phrase(
        "On China sources contradict each other on {n:w} figures in all. Left out here are those on which they "
        "differ by a thousandth or less, and those that this report does not use; the annex of the briefing lists every one. {dash}",
        dash=table.note, n=counted(len(every), "figures", facts),
    )  # fmt: skip
    return replace(table, note=note)


def _gap(d: Disagreement) -> float:
    values = [f.value for f in d.facts]
    return (max(values) - min(values)) / max(values) if max(values) > 0 else 0.0


def weak_points(ledger: Ledger) -> list[Phrase]:
    """The three weakest points of this report, of those that apply at its date."""
    found = []
    if left_count(ledger, annual(ledger), 2023) is not None:
        found.append(phrase(
            "What left the count in 2022 is inferred from printed growth, not published; the causes over 2022 and 2023 rest on it."
        ))  # fmt: skip
    if shift_of_fall(ledger) is not None:
        found.append(phrase(
            "No source gives Nissan's new-energy sales by year, so what is called its share holds them too; and CPCA counts "
            "passenger cars at retail, while Nissan's total also has light commercials and imports."
        ))  # fmt: skip
    if len(capacities(ledger)) > 1:
        found.append(phrase(
            "Capacity in China circulates in figures far apart, none with a yearly date, and no shipment of exports was found: "
            "the use of plants and the way to break-even are scenarios."
        ))  # fmt: skip
    found += [
        phrase(
            "The growth printed for 2013 to 2015 implies restated years that no source explains, so these years stand alone."
        ),
        phrase(
            "Nissan's total adds passenger cars at retail, light commercials at wholesale and imports."
        ),
        phrase(
            "Most figures are the press's retelling of Nissan China's releases; few releases themselves could be read."
        ),
    ]
    return found[:3]
