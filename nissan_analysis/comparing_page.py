"""A comparison as text for a terminal, as JSON, and as a small HTML page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from difflib import SequenceMatcher
from itertools import groupby

from .comparing import Cause, ChartMoved, Comparison, Difference
from .document.html_parts import esc
from .document.text import long_date, slug
from .document.to_html import shell

NAMED = 3  #: facts named as the cause of one difference
STYLE = """<style>
.moved { margin: 0 0 1.4rem; max-width: 46rem; }
.moved p { margin: 0.15rem 0; }
.moved .was { color: var(--c-muted); }
.moved del { text-decoration: line-through; text-decoration-thickness: 1px; }
.moved ins { text-decoration: none; background: color-mix(in srgb, var(--c-accent) 16%, transparent); }
.moved .tag { display: inline-block; min-width: 4.5em; }
.moved ul { margin: 0.3rem 0 0; font-size: 0.875rem; }
</style>
"""


def day(text: str) -> str:
    """An edition's date, with what stands behind it, as it is printed."""
    return long_date(text[:10]) + text[10:]


def summary(found: Comparison) -> str:
    """How much differs, in two sentences."""
    c = found.counts
    facts = found.facts
    return (
        f"{_many(c['changed'], 'passage')} changed, {c['new']} new, {c['gone']} gone, {c['same']} the same; "
        f"{_many(c['numbers'], 'number')} and {_many(c['charts'], 'chart')} moved. "
        f"Facts used: {facts['new']} new, {facts['gone']} no longer used, {facts['changed']} with another value."
    )


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


Lone = tuple[
    Sequence[str], Sequence[str]
]  #: reports that only the one, only the other folder holds


