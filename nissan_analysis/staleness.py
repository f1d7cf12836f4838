"""What was made from the data before they changed: stored notebooks and rendered reports.

Something stale is no fault of the data: it says which command is still to be run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .fingerprint import code_version
from .ledger import Ledger
from .places import REPORTS, SHEETS, notebook


@dataclass(frozen=True)
class Stale:
    """A file that was made from other data, or by other code, than there are now."""

    path: Path
    why: str
    command: str


def stale(ledger: Ledger, reports: Path) -> list[Stale]:
    """Notebooks whose stored outputs, and reports whose facts, are not of these data and this code.

    `reports` may be missing: then only notebooks are looked at.
    """
    found = []
    for name in (*REPORTS, *SHEETS):
        path = notebook(name)
        why = _why(ledger, name, _foot_of_notebook(path))
        if why:
            found.append(Stale(path, why, f"nissan-analysis notebooks {name.replace('_', '-')}"))
        told = reports / f"{name}.facts.json"
        if told.is_file():
            why = _why(ledger, name, json.loads(told.read_text(encoding="utf-8")).get("foot", {}))
            if why:
                html = told.with_name(f"{name}.html")
                found.append(Stale(html, why, f"nissan-analysis render {name.replace('_', '-')}"))
    return found


def _why(ledger: Ledger, name: str, foot: Mapping[str, Any]) -> str:
    if not foot:
        return "was never executed to its end"
    if foot.get("data") != ledger.digest(foot.get("reads", ["*"])):
        return "was made from other data"
    return "" if foot.get("code") == code_version(name) else "was made by other code"


def _foot_of_notebook(path: Path) -> Mapping[str, Any]:
    for cell in reversed(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        for output in cell.get("outputs", []):
            spec = output.get("metadata", {}).get("text/markdown", {}).get("nissan", {})
            if spec.get("kind") == "sources":
                return dict(spec.get("foot", {}))
    return {}


def unused(ledger: Ledger, reports: Path) -> list[str]:
    """Facts on which no rendered report in a folder rests, in order; empty where there is no report."""
    used: set[str] = set()
    for path in sorted(reports.glob("*.facts.json")):
        used |= set(json.loads(path.read_text(encoding="utf-8")).get("facts", {}))
    return sorted(set(ledger.facts) - used) if used else []


def lines(ledger: Ledger, reports: Path, listed: bool) -> Iterator[str]:
    """What `check` says of them."""
    for one in stale(ledger, reports):
        yield f"stale: {one.path.name} {one.why}: run {one.command}"
    rest = unused(ledger, reports)
    if rest:
        used = len(ledger.facts) - len(rest)
        yield f"{used:,} facts are used by the reports in {reports}; {len(rest):,} are background."
    if listed:
        yield from (f"unused: {fact}" for fact in rest)
