"""One page on a series of editions of a report: how its headline moved, and because of which facts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from .charts import WIDTH, house_style, svg_of
from .comparing import Cause, bare, compare
from .comparing_page import because, framed
from .document.html_parts import NAMES, esc, grid, scrolling
from .document.model import Column
from .document.svg import for_html, sanitised
from .document.text import csv_uri, long_date
from .drawing import number, value_axis
from .style import LIGHT

DRAWN = 3  #: key numbers that are drawn
HEADLINE = ("title", "summary", "key")


@dataclass(frozen=True)
class Stretch:
    """Editions one after another that open with the same words and numbers."""

    editions: tuple[Mapping[str, Any], ...]
    causes: tuple[Cause, ...]  #: facts that moved it from the stretch before

    @property
    def first(self) -> Mapping[str, Any]:
        return self.editions[0]


def stretches(editions: Sequence[Mapping[str, Any]]) -> list[Stretch]:
    """A series cut where the opening (title, summary, key numbers) changes."""
    found: list[Stretch] = []
    for before, edition in zip([None, *editions], editions, strict=False):
        if before is not None and _opening(before) == _opening(edition):
            found[-1] = Stretch((*found[-1].editions, edition), found[-1].causes)
            continue
        causes: dict[str, Cause] = {}
        if before is not None:
            for one in compare(before, edition).differences:
                if one.what in HEADLINE:
                    causes |= {c.fact: c for c in one.causes}
        found.append(Stretch((edition,), tuple(causes.values())))
    return found


def _opening(edition: Mapping[str, Any]) -> list[str]:
    return [p["text"] for p in edition["passages"] if p["kind"] in HEADLINE]


def page(editions: Sequence[Mapping[str, Any]], link: str = "{report}-{day}.html") -> str:
    """The page as HTML text; `link` is the pattern of the editions' files beside it."""
    report, last = str(editions[-1]["report"]), editions[-1]
    cut = stretches(editions)
    days = [str(e["as_of"]) for e in editions]
    title = f"{report.replace('_', ' ').capitalize()}: how the headline moved"
    lead = (
        f"{len(editions)} editions, as known between {long_date(days[0])} and {long_date(days[-1])}: "
        f"the opening changed {len(cut) - 1} time{'' if len(cut) == 2 else 's'}."
    )
    rows = [_row(one, report, link) for one in cut]
    columns = [
        Column(name, False) for name in ("As known on", "Headline and key numbers", "Because of")
    ]
    table = grid(columns, rows, True, '<span class="hidden">The headline by date</span>')
    picture = _picture(editions)
    sections = [("numbers", "The key numbers", picture)] if picture else []
    body = f'<div class="table">{scrolling(table, "The headline by date")}</div>'
    sections.append(("changes", "Every change", body))
    return framed(title, str(last["title"]), lead, sections)


def _edition(day: str, report: str, link: str) -> str:
    told = esc(long_date(day))
    return f'<a href="{esc(link.format(report=report, day=day))}">{told}</a>' if link else told


def _row(one: Stretch, report: str, link: str) -> list[str]:
    links = ", ".join(_edition(str(e["as_of"]), report, link) for e in one.editions)
    keys = [p for p in one.first["passages"] if p["kind"] == "key"][:DRAWN]
    told = "".join(f"<li>{esc(p['text'])}</li>" for p in keys)
    why = "".join(f"<li>{esc(line)}</li>" for line in because(one.causes))
    title = f"{esc(one.first['title'])}<ul>{told}</ul>"
    return [links, title, f"<ul>{why}</ul>" if why else "the first edition"]


def tracked(editions: Sequence[Mapping[str, Any]]) -> dict[str, list[tuple[str, float, str]]]:
    """The first key numbers of the latest edition through all editions: (day, value, text) by label.

    A key number is followed by its label without years; editions that do not have it leave a gap.
    """
    latest = [p for p in editions[-1]["passages"] if p["kind"] == "key" and p["numbers"]]
    found: dict[str, list[tuple[str, float, str]]] = {}
    for key in latest:
        points = []
        for edition in editions:
            for passage in edition["passages"]:
                same = passage["kind"] == "key" and bare(passage["label"]) == bare(key["label"])
                if same and passage["numbers"]:
                    told = edition["numbers"][passage["numbers"][0]]
                    if isinstance(told["value"], int | float):
                        points.append((str(edition["as_of"]), float(told["value"]), told["text"]))
                    break
        if len({value for _, value, _ in points}) > 1:
            found[str(key["label"])] = points
    return dict(list(found.items())[:DRAWN])


def _picture(editions: Sequence[Mapping[str, Any]]) -> str:
    series = tracked(editions)
    if not series:
        return ""
    house_style()
    figure = Figure(figsize=(WIDTH, 1.7 * len(series)), layout="constrained")
    axes = figure.subplots(len(series), 1, sharex=True, squeeze=False)[:, 0]
    for one, (label, points) in zip(axes, series.items(), strict=True):
        percent = all("%" in text for _, _, text in points)
        scale = 100 if percent and max(abs(v) for _, v, _ in points) <= 5 else 1
        days = [dt.date.fromisoformat(day) for day, _, _ in points]
        values = [value * scale for _, value, _ in points]
        one.plot(
            days, values, drawstyle="steps-post", color=LIGHT["accent"], marker="o", markersize=3
        )
        one.set_title(_label(label), loc="left", fontsize=9.5, color=LIGHT["ink"])
        one.annotate(
            points[-1][2], (days[-1], values[-1]), (6, 0), textcoords="offset points", va="center"
        )
        value_axis(one, "%" if percent else "", count=3)
        one.margins(y=0.25)
    axes[-1].xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=7))
    axes[-1].xaxis.set_major_formatter(ConciseDateFormatter(axes[-1].xaxis.get_major_locator()))
    alt = " ".join(_alt(label, points) for label, points in series.items())
    rows = [
        (label, day, number(v, 4), text)
        for label, points in series.items()
        for day, v, text in points
    ]
    data = csv_uri(("number", "as known on", "value", "printed"), rows)
    svg = for_html(sanitised(svg_of(figure), "moved"), alt, NAMES)
    plot = scrolling(f'<div class="plot">{svg}</div>', "The key numbers, picture", "group")
    return (
        f'<figure class="full"><figcaption><span class="title">The key numbers, edition by edition</span>'
        '<span class="subtitle">As known on each date; each from its latest period</span></figcaption>'
        f'{plot}<p><a download="moved.csv" href="{data}">Download as CSV</a></p></figure>'
    )


def _label(label: str) -> str:
    """A key number's label without its period, which differs from edition to edition."""
    return re.sub(r",? (?:in |from |to )*(?:FY)?\d{4}\b", "", label).strip(" ,") or label


def _alt(label: str, points: Sequence[tuple[str, float, str]]) -> str:
    moves = [points[0]]
    for point in points[1:]:
        if point[1] != moves[-1][1]:
            moves.append(point)
    told = "; ".join(f"{text} on {long_date(day)}" for day, _, text in moves)
    return f"{_label(label)}: {told}."
