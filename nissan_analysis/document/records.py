"""The title block and the lists at the end, from the metadata of their outputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .markdown import inlines
from .model import Assumption, Key, Source
from .text import clean, one_line, safe_url


def texts(values: Iterable[object]) -> tuple[str, ...]:
    """Values as cleaned one-line texts; floats as short as they can be, None as nothing."""
    return tuple(_text(value) for value in values)


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.12g}" if value == value else ""
    return one_line(value)


def front(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `Document` that the title block sets."""
    return {
        "report": one_line(spec["report"]),
        "kicker": one_line(spec.get("kicker", "")),
        "title": inlines(spec["title"]),
        "standfirst": inlines(spec.get("standfirst", "")),
        "as_of": one_line(spec["as_of"]),
        "latest_source": one_line(spec.get("latest_source", "")),
        "keys": tuple(
            Key(
                inlines(k["label"]),
                inlines(k["value"]),
                inlines(k.get("note", "")),
                tuple(
                    None if v is None else float(v) for v in k.get("trend", {}).get("values", [])
                ),
                one_line(k.get("trend", {}).get("words", "")),
            )
            for k in spec.get("keys", [])
        ),
    }


def source(spec: Mapping[str, Any]) -> Source:
    """One entry of the numbered source list."""
    return Source(
        key=clean(spec["key"]),
        number=int(spec["number"]),
        publisher=one_line(spec.get("publisher", "")),
        title=one_line(spec.get("title", "")),
        url=safe_url(spec.get("url")),
        published=one_line(spec.get("published", "")),
        published_basis=one_line(spec.get("published_basis", "")),
        kind=one_line(spec.get("kind", "")),
        quality=one_line(spec.get("quality", "")),
        facts=tuple(clean(f) for f in spec.get("facts", [])),
    )


def assumption(number: int, spec: Mapping[str, Any]) -> Assumption:
    """One row of the assumptions table, numbered from 1."""
    names = ("key", "statement", "value", "low", "high", "unit", "quality", "impact", "reason")
    return Assumption(number, *(_text(spec.get(name)) for name in names))
