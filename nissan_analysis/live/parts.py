"""Which cells of which notebook a desk tells, and the telling of them."""

from __future__ import annotations

import ast
import datetime as dt
import threading
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

from .. import document, places, telling
from ..executing import parameters_cell, read
from ..wording import phrase

#: One page at a time: a kernel may hear widgets in several threads, and telling and drawing know one report.
DRAWING = threading.RLock()
NOTHING = "No source had published anything on this by that day. Move the date on."


class DeskError(LookupError):
    """A desk that does not exist, or that asks for a cell its notebook does not have."""

    exit_code = 1


@dataclass(frozen=True)
class Desk:
    """A part of a report.

    Parameters
    ----------
    report : whose notebook the cells are from; a saved report is this one.
    cells : a piece of the source of each cell that is shown; each piece is in one cell only.
    controls : the parameters that get a control, in order; ``as_of`` comes first by itself.
    about : entities whose sources make the days of the ``as_of`` slider; empty for all.
    since : the first day of that slider.
    titled : whether the report's own title is the finding of this part too.
    fixed : parameters that the desk sets for good.
    """

    report: str
    cells: tuple[str, ...]
    controls: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    since: dt.date = dt.date(2015, 1, 1)
    titled: bool = True
    fixed: Mapping[str, Any] = field(default_factory=dict)


DESKS: dict[str, Desk] = {
    "series": Desk(
        "series",
        ("front(", "series.chart(", "series.table(", "series.plans(", "series.disagreements("),
        ("metric", "entities", "freq"),
    ),
    "china": Desk(
        "china_sales",
        ("front(", "show(china.annual_chart(", "show(china.spans_table(", "china.disagreements_table("),
        ("first_year",),
        ("nissan_china",),
        dt.date(2018, 1, 1),  # the year of the peak
    ),
    "sakura": Desk(
        "sakura_share",
        ("front(", "sakura.share_chart(", "months.monthly_chart(", "sakura.share_table(", "doubts.disagreements_table("),
        ("basis", "first_month"),
        ("sakura", "japan_passenger", "kei_ev_inhouse"),
    ),
    "exports": Desk(
        "china_sales",
        ("need = china.exports_needed(", 'need is None, "On this date', "need.gap <= 0", "exports a year on top",
         "show(china.exports_chart(", "show(china.paths_table("),
        ("capacity", "break_even_utilisation", "export_volume", "domestic_path"),
        ("nissan_china", "dongfeng_nissan", "changzhou"),
        titled=False,
    ),
    "kyushu": Desk(
        "sakura_share",
        ("inhouse.verdict(", "inhouse.tornado(", "inhouse.volumes_table("),
        ("saving_per_car", "kyushu_volume", "investment", "discount_rate"),
        ("kei_ev_inhouse", "sakura"),
        titled=False,
    ),
    "oppama": Desk(
        "restructuring",
        ("oppama.foxconn_volume(", "oppama.foxconn_chart(", "paper.needs(", "oppama.foxconn(ledger"),
        ("break_even_utilisation", "oppama_foxconn_volume"),
        ("oppama", "foxconn_oppama"),
        titled=False,
        fixed={"plant": "oppama"},
    ),
}  # fmt: skip


def tell(desk: Desk, given: Mapping[str, Any]) -> None:
    """Say and show the parts of a desk, in the order of their notebook, with `given` parameters.

    Cells that the parts need names from run too, unheard.

    Raises
    ------
    DeskError, ParameterError
    """
    path = places.notebook(desk.report)
    defaults, steps = _script(desk.report, desk.cells, str(path), path.stat().st_mtime_ns)
    scope: dict[str, Any] = {**defaults, **desk.fixed, **given}
    for number, (code, shown) in enumerate(steps):
        # The first one begins the report.
        with nullcontext() if shown or number == 0 else telling.unheard():
            exec(code, scope)
    if not desk.titled:
        telling.front("", phrase("{report}", report=desk.report), phrase(""), [])
    telling.finish()


def page(desk: Desk, given: Mapping[str, Any]) -> str:
    """What `tell` tells as a piece of an HTML page, with sources; see `document.fragment`."""
    with DRAWING, telling.collected() as outputs:
        tell(desk, given)
    cell = {"cell_type": "code", "execution_count": 1, "source": "tell()", "outputs": outputs}
    doc = document.read_document({"cells": [cell]})
    told = document.fragment(doc, desk.titled)
    return told if doc.blocks or desk.titled else f"{told}<p>{NOTHING}</p>"


@lru_cache(maxsize=32)
def _script(
    report: str, wanted: tuple[str, ...], path: str, changed: int
) -> tuple[dict[str, Any], list[tuple[CodeType, bool]]]:
    """The parameters' defaults, and the cells to run: each compiled, and whether it is heard."""
    nb = read(Path(path))
    cells = [c for c in nb.cells if c.cell_type == "code"]
    sources = [c.source for c in cells if "parameters" not in c.metadata.get("tags", [])]
    shown = set()
    for piece in wanted:
        found = [i for i, source in enumerate(sources) if piece in source]
        if len(found) != 1:
            raise DeskError(
                f"The desk of {report} looks for one cell with {piece!r} and finds {len(found)} in "
                f"{report}.ipynb. Name the cell anew in DESKS of nissan_analysis/live/parts.py."
            )
        shown.update(found)
    needed: set[str] = set()
    kept: list[tuple[CodeType, bool]] = []
    for i in reversed(range(len(sources))):
        made, used = _names(sources[i])
        if i == 0 or i in shown or made & needed:
            needed = (needed - made) | used
            kept.append((compile(sources[i], f"{report}.ipynb", "exec"), i in shown))
    return parameters_cell(nb), kept[::-1]


def _names(source: str) -> tuple[set[str], set[str]]:
    """Names that a cell sets, and names that it reads."""
    names = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]
    made = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return made, {node.id for node in names if isinstance(node.ctx, ast.Load)}
