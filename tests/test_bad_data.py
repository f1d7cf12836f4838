"""Bad data: every fault is named with file, row, column, value and what is expected, all of them
at once; nothing is rendered, and the reports that were there stay whole.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import small_data
import tiny
from conftest import ROOT
from nissan_analysis import cli
from nissan_analysis.rows import MODELS, DataError, FactRow, read_tables

BASIS = {
    "basis": "all", "label": "All", "chain": "cars", "valid_from": "2010-01-01",
    "valid_to": "2024-12-31", "definition": "All of them",
}  # fmt: skip
EVENT = {
    "event": "an-event", "date": "2023-05-01", "date_precision": "day", "title": "Something",
    "category": "plants", "entity": "cars", "counterpart": "", "status": "announced",
    "speaker": "", "source": "maker", "outcome": "It came true", "outcome_status": "completed",
    "outcome_date": "2023-12-01", "outcome_source": "maker", "note": "",
}  # fmt: skip
EARLY = {"source": "early", "published": "2023-04-30"}
PLANT = {
    "plant": "works", "label": "Works", "company": "The Maker", "city": "Town", "country": "Land",
    "region": "japan", "opened": "1990", "status": "announced", "fate": "To close",
    "end_date": "2028-03-31", "end_precision": "month", "one_of_seven": "yes", "sources": "maker",
    "note": "",
}  # fmt: skip
GROWTH = {"metric": "sales_yoy", "unit": "percent", "value": "4.2", "decimals": "1"}
SHARE = {"metric": "share", "unit": "percent", "value": "42.0", "decimals": "1"}
METRICS = [
    *small_data.METRICS,
    {"metric": "share", "label": "Share", "unit": "percent", "kind": "ratio", "definition": "x"},
]
#: The facts of the sound folder, by row: a year (2), growth (3), shares (4 to 6).
FACTS = [{}, GROWTH, *(SHARE | {"period_start": f"{y}-01-01", "period_end": f"{y}-12-31", "value": v}
                       for y, v in ((2021, "40.0"), (2022, "41.0"), (2023, "42.0")))]  # fmt: skip


def sound(folder: Path) -> Path:
    """A small folder of data with at least one row in each file, and no fault."""
    data = small_data.write(
        folder,
        metrics=METRICS,
        entities=[{}, {"entity": "works", "label": "Works"}],
        bases=[BASIS],
        sources=[{}, EARLY],
        events=[EVENT],
        plants=[PLANT],
        facts=FACTS,
    )
    (data / "datapackage.json").write_text("{}")
    return data


def change(path: Path, row: int, **cells: str) -> None:
    """Write other cells into a row; the header is row 1."""
    with path.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.reader(stream))
    for column, value in cells.items():
        lines[row - 1][lines[0].index(column)] = value
    write(path, lines)


def write(path: Path, lines: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(lines)


# One wrong cell: file, row, column, value, what the message says of it.
NUMBER = "expected a plain number such as 694900 or -28.7"
DAY = "expected a date such as 2024-03-31"
ALL = "facts/all.csv"
CELLS: list[tuple[str, int, str, str, str]] = [
    (ALL, 2, "fact", "", "expected text of the form"),
    (ALL, 2, "fact", "Sales_2023", "expected text of the form"),
    (ALL, 3, "fact", "f0", "is already used at facts/all.csv, row 2; keys are unique"),
    (ALL, 2, "entity", "cras", "is not in entities.csv; did you mean 'cars'?"),
    (ALL, 2, "metric", "salse", "is not in metrics.csv; did you mean 'sales'?"),
    (ALL, 2, "basis", "alll", "is not in bases.csv; did you mean 'all'?"),
    (ALL, 2, "source", "makr", "is not in sources.csv; did you mean 'maker'?"),
    (ALL, 2, "source", "", "expected text of the form"),
    (ALL, 2, "period_start", "", DAY),
    (ALL, 2, "period_start", "2023", DAY),
    (ALL, 2, "period_start", "01/01/2023", DAY),
    (ALL, 2, "period_start", "2023-1-1", DAY),
    (ALL, 2, "period_start", "2023-01-01T00:00", DAY),
    (ALL, 2, "period_start", "２０２３-01-01", DAY),
    (ALL, 2, "period_end", "2023-02-30", DAY),
    (ALL, 2, "period_end", "2023-13-01", DAY),
    (ALL, 2, "period_start", "0203-01-01", "expected a year from 1900 to 2100"),
    (ALL, 2, "period_end", "2203-12-31", "expected a year from 1900 to 2100"),
    (ALL, 2, "period_end", "2022-12-31", "is before 2023-01-01"),
    (ALL, 2, "period_end", "2024-06-30", "is after 2024-01-31, when its source was published"),
    (ALL, 2, "value", "", NUMBER),
    (ALL, 2, "value", "NA", NUMBER),
    (ALL, 2, "value", "nan", NUMBER),
    (ALL, 2, "value", "inf", NUMBER),
    (ALL, 2, "value", "1e3", NUMBER),
    (ALL, 2, "value", "1,000", NUMBER),
    (ALL, 2, "value", "1 000", NUMBER),
    (ALL, 2, "value", "１０００", NUMBER),
    (ALL, 2, "value", "٣", NUMBER),
    (ALL, 2, "value", "0x10", NUMBER),
    (ALL, 2, "value", "1_000", NUMBER),
    (ALL, 2, "value", "+5", NUMBER),
    (ALL, 2, "value", ".5", NUMBER),
    (ALL, 2, "value", "5.", NUMBER),
    (ALL, 2, "value", "007", NUMBER),
    (ALL, 2, "value", "42%", NUMBER),
    (ALL, 2, "value", "=1+1", NUMBER),
    (ALL, 2, "value", "−5", NUMBER),
    (ALL, 2, "value", "9" * 400, NUMBER),
    (ALL, 2, "value", "-5", "cannot be negative; expected 0 or more"),
    (ALL, 4, "value", "0.4", "looks like a fraction; expected a percent number (40)"),
    (ALL, 4, "value", "140.0", "is part of a whole; expected 0 to 100 percent"),
    (ALL, 4, "value", "-4.0", "cannot be negative; expected 0 or more"),
    (ALL, 2, "unit", "", "must not be empty"),
    (ALL, 2, "unit", "persons", "sales is counted in 'vehicles' (metrics.csv)"),
    (ALL, 3, "unit", "ratio", "sales_yoy is counted in 'percent' (metrics.csv)"),
    (ALL, 2, "decimals", "", "expected a whole number from -9 to 6"),
    (ALL, 2, "decimals", "1.0", "expected a whole number from -9 to 6"),
    (ALL, 2, "decimals", "-0", "expected a whole number from -9 to 6"),
    (ALL, 2, "decimals", "400", "expected a whole number from -9 to 6"),
    (ALL, 2, "decimals", "-400", "expected a whole number from -9 to 6"),
    (ALL, 2, "decimals", "-4", "means steps of 10000, but the value 1000 is finer"),
    (ALL, 2, "qualifier", "", "expected one of 'exact', 'about'"),
    (ALL, 2, "qualifier", "circa", "expected one of 'exact', 'about'"),
    (ALL, 2, "status", "rumour", "expected one of 'official', 'reported'"),
    (ALL, 2, "status", "Official", "expected one of 'official', 'reported'"),
    (ALL, 2, "rank", "best", "expected one of 'preferred', 'normal' or 'deprecated'"),
    (ALL, 2, "note", "one\ntwo", "holds a line end; write it on one line"),
    (ALL, 2, "note", "a\x00b", "holds the unprintable character U+0000"),
    (ALL, 2, "note", "a\x1b[31mb", "holds the unprintable character U+001B"),
    (ALL, 2, "note", "a\u202eb", "holds the unprintable character U+202E"),
    (ALL, 2, "note", "a\u200bb", "holds the unprintable character U+200B"),
    (ALL, 2, "note", "a\u00a0", "starts or ends with a space"),
    (ALL, 2, "note", "cafe\u0301", "is written with combining marks"),
    (ALL, 2, "note", "x" * 2_001, "has 2,001 characters; expected at most 2,000"),
    (ALL, 2, "locator", " table 2", "starts or ends with a space"),
    ("sources.csv", 2, "source", "The Maker", "expected text of the form"),
    ("sources.csv", 2, "publisher", "", "must not be empty"),
    ("sources.csv", 2, "title", "", "must not be empty"),
    ("sources.csv", 2, "url", "ftp://example.org", "expected text of the form"),
    ("sources.csv", 2, "url", "javascript:alert(1)", "expected text of the form"),
    ("sources.csv", 2, "url", "https://example.org/a b", "expected text of the form"),
    ("sources.csv", 2, "published", "January 2024", DAY),
    ("sources.csv", 2, "published", "2204-01-31", "expected a year from 1900 to 2100"),
    ("sources.csv", 2, "published", "", DAY),
    ("sources.csv", 2, "published_basis", "guessed", "expected one of 'stated', 'month'"),
    ("sources.csv", 2, "retells", "makerr", "is not in sources.csv; did you mean 'maker'?"),
    ("sources.csv", 2, "retells", "maker", "is this source itself; expected another"),
    ("sources.csv", 2, "language", "English", "expected text of the form"),
    ("sources.csv", 2, "kind", "rumour", "expected one of 'company', 'association'"),
    ("sources.csv", 2, "quality", "good", "expected one of 'red', 'amber' or 'green'"),
    ("sources.csv", 2, "quality_reason", "", "must not be empty"),
    ("entities.csv", 2, "entity", "Cars!", "expected text of the form"),
    ("entities.csv", 3, "entity", "cars", "is already used at entities.csv, row 2"),
    ("entities.csv", 2, "label", "", "must not be empty"),
    ("entities.csv", 2, "region", "mars", "expected one of 'japan', 'us'"),
    ("entities.csv", 2, "launched", "2022", DAY),
    ("entities.csv", 2, "equals", "works - vans", "'vans' is not in entities.csv"),
    ("entities.csv", 2, "equals", "works works", "expected a sum such as 'all - registered'"),
    ("entities.csv", 2, "equals", "works *", "expected a sum such as 'all - registered'"),
    ("metrics.csv", 2, "metric", "", "expected text of the form"),
    ("metrics.csv", 3, "metric", "sales", "is already used at metrics.csv, row 2"),
    ("metrics.csv", 2, "unit", "", "must not be empty"),
    ("metrics.csv", 2, "kind", "sum", "expected one of 'flow', 'stock'"),
    ("bases.csv", 2, "label", "", "must not be empty"),
    ("bases.csv", 2, "valid_from", "2010", DAY),
    ("bases.csv", 2, "valid_to", "2009-12-31", "is before 2010-01-01"),
    ("events.csv", 2, "event", "an event", "expected text of the form"),
    ("events.csv", 2, "date", "May 2023", DAY),
    ("events.csv", 2, "date_precision", "year", "expected one of 'day' or 'month'"),
    ("events.csv", 2, "category", "gossip", "expected one of 'alliance', 'export'"),
    ("events.csv", 2, "entity", "carz", "is not in entities.csv; did you mean 'cars'?"),
    ("events.csv", 2, "status", "maybe", "expected one of 'announced', 'reported'"),
    ("events.csv", 2, "speaker", "the president", "only a reported event names who said it on record"),
    ("events.csv", 2, "source", "nobody", "is not in sources.csv"),
    ("events.csv", 2, "outcome_source", "nobody", "is not in sources.csv"),
    ("events.csv", 2, "outcome_source", "", "empty; an outcome needs a source of its own"),
    ("events.csv", 2, "outcome_status", "", "empty; expected what became of it"),
    ("events.csv", 2, "outcome_status", "done", "expected one of '', 'announced'"),
    ("events.csv", 2, "outcome_date", "2023-04-30", "is before 2023-05-01"),
    ("events.csv", 2, "outcome_date", "2024-02-01", "is after 2024-01-31, when its source was"),
    ("plants.csv", 2, "plant", "wroks", "is not in entities.csv; did you mean 'works'?"),
    ("plants.csv", 2, "region", "Japan", "expected one of 'japan', 'us'"),
    ("plants.csv", 2, "opened", "c. 1990", "expected text of the form"),
    ("plants.csv", 2, "status", "doomed", "expected one of 'running', 'announced'"),
    ("plants.csv", 2, "end_date", "2028-03", DAY),
    ("plants.csv", 2, "end_date", "1980-03-31", "is before 1990, when it opened"),
    ("plants.csv", 2, "end_date", "", "empty; expected a date and its precision, or neither"),
    ("plants.csv", 2, "end_precision", "decade", "expected one of '', 'day', 'month', 'mid_year', 'year' or 'fiscal_year'"),
    ("plants.csv", 2, "end_precision", "", "empty; expected a date and its precision"),
    ("plants.csv", 2, "one_of_seven", "maybe", "expected one of 'yes', 'no' or 'unclear'"),
    ("plants.csv", 2, "sources", "maker nobody", "'nobody' is not in sources.csv"),
    ("assumptions.csv", 2, "value", "80%", NUMBER),
    ("assumptions.csv", 2, "value", "95", "is outside 70 to 90"),
    ("assumptions.csv", 2, "low", "", NUMBER),
    ("assumptions.csv", 2, "quality", "fair", "expected one of 'red', 'amber' or 'green'"),
    ("assumptions.csv", 2, "used_in", "china_sale", "did you mean 'china_sales'?"),
    ("assumptions.csv", 2, "reason", "", "must not be empty"),
]  # fmt: skip

# Wrong together, each cell right by itself: file, row, cells, column that is named, the words.
NO_OUTCOME = dict.fromkeys(("outcome", "outcome_status", "outcome_date", "outcome_source"), "")
PAIRS: list[tuple[str, int, dict[str, str], str, str]] = [
    (ALL, 2, {"rank": "deprecated"}, "rank_reason", "empty; a deprecated figure says why"),
    (ALL, 2, {"rank": "preferred"}, "rank_reason", "empty; a preferred figure says why"),
    (ALL, 2, {"value": "694.9", "decimals": "1"}, "value", "694.9 vehicles are no whole number; expected them unscaled"),
    (ALL, 2, {"value": "0", "qualifier": "nearly"}, "qualifier", "'nearly' with decimals 0 takes 0 below zero"),
    (ALL, 2, {"value": "0", "decimals": "-3"}, "qualifier", "takes 0 below zero; expected bounds"),
    (ALL, 4, {"value": "100", "decimals": "0", "qualifier": "over"}, "qualifier", "takes 100 above 100 percent"),
    (ALL, 3, {"value": "-0.287", "decimals": "3"}, "value", "-0.287 looks like a fraction; expected a percent number (-28.7)"),
    (ALL, 6, {"period_start": "2022-01-01", "period_end": "2022-12-31", "value": "41.0"}, "fact", "'f4' says what facts/all.csv, row 5 says already"),
    (ALL, 2, {"value": "694.9"}, "decimals", "0 means steps of 1, but the value 694.9 is finer"),
    ("events.csv", 2, NO_OUTCOME | {"date": "2024-02-01"}, "date", "2024-02-01 is after 2024-01-31, when its source was published"),
    ("events.csv", 2, {"outcome_source": "early", "outcome_date": ""}, "outcome_source", "published on 2023-04-30, before 2023-05-01"),
    ("assumptions.csv", 2, {"low": "90", "high": "70"}, "value", "80 is outside 90 to 70"),
]  # fmt: skip


def crlf(raw: bytes) -> bytes:
    return raw.replace(b"\n", b"\r\n")


def last_line(raw: bytes, cells: bytes) -> bytes:
    return raw + cells + b"\n"


#: Whole files that are wrong: what is done to the bytes, and what is said ({name} is the file).
FILES: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("a byte order mark", lambda raw: b"\xef\xbb\xbf" + raw, "{name}: starts with a byte order mark; save it as UTF-8 without BOM"),
    ("Windows line ends", crlf, "{name}, row 1: holds carriage returns; save it with plain line ends (LF)"),
    ("a stray carriage return", lambda raw: last_line(raw, b"a\rb"), "holds carriage returns; save it with plain line ends (LF)"),
    ("UTF-16", lambda raw: raw.decode().encode("utf-16"), "{name}, row 1: not UTF-8 (byte 0xff); expected UTF-8"),
    ("Shift JIS", lambda raw: last_line(raw, "日産".encode("cp932")), "not UTF-8 (byte 0x93); expected UTF-8"),
    ("Latin-1", lambda raw: last_line(raw, "Zürich".encode("latin-1")), "not UTF-8 (byte 0xfc); expected UTF-8"),
    ("a spreadsheet", lambda _: b"PK\x03\x04\x14\x00\x06\x00\x08\x00\xff\xfe", "not UTF-8 (byte 0xff); expected UTF-8"),
    ("an empty file", lambda _: b"", "{name}, row 1: the columns must be"),
    ("no header", lambda raw: raw.partition(b"\n")[2], "{name}, row 1: the columns must be"),
    ("semicolons", lambda raw: raw.replace(b",", b";"), "{name}, row 1: the columns must be"),
    ("a missing column", lambda raw: b"\n".join(line.rpartition(b",")[0] for line in raw.split(b"\n")), "; missing: "),
    ("an extra column", lambda raw: raw.replace(b"\n", b",more\n"), "; unknown: 'more'"),
    ("a column twice", lambda raw: raw.partition(b",")[0] + b"," + raw, "; twice: "),
    ("another order", lambda raw: b",".join(reversed(raw.partition(b"\n")[0].split(b","))) + b"\n", "; their order differs"),
    ("a column with an escape in its name", lambda raw: raw.replace(b"\n", b",\x1b[31m\n"), r"; unknown: '\x1b[31m'"),
    ("too few cells", lambda raw: last_line(raw, b"a,b"), "has 2 cells, expected"),
    ("too many cells", lambda raw: last_line(raw, b",".join([b"a"] * 40)), "has 40 cells, expected"),
    ("a blank line", lambda raw: last_line(raw, b""), "has 0 cells, expected"),
    ("an open quotation mark", lambda raw: last_line(raw, b'"never closed'), "cannot be read (unexpected end of data); expected a CSV row"),
    ("a misplaced quotation mark", lambda raw: last_line(raw, b'"a"b,c'), "cannot be read (',' expected after '\"'); expected a CSV row"),
    ("a megabyte in one cell", lambda raw: last_line(raw, b"x" * 1_000_000), "cannot be read (field larger than field limit"),
]  # fmt: skip
NAMES = [*MODELS, ALL]


def faults_of(data: Path) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_tables(data)
    return caught.value.faults


def old_reports(out: Path) -> dict[Path, bytes]:
    out.mkdir()
    for ending in (".html", ".pdf", ".facts.json"):
        (out / f"china_sales{ending}").write_bytes(b"old " + ending.encode())
    return {path: path.read_bytes() for path in out.iterdir()}


@pytest.fixture
def data(desk: Path, tmp_path: Path) -> Path:
    """Sound data in use, beside a notebook that would render if it were run."""
    tiny.write(desk, "china_sales")
    tiny.write(desk, "plant")
    shutil.rmtree(tmp_path / "data")
    return sound(tmp_path / "data")


def refused(data: Path, capsys, tally) -> list[str]:
    """The faults in `data`, after the command line refused to render with them."""
    out = data.parent / "out"
    old = old_reports(out)
    faults = faults_of(data)
    assert cli.run(["render", "china-sales", "--out", str(out)]) == 1
    said = capsys.readouterr()
    for fault in faults:
        assert f"  {fault}\n" in said.err
    assert all(c.isprintable() for c in said.err if c != "\n")
    assert "made" not in said.out
    whole = {path: path.read_bytes() for path in out.iterdir()} == old
    assert whole
    tally("faults in data tried", 1)
    tally("reports lost", int(not whole))
    return faults


def test_the_sound_data_are_sound(data):
    assert len(read_tables(data)["facts"]) == len(FACTS)


@pytest.mark.parametrize(("file", "row", "column", "value", "words"), CELLS)
def test_a_wrong_cell(data, capsys, tally, file, row, column, value, words):
    change(data / file, row, **{column: value})
    faults = refused(data, capsys, tally)
    (fault,) = [f for f in faults if f.startswith(f"{file}, row {row}, column {column}: ")]
    assert words in fault
    # As it is, escaped, as the number it is, or the wrong word of several.
    shown = [repr(value)[1:-1][:70], value.removesuffix(".0"), *value.split()[-1:]]
    assert any(form in fault for form in shown), fault
    others = [f for f in faults if f != fault]
    # A key that is spelt wrong leaves those that name it dangling; nothing else is accused.
    assert all("is not in" in f for f in others), others
    assert not others or column in (MODELS.get(file, (None, "fact"))[1], "unit"), others


@pytest.mark.parametrize(("file", "row", "cells", "column", "words"), PAIRS)
def test_cells_that_contradict_each_other(data, capsys, tally, file, row, cells, column, words):
    change(data / file, row, **cells)
    (fault,) = refused(data, capsys, tally)
    assert fault.startswith(f"{file}, row {row}, column {column}: ")
    assert words in fault


@pytest.mark.parametrize("name", [ALL, "sources.csv", "metrics.csv"])
@pytest.mark.parametrize(("what", "spoil", "words"), FILES, ids=[f[0] for f in FILES])
def test_a_spoilt_file(data, capsys, tally, name, what, spoil, words):
    path = data / name
    path.write_bytes(spoil(path.read_bytes()))
    (fault,) = refused(data, capsys, tally)
    assert fault.startswith(name)
    assert words.format(name=name) in fault


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_not_there(data, capsys, tally, name):
    (data / name).unlink()
    (fault,) = refused(data, capsys, tally)
    expected = "facts/: no CSV file there" if name == ALL else f"{name}: the file is missing"
    assert fault.startswith(expected)


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_in_the_place_of_a_file(data, capsys, tally, name):
    (data / name).unlink()
    (data / name).mkdir()
    (fault,) = refused(data, capsys, tally)
    assert fault == f"{name}: cannot be read (Is a directory); expected a file one may read"


@pytest.mark.parametrize("name", ["china.CSV", "china.csv.txt", "china.xlsx", "\x1b[31m.tsv"])
def test_a_file_of_figures_is_never_passed_over(data, capsys, tally, name):
    (data / "facts" / name).write_text("x")
    (fault,) = refused(data, capsys, tally)
    assert "expected only files that end in .csv" in fault


def test_hidden_files_of_editors_and_desktops_are_passed_over(data):
    for name in (".DS_Store", "~$china.csv", ".~lock.china.csv#"):
        (data / "facts" / name).write_bytes(b"\x00")
    assert read_tables(data)


def test_every_fault_of_a_file_and_of_a_row_at_once(data, capsys, tally):
    path = data / ALL
    change(path, 2, value="1e3", period_end="2023-02-30", status="rumour", note=" x")
    change(path, 3, value="1,000", unit="ratio")
    change(path, 4, entity="nobody", source="nobody", rank="deprecated")
    faults = refused(data, capsys, tally)
    found = [re.match(r"facts/all.csv, row (\d), column (\w+)", f).groups() for f in faults]
    assert found == [
        ("2", "period_end"), ("2", "value"), ("2", "status"), ("2", "note"), ("3", "value"), ("3", "unit"),
        ("4", "entity"), ("4", "source"), ("4", "rank_reason"),
    ]  # fmt: skip


def test_a_note_explains_what_would_else_be_a_slip(data):
    """Rules about figures that are unlikely, not impossible, give way to a reason."""
    change(data / ALL, 2, period_end="2024-06-30", note="printed ahead of time")
    change(data / ALL, 4, value="0.4", note="four in a thousand, as printed")
    assert read_tables(data)


@pytest.mark.parametrize("command", [["plants"], ["notebooks", "china-sales"], ["check"], ["facts", "x"]])  # fmt: skip
def test_no_command_works_with_bad_data(data, capsys, command):
    stored = {p: p.read_bytes() for p in (data.parent / "notebooks").iterdir()}
    change(data / ALL, 2, value="NA")
    assert cli.run(command) == 1
    said = capsys.readouterr().err
    assert said.startswith("nissan-analysis: data/ has 1 fault; nothing was loaded.\n")
    assert said.count("\n") == 2, "told once, not once a report"
    assert {p: p.read_bytes() for p in (data.parent / "notebooks").iterdir()} == stored


# --- the real data -------------------------------------------------------------------------

DATA = ROOT / "data"
REAL = sorted(p.relative_to(DATA).as_posix() for p in DATA.rglob("*.csv"))


def test_a_fault_in_every_real_file_and_all_of_them_named(tmp_path, tally):
    """Each of the files gets a fault of its own, and one message names them all, and no more."""
    data = Path(shutil.copytree(DATA, tmp_path / "data"))
    for name in REAL:
        path = data / name
        last = path.read_text(encoding="utf-8").count("\n")
        model = FactRow if name.startswith("facts/") else MODELS[name][0]
        dates = ("period_end", "published", "date", "end_date", "value", "valid_from", "launched")
        column = next((c for c in dates if c in model.model_fields), "label")
        change(path, last, **{column: "" if column == "label" else "soon"})
    faults = faults_of(data)
    assert sorted(f.partition(",")[0] for f in faults) == REAL
    assert len(REAL) == 23
    tally("faults in data tried", len(REAL))


def test_a_vocabulary_that_cannot_be_read_accuses_no_figure(tmp_path):
    """4,400 figures name a source; with sources.csv unreadable none of them is at fault."""
    data = Path(shutil.copytree(DATA, tmp_path / "data"))
    for name in ("sources.csv", "entities.csv"):
        (data / name).write_bytes(b"\xef\xbb\xbf" + (data / name).read_bytes())
    assert [f.partition(":")[0] for f in faults_of(data)] == ["sources.csv", "entities.csv"]


def test_no_source_of_the_real_data_is_from_the_future():
    """The clock is asked here and not when data are read: a report must not depend on it."""
    tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    assert all(s.published <= tomorrow for s in read_tables(DATA)["sources"])


def test_the_table_is_as_long_as_it_should_be():
    assert len(CELLS) + len(PAIRS) + len(FILES) > 60
    assert {file for file, *_ in CELLS} == set(NAMES), "every kind of file has a fault"
