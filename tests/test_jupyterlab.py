"""The notebooks as a person meets them: opened in JupyterLab, Run All Cells, looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from conftest import ROOT
from lab import Lab, run_all, served
from nissan_analysis.live import DESKS
from nissan_analysis.places import DESK, REPORTS

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NOTEBOOKS = sorted(p for p in (ROOT / "notebooks").glob("*.ipynb") if p.stem in REPORTS)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    desk = ROOT / "notebooks" / f"{DESK}.ipynb"
    with served(tmp_path_factory.mktemp("lab"), [*NOTEBOOKS, desk]) as running:
        yield running


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_run_all_cells(lab: Lab, page: Any, path: Path) -> None:
    run_all(lab, page, path)
    page.keyboard.press("Control+s")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    _same_outputs(path, lab.folder / path.name)
    _sees_pictures(page, path)


def test_the_live_desk(lab: Lab, page: Any) -> None:
    """Every desk shows its page; sliders, choices and the button answer to the keyboard alone."""
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    run_all(lab, page, Path(f"{DESK}.ipynb"))
    desks = page.locator(".nissan-desk")
    page.wait_for_function(
        f"() => document.querySelectorAll('.nissan-desk .view').length === {len(DESKS)}"
    )
    for name, move in (
        ("china", ".noUi-handle >> nth=0"),  # what was known on
        ("kyushu", ".noUi-handle >> nth=1"),  # the saving
        ("exports", ".noUi-handle >> nth=1"),  # break-even
        ("oppama", ".noUi-handle >> nth=2"),  # Foxconn's cars
    ):
        desk = desks.nth(list(DESKS).index(name))
        before = desk.locator(".view").inner_text()
        desk.locator(move).focus()
        page.keyboard.press("ArrowLeft")
        _changed(page, desk, before)
    desk = desks.nth(list(DESKS).index("series"))
    before = desk.locator(".view").inner_text()
    desk.locator("select").first.focus()
    page.keyboard.press("p")  # the first metric that begins so: production
    _changed(page, desk, before)
    number = desk.locator(".view a.fact").first
    number.focus()
    tip = "n => getComputedStyle(n, '::after').content"
    assert len(number.evaluate(tip)) > 20, "a number has no tooltip"
    assert desk.locator(".view [role=alert]").count() == 0
    desk.locator(".desk-save button").focus()
    page.keyboard.press("Enter")
    desk.locator(".desk-save a[href*='.pdf']").wait_for(timeout=120_000)
    made = sorted(path.suffix for path in (lab.folder / "desk-reports").iterdir())
    assert made == [".html", ".pdf"]
    assert not said


def _changed(page: Any, desk: Any, before: str) -> None:
    """Wait until the page of a desk is another one; its element is made anew with each."""
    node = desk.element_handle()
    page.wait_for_function(
        "([node, before]) => node.querySelector('.view').innerText !== before",
        arg=[node, before],
        timeout=30_000,
    )


def _same_outputs(stored: Path, ran: Path) -> None:
    """What the person's run gave is what is stored, picture for picture and word for word."""
    for old, new in zip(_outputs(stored), _outputs(ran), strict=True):
        assert [set(data) for data in new] == [set(data) for data in old]
        words = [[data.get("text/plain") for data in cell] for cell in (old, new)]
        assert words[0] == words[1]


def _outputs(path: Path) -> list[list[dict[str, Any]]]:
    nb = nbformat.read(path, as_version=4)
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    return [[dict(o.get("data", {"stream": o.get("text")})) for o in cell.outputs] for cell in code]


def _sees_pictures(page: Any, path: Path) -> None:
    """At least one picture is on the page, if the notebook has any, and it is not broken."""
    if not any("image/png" in data for cell in _outputs(path) for data in cell):
        return
    picture = page.locator(".jp-RenderedImage img").first
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 100")
