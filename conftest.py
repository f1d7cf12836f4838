"""For all of the tests, those in the notebooks included: what was compared, and what was tried.

A test that tries many things says how many with ``tally("inputs fuzzed", n)``. With
``--table tests/README.md`` (``make test-table``) the sums are written into that file, between its
marks; any other run leaves the tree as it is.
"""

from __future__ import annotations

import ast
import os
import re
import signal
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

#: Widgets have random ids: the live desk is compared at rest, and tested with its sliders in test_live.
os.environ["NISSAN_ANALYSIS_DESK"] = "rest"

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


def pytest_configure() -> None:
    """A shell that starts the tests in the background has them, and all they start, ignore Ctrl-C:
    then a test that interrupts would wait for what cannot come."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


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


# --- what was tried ------------------------------------------------------------------------

_tried: dict[str, Counter[str]] = defaultdict(Counter)  # what -> test file -> how many
_now = {"file": ""}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--table", metavar="FILE", help="write what was tried into this file")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    _now["file"] = item.path.name


@pytest.fixture(scope="session")
def tally() -> Callable[[str, int], None]:
    """Counts what a test tried: ``tally("faults tried", 1)``. Zero is worth a row too."""

    def count(what: str, n: int = 1) -> None:
        _tried[what][_now["file"]] += n

    return count


def _between(text: str, mark: str, content: str) -> str:
    pattern = rf"(<!-- {mark} -->\n).*?(<!-- end of {mark} -->)"
    new, found = re.subn(pattern, lambda m: f"{m[1]}{content}\n{m[2]}", text, flags=re.S)
    if not found:
        raise pytest.UsageError(f"The file for --table has no marks for {mark!r}.")
    return new


def proofs(folder: Path) -> str:
    """What each test file proves: the first sentence of each, as a Markdown table."""
    lines = ["| file | what it proves |", "| --- | --- |"]
    for path in sorted(folder.glob("test_*.py")):
        about = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        lines.append(f"| `{path.name}` | {' '.join(about.partition(chr(10) * 2)[0].split())} |")
    return "\n".join(lines)


def _table() -> str:
    lines = ["| what | how many | where |", "| --- | ---: | --- |"]
    for what, where in sorted(_tried.items()):
        files = ", ".join(f"`{name}`" for name in sorted(where))
        lines.append(f"| {what} | {sum(where.values()):,} | {files} |")
    return "\n".join(lines)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    name = session.config.getoption("--table")
    if not name or session.config.getoption("collectonly"):
        return
    if exitstatus:
        print(f"\n{name} was left as it was: not every test passed.")
        return
    path = Path(name)
    text = _between(path.read_text(encoding="utf-8"), "table", _table())
    path.write_text(_between(text, "proofs", proofs(path.parent)), encoding="utf-8")