def as_json(found: Sequence[Comparison], lone: Lone = ((), ())) -> str:
    """All of it, for machines."""
    told = {
        "compared": [asdict(one) | {"counts": one.counts} for one in found],
        "only_then": list(lone[0]),
        "only_now": list(lone[1]),
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def not_compared(then: str, now: str, lone: Lone) -> list[str]:
    """What only one of two folders holds, a line for each that has such reports."""
    both = zip((then, now), lone, strict=True)
    return [f"Only in {place}, not compared: {', '.join(names)}." for place, names in both if names]


def as_text(found: Comparison) -> Iterator[str]:
    """Lines for a terminal: by heading, then what each passage said, says, and why."""
    yield f"{found.report}: {day(found.then)} → {day(found.now)}"
    yield summary(found)
    for where, group in groupby(found.differences, key=lambda d: d.where):
        yield ""
        yield where.upper()
        for one in group:
            yield from _lines(one)
    if found.charts:
        yield ""
        yield "CHARTS"
        for chart in found.charts:
            yield f"  {chart_title(chart)}"
            if chart.then and chart.now:
                yield f"      rows: {chart_rows(chart)}"


def _lines(one: Difference) -> Iterator[str]:
    if one.then:
        yield f"  - {one.then}"
    if one.now:
        yield f"  + {one.now}"
    for line in reasons(one):
        yield f"      {line}"


def reasons(one: Difference) -> Iterator[str]:
    """How its numbers moved, and the facts behind that: one line each."""
    for moved in one.numbers:
        change = f" ({moved.difference})" if moved.difference else ""
        yield f"{moved.then} → {moved.now}{change}"
    yield from because(one.causes)


def because(causes: Iterable[Cause]) -> Iterator[str]:
    """The facts that made a difference: new ones first, those set aside only counted."""
    words = {"new": "new", "changed": "another value"}
    found = list(causes)
    for kind, word in words.items():
        some = [c for c in found if c.kind == kind]
        for cause in some[:NAMED]:
            yield f"{word}: {cause.words}"
        if len(some) > NAMED:
            yield f"{word}: {len(some) - NAMED} more"
    gone = [c for c in found if c.kind == "gone"]
    if gone and len(gone) == len(found):
        for cause in gone[:NAMED]:
            yield f"no longer used: {cause.words}"
    more = len(gone) - (NAMED if len(gone) == len(found) else 0)
    if more > 0:
        yield f"no longer used: {_many(more, 'figure')}"


def chart_title(chart: ChartMoved) -> str:
    """What became of a chart's title."""
    if not chart.then:
        return f"new chart: {chart.now}"
    if not chart.now:
        return f"chart gone: {chart.then}"
    return chart.now if chart.then == chart.now else f"{chart.then} → {chart.now}"


def chart_rows(chart: ChartMoved) -> str:
    """Which rows of a chart's data moved, by their labels."""
    parts = []
    for word, labels in (("new", chart.new), ("gone", chart.gone), ("changed", chart.changed)):
        if labels:
            few = ", ".join(labels[:6]) + (
                f" and {len(labels) - 6} more" if len(labels) > 6 else ""
            )
            parts.append(f"{word} {few}")
    return "; ".join(parts) or "the same data, told otherwise"


def page(found: Sequence[Comparison], left: Sequence[str] = ()) -> str:
    """The comparisons as one HTML page; `left` are lines on what could not be compared."""
    first = found[0]
    title = f"What moved between {day(first.then)} and {day(first.now)}"
    lead = "Each passage of the report as it stood and as it stands, and the facts that made the difference."
    sections = [part for one in found for part in _sections(one, len(found) > 1)]
    if left:
        told = "".join(f"<p>{esc(line)}</p>" for line in left)
        sections.append(("not-compared", "Not compared", told))
    return framed(title, ", ".join(one.report for one in found), lead, sections, STYLE)


Section = tuple[str, str, str]  # its anchor, its title, and its body as HTML


def framed(title: str, kicker: str, lead: str, sections: Sequence[Section], head: str = "") -> str:
    """A page of sections with its contents beside them, in the frame of the reports."""
    entries = "".join(
        f'<li><a href="#{anchor}">{esc(name)}</a></li>' for anchor, name, _ in sections
    )
    parts = "".join(f'<h2 id="{anchor}">{esc(name)}</h2>{body}' for anchor, name, body in sections)
    body = (
        '<a class="skip" href="#main">Skip to what moved</a>'
        f'<header><p class="kicker">{esc(kicker)}</p><h1>{esc(title)}</h1>'
        f'<p class="standfirst">{esc(lead)}</p></header><div class="columns">'
        f'<nav aria-labelledby="contents"><p class="tag" id="contents">Contents</p><ol>{entries}</ol></nav>'
        f'<main id="main" tabindex="-1">{parts}</main></div>'
    )
    return shell(title, lead, body, head=head)


def _sections(found: Comparison, named: bool) -> Iterator[Section]:
    """The parts of one comparison: how much, heading by heading, charts."""
    lead = f"{found.report}: " if named else ""
    names: set[str] = {found.report}
    yield slug(f"{found.report}-summary", names), f"{lead}How much", f"<p>{esc(summary(found))}</p>"
    for where, group in groupby(found.differences, key=lambda d: d.where):
        anchor = slug(f"{found.report}-{where}", names)
        yield anchor, f"{lead}{where}", "".join(_moved(one) for one in group)
    if found.charts:
        items = []
        for chart in found.charts:
            rows = f": {chart_rows(chart)}" if chart.then and chart.now else ""
            items.append(f"<li>{esc(chart_title(chart) + rows)}</li>")
        yield f"{found.report}-charts", f"{lead}Charts", f"<ul>{''.join(items)}</ul>"


def _moved(one: Difference) -> str:
    was, now = marked(one.then, one.now)
    lines = [f'<p class="tag">{esc(one.kind)}</p>'] if one.kind != "changed" else []
    lines += [f'<p class="was">{was}</p>'] if one.then else []
    lines += [f"<p>{now}</p>"] if one.now else []
    why = "".join(f"<li>{esc(line)}</li>" for line in reasons(one))
    return f'<div class="moved">{"".join(lines)}{f"<ul>{why}</ul>" if why else ""}</div>'


def marked(then: str, now: str) -> tuple[str, str]:
    """Two texts as HTML, with the words that only one of them has marked."""
    if not then or not now:
        return esc(then), esc(now)
    a, b = then.split(), now.split()
    was, is_ = [], []
    for kind, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        old, new = esc(" ".join(a[i:j])), esc(" ".join(b[k:m]))
        was.append(old if kind == "equal" else f"<del>{old}</del>" if old else "")
        is_.append(new if kind == "equal" else f"<ins>{new}</ins>" if new else "")
    return " ".join(filter(None, was)), " ".join(filter(None, is_))
