"""Inlines and blocks as Typst code.

Everything is written in Typst's code mode: content is a code block of joined expressions, and
text is a string literal. No text of a notebook is ever in markup position, so none can be markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from . import wording
from .glyphs import drawable
from .model import (
    Block,
    Blocks,
    Break,
    Chart,
    Code,
    Emphasis,
    Fact,
    Heading,
    Inlines,
    Link,
    Listing,
    Paragraph,
    Preformatted,
    Quote,
    Rule,
    Strong,
    Table,
    Term,
    Text,
    Time,
    facts_in,
    paired,
    plain,
)
from .notes import Basis, Marks, Notes
from .svg import with_texts
from .text import ranges
from .typst_tables import ROOM, kept, may_float, rows_fit, widths

#: A mark names at most this many sources; a total of sixty months would name forty.
NAMED = 3


def literal(text: str) -> str:
    """Text as a Typst string literal that holds exactly what the fonts can print of it."""
    out = drawable(text).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + out.replace("\n", "\\n").replace("\t", "\\t") + '"'


def raw(text: str) -> str:
    """A string literal that is data, not print: nothing is replaced."""
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return '"' + out.replace("\r", "\\r") + '"'


def joined(parts: Iterable[str]) -> str:
    """Expressions as one content value."""
    inner = "; ".join(part for part in parts if part)
    return f"{{ []; {inner} }}" if inner else "[]"


def array(items: Sequence[str]) -> str:
    """A Typst array; the comma after a single item makes it one."""
    return "(" + ", ".join(items) + ("," if len(items) == 1 else "") + ")"


class Writer:
    """Writes the blocks of one document; wide tables are set aside for landscape pages."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.wide: list[Table] = []

    def inlines(self, content: Inlines, marks: Marks | None = None, marked: bool = True) -> str:
        """Inlines as content; `marks` is shared by what is one paragraph to the reader."""
        marks = marks or Marks(self.notes)
        parts: list[str] = []
        for item in content:
            match item:
                case Text(text) | Time(text, _):
                    parts.append(literal(text))
                case Term(text, entry):
                    parts.append(f"link(label({raw(entry.anchor)}), {literal(text)})")
                case Code(text):
                    parts.append(f"mono({literal(text)})")
                case Break():
                    parts.append("linebreak()")
                case Fact():
                    parts.append(literal(item.text))
                    parts.append(mark_code(marks.new(item)) if marked else "")
                case Emphasis(children):
                    parts.append(f"emph({self.inlines(children, marks, marked)})")
                case Strong(children):
                    parts.append(f"strong({self.inlines(children, marks, marked)})")
                case Link(url, children):
                    parts.append(
                        f"link({raw(url)}, underline({self.inlines(children, marks, marked)}))"
                    )
        return joined(parts)

    def figure(self, content: Inlines, marks: Marks) -> str:
        """A key number: its words as one, all note marks behind them."""
        new = [marks.new(fact) for fact in facts_in(content)]
        sources = tuple(sorted(n for basis in new for n in basis.sources))
        assumptions = tuple(sorted(n for basis in new for n in basis.assumptions))
        return joined([self.inlines(content, marked=False), mark_code(Basis(sources, assumptions))])

    def optional(self, content: Inlines, marks: Marks | None = None, lead: str = "") -> str:
        """Inlines as content, or ``none`` where there are none."""
        if not content:
            return "none"
        return joined([literal(lead) if lead else "", self.inlines(content, marks)])

    def blocks(self, content: Blocks, top: bool = False) -> str:
        """`top`: they stand in no other block."""
        parts: list[str] = []
        above: Block | tuple[Chart, Chart] | None = None
        items = list(paired(content))
        for index, item in enumerate(items):
            # One right under its heading may not float: the two stay together.
            floats = not isinstance(above, Heading)
            if isinstance(item, tuple):
                parts.append(f"pair({self.chart(item[0])}, {self.chart(item[1])})")
            elif floats and isinstance(item, Chart) and not item.half:
                low = _before_long_table(items[index + 1 :])
                parts.append(_placed("Chart", item, self.chart(item), low))
            elif floats and isinstance(item, Table) and may_float(item):
                low = _before_long_table(items[index + 1 :])
                parts.append(_placed("Table", item, self.tabular(item), low))
            else:
                if top and floats and isinstance(item, Table) and not (item.wide or kept(item)):
                    parts.append(f"begins({literal(f'Table {item.number}')})")
                parts.append(self.block(item))
            above = item
        return joined(parts)

    def block(self, block: Block) -> str:
        match block:
            case Heading(level, anchor, content):
                body = f"heading(level: {min(level, 6) - 1}, {self.inlines(content, marked=False)})"
                return f"[#{body} #label({raw(anchor)})]"
            case Paragraph(content):
                return f"par({self.inlines(content)})"
            case Listing():
                return self._listing(block)
            case Quote(blocks):
                return f"remark({self.blocks(blocks)})"
            case Preformatted(text):
                return f"verbatim({joined(_lines(text))})"
            case Rule():
                return "separator()"
            case Chart():
                body = self.chart(block)
                return f"half({body})" if block.half else body
            case Table():
                return self._table(block)

    def _listing(self, block: Listing) -> str:
        items = []
        for item in block.items:
            first = item[0] if item else None
            if isinstance(first, Paragraph):
                body = joined([self.inlines(first.content), *(self.block(b) for b in item[1:])])
            else:
                body = self.blocks(item)
            items.append(body)
        if block.ordered:
            return f"enum(start: {block.start}, {', '.join(items)})"
        return f"list({', '.join(items)})"

    def chart(self, chart: Chart) -> str:
        """A chart: its words, and the picture as data within the source."""
        marks = Marks(self.notes)
        if chart.svg:
            picture = f'bytes({raw(with_texts(chart.svg, drawable))}), format: "svg"'
        else:
            picture = f'bytes({array([str(b) for b in chart.png])}), format: "png"'
        picture = f"image({picture}, width: 100%, alt: {literal(chart.alt)})"
        subtitle = literal(chart.subtitle) if chart.subtitle else "none"
        parts = [
            literal(f"Chart {chart.number}"),
            self.inlines(chart.title, marks, not chart.source),
            subtitle,
            picture,
            self.optional(chart.note, marks),
            self.optional(chart.source, marks, wording.credit_line(plain(chart.source))),
        ]
        return f"chart({', '.join(parts)})"

    def _table(self, table: Table) -> str:
        if not table.wide:
            return self.tabular(table)
        self.wide.append(table)
        title = self.inlines(table.title, marked=False)
        page = f"context counter(page).at(label({raw(table.anchor)})).first()"
        where = joined([literal(" (page "), page, literal(")")])
        label = f"tag({literal(f'Table {table.number}: ')})"
        link = f"link(label({raw(table.anchor)}), {joined([label, title, where])})"
        return f"par({link})"

    def tabular(self, table: Table, room: int = ROOM) -> str:
        """A table with its words; `room` is about how many characters fit the page's width."""
        marks = Marks(self.notes)
        aligned = array(["right" if c.right else "left" for c in table.columns])
        head = array([literal(c.label) for c in table.columns])
        # Marks in every row would drown the figures: the source line names them all.
        marked = not table.source
        cells = [self.inlines(cell, marks, marked) for row in table.rows for cell in row]
        whole = "true" if rows_fit(table, room) else "false"
        body = f"data.with({array(widths(table, room))}, {aligned}, {head}, whole: {whole}, {', '.join(cells)})"
        keep = "true" if kept(table, room) else "false"
        parts = [
            literal(f"Table {table.number}"),
            self.inlines(table.title, marks, not table.source),
            body,
            self.optional(table.note, marks),
            self.optional(table.source, marks, wording.credit_line(plain(table.source))),
            f"keep: {keep}",
        ]
        return f"tabular({', '.join(parts)})"


