"""The words that the pages add around a report's own."""

from __future__ import annotations

from .model import Assumption, Document
from .text import long_date, number

CONTENTS = "Contents"
WEAK_POINTS = "Where this report is weakest"
ASSUMPTIONS = "Assumptions"
GLOSSARY = "Words used here"
SOURCES = "Sources"
ABOUT = "How this report was made"
WIDE = "Wide tables"
ASSUMPTIONS_LEAD = (
    "What was chosen rather than read. Quality says how well an assumption is supported, impact how much "
    "the results move with it: green is good or small, amber middling, red weak or large."
)
SOURCES_LEAD = (
    "Every number in this report is one of these sources' figures, or is computed from them."
)
ABOUT_LEAD = (
    "The same data, code and parameters give this report again, byte for byte. Numbers are printed only "
    "to the digit that their sources support."
)
RATINGS = {"green": "green", "amber": "amber", "red": "red"}


def package() -> str:
    """The name of the distribution that this package belongs to."""
    return __name__.partition(".")[0].replace("_", "-")


def as_of(doc: Document) -> str:
    """The line that says which day's knowledge the report holds."""
    line = f"As known on {long_date(doc.as_of)}"
    return f"{line}; latest source {long_date(doc.latest_source)}" if doc.latest_source else line


def credit_line(text: str) -> str:
    """What goes before a source line that does not already say what it is."""
    return "" if not text or text.lower().startswith("source") else "Source: "


def amount(a: Assumption) -> str:
    """An assumption's value with its bounds and unit."""
    unit = "" if a.unit in ("", "ratio") else f" {a.unit.replace('_', ' ')}"
    text = number(a.value) + unit
    if (a.low or a.high) and (a.low, a.high) != (a.value, a.value):
        text += f" ({number(a.low)} to {number(a.high)})"
    return text


def key_columns(count: int) -> int:
    """In how many columns key numbers stand: three, or four where that leaves no more holes."""
    return min(count, 4 if -count % 4 <= -count % 3 else 3) or 1


def foot(doc: Document) -> list[tuple[str, str]]:
    """Label and value of every line of the colophon."""
    f = doc.foot
    rows = [
        ("As of", long_date(str(f.get("as_of") or doc.as_of))),
        ("Package", f"{package()} {f.get('package', '')}".strip()),
        ("Data", str(f.get("data", ""))),
        ("Code", str(f.get("code", ""))),
    ]
    given = dict(f.get("parameters") or {})
    rows.append(("Parameters", ", ".join(f"{k} = {v}" for k, v in sorted(given.items()))))
    versions = dict(f.get("versions") or {})
    rows.append(("Versions", ", ".join(f"{k} {v}" for k, v in sorted(versions.items()))))
    return [(label, value) for label, value in rows if value]
