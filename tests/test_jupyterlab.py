"""The notebooks as a person meets them: opened in JupyterLab, Run All Cells, looked at."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from conftest import ROOT
from nissan_analysis.live import DESKS
from nissan_analysis.places import DESK, REPORTS

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NOTEBOOKS = sorted(p for p in (ROOT / "notebooks").glob("*.ipynb") if p.stem in REPORTS)

#: How many code cells have run, and how many there are, of the notebook in front.
PROGRESS = """() => {
    const panel = window.jupyterapp.shell.currentWidget;
    const cells = Array.from(panel.content.model.cells)
        .filter(cell => cell.type === 'code' && cell.sharedModel.source.trim());
    const ran = cells.filter(cell => cell.executionCount !== null).length;
    const failed = cells.some(cell => JSON.stringify(cell.outputs.toJSON()).includes('"output_type":"error"'));
    return {ran, all: cells.length, failed};
}"""

#: Resolves when the notebook in front is loaded and its kernel has answered.
READY = """async () => {
    const panel = window.jupyterapp.shell.currentWidget;
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
}"""
IDLE = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
NEWS = "@jupyterlab/apputils-extension/notification.jupyterlab-settings"


@dataclass(frozen=True)
class Lab:
    url: str
    token: str
    folder: Path


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab of its own, on a copy of the notebooks without their outputs."""
    home = tmp_path_factory.mktemp("lab")
    folder = home / "notebooks"
    folder.mkdir()
    for path in (*NOTEBOOKS, ROOT / "notebooks" / f"{DESK}.ipynb"):
        nb = nbformat.read(path, as_version=4)
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(nb, folder / path.name)
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    names += ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    own = {name: str(home / name.lower()) for name in names}
    line = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0"),
        *("--ip=127.0.0.1", f"--ServerApp.root_dir={folder}", "--expose-app-in-browser"),
        *("--LabApp.news_url=None", "--LabApp.extension_manager=readonly"),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    settings = Path(own["JUPYTERLAB_SETTINGS_DIR"]) / NEWS
    settings.parent.mkdir(parents=True)
    settings.write_text('{"fetchNews": "false"}')
    log = home / "lab.log"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NISSAN_ANALYSIS_")}
    with log.open("w") as stream:
        server = subprocess.Popen(line, env={**environment, **own}, stdout=stream, stderr=stream)
        try:
            yield _ready(server, home / "jupyter_runtime_dir", log, folder)
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
            shutil.rmtree(folder)


def _ready(server: subprocess.Popen[bytes], runtime: Path, log: Path, folder: Path) -> Lab:
    """Wait for the file in which the server says where it listens."""
    for _ in range(600):
        assert server.poll() is None, f"JupyterLab ended: {log.read_text()[-2000:]}"
        for path in runtime.glob("jpserver-*.json"):
            said = json.loads(path.read_text() or "{}")
            if said.get("port"):
                return Lab(said["url"], said["token"], folder)
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab does not start: {log.read_text()[-2000:]}")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_run_all_cells(lab: Lab, page: Any, path: Path) -> None:
    _run_all(lab, page, path)
    page.keyboard.press("Control+s")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    _same_outputs(path, lab.folder / path.name)
    _sees_pictures(page, path)


def test_the_live_desk(lab: Lab, page: Any) -> None:
    """Every desk shows its page; sliders, choices and the button answer to the keyboard alone."""
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    _run_all(lab, page, Path(f"{DESK}.ipynb"))
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


def _run_all(lab: Lab, page: Any, path: Path) -> None:
    page.goto(f"{lab.url}lab/tree/{path.name}?token={lab.token}&reset", timeout=90_000)
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=90_000)
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget?.sessionContext")
    page.evaluate(READY)
    page.wait_for_selector(IDLE, timeout=60_000)
    page.click(".lm-MenuBar-itemLabel:text-is('Run')")
    page.click(".lm-Menu-itemLabel:text-is('Run All Cells')")
    done = page.wait_for_function(
        f"() => {{ const p = ({PROGRESS})(); return p.failed || p.ran === p.all ? p : false; }}",
        timeout=180_000,
    ).json_value()
    page.wait_for_selector(IDLE, timeout=60_000)
    assert not done["failed"], "a cell failed"
    assert done["all"] > 0


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
