"""The front door of a set of reports: a card for each, with its finding, numbers and a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .html_parts import NAMES, Writer, esc, framed
from .model import Chart, Document, Inlines, Key
from .svg import for_html
from .text import long_date
from .to_html import key_item, shell

SHOWN = 3  # key numbers on a card


@dataclass(frozen=True)
class Card:
    """What the front door says of one report."""

    report: str
    kicker: str
    title: Inlines
    standfirst: Inlines
    keys: tuple[Key, ...]
    as_of: str
    chart_title: Inlines
    chart_alt: str
    chart_svg: str


def card_of(doc: Document) -> Card:
    """The card of a report; its picture is the report's first chart of full width."""
    charts = [block for block in doc.blocks if isinstance(block, Chart) and block.svg]
    chart = next((c for c in charts if not c.half), charts[0] if charts else None)
    return Card(
        doc.report,
        doc.kicker,
        doc.title,
        doc.standfirst,
        doc.keys[:SHOWN],
        doc.as_of,
        chart.title if chart else (),
        chart.alt if chart else "",
        chart.svg if chart else "",
    )


def page(cards: Sequence[Card], title: str, lead: str) -> str:
    """The page as HTML text. Its links lead to files of the same names beside it."""
    days = sorted({card.as_of for card in cards})
    when = f"As known on {long_date(days[-1])}" if days else ""
    body = (
        '<a class="skip" href="#main">Skip to the reports</a>'
        f'<header><h1>{esc(title)}</h1><p class="standfirst">{esc(lead)}</p>'
        f'<p class="asof">{esc(when)}</p></header>'
        f'<main id="main" class="cards" tabindex="-1">{"".join(_card(card) for card in cards)}</main>'
    )
    return shell(title, lead, body)


def _card(card: Card) -> str:
    writer = Writer()
    keys = "".join(key_item(writer, key) for key in card.keys)
    picture = ""
    if card.chart_svg:
        svg = for_html(card.chart_svg, card.chart_alt, NAMES)
        label = f"Picture of {card.kicker or card.report}"
        picture = (
            f"<figure><figcaption>{writer.inlines(card.chart_title, linked=False)}</figcaption>"
            f"{framed(svg, card.chart_svg, label)}</figure>"
        )
    name = esc(card.report)
    of = f'<span class="hidden"> of {esc(card.kicker or card.report)}</span>'
    links = "".join(
        f'<li><a href="{href}">{label}{of}</a></li>'
        for href, label in (
            (f"{name}.pdf", "PDF"),
            (f"{name}.facts.json", "Facts (JSON)"),
            (f"../notebooks/{name}.ipynb", "Notebook"),
        )
    )
    return (
        f'<article class="card" aria-labelledby="card-{name}"><p class="kicker">{esc(card.kicker)}</p>'
        f'<h2 id="card-{name}"><a href="{name}.html">{writer.inlines(card.title, linked=False)}</a></h2>'
        f"<p>{writer.inlines(card.standfirst, linked=False)}</p>"
        f'<ul class="keys" aria-label="Key numbers">{keys}</ul>{picture}'
        f'<ul class="links"><li><a href="{name}.html">Read the report{of}</a></li>{links}</ul></article>'
    )


__all__ = ["Card", "card_of", "page"]
