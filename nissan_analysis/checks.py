"""The ledger checked against itself: months against years, parts against wholes, printed growth
against recomputed growth, rulings against their conflicts, dates against publication.

A check that fails but whose fact carries a note is "explained"; without a note it is a fault.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from .ledger import ACTUAL, Ledger
from .periods import label_period, months_from, shift_years, windows
from .quantity import Quantity, change, total
from .rows import FactRow

Verdict = Literal["ok", "explained", "fault"]


@dataclass(frozen=True)
class Check:
    """One comparison: what was tested, what the sources print, what follows from the rest."""

    kind: str
    subject: str
    printed: str
    computed: str
    verdict: Verdict
    note: str = ""

    def __str__(self) -> str:
        tail = f" ({self.note})" if self.note else ""
        return (
            f"{self.kind}: {self.subject}: printed {self.printed}, computed {self.computed}{tail}"
        )


def run_checks(ledger: Ledger, today: dt.date | None = None) -> list[Check]:
    """Every check on a ledger, in a fixed order. `today` is the day after which nothing is known."""
    return [
        *_months_against_years(ledger),
        *_parts_against_wholes(ledger),
        *_growth(ledger),
        *_rulings(ledger),
        *_conflicts(ledger),
        *_standing(ledger),
        *_dates(ledger),
        *_future(ledger, today or dt.date.today()),
        *_unused(ledger),
        *_vocabulary(ledger),
    ]


def summary(checks: list[Check]) -> list[tuple[str, int, int, int]]:
    """(kind, ok, explained, faults) for each kind of check."""
    kinds = list(dict.fromkeys(c.kind for c in checks))
    counts = Counter((c.kind, c.verdict) for c in checks)
    return [(k, counts[k, "ok"], counts[k, "explained"], counts[k, "fault"]) for k in kinds]


def _show(quantity: Quantity) -> str:
    return f"{quantity.value:,.10g}"


def _verdict(agree: bool, note: str) -> Verdict:
    return "ok" if agree else "explained" if note else "fault"


def _actual(ledger: Ledger) -> Iterator[FactRow]:
    return (f for f in ledger.facts.values() if f.status in ACTUAL)


def _months_against_years(ledger: Ledger) -> Iterator[Check]:
    for fact in _actual(ledger):
        period = fact.period
        if (
            fact.rank == "deprecated"
            or ledger.metrics[fact.metric].kind != "flow"
            or months_from(fact.period_start, 12) != period
        ):
            continue
        months = [
            ledger.find(fact.metric, fact.entity, month, fact.basis or None, derive=False)
            for month in windows("ME", *period)
        ]
        known = [m for m in months if m is not None]
        if len(known) == 12 and fact.metric.startswith(("sales", "production", "bev_sales")):
            whole, printed = total(known), ledger.fact(fact.fact)
            yield Check(
                "months add up to the year",
                f"{fact.fact}",
                _show(printed),
                _show(whole),
                _verdict(printed.overlaps(whole), fact.note or fact.rank_reason),
                fact.note,
            )


def _parts_against_wholes(ledger: Ledger) -> Iterator[Check]:
    for entity in ledger.entities.values():
        if not entity.terms:
            continue
        for fact in _actual(ledger):
            if fact.entity != entity.entity or fact.rank == "deprecated" or fact.basis:
                continue
            if ledger.metrics[fact.metric].kind != "flow":
                continue
            period = fact.period
            parts = []
            for sign, word in entity.terms:
                part = ledger.find(fact.metric, word, period, derive=False)
                parts.append(part if part is None or sign > 0 else -part)
            known = [p for p in parts if p is not None]
            if len(known) == len(parts):
                whole, printed = total(known), ledger.fact(fact.fact)
                yield Check(
                    "parts add up to the whole",
                    fact.fact,
                    _show(printed),
                    _show(whole),
                    _verdict(printed.overlaps(whole), fact.note or fact.rank_reason),
                    fact.note,
                )


def _growth(ledger: Ledger) -> Iterator[Check]:
    for fact in _actual(ledger):
        if not fact.metric.endswith("_yoy") or fact.rank == "deprecated":
            continue
        level = fact.metric.removesuffix("_yoy")
        if level not in ledger.metrics or ledger.metrics[level].kind != "flow":
            continue
        period = fact.period
        bases = ledger.bases.get(fact.basis)
        # Growth on a base of its own (like for like, adjusted) has no levels to compare with.
        if fact.basis and not (bases and bases.chain):
            basis: str | None = fact.basis
        else:
            basis = None
        later = ledger.find(level, fact.entity, period, basis, derive=False)
        earlier = ledger.find(level, fact.entity, shift_years(period, -1), basis, derive=False)
        if later is None or earlier is None or not earlier.value:
            continue
        computed = change(later, earlier)
        printed = ledger.fact(fact.fact).ratio()
        yield Check(
            "printed growth recomputes",
            fact.fact,
            f"{printed.value:+.2%}",
            f"{computed.value:+.2%}",
            _verdict(printed.overlaps(computed), fact.note or fact.rank_reason),
            fact.note,
        )


def _rulings(ledger: Ledger) -> Iterator[Check]:
    """A figure that was set aside must still conflict with one that was not."""
    for fact in ledger.facts.values():
        if fact.rank != "deprecated":
            continue
        period = fact.period
        status = ACTUAL if fact.status in ACTUAL else (fact.status,)
        own = ledger.fact(fact.fact)
        rivals = [
            ledger.fact(r.fact)
            for r in ledger.rows(fact.metric, fact.entity, fact.basis or None, status)
            if r.period == period
        ]
        derived = ledger.find(fact.metric, fact.entity, period, fact.basis or None, status)
        rivals += [derived] if derived is not None else []
        # Without any rival the row only explains a misprint in circulation.
        ok = not rivals or any(not own.overlaps(r) for r in rivals)
        verdict: Verdict = "fault" if not ok else "ok" if rivals else "explained"
        yield Check(
            "rulings still settle a conflict",
            fact.fact,
            _show(own),
            _show(rivals[0]) if rivals else "nothing to compare with",
            verdict,
            fact.rank_reason,
        )


def _standing(ledger: Ledger) -> Iterator[Check]:
    """A figure that was preferred, or marked as open, must still have one that contradicts it."""
    for fact in ledger.facts.values():
        marked = fact.rank_reason.startswith("open")
        if fact.rank != "preferred" and not marked:
            continue
        rivals = [
            ledger.fact(r.fact)
            for r in ledger.facts.values()
            if (r.entity, r.metric) == (fact.entity, fact.metric)
            and r.fact != fact.fact
            and (r.status in ACTUAL) == (fact.status in ACTUAL)
        ]
        own = ledger.fact(fact.fact)
        ok = any(not own.overlaps(r) for r in rivals)
        # A vintage may not know the other side yet.
        verdict: Verdict = "ok" if ok else "fault" if ledger.current else "explained"
        yield Check(
            "a choice still has another side",
            fact.fact,
            _show(own),
            "a figure that contradicts it" if ok else "none: set its rank to normal, and no reason",
            verdict,
            fact.rank_reason,
        )


def _conflicts(ledger: Ledger) -> Iterator[Check]:
    """A conflict is settled by a rank, or is marked as open."""
    for conflict in ledger.disagreements():
        live = conflict.live
        quantities = [ledger.fact(f.fact) for f in live]
        clash = any(
            not a.overlaps(b) for i, a in enumerate(quantities) for b in quantities[i + 1 :]
        )
        preferred = any(f.rank == "preferred" for f in live)
        is_open = all(f.rank_reason.startswith("open") for f in live)
        if not clash:
            verdict: Verdict = "ok"
        else:
            verdict = "explained" if preferred or is_open else "fault"
        yield Check(
            "conflicts are settled or open",
            f"{conflict.entity} {conflict.metric} {label_period(*conflict.period)} {conflict.basis}",
            " / ".join(f"{f.value:,.10g}" for f in conflict.facts),
            "settled" if not clash else "open",
            verdict,
            conflict.ruling,
        )


def _dates(ledger: Ledger) -> Iterator[Check]:
    """What happened cannot be printed before it ended; an estimate of it can."""
    for fact in ledger.facts.values():
        published = ledger.sources[fact.source].published
        flow = fact.period_start < fact.period_end
        if fact.status not in ("official", "reported") or not flow:
            continue
        late = fact.period_end > published
        if late:
            yield Check(
                "nothing is printed before it ended",
                fact.fact,
                f"published {published}",
                f"ends {fact.period_end}",
                "explained" if fact.note else "fault",
                fact.note,
            )


def _future(ledger: Ledger, today: dt.date) -> Iterator[Check]:
    """Nothing is published, has happened or is counted in the future; a plan may be for it."""
    kind = "nothing lies in the future"
    for source in ledger.sources.values():
        if ledger.seen(source.source) and source.published > today:
            yield Check(
                kind, source.source, f"published {source.published}", f"today {today}", "fault"
            )
    for fact in _actual(ledger):
        if fact.period_end > today and fact.status != "estimate":
            yield Check(kind, fact.fact, f"ends {fact.period_end}", f"today {today}", "fault")
    for event in ledger.events:
        known = ledger.sources[event.source].published
        if event.status in ("completed", "cancelled", "denied") and event.date > known:
            yield Check(kind, event.event, f"on {event.date}", f"published {known}", "fault")


def _vocabulary(ledger: Ledger) -> Iterator[Check]:
    """Words of the vocabularies that no figure, identity, event or plant uses (nor a plan for one)."""
    facts = ledger.facts.values()
    words = {w for e in ledger.entities.values() for w in e.equals.split()} | set(ledger.plants)
    for event in ledger.events:
        words |= set(f"{event.entity} {event.counterpart}".replace(";", " ").split())
    used = {
        "metric": {f.metric for f in facts},
        "basis": {f.basis for f in facts},
        "entity": {f.entity for f in facts} | words,
    }
    known: dict[str, Iterable[str]] = {
        "metric": ledger.metrics, "basis": ledger.bases, "entity": ledger.entities
    }  # fmt: skip
    for name, table in known.items():
        for key in table:
            found = key in used[name]
            note = "" if found else "kept for figures to come, or to be removed"
            yield Check(
                "every word of the vocabularies is used", f"{name} {key}", "listed",
                "figures" if found else "no figure", "ok" if found else "explained", note,
            )  # fmt: skip


def _unused(ledger: Ledger) -> Iterator[Check]:
    used = {f.source for f in ledger.facts.values()}
    used |= {s.retells for s in ledger.sources.values()}
    for event in ledger.events:
        used |= {event.source, event.outcome_source}
    for plant in ledger.plants.values():
        used |= set(plant.sources.split())
    for source in ledger.sources.values():
        if ledger.seen(source.source) and source.source not in used:
            yield Check(
                "every source is used", source.source, source.publisher, "no figure", "fault"
            )
