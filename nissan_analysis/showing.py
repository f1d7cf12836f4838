"""What the command line prints: summaries and tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .cells import visible

if TYPE_CHECKING:
    from .auditing import Audit
    from .checks import Check
    from .ledger import Ledger


def _line(said: str, style: str = "") -> Text:
    """Words for the terminal: neither rich's markup nor control characters mean anything in them."""
    return Text(visible(said, keep="\n\t"), style)


def checked(ledger: Ledger, checks: Sequence[Check]) -> int:
    """Print every check that did not pass, and how many of each kind did; the exit code."""
    from .checks import summary

    console = Console(highlight=False, soft_wrap=True)
    for check in checks:
        if check.verdict != "ok":
            console.print(
                _line(f"{check.verdict}: {check}", "red" if check.verdict == "fault" else "")
            )
    table = Table("check", "passed", "explained", "faults", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for kind, passed, explained, faults in summary(list(checks)):
        table.add_row(kind, str(passed), str(explained), str(faults))
    console.print(table)
    faults = sum(check.verdict == "fault" for check in checks)
    counts = f"{len(ledger.facts):,} facts from {len(ledger.sources):,} sources, up to {ledger.latest_source}"
    console.print(_line(f"{counts}: {f'{faults} faults' if faults else 'no fault'}."))
    return 1 if faults else 0


def audited(audits: Sequence[Audit]) -> int:
    """Print the outcome of audits, a line a fault, and how many numbers held; the exit code."""
    console = Console(highlight=False, soft_wrap=True)
    for audit in audits:
        for fault in audit.faults:
            console.print(_line(f"{audit.report}: {fault}", "red"))
    table = Table("report", "numbers", "traced", "made again equal", "faults", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for audit in audits:
        counts = (audit.numbers, audit.traced, audit.recomputed, len(audit.faults))
        table.add_row(_line(audit.report), *(f"{count:,}" for count in counts))
    console.print(table)
    return 1 if any(audit.faults for audit in audits) else 0


def found(ledger: Ledger, query: Iterable[str], limit: int) -> int:
    """Print the facts in which every word of `query` occurs; 1 when there is none."""
    words = [word.lower() for part in query for word in part.split()]
    rows = [fact for fact in ledger.facts.values() if all(word in _text(fact) for word in words)]
    console = Console(highlight=False, width=200)  # a fact's name is never cut
    if not rows:
        console.print(
            "No fact has all of these words. Try fewer, or an entity such as nissan_china."
        )
        return 1
    rows.sort(
        key=lambda fact: (fact.entity, fact.metric, fact.period_start, fact.period_end, fact.fact)
    )
    table = Table("fact", "value", "unit", "status", "source", box=None)
    table.columns[1].justify = "right"
    for fact in rows[:limit]:
        value = f"{fact.value:,.{max(fact.decimals, 0)}f}"
        cells = (fact.fact, value, fact.unit, fact.status, fact.source)
        table.add_row(*(_line(cell) for cell in cells))
    console.print(table)
    if len(rows) > limit:
        console.print(f"{limit} of {len(rows)} facts; see more with --limit {len(rows)}.")
    return 0


def _text(fact: Any) -> str:
    return " ".join(str(value) for value in fact.model_dump().values()).lower()
