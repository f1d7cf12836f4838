"""How far the letters of a chart may grow on a phone, where the whole picture is drawn small.

A picture as wide as a phone shows letters of nine points at 7.4 pixels. They may grow in their
places as long as none touches a label or a point that it did not touch before; where they would leave the
picture at a side, the picture gets a margin there, which costs a little of its scale.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from xml.etree import ElementTree as ET

from fontTools.ttLib import TTFont

from ..style import FONT_FOLDER
from .svg import SVG, natural_width

PHONE = 378.0  #: pixels that a picture has on a phone of 390
WANTED = 9.2  #: pixels of the smallest letter from which nothing need grow
STEPS = tuple(1 + step / 20 for step in range(11))
ABOVE, BELOW = 0.73, 0.2  #: of a letter's size over and under its line: capitals, descenders
DEEP = frozenset("gjpqyQ(),;")  #: letters that go under the line
GAP = 2.0  #: points that stay free between two labels on one line
EDGE = 1.0  #: points that stay free at a side
MARK = 2.5  #: half the side of a point of a line or a legend, in points


@dataclass(frozen=True)
class Fit:
    """The factor of the letters, and the margins beside the picture as parts of the whole."""

    grow: float = 1.0
    left: float = 0.0
    right: float = 0.0


Box = tuple[float, float, float, float]  #: left, top, right, bottom, in points


@dataclass(frozen=True)
class _Label:
    x: float
    y: float
    size: float
    width: float
    anchor: float  #: the part of the width that lies before (x, y)
    below: float
    upright: bool = True

    def box(self, grow: float) -> Box:
        size, width = self.size * grow, self.width * grow
        if self.upright:
            left = self.x - self.anchor * width
            return left, self.y - ABOVE * size, left + width, self.y + self.below * size
        foot = self.y + self.anchor * width  # turned to the left: it reads upwards
        return self.x - ABOVE * size, foot - width, self.x + self.below * size, foot


def fitted(svg: str) -> Fit:
    """The least growth that makes the smallest letter `WANTED` on a phone, or the most there is room for."""
    width, root = natural_width(svg), ET.fromstring(svg)
    labels, marks = _labels(root), _marks(root)
    if not width or not labels:
        return Fit()
    least = min(label.size for label in labels)
    before = _touching(labels, marks, 1.0, 0.0)
    best, reached = Fit(), least * PHONE / width
    for grow in STEPS[1:]:
        if reached >= WANTED or _touching(labels, marks, grow, GAP) - before:
            break
        boxes = [label.box(grow) for label in labels]
        left = max(0.0, EDGE - min(box[0] for box in boxes))
        right = max(0.0, max(box[2] for box in boxes) + EDGE - width)
        whole = width + left + right
        size = least * grow * PHONE / whole
        if size > reached:
            best, reached = Fit(grow, left / whole, right / whole), size
    return best


def _touching(
    labels: Sequence[_Label], marks: Sequence[Box], grow: float, gap: float
) -> set[tuple[int, int]]:
    """Which labels touch one another, and which touch a mark, by their numbers."""
    boxes = [label.box(grow) for label in labels]
    found = {(i, j) for j, b in enumerate(boxes) for i in range(j) if _meet(boxes[i], b, gap)}
    return found | {
        (i, -1 - k) for i, a in enumerate(boxes) for k, b in enumerate(marks) if _meet(a, b, 0.0)
    }


def _meet(a: Box, b: Box, gap: float) -> bool:
    return a[0] < b[2] + gap and b[0] < a[2] + gap and a[1] < b[3] and b[1] < a[3]


def _labels(root: ET.Element) -> list[_Label]:
    """The labels of a picture as matplotlib writes them, level or turned by a right angle."""
    found = []
    for element in root.iter(f"{{{SVG}}}text"):
        style, words = element.get("style", ""), "".join(element.itertext())
        size = re.search(r"font-size:\s*([\d.]+)px", style)
        if size is None or not words.strip():
            continue
        turned = re.search(r"rotate\(-?([\d.]+)", element.get("transform", ""))
        anchor = re.search(r"text-anchor:\s*(\w+)", style)
        part = {"middle": 0.5, "end": 1.0}.get(anchor[1] if anchor else "", 0.0)
        x, y = (float(element.get(name, "0")) for name in ("x", "y"))
        points = float(size[1])
        upright = turned is None or float(turned[1]) < 45
        below = BELOW if DEEP & set(words) else 0.0
        found.append(_Label(x, y, points, _advance(words) * points, part, below, upright))
    return found


def _marks(root: ET.Element) -> list[Box]:
    """The points of lines and legends, without the ticks of the axes, which are marks as well."""
    places = [
        (float(e.get("x", "0")), float(e.get("y", "0")))
        for e in root.iter(f"{{{SVG}}}use")
        if "fill-opacity: 0" not in e.get("style", "")
    ]
    return [(x - MARK, y - MARK, x + MARK, y + MARK) for x, y in places]


def _advance(words: str) -> float:
    """The width of a text of size one in the widest font of the house."""
    widths = letter_widths()
    return sum(widths.get(ord(letter), 0.6) for letter in words)


@cache
def letter_widths() -> dict[int, float]:
    path = next(p for p in sorted(FONT_FOLDER.glob("*.ttf")) if "SemiBold" in p.name)
    with TTFont(path, lazy=True) as font:
        scale, metrics = font["head"].unitsPerEm, font["hmtx"]
        return {code: metrics[name][0] / scale for code, name in font.getBestCmap().items()}
