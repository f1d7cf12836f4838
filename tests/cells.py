"""A real notebook's cells, run one after another in this process with other parameters."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest

from nissan_analysis import telling
from nissan_analysis.places import notebook


def run_cells(report: str, given: dict[str, Any], patch: pytest.MonkeyPatch) -> list[str]:
    """The plain text of all that the notebook of `report` shows; fails on holes in its words."""
    shown: list[str] = []
    patch.setattr(telling, "display", lambda data, **_: shown.append(data["text/plain"]))
    names: dict[str, Any] = {}
    for cell in nbformat.read(notebook(report), as_version=4).cells:  # type: ignore[no-untyped-call]
        if cell.cell_type == "code":
            exec(cell.source, names)
            if "parameters" in cell.metadata.get("tags", []):
                names.update(given)
    for text in shown:
        hole = re.search(r"\bNone\b|\bnan\b|[{}]|\binf\b|−0\b(?!\.)| ,| \.(?!\d)", text)
        assert hole is None, f"{hole and hole[0]!r} in {text[:300]!r}"
    return shown
