"""Which code made a report, as a short hash.

A commit cannot be named in a file that the commit itself holds, so a report names the content of
the package and of its notebook's sources instead: the same hash means the same code.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from .places import notebooks_folder


@cache
def code_version(report: str) -> str:
    """Twelve hex digits over the package's files and the source cells of one notebook."""
    digest = hashlib.sha256()
    package = Path(__file__).parent
    for path in sorted(package.rglob("*")):
        if path.suffix in (".py", ".css", ".csv", ".typ"):
            digest.update(path.relative_to(package).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    notebook = notebooks_folder() / f"{report}.ipynb"
    if notebook.exists():
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        digest.update(json.dumps([c["source"] for c in cells]).encode())
    return digest.hexdigest()[:12]
