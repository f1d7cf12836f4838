"""The stored notebooks: executed from the top, with outputs that nbval has something to compare with.

nbval passes a stripped notebook without comparing anything, so that is tested here.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from nissan_analysis import canonical
from nissan_analysis.places import REPORTS, SHEETS

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
REPORT_NOTEBOOKS = [path for path in NOTEBOOKS if path.stem in (*REPORTS, *SHEETS)]


def load(path: Path) -> Any:
    nb = nbformat.read(path, as_version=4)
    nbformat.validate(nb)
    return nb


def code(nb: Any) -> list[Any]:
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def comparable(cell: Any) -> bool:
    """Whether the cell has stored an output that nbval compares (it leaves out pictures)."""
    pictures = {"image/png", "image/jpeg"}
    return any(set(o.get("data", {})) - pictures or o.get("text") for o in cell.outputs)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def nb(request: pytest.FixtureRequest) -> Any:
    return load(request.param)


@pytest.fixture(params=REPORT_NOTEBOOKS, ids=lambda path: path.stem)
def report(request: pytest.FixtureRequest) -> Any:
    return load(request.param)


def test_executed_once_from_the_top(nb: Any) -> None:
    counts = [cell.execution_count for cell in code(nb) if cell.source.strip()]
    assert counts == list(range(1, len(counts) + 1))


def test_no_empty_cell_and_no_empty_output(nb: Any) -> None:
    for number, cell in enumerate(nb.cells, start=1):
        assert cell.source.strip(), f"cell {number} is empty"
        for output in cell.get("outputs", []):
            assert output.get("data") or output.get("text"), f"cell {number} has an empty output"


def test_no_error_no_warning_no_path(nb: Any) -> None:
    for number, cell in enumerate(nb.cells, start=1):
        for output in cell.get("outputs", []):
            assert output.output_type != "error", f"cell {number} failed"
            assert output.get("name") != "stderr", f"cell {number} printed {output.text!r}"
            words = json.dumps(
                {k: v for k, v in output.get("data", {}).items() if "image" not in k}
            )
            found = re.search(r"(?<![\w.:/<-])/(?:home|root|Users|tmp|work)/", words)
            assert not found, f"cell {number} shows a path of a machine"


def test_report_notebooks_are_compared(report: Any) -> None:
    """Every cell of a report shows something, but those that set the report up."""
    with_outputs = [cell for cell in code(report) if comparable(cell)]
    silent = [cell for cell in code(report) if not cell.outputs]
    assert len(with_outputs) >= 4
    assert len(silent) <= len(code(report)) / 2, "most cells show nothing"


@pytest.mark.parametrize("name", REPORTS)
def test_one_chart_of_a_report_carries_its_finding(name: str) -> None:
    path = next(path for path in NOTEBOOKS if path.stem == name)
    marked = [
        cell.source
        for cell in nbformat.read(path, as_version=4).cells
        if "lead=True" in cell.source
    ]
    assert len(marked) == 1 and marked[0].startswith("show("), marked


def test_every_picture_has_words_beside_it(nb: Any) -> None:
    """nbval compares no PNG: the digest in text/plain stands in for it."""
    for number, cell in enumerate(nb.cells, start=1):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data or "image/svg+xml" in data:
                assert len(data.get("text/plain", "")) > 40, (
                    f"cell {number}: a picture without words"
                )
                assert "<Figure" not in data["text/plain"], f"cell {number}: a bare figure"


def test_no_trap_of_nbval(nb: Any) -> None:
    for number, cell in enumerate(code(nb), start=1):
        assert not cell.source.rstrip().endswith(";"), f"code cell {number} ends in a semicolon"
        assert not re.search(r"\b(Out|In)\[|^_+\b", cell.source), (
            f"code cell {number} uses Out or In"
        )


def test_a_parameters_cell(report: Any) -> None:
    tagged = [c for c in report.cells if "parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1
    assert tagged[0] is code(report)[0], "the parameters come first"


@pytest.mark.parametrize("path", REPORT_NOTEBOOKS, ids=lambda path: path.stem)
def test_stored_in_the_one_form(path: Path) -> None:
    """What `make notebooks` writes; anything else shows up as a change that nobody made."""
    stored = path.read_text(encoding="utf-8")
    assert canonical.as_text(canonical.tidy(load(path))) == stored, "run make notebooks"


def test_all_reports_have_a_notebook() -> None:
    assert {path.stem for path in NOTEBOOKS} >= {*REPORTS, *SHEETS}
