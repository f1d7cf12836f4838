"""What the command line prints: summaries and tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

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


def audited(audits: Sequence[Audit], listed: bool = False) -> int:
    """Print the outcome of audits, a line a fault, and how many numbers held; the exit code.

    `listed` prints every number with its value, bounds, status, formula and facts as well.
    """
    console = Console(highlight=False, soft_wrap=True)
    for audit in audits:
        for number in audit.numbers if listed else ():
            bounds = f"{number.low} to {number.high} {number.unit}" if number.low else "as cited"
            how = f" = {number.formula} of" if number.formula else " from"
            facts = " ".join(number.facts)
            line = (
                f"{audit.report}: {number.text}: {bounds}, {number.status or 'cited'}{how} {facts}"
            )
            console.print(_line(line))
        for fault in audit.faults:
            console.print(_line(f"{audit.report}: {fault}", "red"))
    table = Table(
        "report", "numbers", "traced", "by formula", "made again equal", "faults", box=None
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for audit in audits:
        counts = (
            len(audit.numbers), audit.traced, audit.by_formula, audit.recomputed, len(audit.faults)
        )  # fmt: skip
        table.add_row(_line(audit.report), *("–" if c is None else f"{c:,}" for c in counts))
    console.print(table)
    return 1 if any(audit.faults for audit in audits) else 0
