"""From an executed notebook to the page and the facts file: what is read, written and refused."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import pytest
from nbconvert import get_exporter

import synthetic as made
from nissan_analysis import document
from nissan_analysis.document import glossary, markdown, spark, svg
from nissan_analysis.document.model import Chart, Fact, Heading, Link, facts_in, plain
from nissan_analysis.document.text import clean, csv_uri, number, ranges, safe_url
from nissan_analysis.document.to_html import CSP
from prose import prose_digits

HOSTILE = (
    '#read("/etc/passwd") $x$ *a* _b_ \\ `c` <script>alert(1)</script> <img src=x onerror=alert(1)> '
    "\x00 \u202eevil\u202c \u200f ]]> --> ${7*7} {{x}} &lt;b&gt; \ud800 </data></a>"
)
EVENTS = {"onerror", "onload", "onclick", "onmouseover", "onfocus"}


class Page(HTMLParser):
    """What a browser would find in a page: elements, attributes, ids, text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attrs}))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [
            a
            for t, a in self.elements
            if t == tag and all(a.get(k) == v for k, v in wanted.items())
        ]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def report(*extra: Any) -> document.Document:
    return document.read_document(made.notebook(*extra))


def small(**changes: Any) -> Any:
    """A notebook of a title, one paragraph and the sources; `changes` replace its cells' parts."""
    cells = [
        made.code([made.front(**changes.get("front", {}))]),
        *changes.get("middle", [made.code([made.prose(made.paragraph())])]),
        made.code([made.sources(**changes.get("sources", {}))]),
    ]
    return made.nbformat.v4.new_notebook(cells=cells)


@pytest.fixture(scope="module")
def html() -> str:
    return document.html(report())


@pytest.fixture(scope="module")
def parsed(html: str) -> Page:
    return Page(html)


# --- reading -------------------------------------------------------------------------------


def test_the_blocks_come_in_the_order_of_the_cells():
    doc = report()
    assert [plain(h.content)[:12] for h in doc.headings()] == [
        "How far have",
        "Which plants",
        "What does th",
    ]
    charts = [b for b in doc.blocks if isinstance(b, Chart)]
    assert [c.number for c in charts] == [1, 2, 3, 4]
    assert [c.half for c in charts] == [False, True, True, False]


def test_a_number_keeps_all_it_carries():
    (found,) = facts_in(
        markdown.inlines('x <data class="fact" value="-0.5" data-low="-0.6" data-high="-0.4" '
                         'data-facts="a assumption:b" data-status="reported" data-unit="ratio">50%</data>')
    )  # fmt: skip
    assert found == Fact("50%", "-0.5", "-0.6", "-0.4", "ratio", "reported", ("a", "assumption:b"))


def test_only_two_elements_are_understood():
    words = plain(
        markdown.inlines('<b>x</b> <data value="1">2</data> <!-- y --> <time>1 May</time>')
    )
    assert words == '<b>x</b> <data value="1">2</data> <!-- y --> 1 May'


def test_a_link_elsewhere_than_the_web_is_text():
    inner = markdown.inlines(
        "[a](javascript:alert(1)) [b](ftp://example.com/x) [c](https://example.com)"
    )
    assert [i.url for i in inner if isinstance(i, Link)] == ["https://example.com"]
    assert safe_url("http://a b") == safe_url("data:text/html,x") == ""


def test_no_heading_level_is_skipped():
    doc = report(made.markdown("#### Too deep\n\n# Too high"))
    levels = [b.level for b in doc.blocks if isinstance(b, Heading)]
    assert min(levels) == 2
    assert all(b <= a + 1 for a, b in zip([1, *levels], levels, strict=False))


def test_a_heading_over_the_list_of_sources_is_not_told_twice(parsed: Page):
    assert len([1 for a in parsed.all("h2") if a.get("id", "").startswith("sources")]) == 1


