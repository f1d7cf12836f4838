"""Properties that hold for any ledger, number and text: bounds hold the truth, the past stays as it
was, order never matters, no series bridges a break, and what is written can be read back.
"""

from __future__ import annotations

import csv
import datetime as dt
import html
import json
import re
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import typst
from hypothesis import assume, given
from hypothesis import strategies as st

import small_data
from conftest import few
from nissan_analysis.checks import run_checks
from nissan_analysis.document import markdown
from nissan_analysis.document.glyphs import drawable
from nissan_analysis.document.html_parts import esc
from nissan_analysis.document.model import plain
from nissan_analysis.document.text import clean
from nissan_analysis.document.typst_parts import literal, raw
from nissan_analysis.ledger import Ledger
from nissan_analysis.periods import month_end, months_from
from nissan_analysis.quantity import Origin, Quantity
from nissan_analysis.rows import MODELS, FactRow
from nissan_analysis.wording import ExcessDigits, digits, escape

FREQUENCIES = ("ME", "QE", "HE", "YE", "FY")
FIRST = dt.date(2021, 1, 1)
MONTHS = 24
ENTITIES = [
    {"entity": "every", "label": "Every"},
    {"entity": "registered", "label": "Registered"},
    {"entity": "kei", "label": "Kei", "equals": "every - registered"},
]


