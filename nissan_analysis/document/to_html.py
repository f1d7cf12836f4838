"""A document as one HTML page: no script, no request, everything inside.

The Content-Security-Policy in the page forbids what the page does not do: scripts, frames and
every address but ``data:`` ones for fonts and pictures.
"""

from __future__ import annotations

import base64
import json
from functools import cache
from importlib.resources import files

from ..style import FONT_FOLDER, PALETTE
from . import wording
from .html_parts import Writer, esc, external, grid, scrolling, section
from .model import Column, Document, Key, Source, plain
from .notes import Notes
from .spark import sparkline
from .text import capitalised, long_date, number

CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)
LONG = 16  # a list of more sources is looked up rather than read, and set closer
_FACES = (("Regular", 400, "normal"), ("SemiBold", 600, "normal"), ("Italic", 400, "italic"))


def page(doc: Document) -> str:
    """The whole report as HTML text; the same document gives the same text."""
    writer = Writer(doc, Notes(doc))
    parts = [
        '<a class="skip" href="#main">Skip to the report</a>',
        _header(doc, writer),
        '<div class="columns">',
        _contents(doc),
        '<main id="main" tabindex="-1">',
        writer.blocks(doc.blocks),
        _weak_points(doc, writer),
        _assumptions(doc),
        _glossary(doc),
        _sources(doc, writer),
        "</main></div>",
        _footer(doc),
    ]
    body = "\n".join(part for part in parts if part)
    about = {"report": doc.report, "parameters": doc.foot.get("given", {})}
    head = f'<meta name="report" content="{esc(json.dumps(about, sort_keys=True))}">\n'
    return shell(plain(doc.title), plain(doc.standfirst), body, doc.language, head)


def fragment(doc: Document, titled: bool = True) -> str:
    """Title, summary, blocks, and folded away the assumptions and sources: a page inside another one.

    The rules are those of `stylesheet`, which the other page has to bring in.
    """
    writer = Writer(doc, Notes(doc))
    front = f'<p class="asof">{esc(wording.as_of(doc))}</p>'
    if titled:
        front += (
            f'<h3 class="headline">{writer.inlines(doc.title)}</h3>'
            f'<p class="standfirst">{writer.inlines(doc.standfirst)}</p>'
        )
    blocks = writer.blocks(doc.blocks)  # before the sources, which lead back to it
    folded = [
        f"<details><summary>{title}: {len(items)}</summary>{inner}</details>"
        for title, items, inner in (
            (wording.ASSUMPTIONS, doc.assumptions, _assumptions(doc)),
            (wording.SOURCES, doc.sources, _sources(doc, writer)),
        )
        if items
    ]
    return "\n".join([front, blocks, *folded])


def shell(title: str, description: str, body: str, language: str = "en", head: str = "") -> str:
    """A complete page around `body` (HTML), with `head` in its head; also the frame of the index."""
    return (
        f'<!doctype html>\n<html lang="{esc(language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{CSP}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f'<title>{esc(title)}</title>\n<meta name="description" content="{esc(description)}">\n{head}'
        # An empty icon keeps browsers from asking a server for one.
        f'<link rel="icon" href="data:,">\n<style>\n{stylesheet()}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n'
    )


@cache
def stylesheet() -> str:
    """Fonts, colours and the rules of report.css."""
    faces, light, dark, rules = stylesheet_parts()
    colours = f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
    return "\n".join([faces, colours, rules])


def stylesheet_parts() -> tuple[str, str, str, str]:
    """The font faces, the light and the dark colours as declarations, and the rules of report.css."""
    faces = []
    for name, weight, style in _FACES:
        encoded = base64.b64encode((FONT_FOLDER / f"Inter-{name}.woff2").read_bytes()).decode()
        faces.append(
            f"@font-face{{font-family:Inter;font-weight:{weight};font-style:{style};font-display:block;"
            f"src:url(data:font/woff2;base64,{encoded}) format('woff2')}}"
        )
    light = "".join(f"--c-{name}:{light};" for name, (light, _) in PALETTE.items())
    dark = "".join(f"--c-{name}:{dark};" for name, (_, dark) in PALETTE.items())
    rules = files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    return "\n".join(faces), light, dark, rules


def key_item(writer: Writer, key: Key) -> str:
    """One key number, its run of figures drawn small above it."""
    note = f'<span class="note">{writer.inlines(key.note)}</span>' if key.note else ""
    return (
        f'<li><span class="value">{writer.inlines(key.value)}{sparkline(key.trend, key.trend_words)}</span>'
        f'<span class="label">{writer.inlines(key.label)}</span>{note}</li>'
    )


def keys_list(writer: Writer, doc: Document) -> str:
    """The key numbers of the cover."""
    items = [key_item(writer, key) for key in doc.keys]
    columns = wording.key_columns(len(items))
    return (
        f'<ul class="keys" style="--n:{columns}" aria-label="Key numbers">{"".join(items)}</ul>'
        if items
        else ""
    )


def _header(doc: Document, writer: Writer) -> str:
    kicker = f'<p class="kicker">{esc(doc.kicker)}</p>' if doc.kicker else ""
    standfirst = (
        f'<p class="standfirst">{writer.inlines(doc.standfirst)}</p>' if doc.standfirst else ""
    )
    return (
        f"<header>{kicker}<h1>{writer.inlines(doc.title)}</h1>{standfirst}"
        f'<p class="asof">{esc(wording.as_of(doc))}</p>{keys_list(writer, doc)}</header>'
    )


