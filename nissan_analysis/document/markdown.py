"""Markdown to inlines and blocks, through mistune's syntax tree.

Two raw HTML elements are understood, ``<data class="fact">`` and ``<time>``; every other tag
comes out as the text it is written with.
"""

from __future__ import annotations

import html
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any, cast

import mistune

from .model import (
    Block,
    Blocks,
    Break,
    Code,
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
    Text,
    Time,
    plain,
)
from .text import clean, one_line, safe_url, slug

Token = dict[str, Any]


def _parser() -> mistune.Markdown:
    parser = mistune.create_markdown(renderer=None)
    # Without the block rule a tag can only be inline, so one place decides what a tag may do.
    parser.block.rules.remove("raw_html")
    return parser


_MARKDOWN = _parser()


def blocks(md: str, taken: set[str] | None = None) -> Blocks:
    """A Markdown text as blocks; heading ids avoid those in `taken` and are added to it."""
    tree = cast("list[Token]", _MARKDOWN(_tame(md)))  # without a renderer it gives no text
    return tuple(_blocks(tree, set() if taken is None else taken))


def inlines(md: str) -> Inlines:
    """A one-paragraph Markdown string; block markup in it is read as text."""
    state = mistune.InlineState({"ref_links": {}})
    state.src = " ".join(_tame(md).split("\n")).strip()
    return _inlines(_MARKDOWN.inline.render(state))


def _tame(md: str) -> str:
    return clean(md).replace("\t", "    ")


def _blocks(tokens: Iterable[Token], taken: set[str]) -> Iterable[Block]:
    for token in tokens:
        children = token.get("children", [])
        match token["type"]:
            case "heading":
                content = _inlines(children)
                yield Heading(max(2, token["attrs"]["level"]), slug(plain(content), taken), content)
            case "paragraph" | "block_text":
                yield Paragraph(_inlines(children))
            case "list":
                attrs = token["attrs"]
                items = tuple(tuple(_blocks(item["children"], taken)) for item in children)
                yield Listing(bool(attrs.get("ordered")), int(attrs.get("start", 1)), items)
            case "block_quote":
                yield Quote(tuple(_blocks(children, taken)))
            case "block_code":
                yield Preformatted(token["raw"].rstrip("\n"))
            case "thematic_break":
                yield Rule()
            case "blank_line":
                pass
            case _:
                yield Paragraph((Text(str(token.get("raw", ""))),))


def _inlines(tokens: Iterable[Token]) -> Inlines:
    stream = list(tokens)
    closers = _closers(stream)
    out: list[Inline] = []
    position = 0
    while position < len(stream):
        token = stream[position]
        position += 1
        children = token.get("children", [])
        match token["type"]:
            case "text":
                out.append(Text(clean(html.unescape(token["raw"]))))
            case "codespan":
                out.append(Code(clean(html.unescape(token["raw"]))))
            case "softbreak":
                out.append(Text(" "))
            case "linebreak":
                out.append(Break())
            case "emphasis":
                out.append(Emphasis(_inlines(children)))
            case "strong":
                out.append(Strong(_inlines(children)))
            case "link":
                url = safe_url(html.unescape(token["attrs"]["url"]))
                inner = _inlines(children)
                out.extend([Link(url, inner)] if url else inner)
            case "image":  # a picture from elsewhere would be a request: its words stand for it
                out.extend(_inlines(children))
            case "inline_html":
                element, position = _element(stream, position, closers)
                out.append(element)
            case _:
                out.append(Text(clean(token.get("raw", ""))))
    return _merged(out)


def _closers(stream: list[Token]) -> dict[str, list[int]]:
    """Where in a stream each closing tag stands; a search for every opening one would take hours."""
    found: dict[str, list[int]] = defaultdict(list)
    for at, token in enumerate(stream):
        if token["type"] == "inline_html" and token["raw"].startswith("</"):
            found[_tag(token["raw"])[0]].append(at)
    return found


def _element(
    stream: list[Token], position: int, closers: dict[str, list[int]]
) -> tuple[Inline, int]:
    """The element opened by the tag before `position`, or that tag as text; and where to go on."""
    raw = stream[position - 1]["raw"]
    name, attrs = _tag(raw)
    if (name == "data" and "fact" in attrs.get("class", "").split()) or name == "time":
        ends = closers.get(f"/{name}", [])
        first = bisect_left(ends, position)
        if first < len(ends):
            end = ends[first]
            text = one_line(plain(_inlines(stream[position:end])))
            return _built(name, attrs, text), end + 1
    return Text(clean(raw)), position


def _built(name: str, attrs: dict[str, str], text: str) -> Inline:
    if name == "time":
        return Time(text, one_line(attrs.get("datetime", "")))
    return Fact(
        text=text,
        value=one_line(attrs.get("value", "")),
        low=one_line(attrs.get("data-low", "")),
        high=one_line(attrs.get("data-high", "")),
        unit=one_line(attrs.get("data-unit", "")),
        status=one_line(attrs.get("data-status", "")),
        facts=tuple(clean(attrs.get("data-facts", "")).split()),
        tip=one_line(attrs.get("title", "")),
        name=one_line(attrs.get("data-name", "")),
        how=one_line(attrs.get("data-how", "")),
        formula=one_line(attrs.get("data-formula", "")),
    )


class _TagReader(HTMLParser):
    """Reads the name and attributes of one tag."""

    def __init__(self) -> None:
        super().__init__()
        self.name = ""
        self.attributes: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.name = self.name or tag
        self.attributes = self.attributes or {key: value or "" for key, value in attrs}

    def handle_endtag(self, tag: str) -> None:
        self.name = self.name or f"/{tag}"


def _tag(raw: str) -> tuple[str, dict[str, str]]:
    reader = _TagReader()
    reader.feed(raw)
    return reader.name, reader.attributes


def _merged(items: list[Inline]) -> Inlines:
    """Neighbouring texts joined, empty ones left out."""
    out: list[Inline] = []
    for item in items:
        if isinstance(item, Text):
            if not item.text:
                continue
            if out and isinstance(out[-1], Text):
                out[-1] = Text(out[-1].text + item.text)
                continue
        out.append(item)
    return tuple(out)
