"""Which characters the fonts can draw: PDF/UA forbids a missing glyph, so others become a box."""

from __future__ import annotations

from functools import cache

from fontTools.ttLib import TTFont

from ..style import FONT_FOLDER
from .text import PLACEHOLDER


@cache
def _drawn() -> frozenset[int]:
    sets = [set(TTFont(path, lazy=True).getBestCmap()) for path in FONT_FOLDER.glob("*.ttf")]
    return frozenset(set.intersection(*sets))


def drawable(text: str) -> str:
    """The text with every character that some font lacks replaced by a visible box."""
    known = _drawn()
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if ord(c) in known or c in "\n\t" else PLACEHOLDER for c in text)
