"""How sure the Sakura's figures are: conflicts, gaps, and the weakest points."""

from __future__ import annotations

from ..ledger import Ledger
from ..quantity import counted
from ..tables import Table, disagreement_table
from ..wording import Phrase, phrase
from .spans import MARKET, MODEL, Settings, full_years, gaps, spans, variants

#: What this report speaks of.
ABOUT = (MODEL, MARKET, "n_one_e", "kyushu", "toyota", "japan_imports", "japan_cev_subsidy")


def disagreements_table(ledger: Ledger) -> Table | None:
    """Figures on which sources contradict each other, and what was made of it."""
    found = ledger.disagreements(ABOUT)
    return disagreement_table(ledger, found, "sakura-disagreements", publishers=True)


def missing_said(ledger: Ledger, p: Settings) -> Phrase:
    """What was looked for and not found."""
    known = spans(ledger, "ME")
    if not known:
        return phrase(
            "At {day} no month of the Sakura beside its market was found.", day=ledger.as_of
        )
    told = phrase("Not found: Sakura sales after {m}", m=known[-1].label)
    lost = gaps(ledger, p)
    if lost:
        n = counted(len(lost), "months", known[-1].facts, "counted from the data")
        told = phrase("{t}; {n:w} of the months before", t=told, n=n)
    return phrase(
        "{t}; Nissan's base for its own share; the national subsidy cap of FY2023; the Sakura's unit margin, "
        "and what Nissan pays Mitsubishi Motors for it; its output apart from its twin's.",
        t=told,
    )


def weak_points(ledger: Ledger, p: Settings) -> list[Phrase]:
    """The three weakest points of this report at this date."""
    found = []
    if ledger.find("planned_start", "kei_ev_inhouse", "2024-03-08") is not None:
        found.append(
            phrase(
                "The economics of in-house production rest on assumptions alone; their ranges are ours and wide."
            )
        )
    whole = full_years(ledger, p)
    if whole and variants(ledger, whole[-1].sales):
        found.append(
            phrase(
                "The last year rests on a quarter that two sources print differently; nobody has settled it."
            )
        )
    if gaps(ledger, p):
        found.append(
            phrase(
                "Months are missing from the Sakura series, so no season can be taken out of it and single "
                "months must not be read as a trend."
            )
        )
    found.append(
        phrase(
            "Many pages are copies or reprints of agency and newspaper reports, and registrations by month "
            "were read in a transcription of the association's tables."
        )
    )
    return found[:3]
