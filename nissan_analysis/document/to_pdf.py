"""A document as PDF: Typst source, compiled to tagged PDF/UA-1 without touching the disk.

Pictures are data inside the source; ``facts.json`` and the settings of the layout are files in
memory. The compiler's root is an empty temporary folder, so even a reference that slipped through
could read nothing.

What floats is decided here and not in Typst, whose layout would have to decide it from the layout
itself, and need not come to rest. The first pass lets every chart stand where it comes. Then each
pass floats what left a gap in the pass before, and takes back what would fit. A float moves only
what comes after it, so each pass settles one more at the least, from the first page to the last.
Typst keeps what it laid out (by the names of the files, so the settings are a file of their own):
a further pass costs a fifth of the first, and so does the PDF at the end.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, NamedTuple

import typst

from ..style import FONT_FOLDER, PALETTE
from . import wording
from .model import Document, DocumentError, plain
from .notes import Marks, Notes
from .text import capitalised, long_date, one_line
from .to_json import facts_json
from .typst_parts import Writer, array, joined, literal, raw

#: A last page whose text ends above this part of its height holds a few lines only.
SHORT_PAGE = 0.4
#: As much of a page (mm) may stay empty where a chart or a table goes to the next page.
EMPTY_AT_MOST = 35.0


#: Assumptions of so many characters are kept on one page.
KEPT_TOGETHER = 1000
#: The room over and under the words of a row (pt): as it is, and what is tried where one row is alone.
ROOMS = (4.2, 3.2, 5.4)


class Settings(NamedTuple):
    """What a layout is told: the names of what floats and of the tables that begin a page, the room in
    the rows of a table where it is not the usual, and whether the list of sources is set smaller."""

    floats: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    rows: Mapping[str, float] = MappingProxyType({})
    tight: bool = False


def compiled(doc: Document) -> bytes:
    """The report as PDF bytes; the same document gives the same bytes.

    Raises
    ------
    DocumentError
        When Typst refuses the document; says what it said.
    """
    inputs = {"main.typ": source(doc), "facts.json": facts_json(doc)}
    try:
        return _written(inputs, _settled(inputs), timestamp(doc.as_of))
    except RuntimeError as error:  # a TypstError is one; a query raises it bare
        told = getattr(error, "diagnostic", "") or getattr(error, "message", "") or str(error)
        said = re.sub(r"\S*/report-\w+/?", "", str(told))
        raise DocumentError(f"The PDF of {doc.report} could not be set: {said[:2000]}") from error
    finally:
        _forget()


def _settled(inputs: dict[str, str]) -> Settings:
    """The settings with which no chart leaves much of a page empty, and no last page is short."""
    settings = Settings()
    found = _layout(inputs, settings)
    most = len(found["placed"])
    # A turn settles one more of them at the least. Should two turns ever contradict each other
    # (a fit by a hair), what floats is left to float.
    for turn in range(2 * most + 1):
        left = settings.floats if turn > most else ()
        floats = tuple(
            p["name"] for p in found["placed"] if _floats(p, settings) or p["name"] in left
        )
        if floats == settings.floats:
            break
        settings = settings._replace(floats=floats)
        found = _layout(inputs, settings)
    return _together(inputs, *_shortened(inputs, settings, found))


def _shortened(
    inputs: dict[str, str], settings: Settings, found: dict[str, Any]
) -> tuple[Settings, dict[str, Any]]:
    """A layout, with a tighter list of sources where that saves a last page of a few lines."""
    if found["end"] < SHORT_PAGE and not settings.tight:
        tight = settings._replace(tight=True)
        shorter = _layout(inputs, tight)
        if shorter["page"] < found["page"]:
            return tight, shorter
    return settings, found


def _floats(placed: dict[str, Any], settings: Settings) -> bool:
    """Whether it does not fit the page of its place, and would leave much of that page empty."""
    moved: bool = placed["there"] > placed["page"]
    if placed["name"] in settings.floats:  # on the very page of its place there was room for it
        moved = moved and placed["need"] > placed["left"]
    return moved and bool(placed["left"] > EMPTY_AT_MOST)


def _together(inputs: dict[str, str], settings: Settings, found: dict[str, Any]) -> Settings:
    """Settings with which no row of a table is alone on its page, if a few passes find some."""
    best, least = (settings, found), _restless(settings, found)
    for _ in ROOMS:
        for name, first in (lone := _lone(found)).items():
            if first and name in found["begins"] and name not in settings.breaks:
                settings = settings._replace(breaks=(*settings.breaks, name))
            else:
                room = ROOMS.index(settings.rows.get(name, ROOMS[0])) + 1
                rows = {**settings.rows, name: ROOMS[room % len(ROOMS)]}
                settings = settings._replace(rows=rows)
        if not lone:
            break
        settings, found = _shortened(inputs, settings, _layout(inputs, settings))
        rests = _restless(settings, found) <= least
        if rests and (found["page"], len(_lone(found))) < (best[1]["page"], len(_lone(best[1]))):
            best = settings, found
    return best[0]


def _restless(settings: Settings, found: dict[str, Any]) -> int:
    """How many of what may float would have to be set otherwise."""
    return sum(_floats(p, settings) != (p["name"] in settings.floats) for p in found["placed"])


def _lone(found: dict[str, Any]) -> dict[str, bool]:
    """The tables of which one row stands alone on a page, and whether that is the first."""
    pages: dict[str, list[int]] = {}
    for name, page in found["rows"]:
        pages.setdefault(name, []).append(page)
    ends = {name: (on.count(on[0]), on.count(on[-1])) for name, on in pages.items() if len(on) > 1}
    return {name: first == 1 for name, (first, last) in ends.items() if 1 in (first, last)}


@contextmanager
def _compiler(inputs: dict[str, str], settings: Settings) -> Iterator[typst.Compiler]:
    told = inputs | {
        "settings.json": json.dumps(settings._asdict() | {"rows": dict(settings.rows)})
    }
    with tempfile.TemporaryDirectory(prefix="report-") as empty:
        # Files in memory: the compiler's stubs know nothing of them, its manual does.
        contents: Any = {name: text.encode() for name, text in told.items()}
        yield typst.Compiler(contents, root=empty, font_paths=_fonts())


def _layout(inputs: dict[str, str], settings: Settings) -> dict[str, Any]:
    """Where things came to stand (see ``report-end`` in report.typ)."""
    with _compiler(inputs, settings) as compiler:
        found: dict[str, Any] = json.loads(compiler.query("<our:layout>", field="value", one=True))
    return found


def _written(inputs: dict[str, str], settings: Settings, stamp: dt.datetime) -> bytes:
    with _compiler(inputs, settings) as compiler:
        # UA-1 alone: asking for PDF/A beside it loses the UA mark.
        content = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=stamp)
    if not isinstance(content, bytes):
        raise RuntimeError(f"it came out as {type(content).__name__}")
    return content


def _forget() -> None:
    """Have Typst drop what it kept of the passes: it would keep that of some ten reports, 60 MB each."""
    nothing: Any = {"main.typ": b""}
    compiler = typst.Compiler(nothing, root=FONT_FOLDER, font_paths=_fonts())
    for _ in range(11):  # what was not used in the last ten compilations is dropped
        compiler.compile(input=nothing, format="svg")


def timestamp(as_of: str) -> dt.datetime:
    """The moment written into the file: midnight UTC of the report's day, never the clock's."""
    match = re.match(r"(\d{4})-(\d\d)-(\d\d)", as_of)
    day = (int(match[1]), int(match[2]), int(match[3])) if match else (2000, 1, 1)
    return dt.datetime(*day, tzinfo=dt.UTC)


@cache
def _fonts() -> typst.Fonts:
    """The three fonts of the house, and no other: what is installed must not change a page."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT_FOLDER)]
    )


