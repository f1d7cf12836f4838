"""From a number to the notes that say where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from .model import Document, Fact, Source
from .text import capitalised, long_date, number, ranges

ASSUMED = "assumption:"
FIGURES = 5  # that a tooltip names


@dataclass(frozen=True)
class Basis:
    """What one number rests on: numbers of the source list and of the assumptions table."""

    sources: tuple[int, ...]
    assumptions: tuple[int, ...]

    @property
    def anchor(self) -> str:
        """The id of the first source, or of the first assumption, or of the list of parameters."""
        if self.sources:
            return f"s{self.sources[0]}"
        return f"a{self.assumptions[0]}" if self.assumptions else "about"


class Notes:
    """Looks up the notes of a document's numbers."""

    def __init__(self, doc: Document) -> None:
        self._doc = doc
        self._source = {s.key: s for s in doc.sources}
        self._by_number = {s.number: s for s in doc.sources}
        self._assumption = {a.key: a.number for a in doc.assumptions}

    def basis(self, fact: Fact) -> Basis:
        """The sources and assumptions of a number, in the order of its facts, each once."""
        sources: dict[int, None] = {}
        assumptions: dict[int, None] = {}
        for name in fact.facts:
            if name.startswith(ASSUMED):
                assumptions[self._assumption[name.removeprefix(ASSUMED)]] = None
            elif self._doc.facts[name].get("source"):
                sources[self._source[str(self._doc.facts[name]["source"])].number] = None
        return Basis(tuple(sources), tuple(assumptions))

    def tip(self, fact: Fact) -> str:
        """The tooltip of a number, a line each: bounds with unit, what it is or how it was computed
        and from which figures of which periods, status, sources."""
        basis = self.basis(fact)
        lines = [_bounds(fact)]
        if fact.how or len(fact.facts) > 1:
            how = fact.how or f"computed from {len(fact.facts)} figures"
            lines.append(capitalised(how))
            lines += [f"{letter(i)}: {self._figure(f)}" for i, f in enumerate(fact.facts[:FIGURES])]
            if len(fact.facts) > FIGURES:
                lines.append(f"and {len(fact.facts) - FIGURES} more figures")
        else:
            lines += [self._figure(f, valued=False) for f in fact.facts[:FIGURES]]
        lines.append(f"Status: {fact.status}" if fact.status else "")
        shown = [self._by_number[n] for n in basis.sources[:3]]
        lines += [f"[{s.number}] {credit(s)}" for s in shown]
        if len(basis.sources) > 3:
            lines.append(f"and {len(basis.sources) - 3} more")
        return "\n".join(line for line in lines if line)

    def _figure(self, name: str, valued: bool = True) -> str:
        """One of the figures behind a number: what, of which period, and its value."""
        record = self._doc.facts.get(name, {})
        words = ", ".join(str(record[k]) for k in ("label", "period") if record.get(k))
        if not valued or record.get("value") is None:
            return words
        unit = str(record.get("unit", "")).replace("_", " ")
        value = number(str(record["value"]))
        return f"{words}: {value}{'%' if unit == 'percent' else f' {unit}'}"


def letter(place: int) -> str:
    """The name of a figure in a formula by its place: A to Z, then A2 to Z2."""
    return chr(ord("A") + place % 26) + (str(place // 26 + 1) if place >= 26 else "")


def credit(source: Source) -> str:
    """Publisher and date, as a short reference."""
    date = long_date(source.published)
    if source.published_basis == "inferred" and date:
        date += " (date inferred)"
    return ", ".join(part for part in (source.publisher, date) if part)


def _bounds(fact: Fact) -> str:
    if not fact.low and not fact.high:
        return fact.tip
    percent = fact.unit == "ratio" and "%" in fact.text
    low, high = number(fact.low, percent), number(fact.high, percent)
    unit = "" if fact.unit in ("", "ratio", "fiscal_year") else f" {fact.unit.replace('_', ' ')}"
    if fact.unit == "percent":
        unit = "%"
    return f"Exactly {low}{unit}" if low == high else f"Between {low} and {high}{unit}"


class Marks:
    """Note marks of one paragraph: each source is marked once, at the first number it carries."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._seen: set[str] = set()

    def new(self, fact: Fact) -> Basis:
        """The sources and assumptions of a number that this paragraph has not marked yet."""
        basis = self._notes.basis(fact)
        sources = tuple(sorted(n for n in basis.sources if f"s{n}" not in self._seen))
        assumptions = tuple(sorted(n for n in basis.assumptions if f"a{n}" not in self._seen))
        self._seen |= {f"s{n}" for n in sources} | {f"a{n}" for n in assumptions}
        return Basis(sources, assumptions)


def mark(basis: Basis) -> str:
    """A basis as text: ``[3, A1]``; nothing for an empty one."""
    parts = [ranges(basis.sources)] if basis.sources else []
    parts += [f"A{n}" for n in basis.assumptions]
    return f"[{', '.join(parts)}]" if parts else ""