def tables(facts: list[dict[str, Any]], **more: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Tables as `read_tables` gives them, without the disk."""
    given_rows: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
        "sources": (small_data.SOURCE, more.get("sources", [{}])),
        "entities": (small_data.ENTITY, more.get("entities", ENTITIES)),
        "metrics": (small_data.METRICS[0], small_data.METRICS),
        "bases": ({}, more.get("bases", [])),
    }
    made: dict[str, list[Any]] = {name[:-4]: [] for name in MODELS}
    for name, (base, rows) in given_rows.items():
        model, _ = MODELS[f"{name}.csv"]
        blank = dict.fromkeys(model.model_fields, "")
        made[name] = [model.model_validate(blank | base | row) for row in rows]
    made["facts"] = [
        FactRow.model_validate(small_data.FACT | {"fact": f"f{i}"} | row)
        for i, row in enumerate(facts)
    ]
    return made


def ledger(facts: list[dict[str, Any]], as_of: str | None = None, **more: Any) -> Ledger:
    day = dt.date.fromisoformat(as_of) if as_of else None
    return Ledger(tables(facts, **more), "", day)


def span(first: int, count: int) -> dict[str, str]:
    """The dates of `count` months from month number `first`."""
    start = dt.date(FIRST.year + first // 12, first % 12 + 1, 1)
    begin, end = months_from(start, count)
    return {"period_start": begin.isoformat(), "period_end": end.isoformat()}


def month_numbers(period: tuple[dt.date, dt.date]) -> range:
    first = (period[0].year - FIRST.year) * 12 + period[0].month - 1
    last = (period[1].year - FIRST.year) * 12 + period[1].month - 1
    return range(first, last + 1)


#: Periods that are printed: months, quarters, halves, years, fiscal years and running totals.
SPANS = sorted(
    {(m, 1) for m in range(MONTHS)}
    | {(m, 3) for m in range(0, MONTHS - 2, 3)}
    | {(m, 6) for m in range(0, MONTHS - 5, 6)}
    | {(0, 12), (12, 12), (3, 12)}
    | {(start, n) for start in (0, 12) for n in range(2, 12)}
)
counts = st.integers(
    1_500, 9_999
)  # more than the coarsest rounding, so that no bound is below zero


@st.composite
def printed(draw: st.DrawFn, truth: int) -> dict[str, str]:
    """A figure as a source prints it that knows the truth: rounded, and with a word for it."""
    qualifier = draw(
        st.sampled_from(["exact", "exact", "exact", "about", "nearly", "over", "up_to"])
    )
    decimals = draw(st.sampled_from([0, 0, 0, -1, -2, -3]))
    step = 10**-decimals
    if qualifier == "over":
        value = truth // step * step
    elif qualifier in ("nearly", "up_to"):
        value = -(-truth // step) * step
    else:
        value = round(truth / step) * step
    return {"value": str(value), "decimals": str(decimals), "qualifier": qualifier}


@st.composite
def markets(draw: st.DrawFn) -> tuple[dict[str, list[int]], list[dict[str, str]]]:
    """What happened month by month, and a few figures that sources print of it."""
    truth = {name: draw(st.lists(counts, min_size=MONTHS, max_size=MONTHS)) for name in ("registered", "kei")}  # fmt: skip
    truth["every"] = [a + b for a, b in zip(truth["registered"], truth["kei"], strict=True)]
    facts = []
    for _ in range(draw(st.integers(1, 14))):
        entity = draw(st.sampled_from(sorted(truth)))
        first, count = draw(st.sampled_from(SPANS))
        whole = sum(truth[entity][first : first + count])
        row = {"entity": entity} | span(first, count)
        before = sum(truth[entity][first - 12 : first - 12 + count]) if first >= 12 else 0
        if before and draw(st.booleans()):
            places = draw(st.integers(0, 2))
            growth = {"metric": "sales_yoy", "unit": "percent", "decimals": str(places)}
            facts.append(row | growth | {"value": f"{100 * (whole / before - 1):.{places}f}"})
        facts.append(row | draw(printed(whole)))
    return truth, facts


def every_point(book: Ledger) -> list[tuple[str, Any]]:
    return [
        (entity, point)
        for entity in book.entities
        for freq in FREQUENCIES
        for point in book.series("sales", entity, freq, start=FIRST, end=month_end(2022, 12))
    ]


@given(markets())
def test_bounds_hold_the_truth_whatever_was_printed_and_derived(tally, market):
    truth, facts = market
    book = ledger(facts)
    for entity, point in every_point(book):
        real = sum(truth[entity][m] for m in month_numbers(point.period))
        q = point.quantity
        assert q.low - 1e-6 <= real <= q.high + 1e-6, (entity, point.label, q, q.formula)
    assert book.disagreements() == [], "roundings of one truth do not disagree"
    tally("random ledgers tried", 1)


# --- vintages ------------------------------------------------------------------------------

LATER = {"source": "later", "published": "2026-06-30"}
anything = st.fixed_dictionaries(
    {
        "value": counts.map(str),
        "entity": st.sampled_from(["every", "registered", "kei"]),
        "status": st.sampled_from(["official", "reported", "estimate", "target", "denied"]),
        "rank": st.sampled_from(["normal", "preferred", "deprecated"]),
        "rank_reason": st.just("open: because"),
        "source": st.just("later"),
    }
)


def told(book: Ledger) -> list[Any]:
    """Everything that a report could say from a ledger."""

    def points(*asked: Any) -> list[Any]:
        return [
            (p.label, p.quantity.value, p.quantity.low, p.quantity.high, p.basis, p.stated, p.quantity.facts)
            for p in book.series(*asked)
        ]  # fmt: skip

    tables_ = [points("sales", entity, freq) for entity in book.entities for freq in FREQUENCIES]
    growth = [points("sales_yoy", entity, "ME") for entity in book.entities]
    conflicts = [(d.facts, d.ruling, d.settled) for d in book.disagreements()]
    return [tables_, growth, conflicts, sorted(book.facts), [str(c) for c in run_checks(book)]]


@few(40)
@given(markets(), anything, st.sampled_from(SPANS), st.booleans())
def test_a_later_fact_never_changes_an_earlier_vintage(tally, market, fact, where, dispute):
    _, facts = market
    new = fact | span(*where)
    if dispute:  # of the same figure that is there already
        new |= {k: facts[0][k] for k in ("entity", "period_start", "period_end")}
    sources = [{}, LATER]
    day = "2026-06-29"
    before = ledger(facts, day, sources=sources)
    after = ledger([*facts, new], day, sources=sources)
    assert told(after) == told(before)
    tally("random ledgers tried", 2)


# --- order ---------------------------------------------------------------------------------


def on_disk(folder: Path, facts: list[dict[str, str]], files: list[int]) -> Path:
    """The same data as files: fact number i goes into file number files[i]."""
    data = small_data.write(folder, entities=ENTITIES, facts=[])
    (data / "facts" / "all.csv").unlink()
    for number in sorted(set(files)):
        with (data / "facts" / f"part{number}.csv").open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(FactRow.model_fields), lineterminator="\n")
            writer.writeheader()
            writer.writerows(
                small_data.FACT | fact for fact, at in zip(facts, files, strict=True) if at == number
            )  # fmt: skip
    return data


@few(20)
@given(markets(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_files_never_matters(tally, market, random):
    _, facts = market
    facts = list({json.dumps(f): f for f in facts}.values())  # a figure twice is a fault
    named = [{"fact": f"f{i}"} | fact | {"note": "n"} for i, fact in enumerate(facts)]
    mixed = random.sample(named, len(named))
    with tempfile.TemporaryDirectory() as folder:
        one = Ledger.load(data=on_disk(Path(folder) / "one", named, [0] * len(named)))
        files = [random.randrange(4) for _ in mixed]
        two = Ledger.load(data=on_disk(Path(folder) / "two", mixed, files))
    assert [sorted(part) for part in told(one)] == [sorted(part) for part in told(two)]
    assert told(one)[:2] == told(two)[:2]
    tally("random ledgers tried", 2)


# --- breaks --------------------------------------------------------------------------------


@st.composite
def redefined(draw: st.DrawFn) -> tuple[dict[str, list[int]], list[dict[str, str]], int]:
    """Months counted two ways, a break between them, and figures: as they were printed on the
    definition of their day, across the break, and restated on the new one."""
    new = draw(st.lists(counts, min_size=MONTHS, max_size=MONTHS))
    old = [n + draw(st.integers(1, 500)) for n in new]
    at = draw(st.integers(1, MONTHS - 1))
    truth = {"old": old, "new": new, "mixed": [*old[:at], *new[at:]]}
    facts = []
    for _ in range(draw(st.integers(1, 14))):
        first, count = draw(st.sampled_from(SPANS))
        basis = "old" if first + count <= at else "new" if first >= at else "mixed"
        if draw(st.integers(0, 3)) == 0:
            basis = "new"  # restated
        row = {"entity": "every", "basis": basis} | span(first, count)
        whole = sum(truth[basis][first : first + count])
        before = sum(new[first - 12 : first - 12 + count]) if first >= 12 else 0
        if before and basis == "new" and draw(st.booleans()):
            growth = {"metric": "sales_yoy", "unit": "percent", "decimals": "2"}
            facts.append(row | growth | {"value": f"{100 * (whole / before - 1):.2f}"})
        facts.append(row | {"value": str(whole)})
    return truth, facts, at


@few(60)
@given(redefined())
def test_no_series_bridges_a_break(tally, case):
    truth, facts, at = case
    begins = dt.date.fromisoformat(span(at, 1)["period_start"])
    bases = [
        {"basis": "old", "label": "Old", "chain": "every", "definition": "x",
         "valid_to": (begins - dt.timedelta(days=1)).isoformat()},
        {"basis": "mixed", "label": "Mixed", "chain": "every", "definition": "x"},
        {"basis": "new", "label": "New", "chain": "every", "definition": "x", "valid_from": begins.isoformat()},
    ]  # fmt: skip
    book = ledger(facts, bases=bases)
    for freq in FREQUENCIES:
        series = book.series("sales", "every", freq)
        for point in series:
            real = sum(truth[point.basis][m] for m in month_numbers(point.period))
            assert point.quantity.low <= real <= point.quantity.high, (
                point.label, point.basis, point.quantity, point.quantity.formula
            )  # fmt: skip
        for one, two in zip(series.points, series.points[1:], strict=False):
            assert one.basis == two.basis or not series.comparable(one.period, two.period)
    tally("random ledgers tried", 1)


# --- numbers -------------------------------------------------------------------------------

SPECS = ["", "~,", ".1", "~.1", ".2", "~.2", "m", "~.1m", ".2m", "~k", ".1k", "+,", "~+.1%", ".1%", "%", "~%", ".3m", "d"]  # fmt: skip
SCALE = {"%": 0.01, "m": 1e6, "k": 1e3, "n": 1e9}


@given(
    st.floats(-1e10, 1e10, allow_subnormal=False),
    st.floats(0, 0.5),
    st.floats(0, 1),
    st.sampled_from(SPECS),
)
def test_a_printed_number_reads_back_within_its_precision(value, width, lean, spec):
    assume(value == 0 or abs(value) > 1e-6)
    half = abs(value) * width
    number = Quantity.of(value, "vehicles", Origin(("f",), half * lean, half * (1 - lean)))
    try:
        text = digits(number, spec)
    except ExcessDigits:
        assert "~" not in spec, "a format that fits never asks for too much"
        return
    assert re.fullmatch(r"[+−]?\d{1,3}(,\d{3})*(\.\d+)?%?|[+−]?\d+(\.\d+)?%?", text), text
    scale = SCALE.get(spec[-1:], 1.0)
    bare = text.replace(",", "").replace("−", "-").rstrip("%")
    _, _, decimals = bare.partition(".")
    zeros = 0 if decimals else len(bare) - len(bare.rstrip("0"))
    place = 10.0 ** (zeros - len(decimals)) * scale
    read = float(bare) * scale
    # Zero has no last place of its own: it is right wherever the bounds reach to it.
    inside = number.low - 1e-9 * abs(value) <= read <= number.high + 1e-9 * abs(value)
    assert inside or abs(read - value) <= 0.5 * place * (1 + 1e-9) + 1e-12 * abs(value)
    if read:
        assert (read > 0) == (value > 0)


# --- texts ---------------------------------------------------------------------------------

#: Any text, and texts full of what means something somewhere.
MARKS = "\\`*_{}[]()<>#+-.!|~$&%@^=:;\"'/ \n\tab1é日\u202e\u200b\x00\x1b\x85\u2028\ufeff\U0001f697"
texts = st.one_of(
    st.text(max_size=80),
    st.text(st.sampled_from(MARKS), max_size=60),
    st.lists(
        st.sampled_from(["<data class=\"fact\"", "</data>", "<time>", "](", "![", "https://x.y", "&lt;", "&#0;", "&#x202e;", "&nbsp", "```", "***", "> ", "- ", "1. ", "\n\n", "    ", "# ", "---", "[^1]", "<!--", "-->", "<![CDATA[", "\\", "#read(\"x\")", "${", "\ud800"]),
        max_size=12,
    ).map("".join),
)  # fmt: skip


class _Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for _, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@given(texts)
def test_html_reads_back_any_text(tally, text):
    text = clean(text)
    reader = _Reader(f'<p title="{esc(text)}">{esc(text)}</p>')
    assert reader.found == [text]
    assert "".join(reader.words) == text
    assert html.unescape(esc(text)) == text
    tally("random texts tried", 1)


@few(20)
@given(st.lists(texts, min_size=20, max_size=40))
def test_typst_reads_back_any_text(tally, many):
    """Typst itself is asked what it read, in one document of many texts."""
    many = [clean(text) for text in many]
    code = ", ".join(f"{literal(text)}, {raw(text)}" for text in many)
    with tempfile.TemporaryDirectory() as root:
        compiler = typst.Compiler(f"#metadata(({code},)) <all>".encode(), root=root)
        read = json.loads(compiler.query("<all>", field="value", one=True))
    assert read[::2] == [drawable(text) for text in many]
    assert read[1::2] == many
    tally("random texts tried", len(many))


def without_controls(text: str) -> str:
    """As `escape` does: characters below the space are no part of a text."""
    return "".join(c for c in text if c in "\n\t" or ord(c) >= 32)


@given(texts)
def test_escaped_text_reads_back_from_markdown(tally, text):
    """What `say` does with a text out of the data, and the reader with it: nothing is lost or added."""
    wanted = " ".join(clean(without_controls(text)).split())
    read = markdown.inlines(escape(text))
    assert " ".join(plain(read).split()) == wanted
    tally("random texts tried", 1)


@given(texts)
def test_escaped_text_is_a_paragraph_and_nothing_else(tally, text):
    line = " ".join(without_controls(text).split())
    assume(clean(line).strip())
    found = markdown.blocks(escape(line))
    assert [type(block).__name__ for block in found] == ["Paragraph"]
    assert " ".join(plain(found[0].content).split()) == " ".join(clean(line).split())
    tally("random texts tried", 1)


@given(texts)
def test_the_markdown_reader_never_fails(tally, text):
    for found in (markdown.blocks(text), markdown.inlines(text)):
        assert all(
            c.isprintable() or c in "\n\t\u00a0\u3000" or c.isspace() for c in strings(found)
        )
    tally("random texts tried", 1)


def strings(part: Any) -> str:
    """All text in a part of a document."""
    if isinstance(part, str):
        return part
    if isinstance(part, (tuple, list)):
        return "".join(map(strings, part))
    return "".join(strings(value) for value in vars(part).values()) if hasattr(part, "__dict__") else ""  # fmt: skip


@pytest.mark.parametrize("deep", ["> ", "- ", "*_", "[", "![", "<data class=\"fact\">", "<time>", "(", "`"])  # fmt: skip
def test_no_depth_of_nesting_is_too_deep(deep):
    markdown.blocks(deep * 2_000 + "x")
    markdown.blocks("\n".join("  " * n + deep + "x" for n in range(200)))
