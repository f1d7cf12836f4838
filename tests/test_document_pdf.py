"""The PDF: tagged, the same bytes every time, and deaf to whatever a notebook says."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pikepdf
import pypdf
import pytest

import synthetic as made
from nissan_analysis import document, places
from nissan_analysis.document import to_pdf
from nissan_analysis.document.glyphs import drawable
from nissan_analysis.document.model import Column, Table, Text
from nissan_analysis.document.to_pdf import source, timestamp
from nissan_analysis.document.typst_parts import literal
from nissan_analysis.document.typst_tables import ROOM, kept, widths
from test_document import HOSTILE, hostile, report, small


@pytest.fixture(scope="module")
def content() -> bytes:
    return document.pdf(report())


@pytest.fixture(scope="module")
def reader(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def words(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def elements(node: Any, found: list[Any] | None = None) -> list[Any]:
    """All structure elements of a tagged PDF, in order."""
    found = [] if found is None else found
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            found.append(kid)
            elements(kid, found)
    return found


def test_the_same_notebook_gives_the_same_bytes(content: bytes):
    assert document.pdf(report()) == content
    assert timestamp("2026-08-31").isoformat() == "2026-08-31T00:00:00+00:00"


def test_no_path_of_the_machine_and_no_clock(content: bytes):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20260831000000")
        streams = [o.read_bytes() for o in pdf.objects if isinstance(o, pikepdf.Stream)]
    for part in [content, *streams]:
        assert not re.search(rb"/(?:home|tmp|root|var|Users)/", part)


def test_it_is_marked_as_accessible(content: bytes):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        root = pdf.Root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang) == "en"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        assert "/StructTreeRoot" in root
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"].startswith("Eight years of falling sales have taken 58.2%")
        assert all("/StructParents" in page for page in pdf.pages)


def test_every_chart_has_its_alt_text_and_every_table_its_headers(content: bytes):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        found = elements(pdf.Root.StructTreeRoot)
        kinds = [str(e.S) for e in found]
        alts = [str(e.Alt) for e in found if str(e.S) == "/Figure"]
    assert len(alts) == 4
    assert all(alt.startswith("Line chart, 2015 to 2025") for alt in alts)
    assert kinds.count("/Table") == 4  # three of the report's, and the assumptions
    assert kinds.count("/TH") == 4 + 8 + 4 + 6
    assert "/Title" in kinds
    assert kinds.count("/H1") == 9


def test_bookmarks_lead_to_every_heading(reader: pypdf.PdfReader):
    titles = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert titles[0] == "How far have sales fallen, and when did the fall begin?"
    assert titles[3:] == [
        "Where this report is weakest",
        "Assumptions",
        "Words used here",
        "Sources",
        "How this report was made",
        "Wide tables",
    ]
    nested = [e.title for entry in reader.outline if isinstance(entry, list) for e in entry]
    assert nested == ["Month by month"]


def test_labels_in_charts_are_text(reader: pypdf.PdfReader):
    text = " ".join(page.extract_text() for page in reader.pages)
    for label in ("Peak 2018", "Aguascalientes", "Zhengzhou"):
        assert label in text


def test_only_the_fonts_of_the_house_and_all_embedded(content: bytes):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        fonts = [
            o
            for o in pdf.objects
            if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"
        ]
        assert {str(f.FontName).partition("+")[2] for f in fonts} <= {
            "Inter-Regular",
            "Inter-SemiBold",
            "Inter-Italic",
        }
        assert fonts
        assert all("/FontFile2" in f or "/FontFile3" in f for f in fonts)


def test_one_mark_a_source_and_paragraph():
    one = made.fact("11", 11, 11, 11, "sales-2025")
    two = made.fact("12", 12, 12, 12, "sales-2025 sales-2018 assumption:capacity")
    doc = document.read_document(small(front={"keys": [], "title": "T", "standfirst": "S"},
                                       middle=[made.code([made.prose(f"{one}, {two} and {one}.\n\nAgain {one}.")])],
                                       sources={"weak_points": []}))  # fmt: skip
    text = words(document.pdf(doc))
    assert re.search(r"11 ?\[1\], 12 ?\[2, A1\] and 11\. Again 11 ?\[1\]\.", text)


def test_a_mark_names_few_of_many_sources():
    sources = made.sources()["metadata"]["text/markdown"]["nissan"]
    for index in range(5, 60):
        entry = sources["sources"][0] | {"key": f"k{index}", "number": index}
        sources["sources"].append(entry)
        sources["facts"][f"f{index}"] = sources["facts"]["sales-2025"] | {"source": f"k{index}"}
    ids = " ".join(f"f{index}" for index in range(5, 60, 2))
    middle = [made.code([made.prose(f"In all {made.fact('99', 99, 99, 99, ids)}.")])]
    text = words(document.pdf(document.read_document(small(middle=middle, sources=sources))))
    assert re.search(r"In all 99 ?\[5, 7 \+26\]\.", text)


def test_a_wide_table_lies_on_its_side_and_a_long_one_repeats_its_header(reader: pypdf.PdfReader):
    sides = [page.mediabox.width > page.mediabox.height for page in reader.pages]
    assert sides == [False] * (len(sides) - 1) + [True]
    heads = [
        p.extract_text()
        for p in reader.pages
        if "Plant Capacity" in " ".join(p.extract_text().split())
    ]
    assert len(heads) >= 3
    text = " ".join(page.extract_text() for page in reader.pages)
    assert f"what became of it (page {len(sides)})" in " ".join(text.split())


def test_no_page_but_the_last_ones_is_half_empty(content: bytes):
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    for number, page in enumerate(pages[:-2], start=1):
        lowest: list[float] = []
        page.extract_text(
            visitor_text=lambda t, cm, tm, f, s, y=lowest: (
                y.append(tm[5] * cm[3] + cm[5]) if t.strip() else None
            )
        )
        body = [y for y in lowest if y > 60]  # above the page number
        assert min(body) < float(page.mediabox.height) * 0.45, f"page {number}"


def pages_with(doc: Any, *wanted: str) -> list[list[int]]:
    """The pages on which each text stands."""
    pages = [
        " ".join(page.extract_text().split())
        for page in pypdf.PdfReader(io.BytesIO(document.pdf(doc))).pages
    ]
    return [[i for i, text in enumerate(pages) if one in text] for one in wanted]


def test_a_long_word_has_room_in_its_column():
    """An address in a narrow column was once printed over the next one."""
    rows = [("Battery electric sales, imports into Japan, FY2023", "23,807 (Kyodo; Nikkan Sports)",
             "23,707 (electriclife.jp)", "100 below the association's count, most likely an error of typing.")] * 3  # fmt: skip
    columns = tuple(Column(label, False) for label in ("Figure", "Kept", "Aside", "Why"))
    cells = tuple(tuple((Text(cell),) for cell in row) for row in rows)
    table = Table(1, "t", (Text("Disputes"),), columns, cells, True, (), (), False)
    shares = [float(width.removesuffix("fr")) for width in widths(table, ROOM)]
    assert sum(shares) == pytest.approx(ROOM, abs=1)
    assert shares[2] > len("(electriclife.jp)")


@pytest.mark.parametrize("before", [3, 4, 5, 6])
def test_a_short_table_is_kept_on_one_page_wherever_it_comes(before: int):
    """Behind text of any length, with a chart before it that may go to the next page."""
    filler = [made.code([made.prose(made.paragraph())]) for _ in range(before)]
    shown = [made.code([made.chart()]), made.code([made.table(rows=10)])]
    after = [made.code([made.prose(made.paragraph())])]
    doc = document.read_document(small(middle=[*filler, *shown, *after]))
    first, last = pages_with(doc, "Sunderland 600,000", "Oppama line 2 600,000")
    assert len(first) == 1 and first == last


@pytest.mark.parametrize("before", [4, 5])
def test_a_row_is_never_broken_over_two_pages(before: int):
    words = " ".join(f"word{n}" for n in range(60))
    rows = [[f"Plant {n}", f"start{n} {words} stop{n}"] for n in range(16)]
    columns = [{"label": "Plant", "align": "left"}, {"label": "What became of it", "align": "left"}]
    filler = [made.code([made.prose(made.paragraph())]) for _ in range(before)]
    table = made.table(columns=columns)
    table.metadata["text/html"]["nissan"]["rows"] = rows
    doc = document.read_document(small(middle=[*filler, made.code([table])]))
    ends = pages_with(doc, *(f"{end}{n}" for n in range(16) for end in ("start", "stop")))
    for start, stop in zip(ends[::2], ends[1::2], strict=True):
        assert start == stop


def test_a_chart_before_a_long_table_goes_to_the_foot_of_the_next_page():
    """At the top of that page it would stand between the two halves of the table."""
    blocks = [made.chart(), made.prose(made.paragraph()), made.table(rows=30)]
    text = source(document.read_document(small(middle=[made.code([b]) for b in blocks])))
    assert re.search(r'placed\("Chart 1", [^)]*\), low: true', text)
    blocks[2] = made.table(rows=6)
    text = source(document.read_document(small(middle=[made.code([b]) for b in blocks])))
    assert re.search(r'placed\("Chart 1", [^)]*\), low: false', text)


def test_a_last_page_of_a_few_lines_is_saved_by_a_tighter_list():
    sources = made.sources()["metadata"]["text/markdown"]["nissan"]
    for index in range(5, 84):  # as many as leave the last part alone on the last page
        sources["sources"].append(sources["sources"][0] | {"key": f"k{index}", "number": index})
    doc = document.read_document(small(sources=sources))
    inputs = inputs_of(doc)
    loose = to_pdf._layout(inputs, to_pdf.Settings())
    settings = to_pdf._settled(inputs)
    assert loose["end"] < to_pdf.SHORT_PAGE and settings.tight
    tight = to_pdf._layout(inputs, settings)
    assert (tight["page"], tight["end"] > 0.6) == (loose["page"] - 1, True)


def inputs_of(doc: Any) -> dict[str, str]:
    return {"main.typ": source(doc), "facts.json": document.facts_json(doc)}


def filler(count: int) -> list[Any]:
    return [made.code([made.prose(made.paragraph())]) for _ in range(count)]


def checked_floats(
    inputs: dict[str, str], settings: to_pdf.Settings
) -> dict[str, list[dict[str, Any]]]:
    """What floats and what stands, checked against the rule in the layout that was settled."""
    found: dict[str, list[dict[str, Any]]] = {"floats": [], "stands": []}
    for placed in to_pdf._layout(inputs, settings)["placed"]:
        if placed["name"] in settings.floats:
            found["floats"].append(placed)
            assert placed["there"] > placed["page"], "it floats, and had room on its page"
            assert placed["need"] > placed["left"] > to_pdf.EMPTY_AT_MOST
        else:
            found["stands"].append(placed)
            moved = placed["there"] > placed["page"]
            assert not moved or placed["left"] <= to_pdf.EMPTY_AT_MOST, "it leaves a gap"
    return found


@pytest.mark.parametrize("before", range(1, 7))
def test_a_chart_floats_only_where_much_of_a_page_would_stay_empty(before: int):
    """Several, each moved by what becomes of those before it."""
    cells = filler(before)
    for n in range(4):
        cells += [made.code([made.chart(f"c{n}")]), *filler(1 + n % 3)]
    cells += [made.code([made.table(rows=13)]), *filler(3)]
    doc = document.read_document(small(middle=cells))
    inputs = inputs_of(doc)
    found = checked_floats(inputs, to_pdf._settled(inputs))
    assert len(found["floats"]) + len(found["stands"]) == 5
    pages = [
        " ".join(page.extract_text().split())
        for page in pypdf.PdfReader(io.BytesIO(document.pdf(doc))).pages
    ]
    for placed in found["floats"]:  # the line in its place names the page on which it is
        assert f"{placed['name']}: page {placed['there']}" in pages[placed["page"] - 1]
        assert placed["name"] in pages[placed["there"] - 1]
    for placed in found["stands"]:
        assert f"{placed['name']}: page" not in " ".join(pages)


RUNNING_HEAD = r"[^\n]*As known on [^\n]*\n"
REPORTS = ["briefing", "china_sales", "sakura_share", "restructuring", "alliances", "plant"]


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_set_once_and_its_layout_rests(name: str, monkeypatch: pytest.MonkeyPatch):
    """One PDF is written, of a layout that Typst has settled, after few passes before it."""
    calls: list[str] = []
    settings: list[str] = []

    class Counted:
        def __init__(self, files: dict[str, bytes], **named: Any) -> None:
            self.compiler = real(files, **named)
            settings.append(files.get("settings.json", b"").decode())

        def query(self, *given: Any, **named: Any) -> Any:
            calls.append("pass")
            return self.compiler.query(*given, **named)

        def compile(self, **named: Any) -> Any:
            made, warnings = self.compiler.compile_with_warnings(**named)
            calls.append(named["format"])
            assert [w.message for w in warnings] == []
            return made

    real = to_pdf.typst.Compiler
    notebook = made.nbformat.read(places.notebook(name), as_version=4)
    doc = document.read_document(notebook)
    monkeypatch.setattr(to_pdf.typst, "Compiler", Counted)
    content = document.pdf(doc)
    assert calls.count("pdf") == 1
    assert calls.count("pass") <= 12
    monkeypatch.undo()
    written = json.loads([text for text in settings if text][-1])
    written = to_pdf.Settings(**written | {"floats": tuple(written["floats"])})
    checked_floats(inputs_of(doc), written)
    assert to_pdf._lone(to_pdf._layout(inputs_of(doc), written)) == {}
    for page in pypdf.PdfReader(io.BytesIO(content)).pages[1:]:
        top = re.split(RUNNING_HEAD, page.extract_text(), maxsplit=1)
        assert len(top) == 2 and not top[1].startswith(("Source: ", "Sources: "))


@pytest.mark.parametrize("name", ["Row", "Begins", "Place", "Done", "End", "There", "Layout"])
def test_a_heading_may_be_called_as_we_call_a_place(name: str):
    cells = [made.code([made.prose(f"## {name}\n\nText.")]), made.code([made.table(rows=20)])]
    assert document.pdf(document.read_document(small(middle=cells))).startswith(b"%PDF")


@pytest.mark.parametrize("words", [10, 60, 100])
def test_no_assumption_is_lost_under_the_page(words: int):
    sources = made.sources()["metadata"]["text/markdown"]["nissan"]
    reason = "plainly " * words + "last"
    known = [one | {"reason": reason} for one in sources["assumptions"]]
    more = [known[0] | {"key": f"a{n}", "number": n} for n in range(len(known) + 1, 5)]
    sources["assumptions"] = known + more
    heights: list[float] = []
    content = document.pdf(document.read_document(small(sources=sources)))
    for page in pypdf.PdfReader(io.BytesIO(content)).pages:
        page.extract_text(
            visitor_text=lambda text, cm, tm, *_: (
                heights.append(tm[5] * cm[3] + cm[5]) if "last" in text.split() else None
            )
        )
    assert len(heights) == 4
    assert min(heights) > 55


@pytest.mark.parametrize(
    ("before", "rows", "first"), [(14, 24, True), (15, 24, None), (38, 20, False), (0, 24, None)]
)
def test_no_row_of_a_table_is_alone_on_a_page(before: int, rows: int, first: bool | None):
    """Where one would be, the table begins a page, or its rows are closer or wider."""
    lines = [made.code([made.prose("One line.")]) for _ in range(before)]
    middle = [*lines, made.code([made.table(rows=rows)]), *filler(3)]
    inputs = inputs_of(document.read_document(small(middle=middle)))
    settings = to_pdf._settled(inputs)
    plain = to_pdf._layout(inputs, settings._replace(breaks=(), rows={}))
    found = to_pdf._layout(inputs, settings)
    assert to_pdf._lone(plain) == ({} if first is None else {"Table 1": first})
    assert to_pdf._lone(found) == {}
    assert found["page"] <= plain["page"]
    assert (settings.breaks, dict(settings.rows)) == {
        True: (("Table 1",), {}), False: ((), {"Table 1": 3.2}), None: ((), {})
    }[first]  # fmt: skip


@pytest.mark.parametrize(("before", "rows"), [(0, 18), (0, 19), (0, 20), (4, 43), (4, 44), (4, 45)])
def test_the_source_line_of_a_long_table_is_never_alone_on_a_page(before: int, rows: int):
    """Where the last row ends at the foot of a page, it goes to the next page with the line."""
    table = made.table(
        rows=rows, note="A note of many words. " * 24, source="The annual report of the company"
    )
    name = re.sub("<.*", "", table["metadata"]["text/html"]["nissan"]["rows"][-1][0])
    doc = document.read_document(small(middle=[*filler(before), made.code([table]), *filler(2)]))
    assert not kept(next(b for b in doc.blocks if isinstance(b, Table)))
    last, line = pages_with(doc, f"{name} 600,000", "The annual report of the company")
    assert len(last) == 1 and last == line


def test_what_was_set_before_changes_no_byte(content: bytes):
    """Typst keeps what it laid out, by names that all reports share."""
    document.pdf(document.read_document(small()))
    assert document.pdf(report()) == content


def test_the_facts_are_attached(reader: pypdf.PdfReader):
    attached = reader.attachments["facts.json"][0]
    assert json.loads(attached) == json.loads(document.facts_json(report()))


def test_hostile_text_comes_out_as_text():
    text = words(document.pdf(document.read_document(hostile())))
    assert '#read("/etc/passwd")' in text
    assert "<script>alert(1)</script>" in text
    assert "root:" not in text
    assert "\u25a1" in text


def test_what_the_fonts_lack_is_a_box_and_no_failure():
    assert drawable("\u65e5\u7523 \u2212 \U0001f697 \u00e9") == "\u25a1\u25a1 \u2212 \u25a1 \u00e9"
    svg = made.chart_svg().replace("Peak 2018", "\u65e5\u7523 2018")
    doc = document.read_document(
        small(
            front={"title": "\u65e5\u7523 and \U0001f697"},
            middle=[made.code([made.chart(svg=svg)])],
        )
    )
    assert document.pdf(doc).startswith(b"%PDF")


@pytest.mark.parametrize("text", ["", '"', "\\", '\\"#x\\', "a\nb\tc", "\u2212", "#{", "//", "/*"])
def test_a_literal_holds_exactly_its_text(text: str):
    import typst

    assert json.loads(typst.Compiler(b"").eval(literal(text))) == text


def test_nothing_of_a_notebook_stands_outside_a_literal():
    code = source(document.read_document(hostile()))
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", code)
    for piece in ("read(", "alert", "evil", "passwd", "onerror"):
        assert piece in HOSTILE
        assert piece not in outside


def test_a_bitmap_is_set_where_there_is_no_vector_picture():
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    spec = made.chart()["metadata"]["image/svg+xml"]["nissan"]
    doc = document.read_document(small(middle=[made.code([made.output("image/png", pixel, spec)])]))
    with pikepdf.open(io.BytesIO(document.pdf(doc))) as pdf:
        alts = [str(e.Alt) for e in elements(pdf.Root.StructTreeRoot) if str(e.S) == "/Figure"]
    assert len(alts) == 1


def test_an_empty_report_is_still_a_report():
    empty = {"facts": {}, "sources": [], "assumptions": [], "weak_points": [], "foot": {}}
    doc = document.read_document(small(front={"title": "T", "standfirst": "", "kicker": "", "keys": []},
                                       middle=[], sources=empty))  # fmt: skip
    assert document.pdf(doc).startswith(b"%PDF")
    assert "<h1>T</h1>" in document.html(doc)
