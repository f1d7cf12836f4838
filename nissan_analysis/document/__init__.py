"""An executed notebook as a report: one front end, three writers.

``read_document`` turns an executed notebook into a `Document`, a list of plain dataclasses.
``html``, ``pdf`` and ``facts_json`` write it. The package knows nothing about the subject of
the reports: all it reads is what the cells left in their outputs' metadata.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .model import Document, DocumentError
from .read import read_document
from .to_json import facts_json

if TYPE_CHECKING:
    from .to_index import Card

__all__ = [
    "Document",
    "DocumentError",
    "card",
    "facts_json",
    "fragment",
    "html",
    "index_html",
    "pdf",
    "read_document",
]


def html(doc: Document) -> str:
    """The report as one self-contained HTML page (see `to_html`)."""
    from .to_html import page

    return page(doc)


def fragment(doc: Document, titled: bool = True) -> str:
    """The report as a piece of another HTML page, with its title or without (see `to_html`)."""
    from .to_html import fragment

    return fragment(doc, titled)


def pdf(doc: Document) -> bytes:
    """The report as a tagged PDF/UA-1 file, the same bytes every time (see `to_pdf`)."""
    from .to_pdf import compiled

    return compiled(doc)


def card(doc: Document) -> Card:
    """What the index page needs of a report (see `to_index`)."""
    from .to_index import card_of

    return card_of(doc)


def index_html(
    cards: Sequence[Card],
    title: str,
    lead: str,
    *,
    listed: bool = False,
    missing: Sequence[str] = (),
) -> str:
    """One page that leads to every report: the front door, or a list (see `to_index`)."""
    from .to_index import page

    return page(cards, title, lead, listed=listed, missing=missing)