def _placed(kind: str, item: Chart | Table, body: str, low: bool) -> str:
    name = literal(f"{kind} {item.number}")
    return f"placed({name}, label({raw(item.anchor)}), low: {'true' if low else 'false'}, {body})"


def _before_long_table(after: Sequence[Block | tuple[Chart, Chart]]) -> bool:
    """Whether a table that may break over the page comes before the next picture or short table."""
    for item in after:
        if isinstance(item, Table) and not item.wide:
            return not kept(item)
        if isinstance(item, Chart | tuple):
            return False
    return False


def _lines(text: str) -> list[str]:
    parts: list[str] = []
    for line in text.split("\n"):
        # Leading spaces would collapse: no-break spaces keep the shape.
        indent = len(line) - len(line.lstrip(" "))
        parts += [literal("\u00a0" * indent + line[indent:]), "linebreak()"]
    return parts[:-1]


def mark_code(basis: Basis) -> str:
    """The note mark of a number: its first sources and its assumptions, each a link into its list."""
    if not basis.sources and not basis.assumptions:
        return ""
    shown = basis.sources if len(basis.sources) <= NAMED else basis.sources[: NAMED - 1]
    parts = [f"mark(label({raw(f's{first}')}), {literal(text)})" for first, text in _runs(shown)]
    parts += [f"mark(label({raw(f'a{n}')}), {literal(f'A{n}')})" for n in basis.assumptions]
    more = len(basis.sources) - len(shown)
    end = literal(f" +{more}]" if more else "]")
    comma = f"; plainmark({literal(', ')}); "
    return f"{{ plainmark({literal('[')}); {comma.join(parts)}; plainmark({end}) }}"


def _runs(numbers: Sequence[int]) -> list[tuple[int, str]]:
    """Runs of source numbers as link target and text: 1, 2, 3, 7 as (1, "1-3") and (7, "7")."""
    texts = ranges(numbers).split(", ") if numbers else []
    return [(int(re.split(r"\D", text)[0]), text) for text in texts]