def source(doc: Document) -> str:
    """The whole Typst source of a report; beside it belong ``facts.json`` and ``settings.json``."""
    writer = Writer(Notes(doc))
    body = writer.blocks(doc.blocks, top=True)  # first: it sets the wide tables aside
    parts = [
        _attachment(),
        _cover(doc, writer),
        f"contents({literal(wording.CONTENTS)})",
        body,
        *_weak_points(doc, writer),
        *_assumptions(doc),
        *_glossary(doc),
        *_sources(doc),
        *_colophon(doc),
        *_wide(writer),
        "report-end()",
    ]
    stamp = timestamp(doc.as_of)
    settings = ", ".join(
        [
            f"title: {literal(plain(doc.title))}",
            f"description: {literal(plain(doc.standfirst))}",
            f"date: datetime(year: {stamp.year}, month: {stamp.month}, day: {stamp.day})",
            f"language: {raw(doc.language)}",
            f"running: {literal(_short(plain(doc.title)))}",
            f"day: {literal(wording.as_of(doc).partition(';')[0])}",
        ]
    )
    colours = "\n".join(f'#let c-{name} = rgb("{light}")' for name, (light, _) in PALETTE.items())
    preamble = files(__package__).joinpath("report.typ").read_text(encoding="utf-8")
    lines = ";\n".join(part for part in parts if part)
    return f"{colours}\n#let c-soft = c-grid.lighten(55%)\n{preamble}\n#template({settings}, {{\n[];\n{lines}\n}})\n"


