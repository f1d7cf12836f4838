"""The front end: an executed notebook to a `Document`.

What a cell is, it says itself in the metadata of its output (``metadata[<mime>]["nissan"]``,
with a ``kind``); Markdown cells are headings and prose; everything else is no part of a report.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import glossary, markdown
from .model import Block, Chart, Column, Document, DocumentError, Heading, Table, facts_in
from .records import assumption, front, source, texts
from .svg import sanitised
from .text import clean, one_line, slug

KEY = "nissan"  # the metadata key under which an output says what it is
_MIMES = ("image/svg+xml", "image/png", "text/html", "text/markdown")
#: Ids that the pages use themselves.
_RESERVED = {
    "main",
    "contents",
    "sources",
    "assumptions",
    "weak-points",
    "about",
    "title",
    "glossary",
}


#: What is raised by a notebook whose parts are not of the shape that the cells' calls give them.
_MISSHAPEN = (KeyError, TypeError, AttributeError, IndexError, ValueError, OverflowError)


class _Reading:
    """What has been read so far; numbers charts and tables and keeps ids unique."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.taken: set[str] = _RESERVED | glossary.anchors()
        self.charts = 0
        self.tables = 0
        self.front: dict[str, Any] | None = None
        self.sources: dict[str, Any] | None = None
        self.cell_of: list[int] = []

    def add(self, cell: int, *blocks: Block) -> None:
        for block in blocks:
            if isinstance(block, Heading):
                block = replace(block, level=self._level(block.level))
            self.blocks.append(block)
            self.cell_of.append(cell)

    def _level(self, level: int) -> int:
        """No level is skipped: PDF/UA forbids it, and screen readers are lost by it."""
        above = next((b.level for b in reversed(self.blocks) if isinstance(b, Heading)), 1)
        return min(level, above + 1)


def read_document(nb: Mapping[str, Any]) -> Document:
    """An executed notebook (an nbformat 4 node) as a document.

    Raises
    ------
    DocumentError
        When a cell failed or was not executed, an output breaks its contract, the ``front`` or
        ``sources`` outputs are missing, or a number rests on a fact that is not listed.
    """
    reading = _Reading()
    where = "The notebook"
    try:
        for index, cell in enumerate(nb.get("cells", []), start=1):
            where = f"Cell {index}"
            _read_cell(reading, index, cell)
        where = "What the report says of itself and of its sources"
        return _assembled(reading)
    except DocumentError:
        raise
    except _MISSHAPEN as error:
        raise _unreadable(where, error) from error


def _read_cell(reading: _Reading, index: int, cell: Mapping[str, Any]) -> None:
    if cell.get("cell_type") == "markdown":
        reading.add(index, *markdown.blocks(_joined(cell.get("source", "")), reading.taken))
    elif cell.get("cell_type") == "code":
        _check_executed(cell, index)
        for kind, spec, content in _spoken(cell):
            try:
                _read_output(reading, index, kind, spec, content)
            except DocumentError:
                raise
            except _MISSHAPEN as error:
                raise _unreadable(f"Cell {index}: its {kind!r} output", error) from error


def _unreadable(where: str, error: Exception) -> DocumentError:
    what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
    return DocumentError(
        f"{where} cannot be read: {what[:300]}. Run the notebook again; if that does not help, the "
        "cell's call is at fault."
    )


def _check_executed(cell: Mapping[str, Any], index: int) -> None:
    for output in cell.get("outputs", []):
        if output.get("output_type") == "error":
            raise DocumentError(
                f"Cell {index} failed with {output.get('ename', 'an error')}: "
                f"{one_line(output.get('evalue', ''))[:300]}. Mend the cell and run the notebook again."
            )
    if cell.get("execution_count") is None and _joined(cell.get("source", "")).strip():
        raise DocumentError(
            f"Cell {index} was not executed. Run the whole notebook first, for example with "
            "'jupyter nbconvert --to notebook --execute', and convert the result."
        )


