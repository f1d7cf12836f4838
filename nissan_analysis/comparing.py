"""What differs between two editions of a report, by how much, and because of which facts.

An edition is its ``facts.json``. Passages (sentences, key numbers, table rows, captions) are
paired within their part of the report: key numbers and rows by their label, everything else by
what is said once every number and date in it is taken out, first where that is equal, then where
it is most alike. Numbers are paired within two paired passages by the name that the sentence
knows them by. Nothing is paired by its position alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Literal

from .wording import MONTHS

Edition = Mapping[str, Any]
Kind = Literal["changed", "new", "gone"]
ALIKE = 0.6  #: share of words in common from which two passages are one, told otherwise
_LABELLED = ("key", "row")
_SINGLE = ("title", "summary")
_VARIABLE = re.compile(rf"[+−-]?\d[\d,.]*(?:st|nd|rd|th)?%?|\b(?:{'|'.join(MONTHS)})\b|FY#")


class CompareError(ValueError):
    """The two things given cannot be compared; says why and what to give instead."""

    exit_code = 2


@dataclass(frozen=True)
class Cause:
    """A fact behind a number in one edition only, or with another value in each."""

    fact: str
    kind: Literal["new", "gone", "changed"]
    words: str  #: what it is, its value, who said so and when
    published: str


@dataclass(frozen=True)
class Moved:
    """A number in both editions: its text then and now, and the distance between its values."""

    name: str
    then: str
    now: str
    difference: str
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class Difference:
    """A passage that changed, is new or is gone. `then` or `now` is empty where there was none."""

    kind: Kind
    where: str
    what: str  #: kind of passage: title, key, text, row ...
    then: str
    now: str
    numbers: tuple[Moved, ...] = ()
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class ChartMoved:
    """A chart that differs: its title then and now, and the labels of rows that moved."""

    then: str
    now: str
    new: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """Everything that differs between two editions of one report, in reading order."""

    report: str
    then: str  #: the date of the earlier edition; with its data version where both have one date
    now: str
    differences: tuple[Difference, ...]
    charts: tuple[ChartMoved, ...]
    same: int  #: passages that are equal in both
    facts: dict[str, int] = field(default_factory=dict)  #: how many facts are new, gone, changed

    @property
    def counts(self) -> dict[str, int]:
        """How many passages changed, are new, are gone and stayed; how many numbers and charts moved."""
        kinds = [d.kind for d in self.differences]
        found = {kind: kinds.count(kind) for kind in ("changed", "new", "gone")}
        moved = sum(m.then != m.now for d in self.differences for m in d.numbers)
        return found | {"same": self.same, "numbers": moved, "charts": len(self.charts)}


def compare(then: Edition, now: Edition) -> Comparison:
    """Compare two editions of one report.

    Raises
    ------
    CompareError
        When they are not editions of one report, or are of a version that told no passages.
    """
    for edition in (then, now):
        if "passages" not in edition:
            raise CompareError(
                f"The facts of {edition.get('report', 'a report')} do not list its passages: they were "
                "made by an older version, or are no facts.json of ours. Render the report again."
            )
    if then["report"] != now["report"]:
        raise CompareError(
            f"These are two reports, {then['report']} and {now['report']}: give two editions of one."
        )
    causes = _Causes(then, now)
    found: list[Difference] = []
    same = 0
    for a, b in _paired(then, now):
        if a is not None and b is not None and a["text"] == b["text"]:
            same += 1
            continue
        found.append(_difference(then, now, a, b, causes))
    charts = tuple(_charts(then["charts"], now["charts"]))
    counts = causes.counts()
    one_day = then["as_of"] == now["as_of"]
    days = [
        str(e["as_of"]) + (f" (data {e['foot'].get('data', '')})" if one_day else "")
        for e in (then, now)
    ]
    return Comparison(
        str(now["report"]),
        days[0],
        days[1],
        tuple(found),
        charts,
        same,
        counts,
    )


# -- pairing ----------------------------------------------------------------------------------

Pair = tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]


def _paired(then: Edition, now: Edition) -> Iterator[Pair]:
    """Passages in the order of the later edition; what is gone stands after its neighbours."""
    before, after = _grouped(then), _grouped(now)
    order = list(dict.fromkeys([*after, *before]))
    # A part of the report that is gone is told where it stood.
    for place, group in enumerate(list(before)):
        if group not in after:
            order.remove(group)
            earlier = [g for g in list(before)[:place] if g in order]
            order.insert(order.index(earlier[-1]) + 1 if earlier else 0, group)
    for group in order:
        a, b = before.get(group, []), after.get(group, [])
        partner = _partners(then, now, group[1], a, b)
        for j, passage in enumerate(b):
            yield (a[partner[j]] if j in partner else None), passage
        for i, passage in enumerate(a):
            if i not in partner.values():
                yield passage, None


def _grouped(edition: Edition) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for passage in edition["passages"]:
        if passage["kind"] == "source":  # follows from the facts
            continue
        kind = "single" if passage["kind"] in _SINGLE else passage["kind"]
        groups[passage["part"], kind].append(passage)
    return groups


def _partners(
    then: Edition,
    now: Edition,
    kind: str,
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
) -> dict[int, int]:
    """Place in `after` to place in `before`."""
    if kind == "single":
        return {0: 0} if before and after else {}
    labelled = kind in _LABELLED
    olds = [p["label"] if labelled else skeleton(then, p) for p in before]
    news = [p["label"] if labelled else skeleton(now, p) for p in after]
    partner: dict[int, int] = {}
    for match in SequenceMatcher(None, olds, news, autojunk=False).get_matching_blocks():
        partner |= {match.b + k: match.a + k for k in range(match.size)}
    for j, text in enumerate(news):  # the same words, elsewhere
        free = [i for i in range(len(olds)) if i not in partner.values() and olds[i] == text]
        if j not in partner and free:
            partner[j] = free[0]
    if labelled:
        olds, news = ([bare(text) for text in texts] for texts in (olds, news))
    rivals = [
        (_alike(olds[i], news[j]), i, j)
        for j in range(len(news))
        if j not in partner
        for i in range(len(olds))
        if i not in partner.values()
    ]
    for ratio, i, j in sorted(rivals, key=lambda r: (-r[0], r[1], r[2])):
        if ratio >= ALIKE and j not in partner and i not in partner.values():
            partner[j] = i
    return partner


def _alike(a: str, b: str) -> float:
    words = SequenceMatcher(None, a.split(), b.split(), autojunk=False)
    return words.ratio()


def bare(text: str) -> str:
    """A text without its numbers, months and years."""
    return " ".join(_VARIABLE.sub("#", text).split())


def skeleton(edition: Edition, passage: Mapping[str, Any]) -> str:
    """What a passage says without its numbers, dates and years."""
    text, out, at = str(passage["text"]), "", 0
    for place in passage["numbers"]:
        printed = str(edition["numbers"][place]["text"])
        found = text.find(printed, at)
        if found >= 0:
            out += text[at:found] + "#"
            at = found + len(printed)
    return bare(out + text[at:])


# -- numbers and their facts ------------------------------------------------------------------


def _difference(
    then: Edition,
    now: Edition,
    a: Mapping[str, Any] | None,
    b: Mapping[str, Any] | None,
    causes: _Causes,
) -> Difference:
    shown = b or a
    assert shown is not None
    kind: Kind = "new" if a is None else "gone" if b is None else "changed"
    olds = [then["numbers"][i] for i in a["numbers"]] if a else []
    news = [now["numbers"][i] for i in b["numbers"]] if b else []
    moved = tuple(
        Moved(
            x["name"], x["text"], y["text"], distance(x, y), causes.between(x["facts"], y["facts"])
        )
        for x, y in causes.pairs(olds, news)
        if x["text"] != y["text"]
    )
    why = causes.between(
        [f for x in olds for f in x["facts"]], [f for y in news for f in y["facts"]]
    )
    return Difference(
        kind, shown["where"], shown["kind"], a["text"] if a else "", b["text"] if b else "", moved, why
    )  # fmt: skip


def distance(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """How far a number moved, in its own unit and to its own digits; empty where that says nothing."""
    a, b = then["value"], now["value"]
    if not all(isinstance(x, int | float) for x in (a, b)) or then["unit"] != now["unit"]:
        return ""
    if now["unit"] in ("fiscal_year", "calendar_year", ""):
        return ""
    falls = [str(x["how"]).startswith("fall from ") for x in (then, now)]
    if falls[0] != falls[1]:  # both are told without a sign
        return "a rise became a fall" if falls[1] else "a fall became a rise"
    percent = "%" in now["text"] and "%" in then["text"]
    scale = 100 if now["unit"] == "ratio" and percent else 1
    places = min(_places(then["text"]), _places(now["text"]))
    moved = (b - a) * scale
    if round(moved, places) == 0:
        return ""
    unit = "points" if percent else str(now["unit"]).replace("_", " ")
    one = round(abs(moved), places) == 1 and not places
    return f"{moved:+,.{places}f} {unit.removesuffix('s') if one else unit}".replace("-", "−")


def _places(text: str) -> int:
    match = re.search(r"\d\.(\d+)", text)
    return len(match[1]) if match else 0


class _Causes:
    """Looks up what became of the facts behind a number."""

    def __init__(self, then: Edition, now: Edition) -> None:
        self.then, self.now = then, now
        self._done: set[str] = set()  # keys of the later edition's numbers that have a partner
        self.sources = {s["key"]: s for e in (then, now) for s in e["sources"]}

    def counts(self) -> dict[str, int]:
        old, new = self.then["facts"], self.now["facts"]
        both = set(old) & set(new)
        changed = sum(old[f]["value"] != new[f]["value"] for f in both)
        return {
            "new": len(set(new) - set(old)),
            "gone": len(set(old) - set(new)),
            "changed": changed,
        }

    def pairs(self, olds: Sequence[Any], news: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
        """Numbers of two paired passages that say the same of the same thing.

        They rest on figures of one kind (metric and subject), and go by the same name in their
        sentences; what is left over is paired where there is only one such pair of one unit.
        """
        free = list(olds)
        for named in (True, False):
            for y in news:
                about = self._about(self.now, y)
                fits = [
                    x
                    for x in free
                    if x["unit"] == y["unit"]
                    and self._about(self.then, x) & about
                    and (x["name"] == y["name"] or not named)
                ]
                if y["key"] not in self._done and fits and (named or len(fits) == 1):
                    free.remove(fits[0])
                    self._done.add(y["key"])
                    yield fits[0], y

    def _about(self, edition: Edition, number: Mapping[str, Any]) -> set[str]:
        """What a number is about: labels of its facts; the kind of origin where it is another."""
        facts = edition["facts"]
        return {
            f.split(":")[0] if ":" in f else str(facts.get(f, {}).get("label", f))
            for f in number["facts"]
        }

    def between(self, old: Sequence[str], new: Sequence[str]) -> tuple[Cause, ...]:
        """The facts that one side rests on and the other does not, the latest published first."""
        old, new = ([f for f in side if not f.startswith("note:")] for side in (old, new))
        found = [self._cause(f, "new") for f in dict.fromkeys(new) if f not in old]
        found += [self._cause(f, "gone") for f in dict.fromkeys(old) if f not in new]
        for fact in dict.fromkeys(new):
            if fact in old and self._value(self.then, fact) != self._value(self.now, fact):
                found.append(self._cause(fact, "changed"))
        order = {"new": 0, "changed": 1, "gone": 2}
        return tuple(sorted(found, key=lambda c: (order[c.kind], _descending(c.published), c.fact)))

    def _value(self, edition: Edition, fact: str) -> Any:
        return edition["facts"].get(fact, {}).get("value")

    def _cause(self, fact: str, kind: Literal["new", "gone", "changed"]) -> Cause:
        edition = self.then if kind == "gone" else self.now
        record = edition["facts"].get(fact, {})
        parts = [str(record[k]).rstrip(".") for k in ("label", "period") if record.get(k)]
        what = ", ".join(parts) or fact
        if record.get("value") is not None:
            value = _amount(record["value"], str(record.get("unit", "")))
            if kind == "changed":
                value = f"{_amount(self._value(self.then, fact), '')}, now {value}"
            what += f": {value}"
        source = self.sources.get(record.get("source", ""))
        by = f" ({source['publisher']}, {source['published']})" if source else ""
        return Cause(fact, kind, what + by, source["published"] if source else "")


def _amount(value: float, unit: str) -> str:
    if unit == "fiscal_year":
        return f"FY{value:.0f}"
    text = f"{value:,.10g}".replace("-", "−")
    return f"{text}%" if unit == "percent" else f"{text} {unit.replace('_', ' ')}".strip()


def _descending(day: str) -> tuple[int, ...]:
    return tuple(-int(part) for part in day.split("-")) if day else ()


def _charts(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Iterator[ChartMoved]:
    olds = {c["part"]: c for c in before}
    news = {c["part"]: c for c in after}
    for part in dict.fromkeys([*news, *olds]):
        a, b = olds.get(part), news.get(part)
        old, new = _rows(a), _rows(b)
        if a and b and old == new and a["title"] == b["title"] and a["alt"] == b["alt"]:
            continue
        yield ChartMoved(
            a["title"] if a else "",
            b["title"] if b else "",
            tuple(label for label in new if label not in old),
            tuple(label for label in old if label not in new),
            tuple(label for label in new if label in old and new[label] != old[label]),
        )


def _rows(chart: Mapping[str, Any] | None) -> dict[str, list[list[str]]]:
    """The rows of a chart's data by their first cell."""
    rows: dict[str, list[list[str]]] = defaultdict(list)
    for row in chart["rows"] if chart else ():
        rows[str(row[0])].append(list(row[1:]))
    return dict(rows)
