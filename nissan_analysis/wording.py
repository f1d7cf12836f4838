"""From quantities to words: phrases whose every number carries its sources.

``phrase("Sales fell {fall:.1%} to {latest:,} vehicles", fall=..., latest=...)`` gives the text
twice: as Markdown with one ``<data class="fact">`` per number, and plain. A format
specification is ``[q][~][+][,][.N][kind]``:

``q``    print the source's qualifier before the number ("about 3,900"); nothing for exact ones
``~``    print fewer digits where the bounds do not support all that were asked for
``+``    print the sign also of positive numbers
``,``    group thousands
``.N``   decimals
kind     ``%`` percent, ``pp`` percentage points (no sign printed), ``m`` millions, ``k`` thousands,
         ``w`` the number in words up to twelve, ``o`` an ordinal in words, ``d`` no grouping

Dates print as "15 July 2025"; text is escaped; a bare int or float is refused, because nobody
could trace it.
"""

from __future__ import annotations

import datetime as dt
import html
import math
import re
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .formula import letter
from .quantity import Quantity

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
ORDINALS = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
]
QUALIFIER_WORDS = {"about": "about", "nearly": "nearly", "over": "over", "up_to": "up to"}
TOLD = 4  #: facts that a tooltip names
SCALES = {"m": 1e6, "k": 1e3}

#: A figure of these statuses may only be said in a sentence that calls it so.
STATUS_WORDS = {
    "target": r"\b(?:target|plan(?!t)|forecast|aim|goal|outlook|guidance|expect|intend|promis|would\b|want|"
    r"announc|ceiling|scenario|to be\b|will\b|propos|set out|hope|hoping)",
    "denied": r"\bden(?:y|ied|ies|ial)",
    "cancelled": r"\b(?:cancel|dropp|scrap|end(?:s|ed|ing)?\b|abandon|call(?:ed)? off|collapse|withdr|released|never\b)",
    "estimate": r"\b(?:estimat|about\b|around\b|reckon|puts? (?:it )?at|approximat)",
}

_SPEC = re.compile(
    r"(?P<q>q)?(?P<fit>~)?(?P<sign>\+)?(?P<comma>,)?(?:\.(?P<places>\d))?(?P<kind>%|pp|m|k|w|o|d)?"
)
_MONTH = "(?:" + "|".join(MONTHS) + ")"
#: Digits that need no source: dates and names, told by their shape and not from a list.
_ALLOWED = re.compile(
    rf"\b\d{{1,2}} {_MONTH}(?: (?:19|20)\d\d)?\b"  # 15 July 2025
    r"|\bFY(?:19|20)\d\d(?:[–/-]\d\d(?:\d\d)?)?\b"  # FY2024
    r"|\b(?:19|20)\d\d[–/-]\d\d(?:\d\d)?\b"  # 2018–2025, 2024/25
    r"|\b(?:19|20)\d\d(?:-\d\d){0,2}\b"  # 2023, 2024-03, 2024-03-31
    r"|\b[\w-]+\.[a-z]{2,}\b"  # 29ru.net
    r"|\b[A-Za-zÀ-ÿ]+[-–]?\d+[A-Za-z]*(?:-\d+)?\b"  # N7, Q3, FY24, PV5, bZ4X, UX300e
)


class UntracedNumber(TypeError):
    """A number without sources was about to be said."""


class ExcessDigits(ValueError):
    """More digits were asked for than the sources support."""


