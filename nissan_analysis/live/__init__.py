"""The live desk: parts of the report notebooks, told again at every touch of a control.

`desk` shows one desk. With ipywidgets it has sliders, and what is under them is the report's own
page (the same cells of the same notebook, the same writer, the same sources). Without, or at
rest in a stored notebook, the same parts stand there once, at their defaults.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

from IPython.display import display

from .parts import DESKS, Desk, DeskError, page, tell

#: Set to ``rest`` where stored outputs are made or compared: they hold no widgets.
VARIABLE = "NISSAN_ANALYSIS_DESK"
AT_REST = (
    "*At rest, at the defaults. Run this cell (Shift+Enter) and it gets its sliders; "
    "run all cells with Run, Run All Cells.*"
)
MISSING = (
    "*The sliders need ipywidgets, which is not installed here; what follows are the defaults. "
    "Install it with* `pip install ipywidgets`*, then restart the kernel.*"
)


def desk(name: str) -> None:
    """Show the desk called `name` (one of `DESKS`) with its controls, or at rest.

    Raises
    ------
    DeskError
        When there is no desk of this name.
    """
    if name not in DESKS:
        raise DeskError(f"There is no desk {name!r}; there are: {', '.join(DESKS)}.")
    resting = os.environ.get(VARIABLE) == "rest"
    if resting or find_spec("ipywidgets") is None:
        words = AT_REST if resting else MISSING
        display({"text/markdown": words, "text/plain": words.replace("*", "")}, raw=True)
        tell(DESKS[name], {})
        return
    from .board import board

    display(board(DESKS[name]))


__all__ = ["DESKS", "Desk", "DeskError", "desk", "page", "tell"]
