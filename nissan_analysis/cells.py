"""A CSV file as rows of cells, and what can be wrong with it before anyone asks what it says."""

from __future__ import annotations

import csv
import io
import unicodedata
from pathlib import Path

#: The longest cell in use has some 350 characters; a longer one is a paste gone wrong.
LONGEST = 2_000
#: Of `unicodedata`: controls, formats (text that reads backwards), and what is no character.
_UNPRINTABLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def lines_of(path: Path, name: str, faults: list[str]) -> tuple[list[list[str]], bool] | None:
    """The rows of a file as far as they can be read, and whether that is all of them.

    What is wrong is added to `faults`; None where nothing can be read.
    """
    text = _text(path, name, faults)
    if text is None:
        return None
    lines: list[list[str]] = []
    try:
        lines.extend(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        faults.append(
            f"{name}, row {len(lines) + 1}: cannot be read ({error}); expected a CSV row: look for "
            "a quotation mark without its partner, or a whole file pasted into one cell"
        )
        return (lines, False) if lines else None
    return lines, True


def _text(path: Path, name: str, faults: list[str]) -> str | None:
    """The text of a file, or None and a fault."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        faults.append(f"{name}: the file is missing")
        return None
    except OSError as error:
        faults.append(f"{name}: cannot be read ({error.strerror}); expected a file one may read")
        return None
    if raw.startswith(b"\xef\xbb\xbf"):
        faults.append(f"{name}: starts with a byte order mark; save it as UTF-8 without BOM")
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n") + 1
        faults.append(
            f"{name}, row {row}: not UTF-8 (byte {raw[error.start]:#04x}); expected UTF-8: save the "
            "file again in that encoding"
        )
        return None
    if "\r" in text:
        row = text[: text.index("\r")].count("\n") + 1
        faults.append(
            f"{name}, row {row}: holds carriage returns; save it with plain line ends (LF)"
        )
        return None
    return text


def unclean(cell: str) -> str:
    """What is wrong with a cell whatever its column, or nothing."""
    if "\n" in cell:
        return "holds a line end; write it on one line"
    if len(cell) > LONGEST:
        return f"has {len(cell):,} characters; expected at most {LONGEST:,}"
    if cell.isascii() and cell.isprintable():
        return "starts or ends with a space; expected none" if cell != cell.strip() else ""
    odd = next((c for c in cell if unicodedata.category(c) in _UNPRINTABLE), "")
    if odd:
        return f"holds the unprintable character U+{ord(odd):04X}; expected text one can see"
    if cell != cell.strip():
        return "starts or ends with a space; expected none"
    if cell != unicodedata.normalize("NFC", cell):
        return "is written with combining marks; expected composed letters (Unicode NFC)"
    return ""


def shown(cell: str) -> str:
    """A cell as a message can print it: quoted, on one line, not too long, nothing hidden in it."""
    return repr(cell if len(cell) <= 80 else cell[:77] + "...")


def visible(text: str, keep: str = "") -> str:
    """Text that does nothing to a terminal: what cannot be seen is written as its escape.

    `keep` names control characters that may stay, such as line ends.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else repr(c)[1:-1] for c in text)
