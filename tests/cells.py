"""A real notebook's cells, run one after another in this process with other parameters."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest

from nissan_analysis import telling
from nissan_analysis.places import notebook

Output = tuple[dict[str, Any], dict[str, Any]]  # data by MIME type, and the rest


def outputs(
    report: str, given: dict[str, Any], patch: pytest.MonkeyPatch
) -> tuple[list[Output], dict[str, Any]]:
    """All that the notebook of `report` shows, and the names that it leaves."""
    shown: list[Output] = []
    patch.setattr(telling, "display", lambda data, **rest: shown.append((data, rest)))
    names: dict[str, Any] = {}
    for cell in nbformat.read(notebook(report), as_version=4).cells:  # type: ignore[no-untyped-call]
        if cell.cell_type == "code":
            exec(cell.source, names)
            if "parameters" in cell.metadata.get("tags", []):
                names.update(given)
    return shown, names


def run_cells(report: str, given: dict[str, Any], patch: pytest.MonkeyPatch) -> list[str]:
    """The plain text of all that the notebook of `report` shows; fails on holes in its words."""
    shown = [data["text/plain"] for data, _ in outputs(report, given, patch)[0]]
    for text in shown:
        hole = re.search(r"\bNone\b|\bnan\b|[{}]|\binf\b|−0\b(?!\.)| ,| \.(?!\d)", text)
        assert hole is None, f"{hole and hole[0]!r} in {text[:300]!r}"
    return shown
