"""A document as a tagged PDF/UA-1 file, by way of Typst.

Every text of the document goes in as a Typst string, never as markup, so nothing in it can run;
the compiler sees a temporary folder with the charts and nothing else.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import typst

from ..style import FONT_FOLDER
from . import wording
from .glyphs import drawable
from .model import (
    Block,
    Blocks,
    Box,
    Break,
    Chart,
    Code,
    Document,
    DocumentError,
    Emphasis,
    Fact,
    Heading,
    Inline,
    Inlines,
    Link,
    Listing,
    Paragraph,
    Preformatted,
    Quote,
    Rule,
    Strong,
    Table,
    Text,
    Time,
    plain,
)
from .notes import Basis, Marks, Notes
from .svg import with_texts
from .text import long_date
from .to_json import facts_json

#: A mark names at most this many sources; a total of sixty months would name forty.
NAMED = 2
#: A table of at most this many rows is not divided between pages.
WHOLE = 12


def compiled(doc: Document) -> bytes:
    """The PDF's bytes: the same document gives the same bytes.

    Raises
    ------
    DocumentError
        When Typst refuses the document; says what it said.
    """
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        root = Path(folder)
        source = _Writer(doc, root).source()
        (root / "main.typ").write_text(source, encoding="utf-8")
        (root / "facts.json").write_text(facts_json(doc), encoding="utf-8")
        compiler = typst.Compiler(
            input=root / "main.typ", root=root, font_paths=_fonts(), ignore_system_fonts=True
        )
        day = dt.datetime.fromisoformat(doc.as_of).replace(tzinfo=dt.UTC)
        try:
            result = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=day)
        except typst.TypstError as error:
            where = str(error.diagnostic or error.message).replace(str(root), "")
            raise DocumentError(f"The PDF of {doc.report} could not be set: {where}") from error
    if not isinstance(result, bytes):
        raise DocumentError(f"The PDF of {doc.report} came out as {type(result).__name__}.")
    return result


@cache
def _fonts() -> typst.Fonts:
    # The folder holds our three styles and nothing else; the compiler takes folders, not files.
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONT_FOLDER]
    )


def string(text: str) -> str:
    """A Typst string literal: backslashes, quotes and line ends escaped, lone glyphs replaced."""
    safe = drawable(text).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + safe.replace("\n", "\\n").replace("\t", " ") + '"'


def said(text: str) -> str:
    """Text as content. The semicolon ends the expression, whatever follows it."""
    return f"#{string(text)};" if text else ""


class _Writer:
    def __init__(self, doc: Document, root: Path) -> None:
        self.doc = doc
        self.root = root
        self.notes = Notes(doc)

    def source(self) -> str:
        doc = self.doc
        day = dt.date.fromisoformat(doc.as_of)
        head = (
            f"#show: setup.with(title: {string(plain(doc.title))}, "
            f"running: {string(f'{doc.kicker} — {wording.as_of(doc)}')}, "
            f"language: {string(doc.language)}, "
            f"date: datetime(year: {day.year}, month: {day.month}, day: {day.day}))"
        )
        attachment = (
            '#pdf.attach("facts.json", relationship: "data", mime-type: "application/json", '
            f"description: {string('Every number of this report with its sources')})"
        )
        parts = [
            files(__package__).joinpath("report.typ").read_text(encoding="utf-8"),
            head,
            attachment,
            self._cover(),
            f"#contents({string(wording.CONTENTS)})",
            self.blocks(doc.blocks),
            self._weak_points(),
            self._assumptions(),
            self._sources(),
            self._about(),
        ]
        return "\n\n".join(part for part in parts if part)

    # -- words --------------------------------------------------------------------------

    def inlines(self, content: Sequence[Inline], marks: Marks | None = None) -> str:
        """Inlines as Typst markup; with `marks`, each new source gets a note mark."""
        parts: list[str] = []
        for item in content:
            match item:
                case Text(text) | Code(text) | Time(text, _):
                    parts.append(said(text))
                case Fact():
                    parts.append(said(item.text))
                    if marks is not None:
                        parts.append(_mark(marks.new(item)))
                case Break():
                    parts.append("#linebreak();")
                case Emphasis(children):
                    parts.append(f"#emph[{self.inlines(children, marks)}];")
                case Strong(children):
                    parts.append(f"#strong[{self.inlines(children, marks)}];")
                case Link(url, children):
                    parts.append(f"#link({string(url)})[{self.inlines(children, marks)}];")
        return "".join(parts)

    def paragraph(self, content: Inlines) -> str:
        return self.inlines(content, Marks(self.notes))

    # -- blocks -------------------------------------------------------------------------

    def blocks(self, blocks: Blocks) -> str:
        return "\n\n".join(self.block(block) for block in blocks)

    def block(self, block: Block) -> str:
        match block:
            case Heading(level, _, content):
                return f"#heading(level: {max(1, level - 1)})[{self.inlines(content)}]"
            case Paragraph(content):
                return self.paragraph(content)
            case Listing(ordered, start, items):
                inner = ", ".join(f"[{self.blocks(item)}]" for item in items)
                return f"#enum(start: {start}, {inner})" if ordered else f"#list({inner})"
            case Quote(inner_blocks):
                return f"#quote(block: true)[{self.blocks(inner_blocks)}]"
            case Preformatted(text):
                return f"#block[{said(text)}]"
            case Rule():
                return "#line(length: 100%, stroke: 0.4pt + faint)"
            case Box(tone, title, inner_blocks):
                return (
                    f"#box-of(label: {string(wording.tone(tone))}, title: [{self.inlines(title)}])"
                    f"[{self.blocks(inner_blocks)}]"
                )
            case Chart():
                return self._chart(block)
            case Table():
                return self._table(block)

    def _chart(self, chart: Chart) -> str:
        name = f"chart-{chart.number}." + ("svg" if chart.svg else "png")
        content = with_texts(chart.svg, drawable).encode() if chart.svg else chart.png
        (self.root / name).write_bytes(content)
        return (
            f"#chart(tag: {string(f'Chart {chart.number}')}, title: [{self.inlines(chart.title)}], "
            f"subtitle: {string(chart.subtitle)}, file: {string(name)}, alt: {string(chart.alt)}, "
            f"note: {self._maybe(chart.note)}, source: {self._credit(chart.source)}, "
            f"share: {'55%' if chart.half else '92%'})"
        )

    def _maybe(self, content: Inlines) -> str:
        return f"[{self.inlines(content)}]" if content else "none"

    def _credit(self, content: Inlines) -> str:
        if not content:
            return "none"
        return f"[{said(wording.credit_line(plain(content)))}{self.inlines(content)}]"

    def _table(self, table: Table) -> str:
        # No note marks in the cells: the table's source line names its sources.
        rows = [[f"[{self.inlines(cell)}]" for cell in row] for row in table.rows]
        body = _grid(
            [c.label for c in table.columns],
            [c.right for c in table.columns],
            rows,
            [[plain(cell) for cell in row] for row in table.rows],
        )
        made = (
            f"#data-table(tag: {string(f'Table {table.number}')}, title: [{self.inlines(table.title)}], "
            f"note: {self._maybe(table.note)}, source: {self._credit(table.source)}, "
            f"whole: {'true' if len(table.rows) <= WHOLE else 'false'}, {body})"
        )
        return f"#page(flipped: true)[{made}]" if table.wide else made

    # -- the ends -----------------------------------------------------------------------

    def _cover(self) -> str:
        doc = self.doc
        keys = "".join(
            f"(label: [{self.inlines(k.label)}], value: [{self.inlines(k.value)}], "
            f"note: [{self.inlines(k.note)}]), "
            for k in doc.keys
        )
        return (
            f"#cover(kicker: {string(doc.kicker)}, title: [{self.inlines(doc.title)}], "
            f"standfirst: [{self.paragraph(doc.standfirst)}], asof: {string(wording.as_of(doc))}, "
            f"keys: ({keys}))"
        )

    def _weak_points(self) -> str:
        if not self.doc.weak_points:
            return ""
        items = ", ".join(f"[{self.paragraph(point)}]" for point in self.doc.weak_points)
        return f"#heading(level: 1)[{said(wording.WEAK_POINTS)}]\n\n#list({items})"

    def _assumptions(self) -> str:
        if not self.doc.assumptions:
            return ""
        rows, texts = [], []
        for a in self.doc.assumptions:
            cells = [f"A{a.number}", a.statement, wording.amount(a), a.quality, a.impact, a.reason]
            texts.append(cells)
            rows.append([f"[{said(c)}]" for c in cells])
            rows[-1][0] = f"[{said(cells[0])} #metadata(none) <a{a.number}>]"
        labels = ["No.", "Assumption", "Value", "Quality", "Impact", "Reason"]
        body = _grid(labels, [False, False, True, False, False, False], rows, texts)
        return f"#heading(level: 1)[{said(wording.ASSUMPTIONS)}]\n\n{said(wording.ASSUMPTIONS_LEAD)}\n\n#{body}"

    def _sources(self) -> str:
        items = []
        for s in self.doc.sources:
            title = said(s.title)
            if s.url:
                title = f"#link({string(s.url)})[{title}];"
            date = long_date(s.published) + (
                " (date inferred)" if s.published_basis == "inferred" else ""
            )
            items.append(
                f"[#strong[{said(s.publisher)}];{said(', ')}{title}{said(f', {date}. ')}"
                f"#text(fill: muted)[{said(f'Quality: {s.quality}.')}] #metadata(none) <s{s.number}>]"
            )
        numbers = [s.number for s in self.doc.sources]
        listed = ", ".join(items)
        start = numbers[0] if numbers else 1
        return (
            f"#heading(level: 1)[{said(wording.SOURCES)}]\n\n{said(wording.SOURCES_LEAD)}\n\n"
            "#[#set text(size: 7.2pt)\n#set par(leading: 0.48em)\n#columns(2, gutter: 1.4em)["
            f"#enum(start: {start}, spacing: 0.6em, {listed})]]"
        )

    def _about(self) -> str:
        rows = "".join(f"({string(k)}, {string(v)}), " for k, v in wording.foot(self.doc))
        return (
            f"#heading(level: 1)[{said(wording.ABOUT)}] <about>\n\n{said(wording.ABOUT_LEAD)}\n\n"
            f"#colophon(({rows}))"
        )


def _mark(basis: Basis) -> str:
    """A note mark: the first sources by number, and how many more."""
    shown = [f"{n}" for n in basis.sources[:NAMED]] + [f"A{n}" for n in basis.assumptions]
    if not shown:
        return ""
    more = len(basis.sources) - NAMED
    text = ", ".join(shown) + (f" +{more}" if more > 0 else "")
    return f"#mark(<{basis.anchor}>, {string(f'[{text}]')});"


def _grid(
    labels: Sequence[str],
    right: Sequence[bool],
    rows: Sequence[Sequence[str]],
    texts: Sequence[Sequence[str]],
) -> str:
    """A table whose columns share the width by how much text they hold."""
    widths = []
    for i, label in enumerate(labels):
        cells = [row[i] for row in texts]
        longest = max((len(c) for c in cells), default=0)
        if longest <= 14 and len(label) <= 18:
            widths.append("auto")
        else:
            mean = sum(len(c) for c in cells) / max(1, len(cells))
            widths.append(f"{max(10.0, min(60.0, (mean + longest) / 2)):.1f}fr")
    aligns = ", ".join("right" if r else "left" for r in right)
    header = ", ".join(string(label) for label in labels)
    body = ", ".join(f"({', '.join(row)},)" for row in rows)
    size = "8pt" if len(labels) <= 6 else "7.4pt"
    return (
        f"grid-table(columns: ({', '.join(widths)},), aligns: ({aligns},), header: ({header},), "
        f"rows: ({body},), size: {size})"
    )


__all__ = ["compiled", "said", "string"]
