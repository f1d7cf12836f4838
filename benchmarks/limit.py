"""The warm-function limit: ``limit.py PLAN OUT``; prints the seconds.

What no way of running notebooks can beat on this machine: everything is imported, there is no
kernel, no message and no notebook file; the cells of each report are plain functions called in a
process a core, and the same writers make HTML, PDF and facts of what they show. The clock runs
from the first cell to the last file; ``bench.py`` times the whole of this command, too.
"""

from __future__ import annotations

import csv
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ["NISSAN_ANALYSIS_BATCH"] = "1"

import nbformat
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from nissan_analysis import document, forking, parameters, places

_shell: InteractiveShell


def start() -> None:
    global _shell
    main = sys.modules["__main__"]
    _shell = InteractiveShell.instance()
    _shell.display_pub = CapturingDisplayPublisher(parent=_shell)
    sys.modules["__main__"] = main  # the shell puts a module of its own there


def run(task: tuple[int, dict[str, str], str]) -> None:
    number, row, out = task
    report = row.pop("report")
    given = {name: value for name, value in row.items() if value}
    values = parameters.as_json(parameters.validate(report, given))
    nb = nbformat.read(places.notebook(report), as_version=4)
    names: dict[str, object] = {"__name__": "__main__"}
    count = 0
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        exec(compile(cell.source, report, "exec"), names)
        if "parameters" in cell.metadata.get("tags", []):
            names.update(values)
        shown = _shell.display_pub.outputs
        cell.outputs = [
            nbformat.v4.new_output("display_data", data=o["data"], metadata=o["metadata"])
            for o in shown
        ]
        shown.clear()
        cell.execution_count = count = count + 1
    doc = document.read_document(nb)
    Path(out, f"{number}.html").write_text(document.html(doc), encoding="utf-8")
    Path(out, f"{number}.pdf").write_bytes(document.pdf(doc))
    Path(out, f"{number}.facts.json").write_text(document.facts_json(doc), encoding="utf-8")


def main(plan: str, out: str) -> None:
    with Path(plan).open(newline="", encoding="utf-8") as stream:
        tasks = [(number, row, out) for number, row in enumerate(csv.DictReader(stream))]
    tasks.sort(key=lambda task: -places.notebook(task[1]["report"]).stat().st_size)  # as ours
    forking.preload()

    cores = len(os.sched_getaffinity(0))
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(min(cores, len(tasks)), context, start) as pool:
        begun = time.perf_counter()
        list(pool.map(run, tasks))
        print(time.perf_counter() - begun)


if __name__ == "__main__":
    main(*sys.argv[1:])
