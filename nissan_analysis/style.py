"""Colours and fonts shared by the charts and the pages.

Every colour has a light and a dark value. Charts are drawn with the light one; the HTML
writer swaps it for a CSS variable, so one picture serves both schemes. Values are picked to
reach WCAG AA against their background (ink, muted, accent as text) and to stay apart for
colour-blind readers (categorical colours differ in lightness as well as in hue).
"""

from __future__ import annotations

from pathlib import Path

FONT_FAMILY = "Inter"
FONT_FOLDER = Path(__file__).parent / "fonts"

PALETTE: dict[str, tuple[str, str]] = {
    # name: (light, dark)
    "paper": ("#ffffff", "#14171a"),
    "ink": ("#1a1d21", "#e8eaed"),
    "muted": ("#5b6470", "#a3abb5"),
    "rule": ("#d8dce1", "#343a41"),
    "grid": ("#e9ecef", "#272c32"),
    "accent": ("#a8152a", "#ff8a94"),
    "accent-soft": ("#e7b9bf", "#6d2a33"),
    "blue": ("#1f5a94", "#7db8f0"),
    "teal": ("#23787a", "#6cc5c3"),
    "amber": ("#b0690f", "#e8b15c"),
    "slate": ("#7d8794", "#8a94a1"),
    "pale": ("#c3c9d1", "#4a525c"),
}

LIGHT: dict[str, str] = {name: light for name, (light, _) in PALETTE.items()}

#: Order in which a chart takes colours for series other than the subject.
CATEGORICAL: tuple[str, ...] = ("accent", "blue", "amber", "teal", "slate", "ink")
