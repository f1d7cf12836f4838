"""A JupyterLab of its own, and how it is driven: for the tests and for the README's pictures."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

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


@contextmanager
def served(home: Path, notebooks: Iterable[Path]) -> Iterator[Lab]:
    """A JupyterLab on a copy of `notebooks` without their outputs, with settings of its own in `home`."""
    folder = home / "notebooks"
    folder.mkdir()
    for path in notebooks:
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


def run_all(lab: Lab, page: Any, path: Path) -> None:
    """Open a notebook in JupyterLab and run all of its cells, as a person does."""
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
