"""The page that leads to a set of reports: a card for each, with its finding, numbers and a picture,
or, where there are many, a list that is set closer and has no pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .html_parts import NAMES, Writer, esc, framed
from .model import Chart, Document, Inlines, Key
from .svg import for_html
from .text import capitalised, long_date
from .to_html import key_item, shell

SHOWN = 3  # key numbers on a card
#: A list is set closer than cards.
_LIST = """<style>
.cards h2 { font-size: 1.125rem; margin: 0 0 0.2rem; }
.cards .card { padding: 0.8rem 0 0.9rem; }
.cards .card p, .cards .links { margin: 0; }
</style>
"""


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
    label: str = ""  #: what tells it from the others of a list
    links: tuple[tuple[str, str], ...] = ()  #: address and words of its files, the report first


def card_of(doc: Document) -> Card:
    """The card of a report. Its picture is the chart marked as the one that carries the finding,
    else the first of full width, else the first."""
    charts = [block for block in doc.blocks if isinstance(block, Chart) and block.svg]
    chart = next(iter(sorted(charts, key=lambda c: (not c.lead, c.half))), None)
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
        links=(
            (f"{doc.report}.html", "Read the report"),
            (f"{doc.report}.pdf", "PDF"),
            (f"{doc.report}.facts.json", "Facts (JSON)"),
        ),
    )


def page(
    cards: Sequence[Card],
    title: str,
    lead: str,
    *,
    listed: bool = False,
    missing: Sequence[str] = (),
) -> str:
    """The page as HTML text; a list where `listed`. `missing` names reports that could not be made."""
    days = sorted({card.as_of for card in cards})
    when = f"As known on {long_date(days[-1])}" if days else ""
    if listed and len(days) > 1:
        when = f"As known on {len(days)} days, from {long_date(days[0])} to {long_date(days[-1])}"
    entry = _entry if listed else _card
    failed = f"<p><strong>Not made:</strong> {esc(', '.join(missing))}.</p>" if missing else ""
    body = (
        '<a class="skip" href="#main">Skip to the reports</a>'
        f'<header><h1>{esc(title)}</h1><p class="standfirst">{esc(lead)}</p>'
        f'<p class="asof">{esc(when)}</p></header>'
        f'<main id="main" class="cards" tabindex="-1">{failed}{"".join(map(entry, cards))}</main>'
    )
    return shell(title, lead, body, head=_LIST if listed else "")


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
    return (
        f'<article class="card" aria-labelledby="card-{name}"><p class="kicker">{esc(card.kicker)}</p>'
        f'<h2 id="card-{name}"><a href="{esc(card.links[0][0])}">{writer.inlines(card.title, linked=False)}</a></h2>'
        f"<p>{writer.inlines(card.standfirst, linked=False)}</p>"
        f'<ul class="keys" aria-label="Key numbers">{keys}</ul>{picture}'
        f"{_links(card.links, card.kicker or card.report)}</article>"
    )


def _entry(card: Card) -> str:
    writer = Writer()
    keys = " · ".join(
        f"{writer.inlines(k.label, linked=False)}: <strong>{writer.inlines(k.value, linked=False)}</strong>"
        for k in card.keys
    )
    kind = card.kicker.partition(": ")[2]
    kicker = " · ".join(filter(None, (card.label, capitalised(kind))))
    name = esc(card.report)
    return (
        f'<article class="card" aria-labelledby="card-{name}">'
        + (f'<p class="kicker">{esc(kicker)}</p>' if kicker else "")
        + f'<h2 id="card-{name}"><a href="{esc(card.links[0][0])}">'
        f"{writer.inlines(card.title, linked=False)}</a></h2>"
        + (f"<p>{keys}</p>" if keys else "")
        + f"{_links(card.links[1:], card.label or card.report)}</article>"
    )


def _links(links: Sequence[tuple[str, str]], of: str) -> str:
    items = "".join(
        f'<li><a href="{esc(address)}">{esc(words)}<span class="hidden"> of {esc(of)}</span></a></li>'
        for address, words in links
    )
    return f'<ul class="links">{items}</ul>' if items else ""


__all__ = ["Card", "card_of", "page"]
