"""Audit a report from its HTML and `data/` alone.

Of every number: does it lead to facts that were known on the report's date; does its formula,
computed again from the ledger, give its value; do its bounds hold its digits; is its status that
of its facts, and does its sentence say so? Then the report is made again with the parameters the
page names, and every number, sentence and alt text of the page is held against the new one: that
finds a claim that is no longer true, and counts and models that no formula repeats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from .apart import produce
from .formula import NoFormula, evaluate
from .ledger import Ledger
from .making import Failure, task
from .parameters import ParameterError
from .printed import AuditError, Number, read_page
from .quantity import UNCERTAIN_STATUSES, least_certain
from .wording import status_said

#: Origins of a number that are not facts; what they are is in `provenance.py`.
_PREFIXES = ("assumption", "parameter", "event", "outcome", "plant", "note")
SHOWN = 25  #: differences of one kind that are listed one by one
_TOLERANCE = 1e-8


@dataclass
class Audit:
    """The outcome for one report: how many numbers it prints, how many lead to known facts, how many
    a formula gives again from the ledger, and how many come out equal when the report is made
    again (None: it was not). `faults` has one line a fault."""

    report: str
    numbers: list[Number]
    traced: int
    by_formula: int
    recomputed: int | None
    faults: list[str]


def audit(path: Path, again: bool = True) -> Audit:
    """Audit one HTML report; without `again` it is not made again (no alt text, no claim is checked).

    Raises
    ------
    AuditError
        When the file cannot be read or is no report of ours.
    """
    try:
        page = read_page(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise AuditError(f"{path} cannot be read: {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise AuditError(
            f"{path} is damaged where it says which report it is ({error}): render it again."
        ) from error
    judge = Judge(Ledger.load(page.parameters.get("as_of", "latest")), page.parameters)
    faults: list[str] = []
    traced = by_formula = 0
    for number in page.numbers:
        lost, wrong = judge.origins(number), judge.number(number)
        faults += [f"{number.text!r}: {fault}" for fault in (*lost, *wrong)]
        traced += not lost
        by_formula += bool(number.formula) and not lost and judge.value(number) is not None
    if not again:
        return Audit(
            page.report, page.numbers, traced, by_formula, None, list(dict.fromkeys(faults))
        )
    made = produce(task(page.report, page.parameters, ("html",)))
    if isinstance(made, Failure):
        faults.append(f"made again, the report fails: {made.message.splitlines()[0]}")
        return Audit(page.report, page.numbers, traced, by_formula, 0, faults)
    new = read_page(made.files["html"].decode("utf-8"))
    same = sum(size for _, _, size in _aligned(page.numbers, new.numbers).get_matching_blocks())
    faults += _differences("number", page.numbers, new.numbers)
    faults += _differences("alt text", page.alts, new.alts)
    faults += _differences("text", page.words, new.words)
    once = list(dict.fromkeys(faults))
    return Audit(page.report, page.numbers, traced, by_formula, same, once)


def audit_all(pages: Iterable[Path], again: bool = True) -> list[Audit]:
    """Audit HTML reports, and those in folders (an index page is no report)."""
    found: list[Path] = []
    for page in pages:
        inside = sorted(page.glob("*.html")) if page.is_dir() else [page]
        found += [path for path in inside if not page.is_dir() or _is_report(path)]
    if not found:
        raise AuditError("There is no HTML report at the given place.")
    return [_one_of_many(path, again) if len(found) > 1 else audit(path, again) for path in found]


def _is_report(path: Path) -> bool:
    """Whether a page says that it is a report: indexes and comparisons lie beside reports."""
    return b'<meta name="report"' in path.read_bytes()


def _one_of_many(path: Path, again: bool) -> Audit:
    try:
        return audit(path, again)
    except (AuditError, ParameterError) as error:  # the others are audited all the same
        return Audit(path.stem, [], 0, 0, None, [str(error)])


@dataclass(frozen=True)
class Judge:
    """Holds the numbers of one report against the ledger of its date."""

    ledger: Ledger
    parameters: dict[str, Any]

    def origins(self, number: Number) -> list[str]:
        """What it names that was not known on the report's date."""
        if not number.facts:
            return ["names no fact"]
        day = self.ledger.as_of
        missing = [f for f in number.facts if not self._known(f)]
        return [f"rests on {fact}, which is not known on {day}" for fact in missing]

    def number(self, number: Number) -> list[str]:
        """What is wrong with its value, its digits and its status."""
        # A number cited out of a row of text has no bounds of its own.
        cited = not number.low and not number.high
        low_text, high_text = number.low or number.value, number.high or number.value
        try:
            value, low, high = float(number.value), float(low_text), float(high_text)
        except ValueError:
            return ["its value or bounds are not numbers"]
        faults = list(self._cited(number)) if cited else []
        if not low - 1e-9 <= value <= high + 1e-9:
            faults.append(f"its value {value:g} lies outside its bounds {low:g} to {high:g}")
        faults += digits_against_bounds(number.text, value, low, high)
        found = self.value(number)
        if found is not None and abs(found - value) > _TOLERANCE * max(1.0, abs(found)):
            faults.append(
                f"says {value:.10g}; {number.formula} of {' '.join(number.facts)} is {found:.10g}"
            )
        return faults + list(self._status(number))

    def value(self, number: Number) -> float | None:
        """What its formula gives from the ledger; None where it has none, or a fact is missing."""
        values = [self._value_of(fact) for fact in number.facts]
        known = [value for value in values if value is not None]
        if not number.formula or len(known) < len(values):
            return None
        try:
            return evaluate(number.formula, known)
        except NoFormula:
            return None

    def _status(self, number: Number) -> Iterator[str]:
        """A computed number is as uncertain as the least certain fact behind it."""
        rows = [self.ledger.facts.get(fact) for fact in number.facts]
        statuses = [row.status for row in rows if row is not None]
        if not number.formula or not statuses:
            return
        status, one = least_certain(statuses), len(number.facts) == 1
        uncertain = UNCERTAIN_STATUSES & {status, number.status}
        if number.status not in (status, "assumption") and (one or uncertain):
            yield f"is told as {number.status}; {' '.join(number.facts)} is {status}"
        if (
            status in UNCERTAIN_STATUSES
            and number.around
            and not status_said(status, number.around)
        ):
            yield f"is {status}, and its sentence does not say so: {_short(number.around)}"

    def _cited(self, number: Number) -> Iterator[str]:
        """A number out of a row's text must stand in that row."""
        for fact in number.facts:
            kind, _, name = fact.partition(":")
            rows: dict[str, Any] = {
                "event": self.ledger.event(name),
                "outcome": self.ledger.event(name),
                "plant": self.ledger.plants.get(name),
                "note": self.ledger.facts.get(name),
            }
            row = rows.get(kind)
            text = " ".join(str(v) for v in row.model_dump().values()) if row else ""
            if row and number.text not in text:
                yield f"is cited from {fact}, which does not say it"

    def _known(self, fact: str) -> bool:
        kind, _, name = fact.partition(":")
        if kind in ("event", "outcome"):
            return self.ledger.event(name) is not None
        places: dict[str, Any] = {
            "assumption": self.ledger.assumptions,
            "plant": self.ledger.plants,
            "parameter": self.parameters,
            "note": self.ledger.facts,
        }
        return name in places[kind] if kind in _PREFIXES and name else fact in self.ledger.facts

    def _value_of(self, fact: str) -> float | None:
        kind, _, name = fact.partition(":")
        if kind == "assumption" and name in self.ledger.assumptions:
            return float(self.ledger.assumptions[name].value)
        if kind == "parameter" and isinstance(self.parameters.get(name), int | float):
            return float(self.parameters[name])
        return self.ledger.facts[fact].value if fact in self.ledger.facts else None


