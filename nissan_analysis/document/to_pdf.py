"""A document as PDF: Typst source, compiled to tagged PDF/UA-1 without touching the disk.

Pictures and ``facts.json`` are data inside the source. The compiler's root is an empty temporary
folder, so even a reference that slipped through could read nothing.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tempfile
from functools import cache
from importlib.resources import files

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


def compiled(doc: Document) -> bytes:
    """The report as PDF bytes; the same document gives the same bytes.

    Raises
    ------
    DocumentError
        When Typst refuses the document; says what it said.
    """
    try:
        content, floats, end = _set(doc, "auto")
        if floats:  # what floats is settled now: so the page numbers will be
            content, _, end = _set(doc, floats)
        if (
            end < SHORT_PAGE
        ):  # a few lines on a last page: a tighter list of sources may save the page
            tight, _, there = _set(doc, floats or "auto", tight=True)
            content = tight if there > end else content
    except typst.TypstError:
        try:
            content, *_ = _set(doc, "()")
        except typst.TypstError as error:
            said = re.sub(r"\S*/report-\w+/?", "", str(error.diagnostic or error.message))
            raise DocumentError(
                f"The PDF of {doc.report} could not be set: {said[:2000]}"
            ) from error
    if not isinstance(content, bytes):
        raise DocumentError(f"The PDF of {doc.report} came out as {type(content).__name__}.")
    return content


def _set(doc: Document, floats: str, tight: bool = False) -> tuple[object, str, float]:
    """The PDF; where its layout did not come to rest, what floated at last; where the text ends on
    its last page, as a part of its height."""
    with tempfile.TemporaryDirectory(prefix="report-") as empty:
        text = source(doc, floats, tight).encode()
        compiler = typst.Compiler(text, root=empty, font_paths=_fonts())
        # UA-1 alone: asking for PDF/A beside it loses the UA mark.
        content, warnings = compiler.compile_with_warnings(
            format="pdf", pdf_standards=["ua-1"], timestamp=timestamp(doc.as_of)
        )
        if not any("converge" in warning.message for warning in warnings):
            return content, "", _end(text, empty)
        asked = typst.Compiler(text, root=empty, font_paths=_fonts())
        names = json.loads(asked.query("<floated>", field="value"))
        return (
            content,
            array([literal(str(name)) for name in names]),
            (1.0 if floats == "auto" else _end(text, empty)),
        )


def _end(text: bytes, root: str) -> float:
    found = typst.Compiler(text, root=root, font_paths=_fonts()).query("<end>", field="value")
    return float(next(iter(json.loads(found)), 1.0))


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


def source(doc: Document, floats: str = "auto", tight: bool = False) -> str:
    """The whole Typst source of a report; `floats` is a Typst array of what goes to the next page,
    `tight` sets the list of sources smaller."""
    writer = Writer(Notes(doc))
    body = writer.blocks(doc.blocks)  # first: it sets the wide tables aside
    parts = [
        _attachment(doc),
        _cover(doc, writer),
        f"contents({literal(wording.CONTENTS)})",
        body,
        "place.flush()",  # what floated stays before the closing parts
        *_weak_points(doc, writer),
        *_assumptions(doc),
        *_glossary(doc),
        *_sources(doc),
        *_colophon(doc),
        *_wide(writer),
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
    return f"{colours}\n#let floats = {floats}\n#let tight = {str(tight).lower()}\n#let c-soft = c-grid.lighten(55%)\n{preamble}\n#template({settings}, {{\n[];\n{lines}\n}})\n"


def _short(title: str, limit: int = 62) -> str:
    """A running head: whole words of the title, as many as one line takes."""
    if len(title) <= limit:
        return title
    return title[: limit + 1].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"


def _attachment(doc: Document) -> str:
    return (
        f'pdf.attach("facts.json", bytes({raw(facts_json(doc))}), relationship: "data", '
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
    table = f"data((auto, 3fr, 2fr, auto, auto, 3fr), {aligned}, {heads}, {', '.join(cells)})"
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