def _spoken(cell: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """The outputs of a cell that say what they are: kind, specification, MIME bundle."""
    for output in cell.get("outputs", []):
        metadata = output.get("metadata", {})
        for mime in _MIMES:
            spec = (
                metadata.get(mime, {}).get(KEY) if isinstance(metadata.get(mime), Mapping) else None
            )
            if isinstance(spec, Mapping) and "kind" in spec:
                yield str(spec["kind"]), spec, output.get("data", {})
                break


def _read_output(
    reading: _Reading, cell: int, kind: str, spec: Mapping[str, Any], content: Mapping[str, Any]
) -> None:
    match kind:
        case "front":
            reading.front = front(spec)
        case "sources":
            reading.sources = dict(spec)
        case "prose":
            body = _joined(content.get("text/markdown", ""))
            reading.add(cell, *markdown.blocks(body, reading.taken))
        case "chart":
            reading.charts += 1
            reading.add(cell, _chart(reading, spec, content))
        case "table":
            reading.tables += 1
            reading.add(cell, _table(reading, spec))
        case _:
            raise DocumentError(
                f"Cell {cell}: an output of unknown kind {kind!r}; known are front, prose, chart, "
                "table and sources."
            )


def _chart(reading: _Reading, spec: Mapping[str, Any], content: Mapping[str, Any]) -> Chart:
    anchor = slug(f"chart-{spec['id']}", reading.taken)
    svg, png = "", b""
    if "image/svg+xml" in content:
        svg = sanitised(_joined(content["image/svg+xml"]), anchor)
    else:
        try:
            png = base64.b64decode("".join(_joined(content["image/png"]).split()), validate=True)
        except binascii.Error as error:
            raise TypeError(f"the PNG picture is damaged ({error})") from error
    alt = one_line(spec["alt"])
    if not alt:
        raise TypeError("the chart has no alt text")
    data = spec.get("data", {})
    return Chart(
        number=reading.charts,
        anchor=anchor,
        title=markdown.inlines(spec["title"]),
        subtitle=one_line(spec.get("subtitle", "")),
        alt=alt,
        note=markdown.inlines(spec.get("note", "")),
        source=markdown.inlines(spec.get("source", "")),
        half=spec.get("width") == "half",
        columns=texts(data.get("columns", [])),
        rows=tuple(texts(row) for row in data.get("rows", [])),
        svg=svg,
        png=png,
        lead=spec.get("lead") is True,
    )


def _table(reading: _Reading, spec: Mapping[str, Any]) -> Table:
    columns = tuple(
        Column(one_line(c["label"]), c.get("align") == "right") for c in spec["columns"]
    )
    rows = tuple(tuple(markdown.inlines(str(cell)) for cell in row) for row in spec["rows"])
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise TypeError(
                f"row {number} has {len(row)} cells, the table has {len(columns)} columns"
            )
    return Table(
        number=reading.tables,
        anchor=slug(f"table-{spec['id']}", reading.taken),
        title=markdown.inlines(spec["title"]),
        columns=columns,
        rows=rows,
        row_headers=bool(spec.get("row_headers")),
        note=markdown.inlines(spec.get("note", "")),
        source=markdown.inlines(spec.get("source", "")),
        wide=bool(spec.get("wide")),
    )


def _joined(value: str | Sequence[str]) -> str:
    """Notebook text, which may be stored as a list of lines."""
    return value if isinstance(value, str) else "".join(value)


def _assembled(reading: _Reading) -> Document:
    if reading.front is None:
        raise DocumentError(
            "No cell says what the report is called ('front' is missing). The notebook was not "
            "executed, or is not one of the report notebooks: its first code cell must open the report."
        )
    if reading.sources is None:
        raise DocumentError(
            "No cell lists the sources ('sources' is missing). The last code cell of the notebook "
            "must finish the report; run the whole notebook."
        )
    spec = reading.sources
    while reading.blocks and isinstance(reading.blocks[-1], Heading):
        reading.blocks.pop()  # a heading over the cell that lists the sources: that part brings its own
    # The newest source that this report uses, not the newest that there is.
    dates = [str(s.get("published", "")) for s in spec.get("sources", [])]
    newest = {"latest_source": max(dates)} if dates else {}
    doc = Document(
        **(reading.front | newest),
        blocks=tuple(reading.blocks),
        facts={clean(k): dict(v) for k, v in sorted(spec.get("facts", {}).items())},
        sources=tuple(sorted((source(s) for s in spec.get("sources", [])), key=lambda s: s.number)),
        assumptions=tuple(
            assumption(i, a) for i, a in enumerate(spec.get("assumptions", []), start=1)
        ),
        weak_points=tuple(markdown.inlines(w) for w in spec.get("weak_points", [])),
        foot=_foot(spec.get("foot", {})),
    )
    _check_facts(doc, reading.cell_of)
    return glossary.explained(doc)


def _foot(spec: Mapping[str, Any]) -> dict[str, Any]:
    """What the colophon tells; its lists of names and values are that and nothing else."""
    listed = ("parameters", "versions", "given")
    return {k: dict(v or {}) if k in listed else v for k, v in spec.items()}


def _check_facts(doc: Document, cell_of: list[int]) -> None:
    """Every number in the document must lead to a source or an assumption that is listed."""
    known = {s.key for s in doc.sources}
    assumed = {f"assumption:{a.key}" for a in doc.assumptions}
    where: list[tuple[str, object]] = [("the title block", (doc.title, doc.standfirst, doc.keys))]
    where += [(f"cell {cell}", block) for cell, block in zip(cell_of, doc.blocks, strict=False)]
    where.append(("the weak points", doc.weak_points))
    for place, part in where:
        for fact in facts_in(part):
            if not fact.facts:
                raise DocumentError(
                    f"The number {fact.text!r} in {place} names no fact it rests on."
                )
            for name in fact.facts:
                record = doc.facts.get(name, {})
                # A parameter stands in the report's own list; a note of ours has no source.
                if (
                    name in assumed
                    or record.get("source") in known
                    or record.get("status") in ("parameter", "note")
                ):
                    continue
                raise DocumentError(
                    f"The number {fact.text!r} in {place} rests on {name!r}, which the report's list "
                    "of sources does not hold. The last cell must finish the report after everything "
                    "was said; run the whole notebook again."
                )
