"""The writers piece by piece: each kind of text and block as HTML, as Typst and as JSON, to the letter."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

import synthetic as made
from nissan_analysis import document
from nissan_analysis.document import markdown, wording
from nissan_analysis.document.html_parts import Writer as HtmlWriter
from nissan_analysis.document.html_parts import characters, framed, grid
from nissan_analysis.document.model import (
    Break,
    Chart,
    Column,
    Entry,
    Fact,
    Heading,
    Inlines,
    Key,
    Link,
    Paragraph,
    Table,
    Term,
    Text,
    plain,
)
from nissan_analysis.document.notes import Notes
from nissan_analysis.document.phone import fitted
from nissan_analysis.document.svg import for_html
from nissan_analysis.document.to_html import (
    key_item,
    page,
    shell,
    stylesheet,
    stylesheet_parts,
)
from nissan_analysis.document.to_json import facts_json
from nissan_analysis.document.to_pdf import compiled, source, timestamp
from nissan_analysis.document.typst_parts import Writer as TypstWriter
from nissan_analysis.document.typst_parts import array, joined

TERM = Term("fiscal year", Entry("fiscal year", "g-fy", 'April to "March"'))
ONE: Inlines = (Text("One"),)


@pytest.fixture(scope="module")
def doc() -> document.Document:
    return document.read_document(made.notebook())


def typst(doc: document.Document) -> TypstWriter:
    return TypstWriter(Notes(doc))


# --- text ----------------------------------------------------------------------------------

#: Markdown, the same as HTML without notes, and as Typst.
INLINE = [
    ("plain & <b>", "plain &amp; &lt;b&gt;", '{ []; "plain & <b>" }'),
    ("*a* **b** `c`", "<em>a</em> <strong>b</strong> <code>c</code>",
     '{ []; emph({ []; "a" }); " "; strong({ []; "b" }); " "; mono("c") }'),
    ("one\ntwo", "one two", '{ []; "one two" }'),
    ("[x *y*](https://a.example/b)",
     '<a rel="noopener noreferrer external" href="https://a.example/b">x <em>y</em></a>',
     '{ []; link("https://a.example/b", underline({ []; "x "; emph({ []; "y" }) })) }'),
    ("[x](javascript:alert)", "x", '{ []; "x" }'),
    ("![words](https://a.example/b.png)", "words", '{ []; "words" }'),
    ('<time datetime="2025-07-15">15 July</time>', '<time datetime="2025-07-15">15 July</time>', '{ []; "15 July" }'),
    ("<time>1 May</time> <b>x</b>", '<time datetime="">1 May</time> &lt;b&gt;x&lt;/b&gt;', '{ []; "1 May"; " <b>x</b>" }'),
    ("&lt;i&gt; &amp;", "&lt;i&gt; &amp;", '{ []; "<i> &" }'),
    ("<time>never closed", "&lt;time&gt;never closed", '{ []; "<time>never closed" }'),
    ("a\ttab", "a    tab", '{ []; "a    tab" }'),
    ("", "", "[]"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "html", "code"), INLINE, ids=[i[0] for i in INLINE])
def test_text_is_written(doc: document.Document, text: str, html: str, code: str):
    content = markdown.inlines(text)
    assert HtmlWriter().inlines(content) == html
    assert typst(doc).inlines(content) == code


def test_words_breaks_and_nested_links_are_written(doc: document.Document):
    content: Inlines = (
        TERM,
        Break(),
        Link("https://a.example/", (TERM, Link("https://b.example/", ONE))),
    )
    assert HtmlWriter().inlines(content) == (
        '<a class="term" href="#g-fy" data-tip="April to &quot;March&quot;">fiscal year</a><br>'
        '<a rel="noopener noreferrer external" href="https://a.example/">fiscal yearOne</a>'
    )
    assert (
        typst(doc).inlines((TERM, Break()))
        == '{ []; link(label("g-fy"), "fiscal year"); linebreak() }'
    )


FACT = Fact(
    "653,000", "653000", "652500", "653500", "vehicles", "official", ("sales-2025",), formula="f0"
)


def test_a_number_carries_its_bounds_and_leads_to_its_source(doc: document.Document):
    data = (
        '<data class="fact" value="653000" data-low="652500" data-high="653500" data-unit="vehicles" '
        'data-facts="sales-2025" data-status="official" data-formula="f0">653,000</data>'
    )
    assert HtmlWriter().inlines((FACT,)) == data
    bare = Fact("?", "", "", "", "", "", ())
    assert HtmlWriter().inlines((bare,)) == '<data class="fact" value="">?</data>'
    writer = HtmlWriter(doc, Notes(doc))
    first, second = writer.inlines((FACT, FACT)).split("</a>")[:2]
    assert first.startswith(
        '<a class="fact" id="n1" href="#s1" data-note="[1]" data-tip="Between 652,500 and 653,500 vehicles&#10;'
    )
    assert first.endswith(data)
    assert second.startswith('<a class="fact" id="n2" href="#s1" data-tip="'), (
        "marked once in a paragraph"
    )
    assert writer.inlines((Link("https://a.example/", (FACT,)),)).count("<a ") == 1
    assert writer.written == 2
    assert typst(doc).inlines((FACT,)) == (
        '{ []; "653,000"; { plainmark("["); mark(label("s1"), "1"); plainmark("]") } }'
    )
    assert typst(doc).inlines((FACT,), marked=False) == '{ []; "653,000" }'


def test_a_source_leads_back_to_the_first_five_numbers(doc: document.Document):
    writer = HtmlWriter(doc, Notes(doc))
    assert writer.back(1) == ""
    for count in range(1, 8):
        writer.inlines((replace(FACT, text=f"{count}<"),))
        if count == 1:
            assert writer.back(1) == (
                ' <span class="back">Used for <a href="#n1" aria-label="Back to 1&lt;, number 1">1&lt;</a>.</span>'
            )
        if count == 5:
            assert writer.back(1).endswith("5&lt;</a>.</span>")
    told = writer.back(1)
    assert told.count("<a ") == 5 and told.endswith("5&lt;</a> and 2 more.</span>")


# --- blocks --------------------------------------------------------------------------------

#: Markdown, the same as HTML, and as Typst.
BLOCK = [
    ("One", "<p>One</p>", 'par({ []; "One" })'),
    ("# Top\n\n### Low", '<h2 id="top">Top</h2>\n<h3 id="low">Low</h3>',
     '[#heading(level: 1, { []; "Top" }) #label("top")]; [#heading(level: 2, { []; "Low" }) #label("low")]'),
    ("####### Seven", "<p>####### Seven</p>", 'par({ []; "####### Seven" })'),
    ("###### Six", '<h6 id="six">Six</h6>', '[#heading(level: 5, { []; "Six" }) #label("six")]'),
    ("- a\n- b", "<ul><li>a</li><li>b</li></ul>", 'list({ []; { []; "a" } }, { []; { []; "b" } })'),
    ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>", 'enum(start: 1, { []; { []; "a" } }, { []; { []; "b" } })'),
    ("7. a", '<ol start="7"><li>a</li></ol>', 'enum(start: 7, { []; { []; "a" } })'),
    ("- a\n  - b", "<ul><li>a<ul><li>b</li></ul></li></ul>",
     'list({ []; { []; "a" }; list({ []; { []; "b" } }) })'),
    ("- a\n\n  b", "<ul><li><p>a</p>\n<p>b</p></li></ul>", 'list({ []; { []; "a" }; par({ []; "b" }) })'),
    ("- > q", "<ul><li><blockquote><p>q</p></blockquote></li></ul>", 'list({ []; remark({ []; par({ []; "q" }) }) })'),
    ("> q", "<blockquote><p>q</p></blockquote>", 'remark({ []; par({ []; "q" }) })'),
    ("---", "<hr>", "separator()"),
    ("```\n  a <b>\nc\n```", '<pre tabindex="0"><code>  a &lt;b&gt;\nc</code></pre>',
     'verbatim({ []; "\u00a0\u00a0a <b>"; linebreak(); "c" })'),
    ("a  \nb\nc", "<p>a<br>b c</p>", 'par({ []; "a"; linebreak(); "b c" })'),
    ("<div>x</div>", "<p>&lt;div&gt;x&lt;/div&gt;</p>", 'par({ []; "<div>x</div>" })'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "html", "code"), BLOCK, ids=[b[0] for b in BLOCK])
def test_blocks_are_written(doc: document.Document, text: str, html: str, code: str):
    blocks = markdown.blocks(text)
    assert HtmlWriter().blocks(blocks) == html
    assert typst(doc).blocks(blocks) == f"{{ []; {code} }}"


def test_headings_get_ids_of_their_own():
    taken = {"sources"}
    first, second = markdown.blocks("## Sources\n\n## Sources", taken)
    assert isinstance(first, Heading) and isinstance(second, Heading)
    assert (first.anchor, second.anchor) == ("sources-2", "sources-3")
    assert taken == {"sources", "sources-2", "sources-3"}


CHART = Chart(
    3, "chart-a", (FACT, Text(" sold")), "Thousand & more", "A <line>", ONE, (Text("Reuters"),), False,
    ("Year", "Sold"), (("2024", "1,000"), ("=now()", "")), png=b"\x89P",
)  # fmt: skip


def test_a_chart_has_its_words_its_picture_and_its_data(doc: document.Document):
    html = HtmlWriter(doc).chart(CHART)
    assert html.startswith(
        '<figure class="full" id="chart-a"><figcaption><span class="tag">Chart 3</span><span class="title">'
    )
    assert '</span><span class="subtitle">Thousand &amp; more</span></figcaption>' in html
    assert (
        '<div class="scroll" tabindex="0" role="group" aria-label="Chart 3, picture"><div class="plot"><img src="data:image/png;base64,iVA=" alt="A &lt;line&gt;">'
        in html
    )
    assert (
        '</div></div><p class="note">One</p><p class="source">Source: Reuters</p><details><summary>Data behind this chart<span class="hidden"> (3)</span></summary>'
        in html
    )
    assert "<caption>Data of chart 3: 653,000 sold</caption>" in html
    assert (
        '<thead><tr><th scope="col" class="short">Year</th><th scope="col" class="number">Sold</th></tr></thead>'
        in html
    )
    assert '<tr><th scope="row" class="short">2024</th><td class="number">1,000</td></tr>' in html
    assert '<a download="synthetic-a.csv" href="data:text/csv;charset=utf-8;base64,' in html
    assert html.endswith('">Download as CSV</a></p></details></figure>')
    half = HtmlWriter().chart(
        replace(CHART, half=True, subtitle="", note=(), source=(), columns=())
    )
    assert half.startswith('<figure class="half"') and "scroll" not in half
    assert half.endswith(
        '</figcaption><div class="plot"><img src="data:image/png;base64,iVA=" alt="A &lt;line&gt;"></div></figure>'
    )
    assert 'download="chart-a.csv"' in HtmlWriter().chart(CHART)
    code = typst(doc).chart(CHART)
    assert code.startswith(
        'chart("Chart 3", { []; "653,000"; " sold" }, "Thousand & more", image(bytes((137, 80)), format: "png", width: 100%, alt: "A <line>"), '
    )
    assert code.endswith('{ []; { []; "One" } }, { []; "Source: "; { []; "Reuters" } })')
    unsourced = typst(doc).chart(replace(CHART, subtitle="", note=(), source=()))
    assert 'mark(label("s1"), "1")' in unsourced and unsourced.endswith(
        'alt: "A <line>"), none, none)'
    )
    assert ", none, image(" in unsourced


def test_charts_float_pair_or_stay_with_their_heading(doc: document.Document):
    half = replace(CHART, half=True)
    heading = Heading(2, "h", ONE)
    code = typst(doc).blocks((Paragraph(ONE), CHART))
    assert '; placed("Chart 3", label("chart-a"), low: false, chart(' in code
    assert "placed" not in typst(doc).blocks((heading, CHART))
    assert typst(doc).blocks((half, half)).startswith("{ []; pair(chart(")
    assert "; half(chart(" in typst(doc).blocks((Paragraph(ONE), half, Paragraph(ONE)))
    assert HtmlWriter().blocks((half, half)).startswith('<div class="pair"><figure class="half"')
    assert "pair" not in HtmlWriter().blocks((half, Paragraph(ONE), half))


TABLE = Table(
    2, "table-t", ONE, (Column("Plant", False), Column("Cars", True)),
    (((Text("Kyushu"),), (FACT,)), ((), (Text("–"),))), True, (), (), False,
)  # fmt: skip


def test_a_table_heads_its_rows_and_says_where_it_is_from(doc: document.Document):
    html = HtmlWriter().block(TABLE)
    assert html.startswith(
        '<div class="table" id="table-t"><table><caption><span class="caption"><span class="tag">Table 2</span>'
        '<span class="title">One</span></span></caption><thead><tr><th scope="col" class="short">Plant</th>'
        '<th scope="col" class="number">Cars</th></tr></thead><tbody><tr><th scope="row" class="short">Kyushu</th><td class="number">'
    )
    assert html.endswith(
        '<tr><td class="short"></td><td class="number">–</td></tr></tbody></table></div>'
    )
    unheaded = HtmlWriter().block(
        replace(TABLE, row_headers=False, note=ONE, source=(Text("Sources: x"),))
    )
    assert '<td class="short">Kyushu</td>' in unheaded
    assert unheaded.endswith(
        '</table><p class="note">One</p><p class="source">Sources: x</p></div>'
    )
    code = typst(doc).block(TABLE)
    assert code.startswith('tabular("Table 2", { []; "One" }, data.with((')
    assert '), ("left", "right"), ("Plant", "Cars"), ' not in code
    assert (
        '), (left, right), ("Plant", "Cars"), whole: true, { []; "Kyushu" }, { []; "653,000"; { plainmark('
        in code
    )
    assert code.endswith("none, none, keep: true)")
    sourced = typst(doc).block(replace(TABLE, source=(Text("Reuters"),), rows=TABLE.rows * 20))
    assert "plainmark" not in sourced and sourced.endswith(
        '{ []; "Source: "; { []; "Reuters" } }, keep: false)'
    )


def test_a_wide_table_is_set_aside_and_pointed_to(doc: document.Document):
    writer = typst(doc)
    assert writer.block(replace(TABLE, wide=True)) == (
        'par(link(label("table-t"), { []; tag("Table 2: "); { []; "One" }; { []; " (page "; '
        'context counter(page).at(label("table-t")).first(); ")" } }))'
    )
    assert [t.anchor for t in writer.wide] == ["table-t"]


def test_a_table_wider_than_a_phone_can_be_scrolled():
    def made_of(width: int) -> Table:
        rows = (((Text("x" * 24),), (Text("9" * width),)),)
        return replace(TABLE, rows=rows)

    assert characters(made_of(12)) == 24 + 12 + 4
    assert characters(replace(made_of(12), rows=(((Text("x" * 99),), ONE),))) == 24 + 4 + 4
    assert "scroll" not in HtmlWriter().block(made_of(12))
    assert (
        '<div class="scroll" tabindex="0" role="region" aria-label="Table 2: One"><table>'
        in HtmlWriter().block(made_of(13))
    )


def test_columns_are_set_by_what_they_hold():
    columns = [Column("", False), Column("B", False), Column("C", False)]
    cells = [["x" * 18, "x" * 19, "<b>" + "x" * 33 + "</b>", "too many"], ["", "x" * 32]]
    html = grid(columns, cells, False, "")
    assert (
        '<thead><tr><td></td><th scope="col">B</th><th scope="col" class="words">C</th></tr></thead>'
        in html
    )
    assert '<td class="short">' in html and "<td>" + "x" * 19 + "</td>" in html
    assert "too many" not in html


# --- the page ------------------------------------------------------------------------------


def small(doc: document.Document, **changes: Any) -> document.Document:
    """The report without its parts, but those in `changes`."""
    empty: dict[str, Any] = {"kicker": "", "standfirst": (), "keys": (), "blocks": (), "sources": (),
                             "assumptions": (), "weak_points": (), "glossary": (), "title": ONE}  # fmt: skip
    return replace(doc, **empty | changes)


def test_what_a_report_lacks_leaves_no_trace(doc: document.Document):
    html = page(small(doc))
    assert (
        '<header><h1>One</h1><p class="asof">As known on 31 August 2026; latest source 28 January 2026</p></header>'
        in html
    )
    assert (
        '<ol><li><a href="#sources">Sources</a></li><li><a href="#about">How this report was made</a></li></ol>'
        in html
    )
    assert html.count("<h2 ") == 2 and '<ol class="sources"></ol>' in html
    text = source(small(doc))
    assert "cover(kicker: none, standfirst: none, " in text and "keys: (), columns: 1)" in text
    assert text.count("#heading(") == 2 and "landscape(" not in text.partition("#template(")[2]


def test_each_part_of_a_report_is_in_its_contents(doc: document.Document):
    whole = page(doc)
    for anchor, title in (
        ("weak-points", "Where this report is weakest"), ("assumptions", "Assumptions"),
        ("sources", "Sources"), ("about", "How this report was made"),
    ):  # fmt: skip
        assert f'<li><a href="#{anchor}">{title}</a></li>' in whole
        assert whole.count(f'<h2 id="{anchor}">{title}</h2>') == 1
    assert "date is inferred.</li><li>Capacity is assumed, <em>not</em> read.</li></ul>" in whole
    entry = Entry("fiscal <year>", "g-fy", "April & May")
    told = page(small(doc, glossary=(entry,)))
    assert '<li><a href="#glossary">Words used here</a></li>' in told
    assert (
        '<dl class="glossary"><div><dt id="g-fy">fiscal &lt;year&gt;</dt><dd>April &amp; May</dd></div></dl>'
        in told
    )
    assert 'glossary((("fiscal <year>", label("g-fy"), "April & May"),))' in source(
        small(doc, glossary=(entry,))
    )


def test_the_list_of_sources_says_what_each_is(doc: document.Document):
    html = page(doc)
    assert (
        '<li id="s1" value="1"><strong>Company newsroom</strong>, <a rel="noopener noreferrer external" href="https://example.com/newsroom/2026?a=1&amp;b=2"><cite>Production, sales'
        in html
    )
    assert (
        '</cite></a>, <time datetime="2026-01-28">28 January 2026</time>. <span class="back">'
        in html
    )
    assert (
        '<details><summary>Company; quality: primary; 1 figure used<span class="hidden"> of source 1</span></summary><ul><li>Retail sales, China, 2025: 653,000 vehicles (exact; official; table 2)</li></ul></details>'
        in html
    )
    assert (
        '<strong>The Daily Business</strong>, <cite>First deliveries of the N7</cite>, <time datetime="2025-06-05">5 June 2025</time> (date inferred).'
        in html
    )
    bare = replace(doc.sources[0], quality="", kind="trade_press", facts=("unknown",), url="")
    assert "." + ' <span class="quality">Trade press.</span></li>' in page(
        small(doc, sources=(bare,))
    )
    assert 'aside("Trade press.")' in source(small(doc, sources=(bare,)))
    assert (
        "aside("
        not in source(small(doc, sources=(replace(bare, kind=""),))).partition("#template(")[2]
    )
    many = tuple(replace(bare, number=n) for n in range(1, 18))
    assert '<ol class="sources long">' in page(small(doc, sources=many))
    assert '<ol class="sources">' in page(small(doc, sources=many[:16]))
    text = source(doc)
    assert (
        '("1", label("s1"), { []; strong("Company newsroom"); ", "; link("https://example.com/newsroom/2026?a=1&b=2", underline("Production, sales'
        in text
    )
    assert (
        '", 5 June 2025 (date inferred). "; aside("News; quality: weak: names no source of its own.") })'
        in text
    )


def test_assumptions_are_listed_with_their_ratings(doc: document.Document):
    html = page(doc)
    assert '<th scope="row" class="short"><span id="a1">A1</span></th>' in html
    assert '<td class="number long">600,000 vehicles per year (550,000 to 650,000)</td>' in html
    assert '<td class="short"><span class="rating red">red</span></td>' in html
    odd = replace(doc.assumptions[0], quality="<odd>")
    assert "<span>&lt;odd&gt;</span>" in page(small(doc, assumptions=(odd,)))
    text = source(doc)
    assert (
        '("No.", "Assumption", "Value", "Quality", "Impact", "Reason"), name: "Assumptions", [#"A1" #label("a1")], "Each line can build'
        in text
    )


def test_key_numbers_have_value_label_and_note(doc: document.Document):
    writer = HtmlWriter()
    assert key_item(writer, Key((Text("Sold"),), ONE, ())) == (
        '<li><span class="value">One</span><span class="label">Sold</span></li>'
    )
    assert key_item(writer, Key((Text("Sold"),), ONE, (Text("n"),))).endswith(
        '<span class="note">n</span></li>'
    )
    six = page(doc)
    assert '<ul class="keys" style="--n:3" aria-label="Key numbers"><li>' in six
    key = Key(
        (Text("Sold"),),
        (FACT, Text(" or "), replace(FACT, facts=("n7-may", "assumption:capacity"))),
        (),
    )
    told = source(small(doc, keys=(key,), sources=doc.sources, assumptions=doc.assumptions))
    assert (
        'keys: ((label: { []; "Sold" }, value: { []; { []; "653,000"; " or "; "653,000" }; { plainmark("["); mark(label("s1"), "1"); '
        'plainmark(", "); mark(label("s4"), "4"); plainmark(", "); mark(label("a1"), "A1"); plainmark("]") } }, note: none),), columns: 1)'
    ) in told


def test_the_frame_of_a_page():
    html = shell("A <title>", 'A "description"', "<p>body</p>", "ja", "<meta x>\n")
    assert html.startswith(
        '<!doctype html>\n<html lang="ja">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="default-src '
    )
    assert (
        '<title>A &lt;title&gt;</title>\n<meta name="description" content="A &quot;description&quot;">\n<meta x>\n<link rel="icon" href="data:,">'
        in html
    )
    assert html.endswith("</head>\n<body>\n<p>body</p>\n</body>\n</html>\n")


def test_a_running_head_is_whole_words_of_the_title(doc: document.Document):
    def head(title: str) -> str:
        text = source(small(doc, title=(Text(title),))).partition("#template(")[2]
        return text.partition("running: ")[2].partition(", day: ")[0]

    assert head("x" * 62) == '"' + "x" * 62 + '"'
    assert head("a" * 40 + ", " + "b" * 40) == '"' + "a" * 40 + ' …"'
    assert head("a" * 30 + " " + "b" * 31 + " c") == '"' + "a" * 30 + " " + "b" * 31 + ' …"'


def test_the_moment_in_the_file_is_the_day_of_the_report():
    assert timestamp("2026-08-31").isoformat() == "2026-08-31T00:00:00+00:00"
    assert timestamp("latest").isoformat() == "2000-01-01T00:00:00+00:00"


def test_what_typst_refuses_is_said(doc: document.Document):
    with pytest.raises(
        document.DocumentError, match="The PDF of synthetic could not be set: .*language"
    ) as caught:
        compiled(replace(small(doc), language="no language"))
    assert "/report-" not in str(caught.value), "no path of this machine"


def test_typst_lists():
    assert (array([]), array(["a"]), array(["a", "b"])) == ("()", "(a,)", "(a, b)")
    assert (joined([]), joined(["", ""]), joined(["a", "", "b"])) == ("[]", "[]", "{ []; a; b }")


# --- the facts file ------------------------------------------------------------------------


def test_numbers_keep_their_type_and_what_is_none_is_null(doc: document.Document):
    def told(**changes: str) -> Any:
        fact = replace(FACT, **changes)
        blocks = (Heading(2, "part", ONE), Paragraph((fact, Text(" and "), fact)))
        return json.loads(facts_json(small(doc, blocks=blocks, sources=doc.sources)))["numbers"]

    first, second = told(name="sold", how="A")
    assert first == {
        "text": "653,000", "value": 653000, "low": 652500, "high": 653500, "unit": "vehicles",
        "status": "official", "facts": ["sales-2025"], "name": "sold", "how": "A", "formula": "f0",
        "sources": [1], "where": first["where"], "key": "part/sold",
    }  # fmt: skip
    assert second["key"] == "part/sold/2"
    for text, value in [
        ("0.5", 0.5),
        ("-3", -3),
        ("2.0", 2),
        ("1e300", 1e300),
        ("nan", "nan"),
        ("inf", "inf"),
        ("", None),
        ("x", "x"),
    ]:
        assert told(value=text)[0]["value"] == value
    assert isinstance(told(value="2.0")[0]["value"], int) and isinstance(
        told(value="9007199254740993.0")[0]["value"], float
    )


def test_the_facts_file_holds_only_what_json_knows(doc: document.Document):
    odd = {"a\x00": float("nan"), "b": (1, True, None, "x\u202ey"), "c": 1.5}
    foot = json.loads(facts_json(small(doc, foot=odd)))["foot"]
    assert foot == {"a\u25a1": None, "b": [1, True, None, "x\u25a1y"], "c": 1.5}
    whole = json.loads(facts_json(doc))
    assert whole["title"] == plain(doc.title) and whole["report"] == "synthetic"
    assert (whole["as_of"], whole["latest_source"]) == ("2026-08-31", "2026-01-28")
    assert [c["part"] for c in whole["charts"]] == [
        "chart-annual",
        "chart-monthly",
        "chart-plants",
        "chart-again",
    ]
    assert whole["charts"][0]["columns"] == ["Year", "Sales, thousand", "Basis"]
    assert whole["charts"][0]["rows"][0][:2] == ["2015", "1250"]
    assert [s["number"] for s in whole["sources"]] == [1, 2, 3, 4]
    assert [n for p in whole["passages"] for n in p["numbers"]] == list(
        range(len(whole["numbers"]))
    )
    assert {"part", "where", "kind", "label", "text", "numbers"} == set(whole["passages"][0])


def test_a_page_brings_its_fonts_and_colours():
    faces, *_ = stylesheet_parts()
    for about in ("400;font-style:normal", "600;font-style:normal", "400;font-style:italic"):
        assert faces.count("@font-face{font-family:Inter;font-weight:" + about) == 1
    assert faces.count(") format('woff2')}") == 3
    assert re.search(r":root\{(--c-[\w-]+:#\w+;)+\}\n@media screen and \(prefers-color-scheme:dark\)\{:root\{(--c-[\w-]+:#\w+;)+\}\}", stylesheet())  # fmt: skip


def test_a_page_says_what_makes_it_again_and_introduces_its_lists(doc: document.Document):
    html = page(replace(doc, foot={"given": {"peak_year": 2018}}))
    about = '{"parameters": {"peak_year": 2018}, "report": "synthetic"}'.replace('"', "&quot;")
    assert f'<meta name="report" content="{about}">' in html
    assert f"<p>{wording.SOURCES_LEAD}</p><ol" in html
    assert f"<p>{wording.ASSUMPTIONS_LEAD}</p><div" in html


def test_a_number_keeps_its_name_and_how_it_was_made():
    text = '<data class="fact" value="1" data-name="sold" data-how="A + B" data-formula="f0 + f1" title="t">1</data>'
    (fact,) = markdown.inlines(text)
    assert fact == Fact("1", "1", "", "", "", "", (), "t", "sold", "A + B", "f0 + f1")


# --- letters on a phone --------------------------------------------------------------------


def picture(*labels: tuple[float, float, str, str], marks: str = "") -> str:
    """A picture of the width of a report's, with labels (x, y, anchor, words) of nine points."""
    texts = "".join(
        f'<text style="font-size: 9px; text-anchor: {anchor}" x="{x}" y="{y}" transform="rotate({turn} {x} {y})">{words}</text>'
        for x, y, anchor, words in labels
        for turn in ["-90" if words.startswith("turned") else "-0"]
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460.8 200">{texts}{marks}</svg>'


def test_letters_grow_on_a_phone_as_far_as_they_have_room():
    free = fitted(picture((100, 50, "middle", "2024"), (300, 50, "middle", "2025")))
    assert (free.grow, free.left, free.right) == (1.25, 0.0, 0.0)  # 9 * 1.25 * 378 / 460.8 = 9.23
    assert fitted(picture((100, 50, "start", "2024"), (126, 50, "start", "2025"))).grow == 1.0
    lines = picture((100, 50, "start", "one line"), (100, 57, "start", "the next"))
    assert fitted(lines).grow < 1.1
    mark = '<use x="153" y="47"/>'
    assert fitted(picture((100, 50, "start", "announced"), marks=mark)).grow < 1.1
    turned = ((40, 60, "end", "1.0m"), (15, 60, "middle", "turned label"))
    assert fitted(picture(*turned)).grow < 1.2 < fitted(picture(turned[0])).grow
    assert fitted("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'></svg>").grow == 1.0


def test_letters_that_would_leave_the_picture_get_a_margin():
    edge = fitted(picture((100, 50, "end", "Research and development"), (300, 50, "end", "3,400")))
    assert edge.left > 0 and edge.right == 0
    pixels = 9 * edge.grow * 378 * (1 - edge.left) / 460.8
    assert pixels >= 9.2 and edge.grow > 1.25
    framed_ = framed("<svg/>", picture((100, 50, "end", "Research and development")), "Chart 1")
    assert re.search(r"--least:\d+px;--larger:1\.\d+;--left:\d+\.\d+%;--right:0\.00%", framed_)
    shown = for_html(picture((100, 50, "end", "A")), "A", {})
    assert "font-size: calc(9px * var(--grow, 1))" in shown