@dataclass(frozen=True)
class Phrase:
    """A piece of text: `md` is Markdown with fact markup, `text` is plain, `facts` its sources."""

    md: str
    text: str
    facts: tuple[str, ...] = ()
    statuses: frozenset[str] = field(default_factory=frozenset)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Trend:
    """The run of figures that a key number ends, drawn small beside it.

    `values` hold None where a figure is missing or its definition changes: no line bridges that.
    """

    words: str
    values: tuple[float | None, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Key:
    """A key number of the opening: what it is, the number, and the caveat beside it."""

    label: Phrase
    value: Phrase
    note: Phrase
    trend: Trend | None = None


def status_said(status: str, text: str) -> bool:
    """Whether a text calls a figure of this status what it is."""
    words = STATUS_WORDS.get(status)
    return words is None or re.search(words, text, re.IGNORECASE) is not None


def stray_digits(text: str) -> list[str]:
    """Digits in a plain text that are neither part of a date nor of a name."""
    return re.findall(r"\S*\d\S*", _ALLOWED.sub("", text))


def escape(text: str) -> str:
    """Plain text as Markdown that renders to the same text, whatever it holds."""
    cleaned = "".join(c for c in text if c in "\n\t" or ord(c) >= 32)
    out = re.sub(r"([\\`*_\[\]#|~$!])", r"\\\1", html.escape(cleaned, quote=False))
    # At the start of a line these would begin a list, a rule or a heading.
    out = re.sub(r"^(\s*)([-+=])(?=[-+=\s]|$)", r"\1\\\2", out, flags=re.MULTILINE)
    return re.sub(r"^(\s*\d{1,9})([.)])(?=\s|$)", r"\1\\\2", out, flags=re.MULTILINE)


def long_date(day: dt.date) -> str:
    """A date as the pages print it: 15 July 2025."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def long_month(day: dt.date) -> str:
    """The month of a date: July 2025. Never ``%B``, which follows the locale."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def listed(items: Iterable[str], joiner: str = "and") -> str:
    """Items as running text: "a, b and c"."""
    words = list(items)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joiner} {words[-1]}"


def digits(quantity: Quantity, spec: str = "~,") -> str:
    """The number as text by a format specification (see the module), without markup.

    Raises
    ------
    ExcessDigits
        When a printed digit is not supported by the bounds and the specification has no ``~``.
    """
    match = _SPEC.fullmatch(spec or "~,")
    if match is None:
        raise ValueError(f"{spec!r} is not a format: expected [q][~][+][,][.N][%|pp|m|k|w|o|d].")
    kind = match["kind"] or ""
    if quantity.unit == "fiscal_year":
        return f"FY{quantity.value:.0f}"
    scale = SCALES.get(kind, 1.0)
    if kind in ("%", "pp"):
        scale = 1.0 if quantity.unit in ("percent", "points") else 0.01
    elif quantity.unit == "ratio" and not kind and "." not in spec:
        raise ValueError(f"A ratio is printed with a % or with decimals, not as {spec!r}.")
    value = quantity.value / scale
    # Half of the interval: lopsided bounds must not push the rounding beyond their far side.
    error = (quantity.high - quantity.low) / 2 / scale
    places = int(match["places"] or 0)
    if kind in ("w", "o"):
        return _in_words(value, error, kind)
    supported = _supported(value, error, places)
    low, high = quantity.low / scale, quantity.high / scale
    # A rounding outside the bounds would say what the sources exclude: 27.5 to 29.6 is not "30".
    while supported < places and not low <= round(value, supported) <= high:
        supported += 1
    if supported != places and not match["fit"]:
        shown = f"{value:,.{places}f}"
        best = _rounded(value, supported)
        raise ExcessDigits(
            f"{shown} would print a digit that the sources do not support (the number lies between "
            f"{quantity.low / scale:,.6g} and {quantity.high / scale:,.6g}): print at most {best}, "
            "or put ~ in the format to print as many digits as are supported."
        )
    text = _rounded(value, supported, bool(match["comma"] or (kind == "" and not match["places"])))
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    elif match["sign"] and value > 0:
        text = "+" + text
    return text.replace("-", "−") + ("%" if kind == "%" else "")


def _supported(value: float, error: float, places: int) -> int:
    """The largest number of decimals <= `places` that the error supports (negative: tens, ...)."""
    while True:
        step = 10.0**-places
        if error <= step * 1.0000001:
            return places
        # A rounded figure may be printed with its zeros: 694,900 is known to the hundred.
        unit = 10.0 ** math.ceil(math.log10(error) - 1e-9)
        if abs(value / unit - round(value / unit)) < 1e-9 * max(1.0, abs(value / unit)):
            return places
        if places < -12:
            return places
        places -= 1


