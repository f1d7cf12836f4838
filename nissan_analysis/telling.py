"""What a notebook calls to speak: `begin`, `front`, `say`, `claim`, `show`, `finish`.

Each shows one output. What the report printer needs beside the words (the title of a chart, the
facts a number rests on) travels in the output's metadata, so an executed notebook holds its
whole report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from IPython.display import display

from .charts import Chart
from .fingerprint import code_version
from .ledger import Ledger
from .parameters import as_json, validate
from .provenance import LATER, record, source_line
from .quantity import UNCERTAIN_STATUSES, Quantity, parameter
from .reads import ALL
from .tables import Table
from .wording import STATUS_WORDS, Key, Phrase, escape, long_date, phrase, status_said


class StatusNotSaid(ValueError):
    """A planned, denied, cancelled or estimated figure was told as if it were a fact."""


@dataclass
class _Report:
    name: str
    ledger: Ledger
    parameters: Any
    made: int  #: ledgers made in this process when the report began
    facts: set[str] = field(default_factory=set)
    given: dict[str, Quantity] = field(default_factory=dict)


_report: _Report | None = None
_collected: list[dict[str, Any]] | None = None


@contextmanager
def collected() -> Iterator[list[dict[str, Any]]]:
    """What is told inside the ``with`` goes into the list, as outputs of a notebook, and not on
    the page. Charts are SVG. A report that had begun before goes on after it.
    """
    global _report, _collected
    before = _report, _collected
    _collected = []
    try:
        yield _collected
    finally:
        _report, _collected = before


@contextmanager
def unheard() -> Iterator[None]:
    """What is told inside the ``with`` is checked and dropped; the report uses none of its facts."""
    global _collected
    before, facts, _collected = _collected, set(_current().facts), []
    try:
        yield
    finally:
        _collected = before
        _current().facts = facts


def _current() -> _Report:
    if _report is None:
        raise RuntimeError("No report has begun: run the cell with begin(...) first.")
    return _report


def begin(report: str, **raw: Any) -> tuple[Any, Ledger]:
    """Start a report: check its parameters and open the ledger as of their date.

    Returns the validated parameters and the ledger. Raises `ParameterError` or `DataError`,
    each with one message that lists every fault.
    """
    global _report
    parameters = validate(report, raw)
    _report = _Report(report, Ledger.load(parameters.as_of), parameters, Ledger.made)
    return parameters, _report.ledger


def given(name: str, unit: str, assumption: str | None = None) -> Quantity:
    """A parameter as a quantity, tagged ``parameter:<name>``.

    A parameter left at None takes the value of an assumption and is tagged so.
    """
    report = _current()
    value = getattr(report.parameters, name)
    if value is None:
        if assumption is None:
            raise ValueError(f"Parameter {name!r} is None and names no assumption.")
        return report.ledger.assumption(assumption)
    if name not in report.given:
        report.given[name] = parameter(name, float(value), unit)
    return report.given[name]


def _check_status(said: Phrase) -> None:
    for status in said.statuses & UNCERTAIN_STATUSES:
        if not status_said(status, said.text):
            raise StatusNotSaid(
                f"{said.text[:90]!r}... rests on a figure whose status is {status!r}, but does not "
                f"say so. Call it what it is (words that do: {STATUS_WORDS[status][:60]}...)."
            )


def _use(*phrases: Phrase | None) -> None:
    for said in phrases:
        if said is not None:
            _check_status(said)
            _current().facts.update(said.facts)


def _show(mime: str, data: dict[str, Any], meta: dict[str, Any]) -> None:
    metadata = {mime: {"nissan": meta}}
    if _collected is not None:
        output = {"output_type": "display_data", "data": data, "metadata": metadata}
        _collected.append(output)
    else:
        display(data, metadata=metadata, raw=True)


def _markdown(md: str, text: str, meta: dict[str, Any]) -> None:
    _show("text/markdown", {"text/markdown": md, "text/plain": text}, meta)


def say(template: str | Phrase | None, /, **values: Any) -> None:
    """Show a paragraph. See `wording.phrase` for the template. None shows nothing."""
    if template is None:
        return
    if isinstance(template, str) and "\n\n" in template.strip():
        for part in template.strip().split("\n\n"):
            say(part, **values)
        return
    said = (
        template if isinstance(template, Phrase) else phrase(" ".join(template.split()), **values)
    )
    _use(said)
    _markdown(said.md, said.text, {"kind": "prose"})


def claim(
    condition: bool, template: str | Phrase, /, otherwise: str | Phrase | None = None, **values: Any
) -> None:
    """Show a paragraph only while `condition` holds; else `otherwise`, or nothing."""
    if condition:
        say(template, **values)
    elif otherwise is not None:
        say(otherwise, **values)


def bullets(items: Iterable[Phrase]) -> None:
    """Show a list, one phrase an item. An empty list shows nothing."""
    said = list(items)
    if not said:
        return
    _use(*said)
    md = "\n".join(f"- {item.md}" for item in said)
    _markdown(md, "\n".join(f"- {item.text}" for item in said), {"kind": "prose"})


def told(lines: Sequence[Phrase]) -> None:
    """Show a list under its first phrase, which introduces it. Nothing for no lines."""
    if lines:
        say(lines[0])
        bullets(lines[1:])


def front(
    kicker: str,
    title: Phrase,
    standfirst: Phrase,
    keys: Sequence[Key],
) -> None:
    """Show the opening: the finding as title, the summary, the key numbers."""
    report = _current()
    _use(title, standfirst)
    for item in keys:
        _use(phrase("{a}: {b}. {c}", a=item.label, b=item.value, c=item.note))
        if item.trend:
            report.facts.update(item.trend.facts)
    ledger = report.ledger
    meta = {
        "kind": "front",
        "report": report.name,
        "kicker": kicker,
        "title": title.md,
        "standfirst": standfirst.md,
        "as_of": ledger.as_of.isoformat(),
        "latest_source": ledger.newest.isoformat(),
        "keys": [_key(k) for k in keys],
    }
    lines = [f"# {title.md}", standfirst.md]
    lines += [
        f"- **{k.value.md}** {k.label.md}" + (f" ({k.note.md})" if k.note.md else "") for k in keys
    ]
    text = "\n".join([title.text, standfirst.text, *(f"{k.label}: {k.value}" for k in keys)])
    _markdown("\n\n".join(lines[:2]) + "\n\n" + "\n".join(lines[2:]), text, meta)


def _key(item: Key) -> dict[str, Any]:
    spec: dict[str, Any] = {k: getattr(item, k).md for k in ("label", "value", "note")}
    if item.trend:
        values = [None if v is None else float(f"{v:.6g}") for v in item.trend.values]
        spec["trend"] = {"words": item.trend.words, "values": values}
    return spec


def _plain_value(value: Any) -> str:
    if value is None:
        return "as assumed"
    if isinstance(value, tuple | list):
        return ", ".join(str(v) for v in value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def show(item: Chart | Table | None, lead: bool = False) -> None:
    """Show a chart or a table with its source line. None (nothing known) shows nothing.

    `lead` marks the chart that carries the report's finding: a page that leads to the report shows it.
    """
    if isinstance(item, Chart):
        _show_chart(item, lead)
    elif item is not None:
        _show_table(item)


def _show_chart(chart: Chart, lead: bool) -> None:
    _use(chart.title, chart.note)
    _current().facts.update(chart.facts)
    pictures: dict[str, Any]
    if _collected is None:
        pictures, drawn = chart.render()
    else:
        pictures, drawn = {"image/svg+xml": chart.svg()}, ""
    mime = next(iter(pictures))
    meta = {
        "kind": "chart",
        "id": chart.id,
        "title": chart.title.md,
        "subtitle": chart.subtitle,
        "alt": chart.alt,
        "note": chart.note.md if chart.note else "",
        "source": escape(source_line(_current().ledger, chart.facts)),
        "width": chart.width,
        **({"lead": True} if lead else {}),
        "data": {
            "columns": [str(c) for c in chart.data.columns],
            "rows": [[_plain_cell(v) for v in row] for row in chart.data.itertuples(index=False)],
        },
    }
    plain = f"{chart.title.text}\n{chart.alt}\n[{drawn}]"
    _show(mime, {**pictures, "text/plain": plain}, meta)


def _plain_cell(value: Any) -> Any:
    if value is None or value != value:
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    if isinstance(value, str | int | bool):
        return value
    return float(f"{float(value):.10g}")


def _show_table(table: Table) -> None:
    _use(table.title, table.note)
    _current().facts.update(table.facts)
    meta = {
        "kind": "table",
        "id": table.id,
        "title": table.title.md,
        "columns": [{"label": c.label, "align": c.align} for c in table.columns],
        "rows": [[cell.md for cell in row] for row in table.rows],
        "row_headers": True,
        "note": table.note.md if table.note else "",
        "source": escape(source_line(_current().ledger, table.facts)),
        "wide": table.wide,
    }
    _show("text/html", {"text/html": table.html(), "text/plain": table.text()}, meta)


def finish(weak_points: Sequence[Phrase] = ()) -> None:
    """Close the report: its weakest points, the assumptions it rests on, and every source."""
    report = _current()
    _use(*weak_points)
    ledger = report.ledger
    facts = {f: record(ledger, f, report.given, report.parameters) for f in sorted(report.facts)}
    by_source: dict[str, list[str]] = {}
    for fact, told in facts.items():
        if told["source"]:
            by_source.setdefault(told["source"], []).append(fact)
    ordered = sorted(by_source, key=lambda s: (ledger.sources[s].published, s))
    sources: list[dict[str, Any]] = []
    for number, name in enumerate(ordered, start=1):
        row = ledger.sources[name]
        sources.append(
            {
                "key": name,
                "number": number,
                "publisher": row.publisher,
                "title": row.title,
                "url": row.url,
                "published": row.published.isoformat(),
                "published_basis": row.published_basis,
                "kind": row.kind,
                "quality": row.quality,
                "facts": by_source[name],
            }
        )
    keys = sorted(f.split(":", 1)[1] for f in report.facts if f.startswith("assumption:"))
    assumptions = [
        ledger.assumptions[k].model_dump() | ({} if ledger.current else {"reason": LATER})
        for k in keys
    ]
    # A vintage that the report opened beside its own is not watched: then it has read everything.
    reads = ledger.reads.notes() if Ledger.made == report.made else [ALL]
    meta = {
        "kind": "sources",
        "data_version": ledger.version,
        "facts": facts,
        "sources": sources,
        "assumptions": assumptions,
        "weak_points": [w.md for w in weak_points],
        "foot": {
            "package": version("nissan-analysis"),
            "data": ledger.digest(reads),
            "reads": reads,
            "code": code_version(report.name),
            "as_of": ledger.as_of.isoformat(),
            "versions": {p: version(p) for p in ("pandas", "matplotlib", "seaborn", "papermill")},
            "parameters": {k: _plain_value(v) for k, v in report.parameters},
            "given": as_json(report.parameters),
        },
    }
    lines = [f"{len(facts)} figures from {len(sources)} sources."]
    lines += [f"- {w.md}" for w in weak_points]
    lines += [
        f"{s['number']}. {escape(s['publisher'])}, {escape(s['title'])}, "
        f"{long_date(ledger.sources[s['key']].published)}"
        for s in sources
    ]
    # Neither hashes nor versions go into the text: a strict comparison of notebooks should fail
    # when a word changes, not when a comment in the code does.
    _markdown("\n\n".join(lines[:1]) + "\n\n" + "\n".join(lines[1:]), "\n".join(lines), meta)