@pytest.mark.parametrize(
    ("notebook", "words"),
    [
        (made.nbformat.v4.new_notebook(cells=[made.code([], None)]), ["Cell 1", "not executed", "Run"]),
        (made.nbformat.v4.new_notebook(cells=[made.markdown("hello")]), ["'front'", "executed"]),
        (made.nbformat.v4.new_notebook(cells=[made.code([made.front()])]), ["'sources'", "run the whole"]),
        (small(middle=[made.code([made.prose(made.fact("7", 7, 7, 7, "nobody"))])]), ["'7'", "cell 2", "'nobody'"]),
        (small(middle=[made.code([made.prose(made.fact("7", 7, 7, 7, ""))])]), ["'7'", "cell 2", "no fact"]),
        (small(middle=[made.code([made.chart(svg="<svg><g>")])]), ["Cell 2", "'chart'", "well-formed"]),
        (small(middle=[made.code([made.chart(alt="")])]), ["Cell 2", "alt text"]),
        (small(middle=[made.code([made.table(rows=2, columns=[{"label": "A"}])])]), ["Cell 2", "row 1 has 4 cells"]),
        (small(middle=[made.code([made.output("text/markdown", "", {"kind": "riddle"})])]), ["Cell 2", "'riddle'"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_cell(notebook: Any, words: list[str]):
    with pytest.raises(document.DocumentError) as caught:
        document.read_document(notebook)
    for word in words:
        assert word in str(caught.value)


def test_a_failed_cell_is_named():
    failed = made.nbformat.v4.new_output("error", ename="KeyError", evalue="'x'", traceback=[])
    with pytest.raises(document.DocumentError, match="Cell 2 failed with KeyError: 'x'"):
        document.read_document(small(middle=[made.code([failed])]))


def test_other_outputs_are_no_part_of_the_report():
    stray = made.nbformat.v4.new_output("stream", name="stdout", text="debugging")
    doc = document.read_document(small(middle=[made.code([stray])]))
    assert "debugging" not in document.html(doc)


# --- pictures ------------------------------------------------------------------------------

EVIL_SVG = """<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"
 xmlns:xlink="http://www.w3.org/1999/xlink" width="10" height="10" onload="alert(1)">
 <script>alert(1)</script><style>@import url(http://evil.example/x.css); * {display: none}</style>
 <foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="http://evil.example/"/></body></foreignObject>
 <a xlink:href="javascript:alert(1)"><text>gone</text></a>
 <image xlink:href="http://evil.example/pixel.png" width="1" height="1"/>
 <clipPath id="clip"><rect width="5" height="5"/></clipPath>
 <rect id="r" width="5" height="5" clip-path="url(#clip)" onclick="alert(1)"
  style="fill: url(http://evil.example/#x); stroke: #a8152a; clip-path: url('#clip')"/>
 <use xlink:href="#r"/><use href="http://evil.example/#r"/>
 <text x="1" y="9">A &lt;label&gt;</text></svg>"""


def test_a_picture_keeps_its_drawing_and_nothing_that_runs_or_loads():
    safe = svg.sanitised(EVIL_SVG, "c1")
    for word in (
        "script",
        "evil",
        "alert",
        "onload",
        "onclick",
        "import",
        "foreign",
        "<a",
        "style>",
    ):
        assert word not in safe
    assert 'id="c1-r"' in safe
    assert safe.count("url(#c1-clip)") == 2
    assert 'href="#c1-r"' in safe
    assert "A &lt;label&gt;" in safe
    assert 'viewBox="0 0 10 10"' in safe


def test_entities_are_refused():
    with pytest.raises(svg.SvgError, match="entities"):
        svg.sanitised('<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "c")


def test_ids_are_unique_and_every_reference_has_its_target(parsed: Page):
    ids = [a["id"] for _, a in parsed.elements if "id" in a]
    assert len(ids) == len(set(ids))
    for _, attributes in parsed.elements:
        for value in attributes.values():
            for target in re.findall(r"url\(#([^)]+)\)", value):
                assert target in ids
        for name in ("href", "aria-labelledby"):
            target = attributes.get(name, "")
            if target.startswith("#"):
                assert target[1:] in ids


def test_colours_of_the_house_follow_the_scheme(html: str):
    assert "var(--c-accent, #a8152a)" in html
    picture = re.findall(r"<svg.*?</svg>", html, re.S)[0]
    assert not re.search(r"(?<!, )#a8152a", picture)


# --- the page ------------------------------------------------------------------------------


def test_no_script_no_request(html: str, parsed: Page):
    assert parsed.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"] == CSP
    assert CSP.startswith(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
    )
    for tag, attributes in parsed.elements:
        assert tag not in {"script", "iframe", "object", "embed", "base", "form"}
        assert not EVENTS & set(attributes)
        assert "src" not in attributes or attributes["src"].startswith("data:")
    assert re.findall(r"url\((?!#|data:)[^)]*\)", html) == []
    assert "@import" not in html


def test_links_that_leave_are_marked_and_bad_ones_are_not_links(parsed: Page):
    outside = [a for a in parsed.all("a") if a["href"].startswith("http")]
    assert {a["href"] for a in outside} == {
        "https://example.com/x",
        "https://example.com/newsroom/2026?a=1&b=2",
        "https://example.com/reuters/2019",
    }
    assert {a["rel"] for a in outside} == {"noopener noreferrer external"}
    assert not any("javascript" in a["href"] for a in parsed.all("a"))


def test_every_number_leads_to_its_source(parsed: Page):
    numbers = parsed.all("a", **{"class": "fact"})
    assert len(numbers) == len(parsed.all("data", **{"class": "fact"})) > 100
    tip = next(a for a in numbers if "58.3%" in a["data-tip"] and a["href"] == "#s2")["data-tip"]
    assert tip.splitlines() == [
        "Between \u221258.3% and \u221258.2%",
        "Computed from 2 figures",
        "A: Retail sales, China, 2018: 1,564,000 vehicles",
        "B: Retail sales, China, 2025: 653,000 vehicles",
        "Status: reported",
        "[2] Reuters, 8 January 2019",
        "[1] Company newsroom, 28 January 2026",
    ]
    assert any(a["href"] == "#a1" for a in numbers), "an assumption leads to the assumptions"
    assert "Computed from 2 figures" not in parsed.text, "a tooltip is no part of the text"


def test_a_source_leads_back_to_the_numbers_that_rest_on_it(parsed: Page):
    numbers = {a["id"]: a for a in parsed.all("a", **{"class": "fact"})}
    back = [a for a in parsed.all("a") if a.get("aria-label", "").startswith("Back to")]
    assert len(back) > 3
    for link in back:
        assert link["href"].removeprefix("#") in numbers


def test_a_computed_number_says_how(parsed: Page):
    doc = document.read_document(
        small(
            middle=[
                made.code(
                    [
                        made.prose(
                            'Down <data class="fact" value="-0.5" data-facts="sales-2018 sales-2025" '
                            'data-how="change from A to B" data-formula="f1 / f0 - 1">50%</data>.'
                        )
                    ]
                )
            ]
        )
    )
    page = Page(document.html(doc))
    (tip,) = [
        a["data-tip"]
        for a in page.all("a", **{"class": "fact"})
        if "change" in a["data-tip"].lower()
    ]
    assert "Change from A to B\nA: Retail sales, China, 2018" in tip
    (number,) = [d for d in page.all("data") if d.get("data-formula")]
    assert number["data-formula"] == "f1 / f0 - 1"


def test_dates_that_were_inferred_say_so(parsed: Page):
    assert "5 June 2025 (date inferred)" in parsed.text


def test_the_data_of_a_chart_open_safely_in_a_spreadsheet(parsed: Page):
    links = [a for a in parsed.all("a") if "download" in a]
    assert links[0]["download"] == "synthetic-annual.csv"
    content = base64.b64decode(links[0]["href"].partition("base64,")[2]).decode()
    rows = list(csv.reader(io.StringIO(content)))
    assert rows[0] == ["Year", "Sales, thousand", "Basis"]
    assert rows[1] == ["2015", "1250", '\'=HYPERLINK("x")']


@pytest.mark.parametrize(
    ("cell", "stored"),
    [("=1+1", "'=1+1"), ("-0.5", "-0.5"), ("+3%", "+3%"), ("-cmd|x", "'-cmd|x"), ("@x", "'@x"),
     (" =1", "' =1"), ("\uff1d1", "'\uff1d1"), ("1e-5", "1e-5"), ("plain", "plain")],
)  # fmt: skip
def test_no_cell_is_a_formula(cell: str, stored: str):
    text = base64.b64decode(csv_uri(["h"], [[cell]]).partition("base64,")[2]).decode()
    assert list(csv.reader(io.StringIO(text)))[1] == [stored]


def hostile() -> Any:
    sources = made.sources()["metadata"]["text/markdown"]["nissan"]
    entry = sources["sources"][0] | {
        "publisher": HOSTILE,
        "title": HOSTILE,
        "url": f"https://x.example/{HOSTILE}",
    }
    assumed = sources["assumptions"][0] | {
        "statement": HOSTILE,
        "reason": HOSTILE,
        "quality": HOSTILE,
    }
    evil = f"{HOSTILE} {made.fact('12', 12, 11, 13, 'sales-2025', '#read(x)')}"
    return small(
        front={"title": evil, "kicker": HOSTILE, "standfirst": HOSTILE},
        middle=[
            made.markdown(f"## {HOSTILE}\n\n{HOSTILE}\n\n    {HOSTILE}\n\n- {HOSTILE}\n\n<script>\n\nalert(2)\n\n</script>"),
            made.code([made.prose(evil)]),
            made.code([made.chart(title=HOSTILE, alt=HOSTILE, subtitle=HOSTILE, note=HOSTILE, source=HOSTILE,
                                  data={"columns": [HOSTILE], "rows": [[HOSTILE]]})]),
            made.code([made.table(columns=[{"label": HOSTILE}] * 4, title=HOSTILE, note=HOSTILE, source=HOSTILE, rows=1)]),
        ],
        sources={"sources": [entry, *sources["sources"][1:]], "assumptions": [assumed, *sources["assumptions"][1:]], "weak_points": [evil]},
    )  # fmt: skip


def test_hostile_text_comes_out_as_text():
    page = Page(document.html(document.read_document(hostile())))
    for tag, attributes in page.elements:
        assert tag not in {"script", "iframe", "object"}
        assert not EVENTS & set(attributes)
    assert not any("x.example" in a["href"] for a in page.all("a"))
    assert page.text.count("<script>alert(1)</script>") > 8
    assert '#read("/etc/passwd")' in page.text
    assert "\u202e" not in page.text
    assert "\x00" not in page.text


def test_the_same_notebook_gives_the_same_page_and_facts():
    assert document.html(report()) == document.html(report())
    assert document.facts_json(report()) == document.facts_json(report())


def test_a_bitmap_is_shown_where_there_is_no_vector_picture():
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    spec = made.chart()["metadata"]["image/svg+xml"]["nissan"]
    doc = document.read_document(small(middle=[made.code([made.output("image/png", pixel, spec)])]))
    (image,) = Page(document.html(doc)).all("img")
    assert image["src"] == f"data:image/png;base64,{pixel}"
    assert image["alt"].startswith("Line chart")


def test_an_empty_cell_is_no_header():
    columns = [{"label": ""}, {"label": "B", "align": "right"}]
    blank = made.table(columns=columns)
    spec = blank["metadata"]["text/html"]["nissan"]
    spec["rows"] = [["", "1"], ["named", "2"]]
    page = Page(document.html(document.read_document(small(middle=[made.code([blank])]))))
    heads = [a["scope"] for a in page.all("th")]
    assert heads[:2] == ["col", "row"], "one label, one named row; the rest are plain cells"


# --- facts.json ----------------------------------------------------------------------------


def test_the_facts_file_tells_every_number(parsed: Page):
    told = json.loads(document.facts_json(report()))
    assert len(told["numbers"]) == len(parsed.all("data", **{"class": "fact"}))
    first = told["numbers"][0]
    assert first == {
        "text": "58.2%", "value": -0.5825, "low": -0.583, "high": -0.582, "unit": "ratio", "status": "reported",
        "facts": ["sales-2025", "sales-2018"], "sources": [1, 2], "where": "Title",
        "key": "title", "name": "", "how": "", "formula": "",
    }  # fmt: skip
    assert {n["where"] for n in told["numbers"]} >= {"Which plants are in doubt?", "Weak points"}
    assert set(told) >= {"facts", "sources", "assumptions", "foot", "as_of"}
    keys = [n["key"] for n in told["numbers"]]
    assert len(set(keys)) == len(keys)
    assert [i for p in told["passages"] for i in p["numbers"]] == list(range(len(keys)))
    assert [c["alt"] for c in told["charts"]] == [
        b.alt for b in report().blocks if isinstance(b, Chart)
    ]


def test_a_number_that_is_not_finite_breaks_no_reader():
    sources = made.sources()["metadata"]["text/markdown"]["nissan"]
    sources["facts"]["sales-2025"]["high"] = float("inf")
    json.loads(
        document.facts_json(document.read_document(small(sources=sources))),
        parse_constant=pytest.fail,
    )


# --- small things --------------------------------------------------------------------------


def test_text_is_made_printable():
    assert clean("a\x00b\u202ec\u200bd\ud800\r\n\u2028") == "a\u25a1b\u25a1cd\u25a1\n "
    assert clean("e\u0301") == "\u00e9"
    assert clean(None) == ""


def test_numbers_are_grouped_and_runs_joined():
    assert number("-1234567.8") == "\u22121,234,568"
    assert number("0.287", percent=True) == "28.7%"
    assert number("n/a") == "n/a"
    assert ranges([7, 1, 2, 3, 9, 10]) == "1\u20133, 7, 9, 10"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["html", "pdf"])
def test_nbconvert_writes_the_same_report_from_the_shell(kind: str, tmp_path: Any):
    made.nbformat.write(small(), tmp_path / "executed.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", f"nissan-{kind}", "executed.ipynb"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    content = (tmp_path / f"executed.{kind}").read_bytes()
    doc = document.read_document(small())
    assert content == (document.pdf(doc) if kind == "pdf" else document.html(doc).encode())


@pytest.mark.parametrize(("name", "kind"), [("nissan-html", str), ("nissan-pdf", bytes)])
def test_nbconvert_finds_the_writers(name: str, kind: type):
    content, resources = get_exporter(name)().from_notebook_node(small())
    assert isinstance(content, kind)
    assert resources["output_extension"] == "." + name.partition("-")[2]


def test_the_front_door_has_a_card_for_each_report():
    page = Page(document.index_html([document.card(report())], "A & B", "What <is> known"))
    assert "A & B What <is> known" in page.text
    assert page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"] == CSP
    assert {a["href"] for a in page.all("a")} >= {
        "synthetic.html",
        "synthetic.pdf",
        "synthetic.facts.json",
    }
    assert not any(a.get("class") == "fact" for a in page.all("a"))


def test_a_card_shows_the_chart_that_carries_the_finding():
    """The first chart of the restructuring report is on job functions; its finding is the exits."""
    first = next(block for block in report().blocks if isinstance(block, Chart))
    assert document.card(report()).chart_title == first.title, "where none is marked"
    marked = made.code([made.chart("later", title="What it is about", lead=True)])
    assert plain(document.card(report(marked)).chart_title) == "What it is about"
    half = made.code([made.chart("later", title="Small, but the point", lead=True, width="half")])
    assert plain(document.card(report(half)).chart_title) == "Small, but the point"


# --- a run of figures beside its number ----------------------------------------------------


def test_a_sparkline_bridges_no_gap_and_stands_on_zero():
    drawn = spark.sparkline([10.0, 8.0, None, 5.0, 5.0, None, 4.0, 2.0], "Sales by <year>")
    assert drawn.count("<polyline") == 3, "three runs"
    assert 'aria-label="Sales by &lt;year&gt;"' in drawn
    heights = [
        float(y) for y in re.findall(r",([\d.]+)", " ".join(re.findall(r'points="([^"]+)"', drawn)))
    ]
    zero = float(re.search(r"M0 ([\d.]+)H", drawn)[1])
    assert max(heights) < zero
    assert abs((zero - heights[0]) / (zero - heights[-1]) - 5) < 0.15, "ten is five times two"
    assert spark.sparkline([1.0, None, 2.0], "too few") == ""
    assert spark.sparkline([10.0, 8.0, None, 5.0, None, 4.0, 2.0], "in pieces") == ""
    assert spark.sparkline([10.0, 8.0, None, 5.0], "one gap").count("<polyline") == 2


# --- the words of the trade ----------------------------------------------------------------


def test_a_term_is_explained_where_it_is_used_and_linked_once():
    words = "A kei car. Sold at retail, kei cars count. The key and the kein are no terms."
    page = Page(
        document.html(
            document.read_document(
                small(middle=[made.code([made.prose(words + made.paragraph())])])
            )
        )
    )
    terms = page.all("a", **{"class": "term"})
    assert [a["href"] for a in terms][:2] == ["#term-kei", "#term-retail"]
    assert len({a["href"] for a in terms}) == len(terms)
    listed = {a["id"] for a in page.all("dt") if "id" in a}
    assert {a["href"][1:] for a in terms} <= listed
    assert "term-wholesale" not in listed, "a word that no one uses"
    assert "smallest class of car" in page.text


def test_a_report_without_terms_has_no_glossary():
    plain_words = {"title": "A", "standfirst": "B", "keys": []}
    page = Page(document.html(document.read_document(small(front=plain_words, middle=[]))))
    assert not page.all("a", href="#glossary")


def test_the_glossary_is_in_order_and_free_of_figures():
    entries = [word.entry for word in glossary.words()]
    assert [e.term for e in entries] == sorted((e.term for e in entries), key=str.lower)
    assert len({e.anchor for e in entries}) == len(entries)
    assert not any(c.isdigit() for e in entries for c in e.meaning)
    for word in glossary.words():
        assert word.pattern.search(word.entry.term) or word.entry.term == "capacity", (
            word.entry.term
        )


# --- every number leads somewhere ----------------------------------------------------------


def test_no_digit_in_the_prose_without_a_source(html: str):
    assert prose_digits(html) == []
    spoiled = prose_digits(html.replace("where two sources disagree", "where 2 disagree"))
    assert set(spoiled) == {"2"}


def test_the_audit_of_the_prose_sees_what_a_reader_sees():
    page = "<p>In 2025 <data>7</data>12 of 3 and <b>4</b>5%.</p><nav>6</nav><table><td>8</table>"
    assert prose_digits(page) == ["12", "3", "45%."]


def test_a_number_set_for_the_report_leads_to_its_parameters():
    set_here = made.fact("90%", 0.9, 0.9, 0.9, "parameter:break_even", "ratio", "parameter")
    told = made.fact("7,000", 7000, 7000, 7000, "event:cut outcome:cut plant:oppama sales-2025")
    sources = made.sources()["metadata"]["text/markdown"]["nissan"]
    record = sources["facts"]["sales-2018"]
    sources["facts"] |= {
        "parameter:break_even": {"label": "Break-even", "value": 0.9, "status": "parameter", "source": ""},
        "event:cut": record,
        "outcome:cut": record | {"source": "caam-2026"},
        "plant:oppama": record | {"source": "newsroom-2026"},
    }  # fmt: skip
    middle = [made.code([made.prose(f"At {set_here}, {told} go.")])]
    doc = document.read_document(small(middle=middle, sources=sources))
    page = Page(document.html(doc))
    numbers = {a["data-tip"].splitlines()[0]: a["href"] for a in page.all("a", **{"class": "fact"})}
    assert numbers["Exactly 90%"] == "#about"
    assert numbers["Exactly 7,000 vehicles"] == "#s2"
    told_of = {n["text"]: n["sources"] for n in json.loads(document.facts_json(doc))["numbers"]}
    assert (told_of["90%"], told_of["7,000"]) == ([], [1, 2, 3])
    assert document.pdf(doc).startswith(b"%PDF")


# --- in a browser --------------------------------------------------------------------------


def saved(folder: Any) -> dict[str, str]:
    """A report and a front door as files; their addresses by name."""
    doc = report()
    pages = {
        "report": document.html(doc),
        "index": document.index_html([document.card(doc)], "All reports", "What is known."),
    }
    for name, content in pages.items():
        (folder / f"{name}.html").write_text(content, encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in pages}


@pytest.mark.browser
@pytest.mark.parametrize("name", ["report", "index"])
def test_a_browser_finds_nothing_wrong(page: Any, tmp_path: Any, name: str):
    from axe_playwright_python.sync_playwright import Axe

    address = saved(tmp_path)[name]
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("request", lambda request: troubles.append(request.url))
    page.goto(address)
    assert [t for t in troubles if t != address and not t.startswith("data:")] == []
    assert page.evaluate("document.fonts.check('600 16px Inter')")
    tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
    for width, scheme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        results = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
        assert results.violations_count == 0, results.generate_report()


@pytest.mark.browser
def test_the_data_of_a_chart_are_saved_from_the_page(page: Any, tmp_path: Any):
    """No script, and a policy that forbids nearly everything: the link still saves a file."""
    page.goto(saved(tmp_path)["report"])
    page.locator("figure summary").first.click()
    with page.expect_download() as started:
        page.locator("figure a[download]").first.click()
    assert started.value.suggested_filename == "synthetic-annual.csv"
    rows = list(csv.reader(io.StringIO(started.value.path().read_text(encoding="utf-8-sig"))))
    assert rows[0] == ["Year", "Sales, thousand", "Basis"]
    assert rows[1][:2] == ["2015", "1250"]


@pytest.mark.browser
def test_the_contents_follow_the_reader(page: Any, tmp_path: Any):
    page.goto(saved(tmp_path)["report"])
    marked = (
        "[...document.querySelectorAll('nav a:target-current')].map(a => a.getAttribute('href'))"
    )
    for anchor in [h.anchor for h in report().headings()][:2]:
        page.evaluate(
            f"document.getElementById('{anchor}').scrollIntoView({{behavior: 'instant'}})"
        )
        page.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        assert page.evaluate(marked) == [f"#{anchor}"]
        assert page.locator("nav").evaluate("nav => nav.getBoundingClientRect().top >= 0")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_no_tooltip_is_cut_off(page: Any, tmp_path: Any, width: int):
    """Every number is focused in turn: its words are shown and do not widen the page."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(saved(tmp_path)["report"])
    numbers, faults = page.evaluate(
        """() => {
            const all = [...document.querySelectorAll('a.fact')], faults = [];
            for (const link of all) {
                link.focus({preventScroll: true, focusVisible: true});
                const tip = getComputedStyle(link, '::after').content;
                if (document.documentElement.scrollWidth > innerWidth || tip.length < 12) faults.push(tip);
            }
            return [all.length, faults];
        }"""
    )
    assert numbers > 100
    assert faults == []


@pytest.mark.browser
def test_the_keyboard_reaches_every_number(page: Any, tmp_path: Any):
    page.goto(saved(tmp_path)["report"])
    wanted = page.locator("a.fact").count()
    seen = 0
    for _ in range(wanted + 100):
        page.keyboard.press("Tab")
        seen += page.evaluate("document.activeElement.matches('a.fact')")
        if seen == wanted:
            break
    assert seen == wanted


@pytest.mark.browser
def test_the_keyboard_reaches_a_number_its_words_and_its_source(
    page: Any, tmp_path: Any, html: str
):
    (tmp_path / "report.html").write_text(html, encoding="utf-8")
    page.goto((tmp_path / "report.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "fact"
    tip = page.evaluate("getComputedStyle(document.activeElement, '::after').content")
    assert "Company newsroom" in tip
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#s1"
    assert page.evaluate("document.querySelector(':target').textContent").startswith(
        "Company newsroom"
    )
