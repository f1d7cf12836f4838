"""The sheets of all plants: the tasks of one batch, and the page that lists them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

from . import parameters, running

if TYPE_CHECKING:
    from .document.to_index import Card

REPORT = "plant"
TITLE = "Nissan: the plants, one page each"
LEAD = (
    "What becomes of every plant, as far as is known: announced, reported, denied, sold, closed or running. "
    "A peer and a project that was cancelled stand here for comparison and are called so."
)
#: The list is set closer than the cards of the reports.
HEADING = "font-size:1.125rem;margin:1.5rem 0 0.2rem;padding-top:0.8rem"
MAIN = "max-width:72rem;margin-inline:auto;padding:0 var(--gap) 3rem"


def tasks(
    plants: Iterable[str],
    raw: Mapping[str, Any],
    formats: Iterable[str] = running.DEFAULT_FORMATS,
    timeout: float | None = running.DEFAULT_TIMEOUT,
) -> list[running.Task]:
    """One checked task a plant, all plants when none is named; files are called ``plant-<key>``.

    Raises
    ------
    ParameterError
        For a plant that does not exist (with the nearest right name), or a wrong parameter.
    """
    keys = dict.fromkeys(plant.replace("-", "_") for plant in plants)
    return [
        running.task(REPORT, {**raw, "plant": key}, formats, timeout, f"{REPORT}-{key}")
        for key in keys or get_args(parameters.AnyPlant)
    ]


def index(cards: Sequence[Card]) -> str:
    """A page that lists the sheets, as HTML text; its links lead to the files beside it."""
    from .document.html_parts import Writer, esc
    from .document.text import long_date
    from .document.to_html import shell

    writer = Writer()
    rows = []
    for card in cards:
        name = esc(card.report)
        keys = " · ".join(
            f"{writer.inlines(k.label, linked=False)} <strong>{writer.inlines(k.value, linked=False)}</strong>"
            for k in card.keys
        )
        of = f'<span class="hidden"> of {name}</span>'
        files = "".join(
            f'<li><a href="{name}{ending}">{words}{of}</a></li>'
            for ending, words in ((".pdf", "PDF"), (".facts.json", "Facts (JSON)"))
        )
        kind = card.kicker.partition(": ")[2]
        rows.append(
            f'<article aria-labelledby="card-{name}"><h2 id="card-{name}" style="{HEADING}">'
            f'<a href="{name}.html">{writer.inlines(card.title, linked=False)}</a></h2>'
            + (
                f'<p class="kicker" style="margin:0">{esc(kind[0].upper() + kind[1:])}</p>'
                if kind
                else ""
            )
            + (f'<p style="margin:0">{keys}</p>' if keys else "")
            + f'<ul class="links" style="margin:0">{files}</ul></article>'
        )
    days = sorted({card.as_of for card in cards})
    when = f"As known on {long_date(days[-1])}" if days else ""
    body = (
        '<a class="skip" href="#main">Skip to the plants</a>'
        f'<header><h1>{esc(TITLE)}</h1><p class="standfirst">{esc(LEAD)}</p>'
        f'<p class="asof">{esc(when)}</p></header>'
        f'<main id="main" tabindex="-1" style="{MAIN}">{"".join(rows)}</main>'
    )
    return shell(TITLE, LEAD, body)
