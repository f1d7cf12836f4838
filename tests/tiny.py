"""Small made-up notebooks that make a report without any data."""

from __future__ import annotations

from pathlib import Path

import nbformat

from nissan_analysis.parameters import MODELS, as_json

FRONT = """\
from IPython.display import display
def speak(kind, text="", **more):
    bundle = {"text/markdown": text, "text/plain": text}
    display(bundle, metadata={"text/markdown": {"nissan": {"kind": kind, **more}}}, raw=True)
speak("front", report=REPORT, title="A small report", as_of=as_of, latest_source="2024-01-01")
"""
SOURCES = (
    'speak("sources", facts={}, sources=[], assumptions=[], weak_points=[], foot={"as_of": as_of})'
)


def write(folder: Path, report: str, *cells: str, defaults: bool = True) -> Path:
    """Write the notebook of `report` with a title block, `cells` and a source list."""
    values = as_json(MODELS[report]()) if defaults else {"as_of": "latest"}
    parameters = nbformat.v4.new_code_cell("\n".join(f"{k} = {v!r}" for k, v in values.items()))
    parameters.metadata["tags"] = ["parameters"]
    sources = [f"REPORT = {report!r}\n{FRONT}", *cells, SOURCES]
    code = [nbformat.v4.new_code_cell(source) for source in sources]
    nb = nbformat.v4.new_notebook(cells=[parameters, *code])
    for number, cell in enumerate(nb.cells):
        cell.id = f"cell-{number}"
    path = folder / f"{report}.ipynb"
    nbformat.write(nb, path)
    return path
