"""``facts.json``: every number that a report says, and what it rests on, for machines."""

from __future__ import annotations

import json
import math
from collections import Counter
from functools import lru_cache
from typing import Any

from .model import Chart, Document, Fact, facts_in, plain
from .notes import Notes
from .passages import passages
from .text import clean


@lru_cache(maxsize=1)  # asked for twice: as a file, and for the PDF's attachment
def facts_json(doc: Document) -> str:
    """The report's numbers and passages in reading order, with its charts' data, facts, sources,
    assumptions and foot.

    A number's `key` (part, row or key label, name in its sentence) is the same in every edition of
    the report that says it; a passage names its numbers by place. Keys are sorted and floats printed as they were given, so the same document gives the same text.
    """
    notes = Notes(doc)
    numbers: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    taken: Counter[str] = Counter()
    for passage in passages(doc):
        found = list(facts_in(passage.content))
        entry = {"part": passage.part, "where": passage.where, "kind": passage.kind}
        entry |= {"label": passage.label, "text": passage.text}
        told.append(entry | {"numbers": [len(numbers) + i for i in range(len(found))]})
        for fact in found:
            key = "/".join(p for p in (passage.part, passage.label, fact.name) if p)
            taken[key] += 1
            key += f"/{taken[key]}" if taken[key] > 1 else ""
            numbers.append(_entry(fact, passage.where, notes) | {"key": key})
    content = {
        "report": doc.report,
        "title": plain(doc.title),
        "as_of": doc.as_of,
        "latest_source": doc.latest_source,
        "numbers": numbers,
        "passages": told,
        "charts": [_chart(b) for b in doc.blocks if isinstance(b, Chart)],
        "facts": doc.facts,
        "sources": [vars(s) | {"facts": sorted(s.facts)} for s in doc.sources],
        "assumptions": [vars(a) for a in doc.assumptions],
        "foot": doc.foot,
    }
    return (
        json.dumps(_safe(content), ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
        + "\n"
    )


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        "part": chart.anchor,
        "title": plain(chart.title),
        "alt": chart.alt,
        "columns": list(chart.columns),
        "rows": [list(row) for row in chart.rows],
    }


def _entry(fact: Fact, where: str, notes: Notes) -> dict[str, Any]:
    return {
        "text": fact.text,
        "value": _number(fact.value),
        "low": _number(fact.low),
        "high": _number(fact.high),
        "unit": fact.unit,
        "status": fact.status,
        "facts": list(fact.facts),  # A, B, ... of `how`; f0, f1, ... of `formula`
        "name": fact.name,
        "how": fact.how,
        "formula": fact.formula,
        "sources": sorted(notes.basis(fact).sources),
        "where": where,
    }


def _number(text: str) -> float | int | str | None:
    try:
        value = float(text)
    except ValueError:
        return text or None
    if not math.isfinite(value):
        return text
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _safe(value: Any) -> Any:
    """Only what JSON knows: texts cleaned, no NaN."""
    if isinstance(value, dict):
        return {clean(k): _safe(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_safe(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return clean(value)
