"""How wide the columns of a printed table are, and how tall it will be."""

from __future__ import annotations

from math import ceil

from .html_parts import characters
from .model import Table, plain

#: A column whose cells are all at most this many characters long is never broken.
SHORT = 18
#: About how many characters fit the width of an upright page.
ROOM = 96
#: A table of at most so many rows, and so many lines of text, is kept on one page.
KEPT_ROWS, KEPT_LINES = 14, 26
#: A table of at most so many lines stays where it is: the gap before it is small.
STAYING_LINES = 8
#: A row of more lines than this may break: it might not fit any page.
ROW_LINES = 40


def _lengths(table: Table) -> list[int]:
    """The longest cell of each column, its label aside, in characters."""
    return [
        max((len(plain(row[index])) for row in table.rows), default=0)
        for index in range(len(table.columns))
    ]


def widths(table: Table, room: int) -> list[str]:
    """Short columns as wide as they are, columns of words sharing the rest by what they hold."""
    lengths = _lengths(table)
    if characters(table) <= room * 0.55:
        return ["1fr" if i == 0 else "auto" for i in range(len(lengths))]
    short = [
        n <= SHORT and len(c.label) <= 2 * SHORT
        for n, c in zip(lengths, table.columns, strict=True)
    ]
    fixed = sum(n + 2 for n, is_short in zip(lengths, short, strict=True) if is_short)
    if all(short) or fixed > 0.7 * room:
        # Too much would stand unbroken: everything shares, by its longest word or line.
        return [f"{_share(table, i):.1f}fr" for i in range(len(lengths))]
    return ["auto" if is_short else f"{_share(table, i):.1f}fr" for i, is_short in enumerate(short)]


def _share(table: Table, index: int) -> float:
    cells = [plain(row[index]) for row in table.rows]
    words = " ".join([table.columns[index].label, *cells]).split()
    mean = sum(map(len, cells)) / max(1, len(cells))
    longest = max(map(len, cells), default=0)
    return max(max(map(len, words), default=1) * 1.1, min(60.0, (mean + longest) / 2), 6.0)


def row_lines(table: Table, room: int) -> list[int]:
    """About how many lines of text each row takes on the page."""
    shares = [max(6.0, min(_share(table, i), n + 2.0)) for i, n in enumerate(_lengths(table))]
    scale = min(1.0, room / sum(shares))
    return [
        max(
            ceil(len(plain(cell)) / (share * scale))
            for cell, share in zip(row, shares, strict=True)
        )
        for row in table.rows
    ]


def kept(table: Table, room: int = ROOM) -> bool:
    """Whether a table is short enough to be kept on one page."""
    return len(table.rows) <= KEPT_ROWS and sum(row_lines(table, room)) <= KEPT_LINES


def rows_fit(table: Table, room: int = ROOM) -> bool:
    """Whether every row is short enough to be kept on one page."""
    return max(row_lines(table, room), default=0) <= ROW_LINES


def may_float(table: Table) -> bool:
    """Whether a table is kept, and tall enough to leave a gap where it does not fit."""
    return not table.wide and kept(table) and sum(row_lines(table, ROOM)) > STAYING_LINES
