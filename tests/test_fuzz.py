"""Broken notebooks: whatever is cut, swapped or put into an executed notebook, the reader says in one
message what is wrong, or both writers write it, with nothing in it that runs.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

import synthetic as made
from conftest import few
from nissan_analysis import document
from nissan_analysis.document import DocumentError, svg
from nissan_analysis.executing import NotebookError, read
from test_document import EVENTS, Page, small

BOOK = small(
    middle=[
        made.code([made.prose(made.paragraph())]),
        made.markdown("## A question?\n\n1. one\n2. two\n\n> said\n\n    code"),
        made.code([made.chart(svg=made.chart_svg("bar", 3, 2)), made.table(rows=2), made.table("w", 2, wide=True)]),
    ]
)  # fmt: skip
NASTY: list[Any] = [
    None, True, 0, -1, 1.5, float("nan"), float("inf"), 10**400, "", " ", "\n", "x", "<script>x</script>", "]]>",
    "\x00", "\ud800", "\u202e", "#read(\"x\")", "\\", '"', "{", "${", "9" * 400, "2024-99-99", "javascript:x", "a" * 3000,
    "<svg xmlns='http://www.w3.org/2000/svg'/>", "assumption:nobody", "data:image/png;base64,x", [], {}, [[]], [None],
    {"kind": "prose"}, {"x": {}}, "chart", "table", "front", "sources", "kind",
]  # fmt: skip


def paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a notebook."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()  # fmt: skip
    return [path, *(p for key, value in inner for p in paths(value, (*path, key)))]


PLACES = [path for path in paths(BOOK) if path]
places = st.sampled_from(PLACES)
changes = st.one_of(
    st.tuples(st.just("put"), places, st.sampled_from(NASTY)),
    st.tuples(st.just("put"), places, st.text(max_size=30)),
    st.tuples(st.just("cut"), places, st.none()),
    st.tuples(st.just("copy"), places, places),
    st.tuples(st.just("twice"), places, st.none()),
    st.tuples(st.just("clip"), places, st.integers(0, 400)),
)


def at(node: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        node = node[key]
    return node


def mutated(steps: list[tuple[str, tuple[Any, ...], Any]]) -> dict[str, Any]:
    book: dict[str, Any] = copy.deepcopy(json.loads(json.dumps(BOOK)))
    for what, path, more in steps:
        try:
            parent, key = at(book, path[:-1]), path[-1]
            value = parent[key]
            if what == "put":
                parent[key] = copy.deepcopy(more)
            elif what == "cut":
                del parent[key]
            elif what == "copy":
                parent[key] = copy.deepcopy(at(book, more))
            elif what == "twice" and isinstance(parent, list):
                parent.insert(key, copy.deepcopy(value))
            elif what == "clip" and isinstance(value, str):
                parent[key] = value[:more]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier step took the place away
    return book


def written(book: dict[str, Any]) -> str:
    """What became of a notebook: it was refused in one message, or written in all formats."""
    try:
        doc = document.read_document(book)
        page = Page(document.html(doc))
        json.loads(document.facts_json(doc), parse_constant=pytest.fail)
        assert document.pdf(doc).startswith(b"%PDF")
        document.index_html([document.card(doc)], "x", "y")
    except DocumentError as error:
        message = str(error)
        assert len(message) < 3_000
        assert "Traceback" not in message
        return "refused"
    assert not {"script", "iframe", "object", "embed", "base", "form"} & {
        t for t, _ in page.elements
    }
    for tag, attributes in page.elements:
        assert not EVENTS & set(attributes)
        assert not any("javascript:" in attributes.get(k, "").lower() for k in ("href", "src"))
        assert tag != "img" or attributes["src"].startswith("data:image/")
    return "written"


def test_the_notebook_itself_is_sound():
    assert written(json.loads(json.dumps(BOOK))) == "written"


@few(60)
@given(st.lists(changes, min_size=1, max_size=4))
def test_a_mutated_notebook_is_written_or_refused(tally, steps):
    tally(f"mutated notebooks {written(mutated(steps))}", 1)


@pytest.mark.slow
def test_each_single_thing_taken_away_or_replaced(tally):
    """Not at random: every place of what the cells say of themselves once emptied or made a number."""
    for count, path in enumerate(p for p in PLACES if "nissan" in p):
        book = mutated([("cut", path, None) if count % 2 else ("put", path, 7)])
        try:
            doc = document.read_document(book)
        except DocumentError:
            tally("mutated notebooks refused", 1)
        else:
            assert document.facts_json(doc)
            assert document.html(doc)
            tally("mutated notebooks written", 1)


@few(60)
@given(st.integers(0, 10**6), st.binary(max_size=6), st.integers(0, 40))
def test_a_damaged_file_is_told_as_one(tmp_path_factory, tally, where, more, cut):
    """Bytes lost or changed on the disk: no notebook, or one that reads."""
    path = tmp_path_factory.getbasetemp() / "damaged.ipynb"
    raw = nbformat.writes(small()).encode()
    where %= len(raw)
    path.write_bytes(raw[:where] + more + raw[where + cut :])
    try:
        nb = read(path)
    except NotebookError as error:
        told = str(error)
    else:
        tally(f"damaged files {written(nb)}", 1)
        return
    assert "damaged.ipynb is not a valid notebook" in told
    tally("damaged files refused", 1)


TAGS = st.sampled_from(
    ["<svg xmlns='http://www.w3.org/2000/svg'>", "</svg>", "<g>", "</g>", "<text>", "</text>", "<path d='M0 0'/>", "<script>x</script>",
     "<image href='http://x/y'/>", "<rect style='fill:url(#a)' onload='x'/>", "<style>*{}</style>", "<use href='#a'/>", "<a>", "</a>",
     "&lt;", "&a;", "<!DOCTYPE svg>", "<![CDATA[", "]]>", "<?x y?>", "<!--", "-->", "\x00", "é", "<foreignObject>", "</foreignObject>"]
)  # fmt: skip


@given(st.lists(TAGS, max_size=14).map("".join))
def test_a_picture_is_cleaned_or_refused(tally, text):
    for picture in (
        text,
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'>{text}</svg>",
    ):
        try:
            safe = svg.sanitised(picture, "p")
        except svg.SvgError:
            continue
        for word in ("<script", "onload", "http://x", "<style", "foreignObject", "<a>"):
            assert word not in safe
        assert svg.sanitised(safe, "p")
    tally("random pictures tried", 2)
