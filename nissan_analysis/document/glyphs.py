"""What the fonts can print. PDF/UA makes a missing glyph an error, so none is ever asked for."""

from __future__ import annotations

from functools import cache

from fontTools.ttLib import TTFont

from ..style import FONT_FOLDER
from .text import PLACEHOLDER

FONT_FILES = ("Inter-Regular.ttf", "Inter-SemiBold.ttf", "Inter-Italic.ttf")


@cache
def known() -> frozenset[int]:
    """The code points that every one of the fonts has."""
    maps = [set(TTFont(FONT_FOLDER / name, lazy=True).getBestCmap()) for name in FONT_FILES]
    return frozenset(set.intersection(*maps))


def printable(text: str) -> str:
    """The text with a visible box for every character that the fonts lack; line ends and tabs stay."""
    if text.isascii():
        return text
    have = known()
    return "".join(c if ord(c) in have or c in "\n\t" else PLACEHOLDER for c in text)