def digits_against_bounds(text: str, value: float, low: float, high: float) -> list[str]:
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


def _aligned(here: Sequence[Any], again: Sequence[Any]) -> SequenceMatcher[Any]:
    return SequenceMatcher(None, here, again, autojunk=False)


def _differences(what: str, here: Sequence[Any], again: Sequence[Any]) -> list[str]:
    """A line for everything that the page says and the report made again does not, and the reverse."""
    lines = []
    for kind, a, b, c, d in _aligned(here, again).get_opcodes():
        if kind == "equal":
            continue
        for i in range(max(b - a, d - c)):
            was = _short(here[a + i]) if a + i < b else "missing"
            now = _short(again[c + i]) if c + i < d else "missing"
            told = f"{was}; made again it is {now}"
            if was == now and isinstance(here[a + i], Number):
                told = f"{was} ({_apart(here[a + i], again[c + i])} differs when made again)"
            lines.append(f"{what} {a + i + 1} is {told}")
    more = len(lines) - SHOWN
    return lines[:SHOWN] + ([f"and {more} more of {what} differ"] if more > 0 else [])


def _apart(one: Number, other: Number) -> str:
    names = [name for name, value in vars(one).items() if value != getattr(other, name)]
    return ", ".join(name for name in names if name != "around")


def _short(item: Any) -> str:
    text = item.text if isinstance(item, Number) else str(item)
    return repr(text if len(text) <= 90 else text[:87] + "...")