def _short(title: str, limit: int = 62) -> str:
    """A running head: whole words of the title, as many as one line takes."""
    if len(title) <= limit:
        return title
    return title[: limit + 1].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"


def _attachment() -> str:
    return (
        'pdf.attach("facts.json", relationship: "data", '
        'mime-type: "application/json", description: "Every number of the report, with bounds and sources")'
    )


def _cover(doc: Document, writer: Writer) -> str:
    keys = []
    for key in doc.keys:
        marks = Marks(writer.notes)
        parts = [
            f"label: {writer.inlines(key.label, marks)}",
            f"value: {writer.figure(key.value, marks)}",
            f"note: {writer.optional(key.note, marks)}",
        ]
        keys.append(f"({', '.join(parts)})")
    kicker = literal(doc.kicker) if doc.kicker else "none"
    return (
        f"cover(kicker: {kicker}, standfirst: {writer.optional(doc.standfirst)}, "
        f"day: {literal(wording.as_of(doc))}, keys: {array(keys)}, columns: {wording.key_columns(len(keys))})"
    )


def _heading(title: str, anchor: str) -> str:
    return f"[#heading(level: 1, {literal(title)}) #label({raw(anchor)})]"


def _wide(writer: Writer) -> list[str]:
    """Wide tables on landscape pages of their own, at the very end: a page turned in the middle
    of the text would leave the page before it half empty."""
    if not writer.wide:
        return []
    tables = [
        joined([f"[#metadata(none) #label({raw(t.anchor)})]", writer.tabular(t, room=150)])
        for t in writer.wide
    ]
    return [f"landscape({joined([_heading(wording.WIDE, 'wide-tables'), *tables])})"]


def _weak_points(doc: Document, writer: Writer) -> list[str]:
    if not doc.weak_points:
        return []
    items = ", ".join(writer.inlines(point) for point in doc.weak_points)
    return [_heading(wording.WEAK_POINTS, "weak-points"), f"list({items})"]


def _assumptions(doc: Document) -> list[str]:
    if not doc.assumptions:
        return []
    heads = array(
        [literal(t) for t in ("No.", "Assumption", "Value", "Quality", "Impact", "Reason")]
    )
    cells = []
    for a in doc.assumptions:
        cells.append(f"[#{literal(f'A{a.number}')} #label({raw(f'a{a.number}')})]")
        cells += [
            literal(t) for t in (a.statement, wording.amount(a), a.quality, a.impact, a.reason)
        ]
    aligned = "(left, left, right, left, left, left)"
    widths, name = "(auto, 3fr, 2fr, auto, auto, 3fr)", literal(wording.ASSUMPTIONS)
    table = f"data({widths}, {aligned}, {heads}, name: {name}, {', '.join(cells)})"
    if sum(len(a.reason) + len(a.statement) for a in doc.assumptions) <= KEPT_TOGETHER:
        table = f"block(breakable: false, {table})"
    return [
        _heading(wording.ASSUMPTIONS, "assumptions"),
        f"block(sticky: true, {literal(wording.ASSUMPTIONS_LEAD)})",
        table,
    ]


def _glossary(doc: Document) -> list[str]:
    if not doc.glossary:
        return []
    entries = [
        f"({literal(e.term)}, label({raw(e.anchor)}), {literal(e.meaning)})" for e in doc.glossary
    ]
    return [_heading(wording.GLOSSARY, "glossary"), f"glossary({array(entries)})"]


def _sources(doc: Document) -> list[str]:
    entries = []
    for s in doc.sources:
        title = literal(s.title)
        if s.url:
            title = f"link({raw(s.url)}, underline({title}))"
        date = long_date(s.published)
        if s.published_basis == "inferred":
            date += " (date inferred)"
        details = (s.kind.replace("_", " "), f"quality: {s.quality}" if s.quality else "")
        small = "; ".join(detail for detail in details if detail)
        body = joined(
            [
                f"strong({literal(s.publisher)})",
                literal(", "),
                title,
                literal(f", {date}. "),
                f"aside({literal(capitalised(small) + '.')})" if small else "",
            ]
        )
        entries.append(f"({literal(str(s.number))}, label({raw(f's{s.number}')}), {body})")
    return [
        _heading(wording.SOURCES, "sources"),
        f"block(sticky: true, {literal(wording.SOURCES_LEAD)})",
        f"source-list({array(entries)})",
    ]


def _colophon(doc: Document) -> list[str]:
    rows = [array([literal(one_line(k)), literal(one_line(v))]) for k, v in wording.foot(doc)]
    heading = _heading(wording.ABOUT, "about")
    return [f"colophon({heading}, {literal(wording.ABOUT_LEAD)}, {array(rows)})"]
