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
#: Characters of room that stand beside a column's words.
PADDING = 2.0


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
        short, fixed = [False] * len(lengths), 0
    shared = _shares(table, [i for i, is_short in enumerate(short) if not is_short], room - fixed)
    return [f"{shared[i]:.1f}fr" if i in shared else "auto" for i in range(len(lengths))]


def _shares(table: Table, columns: list[int], room: float) -> dict[int, float]:
    """What each of the columns gets of `room` characters: by what it holds, but room for its longest
    word at the least, which would else be printed over the next column."""
    wanted = {i: _share(table, i) for i in columns}
    least = {i: _longest_word(table, i) + PADDING for i in columns}
    held: dict[int, float] = {}
    while rest := {i: n for i, n in wanted.items() if i not in held}:
        scale = (room - sum(held.values())) / sum(rest.values())
        tight = {i: least[i] for i, n in rest.items() if n * scale < least[i]}
        if scale <= 0:  # there is not even room for the words
            return wanted
        if not tight:
            return held | {i: n * scale for i, n in rest.items()}
        held |= tight
    return held


def _share(table: Table, index: int) -> float:
    cells = [plain(row[index]) for row in table.rows]
    mean = sum(map(len, cells)) / max(1, len(cells))
    longest = max(map(len, cells), default=0)
    return max(_longest_word(table, index), min(60.0, (mean + longest) / 2), 6.0)


def _longest_word(table: Table, index: int) -> float:
    """In characters of the mean width; a word of wide letters is a tenth wider."""
    cells = [plain(row[index]) for row in table.rows]
    words = " ".join([table.columns[index].label, *cells]).split()
    return max(map(len, words), default=1) * 1.1


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
