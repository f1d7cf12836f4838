"""From a number to the notes that say where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from .model import Document, Fact, Source
from .text import long_date, number, ranges

ASSUMED = "assumption:"


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
        """The tooltip of a number, a line each: bounds, what it is, status, sources."""
        basis = self.basis(fact)
        lines = [_bounds(fact)]
        own = [f for f in fact.facts if not f.startswith(ASSUMED)]
        if len(own) == 1 and not basis.assumptions:
            record = self._doc.facts[own[0]]
            lines.append(", ".join(str(record[k]) for k in ("label", "period") if record.get(k)))
        else:
            parts = [f"{len(own)} figures"] if own else []
            parts += [
                "our assumption" if len(basis.assumptions) == 1 else "our assumptions"
            ] * bool(basis.assumptions)
            lines.append("Computed from " + " and ".join(parts) if own else "Our assumption")
        if fact.status and fact.status != "official":
            lines.append(f"Status: {fact.status}")
        shown = [self._by_number[n] for n in basis.sources[:3]]
        lines += [f"[{s.number}] {credit(s)}" for s in shown]
        if len(basis.sources) > 3:
            lines.append(f"and {len(basis.sources) - 3} more")
        return "\n".join(line for line in lines if line)


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
