"""What an HTML report prints, read back from the page alone: numbers, alt texts and words."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

#: Elements whose words are not the report's own telling. The foot names the versions of code and data,
#: which may move on while every number stays.
_SILENT = {"style", "title", "details", "nav", "footer"}
_VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}
#: Elements that hold one sentence or more: where a status has to be said.
_BLOCKS = {"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "figcaption", "caption"}


class AuditError(RuntimeError):
    """The file is not a report of ours, or cannot be read."""


@dataclass(frozen=True)
class Number:
    """One printed number of a page: its text, what its attributes say, and the words around it
    (empty in a table cell). `facts` and `formula` are those of `Quantity`."""

    text: str
    value: str
    low: str
    high: str
    unit: str
    facts: tuple[str, ...]
    status: str
    formula: str
    around: str = field(default="", compare=False)


@dataclass
class Page:
    """What an audit needs of an HTML report."""

    report: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    numbers: list[Number] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


@dataclass
class _Block:
    """An open element that holds sentences: its words so far, and the numbers in it by place."""

    depth: int
    words: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: list[str] = []
        self.blocks: list[_Block] = []
        self.given: dict[str, str] | None = None
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        if tag == "meta" and given.get("name") == "report":
            about = json.loads(given.get("content") or "{}")
            self.page.report, self.page.parameters = about["report"], about["parameters"]
        if given.get("role") == "img" and "aria-label" in given:
            self.page.alts.append(given["aria-label"])
        if tag == "img":
            self.page.alts.append(given.get("alt", ""))
        if tag == "data":
            self.given, self.text = given, ""
        if tag not in _VOID:
            self.open.append(tag)
            if tag in _BLOCKS:
                self.blocks.append(_Block(len(self.open)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "data" and self.given is not None:
            self._number(self.given)
            self.given = None
        while self.open and self.open.pop() != tag:
            pass
        while self.blocks and self.blocks[-1].depth > len(self.open):
            self._close(self.blocks.pop())

    def _number(self, given: dict[str, str]) -> None:
        names = ("value", "data-low", "data-high", "data-unit")
        value, low, high, unit = (given.get(name, "") for name in names)
        facts = tuple(given.get("data-facts", "").split())
        status, formula = given.get("data-status", ""), given.get("data-formula", "")
        if self.blocks:
            self.blocks[-1].numbers.append(len(self.page.numbers))
        self.page.numbers.append(Number(self.text, value, low, high, unit, facts, status, formula))

    def _close(self, block: _Block) -> None:
        around = " ".join(" ".join(block.words).split())
        for place in block.numbers:
            number = self.page.numbers[place]
            self.page.numbers[place] = Number(**(vars(number) | {"around": around}))

    def handle_data(self, data: str) -> None:
        if self.given is not None:
            self.text += data
        if self.blocks:
            self.blocks[-1].words.append(data)
        if data.strip() and not _SILENT & set(self.open):
            self.page.words.append(" ".join(data.split()))


def read_page(text: str) -> Page:
    """Numbers, alt texts and words of an HTML report, in reading order.

    Raises
    ------
    AuditError
        When the page does not say which report it is.
    """
    reader = _Reader()
    reader.feed(text)
    if not reader.page.report:
        raise AuditError("The page does not say which report it is: is it one of our HTML reports?")
    return reader.page
