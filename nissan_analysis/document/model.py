"""The document between notebook and page: inlines, blocks and the records behind them.

Text in these classes is plain text, cleaned once while reading (see `text.clean`); each writer
escapes it for its own format.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any


class DocumentError(ValueError):
    """A notebook that cannot become a report: what is wrong, in which cell, what to do."""


# --- inlines -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Code:
    text: str


@dataclass(frozen=True)
class Break:
    """A forced line break."""


@dataclass(frozen=True)
class Time:
    """A date: as printed, and in ISO form."""

    text: str
    iso: str


@dataclass(frozen=True)
class Fact:
    """A number as printed, with the interval it stands for and what it rests on.

    `facts` are fact ids or ``assumption:<key>``; `value`, `low` and `high` are decimal text in
    `unit` (a ratio is a fraction, whatever is printed). `name` is what its sentence calls it, `how`
    says in words how it was computed (A is the first of `facts`), `formula` in arithmetic (``f0``).
    """

    text: str
    value: str
    low: str
    high: str
    unit: str
    status: str
    facts: tuple[str, ...]
    tip: str = ""
    name: str = ""
    how: str = ""
    formula: str = ""


@dataclass(frozen=True)
class Entry:
    """A term of the glossary. `anchor` is its id in the page."""

    term: str
    anchor: str
    meaning: str


@dataclass(frozen=True)
class Term:
    """A word that the glossary explains, as it stands in the prose."""

    text: str
    entry: Entry


@dataclass(frozen=True)
class Emphasis:
    children: Inlines


@dataclass(frozen=True)
class Strong:
    children: Inlines


@dataclass(frozen=True)
class Link:
    url: str
    children: Inlines


Inline = Text | Code | Break | Time | Fact | Term | Emphasis | Strong | Link
Inlines = tuple[Inline, ...]


# --- blocks --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heading:
    """`level` is 2 or more: the only level 1 is the title. `anchor` is unique in the document."""

    level: int
    anchor: str
    content: Inlines


@dataclass(frozen=True)
class Paragraph:
    content: Inlines


@dataclass(frozen=True)
class Listing:
    ordered: bool
    start: int
    items: tuple[Blocks, ...]


@dataclass(frozen=True)
class Quote:
    blocks: Blocks


@dataclass(frozen=True)
class Preformatted:
    text: str


@dataclass(frozen=True)
class Rule:
    """A thematic break."""


@dataclass(frozen=True)
class Chart:
    """A picture with its finding as title. `svg` is sanitised; `png` is used where there is none.

    `lead`: it carries the finding of the whole report.
    """

    number: int
    anchor: str
    title: Inlines
    subtitle: str
    alt: str
    note: Inlines
    source: Inlines
    half: bool
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    svg: str = ""
    png: bytes = b""
    lead: bool = False


@dataclass(frozen=True)
class Column:
    label: str
    right: bool


@dataclass(frozen=True)
class Table:
    number: int
    anchor: str
    title: Inlines
    columns: tuple[Column, ...]
    rows: tuple[tuple[Inlines, ...], ...]
    row_headers: bool
    note: Inlines
    source: Inlines
    wide: bool


Block = Heading | Paragraph | Listing | Quote | Preformatted | Rule | Chart | Table
Blocks = tuple[Block, ...]


# --- the records behind the numbers --------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A key number of the cover."""

    label: Inlines
    value: Inlines
    note: Inlines
    trend: tuple[float | None, ...] = ()
    trend_words: str = ""


@dataclass(frozen=True)
class Source:
    key: str
    number: int
    publisher: str
    title: str
    url: str
    published: str
    published_basis: str
    kind: str
    quality: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Assumption:
    number: int
    key: str
    statement: str
    value: str
    low: str
    high: str
    unit: str
    quality: str
    impact: str
    reason: str


@dataclass(frozen=True, eq=False)
class Document:
    """A whole report, ready to be written."""

    report: str
    kicker: str
    title: Inlines
    standfirst: Inlines
    as_of: str
    latest_source: str
    keys: tuple[Key, ...]
    blocks: Blocks
    facts: Mapping[str, Mapping[str, Any]]
    sources: tuple[Source, ...]
    assumptions: tuple[Assumption, ...]
    weak_points: tuple[Inlines, ...]
    foot: Mapping[str, Any]
    language: str = "en"
    glossary: tuple[Entry, ...] = ()

    def headings(self) -> list[Heading]:
        """The headings of its chapters."""
        return [b for b in self.blocks if isinstance(b, Heading) and b.level == 2]


def plain(content: Sequence[Inline]) -> str:
    """The words of some inlines, without markup."""
    parts: list[str] = []
    for item in content:
        match item:
            case Text(text) | Code(text) | Time(text, _) | Term(text, _):
                parts.append(text)
            case Fact():
                parts.append(item.text)
            case Break():
                parts.append(" ")
            case Emphasis(children) | Strong(children) | Link(_, children):
                parts.append(plain(children))
    return "".join(parts)


def facts_in(part: object) -> Iterator[Fact]:
    """Every printed number in a part of the document, in reading order."""
    if isinstance(part, Fact):
        yield part
    elif isinstance(part, (tuple, list)):
        for item in part:
            yield from facts_in(item)
    elif is_dataclass(part):
        for entry in fields(part):
            yield from facts_in(getattr(part, entry.name))


def paired(blocks: Blocks) -> Iterator[Block | tuple[Chart, Chart]]:
    """The blocks in order, two half-width charts in a row as a pair."""
    waiting: Chart | None = None
    for block in blocks:
        half = isinstance(block, Chart) and block.half
        if waiting is not None:
            if half and isinstance(block, Chart):
                yield waiting, block
                waiting = None
                continue
            yield waiting
            waiting = None
        if half and isinstance(block, Chart):
            waiting = block
        else:
            yield block
    if waiting is not None:
        yield waiting
