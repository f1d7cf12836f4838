"""What others do with the same notebooks, in one process: ``others.py nbclient|ploomber PLAN OUT``.

Each report is executed with its parameters and written as HTML by nbconvert.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter


def nbclient(path: Path, parameters: dict[str, str]) -> nbformat.NotebookNode:
    from nbclient import NotebookClient
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    nb = load_notebook_node(str(path))
    nb = parameterize_notebook(nb, parameters, kernel_name="python3", language="python")
    return NotebookClient(nb, kernel_name="python3").execute()


def ploomber(path: Path, parameters: dict[str, str]) -> nbformat.NotebookNode:
    from ploomber_engine import execute_notebook

    return execute_notebook(path, None, parameters=parameters, progress_bar=False)


def main(engine: str, plan: str, out: str) -> None:
    run = {"nbclient": nbclient, "ploomber": ploomber}[engine]
    notebooks = Path(__file__).resolve().parent.parent / "notebooks"
    exporter = HTMLExporter()
    with Path(plan).open(newline="", encoding="utf-8") as stream:
        for number, row in enumerate(csv.DictReader(stream)):
            report = row.pop("report")
            parameters = {name: value for name, value in row.items() if value}
            nb = run(notebooks / f"{report}.ipynb", parameters)
            page, _ = exporter.from_notebook_node(nb)
            Path(out, f"{number}-{report}.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
