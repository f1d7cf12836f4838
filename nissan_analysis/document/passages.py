"""A report as passages: its sentences, key numbers, table rows and captions, in reading order.

A passage has a `part`, which stays the same from one edition of a report to the next: the anchor
of its heading, its table or its chart. Two editions are compared passage by passage.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .model import (
    Blocks,
    Chart,
    Document,
    Heading,
    Inlines,
    Listing,
    Paragraph,
    Quote,
    Table,
    Text,
    facts_in,
    plain,
)

_BAR = Text(" | ")


@dataclass(frozen=True)
class Passage:
    """`kind` is title, summary, key, text, row, caption, note, source or weak point; `part` is the anchor of
    what it belongs to and `where` the heading above it; `label` heads a table row or a key number."""

    part: str
    where: str
    kind: str
    content: Inlines
    label: str = ""

    @property
    def text(self) -> str:
        return plain(self.content)


def passages(doc: Document) -> Iterator[Passage]:
    """Every passage of a document. Together they hold every number that it prints, once."""
    yield Passage("title", "Title", "title", doc.title)
    yield Passage("summary", "Title", "summary", doc.standfirst)
    for key in doc.keys:
        content = (*key.label, Text(": "), *key.value)
        if key.note:
            content += (Text(" ("), *key.note, Text(")"))
        yield Passage("keys", "Title", "key", content, plain(key.label))
    yield from _of(doc.blocks, "introduction", "Introduction")
    for point in doc.weak_points:
        yield Passage("weak-points", "Weak points", "weak point", point)


def _of(blocks: Blocks, part: str, where: str) -> Iterator[Passage]:
    for block in blocks:
        match block:
            case Heading(_, anchor, content):
                part, where = anchor, plain(content)
                if any(facts_in(content)):
                    yield Passage(part, where, "caption", content)
            case Paragraph(content):
                yield Passage(part, where, "text", content)
            case Listing():
                for item in block.items:
                    yield from _of(item, part, where)
            case Quote(inner):
                yield from _of(inner, part, where)
            case Chart():
                yield Passage(block.anchor, where, "caption", block.title)
                yield from _under(block, where)
            case Table():
                yield Passage(block.anchor, where, "caption", block.title)
                yield from _rows(block, where)
                yield from _under(block, where)


def _rows(table: Table, where: str) -> Iterator[Passage]:
    for row in table.rows:
        content: Inlines = ()
        for cell in row:
            content += (_BAR, *cell) if content else cell
        yield Passage(table.anchor, where, "row", content, plain(row[0]))


def _under(block: Chart | Table, where: str) -> Iterator[Passage]:
    for kind, content in (("note", block.note), ("source", block.source)):
        if content:
            yield Passage(block.anchor, where, kind, content)
