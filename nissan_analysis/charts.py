"""The house style, and the contract of a chart.

A chart cannot be made without a title that says the finding, a subtitle that names the unit, alt
text computed from the plotted data, and that data. It shows itself as PNG at the desk (JupyterLab
strips SVG from a notebook it does not trust) and as SVG in a batch run; in both, its
``text/plain`` holds the alt text and a digest of everything drawn, so that a strict comparison
of notebooks compares charts without comparing pixels.
"""

from __future__ import annotations

import hashlib
import io
import os
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib as mpl
import pandas as pd
from cycler import cycler
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from .style import CATEGORICAL, FONT_FAMILY, FONT_FOLDER, LIGHT
from .wording import Phrase

WIDTH = 6.4  # inches; a phone scales this to about 0.78, so that 9.5 pt stay readable

HOUSE: dict[Any, Any] = {
    "font.family": [FONT_FAMILY],
    "font.size": 9.5,
    "text.color": LIGHT["ink"],
    "axes.labelcolor": LIGHT["muted"],
    "axes.edgecolor": LIGHT["muted"],
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.linewidth": 1.25,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "axes.prop_cycle": cycler(color=[LIGHT[name] for name in CATEGORICAL]),
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "grid.color": LIGHT["grid"],
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.0,
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
    "xtick.color": LIGHT["muted"],
    "ytick.color": LIGHT["muted"],
    "xtick.bottom": False,
    "ytick.left": False,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "axes.labelsize": 9,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "svg.fonttype": "none",
    "svg.hashsalt": "nissan-analysis",
}


@cache
def load_fonts() -> None:
    """Make the font of the house known to matplotlib."""
    known = {f.name for f in font_manager.fontManager.ttflist}
    if FONT_FAMILY not in known:
        for path in sorted(FONT_FOLDER.glob("*.ttf")):
            font_manager.fontManager.addfont(str(path))


def house_style() -> None:
    """Make the house style the default of matplotlib, and of what draws with it, in this process."""
    load_fonts()
    _forget_matplotlibrc()
    mpl.rcParams.update(HOUSE)


@cache
def _forget_matplotlibrc() -> None:
    """Begin from matplotlib's own defaults, so that a file of the user's changes no report."""
    mpl.rcdefaults()


def in_batch() -> bool:
    """Whether pictures are made for a report (SVG) rather than for the desk (PNG)."""
    return os.environ.get("NISSAN_ANALYSIS_BATCH") == "1"


@dataclass(frozen=True, eq=False)
class Chart:
    """A picture with what a reader needs to trust and to hear it.

    Parameters
    ----------
    id : slug, unique in a report; names the CSV of the data.
    title : the finding.
    subtitle : what is drawn, and its unit.
    alt : the picture in words; every number in it is in `data`.
    data : what is drawn, one row a mark; offered to readers as CSV.
    facts : ids of the facts drawn.
    draw : draws on the axes it is given.
    height : inches; the width is fixed.
    """

    id: str
    title: Phrase
    subtitle: str
    alt: str
    data: pd.DataFrame
    facts: tuple[str, ...]
    draw: Callable[[Axes], None]
    note: Phrase | None = None
    height: float = 3.1
    width: str = "full"

    def __post_init__(self) -> None:
        for name, value in (("title", self.title.text), ("subtitle", self.subtitle)):
            if not value.strip():
                raise ValueError(f"Chart {self.id!r} has no {name}.")
        if not self.alt.strip():
            raise ValueError(f"Chart {self.id!r} has no alt text.")
        if self.data.empty or not self.facts:
            raise ValueError(f"Chart {self.id!r} has no data or no facts: do not draw it empty.")

    def figure(self) -> Figure:
        house_style()
        width = WIDTH if self.width == "full" else WIDTH / 2
        figure = Figure(figsize=(width, self.height), layout="constrained")
        self.draw(figure.add_subplot())
        return figure

    def svg(self) -> str:
        """The picture alone, for a page that is redrawn at every touch of a slider."""
        return svg_of(self.figure())

    def render(self) -> tuple[dict[str, str | bytes], str]:
        """The picture by MIME type (SVG in batch, else PNG), and the digest of what was drawn."""
        figure = self.figure()
        FigureCanvasAgg(figure)
        figure.draw_without_rendering()  # ticks and places are settled; the picture is drawn below
        drawn = digest(figure)
        if in_batch():
            return {"image/svg+xml": svg_of(figure)}, drawn
        figure.patch.set_facecolor(LIGHT["paper"])
        columns = 78 if self.width == "full" else 38
        heading = textwrap.fill(self.title.text, columns)
        figure.suptitle(
            heading, x=0.012, ha="left", fontsize=11.5, fontweight=600, color=LIGHT["ink"]
        )
        buffer = io.BytesIO()
        FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})
        return {"image/png": buffer.getvalue()}, drawn


def svg_of(figure: Figure) -> str:
    """A figure as SVG, the same text every time."""
    buffer = io.BytesIO()
    FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
    return buffer.getvalue().decode()


def digest(figure: Figure) -> str:
    """What a figure shows, to six significant digits, as counts and a hash."""
    parts: list[str] = []
    counts = {"lines": 0, "points": 0, "bars": 0, "texts": 0}
    for axes in figure.axes:
        parts += [axes.get_xlabel(), axes.get_ylabel()]
        parts += [t.get_text() for t in (*axes.get_xticklabels(), *axes.get_yticklabels())]
        for line in axes.lines:
            xy: Any = line.get_xydata()
            parts.append(f"line {_numbers(v for row in xy for v in row)} {line.get_color()}")
            counts["lines"] += 1
            counts["points"] += len(xy)
        for patch in axes.patches:
            x0, y0, w, h = patch.get_extents().transformed(axes.transData.inverted()).bounds
            parts.append(f"bar {_numbers((x0, y0, w, h))} {patch.get_facecolor()}")
            counts["bars"] += 1
        for collection in axes.collections:
            offsets: Any = collection.get_offsets()
            parts.append(f"set {_numbers(float(v) for row in offsets for v in row)}")
            counts["points"] += len(offsets)
        for text in axes.texts:
            parts.append(f"text {text.get_text()}")
            counts["texts"] += 1
    hashed = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    said = ", ".join(f"{n} {what}" for what, n in counts.items() if n)
    return f"{said}; {hashed}"


def _numbers(values: Iterable[float]) -> str:
    return " ".join(f"{float(v):.6g}" for v in values)
