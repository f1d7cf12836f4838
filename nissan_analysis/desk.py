"""The folder that JupyterLab is opened on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import places


def folder_to_open() -> Path:
    """The notebooks of the checkout; of an installed package a copy, so that edits are yours.

    The copy is made once, in ``nissan-notebooks`` below the working folder; a file that is there
    already is never overwritten.
    """
    stored = places.notebooks_folder()
    if places.is_checkout() or os.environ.get("NISSAN_ANALYSIS_NOTEBOOKS"):
        return stored
    copy = Path.cwd() / "nissan-notebooks"
    copy.mkdir(exist_ok=True)
    for path in sorted(stored.glob("*.ipynb")):
        if not (copy / path.name).exists():
            shutil.copyfile(path, copy / path.name)
    return copy