def _contents(doc: Document) -> str:
    entries = [(h.anchor, plain(h.content)) for h in doc.headings()]
    if doc.weak_points:
        entries.append(("weak-points", wording.WEAK_POINTS))
    if doc.assumptions:
        entries.append(("assumptions", wording.ASSUMPTIONS))
    if doc.glossary:
        entries.append(("glossary", wording.GLOSSARY))
    entries += [("sources", wording.SOURCES), ("about", wording.ABOUT)]
    items = "".join(f'<li><a href="#{anchor}">{esc(title)}</a></li>' for anchor, title in entries)
    return (
        f'<nav aria-labelledby="contents"><p class="tag" id="contents">{wording.CONTENTS}</p>'
        f"<ol>{items}</ol></nav>"
    )


def _weak_points(doc: Document, writer: Writer) -> str:
    if not doc.weak_points:
        return ""
    items = "".join(f"<li>{writer.inlines(point)}</li>" for point in doc.weak_points)
    return section("weak-points", wording.WEAK_POINTS, f"<ul>{items}</ul>")


def _assumptions(doc: Document) -> str:
    if not doc.assumptions:
        return ""
    columns = [
        Column("No.", False),
        Column("Assumption", False),
        Column("Value", True),
        Column("Quality", False),
        Column("Impact", False),
        Column("Reason", False),
    ]
    cells = [
        [
            f'<span id="a{a.number}">A{a.number}</span>',
            esc(a.statement),
            esc(wording.amount(a)),
            _rating(a.quality),
            _rating(a.impact),
            esc(a.reason),
        ]
        for a in doc.assumptions
    ]
    table = grid(
        columns, cells, True, '<span class="hidden">Assumptions, their values and ratings</span>'
    )
    inner = f'<p>{wording.ASSUMPTIONS_LEAD}</p><div class="table assumptions">{scrolling(table, "Assumptions table")}</div>'
    return section("assumptions", wording.ASSUMPTIONS, inner)


def _glossary(doc: Document) -> str:
    if not doc.glossary:
        return ""
    rows = "".join(
        f'<div><dt id="{e.anchor}">{esc(e.term)}</dt><dd>{esc(e.meaning)}</dd></div>'
        for e in doc.glossary
    )
    return section("glossary", wording.GLOSSARY, f'<dl class="glossary">{rows}</dl>')


def _rating(word: str) -> str:
    known = f' class="rating {word}"' if word in wording.RATINGS else ""
    return f"<span{known}>{esc(word)}</span>"


def _sources(doc: Document, writer: Writer) -> str:
    items = "".join(
        f'<li id="s{s.number}" value="{s.number}">{_source(doc, s, writer)}</li>'
        for s in doc.sources
    )
    long = " long" if len(doc.sources) > LONG else ""
    inner = f'<p>{wording.SOURCES_LEAD}</p><ol class="sources{long}">{items}</ol>'
    return section("sources", wording.SOURCES, inner)


def _source(doc: Document, source: Source, writer: Writer) -> str:
    title = f"<cite>{esc(source.title)}</cite>"
    if source.url:
        title = external(source.url, title)
    date = f'<time datetime="{esc(source.published)}">{esc(long_date(source.published))}</time>'
    if source.published_basis == "inferred":
        date += " (date inferred)"
    details = [
        source.kind.replace("_", " "),
        f"quality: {source.quality}" if source.quality else "",
    ]
    small = "; ".join(d for d in details if d)
    about = capitalised(small)
    return (
        f"<strong>{esc(source.publisher)}</strong>, {title}, {date}."
        f"{writer.back(source.number)}{_figures(doc, source, about)}"
    )


def _figures(doc: Document, source: Source, about: str) -> str:
    """What kind of source it is, and, folded away, the figures taken from it and where in it."""
    lines = []
    for name in source.facts:
        record = doc.facts.get(name)
        if record is None:
            continue
        what = ", ".join(str(record[k]) for k in ("label", "period") if record.get(k))
        counted = record.get("value") is not None
        unit = str(record.get("unit", "")).replace("_", " ")
        value = f": {number(str(record['value']))} {unit}".rstrip() if counted else ""
        told = ("qualifier", "status", "locator") if counted else ("status", "locator")
        extra = "; ".join(str(record[k]) for k in told if record.get(k))
        lines.append(
            f"<li>{esc(what or name)}{esc(value)}{esc(f' ({extra})' if extra else '')}</li>"
        )
    if not lines:
        return f' <span class="quality">{esc(about)}.</span>' if about else ""
    count = f"{len(lines)} figure{'s' if len(lines) > 1 else ''} used"
    words = esc("; ".join(part for part in (about, count) if part))
    hidden = f'<span class="hidden"> of source {source.number}</span>'
    return f"<details><summary>{words}{hidden}</summary><ul>{''.join(lines)}</ul></details>"


def _footer(doc: Document) -> str:
    rows = "".join(f"<div><dt>{esc(k)}</dt><dd>{esc(v)}</dd></div>" for k, v in wording.foot(doc))
    follow = f'<a class="follow" href="#contents">{wording.CONTENTS}</a>'
    return (
        f'<footer><h2 id="about">{wording.ABOUT}</h2><p>{wording.ABOUT_LEAD}</p>'
        f"<dl>{rows}</dl>{follow}</footer>"
    )
