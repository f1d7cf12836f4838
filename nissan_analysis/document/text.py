"""Plain-text helpers shared by the reader and the writers: cleaning, dates, numbers, slugs, CSV."""

from __future__ import annotations

import base64
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

PLACEHOLDER = "\u25a1"  # a visible box, for what cannot be printed

MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]  # fmt: skip

#: Embedding, override and isolate controls can make text read backwards; shown as a box.
_REORDERING = set(range(0x202A, 0x202F)) | set(range(0x2066, 0x206A))
#: Marks without width carry no meaning in our text and are left out (soft hyphen, joiners, BOM).
_INVISIBLE = {0xAD, 0x61C, 0x180E, 0xFEFF} | set(range(0x200B, 0x2010)) | set(range(0x2060, 0x2066))
_SPACES = dict.fromkeys(map(ord, "\n\t\xa0"))  # as they are: kept, though not called printable
_URL = re.compile(r"https?://[^\s<>\"\\^`{|}]+", re.IGNORECASE)


def clean(value: object) -> str:
    """Any value as printable text: NFC, no control characters, no lone surrogates.

    Control characters, surrogates, private-use and non-characters and text-reordering marks become a visible box; marks
    without width are dropped; tabs and line ends stay.
    """
    text = "" if value is None else str(value)
    # Most texts are: nothing that Python would not print is in them but line ends and tabs.
    if text.translate(_SPACES).isprintable() and unicodedata.is_normalized("NFC", text):
        return text
    out = []
    for char in unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n"):
        code = ord(char)
        if code in _INVISIBLE:
            continue
        if char in "\n\t":
            out.append(char)
        elif code in _REORDERING or unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn"):
            out.append(PLACEHOLDER)
        else:
            out.append(" " if char in "\u2028\u2029" else char)
    return "".join(out)


def one_line(value: object) -> str:
    """Cleaned text with every run of white space as one space."""
    return " ".join(clean(value).split())


def safe_url(url: object) -> str:
    """The address if it is a plain http or https one, otherwise an empty string."""
    text = str(url or "").strip()
    return text if _URL.fullmatch(text) else ""


def slug(text: str, taken: set[str]) -> str:
    """A unique id made of ASCII letters, digits and dashes; added to `taken`."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:60].strip("-") or "part"
    if not base[0].isalpha():
        base = f"n-{base}"
    name, count = base, 2
    while name in taken:
        name, count = f"{base}-{count}", count + 1
    taken.add(name)
    return name


def long_date(iso: str) -> str:
    """``2024-03-15`` as "15 March 2024", ``2024-03`` as "March 2024", anything else as it is."""
    match = re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d))?(?:[T ].*)?", iso)
    if not match or not 1 <= int(match[2]) <= 12:
        return iso
    month = f"{MONTHS[int(match[2]) - 1]} {match[1]}"
    return f"{int(match[3])} {month}" if match[3] else month


def number(text: str, percent: bool = False) -> str:
    """A decimal text for people: thousands grouped, a true minus sign; a fraction as percent."""
    try:
        value = float(text)
    except ValueError:
        return text
    if percent:
        value *= 100
    shown = f"{value:,.0f}" if abs(value) >= 100_000 else f"{value:,.6g}"
    if "e" in shown:
        shown = f"{value:,.6f}".rstrip("0").rstrip(".")
    return shown.replace("-", "\u2212") + ("%" if percent else "")


def ranges(numbers: Iterable[int]) -> str:
    """Sorted numbers with runs joined: 1, 2, 3, 7 as "1\u20133, 7"."""
    runs: list[list[int]] = []
    for value in sorted(set(numbers)):
        if runs and value == runs[-1][1] + 1:
            runs[-1][1] = value
        else:
            runs.append([value, value])
    return ", ".join(
        str(a) if a == b else f"{a}, {b}" if b == a + 1 else f"{a}\u2013{b}" for a, b in runs
    )


def is_numeric(text: str) -> bool:
    """Whether a cell of chart data is a plain number."""
    try:
        float(text.replace(",", "").replace("\u2212", "-").removesuffix("%"))
    except ValueError:
        return False
    return True


def capitalised(text: str) -> str:
    """The same text with a capital letter at its start."""
    return text[:1].upper() + text[1:]


def csv_uri(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The data as a ``data:`` address of a CSV file that no spreadsheet runs as a formula.

    A cell that starts like a formula and is not a number gets a leading apostrophe, which
    spreadsheets read as "this is text".
    """
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    for row in (columns, *rows):
        writer.writerow([unarmed(cell) for cell in row])
    encoded = base64.b64encode(target.getvalue().encode()).decode()
    return f"data:text/csv;charset=utf-8;base64,{encoded}"


#: What a spreadsheet takes for the start of a formula; the full-width forms too.
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")


def unarmed(cell: str) -> str:
    """A cell that no spreadsheet runs: an apostrophe before what looks like a formula."""
    if cell.lstrip()[:1] in _FORMULA or cell[:1] in ("\t", "\n"):
        return cell if re.fullmatch(r"[+-]?\d[\d,.]*(e[+-]?\d+)?%?", cell, re.I) else f"'{cell}"
    return cell
