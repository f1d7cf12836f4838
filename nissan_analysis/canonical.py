"""Notebooks written the one way: the same run gives the same bytes, on every machine.

`refresh` executes a stored notebook in place, at its default parameters. Kept in a notebook are
sources, cell ids, tags, execution counts and outputs; dropped is what tells of the machine or
the moment: timings, versions, papermill's records.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .executing import KERNEL, QUIET, NotebookError, failing_line, kernel_environment, read
from .files import write_together

if TYPE_CHECKING:
    from nbformat import NotebookNode

METADATA: dict[str, Any] = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": KERNEL},
    "language_info": {"name": "python"},
}


def tidy(nb: NotebookNode) -> NotebookNode:
    """A copy of `nb` in canonical form."""
    import nbformat

    out: NotebookNode = nbformat.from_dict(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": METADATA, "cells": []}
    )
    taken: set[str] = set()
    for number, cell in enumerate(nb.cells, start=1):
        new = nbformat.from_dict(dict(cell))
        tags = cell.metadata.get("tags", [])
        new.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        new.id = cell.get("id") or f"cell-{number}"
        if new.id in taken or "injected-parameters" in tags:
            new.id = (
                f"cell-{number}-again"
                if "injected-parameters" not in tags
                else "injected-parameters"
            )
        taken.add(new.id)
        out.cells.append(new)
    nbformat.validate(out)
    return out


def as_text(nb: NotebookNode) -> str:
    """`nb` as a file's text: keys sorted, one blank of indent, a newline at the end."""
    import nbformat

    return str(nbformat.writes(nb)).rstrip("\n") + "\n"


def refresh(path: Path, timeout: float | None = None) -> bool:
    """Execute the notebook at `path` in place, as a desk shows it; True if the file changed.

    Raises
    ------
    NotebookError
        When a cell fails; the file is untouched.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    nb = read(path)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with (
        tempfile.TemporaryDirectory(prefix="nissan-analysis-") as folder,
        kernel_environment(folder, batch=False),
    ):
        client = NotebookClient(
            nb,
            timeout=timeout,
            kernel_name=KERNEL,
            record_timing=False,
            extra_arguments=QUIET,
            resources={"metadata": {"path": folder}},
        )
        try:
            client.execute()
        except CellExecutionError as error:
            number = next(i for i, c in enumerate(nb.cells, 1) if _failed(c))
            line, source = failing_line(str(error.traceback), nb.cells[number - 1].source)
            where = f", line {line}: {source.strip()}" if line else ""
            raise NotebookError(
                f"Cell {number} of {path.name} failed{where}\n{error.ename}: {error.evalue}"
            ) from None
    text = as_text(tidy(nb))
    if path.read_text(encoding="utf-8") == text:
        return False
    write_together({path: text.encode()})
    return True


def _failed(cell: Any) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", []))
