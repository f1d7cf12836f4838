"""Inlines and blocks as HTML. Every text passes through `esc` exactly once."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..style import PALETTE
from . import wording
from .model import (
    Block,
    Blocks,
    Break,
    Chart,
    Code,
    Column,
    Document,
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
    paired,
    plain,
)
from .notes import Marks, Notes, mark
from .phone import fitted
from .svg import for_html, least_width
from .text import csv_uri, is_numeric

#: A light colour of the charts -> its CSS variable. The first name wins where two share a colour.
NAMES: dict[str, str] = {}
for _name, (_light, _dark) in PALETTE.items():
    NAMES.setdefault(_light.lower(), _name)

#: Wider than this many characters, a table may not fit a phone and gets a scrolling region.
PHONE_CHARACTERS = 40
#: A cell longer than this many characters is a sentence; a column of no longer ones stays unbroken.
SENTENCE = 32
SHORT = 18
#: Numbers to which a source leads back.
BACK = 5
#: No letter of a chart is smaller than this many pixels on a phone.
LEGIBLE = 7


def esc(text: str) -> str:
    """Text for an element or a quoted attribute; line ends survive in both."""
    return html.escape(text, quote=True).replace("\n", "&#10;")


@dataclass
class Writer:
    """Writes blocks of one document; `notes` is None where numbers have no list to lead to."""

    doc: Document | None = None
    notes: Notes | None = None
    #: Of each source, by its number: where in the page it is used, as ids and printed numbers.
    used: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    written: int = 0  # numbers with an id so far

    def inlines(self, content: Inlines, marks: Marks | None = None, linked: bool = True) -> str:
        """Inlines as HTML. `linked` is False inside a link, where no other link may be."""
        if marks is None and self.notes is not None:
            marks = Marks(self.notes)
        out: list[str] = []
        for item in content:
            match item:
                case Text(text):
                    out.append(esc(text))
                case Code(text):
                    out.append(f"<code>{esc(text)}</code>")
                case Break():
                    out.append("<br>")
                case Time(text, iso):
                    out.append(f'<time datetime="{esc(iso)}">{esc(text)}</time>')
                case Fact():
                    out.append(self._fact(item, marks, linked))
                case Term(text, entry):
                    tip = f' data-tip="{esc(entry.meaning)}"'
                    link = f'<a class="term" href="#{entry.anchor}"{tip}>{esc(text)}</a>'
                    out.append(link if linked else esc(text))
                case Emphasis(children):
                    out.append(f"<em>{self.inlines(children, marks, linked)}</em>")
                case Strong(children):
                    out.append(f"<strong>{self.inlines(children, marks, linked)}</strong>")
                case Link(url, children):
                    inner = self.inlines(children, marks, False)
                    out.append(external(url, inner) if linked else inner)
        return "".join(out)

    def _fact(self, fact: Fact, marks: Marks | None, linked: bool) -> str:
        pairs = {
            "value": fact.value,
            "data-low": fact.low,
            "data-high": fact.high,
            "data-unit": fact.unit,
            "data-facts": " ".join(fact.facts),
            "data-status": fact.status,
            "data-formula": fact.formula,
        }
        attributes = "".join(f' {k}="{esc(v)}"' for k, v in pairs.items() if v or k == "value")
        data = f'<data class="fact"{attributes}>{esc(fact.text)}</data>'
        if not linked or self.notes is None or marks is None:
            return data
        # The mark is printed on paper only, where nothing can be pointed at.
        new = mark(marks.new(fact))
        note = f' data-note="{esc(new)}"' if new else ""
        tip = esc(self.notes.tip(fact))
        basis = self.notes.basis(fact)
        self.written += 1
        for source in basis.sources:
            self.used.setdefault(source, []).append((f"n{self.written}", fact.text))
        return (
            f'<a class="fact" id="n{self.written}" href="#{basis.anchor}"{note} data-tip="{tip}">'
            f"{data}</a>"
        )

    def back(self, source: int) -> str:
        """Links from a source back to the numbers that rest on it: the first few of them."""
        places = self.used.get(source, [])
        if not places:
            return ""
        links = ", ".join(
            f'<a href="#{anchor}" aria-label="Back to {esc(text)}, number {anchor[1:]}">{esc(text)}</a>'
            for anchor, text in places[:BACK]
        )
        more = f" and {len(places) - BACK} more" if len(places) > BACK else ""
        return f' <span class="back">Used for {links}{more}.</span>'

    def blocks(self, content: Blocks) -> str:
        parts = []
        for item in paired(content):
            if isinstance(item, tuple):
                parts.append('<div class="pair">' + "".join(self.chart(c) for c in item) + "</div>")
            else:
                parts.append(self.block(item))
        return "\n".join(parts)

    def block(self, block: Block) -> str:
        match block:
            case Heading(level, anchor, content):
                tag = f"h{min(level, 6)}"
                return f'<{tag} id="{anchor}">{self.inlines(content)}</{tag}>'
            case Paragraph(content):
                return f"<p>{self.inlines(content)}</p>"
            case Listing():
                return self._listing(block)
            case Quote(blocks):
                return f"<blockquote>{self.blocks(blocks)}</blockquote>"
            case Preformatted(text):
                return f'<pre tabindex="0"><code>{html.escape(text)}</code></pre>'
            case Rule():
                return "<hr>"
            case Chart():
                return self.chart(block)
            case Table():
                return self._table(block)

    def _listing(self, block: Listing) -> str:
        items = []
        for item in block.items:
            tight = len(item) == 1 or all(not isinstance(b, Paragraph) for b in item[1:])
            first = item[0] if item else None
            if tight and isinstance(first, Paragraph):
                items.append(f"<li>{self.inlines(first.content)}{self.blocks(item[1:])}</li>")
            else:
                items.append(f"<li>{self.blocks(item)}</li>")
        tag = "ol" if block.ordered else "ul"
        start = f' start="{block.start}"' if block.ordered and block.start != 1 else ""
        return f"<{tag}{start}>{''.join(items)}</{tag}>"

    def chart(self, chart: Chart) -> str:
        title = plain(chart.title)
        if chart.svg:
            picture = for_html(chart.svg, chart.alt, NAMES)
        else:
            encoded = base64.b64encode(chart.png).decode()
            picture = f'<img src="data:image/png;base64,{encoded}" alt="{esc(chart.alt)}">'
        subtitle = f'<span class="subtitle">{esc(chart.subtitle)}</span>' if chart.subtitle else ""
        plot = framed(picture, chart.svg, f"Chart {chart.number}, picture", chart.half)
        return (
            f'<figure class="{"half" if chart.half else "full"}" id="{chart.anchor}"><figcaption>'
            f'<span class="tag">Chart {chart.number}</span><span class="title">{self.inlines(chart.title)}</span>'
            f"{subtitle}</figcaption>{plot}{self._under(chart.note, chart.source)}"
            f"{self._data(chart, title)}</figure>"
        )

    def _under(self, note: Inlines, source: Inlines) -> str:
        out = f'<p class="note">{self.inlines(note)}</p>' if note else ""
        if source:
            out += (
                f'<p class="source">{wording.credit_line(plain(source))}{self.inlines(source)}</p>'
            )
        return out

    def _data(self, chart: Chart, title: str) -> str:
        if not chart.columns or not chart.rows:
            return ""
        right = [
            all(is_numeric(r[i]) or not r[i] for r in chart.rows if i < len(r))
            for i in range(len(chart.columns))
        ]
        columns = [
            Column(label, numeric) for label, numeric in zip(chart.columns, right, strict=True)
        ]
        cells = [[esc(cell) for cell in row] for row in chart.rows]
        table = grid(
            columns, cells, row_headers=True, caption=f"Data of chart {chart.number}: {esc(title)}"
        )
        name = (
            f"{self.doc.report if self.doc else 'chart'}-{chart.anchor.removeprefix('chart-')}.csv"
        )
        link = f'<a download="{esc(name)}" href="{csv_uri(chart.columns, chart.rows)}">Download as CSV</a>'
        region = scrolling(table, f"Data of chart {chart.number}")
        return (
            f'<details><summary>Data behind this chart<span class="hidden"> ({chart.number})</span></summary>'
            f"{region}<p>{link}</p></details>"
        )

    def _table(self, table: Table) -> str:
        caption = f'<span class="tag">Table {table.number}</span><span class="title">{self.inlines(table.title)}</span>'
        cells = [[self.inlines(cell) for cell in row] for row in table.rows]
        body = grid(
            table.columns, cells, table.row_headers, f'<span class="caption">{caption}</span>'
        )
        if characters(table) > PHONE_CHARACTERS:
            body = scrolling(body, f"Table {table.number}: {plain(table.title)}")
        under = self._under(table.note, table.source)
        return f'<div class="table" id="{table.anchor}">{body}{under}</div>'


def characters(table: Table) -> int:
    """About how many characters wide a table is when no cell is broken more than it must be."""
    widths = []
    for index, column in enumerate(table.columns):
        words = [w for row in table.rows for w in [plain(row[index])]] + [column.label]
        longest = max((len(w) for w in words), default=0)
        widths.append(longest if column.right else min(longest, 24))
    return sum(widths) + 2 * len(widths)


def grid(
    columns: Sequence[Column], cells: Sequence[Sequence[str]], row_headers: bool, caption: str
) -> str:
    """A table element; `caption` and `cells` are HTML already."""
    side = [_side(column, index, cells) for index, column in enumerate(columns)]
    # An empty header would be announced as one: it is an empty cell.
    head = "".join(
        f'<th scope="col"{s}>{esc(c.label)}</th>' if c.label else "<td></td>"
        for c, s in zip(columns, side, strict=True)
    )
    rows = []
    for row in cells:
        line = []
        for index, cell in enumerate(row[: len(columns)]):
            if row_headers and index == 0 and cell:
                line.append(f'<th scope="row"{side[index]}>{cell}</th>')
            else:
                line.append(f"<td{side[index]}>{cell}</td>")
        rows.append(f"<tr>{''.join(line)}</tr>")
    return (
        f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _side(column: Column, index: int, cells: Sequence[Sequence[str]]) -> str:
    """The class of a column: numbers to the right (on one line, unless words make one long),
    sentences with room also on a phone."""
    # Markup does not count, and no tag holds a bare ">": attributes are escaped.
    lengths = [len(re.sub(r"<[^>]*>", "", row[index])) for row in cells if index < len(row)]
    longest = max(lengths, default=0)
    if column.right:
        return ' class="number long"' if longest > SHORT else ' class="number"'
    return ' class="words"' if longest > SENTENCE else ' class="short"' if longest <= SHORT else ""


def scrolling(inner: str, label: str, role: str = "region") -> str:
    """Something that may be wider than a phone, in a region that the keyboard can scroll."""
    return f'<div class="scroll" tabindex="0" role="{role}" aria-label="{esc(label)}">{inner}</div>'


def framed(picture: str, svg: str, label: str, half: bool = False) -> str:
    """A picture (HTML). On a phone its letters grow as far as there is room, and it moves in its
    frame rather than shrink below reading."""
    style = ""
    if svg and (least := least_width(svg, LEGIBLE)):
        fit = fitted(svg)
        shown = 1 - fit.left - fit.right  # the part of the frame's width that the picture has
        style = f"--least:{least / fit.grow / shown:.0f}px"
        if fit.grow > 1:
            style += f";--larger:{fit.grow:g};--left:{fit.left:.2%};--right:{fit.right:.2%}"
        style = f' style="{style}"'
    plot = f'<div class="plot"{style}>{picture}</div>'
    return plot if half else scrolling(plot, label, "group")


def external(url: str, inner: str) -> str:
    """A link that leaves the page; `inner` is HTML already, `url` was checked while reading."""
    return f'<a rel="noopener noreferrer external" href="{esc(url)}">{inner}</a>'


def section(anchor: str, title: str, inner: str) -> str:
    """One of the parts that the page adds at the end."""
    return (
        f'<section aria-labelledby="{anchor}"><h2 id="{anchor}">{esc(title)}</h2>{inner}</section>'
    )
