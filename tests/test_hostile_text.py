"""Hostile text: whatever stands in the data, in a parameter or in a notebook comes out as text in
HTML, PDF, notebook, terminal and CSV; what slipped through would be stopped by the page itself.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import mistune
import nbformat
import pikepdf
import pypdf
import pytest

import synthetic as made
import tiny
from conftest import ROOT
from nissan_analysis import apart, cli, document, making, pools, running
from nissan_analysis.document import DocumentError, to_pdf
from nissan_analysis.document.to_html import CSP
from nissan_analysis.parameters import MODELS as REPORTS
from nissan_analysis.parameters import ParameterError, validate
from nissan_analysis.rows import MODELS, FactRow
from test_document import EVENTS, Page, small

#: HTML, Markdown, Typst, LaTeX, a spreadsheet formula, Python templates, Hebrew; no digit, since a
#: digit out of a text column may only be said with its source.
EVIL = (
    "<script>pwned()</script> <img src=x onerror=pwned()> [k](javascript:pwned()) "
    '![i](http://evil.example/i.png) #read("/etc/passwd") #include "x.typ" $\\frac{a}{b}$ \\input{x} '
    "=cmd|x *b* _u_ `c` </data></a> {x} {{y}} ${z} %s &lt;b&gt; \\n \u05d0\u05d1"
)
#: The columns that hold words; all others hold keys, numbers, dates or words of a list.
WORDS: dict[str, list[str]] = {
    "sources.csv": ["publisher", "title", "title_original", "quality_reason", "note"],
    "entities.csv": ["label", "kind", "definition"],
    "metrics.csv": ["label", "definition"],
    "bases.csv": ["label", "definition"],
    "events.csv": ["title", "counterpart", "speaker", "outcome", "note"],
    "plants.csv": ["label", "company", "city", "country", "fate", "note"],
    "assumptions.csv": ["statement", "reason"],
    "facts": ["locator", "rank_reason", "note"],
}
#: Text columns whose words are keys of other rows, or that figures must share.
KEYS = {"unit", "chain", "equals", "retells", "sources", "used_in", "outcome_source"}
RENDERED = ("plant", "alliances")


def test_every_column_of_words_is_hostile():
    models = {name: model for name, (model, _) in MODELS.items()} | {"facts": FactRow}
    for name, model in models.items():
        free = [
            column
            for column, rule in model.model_json_schema()["properties"].items()
            if rule.get("type") == "string" and not {"enum", "pattern", "format", "const"} & set(rule)
        ]  # fmt: skip
        numbers = {"period_start", "period_end", "published", "date", "value", "low", "high"}
        assert set(free) - KEYS - numbers == set(WORDS[name]), name


@pytest.fixture(scope="module")
def hostile_data(tmp_path_factory) -> Path:
    """The real data, with hostile words behind the words of every cell that has any."""
    data = tmp_path_factory.mktemp("hostile") / "data"
    shutil.copytree(ROOT / "data", data)
    for path in data.rglob("*.csv"):
        columns = WORDS["facts" if path.parent != data else path.name]
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            row |= {column: f"{row[column]} {EVIL}" for column in columns if row[column]}
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return data


@pytest.fixture(scope="module")
def rendered(hostile_data: Path) -> Path:
    """Real reports made from it, in all formats."""
    out = hostile_data.parent / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NISSAN_ANALYSIS_DATA", str(hostile_data))
        tasks = [running.task(name, {}, running.FORMATS) for name in RENDERED]
        batch = running.render_all(tasks, out, pools.local(2))
    assert batch.failures == []
    return out


def is_armed(cell: str) -> bool:
    """Whether a spreadsheet would run a cell."""
    return cell[:1] in "=+-@\t\r" and not re.fullmatch(r"[+-]?[\d.,e%-]+", cell) and cell != ""


def links(page: Page) -> set[str]:
    return {a["href"].partition(":")[0] for a in page.all("a") if not a["href"].startswith("#")}


@pytest.mark.slow
@pytest.mark.parametrize("report", RENDERED)
def test_the_page_says_it_as_text(rendered: Path, report: str, tally):
    page = Page((rendered / f"{report}.html").read_text(encoding="utf-8"))
    assert not {"script", "img", "iframe", "object", "base", "form"} & {t for t, _ in page.elements}
    assert not any(EVENTS & set(a) for _, a in page.elements)
    assert links(page) <= {"http", "https", "data"}
    assert not any("evil.example" in a["href"] for a in page.all("a"))
    seen = page.text.count(EVIL)
    assert seen > 100
    assert seen == page.text.count("<script>pwned()</script>"), "somewhere it is not whole"
    tally("hostile texts rendered", seen)
    for link in page.all("a"):
        if link["href"].startswith("data:text/csv"):
            text = base64.b64decode(link["href"].partition("base64,")[2]).decode()
            cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
            assert not any(map(is_armed, cells)), cells


@pytest.mark.slow
@pytest.mark.parametrize("report", RENDERED)
def test_the_pdf_says_it_as_text(rendered: Path, report: str):
    content = (rendered / f"{report}.pdf").read_bytes()
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    squeezed = re.sub(r"\s+", "", text)
    assert squeezed.count('#read("/etc/passwd")') > 20
    assert "root:x:" not in squeezed
    assert squeezed.count("$\\frac{a}{b}$") > 20
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary):
                assert not {"/JS", "/JavaScript", "/Launch"} & set(item.keys())
                assert str(item.get("/S", "")) not in ("/JavaScript", "/Launch", "/SubmitForm")
                if "/URI" in item:
                    assert str(item["/URI"]).startswith(("http://", "https://"))
                    assert "evil.example" not in str(item["/URI"])


PLAIN = {"a", "p", "h1", "ul", "ol", "li", "table", "caption", "thead", "tbody", "tr", "th", "td", "data", "time", "strong", "em"}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("report", RENDERED)
def test_the_notebook_and_the_facts_say_it_as_text(rendered: Path, report: str):
    nb = nbformat.read(rendered / f"{report}.ipynb", as_version=4)
    bundles = [o.data for c in nb.cells for o in c.get("outputs", []) if "data" in o]
    as_jupyter = mistune.create_markdown(escape=False, plugins=["table", "url", "strikethrough", "math"])  # fmt: skip
    for bundle in bundles:
        # Markdown with raw HTML let through, as JupyterLab reads it.
        for text in (as_jupyter(bundle.get("text/markdown", "")), bundle.get("text/html", "")):
            page = Page(text)
            assert {tag for tag, _ in page.elements} <= PLAIN
            # JupyterLab makes a link of a bare address; nothing else can be one.
            assert links(page) <= {"http", "https"}
    assert sum(EVIL in bundle.get("text/plain", "") for bundle in bundles) > 2
    told = json.loads((rendered / f"{report}.facts.json").read_text(encoding="utf-8"))
    assert any(EVIL in source["title"] for source in told["sources"])


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("report", RENDERED)
def test_a_browser_finds_nothing_to_run(rendered: Path, page: Any, report: str):
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script("window.pwned = () => { window.hit = true; }")
    page.goto((rendered / f"{report}.html").as_uri())
    assert page.evaluate("typeof pwned") == "function"
    assert page.evaluate("window.hit === undefined")
    assert said == [], "the page has nothing that its policy would have to stop"
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


# --- the policy of the page ----------------------------------------------------------------

#: As if the escaping had failed: each runs a script, or asks evil.example for its own letter.
ATTACKS = """
<script>hit('inline')</script><script src="https://evil.example/a.js"></script>
<script type="module">hit('module')</script>
<img src="https://evil.example/b.png"><img src=x onerror="hit('onerror')">
<svg xmlns="http://www.w3.org/2000/svg" onload="hit('svg')"><script>hit('svgscript')</script></svg>
<iframe src="https://evil.example/c.html"></iframe><iframe srcdoc="<script>parent.hit('srcdoc')</script>"></iframe>
<object data="https://evil.example/d.html"></object><embed src="https://evil.example/e.html">
<link rel="stylesheet" href="https://evil.example/f.css">
<style>@import url(https://evil.example/g.css); @font-face{font-family:x;src:url(https://evil.example/h.woff2)}
.evil{font-family:x;background:url(https://evil.example/i.png)}</style><p class="evil">x</p>
<p style="background:url(https://evil.example/j.png)">x</p>
<video src="https://evil.example/k.mp4" preload="auto"></video><audio src="https://evil.example/l.mp3" preload="auto"></audio>
<input autofocus onfocus="hit('onfocus')"><details open ontoggle="hit('ontoggle')"><summary>x</summary></details>
<form id="f" action="https://evil.example/m"><button>x</button></form>
<a id="js" href="javascript:hit('link')">x</a><base href="https://evil.example/n/">
"""
SCRIPTS = {"inline", "module", "onerror", "svg", "svgscript", "srcdoc", "onfocus", "ontoggle", "link"}  # fmt: skip


def attacked(page: Any, path: Path, text: str) -> tuple[set[str], set[str]]:
    """What ran, and which letters were asked of evil.example, when a browser opens a page."""
    path.write_text(text, encoding="utf-8")
    asked: set[str] = set()

    def answer(route: Any) -> None:
        asked.add(route.request.url.rpartition("/")[2][:1])
        route.abort()

    page.route("https://evil.example/**", answer)
    page.add_init_script("window.hits = []; window.hit = (name) => { window.hits.push(name); };")
    page.goto(path.as_uri())
    page.evaluate("document.getElementById('js').click()")
    page.wait_for_timeout(200)
    ran = set(page.evaluate("window.hits"))
    page.evaluate("document.getElementById('f').submit()")
    page.wait_for_timeout(200)
    return ran, asked


@pytest.mark.browser
def test_the_policy_stops_what_slips_through(page: Any, tmp_path: Path, tally):
    """The same page without its policy shows that the attacks are real ones."""
    text = document.html(document.read_document(small()))
    spoilt = text.replace('<main id="main"', f'{ATTACKS}<main id="main"')
    policy = f'<meta http-equiv="Content-Security-Policy" content="{CSP}">\n'
    assert ATTACKS in spoilt
    assert policy in spoilt
    assert attacked(page, tmp_path / "report.html", spoilt) == (set(), set())
    ran, asked = attacked(page, tmp_path / "open.html", spoilt.replace(policy, ""))
    assert ran == SCRIPTS
    assert asked >= set("abcdefghijklm")
    tally("attacks on the page stopped by its policy", len(ran) + len(asked))


# --- Typst ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        '#read("/etc/passwd")',
        '#read("../../../../../../etc/passwd")',
        '#include "/etc/passwd"',
        '#import "/etc/passwd": *',
        '#image("/etc/passwd", format: "svg")',
        '#eval("read(\\"/etc/passwd\\")")',
        '#csv("/etc/passwd")',
        '#plugin("/etc/passwd")',
        '#bibliography("/etc/passwd")',
        '#raw(read("/proc/self/environ"))',
    ],
)
def test_typst_reads_nothing_outside_its_root(monkeypatch, code: str, tally):
    """As if the escaping had failed: the code is compiled as the report's own source is."""
    monkeypatch.setattr(to_pdf, "source", lambda doc, *settings, **more: code)
    with pytest.raises(DocumentError) as caught:
        document.pdf(document.read_document(small()))
    assert not re.search(r"root:|PATH=|/tmp|/var", str(caught.value))
    tally("attempts to read a file from Typst", 1)


def test_typst_gets_no_text_as_markup():
    """Outside of string literals a source holds only what the writers themselves write."""
    doc = document.read_document(small(middle=[made.code([made.prose(EVIL)])]))  # fmt: skip
    code = re.sub(r'"(?:[^"\\]|\\.)*"', "", to_pdf.source(doc).partition("#template(")[2])
    for word in ("<script", "read(", "include", "frac", "input", "cmd", "evil", "$", "`", "%s"):
        assert word not in code


# --- long and broken text ------------------------------------------------------------------

MEGABYTE = 1_000_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("words", "word " * (MEGABYTE // 5)),
        ("tags", '<data class="fact">' * (MEGABYTE // 19)),
        ("slashes", "\\" * MEGABYTE),
        ("links", "[a](b " * (MEGABYTE // 60)),
        ("brackets", "[" * (MEGABYTE // 10)),
        ("quotes", "> " * (MEGABYTE // 10)),
        ("marks", "*_" * (MEGABYTE // 200)),
    ],
)
def test_a_megabyte_of_anything_is_read_and_written(name: str, text: str):
    """A tenth of one where Markdown itself takes the square of its length."""
    page = document.html(document.read_document(small(middle=[made.code([made.prose(text)])])))
    assert len(Page(page).text) > len(text) // 3
    if name == "words":
        assert page.count("word ") > MEGABYTE // 5 - 10


def test_a_long_word_breaks_no_page():
    text = "x" * 50_000
    doc = document.read_document(small(middle=[made.code([made.prose(text), made.table(rows=1, title=text)])]))  # fmt: skip
    assert text in document.html(doc)
    assert document.pdf(doc).startswith(b"%PDF")


def test_escapes_and_marks_of_direction_do_not_reach_the_page():
    text = "a\x1b[31mb\x1b]0;c\x07d\u202ee\u2067f\x00g\ufeffh\u200fi\u0085j\ud800k"
    doc = document.read_document(
        small(
            front={"title": text, "kicker": text},
            middle=[made.code([made.prose(text), made.table(rows=1, title=text), made.chart(alt=text, title=text)])],
        )
    )  # fmt: skip
    for written in (document.html(doc), document.facts_json(doc), to_pdf.source(doc)):
        assert all(c.isprintable() or c in "\n\t\u2028\u00a0\u00ad" for c in written)
        assert "[31mb" in written
    document.pdf(doc)


# --- parameters ----------------------------------------------------------------------------

NASTY = [
    "'", '"', "'''", '"""', "\\", "\\\\", "\\'", '\\"', "\n", "\r\n", "\t", "\x00", "\x1b[31m", "\\n", "\\x41",
    "'\nimport os; pwned = True\n'", '"\nimport os; pwned = True\n"', "\"\"\"\npwned = True\n\"\"\"",
    "__import__('os').system('touch pwned')", "{pwned}", "{{x}}", "%(x)s", "${HOME}", "$(id)", "`id`", "; id",
    "日産", "\u202eabc", "\u2028pwned = True", "\x85pwned = True", "\U0001f697", "é", "e\u0301", "None", "nan", "True",
    " ", "", "#", "# type: ignore", "\\N{BULLET}", "\\u0041", "\\", "'\\", "\"\\", "a" * 100_000, EVIL,
]  # fmt: skip


@pytest.mark.slow
def test_strings_arrive_through_papermill_as_they_were_and_are_never_code(desk: Path, tally):
    given = "__import__('json').dumps([as_of, since, 'pwned' in globals()])"
    tiny.write(desk, "briefing", f"print({given})")
    both = {"as_of": NASTY, "since": {text: text for text in NASTY}}
    made = apart.produce(making.Task("briefing", both, ("notebook",)))
    assert isinstance(made, making.Made), made
    nb = nbformat.reads(made.files["notebook"].decode(), as_version=4)
    (printed,) = [
        o.text for c in nb.cells for o in c.get("outputs", []) if o.get("name") == "stdout"
    ]
    assert json.loads(printed) == [NASTY, {text: text for text in NASTY}, False]
    tally("hostile parameters tried", 2 * len(NASTY))


PARAMETERS = [(report, name) for report, model in REPORTS.items() for name in model.model_fields]


@pytest.mark.parametrize(("report", "name"), PARAMETERS)
def test_no_parameter_takes_what_it_should_not(report: str, name: str, tally):
    for text in NASTY:
        try:
            value = getattr(validate(report, {name: text}), name)
        except ParameterError as error:
            told = str(error)
        else:  # nothing at all is the empty list; a plain word is one that the ledger does not know
            assert (value, text.strip()) == ((), "") or re.fullmatch("[a-z0-9_]+", text)
            continue
        assert f"{name}: got " in told
        assert len(told) < 2_000
    tally("hostile parameters tried", len(NASTY))


def quiet(text: str) -> bool:
    """Whether text does nothing to a terminal."""
    return all(c.isprintable() or c == "\n" for c in text)


def test_the_terminal_is_told_in_plain_letters(hostile_data: Path, monkeypatch, capsys):
    monkeypatch.setenv("NISSAN_ANALYSIS_DATA", str(hostile_data))
    evil = "\x1b[31m[red]\x1b]0;x\x07\u202e"
    for arguments in (
        ["render", "china-sales", "--first-year", evil],
        ["render", evil],
        ["render", "china-sales", f"--{evil}", "1"],
        ["facts", "--as-of", evil],
        ["facts", "sakura", "sales"],
        ["plants", evil],
        ["notebooks", evil],
        ["audit", evil],
        [evil],
    ):
        cli.run(arguments)
        said = capsys.readouterr()
        assert said.out + said.err
        assert quiet(said.out + said.err), (arguments, said)


def test_bytes_that_are_no_text_are_an_error_and_no_crash(tmp_path: Path):
    line = [os.fsencode(sys.executable), b"-m", b"nissan_analysis", b"render", b"sakura-share"]
    ran = subprocess.run(
        [*line, b"--first-month", b"\xff\xfe", b"--out", os.fsencode(tmp_path / "out")],
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert ran.returncode == 2
    assert b"expected a month such as 2022-05" in ran.stderr
    assert b"Traceback" not in ran.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_what_a_failing_cell_says_does_nothing_to_the_terminal(desk: Path, tmp_path: Path, capsys):
    tiny.write(desk, "china_sales", 'raise ValueError("\\x1b]0;pwned\\x07\\x1b[2J[red]\\u202e")')
    assert cli.run(["render", "china-sales", "--out", str(tmp_path / "out"), "--jobs", "1"]) == 1
    said = capsys.readouterr()
    assert "[red]" in said.out
    assert quiet(said.out.replace("\x1b[?25l", "").replace("\x1b[?25h", "") + said.err)