def _rounded(value: float, places: int, comma: bool = True) -> str:
    rounded = round(value, places)
    shown = max(places, 0)
    return f"{rounded:,.{shown}f}" if comma else f"{rounded:.{shown}f}"


def _in_words(value: float, error: float, kind: str) -> str:
    if error >= 0.5 or value != round(value) or value < 0:
        raise ExcessDigits(f"{value:g} is not a whole number known exactly; it has no word.")
    number = round(value)
    words = SMALL if kind == "w" else ORDINALS
    if number < len(words):
        return words[number]
    if kind == "w":
        return f"{number:,}"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0)
    return f"{number}{ending or 'th'}"


def fact_markup(quantity: Quantity, text: str, name: str = "") -> str:
    """The `<data>` element of one number: value, bounds, facts, status, how it was computed, the
    `name` its sentence knows it by, and the tooltip that JupyterLab shows."""
    facts = quantity.facts
    if not facts:
        raise UntracedNumber(f"{text} rests on no fact and no assumption, so it cannot be said.")
    how = quantity.how
    attributes = {
        "value": _plain(quantity.value),
        "data-low": _plain(quantity.low),
        "data-high": _plain(quantity.high),
        "data-unit": quantity.unit,
        "data-status": quantity.status,
        "data-facts": " ".join(facts),
        "data-name": name,
        "data-how": how,
        "data-formula": quantity.arithmetic,
        "title": _tip(quantity, how),
    }
    quoted = " ".join(f'{k}="{html.escape(v, quote=True)}"' for k, v in attributes.items() if v)
    return f'<data class="fact" {quoted}>{text}</data>'


def _tip(quantity: Quantity, how: str) -> str:
    """Bounds and unit; what it is or how it was computed; status; who says so."""
    low, high = _short(quantity.low), _short(quantity.high)
    unit = quantity.unit.replace("_", " ")
    parts = [f"{low} {unit}" if low == high else f"{low} to {high} {unit}"]
    names = quantity.names
    if how:
        parts.append(capitalised(how))
    for place, fact in enumerate(quantity.facts[:TOLD]):
        if fact in names:
            parts.append(f"{letter(place)}: {names[fact]}" if how else names[fact])
    if how and len(quantity.facts) > TOLD:
        parts.append(f"and {len(quantity.facts) - TOLD} more")
    if quantity.status != "official":
        parts.append(f"status: {quantity.status}")
    parts.append(quantity.label)
    return " ".join("; ".join(part for part in parts if part).split())


def _plain(value: float) -> str:
    return f"{round(value, 9):.10g}" if abs(value) < 1e9 else f"{value:.12g}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.5g}"


def phrase(template: str, /, **values: Any) -> Phrase:
    """Fill a template with quantities, dates, phrases and text.

    Raises
    ------
    UntracedNumber
        For a bare int or float, and for digits typed into the template.
    ExcessDigits
        See `digits`.
    """
    md: list[str] = []
    text: list[str] = []
    facts: set[str] = set()
    statuses: set[str] = set()
    literal: list[str] = []
    formatter = string.Formatter()
    for before, name, spec, _ in formatter.parse(template):
        md.append(before)
        text.append(re.sub(r"\*\*|(?<!\w)[*_]|[*_](?!\w)|`", "", before))
        literal.append(before)
        if name is None:
            continue
        value, _key = formatter.get_field(name, (), _Strict(values))
        piece = say_value(value, spec or "", name)
        md.append(piece.md)
        text.append(piece.text)
        literal.append("\x00")
        facts.update(piece.facts)
        statuses.update(piece.statuses)
    stray = stray_digits("".join(literal))
    if stray:
        raise UntracedNumber(
            f"{stray[0]!r} is typed into the text {template[:60]!r}...: pass it as a quantity, so that "
            "it carries its source (dates, fiscal years and names such as N7 may be typed)."
        )
    return Phrase("".join(md), "".join(text), tuple(sorted(facts)), frozenset(statuses))


