"""Audit a report from its HTML and `data/` alone.

Three questions of every number: does it lead to facts that were known on the report's date; are
its digits within the bounds; and does making the report again, with the parameters the page
names, give the same number from the same facts? The words and the alt texts are held against
the new report too, so a sentence that is no longer true, or a figure that has become denied, is
found even when its digits have not changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from .ledger import Ledger
from .making import Failure, produce, task

#: Elements whose words are not the report's own telling.
_SILENT = {"style", "title", "details", "nav"}
_VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}
_PREFIXES = ("assumption", "parameter", "event", "outcome", "plant", "note")


class AuditError(RuntimeError):
    """The file is not a report of ours, or cannot be read."""


@dataclass(frozen=True)
class Number:
    """One printed number of a page: its text and what its attributes say."""

    text: str
    value: str
    low: str
    high: str
    facts: tuple[str, ...]
    status: str


@dataclass
class Page:
    """What an audit needs of an HTML report."""

    report: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    numbers: list[Number] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


@dataclass
class Audit:
    """The outcome for one report. `faults` has one line a fault."""

    report: str
    numbers: int
    traced: int
    recomputed: int
    faults: list[str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: list[str] = []
        self.number: dict[str, str] | None = None
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
            self.number, self.text = given, ""
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "data" and self.number is not None:
            g = self.number
            facts = tuple(g.get("data-facts", "").split())
            self.page.numbers.append(
                Number(
                    self.text,
                    g.get("value", ""),
                    g.get("data-low", ""),
                    g.get("data-high", ""),
                    facts,
                    g.get("data-status", ""),
                )
            )
            self.number = None
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.number is not None:
            self.text += data
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


def audit(path: Path) -> Audit:
    """Audit one HTML report.

    Raises
    ------
    AuditError
        When the file cannot be read or is no report of ours.
    """
    try:
        page = read_page(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise AuditError(f"{path} cannot be read: {error}") from error
    made = produce(task(page.report, page.parameters, ("html",)))
    as_of = page.parameters.get("as_of", "latest")
    ledger = Ledger.load(as_of)
    faults: list[str] = []
    traced = 0
    for number in page.numbers:
        found = _faults_of(number, ledger, page.parameters)
        faults += [f"{number.text!r}: {fault}" for fault in found]
        traced += not found
    if isinstance(made, Failure):
        faults.append(f"made again, the report fails: {made.message.splitlines()[0]}")
        return Audit(page.report, len(page.numbers), traced, 0, faults)
    again = read_page(made.files["html"].decode("utf-8"))
    same = sum(a == b for a, b in zip(page.numbers, again.numbers, strict=False))
    faults += list(_differences("number", page.numbers, again.numbers))
    faults += list(_differences("alt text", page.alts, again.alts))
    faults += list(_differences("text", page.words, again.words))
    return Audit(page.report, len(page.numbers), traced, same, list(dict.fromkeys(faults)))


def audit_all(pages: Iterable[Path]) -> list[Audit]:
    """Audit HTML reports, and those in folders (an index page is no report)."""
    found: list[Path] = []
    for page in pages:
        inside = sorted(page.glob("*.html")) if page.is_dir() else [page]
        found += [path for path in inside if path.name != "index.html"]
    if not found:
        raise AuditError("There is no HTML report at the given place.")
    return [audit(path) for path in found]


def _faults_of(number: Number, ledger: Ledger, parameters: dict[str, Any]) -> list[str]:
    faults = []
    if not number.facts:
        return ["names no fact"]
    for fact in number.facts:
        kind, _, name = fact.partition(":")
        if name and kind in _PREFIXES:
            if not _known(ledger, kind, name, parameters):
                faults.append(f"rests on {fact}, which is not known on {ledger.as_of}")
        elif fact not in ledger.facts:
            faults.append(f"rests on {fact}, which is not known on {ledger.as_of}")
    # A number cited out of a row of text has no bounds of its own.
    low_text, high_text = number.low or number.value, number.high or number.value
    try:
        value, low, high = float(number.value), float(low_text), float(high_text)
    except ValueError:
        return [*faults, "its value or bounds are not numbers"]
    if not low - 1e-9 <= value <= high + 1e-9:
        faults.append(f"its value {value:g} lies outside its bounds {low:g} to {high:g}")
    faults += _digits_against_bounds(number.text, value, low, high)
    if len(number.facts) == 1 and number.facts[0] in ledger.facts:
        row = ledger.facts[number.facts[0]]
        # A count of facts rests on them too, but has no status of theirs.
        as_printed = abs(value - row.value) <= 1e-9 * abs(row.value)
        if as_printed and number.status and number.status != row.status:
            faults.append(f"is told as {number.status}; {row.fact} is {row.status}")
    return faults


def _known(ledger: Ledger, kind: str, name: str, parameters: dict[str, Any]) -> bool:
    if kind in ("event", "outcome"):
        return any(e.event == name for e in ledger.events)
    places: dict[str, Any] = {
        "assumption": ledger.assumptions,
        "plant": ledger.plants,
        "parameter": parameters,
        "note": ledger.facts,
    }
    return name in places[kind]


def _digits_against_bounds(text: str, value: float, low: float, high: float) -> list[str]:
    """The printed digits must lie within the bounds, give or take half of their last place."""
    match = re.search(r"[−-]?\d[\d,]*(?:\.\d+)?", text)
    if not match or re.search(r"FY|st$|nd$|rd$|th$", text):
        return []
    plain = match[0].replace(",", "").replace("−", "-")
    printed = abs(float(plain))
    places = len(plain.partition(".")[2])
    value, low, high = abs(value), *sorted((abs(low), abs(high)))
    # A number may be printed as percent, in thousands, millions or billions.
    for scale in (1.0, 0.01, 1e3, 1e6, 1e9):
        step = 10.0**-places
        while places == 0 and printed and printed % (step * 10) == 0:
            step *= 10
        if low / scale - step * 0.51 <= printed <= high / scale + step * 0.51:
            return []
    return [f"prints {match[0]}, which its bounds {low:g} to {high:g} do not hold"]


def _differences(what: str, here: list[Any], again: list[Any]) -> Any:
    for i, (a, b) in enumerate(zip(here, again, strict=False), start=1):
        if a != b:
            yield f"{what} {i} is {_short(a)}; made again it is {_short(b)}"
            return
    if len(here) != len(again):
        yield f"the page has {len(here)} of {what}; made again it has {len(again)}"


def _short(item: Any) -> str:
    text = item.text if isinstance(item, Number) else str(item)
    return repr(text if len(text) <= 90 else text[:87] + "...")
