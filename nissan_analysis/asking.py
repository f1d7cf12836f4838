"""The parameters cell of a notebook, written from its model: meaning, type and range of each.

A test holds the stored cells to this text; after a change of a model,
``python -m nissan_analysis.asking`` writes them anew (sources only, no cell is run).
"""

from __future__ import annotations

import json
import re
import textwrap
from typing import Any

from .parameters import MODELS
from .wanted import wanted

WIDTH = 100


def parameters_source(report: str) -> str:
    """The source of the parameters cell of `report`."""
    model = MODELS[report]
    lines = [
        "# Change a value, then run all cells. Each line above a parameter says what it takes."
    ]
    for name, schema in model.model_json_schema()["properties"].items():
        about = f"{schema['description']}. Takes {_in_python(wanted(schema))}"
        if "assumption" in schema:
            about += f", or None for our assumption ({schema['assumption']} in assumptions.csv)"
        elif schema.get("default") is None:
            about += ", or None"
        lines += textwrap.wrap(about + ".", WIDTH, initial_indent="# ", subsequent_indent="#   ")
        lines.append(f"{name} = {_literal(schema.get('default'))}")
    return "\n".join(lines)


def _in_python(asked: str) -> str:
    """What the command line would be told, as one writes it in a cell."""
    asked = re.sub(r"\b(20\d\d-[\d-]+\d)\b|'latest'", lambda m: f'"{m[1] or "latest"}"', asked)
    if "with commas between" in asked:
        asked = "a list of " + asked.replace(", with commas between", "").replace(
            " (or none)", "; [] for none"
        )
    return "a key" if asked == "text" else asked


def _literal(value: Any) -> str:
    if value is None:
        return "None"
    text = json.dumps(value)
    if len(text) < WIDTH - 20:
        return text
    items = textwrap.fill(", ".join(json.dumps(item) for item in value), WIDTH - 4)
    return "[\n" + textwrap.indent(items, "    ") + ",\n]"


def main() -> None:
    """Write the parameters cells of all notebooks."""
    import nbformat

    from .places import notebook

    for report in MODELS:
        path = notebook(report)
        nb = nbformat.read(path, as_version=4)
        for cell in nb.cells:
            if "parameters" in cell.metadata.get("tags", []):
                cell.source = parameters_source(report)
        path.write_text(str(nbformat.writes(nb)).rstrip("\n") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
