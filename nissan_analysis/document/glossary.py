"""The words of the car trade that a report uses, said in other words at its end.

``glossary.csv`` holds a term, a regular expression that finds it, and its meaning. A report lists
the terms that it uses, and links each where running prose uses it first. A meaning holds no
figure: it stands in every report, with no source of its own.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from importlib.resources import files

from .model import (
    Block,
    Chart,
    Column,
    Document,
    Emphasis,
    Entry,
    Inlines,
    Listing,
    Paragraph,
    Quote,
    Strong,
    Term,
    Text,
)


@dataclass(frozen=True)
class Word:
    """An entry of the glossary, and what finds its term in a text."""

    entry: Entry
    pattern: re.Pattern[str]


@cache
def words() -> tuple[Word, ...]:
    """The whole glossary, in the order of its file, which is that of the alphabet."""
    text = files(__package__).joinpath("glossary.csv").read_text(encoding="utf-8")
    return tuple(
        Word(
            Entry(row["term"], "term-" + row["term"].lower().replace(" ", "-"), row["meaning"]),
            re.compile(row["pattern"]),
        )
        for row in csv.DictReader(text.splitlines())
    )


def anchors() -> set[str]:
    """The ids that the glossary takes in a page."""
    return {word.entry.anchor for word in words()}


def explained(doc: Document) -> Document:
    """The document with its glossary, and every term of it linked where prose uses it first."""
    said = "\n".join(_texts((doc.title, doc.standfirst, doc.keys, doc.blocks)))
    used = [word for word in words() if word.pattern.search(said)]
    waiting = list(used)
    standfirst = _linked(doc.standfirst, waiting)
    blocks = tuple(_block(block, waiting) for block in doc.blocks)
    entries = tuple(word.entry for word in used)
    return replace(doc, standfirst=standfirst, blocks=blocks, glossary=entries)


def _texts(part: object) -> Iterator[str]:
    """What a reader reads in a part of the document; not alt texts, and not the data of charts."""
    if isinstance(part, Text):
        yield part.text
    elif isinstance(part, Column):
        yield part.label
    elif isinstance(part, Chart):
        yield part.subtitle
        yield from _texts((part.title, part.note))
    elif isinstance(part, tuple):
        for item in part:
            yield from _texts(item)
    elif is_dataclass(part):
        for entry in fields(part):
            yield from _texts(getattr(part, entry.name))


def _block(block: Block, waiting: list[Word]) -> Block:
    match block:
        case Paragraph(content):
            return Paragraph(_linked(content, waiting))
        case Listing():
            items = tuple(tuple(_block(b, waiting) for b in item) for item in block.items)
            return replace(block, items=items)
        case Quote(blocks):
            return Quote(tuple(_block(b, waiting) for b in blocks))
        case _:
            return block


def _linked(content: Inlines, waiting: list[Word]) -> Inlines:
    """The inlines with the first of every waiting term as a link; what is found waits no more."""
    out: Inlines = ()
    for item in content:
        match item:
            case Text(text):
                out += _split(text, waiting)
            case Emphasis(children):
                out += (Emphasis(_linked(children, waiting)),)
            case Strong(children):
                out += (Strong(_linked(children, waiting)),)
            case _:
                out += (item,)
    return out


def _split(text: str, waiting: list[Word]) -> Inlines:
    found = [(match, word) for word in waiting if (match := word.pattern.search(text))]
    if not found:
        return (Text(text),) if text else ()
    match, word = min(found, key=lambda pair: (pair[0].start(), -pair[0].end()))
    waiting.remove(word)
    before = (Text(text[: match.start()]),) if match.start() else ()
    return (*before, Term(match[0], word.entry), *_split(text[match.end() :], waiting))