class _Strict(Mapping[str, Any]):
    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getitem__(self, key: str) -> Any:
        if key not in self._values:
            raise KeyError(f"The text names {{{key}}}, which was not given; given: {list(self)}.")
        return self._values[key]

    def __iter__(self) -> Any:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def say_value(value: Any, spec: str = "", name: str = "value") -> Phrase:
    """One value as a phrase: a quantity, a date, a phrase or text."""
    if isinstance(value, Phrase):
        return value
    if isinstance(value, Quantity):
        words = QUALIFIER_WORDS.get(value.qualifier, "")
        wants = spec.startswith("q")
        if words and not wants:
            raise ValueError(
                f"{{{name}}} is {words!r} {value.value:g} in its source: put q at the start of its "
                "format, so that the word is printed with the number."
            )
        shown = digits(value, spec.removeprefix("q") if wants else spec)
        lead = f"{words} " if words else ""
        return Phrase(
            lead + fact_markup(value, shown, name),
            lead + shown,
            value.facts,
            frozenset({value.status}),
        )
    if isinstance(value, dt.date):
        shown = long_date(value)
        return Phrase(f'<time datetime="{value:%Y-%m-%d}">{shown}</time>', shown)
    if isinstance(value, str):
        stray = stray_digits(value)
        if stray:
            raise UntracedNumber(
                f"{{{name}}} brings the digits {stray[0]!r} as plain text: pass a quantity."
            )
        return Phrase(escape(value), value)
    raise UntracedNumber(
        f"{{{name}}} is a bare {type(value).__name__} ({value!r}): nobody could trace it. Pass a "
        "Quantity, a date or text."
    )


def capitalised(text: str) -> str:
    """The same text with a capital letter at its start."""
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """The same text with a small letter at its start."""
    return text[:1].lower() + text[1:]


def capital(said: Phrase) -> Phrase:
    """The same phrase with a capital letter at its start."""
    at = said.md.find(">") + 1 if said.md.startswith("<") else 0
    md = said.md[:at] + said.md[at : at + 1].upper() + said.md[at + 1 :]
    return Phrase(md, capitalised(said.text), said.facts, said.statuses)


def joined(parts: Sequence[Phrase], between: str = " ", after: str = "") -> Phrase:
    """Phrases one after another, with `between` between them and `after` after each."""
    template = between.join(f"{{p{i}}}{after}" for i in range(len(parts)))
    return phrase(template, **{f"p{i}": part for i, part in enumerate(parts)})


def enumerated(parts: Sequence[Phrase], joiner: str = "and") -> Phrase:
    """Phrases as running text: "a, b and c"."""
    names = [f"p{i}" for i in range(len(parts))]
    template = listed((f"{{{name}}}" for name in names), joiner)
    return phrase(template, **dict(zip(names, parts, strict=True)))


def cited(text: str, origin: str, label: str = "") -> Phrase:
    """Text out of `data/` (an event's title, a plant's fate) whose numbers it vouches for itself.

    Each number in it is marked with `origin` (for example ``event:oppama-end``), so a reader
    reaches the source of the row. It has no bounds: the words around it say how exact it is.
    """
    spared = [m.span() for m in _ALLOWED.finditer(text)]
    md, at = "", 0
    for match in re.finditer(r"\d+(?:,\d{3})*(?:\.\d+)?", text):
        if any(start <= match.start() < end for start, end in spared):
            continue
        value = match[0].replace(",", "")
        title = html.escape(label, quote=True)
        md += escape(text[at : match.start()])
        md += (
            f'<data class="fact" value="{value}" '
            f'data-facts="{html.escape(origin, quote=True)}" title="{title}">{match[0]}</data>'
        )
        at = match.end()
    return Phrase(md + escape(text[at:]), text, (origin,))


def key(label: str, value: str, note: str = "", /, **values: Any) -> Key:
    """A key number from three templates (see `phrase`)."""
    what, number, caveat = (phrase(template, **values) for template in (label, value, note))
    return Key(what, number, caveat)
