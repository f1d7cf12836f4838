"""A run of figures as a line the height of a word."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT, EDGE = 100, 28, 3


def sparkline(values: Sequence[float | None], words: str) -> str:
    """An inline SVG of the values, zero included, the last one marked; empty for fewer than three.

    A None leaves a gap; empty too where gaps leave a figure alone between them, which reads as a stray mark. `words` say what is drawn; the figures themselves stand in the report.
    """
    known = [v for v in values if v is not None]
    if len(known) < 3:
        return ""
    low, high = min(0.0, *known), max(0.0, *known)
    step = (WIDTH - 2 * EDGE) / (len(values) - 1)
    tall = (HEIGHT - 2 * EDGE) / ((high - low) or 1.0)
    runs: list[list[str]] = [[]]
    x = y = 0.0
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        x, y = EDGE + index * step, EDGE + (high - value) * tall
        runs[-1].append(f"{x:.1f},{y:.1f}")
    if len(runs) > 2 and min(map(len, runs)) == 1:
        return ""
    # A run of one figure is a dot: a line of no length, with round ends.
    lines = "".join(
        f'<polyline points="{" ".join(run * (3 - min(2, len(run))))}"/>' for run in runs if run
    )
    zero = EDGE + high * tall
    return (
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(words)}">'
        f'<path d="M0 {zero:.1f}H{WIDTH}"/>{lines}<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6"/></svg>'
    )
