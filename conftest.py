"""For all of the tests, those in the notebooks included: says at the end what was compared."""

from __future__ import annotations

from typing import Any

import pytest

_NOT_COMPARED = {"image/png", "image/jpeg", "application/vnd.jupyter.widget-view+json"}
_outputs: dict[str, int] = {}
_compared: dict[str, int] = {}


def comparable(cell: Any) -> int:
    """How many stored outputs of a notebook's cell nbval holds against a new run."""
    count = 0
    for output in cell.get("outputs", []):
        kinds = set(output.get("data", {})) - _NOT_COMPARED
        count += bool(kinds or output.get("text") or output["output_type"] == "error")
    return count


def pytest_collection_finish(session: pytest.Session) -> None:
    for item in session.items:
        options = getattr(item, "options", None)
        if (
            type(item).__name__ == "IPyNbCell"
            and isinstance(options, dict)
            and options.get("check")
        ):
            _outputs[item.nodeid] = comparable(item.cell)  # type: ignore[attr-defined]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed and report.nodeid in _outputs:
        _compared[report.nodeid] = _outputs[report.nodeid]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if _outputs:
        cells = {name: count for name, count in _compared.items() if count}
        books = {name.split("::")[0] for name in cells}
        terminalreporter.write_line(
            f"nbval compared {sum(cells.values())} stored outputs of {len(cells)} cells "
            f"in {len(books)} notebooks; {len(_outputs)} cells were executed."
        )
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if "Chromium" in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.write_line(
            f"NOT TESTED: {len(skipped)} browser tests, since no Chromium was found. "
            "Install it (apt install chromium) or name it in CHROMIUM.",
            red=True,
            bold=True,
        )
