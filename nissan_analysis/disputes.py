"""Where sources disagree: every figure on which their intervals do not overlap, and the ruling."""

from __future__ import annotations

from collections.abc import Sequence

from .ledger import Disagreement, Ledger
from .periods import label_period
from .provenance import LATER
from .quantity import Quantity, counted
from .rows import FactRow
from .tables import Table, text_columns
from .wording import Phrase, capitalised, cited, escape, joined, phrase

#: Groups of figures by the region of their entity, and what the tables call them.
GROUPS = {"china": "China", "japan": "Japan", "others": "Other countries and the whole company"}


def numbers(found: Sequence[Disagreement]) -> tuple[Quantity, Quantity]:
    """How many figures are in dispute, and how many of them nobody has settled."""
    facts = sorted({f.fact for d in found for f in d.facts})
    still = sorted({f.fact for d in found if not d.settled for f in d.facts})
    open_ = sum(not d.settled for d in found)
    return (
        counted(len(found), "conflicts", facts),
        counted(open_, "conflicts", still or facts),
    )


def confidence(ledger: Ledger) -> Phrase:
    """How often sources disagree, and what this briefing does about it."""
    found = ledger.disagreements()
    if not found:
        return phrase(
            "No two sources in the data disagree on a figure as of {day}.", day=ledger.as_of
        )
    every, still = numbers(found)
    lead = phrase(
        "On {n:,} {what} sources contradict each other about the same thing and period. ",
        n=every,
        what="figure" if every.value == 1 else "figures",
    )
    if still.value == 0:
        tail = phrase("For each one side was chosen; the annex lists them, with the reason.")
    else:
        tail = phrase(
            "For all but {m:w} one side was chosen; the annex lists them, with the reason. The "
            "open ones are printed as both sides or as a range.",
            m=still,
        )
    return phrase("{a}{b}", a=lead, b=tail)


def lead(ledger: Ledger) -> Phrase | None:
    """What the tables list; None where there is nothing to list."""
    found = ledger.disagreements()
    if not found:
        return None
    if not ledger.current:
        return phrase("The side that is kept was {later}", later=LATER[:1].lower() + LATER[1:])
    return phrase(
        "Every figure on which printed values exclude each other even when their rounding is allowed "
        "for. The reports use the value that is kept; the others stay in the data. Single reports also name figures that "
        "differ in date or scope, and leave some of these open; they are no contradictions and not counted here."
    )


def table(ledger: Ledger, group: str) -> Table | None:
    """The figures in dispute of one group (see `GROUPS`): values, sources, ruling and reason."""
    found = [d for d in ledger.disagreements() if _group(ledger, d) == group]
    if not found:
        return None
    columns = text_columns("Figure", "Kept", "Set aside", "Why")
    rows = [_row(ledger, one) for one in found]
    every = numbers(found)[0]
    title = phrase("{name}: {n:w} in dispute", name=GROUPS[group], n=every)
    return Table.of(f"disputes-{group}", title, columns, rows)


def _group(ledger: Ledger, one: Disagreement) -> str:
    region = ledger.entities[one.entity].region
    return region if region in GROUPS else "others"


def _row(ledger: Ledger, one: Disagreement) -> list[Phrase]:
    metric, basis = ledger.metrics[one.metric], ledger.bases.get(one.basis)
    words = [metric.label, ledger.entities[one.entity].label, label_period(*one.period)]
    unit = "" if metric.unit in ("percent", "vehicles") else f", {metric.unit.replace('_', ' ')}"
    plain = ", ".join(words) + unit + (f" ({basis.label})" if basis else "")
    kept = one.live
    aside = [f for f in one.facts if f.rank == "deprecated"]
    if one.settled:
        return [
            _text(plain),
            _sides(ledger, kept),
            _sides(ledger, aside),
            _why(ledger, aside, kept),
        ]
    return [_text(plain), _sides(ledger, kept), phrase("none: open"), _why(ledger, kept[:1])]


def _why(ledger: Ledger, *sides: Sequence[FactRow]) -> Phrase:
    """The reason of the ruling: why a side was set aside, else why the other was kept."""
    if not ledger.current:
        return phrase("–")
    for rows in sides:
        reasons = {f.rank_reason: f.fact for f in rows if f.rank_reason}
        said = [cited(_sentence(reason), f"note:{fact}") for reason, fact in reasons.items()]
        if said:
            return joined(said)
    return phrase("–")


def _sentence(reason: str) -> str:
    text = reason.removeprefix("open:").strip()
    return capitalised(text) + ("" if text.endswith(".") else ".")


def _sides(ledger: Ledger, rows: Sequence[FactRow]) -> Phrase:
    """Values with who prints them; equal values together."""
    by_value: dict[float, list[str]] = {}
    for row in rows:
        by_value.setdefault(row.value, []).append(row.fact)
    parts: list[Phrase] = []
    for facts in by_value.values():
        first = facts[0]
        source = ledger.sources[ledger.facts[first].source]
        places = max(ledger.facts[first].decimals, 0)
        percent = "%" if ledger.facts[first].unit == "percent" else ""
        who = source.publisher + (
            f" and {'another' if len(facts) == 2 else 'others'}" if len(facts) > 1 else ""
        )
        parts.append(
            phrase(f"{{n:q~,.{places}{percent}}} ({{who}})", n=ledger.fact(first), who=_text(who))
        )
    if not parts:
        return phrase("none")
    return joined(parts, "; ")


def _text(text: str) -> Phrase:
    """Words out of the data in which a digit is part of a name or a date."""
    return Phrase(escape(text), text)
