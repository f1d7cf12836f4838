"""Which characters the fonts can draw: PDF/UA forbids a missing glyph, so others become a box."""

from __future__ import annotations

from functools import cache

from matplotlib.ft2font import FT2Font

from ..style import FONT_FOLDER
from .text import PLACEHOLDER


@cache
def _drawn() -> frozenset[int]:
    sets = [set(FT2Font(str(path)).get_charmap()) for path in sorted(FONT_FOLDER.glob("*.ttf"))]
    return frozenset(set.intersection(*sets))


def drawable(text: str) -> str:
    """The text with every character that some font lacks replaced by a visible box."""
    known = _drawn()
    return "".join(c if ord(c) in known or c in "\n\t" else PLACEHOLDER for c in text)
